/* Fibres side by side, in the compiler's own vectors: eight in a register of AVX-512, four in one of AVX2. The file that
 * includes this says which: LANE_WIDTH 8 or 4. The operations are the same one by one in each, and products are never
 * fused with sums, so all give the same numbers. Private to src/fiber. */
#ifndef CAUDA_FIBER_LANES_H
#define CAUDA_FIBER_LANES_H

#include <stdint.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

typedef double Lanes __attribute__((vector_size(8 * LANE_WIDTH), may_alias));
typedef int64_t LaneMask __attribute__((vector_size(8 * LANE_WIDTH))); /* all bits of a lane set, or none */
typedef int32_t LaneIndex __attribute__((vector_size(4 * LANE_WIDTH)));
typedef double Four __attribute__((vector_size(32), may_alias)); /* of one fibre: its gates, or four of a table */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Those of the lanes x[LANES] that begin at o. */
ALWAYS_INLINE Lanes *at(double *x, int o) { return (Lanes *)(x + o); }
ALWAYS_INLINE const Lanes *of(const double *x, int o) { return (const Lanes *)(x + o); }

/* y becomes x where the mask is set. */
ALWAYS_INLINE void lanes_select(const LaneMask *mask, const Lanes *x, Lanes *y)
{
  *y = (Lanes)((*mask & (LaneMask)*x) | (~*mask & (LaneMask)*y));
}

/* Four of each of four fibres to one of each of the four: rows to columns. */
ALWAYS_INLINE void four_transpose(const Four x[4], Four out[4])
{
  Four low01 = __builtin_shufflevector(x[0], x[1], 0, 4, 2, 6), low23 = __builtin_shufflevector(x[2], x[3], 0, 4, 2, 6);
  Four high01 = __builtin_shufflevector(x[0], x[1], 1, 5, 3, 7),
       high23 = __builtin_shufflevector(x[2], x[3], 1, 5, 3, 7);
  out[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  out[2] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  out[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

ALWAYS_INLINE void lanes_transpose(const Four x[LANE_WIDTH], Lanes out[4])
{
#if LANE_WIDTH == 4
  four_transpose(x, out);
#else
  Four low[4], high[4];
  four_transpose(x, low);
  four_transpose(x + 4, high);
  out[0] = __builtin_shufflevector(low[0], high[0], 0, 1, 2, 3, 4, 5, 6, 7);
  out[1] = __builtin_shufflevector(low[1], high[1], 0, 1, 2, 3, 4, 5, 6, 7);
  out[2] = __builtin_shufflevector(low[2], high[2], 0, 1, 2, 3, 4, 5, 6, 7);
  out[3] = __builtin_shufflevector(low[3], high[3], 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

#endif
