/* Private to seg: world coordinates to the anatomy's frame; numbers in order. */
#ifndef CAUDA_SEG_LOCAL_H
#define CAUDA_SEG_LOCAL_H

#include "cauda/vec3.h"

/* To a millionth of a millimetre: the last bits of coordinates change where a subject is moved or turned, and must not
 * reach the mesher. */
static inline void local_point(const Rigid *world, const double x[3], double out[3])
{
  const double finest_mm = 1e-6;
  rigid_apply_inverse(world, x, out);
  for (int e = 0; e < 3; e++) out[e] = rint(out[e] / finest_mm) * finest_mm;
}

/* For qsort() of double. */
static inline int by_number(const void *a, const void *b)
{
  const double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

#endif
