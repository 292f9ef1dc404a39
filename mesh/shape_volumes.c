/* Volumes of the implicit shapes, measured without a mesh, for the mesh to be held against. */
#include <float.h>
#include <stdlib.h>

#include "cauda/scene.h"
#include "cauda/team.h"
#include "lead_pose.h"

/* A cube that no surface can cut counts whole; others are halved until they are no larger than this for the surface
 * that cuts them, mm. The smallest cubes count by a random point in each of their octants: right on average. The first
 * cubes are CUBE_MM, so that leaves are CUBE_MM / 2^k. */
static const double CUBE_MM = 12.8, LEAF_ROOT_MM = 0.2, LEAF_THIN_MM = 0.4, LEAF_WIDE_MM = 1.6;
/* Sampled distances may fall short of true ones by this factor. */
static const double SLACK = 1.15;

typedef struct {
  const Scene *s;
  Rng rng;
  double *volume;
} Count;

/* smallest leaf wanted by the surfaces that may cut the cube; DBL_MAX if none does */
static double leaf_wanted(const Scene *s, const double c[3], double half)
{
  const double reach = sqrt(3.0) * half;
  double d[TISSUE_COUNT], root, leaf = DBL_MAX;
  const bool near_root = anatomy_nearest_root(s->anatomy, c, reach, &root, NULL, NULL) >= 0;
  if (near_root && root > -reach) return LEAF_ROOT_MM;
  const double lead = scene_lead_distance(s, c);
  if (fabs(lead - s->anatomy->surround.dura_thickness_mm) < reach + 0.5) leaf = LEAF_THIN_MM;
  if (s->capsule_mm > 0.0 && fabs(lead - s->capsule_mm) < reach + 0.5) leaf = LEAF_THIN_MM;
  anatomy_shell_distances(s->anatomy, c, d);
  for (int t = TISSUE_BODY; t <= TISSUE_GREY; t++)
    if (fabs(d[t]) < SLACK * reach) leaf = fmin(leaf, t >= TISSUE_DURA ? LEAF_THIN_MM : LEAF_WIDE_MM);
  return fabs(d[TISSUE_OUTSIDE]) < reach ? fmin(leaf, LEAF_WIDE_MM) : leaf;
}

static void count_point(Count *k, const double p[3], double volume)
{
  const Scene *s = k->s;
  const int r = scene_region_at(s, p);
  const bool scar = r > TISSUE_OUTSIDE && r <= TISSUE_FAT && scene_lead_distance(s, p) < s->capsule_mm;
  if (r > TISSUE_OUTSIDE) k->volume[scar ? TISSUE_ROOT + s->anatomy->n_root : r] += volume;
}

static void count_cube(Count *k, const double lo[3], double side)
{
  const Anatomy *a = k->s->anatomy;
  const double half = 0.5 * side, c[3] = {lo[0] + half, lo[1] + half, lo[2] + half};
  if (lo[2] > a->z_max || lo[2] + side < a->z_min) return;
  const double leaf = leaf_wanted(k->s, c, half);
  if (leaf == DBL_MAX) {
    count_point(k, c, side * side * side);
    return;
  }
  for (int i = 0; i < 8; i++) {
    double corner[3], p[3];
    for (int e = 0; e < 3; e++) corner[e] = lo[e] + (i >> e & 1 ? half : 0.0);
    if (side > 1.001 * leaf) {
      count_cube(k, corner, half);
      continue;
    }
    for (int e = 0; e < 3; e++) p[e] = corner[e] + half * rng_uniform(&k->rng);
    count_point(k, p, half * half * half);
  }
}

/* The first cubes, each with random numbers and volumes of its own, so that threads do not matter. */
typedef struct {
  const Scene *s;
  double lo[3];
  int n[3], n_region;
  double *volume; /* [cubes][n_region] */
} Cubes;

static PetscErrorCode count_one(void *context, int cube)
{
  const Cubes *c = context;
  Count k = {c->s, rng_seed(1, 7 + (uint64_t)cube), c->volume + (size_t)cube * (size_t)c->n_region};
  const int at[3] = {cube % c->n[0], cube / c->n[0] % c->n[1], cube / c->n[0] / c->n[1]};
  double corner[3];
  for (int e = 0; e < 3; e++) corner[e] = c->lo[e] + at[e] * CUBE_MM;
  count_cube(&k, corner, CUBE_MM);
  return 0;
}

PetscErrorCode scene_shape_volumes(const Scene *s, double **volume_mm3)
{
  const Anatomy *a = s->anatomy;
  const double r = a->surround.body_radius_mm + 1.0;
  const double side[3] = {2 * r, 2 * r, a->z_max - a->z_min};
  Cubes c = {.s = s, .lo = {a->axis_xy[0] - r, a->axis_xy[1] - r, a->z_min}, .n_region = TISSUE_ROOT + a->n_root + 1};
  for (int e = 0; e < 3; e++) c.n[e] = (int)ceil(side[e] / CUBE_MM);
  const int n = c.n[0] * c.n[1] * c.n[2];
  PetscCall(mem_alloc((size_t)c.n_region, sizeof **volume_mm3, volume_mm3));
  PetscErrorCode ierr = mem_alloc((size_t)n * (size_t)c.n_region, sizeof *c.volume, &c.volume);
  if (!ierr) ierr = parallel_run(NULL, n, 0, count_one, &c);
  for (int i = 0; i < n * c.n_region && !ierr; i++) (*volume_mm3)[i % c.n_region] += c.volume[i];
  free(c.volume);
  if (ierr) free(*volume_mm3), *volume_mm3 = NULL;
  return ierr;
}
