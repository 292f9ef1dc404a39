/* A fibre's response to a potential that is given along it, and as weights of that: the linear cable, driven at one sample
 * after the other. */
#include "cauda/team.h"
#include "predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What lies farther along the fibre than this from the node counts next to nothing: many space constants. */
static const double REACH_MM = 20.0;

/* The node and phase that answer most; false where none does. */
static bool strongest(const FiberResponse *r, int fiber, const double *current_mA, int *event, int *node)
{
  double most = 0.0;
  for (int e = 0; e < r->n_event; e++)
    for (int i = r->first_node[fiber]; i < r->n_node[fiber] - CUT_NODES; i++) {
      double v = 0.0;
      for (int c = 0; c < r->n_contact; c++)
        v += current_mA[c] * r->response[e][fiber][(size_t)i * (size_t)r->n_contact + (size_t)c];
      if (v > most) most = v, *event = e, *node = i;
    }
  return most > 0.0;
}

PetscErrorCode fiber_places(const FiberSet *f, int fiber, int *n, double **xyz_mm)
{
  PathSamples s = {.n = 0};
  s.n = *n = path_sample_count(&f->fiber[fiber], &s.step_mm);
  PetscCall(mem_alloc((size_t)*n, 3 * sizeof **xyz_mm, xyz_mm));
  for (int i = 0; i < *n; i++) path_place(&f->fiber[fiber], &s, i, *xyz_mm + 3 * (size_t)i);
  return 0;
}

/* What the threads share. */
typedef struct {
  const FiberSet *fibers;
  const FiberResponse *response;
  Bench bench;
  FiberProbe *probe;
} Job;

/* The response to each of the samples' potentials (mV, as if each were a contact at 1 mA), as a share of what it takes to
 * fire. */
static PetscErrorCode respond_to(const Job *job, int fiber, int event, int node, const PathSamples *s, double *row)
{
  const FiberResponse *r = job->response;
  Cell c = {0};
  PetscCall(cell_sample(&job->bench.model, job->bench.dt_ms, job->fibers, fiber, s, &c));
  PetscErrorCode error = predictor_row(&job->bench, r->event_step[event], r->reach[event][fiber], node, &c, row);
  for (int k = 0; k < s->n_contact; k++) row[k] /= r->critical_mV[event][fiber];
  cell_free(&c);
  return error;
}

/* ---- the response to a change ------------------------------------------------------------------------------------------ */

static PetscErrorCode change_one(void *context, int piece)
{
  const Job *job = context;
  FiberProbe *p = &job->probe[piece];
  PathSamples s = {.n_contact = 2};
  int event, node;
  p->change[0] = p->change[1] = 0.0;
  if (!strongest(job->response, p->fiber, p->current_mA, &event, &node)) return 0;
  s.n = path_sample_count(&job->fibers->fiber[p->fiber], &s.step_mm);
  PetscCall(mem_alloc((size_t)s.n, 2 * sizeof *s.v, &s.v));
  for (int i = 0; i < s.n; i++)
    for (int k = 0; k < 2; k++) s.v[2 * i + k] = 1e3 * p->change_V[i][k];
  PetscErrorCode error = path_samples_complete(&s);
  if (!error) error = respond_to(job, p->fiber, event, node, &s, p->change);
  path_samples_free(&s);
  return error;
}

/* ---- the same as weights ------------------------------------------------------------------------------------------------- */

/* Samples of which each in turn is 1 and the rest 0, as if each were a contact: those from `first` on. */
static PetscErrorCode unit_samples(const FiberPath *p, int first, int n, PathSamples *out)
{
  *out = (PathSamples){.n_contact = n};
  out->n = path_sample_count(p, &out->step_mm);
  PetscCall(mem_alloc((size_t)out->n * (size_t)n, sizeof *out->v, &out->v));
  for (int k = 0; k < n; k++) out->v[(size_t)(first + k) * (size_t)n + (size_t)k] = 1e3;
  return 0;
}

/* What is cut off beyond REACH_MM is given back evenly, so that a constant potential still does nothing. */
static void balance(int n, double *weight)
{
  double sum = 0.0;
  for (int k = 0; k < n; k++) sum += weight[k] / n;
  for (int k = 0; k < n; k++) weight[k] -= sum;
}

static PetscErrorCode weigh_one(void *context, int piece)
{
  const Job *job = context;
  FiberProbe *p = &job->probe[piece];
  const FiberPath *path = &job->fibers->fiber[p->fiber];
  PathSamples s;
  double step_mm;
  int event, node, all = path_sample_count(path, &step_mm);
  memset(p->weight, 0, (size_t)all * sizeof *p->weight);
  if (!strongest(job->response, p->fiber, p->current_mA, &event, &node)) return 0;
  double at = job->response->node_s[p->fiber][node];
  int first = (int)fmax(0.0, ceil((at - REACH_MM) / step_mm)), last = (int)fmin(all - 1, (at + REACH_MM) / step_mm);
  PetscCall(unit_samples(path, first, last - first + 1, &s));
  PetscErrorCode error = respond_to(job, p->fiber, event, node, &s, p->weight + first);
  path_samples_free(&s);
  balance(last - first + 1, p->weight + first);
  return error;
}

/* ---- many fibres --------------------------------------------------------------------------------------------------------- */

static PetscErrorCode each(const Case *c, const FiberSet *f, const FiberResponse *r, double width_us, int n_thread,
                           ParallelWork work, int n, FiberProbe *probe)
{
  Job job = {.fibers = f, .response = r, .probe = probe};
  PetscErrorCode error = bench_open(c, width_us, &job.bench);
  if (!error) error = parallel_run(NULL, n, n_thread, work, &job);
  bench_close(&job.bench);
  return error;
}

PetscErrorCode fibers_change(const Case *c, const FiberSet *f, const FiberResponse *r, double width_us, int n_thread,
                             int n, FiberProbe *probe)
{
  return each(c, f, r, width_us, n_thread, change_one, n, probe);
}

PetscErrorCode fibers_weigh(const Case *c, const FiberSet *f, const FiberResponse *r, double width_us, int n_thread,
                            int n, FiberProbe *probe)
{
  return each(c, f, r, width_us, n_thread, weigh_one, n, probe);
}
