/* A small scene for tests of the mesher: a round cord in a round sac, one dorsal root a side, a short lead. Everything
 * has a known size. */
#ifndef CAUDA_TESTS_SCENE_FIXTURE_H
#define CAUDA_TESTS_SCENE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "cauda/scene.h"

enum { FIXTURE_ROOT_POINTS = 41 };
static const double FIXTURE_CORD_MM = 3.5, FIXTURE_SAC_MM = 7.0, FIXTURE_HALF_MM = 24.0, FIXTURE_ROOT_MM = 0.5;

static inline PetscErrorCode fixture_root(Anatomy *a, int i, char side)
{
  Root *r = &a->root[i];
  const double x = side == 'L' ? -1.0 : 1.0;
  snprintf(r->name, sizeof r->name, "L1_%c_dorsal", side);
  snprintf(r->segment, sizeof r->segment, "L1");
  r->side = side, r->n = FIXTURE_ROOT_POINTS;
  PetscCall(mem_alloc(FIXTURE_ROOT_POINTS, 3 * sizeof(double), &r->xyz));
  PetscCall(mem_alloc(FIXTURE_ROOT_POINTS, sizeof(double), &r->radius));
  for (int k = 0; k < r->n; k++) {
    /* down the CSF at radius 5, then a bend into the cord at z = 6 */
    const double t = (double)k / (r->n - 1), z = -FIXTURE_HALF_MM - 1.0 + t * (FIXTURE_HALF_MM + 7.0);
    const double in = fmax(0.0, (z - 1.0) / 5.0), radius = 5.0 - 2.0 * in * in * (3 - 2 * in);
    v3_set(r->xyz + 3 * k, x * radius * sin(0.7), -radius * cos(0.7), z);
    r->radius[k] = FIXTURE_ROOT_MM;
  }
  r->entry = r->n - 2;
  return 0;
}

static inline PetscErrorCode fixture_anatomy(bool roots, Anatomy **out)
{
  const Tissue shown[] = {TISSUE_CSF, TISSUE_WHITE};
  const int n[3] = {81, 81, 101};
  const double step[3] = {0.5, 0.5, 0.5}, origin[3] = {-20, -20, -25};
  PetscCall(anatomy_create(out));
  Anatomy *a = *out;
  PetscCall(distance_grid_create(n, origin, step, shown, 2, &a->grid));
  for (int k = 0, at = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) {
        const double r = hypot(origin[0] + step[0] * i, origin[1] + step[1] * j);
        a->grid->d[at++] = (float)(r - FIXTURE_SAC_MM), a->grid->d[at++] = (float)(r - FIXTURE_CORD_MM);
      }
  a->surround = (Surround){.dura_thickness_mm = 0.3, .epidural_fat_mm = 2.5, .bone_mm = 5, .body_radius_mm = 22};
  a->z_min = a->seen_z_min = -FIXTURE_HALF_MM, a->z_max = a->seen_z_max = FIXTURE_HALF_MM;
  if (roots) {
    PetscCall(mem_alloc(2, sizeof *a->root, &a->root));
    a->n_root = 2;
    PetscCall(fixture_root(a, 0, 'L'));
    PetscCall(fixture_root(a, 1, 'R'));
  }
  return anatomy_finish(a);
}

static inline void fixture_case(Case *c)
{
  memset(c, 0, sizeof *c);
  snprintf(c->path, sizeof c->path, "fixture");
  c->mesh = (CaseMesh){.root_edge_mm = 0.4,
                       .dura_edge_mm = 0.9,
                       .contact_edge_mm = 0.5,
                       .largest_edge_mm = 6,
                       .growth = 0.3,
                       .reach_mm = 10,
                       .seed = 1};
}

/* Two contacts of 3 x 1.5 mm, one rostral and one caudal, on a paddle of 16 x 5 x 1.5 mm; or rings on a cylinder. */
static inline void fixture_lead(bool cylinder, LeadContact contact[2], LeadModel *m)
{
  static char name[2][4] = {"C01", "C02"}, paddle[] = "paddle", round[] = "percutaneous";
  memset(m, 0, sizeof *m);
  m->name = m->kind = cylinder ? round : paddle;
  m->length_mm = 16, m->width_mm = cylinder ? 1.3 : 5.0, m->thickness_mm = cylinder ? 1.3 : 1.5;
  m->n_contacts = 2, m->contacts = contact;
  for (int i = 0; i < 2; i++)
    contact[i] = (LeadContact){.name = name[i],
                               .at_mm = {cylinder ? 0.0 : 0.5, i ? -3.0 : 3.0},
                               .length_mm = 3.0,
                               .width_mm = cylinder ? 0.0 : 1.5};
}

#endif
