/* The time steps for machines with registers of eight numbers. */
#define LANE_WIDTH 8
#include "batch_kernel.h"

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void batch_steps_avx512(const BatchJob *job) { run_steps(job); }
#endif
