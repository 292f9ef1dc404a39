/* The screen for any machine. */
#define WIDE 4
#define TARGET
#define LARGER(a, b) larger(a, b)

typedef float Four __attribute__((vector_size(16), may_alias));
typedef int FourBits __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) Four larger(Four a, Four b)
{
  FourBits is = a > b;
  return (Four)((is & (FourBits)a) | (~is & (FourBits)b));
}

#include "screen_kernel.h"

void screen_peaks_plain(const ScreenGroup *g, const SparseSet *set, int n, float *peak) { peaks_of(g, set, n, peak); }
