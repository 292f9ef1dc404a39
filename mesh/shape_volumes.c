/* Volumes of the implicit shapes, measured without a mesh, for the mesh to be held against. */
#include <float.h>
#include <stdlib.h>

#include "cauda/scene.h"

/* A cube that no surface can cut counts whole; others are halved until they are smaller than this for the surface that
 * cuts them, mm; the smallest cubes count by one random point in each, which is right on average. */
static const double LEAF_ROOT_MM = 0.16, LEAF_THIN_MM = 0.3, LEAF_WIDE_MM = 1.0;
/* Distances may fall short of true ones by this factor. */
static const double SLACK = 1.15;

typedef struct {
  const Scene *s;
  Rng          rng;
  double      *volume;
} Count;

/* smallest leaf wanted by the surfaces that may cut the cube; 0 if none does */
static double leaf_wanted(const Scene *s, const double c[3], double half)
{
  const double reach = SLACK * sqrt(3.0) * half;
  double       d[TISSUE_COUNT], lead;
  double       leaf = DBL_MAX;
  if (anatomy_nearest_root(s->anatomy, c, reach / SLACK, &lead, NULL, NULL) >= 0 && lead > -reach) leaf = LEAF_ROOT_MM;
  /* inside a root only its own surface counts, but for its neighbours' */
  if (s->model) {
    scene_distances(s, c, d, &lead);
    if (fabs(lead) < reach) leaf = fmin(leaf, LEAF_THIN_MM);
  } else {
    anatomy_shell_distances(s->anatomy, c, d);
  }
  for (int t = TISSUE_BODY; t <= TISSUE_GREY; t++)
    if (fabs(d[t]) < reach) leaf = fmin(leaf, t >= TISSUE_DURA ? LEAF_THIN_MM : LEAF_WIDE_MM);
  if (fabs(d[TISSUE_OUTSIDE]) < reach) leaf = fmin(leaf, LEAF_WIDE_MM);
  return leaf == DBL_MAX ? 0.0 : leaf;
}

static void count_cube(Count *k, const double lo[3], double side)
{
  const Anatomy *a = k->s->anatomy;
  const double   half = 0.5 * side, c[3] = {lo[0] + half, lo[1] + half, lo[2] + half};
  if (lo[2] > a->z_max || lo[2] + side < a->z_min) return;
  const double leaf = leaf_wanted(k->s, c, half);
  if (leaf > 0.0 && side > leaf) {
    for (int i = 0; i < 8; i++) {
      const double corner[3] = {lo[0] + (i & 1 ? half : 0), lo[1] + (i & 2 ? half : 0), lo[2] + (i & 4 ? half : 0)};
      count_cube(k, corner, half);
    }
    return;
  }
  double p[3];
  for (int i = 0; i < 3; i++) p[i] = leaf > 0.0 ? lo[i] + side * rng_uniform(&k->rng) : c[i];
  const int r = scene_region_at(k->s, p);
  if (r > TISSUE_OUTSIDE) k->volume[r] += side * side * side;
}

PetscErrorCode scene_shape_volumes(const Scene *s, double **volume_mm3)
{
  const Anatomy *a = s->anatomy;
  const double   side = 12.8, r = a->surround.body_radius_mm + 1.0;
  const double   lo[3] = {a->axis_xy[0] - r, a->axis_xy[1] - r, a->z_min};
  Count          k = {s, rng_seed(1, 7), NULL};
  PetscCall(mem_alloc((size_t)(TISSUE_ROOT + a->n_root), sizeof *k.volume, &k.volume));
  for (double x = lo[0]; x < lo[0] + 2 * r; x += side)
    for (double y = lo[1]; y < lo[1] + 2 * r; y += side)
      for (double z = lo[2]; z < a->z_max; z += side) {
        const double corner[3] = {x, y, z};
        count_cube(&k, corner, side);
      }
  *volume_mm3 = k.volume;
  return 0;
}
