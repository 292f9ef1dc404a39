/* The best of many sets. Pieces of some hundred sets are looked at by one thread each; what each finds is put to the best
 * so far. That these are the first in a strict order makes them the same whatever the order of the pieces. */
#include "cauda/screen.h"
#include "cauda/team.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 512, AT_ONCE = 64 };
static const double write_every_s = 0.2;

/* ---- one piece ---------------------------------------------------------------------------------------------------------- */

/* What the threads share; from `lock` on under it. */
typedef struct {
  const Sweep *sweep;
  const char *path, *key;
  int64_t begin, end; /* numbers */
  pthread_mutex_t lock;
  SweepState *state;
  char *ready;            /* [pieces] looked at */
  int64_t *piece_refused; /* [pieces] */
  int n_piece, n_ready;   /* all pieces below n_ready are */
  double written;
} Job;

/* A thread's own. */
typedef struct {
  double *fraction, *threshold; /* [n_contact + 1]; [AT_ONCE][n_fiber] */
  SparseSet *set;               /* [AT_ONCE] */
  Amplitudes *amplitudes;       /* [AT_ONCE] */
  int64_t *number;              /* [AT_ONCE] */
  Scorer *scorer;
  SweepState *best;
  int n;
} Bench;

static void bench_free(Bench *b)
{
  free(b->fraction), free(b->threshold), free(b->set), free(b->amplitudes), free(b->number);
  scorer_destroy(&b->scorer);
  sweep_state_destroy(&b->best);
}

static PetscErrorCode bench_make(const Sweep *w, int keep, Bench *b)
{
  size_t n_fiber = (size_t)screen_fibers(w->screen);
  PetscCall(mem_alloc((size_t)w->lead->n_contacts + 1, sizeof *b->fraction, &b->fraction));
  PetscCall(mem_alloc(AT_ONCE * n_fiber, sizeof *b->threshold, &b->threshold));
  PetscCall(mem_alloc(AT_ONCE, sizeof *b->set, &b->set));
  PetscCall(mem_alloc(AT_ONCE, sizeof *b->amplitudes, &b->amplitudes));
  PetscCall(mem_alloc(AT_ONCE, sizeof *b->number, &b->number));
  PetscCall(scorer_create(w->goal, (int)n_fiber, w->fiber_root, &b->scorer));
  return sweep_state_create(keep, &b->best);
}

/* Sets that do nothing within the limits stand below all that do something, the nearest to it first. */
static double value_of(Bench *b, Score s, double largest_mA)
{
  const SweepState *best = b->best;
  if (s.at_mA > 0.0) return s.value;
  if (best->n == best->keep && best->best[best->n - 1].score >= 0.0) return -1.0; /* will not be kept */
  return s.value - 1.0 + scorer_nearness(b->scorer, largest_mA);
}

static void score_batch(const Sweep *w, Bench *b)
{
  int n_fiber = screen_fibers(w->screen);
  screen_sets(w->screen, SCREEN_BEST, b->n, b->set, b->threshold);
  for (int i = 0; i < b->n; i++) {
    scorer_take(b->scorer, b->threshold + (size_t)i * (size_t)n_fiber, b->amplitudes[i]);
    Score s = scorer_best(b->scorer, w->score);
    sweep_state_put(b->best, &(SweepEntry){b->number[i], value_of(b, s, b->amplitudes[i].largest_mA), s.at_mA});
  }
  b->n = 0;
}

static void listed_set(const Sweep *w, int64_t number, StimulationSet *set, bool *here)
{
  const StimulationSet *s = &w->list->set[number - w->first];
  double *fraction = set->fraction;
  *set = *s;
  set->fraction = fraction;
  memcpy(fraction, s->fraction, (size_t)(w->lead->n_contacts + 1) * sizeof *fraction);
  *here = s->width_us > 0.0 ? s->width_us == w->width_us : !w->named_only;
}

PetscErrorCode sweep_set(const Sweep *w, int64_t number, StimulationSet *set, bool *here)
{
  *here = true;
  if (w->list) {
    listed_set(w, number, set, here);
    return 0;
  }
  *set = (StimulationSet){.fraction = set->fraction};
  generator_set(w->generator, number - w->first, set->fraction);
  if (!set_is_wired(&w->c->limits, w->lead->n_contacts, set->fraction)) return 0;
  set->control = SET_SINGLE_SOURCE;
  return single_source_shares(w->lead->n_contacts, w->impedance_ohm, set->fraction);
}

int64_t sweep_count(const Sweep *w) { return w->list ? w->list->n_set : generator_count(w->generator); }

