/* Which code runs on this machine. They differ by rounding alone: the wider ones fuse products with sums. */
#include "block.h"

#if defined(__x86_64__)
bool block_code_runs(BlockCode code)
{
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (code == BLOCK_CODE_AVX512) return avx2 && __builtin_cpu_supports("avx512f");
  return code == BLOCK_CODE_AVX2 ? avx2 : true;
}

BlockKernel block_kernel(BlockCode code, int lanes)
{
  if (code == BLOCK_CODE_BEST)
    code = block_code_runs(BLOCK_CODE_AVX512) ? BLOCK_CODE_AVX512
           : block_code_runs(BLOCK_CODE_AVX2) ? BLOCK_CODE_AVX2
                                              : BLOCK_CODE_PLAIN;
  if (code == BLOCK_CODE_AVX512) return lanes == 8 ? block_avx512_8 : block_avx512_16;
  if (code == BLOCK_CODE_AVX2) return lanes == 8 ? block_avx2_8 : block_avx2_16;
  return lanes == 8 ? block_plain_8 : block_plain_16;
}
#else
bool block_code_runs(BlockCode code) { return code == BLOCK_CODE_BEST || code == BLOCK_CODE_PLAIN; }

BlockKernel block_kernel(BlockCode code, int lanes)
{
  (void)code;
  return lanes == 8 ? block_plain_8 : block_plain_16;
}
#endif
