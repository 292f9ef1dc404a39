/* The models on fibres with potentials from a file. */
#include "cauda/team.h"
#include "predictor.h"
#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIBERS = 24 }; /* a piece of work for one thread */

typedef struct {
  const Bench *bench;
  const Calibration *calibration;
  SearchOptions search;
  bool linear;
  double node_at_mm; /* NAN: the path's middle */
  AlongFibers *along;
} Job;

/* The cubic through the four samples around s. */
static double potential_at(const AlongFiber *f, double s_mm)
{
  int low = 0, high = f->n - 1;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    *(f->s_mm[middle] <= s_mm ? &low : &high) = middle;
  }
  int first = low - 1 < 0 ? 0 : low - 1 > f->n - 4 ? f->n - 4 : low - 1;
  double v = 0.0;
  for (int i = first; i < first + 4; i++) {
    double share = 1.0;
    for (int j = first; j < first + 4; j++)
      if (j != i) share *= (s_mm - f->s_mm[j]) / (f->s_mm[i] - f->s_mm[j]);
    v += share * f->potential_V[i];
  }
  return v;
}

/* Nodes lie at node_at_mm and whole internodes from there. */
static PetscErrorCode make_cell(const Job *job, const AlongFiber *f, Cell *c)
{
  char label[CAUDA_NAME_MAX + 64];
  double begin = f->s_mm[0], end = f->s_mm[f->n - 1];
  double node_at = isnan(job->node_at_mm) ? 0.5 * (begin + end) : job->node_at_mm;
  Axon a;
  snprintf(label, sizeof label, "fibre %s (%.4g um)", f->name, f->diameter_um);
  PetscCheck(node_at >= begin && node_at <= end, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a path from %.3f to %.3f mm, expected it to hold the node at %.3f mm", label, begin, end,
             node_at);
  PetscCall(axon_make(&job->bench->model, f->diameter_um, job->bench->dt_ms, &a));
  double before = floor((node_at - begin) / a.internode_mm + 1e-9);
  PetscCall(cell_create(&job->bench->model, job->bench->dt_ms, label, f->diameter_um, node_at - before * a.internode_mm,
                        end, 1, c));
  for (int i = 0; i < c->size; i++)
    c->v[i] = 1e3 * potential_at(f, fmin(fmax(c->first_mm + c->outside[i], begin), end));
  return 0;
}

/* ---- some fibres: the predictor for each, then the full model for all ------------------------------------------- */

typedef struct {
  const Job *job;
  AlongFiber *fiber; /* [n] */
  int n;
  Cell cell[FIBERS];
  double guess_mA[FIBERS];
} Piece;

static void take(void *context, int i, SearchFiber *f)
{
  Piece *p = context;
  Cell *c = &p->cell[i];
  const double share[1] = {1.0};
  cell_drive(c, share);
  *f = (SearchFiber){.axon = &c->axon, .n_node = c->n_node, .node = c->node, .inside = c->inside};
  f->guess_mA = p->guess_mA[i];
}

static void put(void *context, int i, const SearchFiber *f)
{
  Piece *p = context;
  p->fiber[i].threshold_mA = f->threshold_mA;
  p->fiber[i].site_mm = f->site < 0 ? 0.0 : cell_node_s(&p->cell[i], f->site);
}

static PetscErrorCode predict(Piece *p, int i)
{
  const Job *job = p->job;
  const double share[1] = {1.0};
  FiberResponse *r;
  PetscCall(response_create(1, 1, job->calibration->n_event, &r));
  PetscErrorCode error = predictor_respond(job->bench, job->calibration, 0, &p->cell[i], r);
  if (!error) p->fiber[i].threshold_mA = fiber_threshold(r, 0, share, &p->fiber[i].site_mm);
  if (!error) p->guess_mA[i] = fiber_threshold_guess(r, 0, share);
  fiber_response_destroy(&r);
  return error;
}

static PetscErrorCode search_piece(Piece *p)
{
  const Bench *bench = p->job->bench;
  Batch *batch;
  int longest = 0;
  for (int i = 0; i < p->n; i++) longest = p->cell[i].n_node > longest ? p->cell[i].n_node : longest;
  PetscCall(batch_create(&bench->model, bench->table, bench->dt_ms, longest, &batch));
  bool done = search_thresholds(&p->job->search, &bench->model, batch, p->n, &(SearchQueue){take, put, p});
  batch_destroy(&batch);
  PetscCheck(done, PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
  return 0;
}

static PetscErrorCode activate_piece(void *context, int piece)
{
  const Job *job = context;
  int first = piece * FIBERS, rest = job->along->n_fiber - first;
  Piece p = {.job = job, .fiber = job->along->fiber + first, .n = rest < FIBERS ? rest : FIBERS};
  PetscErrorCode error = 0;
  for (int i = 0; i < p.n && !error; i++) {
    error = make_cell(job, &p.fiber[i], &p.cell[i]);
    if (!error) error = predict(&p, i);
  }
  if (!error && !job->linear) error = search_piece(&p);
  for (int i = 0; i < p.n; i++) cell_free(&p.cell[i]);
  return error;
}

PetscErrorCode along_activate(const Case *c, double node_at_mm, double largest_mA, int n_thread, AlongFibers *a)
{
  Bench bench;
  Calibration calibration;
  double low = HUGE_VAL, high = 0.0;
  for (int i = 0; i < a->n_fiber; i++)
    low = fmin(low, a->fiber[i].diameter_um), high = fmax(high, a->fiber[i].diameter_um);
  PetscErrorCode error = bench_open(c, c->pulse.width_us, &bench);
  Job job = {.bench = &bench, .calibration = &calibration, .node_at_mm = node_at_mm, .along = a};
  job.linear = !strcmp(c->fibers.model, "linear");
  job.search = (SearchOptions){&bench.pulse, c->fibers.tolerance, largest_mA};
  if (!error) error = calibrate(&bench.model, &bench.pulse, bench.dt_ms, low, high, n_thread, &calibration);
  if (!error) error = parallel_run("fibers", (a->n_fiber + FIBERS - 1) / FIBERS, n_thread, activate_piece, &job);
  bench_close(&bench);
  return error;
}
