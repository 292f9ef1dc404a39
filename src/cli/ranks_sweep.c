/* A sweep divided among ranks: rounds of sets, of which each rank looks at a part; rank 0 takes what each has found. */
#include "ranks.h"

#include <stdlib.h>

enum { ROUND = 32768 }; /* sets a rank */
static const double write_every_s = 0.5;

typedef struct {
  int64_t begin, end; /* both 0: no more */
} Round;

/* What comes of a rank's part. */
typedef struct {
  int error, n;
  int64_t refused;
} Part;

static int comm_rank(void)
{
  int rank = 0;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank;
}

static int comm_size(void)
{
  int n = 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &n);
  return n;
}

/* This rank's part of a round. */
static PetscErrorCode look(const Sweep *w, Round r, int n_thread, SweepState *found)
{
  int64_t n = r.end - r.begin, rank = comm_rank(), size = comm_size();
  found->n = 0, found->done = found->refused = 0;
  return sweep_range(w, r.begin + n * rank / size, r.begin + n * (rank + 1) / size, n_thread, NULL, "", found);
}

/* Collective. part [size], entries [size][keep] on rank 0, else NULL. */
static PetscErrorCode gather(const SweepState *found, PetscErrorCode ierr, Part *part, SweepEntry *entries)
{
  Part own = {(int)ierr, ierr ? 0 : found->n, found->refused};
  PetscCallMPI(MPI_Gather(&own, (int)sizeof own, MPI_BYTE, part, (int)sizeof own, MPI_BYTE, 0, PETSC_COMM_WORLD));
  int bytes = found->keep * (int)sizeof *found->best;
  PetscCallMPI(MPI_Gather(found->best, bytes, MPI_BYTE, entries, bytes, MPI_BYTE, 0, PETSC_COMM_WORLD));
  return 0;
}

static PetscErrorCode one_round(const Sweep *w, Round r, int n_thread, SweepState *found, Part *part,
                                SweepEntry *entries)
{
  PetscErrorCode ierr = look(w, r, n_thread, found);
  PetscCall(gather(found, ierr, part, entries));
  return ierr;
}

/* ---- rank 0 ----------------------------------------------------------------------------------------------------- */

typedef struct {
  const Sweep *sweep;
  int n_thread;
  const char *path, *key;
  SweepState *state, *found;
  Part *part;
  SweepEntry *entries;
  double written;
} Lead;

static PetscErrorCode take(Lead *l, Round r)
{
  for (int i = 0; i < comm_size(); i++) {
    PetscCheck(l->part[i].error != CAUDA_ERR_INTERRUPTED, PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
    PetscCheck(!l->part[i].error, PETSC_COMM_SELF, (PetscErrorCode)l->part[i].error, "rank %d could not sweep its part",
               i);
  }
  for (int i = 0; i < comm_size(); i++) {
    for (int k = 0; k < l->part[i].n; k++) sweep_state_put(l->state, &l->entries[i * l->state->keep + k]);
    l->state->refused += l->part[i].refused;
  }
  l->state->done = r.end;
  if (l->sweep->total) progress("sweep", (double)r.end / (double)l->sweep->total);
  if (!l->path || seconds_now() - l->written < write_every_s) return 0;
  l->written = seconds_now();
  return sweep_state_write(l->path, l->key, l->state);
}

static PetscErrorCode all_rounds(Lead *l)
{
  const Sweep *w = l->sweep;
  int64_t end = w->first + sweep_count(w), begin = l->state->done > w->first ? l->state->done : w->first;
  int64_t length = (int64_t)ROUND * comm_size();
  PetscErrorCode ierr = 0;
  for (; begin < end && !ierr; begin += length) {
    Round r = {begin, begin + length < end ? begin + length : end};
    PetscCall(ranks_share(&r, sizeof r));
    ierr = one_round(w, r, l->n_thread, l->found, l->part, l->entries);
    if (!ierr) ierr = take(l, r);
  }
  Round none = {0, 0};
  PetscCall(ranks_share(&none, sizeof none));
  if (l->path && (!ierr || ierr == CAUDA_ERR_INTERRUPTED)) {
    PetscErrorCode written = sweep_state_write(l->path, l->key, l->state);
    if (!ierr) ierr = written;
  }
  return ierr;
}

static PetscErrorCode send_sweep(const Lead *l)
{
  char *bytes;
  size_t n;
  PetscCall(sweep_pack(l->sweep, &bytes, &n));
  int64_t head[3] = {(int64_t)n, l->n_thread, l->state->keep};
  PetscErrorCode ierr = ranks_call_to_sweep();
  if (!ierr) ierr = ranks_share(head, sizeof head);
  if (!ierr) ierr = ranks_share(bytes, n);
  free(bytes);
  return ierr;
}

static PetscErrorCode lead_sweep(Lead *l)
{
  size_t size = (size_t)comm_size();
  PetscCall(sweep_state_create(l->state->keep, &l->found));
  PetscCall(mem_alloc(size, sizeof *l->part, &l->part));
  PetscCall(mem_alloc(size * (size_t)l->state->keep, sizeof *l->entries, &l->entries));
  PetscCall(send_sweep(l));
  return all_rounds(l);
}

PetscErrorCode ranks_sweep(const Sweep *w, int n_thread, const char *path, const char *key, SweepState *state)
{
  Lead l = {.sweep = w, .n_thread = n_thread, .path = path, .key = key, .state = state, .written = seconds_now()};
  if (comm_size() == 1) return sweep_run(w, n_thread, path, key, state);
  PetscErrorCode ierr = lead_sweep(&l);
  sweep_state_destroy(&l.found);
  free(l.part), free(l.entries);
  return ierr;
}

/* ---- the others ------------------------------------------------------------------------------------------------- */

/* What goes wrong here, rank 0 hears of with the part. */
static PetscErrorCode follow_rounds(const Sweep *w, int n_thread, SweepState *found)
{
  for (;;) {
    Round r;
    PetscCall(ranks_share(&r, sizeof r));
    if (r.begin == r.end) return 0;
    (void)!one_round(w, r, n_thread, found, NULL, NULL);
  }
}

PetscErrorCode ranks_follow_sweep(void)
{
  int64_t head[3];
  char *bytes = NULL;
  SweepCopy *copy = NULL;
  SweepState *found = NULL;
  PetscCall(ranks_share(head, sizeof head));
  PetscErrorCode ierr = mem_alloc((size_t)head[0], 1, &bytes);
  if (!ierr) ierr = ranks_share(bytes, (size_t)head[0]);
  if (!ierr) ierr = sweep_unpack(bytes, (size_t)head[0], &copy);
  free(bytes);
  if (!ierr) ierr = sweep_state_create((int)head[2], &found);
  if (!ierr) ierr = follow_rounds(sweep_of(copy), (int)head[1], found);
  sweep_copy_destroy(&copy), sweep_state_destroy(&found);
  return ierr;
}
