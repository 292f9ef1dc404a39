/* The linear predictor: responses, and the thresholds that follow. */
#include "predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

PetscErrorCode bench_open(const Case *c, double width_us, Bench *out)
{
  *out = (Bench){.dt_ms = 1e-3 * c->fibers.dt_us};
  PetscCall(axon_model_read(c->fibers.model, c->fibers.geometry, &out->model));
  PetscCall(pulse_steps(&c->pulse, width_us, c->fibers.dt_us, &out->pulse));
  PetscCall(gate_table_create(&out->model, out->dt_ms, &out->table));
  return 0;
}

void bench_close(Bench *b)
{
  gate_table_destroy(&b->table);
  pulse_steps_free(&b->pulse);
}

/* ---- one fibre ------------------------------------------------------------------------------------------------- */

static PetscErrorCode allocate(FiberResponse *r, int fiber, int n_node)
{
  size_t size = (size_t)n_node * (size_t)r->n_contact;
  r->n_node[fiber] = n_node, r->first_node[fiber] = CUT_NODES;
  PetscCall(mem_alloc((size_t)n_node, sizeof(double), &r->node_s[fiber]));
  for (int e = 0; e < r->n_event; e++) PetscCall(mem_alloc(size, sizeof(double), &r->response[e][fiber]));
  PetscCall(mem_alloc(size, sizeof(double), &r->second_difference[fiber]));
  return 0;
}

static void second_difference(const Cell *c, double *out)
{
  size_t node = (size_t)c->axon.n_part * (size_t)c->n_contact;
  for (int i = 1; i < c->n_node - 1; i++)
    for (int k = 0; k < c->n_contact; k++) {
      const double *at = c->v + (size_t)i * node + k;
      out[(size_t)i * (size_t)c->n_contact + (size_t)k] = at[-(ptrdiff_t)node] - 2.0 * at[0] + at[node];
    }
}

/* The linear cable for eight contacts at a time; polarisation[n_node][n_contact] when an event is over. */
static void polarise(const Bench *bench, int step, Cell *c, Batch *b, double *polarisation)
{
  double unit[LANES] = {1, 1, 1, 1, 1, 1, 1, 1};
  for (int first = 0; first < c->n_contact; first += LANES) {
    int use = c->n_contact - first < LANES ? c->n_contact - first : LANES;
    batch_clear(b);
    for (int k = 0; k < use; k++) {
      cell_drive_one(c, first + k);
      batch_lane(b, k, &bench->model, &c->axon, c->n_node, c->node, c->inside);
    }
    b->frozen = true;
    batch_run(b, &bench->pulse, unit, step, &(BatchWatch){0});
    for (int i = 0; i < c->n_node; i++)
      for (int k = 0; k < use; k++)
        polarisation[(size_t)i * (size_t)c->n_contact + (size_t)(first + k)] = b->node[i].v[k];
  }
}

/* Polarisation to what counts of it: that of the neighbourhood, as a share of the critical value. */
static void weigh(const Calibration *c, int event, double diameter_um, int n_node, int n_contact, const double *p,
                  double *out)
{
  double reach, critical, unused;
  calibration_at(c, event, diameter_um, &reach, &critical, &unused);
  for (int i = 0; i < n_node; i++)
    for (int k = 0; k < n_contact; k++)
      out[(size_t)i * (size_t)n_contact + (size_t)k] = neighbourhood(p + k, i, n_node, n_contact, reach) / critical;
}

PetscErrorCode predictor_respond(const Bench *bench, const Calibration *calibration, int fiber, Cell *c,
                                 FiberResponse *r)
{
  double *work = NULL, reach, critical;
  Batch *b = NULL;
  PetscCall(allocate(r, fiber, c->n_node));
  calibration_at(calibration, 0, c->axon.diameter_um, &reach, &critical, &r->critical_second_difference_mV[fiber]);
  second_difference(c, r->second_difference[fiber]);
  for (int i = 0; i < c->n_node; i++) r->node_s[fiber][i] = cell_node_s(c, i);
  PetscCall(batch_create(&bench->model, bench->table, bench->dt_ms, c->n_node, &b));
  PetscErrorCode error = mem_alloc((size_t)c->n_node * (size_t)c->n_contact, sizeof *work, &work);
  for (int e = 0; e < r->n_event && !error; e++) {
    calibration_at(calibration, e, c->axon.diameter_um, &r->reach[e][fiber], &r->critical_mV[e][fiber], &critical);
    polarise(bench, calibration->event[e].step, c, b, work);
    weigh(calibration, e, c->axon.diameter_um, c->n_node, c->n_contact, work, r->response[e][fiber]);
  }
  free(work);
  batch_destroy(&b);
  return error;
}

