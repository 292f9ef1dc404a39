/* The screen for machines with registers of sixteen numbers. */
#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE 16
#define TARGET __attribute__((target("avx512f")))
#define LARGER(a, b) (Wide) _mm512_max_ps((__m512)(a), (__m512)(b))
#include "screen_kernel.h"

TARGET void screen_peaks_avx512(const ScreenGroup *g, const SparseSet *set, int n, float *peak)
{
  peaks_of(g, set, n, peak);
}
#endif
