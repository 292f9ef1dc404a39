/* Private to mesh: four points, compared at once. Single precision: spacing needs no more. */
#ifndef CAUDA_MESH_FOUR_POINTS_H
#define CAUDA_MESH_FOUR_POINTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 4 };
typedef float Floats __attribute__((vector_size(4 * BLOCK)));
typedef int32_t FloatBits __attribute__((vector_size(4 * BLOCK)));

/* Squares of the distances from `at` to four points. */
static inline Floats distances2(const float at[3], const float x[BLOCK], const float y[BLOCK], const float z[BLOCK])
{
  Floats dx, dy, dz;
  memcpy(&dx, x, sizeof dx), memcpy(&dy, y, sizeof dy), memcpy(&dz, z, sizeof dz);
  dx -= at[0], dy -= at[1], dz -= at[2];
  return dx * dx + dy * dy + dz * dz;
}

/* Is one of four within sqrt(own2) on the same shape, or sqrt(other2) on another? */
static inline bool four_crowded(Floats d2, const int16_t on[BLOCK], int own, float own2, float other2)
{
  const FloatBits is_on = {on[0], on[1], on[2], on[3]}, same = is_on == own;
  const FloatBits crowded = ((d2 < own2) & same) | ((d2 < other2) & ~same);
  int64_t half[2];
  memcpy(half, &crowded, sizeof half);
  return (half[0] | half[1]) != 0;
}

#endif
