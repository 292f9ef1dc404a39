/* The largest response of the nodes of sixteen fibres side by side, to each of some sets. Included by files that say for
 * which kind of machine: WIDE numbers are one register, LARGER(a, b) the larger of each pair, TARGET the function's
 * attributes. Products are never fused with sums, so all give the same numbers. Private to src/select. */
#ifndef CAUDA_SELECT_SCREEN_KERNEL_H
#define CAUDA_SELECT_SCREEN_KERNEL_H

#include "screen_group.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

typedef float Wide __attribute__((vector_size(4 * WIDE), may_alias));
enum { REGISTERS = GROUP / WIDE };

/* One set of n contacts; n is known where this is inlined. Two nodes at a time, so that neither waits for the other. */
TARGET static inline __attribute__((always_inline)) void peak_of(const ScreenGroup *g, const SparseSet *set, int n,
                                                                 float *peak)
{
  const float *row[SET_CONTACTS_MAX];
  for (int c = 0; c < n; c++) row[c] = g->row + (size_t)set->contact[c] * (size_t)g->width * GROUP;
  for (int part = 0; part < REGISTERS; part++) {
    Wide most = {0}, other = {0};
    for (int i = part * WIDE; i < g->width * GROUP; i += 2 * GROUP) {
      Wide a = set->share[0] * *(const Wide *)(row[0] + i), b = set->share[0] * *(const Wide *)(row[0] + i + GROUP);
      for (int c = 1; c < n; c++) {
        a += set->share[c] * *(const Wide *)(row[c] + i);
        b += set->share[c] * *(const Wide *)(row[c] + i + GROUP);
      }
      most = LARGER(a, most), other = LARGER(b, other);
    }
    *(Wide *)(peak + part * WIDE) = LARGER(most, other);
  }
}

/* peak [n][GROUP] */
TARGET static inline __attribute__((always_inline)) void peaks_of(const ScreenGroup *g, const SparseSet *set, int n,
                                                                  float *peak)
{
  for (int k = 0; k < n; k++, peak += GROUP) {
    if (set[k].n == 1)
      peak_of(g, &set[k], 1, peak);
    else if (set[k].n == 2)
      peak_of(g, &set[k], 2, peak);
    else if (set[k].n == 3)
      peak_of(g, &set[k], 3, peak);
    else if (set[k].n == 4)
      peak_of(g, &set[k], 4, peak);
    else
      peak_of(g, &set[k], set[k].n, peak);
  }
}

#endif
