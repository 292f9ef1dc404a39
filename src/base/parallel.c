/* Pieces of work that may fail, by a team of threads. */
#include "cauda/team.h"

#include <stdatomic.h>

typedef struct {
  const char *stage;
  int n;
  ParallelWork work;
  void *context;
  atomic_int done, error; /* pieces finished; the first error */
} Job;

static void do_piece(void *context, int piece, int thread)
{
  Job *job = context;
  if (atomic_load(&job->error)) return;
  int none = 0, error = signal_pending() ? (int)CAUDA_ERR_INTERRUPTED : job->work(job->context, piece);
  if (error) atomic_compare_exchange_strong(&job->error, &none, error);
  int done = atomic_fetch_add(&job->done, 1) + 1;
  if (thread == 0 && job->stage) progress(job->stage, (double)done / job->n);
}

PetscErrorCode parallel_run(const char *stage, int n, int n_thread, ParallelWork work, void *context)
{
  Job job = {.stage = stage, .n = n, .work = work, .context = context};
  Team *team;
  if (stage) progress(stage, 0.0);
  PetscCall(team_create(n_thread, &team));
  team_run(team, n, do_piece, &job);
  team_destroy(&team);
  if (stage) progress(stage, 1.0);
  return (PetscErrorCode)atomic_load(&job.error);
}
