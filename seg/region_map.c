/* Sampling regions: cells far from every surface are filled block by block. */
#include "region_map.h"

#include "cauda/team.h"

#include <math.h>
#include <stdlib.h>

static const double STEP_XY_MM = 0.25, STEP_Z_MM = 0.5, LARGEST_MAP = 20e6;
/* Distances that are interpolated, or cut by a priority, may be a little longer than the true ones. */
static const double DISTANCE_SAFETY = 1.4;
enum { BLOCK_XY = 8, BLOCK_Z = 4 };

void region_map_destroy(RegionMap **m)
{
  if (!*m) return;
  free((*m)->v);
  free(*m);
  *m = NULL;
}

static double from_any_surface(const Anatomy *a, const double p[3])
{
  double d[TISSUE_COUNT], least = HUGE_VAL;
  anatomy_distances(a, p, d);
  for (int t = 0; t < TISSUE_COUNT; t++) least = fmin(least, fabs(d[t]));
  return least;
}

static void centre_of(const RegionMap *m, double i, double j, double k, double p[3])
{
  v3_set(p, m->origin[0] + m->step[0] * i, m->origin[1] + m->step[1] * j, m->origin[2] + m->step[2] * k);
}

static void sample_block(const Anatomy *a, RegionMap *m, const int lo[3], const int hi[3])
{
  double p[3], reach2 = 0.0;
  for (int e = 0; e < 3; e++) reach2 += 0.25 * (hi[e] - lo[e]) * (hi[e] - lo[e]) * m->step[e] * m->step[e];
  centre_of(m, 0.5 * (lo[0] + hi[0] - 1), 0.5 * (lo[1] + hi[1] - 1), 0.5 * (lo[2] + hi[2] - 1), p);
  const bool same = from_any_surface(a, p) > DISTANCE_SAFETY * sqrt(reach2);
  const int16_t all = same ? (int16_t)anatomy_region_at(a, p) : 0;
  for (int k = lo[2]; k < hi[2]; k++)
    for (int j = lo[1]; j < hi[1]; j++)
      for (int i = lo[0]; i < hi[0]; i++) {
        int16_t *v = &m->v[((size_t)k * (size_t)m->n[1] + (size_t)j) * (size_t)m->n[0] + (size_t)i];
        centre_of(m, i, j, k, p);
        *v = same ? all : (int16_t)anatomy_region_at(a, p);
      }
}

static int least(int a, int b) { return a < b ? a : b; }

typedef struct {
  const Anatomy *a;
  RegionMap *m;
} Sampling;

/* One layer of blocks. */
static PetscErrorCode sample_layer(void *context, int layer)
{
  const Sampling *s = context;
  RegionMap *m = s->m;
  int lo[3] = {0, 0, layer * BLOCK_Z}, hi[3] = {0, 0, least(lo[2] + BLOCK_Z, m->n[2])};
  for (lo[1] = 0; lo[1] < m->n[1]; lo[1] += BLOCK_XY)
    for (lo[0] = 0; lo[0] < m->n[0]; lo[0] += BLOCK_XY) {
      hi[0] = least(lo[0] + BLOCK_XY, m->n[0]), hi[1] = least(lo[1] + BLOCK_XY, m->n[1]);
      sample_block(s->a, m, lo, hi);
    }
  return 0;
}

/* The box holds the image's grid and what lies around the dura, with a layer of body about it. */
static void place(const Anatomy *a, RegionMap *m)
{
  const DistanceGrid *g = a->grid;
  const double around = a->surround.dura_thickness_mm + a->surround.epidural_fat_mm + a->surround.bone_mm + 2.0;
  double lo[3], hi[3], cells = 1.0;
  const double want[3] = {STEP_XY_MM, STEP_XY_MM, STEP_Z_MM};
  for (int e = 0; e < 2; e++) {
    lo[e] = fmax(g->origin[e] - around, a->axis_xy[e] - a->surround.body_radius_mm);
    hi[e] = fmin(g->origin[e] + g->step[e] * (g->n[e] - 1) + around, a->axis_xy[e] + a->surround.body_radius_mm);
  }
  lo[2] = a->z_min, hi[2] = a->z_max;
  for (int e = 0; e < 3; e++) cells *= (hi[e] - lo[e]) / want[e] + 1.0;
  const double wider = fmax(1.0, cbrt(cells / LARGEST_MAP));
  for (int e = 0; e < 3; e++) {
    m->n[e] = (int)fmax(1.0, ceil((hi[e] - lo[e]) / (want[e] * wider)));
    m->step[e] = (hi[e] - lo[e]) / m->n[e];
    m->origin[e] = lo[e] + 0.5 * m->step[e];
  }
}

PetscErrorCode region_map_create(const Anatomy *a, RegionMap **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  place(a, *out);
  const int *n = (*out)->n;
  PetscErrorCode ierr = mem_alloc((size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof *(*out)->v, &(*out)->v);
  if (!ierr) ierr = parallel_run(NULL, (n[2] + BLOCK_Z - 1) / BLOCK_Z, 0, sample_layer, &(Sampling){a, *out});
  if (ierr) region_map_destroy(out);
  return ierr;
}
