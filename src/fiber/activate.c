/* The full cable model on a whole set of fibres. */
#include "cauda/team.h"
#include "fiber_work.h"
#include "search.h"

/* What the threads share; `threshold_mA` and `site_s` are written by one of them each place. */
typedef struct {
  FiberWork *work;
  const FiberSets *sets;
  const double *guess_mA; /* [n_set][n_fiber] */
  SearchOptions search;
  FiberQueue queue;
  double *const *threshold_mA, *const *site_s; /* [n_set] rows of [n_fiber] */
  atomic_int error;                            /* the first one */
} Job;

static PetscErrorCode make_cell(const Job *job, int fiber, Cell *c)
{
  FiberWork *w = job->work;
  PathSamples samples;
  bool inside;
  PetscCall(fiber_work_sample(w, fiber, &samples, &inside));
  PetscErrorCode error = cell_sample(&w->bench.model, w->bench.dt_ms, w->fibers, fiber, &samples, c);
  fiber_work_let_go(w, &samples);
  return error;
}

/* Fibres of like length, one after the other in all sets. */
typedef struct {
  const Job *job;
  const int *fiber; /* [FIBER_PIECE] */
  Cell cell[FIBER_PIECE];
} Piece;

static void take(void *context, int i, SearchFiber *f)
{
  Piece *p = context;
  int k = i / p->job->sets->n_set, set = i % p->job->sets->n_set;
  Cell *c = &p->cell[k];
  cell_drive(c, p->job->sets->fraction[set]);
  *f = (SearchFiber){.axon = &c->axon, .n_node = c->n_node, .node = c->node, .inside = c->inside};
  f->guess_mA = p->job->guess_mA[(size_t)set * (size_t)p->job->work->fibers->n_fiber + (size_t)p->fiber[k]];
}

static void put(void *context, int i, const SearchFiber *f)
{
  Piece *p = context;
  int k = i / p->job->sets->n_set, set = i % p->job->sets->n_set;
  p->job->threshold_mA[set][p->fiber[k]] = f->threshold_mA;
  p->job->site_s[set][p->fiber[k]] = f->site < 0 ? 0.0 : cell_node_s(&p->cell[k], f->site);
}

static PetscErrorCode activate_piece(const Job *job, int piece)
{
  const Bench *bench = &job->work->bench;
  Piece p = {.job = job};
  Batch *batch = NULL;
  int size, n = 0, longest = 0;
  PetscErrorCode error = 0;
  p.fiber = fiber_work_piece(job->work, piece, &size);
  for (; n < size && !error; n++) {
    error = make_cell(job, p.fiber[n], &p.cell[n]);
    if (p.cell[n].n_node > longest) longest = p.cell[n].n_node;
  }
  if (!error) error = batch_create(&bench->model, bench->table, bench->dt_ms, longest, &batch);
  SearchQueue queue = {take, put, &p};
  if (!error && !search_thresholds(&job->search, &bench->model, batch, n * job->sets->n_set, &queue))
    error = CAUDA_ERR_INTERRUPTED;
  batch_destroy(&batch);
  for (int k = 0; k < n; k++) cell_free(&p.cell[k]);
  return error;
}

/* Pieces until there are none: a thread's own way through the queue. */
static void follow_queue(void *context, int place, int thread)
{
  Job *job = context;
  int piece;
  (void)place;
  while (!atomic_load(&job->error) && (piece = job->queue.next(job->queue.context, thread)) >= 0) {
    int none = 0, error = signal_pending() ? (int)CAUDA_ERR_INTERRUPTED : (int)activate_piece(job, piece);
    if (error) atomic_compare_exchange_strong(&job->error, &none, error);
  }
}

PetscErrorCode fiber_work_activate(FiberWork *w, const FiberSets *sets, const double *guess_mA, FiberQueue queue,
                                   int n_thread, double *const *threshold_mA, double *const *site_s)
{
  Team *team;
  Job job = {
      .work = w, .sets = sets, .guess_mA = guess_mA, .queue = queue, .threshold_mA = threshold_mA, .site_s = site_s};
  job.search = (SearchOptions){&w->bench.pulse, w->tolerance, sets->largest_mA};
  PetscCall(team_create(n_thread, &team));
  team_run(team, team_size(team), follow_queue, &job);
  team_destroy(&team);
  return (PetscErrorCode)atomic_load(&job.error);
}

void fiber_guesses(const FiberResponse *r, const FiberSets *sets, double *guess_mA)
{
  for (int s = 0; s < sets->n_set; s++)
    for (int i = 0; i < r->n_fiber; i++) *guess_mA++ = fiber_threshold_guess(r, i, sets->fraction[s]);
}
