/* Sixteen lanes, for any machine. */
#define BLOCK_LANES 16
#define FLOATS 8
#define DOUBLES 4
#include "block_kernel.h"

void block_plain_16(const BlockJob *job, int32_t begin, int32_t end, int piece) { block_work(job, begin, end, piece); }