static void row_fill(const Bench *bench, int step, double reach, int node, Cell *c, Batch *b, double *work, double *row)
{
  polarise(bench, step, c, b, work);
  for (int k = 0; k < c->n_contact; k++) row[k] = neighbourhood(work + k, node, c->n_node, c->n_contact, reach);
}

PetscErrorCode predictor_row(const Bench *bench, int step, double reach, int node, Cell *c, double *row)
{
  double *work = NULL;
  Batch *b = NULL;
  PetscCall(batch_create(&bench->model, bench->table, bench->dt_ms, c->n_node, &b));
  PetscErrorCode error = mem_alloc((size_t)c->n_node * (size_t)c->n_contact, sizeof *work, &work);
  if (!error) row_fill(bench, step, reach, node, c, b, work, row);
  free(work);
  batch_destroy(&b);
  return error;
}

/* ---- all fibres ------------------------------------------------------------------------------------------------ */

PetscErrorCode response_create(int n_fiber, int n_contact, int n_event, FiberResponse **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  FiberResponse *r = *out;
  size_t n = (size_t)n_fiber;
  r->n_contact = n_contact, r->n_event = n_event;
  PetscCall(mem_alloc(n, sizeof *r->node_s, &r->node_s));
  for (int e = 0; e < FIBER_EVENTS; e++) {
    PetscCall(mem_alloc(n, sizeof *r->response[e], &r->response[e]));
    PetscCall(mem_alloc(n, sizeof *r->reach[e], &r->reach[e]));
    PetscCall(mem_alloc(n, sizeof *r->critical_mV[e], &r->critical_mV[e]));
  }
  PetscCall(mem_alloc(n, sizeof *r->second_difference, &r->second_difference));
  PetscCall(mem_alloc(n, sizeof *r->n_node, &r->n_node));
  PetscCall(mem_alloc(n, sizeof *r->first_node, &r->first_node));
  PetscCall(mem_alloc(n, sizeof *r->critical_second_difference_mV, &r->critical_second_difference_mV));
  r->n_fiber = n_fiber; /* last, so that destroy does not look into arrays that are not there */
  return 0;
}

void fiber_response_destroy(FiberResponse **out)
{
  FiberResponse *r = *out;
  if (!r) return;
  for (int i = 0; i < r->n_fiber; i++) {
    free(r->node_s[i]), free(r->second_difference[i]);
    for (int e = 0; e < FIBER_EVENTS; e++) free(r->response[e][i]);
  }
  for (int e = 0; e < FIBER_EVENTS; e++) free(r->response[e]), free(r->reach[e]), free(r->critical_mV[e]);
  free(r->n_node), free(r->first_node), free(r->node_s), free(r->second_difference),
      free(r->critical_second_difference_mV);
  free(r);
  *out = NULL;
}

/* ---- thresholds ------------------------------------------------------------------------------------------------ */

/* The largest response to `fraction` of any node but the outer ones, or its opposite; *site_s: where. */
static double largest(const FiberResponse *r, int fiber, const double *response, const double *fraction, double sign,
                      double *site_s)
{
  double most = 0.0;
  for (int i = r->first_node[fiber]; i < r->n_node[fiber] - CUT_NODES; i++) {
    double v = 0.0;
    for (int c = 0; c < r->n_contact; c++) v += fraction[c] * response[(size_t)i * (size_t)r->n_contact + (size_t)c];
    if (sign * v <= most) continue;
    most = sign * v;
    *site_s = r->node_s[fiber][i];
  }
  return most;
}

double fiber_threshold(const FiberResponse *r, int fiber, const double *fraction, double *site_s)
{
  double most = 0.0;
  *site_s = 0.0;
  for (int e = 0; e < r->n_event; e++) {
    double at, v = largest(r, fiber, r->response[e][fiber], fraction, 1.0, &at);
    if (v > most) most = v, *site_s = at;
  }
  return most > 0.0 ? 1.0 / most : HUGE_VAL;
}

double fiber_threshold_guess(const FiberResponse *r, int fiber, const double *fraction)
{
  double unused, threshold = fiber_threshold(r, fiber, fraction, &unused);
  if (isfinite(threshold)) return threshold;
  double most = largest(r, fiber, r->response[0][fiber], fraction, -1.0, &unused);
  return most > 0.0 ? 1.0 / most : 1.0;
}

double fiber_threshold_af(const FiberResponse *r, int fiber, const double *fraction, double *site_s)
{
  *site_s = 0.0;
  double most = largest(r, fiber, r->second_difference[fiber], fraction, 1.0, site_s);
  return most > 0.0 ? r->critical_second_difference_mV[fiber] / most : HUGE_VAL;
}
