/* Eight lanes, for machines with registers of 64 bytes (the Makefile says so to the compiler). */
#define BLOCK_LANES 8
#define FLOATS 8
#define DOUBLES 8
#include "block_kernel.h"

#if defined(__x86_64__)
void block_avx512_8(const BlockJob *job, int32_t begin, int32_t end, int piece) { block_work(job, begin, end, piece); }
#endif
