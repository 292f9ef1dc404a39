/* The screen for machines with registers of eight numbers. */
#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE 8
#define TARGET __attribute__((target("avx2")))
#define LARGER(a, b) (Wide) _mm256_max_ps((__m256)(a), (__m256)(b))
#include "screen_kernel.h"

TARGET void screen_peaks_avx2(const ScreenGroup *g, const SparseSet *set, int n, float *peak)
{
  peaks_of(g, set, n, peak);
}
#endif
