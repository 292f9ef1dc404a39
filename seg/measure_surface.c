/* Distances between the surfaces of a label in two images. */
#include <math.h>
#include <stdlib.h>

#include "distance_transform.h"
#include "local.h"
#include "measure_impl.h"

/* A label's voxels within a box, and the distances found. */
typedef struct {
  int n[3];
  uint8_t *a, *b; /* surface voxels */
  int32_t *nearest;
  double *distance[2]; /* from A's surface to B's, and back */
  size_t count[2];
} Crop;

static size_t voxels(const int n[3]) { return (size_t)n[0] * (size_t)n[1] * (size_t)n[2]; }

static bool belongs(const LabelPair *p, const uint16_t *v, int label, int x, int y, int z)
{
  if (x < 0 || y < 0 || z < 0 || x >= p->n[0] || y >= p->n[1] || z >= p->n[2]) return false;
  const int here = v[((size_t)z * (size_t)p->n[1] + (size_t)y) * (size_t)p->n[0] + (size_t)x];
  return label ? here == label : here > 0;
}

static bool on_surface(const LabelPair *p, const uint16_t *v, int l, int x, int y, int z)
{
  return belongs(p, v, l, x, y, z) &&
         !(belongs(p, v, l, x - 1, y, z) && belongs(p, v, l, x + 1, y, z) && belongs(p, v, l, x, y - 1, z) &&
           belongs(p, v, l, x, y + 1, z) && belongs(p, v, l, x, y, z - 1) && belongs(p, v, l, x, y, z + 1));
}

static size_t surface_of(const LabelPair *p, const uint16_t *v, int label, const VoxelBox *box, uint8_t *surface)
{
  size_t count = 0, at = 0;
  for (int z = box->lo[2]; z < box->hi[2]; z++)
    for (int y = box->lo[1]; y < box->hi[1]; y++)
      for (int x = box->lo[0]; x < box->hi[0]; x++) count += surface[at++] = on_surface(p, v, label, x, y, z);
  return count;
}

/* From each voxel of `from` to the nearest of `to`. */
static PetscErrorCode distances(const double step[3], Crop *c, const uint8_t *from, const uint8_t *to, double *out)
{
  const size_t sy = (size_t)c->n[0], sz = sy * (size_t)c->n[1];
  PetscCall(distance_nearest(to, c->n, step, false, 0, c->nearest));
  for (size_t i = 0; i < voxels(c->n); i++) {
    if (!from[i]) continue;
    const size_t j = (size_t)c->nearest[i];
    const double dx = step[0] * ((double)(i % sy) - (double)(j % sy));
    const double dy = step[1] * ((double)(i % sz / sy) - (double)(j % sz / sy));
    const double dz = step[2] * ((double)(i / sz) - (double)(j / sz));
    *out++ = sqrt(dx * dx + dy * dy + dz * dz);
  }
  return 0;
}

/* Linear between ranks; sorts. */
static double percentile(size_t n, double *d, double share)
{
  qsort(d, n, sizeof *d, by_number);
  const double at = share * (double)(n - 1);
  const size_t i = (size_t)at;
  return i + 1 < n ? d[i] + (at - (double)i) * (d[i + 1] - d[i]) : d[n - 1];
}

static PetscErrorCode measure(const LabelPair *p, int label, const VoxelBox *box, Crop *c, double *mean, double *most)
{
  double sum = 0.0;
  PetscCall(mem_alloc(voxels(c->n), 1, &c->a));
  PetscCall(mem_alloc(voxels(c->n), 1, &c->b));
  c->count[0] = surface_of(p, p->a, label, box, c->a);
  c->count[1] = surface_of(p, p->b, label, box, c->b);
  if (!c->count[0] || !c->count[1]) return 0;
  PetscCall(mem_alloc(voxels(c->n), sizeof *c->nearest, &c->nearest));
  for (int way = 0; way < 2; way++) {
    PetscCall(mem_alloc(c->count[way], sizeof *c->distance[way], &c->distance[way]));
    PetscCall(distances(p->step, c, way ? c->b : c->a, way ? c->a : c->b, c->distance[way]));
    for (size_t i = 0; i < c->count[way]; i++) sum += c->distance[way][i];
  }
  *mean = sum / (double)(c->count[0] + c->count[1]);
  *most = fmax(percentile(c->count[0], c->distance[0], 0.95), percentile(c->count[1], c->distance[1], 0.95));
  return 0;
}

PetscErrorCode measure_surfaces(const LabelPair *p, int label, const VoxelBox *box, double *mean_mm,
                                double *percentile_95_mm)
{
  Crop c = {{0}, NULL, NULL, NULL, {NULL, NULL}, {0, 0}};
  *mean_mm = *percentile_95_mm = NAN;
  for (int e = 0; e < 3; e++) {
    if (box->hi[e] <= box->lo[e]) return 0;
    c.n[e] = box->hi[e] - box->lo[e];
  }
  const PetscErrorCode ierr = measure(p, label, box, &c, mean_mm, percentile_95_mm);
  free(c.a), free(c.b), free(c.nearest), free(c.distance[0]), free(c.distance[1]);
  return ierr;
}
