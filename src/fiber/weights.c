/* A fibre's response as weights of the potential along it: the linear cable, driven at one sample after the other. */
#include "predictor.h"

#include <math.h>
#include <stdlib.h>

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

/* Samples of which each in turn is 1 and the rest 0, as if each were a contact: those from `first` on. */
static PetscErrorCode unit_samples(const FiberPath *p, int first, int n, PathSamples *out)
{
  *out = (PathSamples){.n_contact = n};
  out->n = path_sample_count(p, &out->step_mm);
  PetscCall(mem_alloc((size_t)out->n * (size_t)n, sizeof *out->v, &out->v));
  for (int k = 0; k < n; k++) out->v[(size_t)(first + k) * (size_t)n + (size_t)k] = 1.0;
  return 0;
}

/* The response to 1 mV at sample k is row[k]: per V it is a thousand times that. */
static PetscErrorCode weights_fill(const Bench *b, const FiberSet *f, const FiberResponse *r, int fiber, int event,
                                   int node, int first, const PathSamples *s, double *xyz_mm, double *weight)
{
  Cell c = {0};
  PetscCall(cell_sample(&b->model, b->dt_ms, f, fiber, s, &c));
  PetscErrorCode error = predictor_row(b, r->event_step[event], r->reach[event][fiber], node, &c, weight);
  for (int k = 0; k < s->n_contact; k++) {
    weight[k] *= 1e3 / r->critical_mV[event][fiber];
    path_place(&f->fiber[fiber], s, first + k, xyz_mm + 3 * (size_t)k);
  }
  cell_free(&c);
  return error;
}

/* What is cut off beyond REACH_MM is given back evenly, so that a constant potential still does nothing. */
static void balance(int n, double *weight)
{
  double sum = 0.0;
  for (int k = 0; k < n; k++) sum += weight[k] / n;
  for (int k = 0; k < n; k++) weight[k] -= sum;
}

static PetscErrorCode weights(const Bench *b, const FiberSet *f, const FiberResponse *r, int fiber, int event, int node,
                              int *n, double **xyz_mm, double **weight)
{
  const FiberPath *p = &f->fiber[fiber];
  PathSamples s;
  double step_mm, at = r->node_s[fiber][node];
  int all = path_sample_count(p, &step_mm);
  int first = (int)fmax(0.0, ceil((at - REACH_MM) / step_mm)), last = (int)fmin(all - 1, (at + REACH_MM) / step_mm);
  *n = last - first + 1;
  PetscCall(mem_alloc((size_t)*n, 3 * sizeof **xyz_mm, xyz_mm));
  PetscCall(mem_alloc((size_t)*n, sizeof **weight, weight));
  PetscCall(unit_samples(p, first, *n, &s));
  PetscErrorCode error = weights_fill(b, f, r, fiber, event, node, first, &s, *xyz_mm, *weight);
  path_samples_free(&s);
  if (!error) balance(*n, *weight);
  return error;
}

PetscErrorCode fiber_weights(const Case *c, const FiberSet *f, const FiberResponse *r, int fiber,
                             const double *current_mA, double width_us, int *n, double **xyz_mm, double **weight)
{
  Bench bench;
  int event = 0, node = 0;
  *n = 0, *xyz_mm = NULL, *weight = NULL;
  if (!strongest(r, fiber, current_mA, &event, &node)) return 0;
  PetscErrorCode error = bench_open(c, width_us, &bench);
  if (!error) error = weights(&bench, f, r, fiber, event, node, n, xyz_mm, weight);
  bench_close(&bench);
  if (!error) return 0;
  free(*xyz_mm), free(*weight);
  *xyz_mm = NULL, *weight = NULL, *n = 0;
  return error;
}
