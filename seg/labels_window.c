/* Cutting label volumes to a window. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* Least room about the sac in which distances are known, and how much of what is labelled about it is kept. */
static const double ROOM_MM = 15.0, SURROUND_MM = 40.0;

/* One array of items of `size` bytes, in place. */
static PetscErrorCode cut(void *array, size_t size, const int n[3], const int lo[3], const int m[3])
{
  char *old, *cut = NULL;
  memcpy(&old, array, sizeof old);
  if (!old) return 0;
  PetscCall(mem_alloc((size_t)m[0] * (size_t)m[1] * (size_t)m[2], size, &cut));
  const int from = lo[0] > 0 ? lo[0] : 0, to = lo[0] + m[0] < n[0] ? lo[0] + m[0] : n[0];
  for (int k = 0; k < m[2] && from < to; k++)
    for (int j = 0; j < m[1]; j++) {
      const int z = k + lo[2], y = j + lo[1];
      if (z < 0 || z >= n[2] || y < 0 || y >= n[1]) continue;
      const size_t row = ((size_t)k * (size_t)m[1] + (size_t)j) * (size_t)m[0] + (size_t)(from - lo[0]);
      const size_t old_row = ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0] + (size_t)from;
      memcpy(cut + row * size, old + old_row * size, (size_t)(to - from) * size);
    }
  free(old);
  memcpy(array, &cut, sizeof cut);
  return 0;
}

PetscErrorCode labels_window(LabelVolume *v, const int lo[3], const int m[3])
{
  int old[3];
  memcpy(old, v->n, sizeof old);
  PetscCall(cut(&v->bits, 1, old, lo, m));
  PetscCall(cut(&v->root_of, 1, old, lo, m));
  PetscCall(cut(&v->root_weight, sizeof(float), old, lo, m));
  for (int t = 0; t < TISSUE_COUNT; t++) {
    PetscCall(cut(&v->mask[t], 1, old, lo, m));
    PetscCall(cut(&v->soft[t], sizeof(float), old, lo, m));
  }
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) v->affine[r][3] += v->affine[r][c] * lo[c];
  memcpy(v->n, m, sizeof v->n);
  v->first += lo[2];
  return 0;
}

/* The box of a mask's voxels, widened into lo, hi. */
static void widen(const uint8_t *mask, const int n[3], int lo[2], int hi[2])
{
  const size_t total = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
  for (size_t i = 0; i < total; i++) {
    if (!mask[i]) continue;
    const int at[2] = {(int)(i % (size_t)n[0]), (int)(i / (size_t)n[0] % (size_t)n[1])};
    for (int e = 0; e < 2; e++) {
      if (at[e] < lo[e]) lo[e] = at[e];
      if (at[e] > hi[e]) hi[e] = at[e];
    }
  }
}

/* The box of all labels but the body, which is a cylinder whatever is labelled, in voxels; false without any. */
static bool labelled_box(const LabelVolume *v, int lo[3], int hi[3])
{
  size_t at = 0;
  for (int e = 0; e < 3; e++) lo[e] = v->n[e], hi[e] = -1;
  for (int k = 0; k < v->n[2]; k++)
    for (int j = 0; j < v->n[1]; j++)
      for (int i = 0; i < v->n[0]; i++, at++) {
        const int x[3] = {i, j, k};
        if (!(v->bits[at] & ~(1 << TISSUE_BODY)) && !(v->root_of && v->root_of[at])) continue;
        for (int e = 0; e < 3; e++) {
          if (x[e] < lo[e]) lo[e] = x[e];
          if (x[e] > hi[e]) hi[e] = x[e];
        }
      }
  return hi[0] >= 0;
}

PetscErrorCode labels_crop(LabelVolume *v, Anatomy *a)
{
  int lo[3], hi[3], m[3];
  const size_t before = labels_voxels(v);
  if (!labels_repairs(v, REPAIR_CROP) || !labelled_box(v, lo, hi)) return 0;
  for (int e = 0; e < 3; e++) m[e] = hi[e] - lo[e] + 1;
  PetscCall(labels_window(v, lo, m));
  return labels_note(a, "voxels outside the box of what is labelled cut off",
                     before - (size_t)m[0] * (size_t)m[1] * (size_t)m[2], 0.0);
}

PetscErrorCode labels_crop_to_sac(LabelVolume *v)
{
  int sac_lo[2] = {v->n[0], v->n[1]}, sac_hi[2] = {-1, -1}, lo[3] = {0, 0, 0}, m[3] = {0, 0, v->n[2]};
  widen(v->mask[TISSUE_CSF], v->n, sac_lo, sac_hi);
  int all_lo[2] = {sac_lo[0], sac_lo[1]}, all_hi[2] = {sac_hi[0], sac_hi[1]};
  for (int t = TISSUE_BODY; t < TISSUE_CSF; t++)
    if (v->mask[t]) widen(v->mask[t], v->n, all_lo, all_hi);
  for (int e = 0; e < 2; e++) {
    const int room = (int)ceil(ROOM_MM / v->step[e] - 1e-6), far = (int)ceil(SURROUND_MM / v->step[e] - 1e-6);
    const int first = all_lo[e] - 2 < sac_lo[e] - far ? sac_lo[e] - far : all_lo[e] - 2;
    const int last = all_hi[e] + 2 > sac_hi[e] + far ? sac_hi[e] + far : all_hi[e] + 2;
    lo[e] = first < sac_lo[e] - room ? first : sac_lo[e] - room;
    m[e] = (last > sac_hi[e] + room ? last : sac_hi[e] + room) - lo[e] + 1;
  }
  return labels_window(v, lo, m);
}

void labels_frame(const LabelVolume *v, Rigid *world, double centre[3])
{
  int lo[2] = {v->n[0], v->n[1]}, hi[2] = {-1, -1};
  double axis[3][3];
  widen(v->mask[TISSUE_CSF], v->n, lo, hi);
  v3_set(centre, 0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1]), 0.5 * (v->n[2] - 1));
  for (int c = 0; c < 3; c++) v3_set(axis[c], v->affine[0][c], v->affine[1][c], v->affine[2][c]);
  v3_normalise(axis[2]);
  v3_axpy(axis[0], -v3_dot(axis[0], axis[2]), axis[2], axis[0]);
  v3_normalise(axis[0]);
  v3_cross(axis[2], axis[0], axis[1]);
  for (int r = 0; r < 3; r++) {
    world->m[r][3] = v->affine[r][3];
    for (int c = 0; c < 3; c++) {
      world->m[r][c] = axis[c][r];
      world->m[r][3] += v->affine[r][c] * centre[c];
    }
  }
}
