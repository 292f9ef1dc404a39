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

/* ---- what is found ------------------------------------------------------------------------------------------------------ */

PetscErrorCode sweep_state_create(int keep, SweepState **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  (*out)->keep = keep;
  PetscErrorCode ierr = mem_alloc((size_t)keep, sizeof *(*out)->best, &(*out)->best);
  if (ierr) sweep_state_destroy(out);
  return ierr;
}

void sweep_state_destroy(SweepState **s)
{
  if (!*s) return;
  free((*s)->best);
  free(*s);
  *s = NULL;
}

static bool before(const SweepEntry *a, const SweepEntry *b)
{
  return a->score != b->score ? a->score > b->score : a->number < b->number;
}

/* One that is there already (a piece begun before an interrupt, and looked at again) is not taken twice. */
void sweep_state_put(SweepState *s, const SweepEntry *e)
{
  int at = s->n;
  while (at > 0 && before(e, &s->best[at - 1])) at--;
  if (at == s->keep || (at > 0 && s->best[at - 1].number == e->number)) return;
  if (s->n < s->keep) s->n++;
  memmove(&s->best[at + 1], &s->best[at], (size_t)(s->n - 1 - at) * sizeof *e);
  s->best[at] = *e;
}

static PetscErrorCode read_entries(FILE *f, int n, SweepState *s)
{
  for (s->n = 0; s->n < n; s->n++) {
    long long number;
    SweepEntry *e = &s->best[s->n];
    if (fscanf(f, "%lld %la %la", &number, &e->score, &e->at_mA) != 3) break;
    e->number = number;
  }
  return s->n == n ? 0 : PETSC_ERR_FILE_UNEXPECTED;
}

/* A state of another key, or none, is no error: the sweep begins anew. */
PetscErrorCode sweep_state_read(const char *path, const char *key, SweepState *s)
{
  char had[65];
  long long done, refused;
  int n;
  FILE *f = fopen(path, "r");
  s->n = 0, s->done = s->refused = 0;
  if (!f) return 0;
  bool fits =
      fscanf(f, "%64s %lld %lld %d", had, &done, &refused, &n) == 4 && !strcmp(had, key) && n >= 0 && n <= s->keep;
  if (fits && !read_entries(f, n, s))
    s->done = done, s->refused = refused;
  else
    s->n = 0;
  fclose(f);
  return 0;
}

PetscErrorCode sweep_state_write(const char *path, const char *key, const SweepState *s)
{
  OutFile f;
  FILE *stream = NULL;
  PetscCall(file_begin(path, &f));
  PetscErrorCode ierr = file_open(&f, &stream);
  if (!ierr) {
    fprintf(stream, "%s %lld %lld %d\n", key, (long long)s->done, (long long)s->refused, s->n);
    for (int i = 0; i < s->n; i++)
      fprintf(stream, "%lld %a %a\n", (long long)s->best[i].number, s->best[i].score, s->best[i].at_mA);
    ierr = file_close(&f, &stream);
  }
  if (!ierr) ierr = file_commit(&f);
  if (ierr) file_abort(&f);
  return ierr;
}

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

static bool is_wired(const Sweep *w, const double *fraction)
{
  int cathodes = 0, anodes = 0;
  for (int i = 0; i <= w->lead->n_contacts; i++) cathodes += fraction[i]<0.0, anodes += fraction[i]> 0.0;
  return w->c->limits.sources == 1 && (cathodes > 1 || anodes > 1);
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
  if (!is_wired(w, set->fraction)) return 0;
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
  double largest = 0.0, fraction[2] = {-1.0, 1.0}, impedance = 0.0;
  for (int i = 0; i < m->n_contacts; i++) {
    LeadModel one = *m;
    Reach r;
    one.n_contacts = 1, one.contacts = m->contacts + i;
    set_reach(&c->limits, &one, fraction, width_us, &impedance, &r);
    largest = fmax(largest, r.largest_mA);
  }
  return fmin(2.0 * largest, c->limits.total_mA);
}
