/* Rank 0 and the others. */
#include "ranks.h"

#include <time.h>

typedef enum { ORDER_END, ORDER_SOLVE, ORDER_SWEEP } Order;

int ranks_number(void)
{
  int n = 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &n);
  return n;
}

bool rank_is_first(void)
{
  int rank = 0;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank == 0;
}

/* Broadcast in pieces: a count in MPI is an int. */
PetscErrorCode ranks_share(void *data, size_t bytes)
{
  enum { PIECE = 1 << 30 };
  for (char *p = data; bytes;) {
    int n = bytes > PIECE ? PIECE : (int)bytes;
    PetscCallMPI(MPI_Bcast(p, n, MPI_BYTE, 0, PETSC_COMM_WORLD));
    p += n, bytes -= (size_t)n;
  }
  return 0;
}

/* As MPI_Bcast, but asleep while it waits: rank 0 may mesh for a minute on the same cores. */
static PetscErrorCode wait_for_order(Order *order)
{
  const struct timespec nap = {.tv_nsec = 5000000};
  MPI_Request request;
  int done = 0;
  PetscCallMPI(MPI_Ibcast(order, (int)sizeof *order, MPI_BYTE, 0, PETSC_COMM_WORLD, &request));
  while (!done) {
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (!done) nanosleep(&nap, NULL);
  }
  return 0;
}

static PetscErrorCode send_order(Order order)
{
  MPI_Request request;
  PetscCallMPI(MPI_Ibcast(&order, (int)sizeof order, MPI_BYTE, 0, PETSC_COMM_WORLD, &request));
  PetscCallMPI(MPI_Wait(&request, MPI_STATUS_IGNORE));
  return 0;
}

PetscErrorCode ranks_serve(void)
{
  for (;;) {
    Order order = ORDER_END;
    PetscCall(wait_for_order(&order));
    if (order == ORDER_END) return 0;
    PetscErrorCode ierr = order == ORDER_SWEEP ? ranks_follow_sweep() : ranks_follow_solve();
    /* What rank 0 met as well, it will tell; anything else only this rank knows of. */
    if (ierr != PETSC_ERR_NOT_CONVERGED && ierr != CAUDA_ERR_INTERRUPTED) PetscCall(ierr);
  }
}

PetscErrorCode ranks_call_to_sweep(void) { return send_order(ORDER_SWEEP); }
PetscErrorCode ranks_call_to_solve(void) { return send_order(ORDER_SOLVE); }

PetscErrorCode ranks_release(void)
{
  if (ranks_number() > 1) PetscCall(send_order(ORDER_END));
  return 0;
}
