/* Ranks: under mpirun, rank 0 does the work of all commands; the other ranks wait and take part in solutions and sweeps. */
#ifndef CAUDA_CLI_RANKS_H
#define CAUDA_CLI_RANKS_H

#include "cauda/fem.h"
#include "cauda/screen.h"
#include "cauda/share.h"

bool rank_is_first(void);
int ranks_number(void);

/* ranks_solve: field_solve() on all ranks, called by rank 0: the mesh is divided among them (cauda/share.h). */
PetscErrorCode ranks_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;

typedef struct {
  LeadField *field;
  double *power; /* [n_contact][n_region] as power_of_regions() */
  double *sigma; /* [n_tet][6] where they were let go of, else NULL */
  ShareEffort effort;
} RanksSolution;

/* ranks_solve_all: the same with what else comes of it. On two ranks or more let_go(context) is called when all parts are
 * sent: mesh and tensors may go then. NULL: they stay. Caller frees by ranks_solution_free(). */
PetscErrorCode ranks_solve_all(const Mesh *m, const double *sigma, const FieldOptions *o, void (*let_go)(void *context),
                               void *context, RanksSolution *r) CAUDA_CHECKED;
void ranks_solution_free(RanksSolution *r);
PetscErrorCode ranks_follow_solve(void) CAUDA_CHECKED;  /* what the others do then */
PetscErrorCode ranks_call_to_solve(void) CAUDA_CHECKED; /* tells them to */

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
