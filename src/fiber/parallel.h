/* Many like pieces of work by several threads. Private to src/fiber. */
#ifndef CAUDA_FIBER_PARALLEL_H
#define CAUDA_FIBER_PARALLEL_H

#include "cauda/base.h"

typedef PetscErrorCode (*ParallelWork)(void *context, int piece);

/* parallel_run: work(context, i) for each i below n, in any order, by n_thread threads (0: as many as there are processors). The calling thread works,
 * too, and is the one that shows progress as `stage`. After an error no further piece is begun; the first error is
 * returned. Errors: CAUDA_ERR_INTERRUPTED. */
PetscErrorCode parallel_run(const char *stage, int n, int n_thread, ParallelWork work, void *context) CAUDA_CHECKED;

#endif
