#include "roots_beside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "roots_repair.h"

static const double EXIT_DEG = 142.0; /* of the ventral rootlets, from the dorsal midline */
static const double SUNK_MM = 0.6, JOIN_MM = 20.0, APART_MM = 0.1;

static bool has_partner(const Anatomy *a, const Root *dorsal)
{
  for (int i = 0; i < a->n_root; i++) {
    const Root *r = &a->root[i];
    if (r->ventral && r->side == dorsal->side && !strcmp(r->segment, dorsal->segment)) return true;
  }
  return false;
}

/* Centre of the cord's section at height z, by the grid's points in it. Returns false where there is no cord. */
static bool cord_centre(const Anatomy *a, double z, double c[3])
{
  const DistanceGrid *g = a->grid;
  double sum[2] = {0, 0};
  int n = 0;
  for (int j = 0; j < g->n[1]; j++)
    for (int i = 0; i < g->n[0]; i++) {
      const double p[3] = {g->origin[0] + i * g->step[0], g->origin[1] + j * g->step[1], z};
      if (shape_distance(a, TISSUE_WHITE, p) >= 0.0) continue;
      sum[0] += p[0], sum[1] += p[1], n++;
    }
  if (n) v3_set(c, sum[0] / n, sum[1] / n, z);
  return n > 0;
}

/* Where the ventral rootlets leave the cord at the height of point p, a little inside. */
static bool ventral_exit(const Anatomy *a, char side, const double p[3], double exit[3])
{
  const double angle = EXIT_DEG * M_PI / 180.0, step = 0.05;
  const double direction[3] = {side == 'R' ? sin(angle) : -sin(angle), -cos(angle), 0};
  if (!cord_centre(a, p[2], exit)) return false;
  for (int i = 0; i < 400 && shape_distance(a, TISSUE_WHITE, exit) < -SUNK_MM; i++)
    v3_axpy(exit, step, direction, exit);
  return true;
}

/* First point within the CSF; n where the line never comes there. */
static int first_inside(const Anatomy *a, const Root *r)
{
  int i = 0;
  while (i < r->n && shape_distance(a, TISSUE_CSF, r->xyz + 3 * i) > 0.0) i++;
  return i;
}

/* The dorsal root's points, moved by the distance between the two entries, and by no more than the two roots' width where
 * they leave the dura; in front of that, one goes over into the other. */
static void shift_line(const Anatomy *a, const Root *dorsal, const double exit[3], double radius, double (*p)[3])
{
  const int inside = first_inside(a, dorsal);
  const double beside[3] = {0, dorsal->radius[dorsal->n - 1] + radius + APART_MM, 0};
  double apart[3], way = 0.0;
  v3_sub(exit, dorsal->xyz + 3 * (dorsal->n - 1), apart);
  for (int i = 0; i < dorsal->n; i++) {
    const double *from = dorsal->xyz + 3 * i;
    if (i > inside) way += sqrt(v3_distance2(from, from - 3));
    const double t = inside == 0 ? 1.0 : fmin(1.0, way / JOIN_MM), w = t * t * (3.0 - 2.0 * t);
    v3_axpy(from, w, apart, p[i]);
    v3_axpy(p[i], 1.0 - w, beside, p[i]);
  }
}

static PetscErrorCode make_one(const Anatomy *a, const Root *dorsal, Root *r)
{
  const double radius = VENTRAL_RATIO * dorsal->radius[dorsal->n - 1];
  double exit[3];
  char segment[sizeof dorsal->segment];
  memcpy(segment, dorsal->segment, sizeof segment);
  *r = (Root){.n = dorsal->n, .side = dorsal->side, .ventral = true, .made = true};
  snprintf(r->segment, sizeof r->segment, "%s", segment);
  snprintf(r->name, sizeof r->name, "%s_%c_ventral", segment, dorsal->side);
  PetscCall(mem_alloc((size_t)r->n, 3 * sizeof *r->xyz, &r->xyz));
  PetscCall(mem_alloc((size_t)r->n, sizeof *r->radius, &r->radius));
  PetscCheck(ventral_exit(a, r->side, dorsal->xyz + 3 * (dorsal->n - 1), exit), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "root %s enters where there is no cord: no ventral root can be made beside it", dorsal->name);
  for (int i = 0; i < r->n; i++) r->radius[i] = radius;
  shift_line(a, dorsal, exit, radius, (double(*)[3])r->xyz);
  return 0;
}

/* The parts inside the dura are kept there, off the cord and off one another. */
static PetscErrorCode fit(Anatomy *a, int first)
{
  const int n = a->n_root - first;
  RootPath *path;
  PetscCall(mem_alloc((size_t)n, sizeof *path, &path));
  for (int i = 0; i < n; i++) {
    Root *r = &a->root[first + i];
    const int inside = first_inside(a, r), from = inside < r->n - 2 ? inside : r->n - 2;
    path[i] = (RootPath){r->n - from, (double(*)[3])r->xyz + from, r->radius[0]};
  }
  const PetscErrorCode ierr = roots_keep_inside(a, n, path);
  for (int i = first; i < a->n_root && !ierr; i++) a->root[i].entry = root_entry(a, a->root[i].n, a->root[i].xyz);
  free(path);
  return ierr;
}

PetscErrorCode roots_make_beside(Anatomy *a)
{
  const int annotated = a->n_root;
  Root *grown = realloc(a->root, 2 * sizeof *grown * (size_t)(annotated + 1));
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %d roots", 2 * annotated);
  a->root = grown;
  for (int i = 0; i < annotated; i++) {
    if (a->root[i].ventral || has_partner(a, &a->root[i])) continue;
    PetscErrorCode ierr = make_one(a, &a->root[i], &a->root[a->n_root]);
    a->n_root++; /* in any case, so that a half-made one is freed with the anatomy */
    PetscCall(ierr);
  }
  return a->n_root > annotated ? fit(a, annotated) : 0;
}
