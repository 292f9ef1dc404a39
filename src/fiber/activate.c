/* The full cable model on a whole set of fibres. */
#include "cauda/team.h"
#include "predictor.h"
#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIBERS = 24 }; /* a piece of work for one thread */

/* What the threads share; `threshold_mA` and `site_s` are written by one of them each place. */
typedef struct {
  const FiberSet *fibers;
  const Mesh *mesh;
  const MeshLocator *locator;
  const LeadField *field;
  const FiberResponse *response;
  const FiberSets *sets;
  const Bench *bench;
  SearchOptions search;
  int *order;                                  /* [n_fiber] short ones first */
  double *const *threshold_mA, *const *site_s; /* [n_set] rows of [n_fiber] */
} Job;

static PetscErrorCode make_cell(const Job *job, int fiber, Cell *c)
{
  PathSamples samples;
  PetscCall(path_sample(&job->fibers->fiber[fiber], job->mesh, job->locator, job->field, &samples));
  PetscErrorCode error = cell_sample(&job->bench->model, job->bench->dt_ms, job->fibers, fiber, &samples, c);
  path_samples_free(&samples);
  return error;
}

/* Fibres of like length, one after the other in all sets. */
typedef struct {
  const Job *job;
  const int *fiber; /* [FIBERS] */
  Cell cell[FIBERS];
} Piece;

static void take(void *context, int i, SearchFiber *f)
{
  Piece *p = context;
  const double *fraction = p->job->sets->fraction[i % p->job->sets->n_set];
  int k = i / p->job->sets->n_set;
  Cell *c = &p->cell[k];
  cell_drive(c, fraction);
  *f = (SearchFiber){.axon = &c->axon, .n_node = c->n_node, .node = c->node, .inside = c->inside};
  f->guess_mA = fiber_threshold_guess(p->job->response, p->fiber[k], fraction);
}

static void put(void *context, int i, const SearchFiber *f)
{
  Piece *p = context;
  int k = i / p->job->sets->n_set, set = i % p->job->sets->n_set;
  p->job->threshold_mA[set][p->fiber[k]] = f->threshold_mA;
  p->job->site_s[set][p->fiber[k]] = f->site < 0 ? 0.0 : cell_node_s(&p->cell[k], f->site);
}

static PetscErrorCode activate_piece(void *context, int piece)
{
  const Job *job = context;
  Piece p = {.job = job, .fiber = job->order + piece * FIBERS};
  Batch *batch = NULL;
  int n = 0, longest = 0;
  PetscErrorCode error = 0;
  for (; n < FIBERS && piece * FIBERS + n < job->fibers->n_fiber && !error; n++) {
    error = make_cell(job, p.fiber[n], &p.cell[n]);
    if (p.cell[n].n_node > longest) longest = p.cell[n].n_node;
  }
  if (!error) error = batch_create(&job->bench->model, job->bench->table, job->bench->dt_ms, longest, &batch);
  SearchQueue queue = {take, put, &p};
  if (!error && !search_thresholds(&job->search, &job->bench->model, batch, n * job->sets->n_set, &queue))
    error = CAUDA_ERR_INTERRUPTED;
  batch_destroy(&batch);
  for (int k = 0; k < n; k++) cell_free(&p.cell[k]);
  return error;
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

typedef struct {
  int fiber;
  double nodes;
} Length;

static int shorter_first(const void *a, const void *b)
{
  const Length *x = a, *y = b;
  if (x->nodes != y->nodes) return x->nodes < y->nodes ? -1 : 1;
  return x->fiber - y->fiber;
}

/* Fibres of like length go together, so that no lane waits for another's end. */
static PetscErrorCode sort_fibers(const FiberSet *f, int *order)
{
  Length *l;
  PetscCall(mem_alloc((size_t)f->n_fiber, sizeof *l, &l));
  for (int i = 0; i < f->n_fiber; i++) l[i] = (Length){i, f->fiber[i].s[f->fiber[i].n - 1] / f->fiber[i].diameter_um};
  qsort(l, (size_t)f->n_fiber, sizeof *l, shorter_first);
  for (int i = 0; i < f->n_fiber; i++) order[i] = l[i].fiber;
  free(l);
  return 0;
}

static PetscErrorCode activate(Job *job, int n_thread)
{
  int n_fiber = job->fibers->n_fiber;
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *job->order, &job->order));
  PetscErrorCode error = sort_fibers(job->fibers, job->order);
  if (!error) error = parallel_run("cable model", (n_fiber + FIBERS - 1) / FIBERS, n_thread, activate_piece, job);
  free(job->order);
  return error;
}

PetscErrorCode fibers_activate(const Case *c, const FiberSet *f, const Mesh *m, const MeshLocator *l,
                               const LeadField *lf, const FiberResponse *r, const FiberSets *sets, int n_thread,
                               double *const *threshold_mA, double *const *site_s)
{
  Bench bench;
  PetscErrorCode error = bench_open(c, sets->width_us, &bench);
  Job job = {.fibers = f, .mesh = m, .locator = l, .field = lf, .response = r, .sets = sets, .bench = &bench};
  job.search = (SearchOptions){&bench.pulse, c->fibers.tolerance, sets->largest_mA};
  job.threshold_mA = threshold_mA, job.site_s = site_s;
  if (!error) error = activate(&job, n_thread);
  bench_close(&bench);
  return error;
}
