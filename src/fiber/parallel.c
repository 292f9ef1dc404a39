#include "parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct {
  const char *stage;
  int n;
  ParallelWork work;
  void *context;
  atomic_int next, done, error; /* pieces begun, finished; the first error */
} Job;

static void work_through(Job *job, bool shows)
{
  int piece;
  while ((piece = atomic_fetch_add(&job->next, 1)) < job->n && !atomic_load(&job->error)) {
    int none = 0, error = signal_pending() ? (int)CAUDA_ERR_INTERRUPTED : job->work(job->context, piece);
    if (error) atomic_compare_exchange_strong(&job->error, &none, error);
    int done = atomic_fetch_add(&job->done, 1) + 1;
    if (shows) progress(job->stage, (double)done / job->n);
  }
}

static void *thread_main(void *job)
{
  work_through(job, false);
  return NULL;
}

/* Fewer threads will do where the system gives no more. */
PetscErrorCode parallel_run(const char *stage, int n, int n_thread, ParallelWork work, void *context)
{
  enum { THREADS_MAX = 64 };
  pthread_t thread[THREADS_MAX];
  Job job = {.stage = stage, .n = n, .work = work, .context = context};
  int online = (int)sysconf(_SC_NPROCESSORS_ONLN), threads = n_thread > 0 ? n_thread : online;
  int begun = 0, more = threads - 1 < THREADS_MAX ? threads - 1 : THREADS_MAX;
  progress(stage, 0.0);
  while (begun < more && pthread_create(&thread[begun], NULL, thread_main, &job) == 0) begun++;
  work_through(&job, true);
  for (int i = 0; i < begun; i++) pthread_join(thread[i], NULL);
  progress(stage, 1.0);
  return (PetscErrorCode)atomic_load(&job.error);
}