/* Whether the device can do it, and then at which amplitudes. */
static bool can_do(const Sweep *w, const StimulationSet *set, Amplitudes *a)
{
  const CaseLimits *l = &w->c->limits;
  Reach reach;
  char words[96];
  if (set_impossible(l, w->lead->n_contacts, set, w->width_us, words)) return false;
  set_reach(l, w->lead, set->fraction, w->width_us, w->impedance_ohm, &reach);
  a->largest_mA = fmin(reach.largest_mA, w->largest_mA);
  a->step_mA = set_step_mA(l, w->lead->n_contacts, set, a->largest_mA);
  return isfinite(a->step_mA) && (set->control == SET_VOLTAGE || set->amplitude_mA <= reach.largest_mA * (1.0 + 1e-9));
}

/* Takes a set into the batch. */
static PetscErrorCode add_set(const Sweep *w, int64_t number, Bench *b, int64_t *refused)
{
  StimulationSet set = {.fraction = b->fraction};
  bool here;
  PetscCall(sweep_set(w, number, &set, &here));
  if (!here) return 0;
  if (can_do(w, &set, &b->amplitudes[b->n]) && sparse_set(w->lead->n_contacts, b->fraction, &b->set[b->n]))
    b->number[b->n++] = number;
  else
    ++*refused;
  return 0;
}

/* All pieces up to the first that is not ready are done. */
static PetscErrorCode hand_in(Job *job, int piece, const Bench *b, int64_t refused)
{
  SweepState *s = job->state;
  PetscErrorCode ierr = 0;
  pthread_mutex_lock(&job->lock);
  for (int i = 0; i < b->best->n; i++) sweep_state_put(s, &b->best->best[i]);
  job->ready[piece] = 1, job->piece_refused[piece] = refused;
  for (; job->n_ready < job->n_piece && job->ready[job->n_ready]; job->n_ready++)
    s->refused += job->piece_refused[job->n_ready];
  int64_t done = job->begin + (int64_t)job->n_ready * PIECE;
  s->done = done < job->end ? done : job->end;
  if (job->sweep->total) progress("sweep", (double)s->done / (double)job->sweep->total);
  if (job->path && seconds_now() - job->written > write_every_s) {
    ierr = sweep_state_write(job->path, job->key, s);
    job->written = seconds_now();
  }
  pthread_mutex_unlock(&job->lock);
  return ierr;
}

static PetscErrorCode look(void *context, int piece)
{
  Job *job = context;
  const Sweep *w = job->sweep;
  Bench b = {.n = 0};
  int64_t from = job->begin + (int64_t)piece * PIECE, to = from + PIECE < job->end ? from + PIECE : job->end,
          refused = 0;
  PetscErrorCode ierr = bench_make(w, job->state->keep, &b);
  for (int64_t number = from; number < to && !ierr; number++) {
    ierr = add_set(w, number, &b, &refused);
    if (b.n == AT_ONCE || number == to - 1) score_batch(w, &b);
  }
  if (!ierr) ierr = hand_in(job, piece, &b, refused);
  bench_free(&b);
  return ierr;
}

/* ---- all of them -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode look_at_all(Job *job, int n_thread)
{
  PetscCall(mem_alloc((size_t)job->n_piece, sizeof *job->ready, &job->ready));
  PetscCall(mem_alloc((size_t)job->n_piece, sizeof *job->piece_refused, &job->piece_refused));
  return parallel_run(NULL, job->n_piece, n_thread, look, job);
}

PetscErrorCode sweep_range(const Sweep *w, int64_t begin, int64_t end, int n_thread, const char *path, const char *key,
                           SweepState *state)
{
  Job job = {.sweep = w, .path = path, .key = key, .state = state, .written = seconds_now()};
  job.begin = begin, job.end = end;
  if (begin >= end) return 0;
  int64_t pieces = (end - begin + PIECE - 1) / PIECE;
  PetscCheck(pieces < 1 << 30, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "sweep: found %lld sets, expected at most 5e11",
             (long long)(end - begin));
  job.n_piece = (int)pieces;
  pthread_mutex_init(&job.lock, NULL);
  PetscErrorCode ierr = look_at_all(&job, n_thread);
  if (path && (!ierr || ierr == CAUDA_ERR_INTERRUPTED)) {
    PetscErrorCode written = sweep_state_write(path, key, state);
    if (!ierr) ierr = written;
  }
  pthread_mutex_destroy(&job.lock);
  free(job.ready), free(job.piece_refused);
  return ierr;
}

PetscErrorCode sweep_run(const Sweep *w, int n_thread, const char *path, const char *key, SweepState *state)
{
  int64_t begin = state->done > w->first ? state->done : w->first;
  return sweep_range(w, begin, w->first + sweep_count(w), n_thread, path, key, state);
}

/* Two cathodes at most, each as far as one contact may go. */
double sweep_largest_mA(const Case *c, const LeadModel *m, double width_us)
{
  double largest = 0.0;
  for (int i = 0; i < m->n_contacts; i++) largest = fmax(largest, contact_reach_mA(&c->limits, m, i, width_us));
  return fmin(2.0 * largest, c->limits.total_mA);
}
