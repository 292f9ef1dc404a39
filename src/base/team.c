/* Threads that wait for work: awake for a moment, since the next piece mostly comes at once, then asleep. */
#include "cauda/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS_MAX = 256, SPINS = 4000 };

typedef struct {
  Team *team;
  int index;
} Member;

struct Team {
  int n_thread;
  pthread_t thread[THREADS_MAX];
  Member member[THREADS_MAX];
  TeamWork work;
  void *context;
  int n_piece;
  atomic_int next;   /* piece */
  atomic_int busy;   /* threads that have not finished this work, without the calling one */
  atomic_uint round; /* one more with each work */
  atomic_bool leaving;
  pthread_mutex_t lock; /* of what follows */
  pthread_cond_t begun;
};

/* Set once, by the program's options. */
static atomic_int most_threads;

void team_limit(int n_thread) { atomic_store(&most_threads, n_thread); }

int team_limited(void) { return atomic_load(&most_threads); }

int team_size(const Team *t) { return t->n_thread; }

int team_threads(void)
{
  cpu_set_t set;
  int limit = atomic_load(&most_threads);
  if (limit > 0) return limit;
  return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

static void pause_briefly(void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void work_through(Team *t, int thread)
{
  int piece;
  while ((piece = atomic_fetch_add_explicit(&t->next, 1, memory_order_relaxed)) < t->n_piece)
    t->work(t->context, piece, thread);
}

/* Returns when the round is another one than `seen`. */
static unsigned wait_for_round(Team *t, unsigned seen)
{
  unsigned round;
  for (int i = 0; i < SPINS; i++) {
    if ((round = atomic_load_explicit(&t->round, memory_order_acquire)) != seen) return round;
    pause_briefly();
  }
  pthread_mutex_lock(&t->lock);
  while ((round = atomic_load(&t->round)) == seen) pthread_cond_wait(&t->begun, &t->lock);
  pthread_mutex_unlock(&t->lock);
  return round;
}

static void *member_main(void *p)
{
  Member *m = p;
  Team *t = m->team;
  unsigned round = 0;
  for (;;) {
    round = wait_for_round(t, round);
    if (atomic_load(&t->leaving)) return NULL;
    work_through(t, m->index);
    atomic_fetch_sub_explicit(&t->busy, 1, memory_order_release);
  }
}

static void begin_round(Team *t)
{
  pthread_mutex_lock(&t->lock);
  atomic_fetch_add(&t->round, 1);
  pthread_cond_broadcast(&t->begun);
  pthread_mutex_unlock(&t->lock);
}

void team_run(Team *t, int n_piece, TeamWork work, void *context)
{
  t->work = work, t->context = context, t->n_piece = n_piece;
  atomic_store(&t->next, 0);
  bool alone = t->n_thread == 1 || n_piece < 2;
  if (!alone) {
    atomic_store(&t->busy, t->n_thread - 1);
    begin_round(t);
  }
  work_through(t, 0);
  for (int i = 0; !alone && atomic_load_explicit(&t->busy, memory_order_acquire); i++) {
    if (i < SPINS)
      pause_briefly();
    else
      sched_yield();
  }
}

PetscErrorCode team_create(int n_thread, Team **out)
{
  Team *t;
  int wanted = n_thread > 0 ? n_thread : team_threads();
  PetscCall(mem_alloc(1, sizeof *t, out));
  t = *out;
  t->n_thread = 1;
  pthread_mutex_init(&t->lock, NULL);
  pthread_cond_init(&t->begun, NULL);
  while (t->n_thread < wanted && t->n_thread < THREADS_MAX) {
    Member *m = &t->member[t->n_thread];
    *m = (Member){t, t->n_thread};
    if (pthread_create(&t->thread[t->n_thread], NULL, member_main, m)) break;
    t->n_thread++;
  }
  return 0;
}

void team_destroy(Team **t)
{
  if (!*t) return;
  atomic_store(&(*t)->leaving, true);
  begin_round(*t);
  for (int i = 1; i < (*t)->n_thread; i++) pthread_join((*t)->thread[i], NULL);
  pthread_cond_destroy(&(*t)->begun);
  pthread_mutex_destroy(&(*t)->lock);
  free(*t);
  *t = NULL;
}
