/* Each contact's potential on a regular grid about the lead: what the cutting plane of the page's scene shows of any set is
 * a sum of them. */
#include "scene_pack.h"
#include "scene_parts.h"

#include <math.h>
#include <stdlib.h>

static const double beyond_mm = 15.0, step_mm = 1.0, rim_mm = 1.5;
enum { NOTHING = 65535, ZERO = 32767 };

static void widen(double lo[3], double hi[3], const double p[3])
{
  for (int k = 0; k < 3; k++) lo[k] = fmin(lo[k], p[k]), hi[k] = fmax(hi[k], p[k]);
}

/* The lead's faces; returns whether there are any. */
static bool lead_box(const Rigid *world, const Mesh *m, double lo[3], double hi[3])
{
  v3_set(lo, HUGE_VAL, HUGE_VAL, HUGE_VAL), v3_set(hi, -HUGE_VAL, -HUGE_VAL, -HUGE_VAL);
  for (TriId t = 0; t < m->n_tri; t++) {
    if (m->groups[m->group[t]].kind == GROUP_RETURN) continue;
    for (int k = 0; k < 3; k++) {
      double p[3];
      rigid_apply_inverse(world, m->xyz + 3 * (size_t)m->tri[t][k], p);
      widen(lo, hi, p);
    }
  }
  return hi[0] >= lo[0];
}

/* Across, what the dura needs beside the lead. */
static void dura_box(const Scene *s, double lo[3], double hi[3])
{
  const Anatomy *a = s->anatomy;
  const DistanceGrid *g = a->grid;
  const double z0 = lo[2], z1 = hi[2];
  for (double z = z0; z <= z1; z += 3.0)
    for (int j = 0; j < g->n[1]; j += 2)
      for (int i = 0; i < g->n[0]; i += 2) {
        double p[3] = {g->origin[0] + g->step[0] * i, g->origin[1] + g->step[1] * j, z}, d[TISSUE_COUNT], lead;
        scene_distances(s, p, d, &lead);
        if (d[TISSUE_DURA] < 0.0) widen(lo, hi, p);
      }
}

PetscErrorCode scene_grid(const Scene *s, const Mesh *m, SceneGrid *g)
{
  const Anatomy *a = s->anatomy;
  double lo[3], hi[3];
  PetscCheck(lead_box(&a->world, m, lo, hi), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the mesh has no lead, around which a field could be shown");
  lo[2] = fmax(lo[2] - beyond_mm, a->z_min), hi[2] = fmin(hi[2] + beyond_mm, a->z_max);
  dura_box(s, lo, hi);
  g->step = step_mm;
  for (int k = 0; k < 3; k++) {
    g->origin[k] = lo[k] - (k < 2 ? rim_mm : 0.0);
    g->n[k] = (int)ceil((hi[k] + (k < 2 ? rim_mm : 0.0) - g->origin[k]) / step_mm) + 1;
  }
  return 0;
}

/* ---- sampling ----------------------------------------------------------------------------------------------------- */

typedef struct {
  size_t n;
  double *V_per_mA; /* [n_contact][n]; NAN where the point is in no tetrahedron */
  uint16_t *level;  /* [n] room */
} Samples;

static void take_point(const Mesh *m, const LeadField *f, TetId t, const double w[4], size_t at, Samples *s)
{
  NodeId node[FIELD_BASIS_MAX];
  double weight[FIELD_BASIS_MAX];
  const int n = t < 0 ? 0 : field_basis(m, f, t, w, node, weight);
  for (int c = 0; c < f->n_contact; c++) {
    const double *V_per_A = f->potential + (size_t)c * (size_t)f->n_node;
    double v = t < 0 ? NAN : 0.0;
    for (int i = 0; i < n; i++) v += 1e-3 * weight[i] * V_per_A[node[i]];
    s->V_per_mA[(size_t)c * s->n + at] = v;
  }
}

static void take_points(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l, const LeadField *f,
                        Samples *s)
{
  TetId hint = -1;
  size_t at = 0;
  for (int k = 0; k < g->n[2]; k++)
    for (int j = 0; j < g->n[1]; j++)
      for (int i = 0; i < g->n[0]; i++, at++) {
        const double local[3] = {g->origin[0] + g->step * i, g->origin[1] + g->step * j, g->origin[2] + g->step * k};
        double p[3], w[4];
        rigid_apply(world, local, p);
        TetId t = mesh_locate(l, p, hint, w);
        take_point(m, f, t, w, at, s);
        if (t >= 0) hint = t;
      }
}

/* By the root of its share of the largest, so that the differences of small potentials, which are the field far from the
 * contact, are kept. */
static PetscErrorCode pack_contact(const char *name, const double *v, Samples *s, json_object *list)
{
  double most = 0.0;
  json_object *one = json_object_new_object(), *values;
  json_object_array_add(list, one);
  for (size_t i = 0; i < s->n; i++)
    if (isfinite(v[i])) most = fmax(most, fabs(v[i]));
  for (size_t i = 0; i < s->n; i++) {
    const double share = most > 0.0 ? v[i] / most : 0.0;
    s->level[i] =
        isfinite(v[i]) ? (uint16_t)(ZERO + lrint(copysign(sqrt(fabs(share)), share) * ZERO)) : (uint16_t)NOTHING;
  }
  json_object_object_add(one, "name", json_object_new_string(name));
  json_object_object_add(one, "most_V_per_mA", json_object_new_double(most));
  PetscCall(pack_u16(s->level, s->n, &values));
  json_object_object_add(one, "values", values);
  return 0;
}

static PetscErrorCode sample(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l,
                             const LeadField *f, Samples *s, json_object *list)
{
  s->n = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2];
  PetscCall(mem_alloc(s->n, (size_t)f->n_contact * sizeof *s->V_per_mA, &s->V_per_mA));
  PetscCall(mem_alloc(s->n, sizeof *s->level, &s->level));
  take_points(g, world, m, l, f, s);
  for (int c = 0; c < f->n_contact; c++)
    PetscCall(pack_contact(f->contact[c], s->V_per_mA + (size_t)c * s->n, s, list));
  return 0;
}

PetscErrorCode scene_contacts(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l,
                              const LeadField *f, json_object *list)
{
  Samples s = {0};
  PetscErrorCode ierr = sample(g, world, m, l, f, &s, list);
  free(s.V_per_mA), free(s.level);
  PetscCall(ierr);
  return 0;
}
