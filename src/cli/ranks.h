/* Ranks: under mpirun, rank 0 does the work of all commands; the other ranks wait and take part in the solution. */
#ifndef CAUDA_CLI_RANKS_H
#define CAUDA_CLI_RANKS_H

#include "cauda/fem.h"
#include "cauda/screen.h"

bool rank_is_first(void);

/* ranks_solve: field_solve() on all ranks, called by rank 0; hands the mesh and the conductivities out. */
PetscErrorCode ranks_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;

/* ranks_sweep: sweep_run() with the sets divided among the ranks, called by rank 0; what it finds is the same on any number
 * of them. */
PetscErrorCode ranks_sweep(const Sweep *w, int n_thread, const char *path, const char *key,
                           SweepState *state) CAUDA_CHECKED;
PetscErrorCode ranks_follow_sweep(void) CAUDA_CHECKED;  /* what the others do then */
PetscErrorCode ranks_call_to_sweep(void) CAUDA_CHECKED; /* tells them to */
/* ranks_share: bytes of rank 0 to all; collective. */
PetscErrorCode ranks_share(void *data, size_t bytes) CAUDA_CHECKED;

/* ranks_serve: what the other ranks do until rank 0 calls ranks_release(). */
PetscErrorCode ranks_serve(void) CAUDA_CHECKED;
PetscErrorCode ranks_release(void) CAUDA_CHECKED;

#endif
