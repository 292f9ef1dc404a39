/* Rank 0 and the others. */
#include "ranks.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

typedef enum { ORDER_END, ORDER_SOLVE, ORDER_SWEEP, ORDER_RESPOND, ORDER_ACTIVATE } Order;

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

/* Open MPI takes a task of Slurm's for a rank, and ends in many words where Slurm has not told it of the others (PMIx). */
bool ranks_prepare(void)
{
  const char *tasks = getenv("SLURM_STEP_NUM_TASKS"), *task = getenv("SLURM_PROCID");
  /* A process that mpirun did not start needs no daemon beside it, nor the daemon's files in /tmp. */
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  if (!tasks || getenv("PMIX_RANK") || getenv("OMPI_COMM_WORLD_RANK")) return true;
  if (atoi(tasks) > 1 && (!task || !atoi(task)))
    fprintf(stderr, "cauda: srun started %s tasks that do not know of each other; expected srun --mpi=pmix\n", tasks);
  if (atoi(tasks) > 1) return false;
  unsetenv("SLURM_STEP_ID"); /* alone */
  return true;
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

/* Who waits leaves its processor to those it waits for. */
static void nap(long ns)
{
  const struct timespec time = {.tv_nsec = ns};
  nanosleep(&time, NULL);
}

void ranks_nap(void) { nap(5000000); }

/* ---- from one to one -------------------------------------------------------------------------------------------------- */

PetscErrorCode ranks_send(int to, RanksTag tag, const void *bytes, size_t n)
{
  PetscCheck(n <= INT_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "too much for one message: %zu bytes", n);
  PetscCallMPI(MPI_Send(bytes, (int)n, MPI_BYTE, to, (int)tag, PETSC_COMM_WORLD));
  return 0;
}

PetscErrorCode ranks_receive(int from, RanksTag tag, char **bytes, size_t *n)
{
  MPI_Status status;
  int count, there = 0;
  while (!there) {
    PetscCallMPI(MPI_Iprobe(from, (int)tag, PETSC_COMM_WORLD, &there, &status));
    if (!there) nap(200000);
  }
  PetscCallMPI(MPI_Get_count(&status, MPI_BYTE, &count));
  PetscCall(mem_alloc((size_t)count, 1, bytes));
  PetscErrorCode ierr = MPI_Recv(*bytes, count, MPI_BYTE, from, (int)tag, PETSC_COMM_WORLD, MPI_STATUS_IGNORE);
  if (ierr) free(*bytes), *bytes = NULL;
  *n = (size_t)count;
  PetscCallMPI(ierr);
  return 0;
}

/* ---- what goes wrong on one ---------------------------------------------------------------------------------------------- */

typedef struct {
  int code;
  char text[CAUDA_MESSAGE_MAX];
} Word;

/* The first rank's that has one. */
static PetscErrorCode words_read(int n, const Word *word)
{
  for (int i = 0; i < n; i++) PetscCheck(!word[i].code, PETSC_COMM_SELF, word[i].code, "%s", word[i].text);
  return 0;
}

PetscErrorCode ranks_agree(PetscErrorCode own, const ErrorRecord *e, bool *good)
{
  Word word = {.code = (int)own}, *all = NULL;
  int any = own != 0;
  if (own && e) error_text(e, own, word.text);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD));
  *good = !any;
  if (!any) return 0;
  if (rank_is_first()) PetscCall(mem_alloc((size_t)ranks_number(), sizeof *all, &all));
  PetscCallMPI(MPI_Gather(&word, (int)sizeof word, MPI_BYTE, all, (int)sizeof word, MPI_BYTE, 0, PETSC_COMM_WORLD));
  PetscErrorCode ierr = own || !all ? own : words_read(ranks_number(), all);
  free(all);
  return ierr;
}

/* ---- processors -------------------------------------------------------------------------------------------------------------- */

/* A processor that several ranks of a machine may run on counts in parts. */
static PetscErrorCode processors_of(MPI_Comm machine, int *n)
{
  cpu_set_t set;
  int count[CPU_SETSIZE] = {0}, sum[CPU_SETSIZE];
  double mine = 1e-9;
  if (sched_getaffinity(0, sizeof set, &set)) CPU_ZERO(&set);
  for (int i = 0; i < CPU_SETSIZE; i++) count[i] = CPU_ISSET(i, &set) ? 1 : 0;
  PetscCallMPI(MPI_Allreduce(count, sum, CPU_SETSIZE, MPI_INT, MPI_SUM, machine));
  for (int i = 0; i < CPU_SETSIZE; i++) mine += count[i] ? 1.0 / sum[i] : 0.0;
  *n = mine < 1.0 ? 1 : (int)mine;
  return 0;
}

PetscErrorCode ranks_threads(int asked, int *own, int *all)
{
  MPI_Comm machine;
  *own = asked;
  if (asked < 1) {
    PetscCallMPI(MPI_Comm_split_type(PETSC_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine));
    PetscErrorCode ierr = processors_of(machine, own);
    PetscCallMPI(MPI_Comm_free(&machine));
    PetscCall(ierr);
  }
  PetscCallMPI(MPI_Allreduce(own, all, 1, MPI_INT, MPI_SUM, PETSC_COMM_WORLD));
  return 0;
}

/* ---- orders ------------------------------------------------------------------------------------------------------------------ */

/* As MPI_Bcast, but asleep while it waits: rank 0 may mesh for a minute on the same cores. */
static PetscErrorCode wait_for_order(Order *order)
{
  MPI_Request request;
  int done = 0;
  PetscCallMPI(MPI_Ibcast(order, (int)sizeof *order, MPI_BYTE, 0, PETSC_COMM_WORLD, &request));
  while (!done) {
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (!done) ranks_nap();
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

static PetscErrorCode follow(Order order, RanksFibers *fibers)
{
  switch (order) {
  case ORDER_SOLVE: return ranks_follow_solve();
  case ORDER_SWEEP: return ranks_follow_sweep();
  case ORDER_RESPOND: return ranks_follow_respond(fibers);
  case ORDER_ACTIVATE: return ranks_follow_activate(fibers);
  case ORDER_END: break;
  }
  return 0;
}

PetscErrorCode ranks_serve(void)
{
  RanksFibers fibers = {.work = NULL}; /* stay from the responses to the thresholds */
  PetscErrorCode ierr = 0;
  Order order;
  do {
    order = ORDER_END;
    ierr = wait_for_order(&order);
    if (!ierr) ierr = follow(order, &fibers);
    /* What rank 0 met as well, it will tell; anything else only this rank knows of. */
    if (ierr == PETSC_ERR_NOT_CONVERGED || ierr == CAUDA_ERR_INTERRUPTED) ierr = 0;
  } while (!ierr && order != ORDER_END);
  ranks_fibers_free(&fibers);
  return ierr;
}

PetscErrorCode ranks_call_to_sweep(void) { return send_order(ORDER_SWEEP); }
PetscErrorCode ranks_call_to_solve(void) { return send_order(ORDER_SOLVE); }
PetscErrorCode ranks_call_to_respond(void) { return send_order(ORDER_RESPOND); }
PetscErrorCode ranks_call_to_activate(void) { return send_order(ORDER_ACTIVATE); }

PetscErrorCode ranks_release(void)
{
  if (ranks_number() > 1) PetscCall(send_order(ORDER_END));
  return 0;
}
