/* The time steps for all other machines, four lanes at a time. */
#define LANE_WIDTH 4
#include "batch_kernel.h"

void batch_steps_plain(const BatchJob *job) { run_steps(job); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void batch_steps_avx2(const BatchJob *job) { run_steps(job); }
#endif
