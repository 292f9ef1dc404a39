/* Potential and field strength on a regular grid about the lead: the cutting plane of the page's scene samples it. */
#include "scene_pack.h"
#include "scene_parts.h"

#include <math.h>
#include <stdlib.h>

static const double beyond_mm = 15.0, step_mm = 1.0, rim_mm = 1.5;
enum { NOTHING = 65535, LEVELS = 65534 };

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
  int n;
  double *v, *current_mA, *xyz, *potential_V, *E, *strength;
  int *region;
  uint16_t *level;
} Samples;

static void samples_free(Samples *s)
{
  free(s->v), free(s->current_mA), free(s->xyz), free(s->potential_V), free(s->E), free(s->strength);
  free(s->region), free(s->level);
}

static PetscErrorCode samples_alloc(const SceneGrid *g, const LeadField *f, Samples *s)
{
  s->n = g->n[0] * g->n[1] * g->n[2];
  const size_t n = (size_t)s->n;
  PetscCall(mem_alloc((size_t)f->n_node, sizeof *s->v, &s->v));
  PetscCall(mem_alloc((size_t)f->n_contact, sizeof *s->current_mA, &s->current_mA));
  PetscCall(mem_alloc(n, 3 * sizeof *s->xyz, &s->xyz));
  PetscCall(mem_alloc(n, sizeof *s->potential_V, &s->potential_V));
  PetscCall(mem_alloc(n, 3 * sizeof *s->E, &s->E));
  PetscCall(mem_alloc(n, sizeof *s->strength, &s->strength));
  PetscCall(mem_alloc(n, sizeof *s->region, &s->region));
  return mem_alloc(n, sizeof *s->level, &s->level);
}

static void place(const SceneGrid *g, const Rigid *world, double *xyz)
{
  for (int k = 0; k < g->n[2]; k++)
    for (int j = 0; j < g->n[1]; j++)
      for (int i = 0; i < g->n[0]; i++, xyz += 3) {
        double p[3] = {g->origin[0] + g->step * i, g->origin[1] + g->step * j, g->origin[2] + g->step * k};
        rigid_apply(world, p, xyz);
      }
}

static PetscErrorCode pack_levels(Samples *s, const double *value, const char *name, json_object *out)
{
  double lowest = HUGE_VAL, highest = -HUGE_VAL;
  json_object *one = json_object_new_object(), *values;
  json_object_object_add(out, name, one);
  for (int i = 0; i < s->n; i++)
    if (s->region[i] >= 0) lowest = fmin(lowest, value[i]), highest = fmax(highest, value[i]);
  if (!(highest > lowest)) lowest = 0.0, highest = 1.0;
  for (int i = 0; i < s->n; i++)
    s->level[i] = s->region[i] < 0 ? (uint16_t)NOTHING
                                   : (uint16_t)lrint((value[i] - lowest) / (highest - lowest) * (double)LEVELS);
  json_object_object_add(one, "lowest", json_object_new_double(lowest));
  json_object_object_add(one, "highest", json_object_new_double(highest));
  PetscCall(pack_u16(s->level, (size_t)s->n, &values));
  json_object_object_add(one, "values", values);
  return 0;
}

static PetscErrorCode sample(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l,
                             const LeadField *f, const double *fraction, Samples *s, json_object *out)
{
  PetscCall(samples_alloc(g, f, s));
  place(g, world, s->xyz);
  for (int i = 0; i < f->n_contact; i++) s->current_mA[i] = fraction[i];
  field_superpose(f, s->current_mA, s->v);
  PetscCall(field_at(m, l, f, s->v, s->n, s->xyz, s->potential_V, s->E, s->region));
  for (int i = 0; i < s->n; i++) s->strength[i] = v3_norm(s->E + 3 * i);
  PetscCall(pack_levels(s, s->potential_V, "potential_V", out));
  PetscCall(pack_levels(s, s->strength, "E_V_per_m", out));
  return 0;
}

PetscErrorCode scene_field(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l,
                           const LeadField *f, const double *fraction, json_object **out)
{
  Samples s = {0};
  *out = json_object_new_object();
  PetscErrorCode ierr = sample(g, world, m, l, f, fraction, &s, *out);
  samples_free(&s);
  PetscCall(ierr);
  return 0;
}
