#include "calibrate.h"

#include "cauda/team.h"
#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 41, MIDDLE = NODES / 2, FIELDS = LANES };
static const double pi = 3.14159265358979323846;
static const double sigma_S_per_m = 0.3; /* of the medium; no matter */
static const double search_tolerance = 0.004, first_guess_mV = 12.0;
static const int near_nodes = 3; /* a fibre that fires farther from where it is most polarised tells nothing */

/* A fibre that lies in a plane, its middle node at the origin, and point sources beside it. mm */
typedef struct {
  double bend_mm; /* radius of the quarter circle in its middle; 0: straight */
  double shift;   /* of the sources along the fibre, in internodes */
  int n_source;
  double source[2][4]; /* along, in the plane, across it; share of the current */
} Field;

static const Field fields[FIELDS] = {
    {0, 0.0, 1, {{0, 2, 0, -1}}},
    {0, 0.5, 1, {{0, 4, 0, -1}}},
    {0, 0.0, 1, {{0, 8, 0, -1}}},
    {0, 0.2, 2, {{0, 3, 0, -1}, {9, 3, 0, 1}}},
    {0, 0.7, 2, {{0, 5, 0, -1}, {-9, 5, 0, 1}}},
    {0, 0.3, 2, {{0, 3, -2, -1}, {0, 3, 4, 1}}},
    {6, 0.0, 1, {{0, 3, 0, -1}}},
    {6, 0.4, 2, {{0, 4, 0, -1}, {9, 4, 0, 1}}},
};
enum { FIELD_2_MM = 0 };

static void place(double bend_mm, double s, double x[2])
{
  double arc = 0.25 * pi * bend_mm, on = fmin(fmax(s, -arc), arc), angle = bend_mm > 0.0 ? on / bend_mm : 0.0;
  x[0] = bend_mm * sin(angle) + (s - on) * cos(angle);
  x[1] = bend_mm * (cos(angle) - 1.0) - (s - on) * sin(angle);
}

static double potential(const Field *f, const Axon *a, double s)
{
  double x[2], v = 0.0;
  place(f->bend_mm, s - MIDDLE * a->internode_mm, x);
  for (int i = 0; i < f->n_source; i++) {
    const double *p = f->source[i];
    double along = p[0] + f->shift * a->internode_mm - x[0], distance = hypot(hypot(along, p[1] - x[1]), p[2]);
    v += p[3] * 1e3 / (4.0 * pi * sigma_S_per_m * distance);
  }
  return v;
}

int pulse_events(const PulseSteps *p, PulseEvent event[PULSE_EVENTS])
{
  double most[2] = {0.0, 0.0}, charge = 0.0;
  int step[2] = {0, 0}, n = 0;
  for (int i = 0; i < p->n; i++) {
    charge += p->w[i];
    bool over = i + 1 == p->n || p->w[i + 1] * p->w[i] <= 0.0;
    int sign = charge < 0.0;
    if (over && fabs(charge) > most[sign] + 1e-9) most[sign] = fabs(charge), step[sign] = i + 1;
    if (over) charge = 0.0;
  }
  for (int sign = 0; sign < 2; sign++)
    if (most[sign] > 0.0) event[n++] = (PulseEvent){step[sign], sign ? -1 : 1};
  return n;
}

double neighbourhood(const double *p, int node, int n_node, int stride, double reach)
{
  const double share[3] = {1.0, reach, reach * reach * reach * reach};
  double sum = 0.0;
  for (int i = -2; i <= 2; i++)
    if (node + i >= 0 && node + i < n_node) sum += share[abs(i)] * p[(ptrdiff_t)(node + i) * stride];
  return sum;
}

/* ---- one diameter ---------------------------------------------------------------------------------------------- */

/* What the full model says about one diameter and event. */
typedef struct {
  double profile[FIELDS][NODES]; /* linear polarisation at 1 mA when the phase ends */
  double threshold_mA[FIELDS];   /* HUGE_VAL: not to be used */
} Evidence;

typedef struct {
  const AxonModel *model;
  const PulseSteps *pulse;
  const GateTable *table;
  double dt_ms;
  Calibration *out;
} Job;

static int most_polarised(const double *profile)
{
  int best = 0;
  for (int i = 1; i < NODES; i++)
    if (profile[i] > profile[best]) best = i;
  return best;
}

static void linear_profiles(const Job *job, const PulseEvent *e, Batch *b, const Axon *a, double (*node)[NODES],
                            double (*inside)[(NODES - 1) * 2 * AXON_HALF], Evidence *out)
{
  double unit[LANES];
  batch_clear(b);
  for (int k = 0; k < FIELDS; k++) batch_lane(b, k, job->model, a, NODES, node[k], inside[k]), unit[k] = 1.0;
  b->frozen = true;
  batch_run(b, job->pulse, unit, e->step, &(BatchWatch){0});
  b->frozen = false;
  for (int k = 0; k < FIELDS; k++)
    for (int i = 0; i < NODES; i++) out->profile[k][i] = b->node[i].v[k];
}

/* The fields as a queue of fibres. */
typedef struct {
  const Axon *axon;
  double (*node)[NODES], (*inside)[(NODES - 1) * 2 * AXON_HALF];
  Evidence *evidence;
} Fields;

static void take_field(void *context, int k, SearchFiber *f)
{
  const Fields *these = context;
  const double *profile = these->evidence->profile[k];
  *f = (SearchFiber){.axon = these->axon, .n_node = NODES, .node = these->node[k], .inside = these->inside[k]};
  f->guess_mA = first_guess_mV / fmax(1e-9, profile[most_polarised(profile)]);
}

static void put_field(void *context, int k, const SearchFiber *f)
{
  Evidence *e = ((Fields *)context)->evidence;
  bool here = f->site >= 0 && abs(f->site - most_polarised(e->profile[k])) <= near_nodes;
  e->threshold_mA[k] = here ? f->threshold_mA : HUGE_VAL;
}

/* Critical value by one reach: the mean of what the fields need; *spread: how far they lie from it, at most. */
static double critical_value(const Evidence *e, double reach, double *spread)
{
  double low = HUGE_VAL, high = 0.0, sum = 0.0;
  int n = 0;
  for (int k = 0; k < FIELDS; k++) {
    double most = 0.0;
    if (!isfinite(e->threshold_mA[k])) continue;
    for (int i = 0; i < NODES; i++) most = fmax(most, neighbourhood(e->profile[k], i, NODES, 1, reach));
    double need = most * e->threshold_mA[k];
    low = fmin(low, need), high = fmax(high, need), sum += need, n++;
  }
  *spread = n ? fmax(high * n / sum, sum / n / low) - 1.0 : HUGE_VAL;
  return n ? sum / n : HUGE_VAL;
}

static void fit(const Evidence *e, double *reach, double *critical_mV, double *spread)
{
  const double step = 0.02, largest = 1.0;
  *spread = HUGE_VAL, *reach = 0.0, *critical_mV = HUGE_VAL;
  for (double r = 0.0; r < largest; r += step) {
    double off, critical = critical_value(e, r, &off);
    if (off < *spread) *spread = off, *reach = r, *critical_mV = critical;
  }
}

static double second_difference(const Axon *a, double threshold_mA)
{
  const Field *f = &fields[FIELD_2_MM];
  double s = MIDDLE * a->internode_mm, d = a->internode_mm;
  return threshold_mA * (potential(f, a, s - d) - 2.0 * potential(f, a, s) + potential(f, a, s + d));
}

/* Piece: an event of a diameter. */
static PetscErrorCode calibrate_one(void *context, int piece)
{
  const Job *job = context;
  Calibration *c = job->out;
  int d = piece / c->n_event, event = piece % c->n_event;
  double outside[(NODES - 1) * AXON_PARTS_MAX + 1], s[(NODES - 1) * AXON_PARTS_MAX + 1];
  double node[FIELDS][NODES], (*inside)[(NODES - 1) * 2 * AXON_HALF];
  Evidence *evidence;
  Axon a;
  Batch *b = NULL;
  PetscCall(axon_make(job->model, c->diameter_um[d], job->dt_ms, &a));
  PetscCall(mem_alloc(FIELDS * sizeof *inside + sizeof *evidence, 1, &inside));
  evidence = (Evidence *)(inside + FIELDS);
  PetscErrorCode error = batch_create(job->model, job->table, job->dt_ms, NODES, &b);
  axon_places(&a, NODES, s);
  for (int k = 0; k < FIELDS && !error; k++) {
    for (int i = 0; i < axon_size(&a, NODES); i++) outside[i] = c->event[event].sign * potential(&fields[k], &a, s[i]);
    axon_drive(&a, NODES, outside, node[k], inside[k]);
  }
  if (!error) {
    linear_profiles(job, &c->event[event], b, &a, node, inside, evidence);
    SearchOptions o = {.pulse = job->pulse, .tolerance = search_tolerance, .largest_mA = 1e5};
    SearchQueue queue = {take_field, put_field, &(Fields){&a, node, inside, evidence}};
    if (!search_thresholds(&o, job->model, b, FIELDS, &queue)) error = CAUDA_ERR_INTERRUPTED;
    fit(evidence, &c->reach[event][d], &c->critical_mV[event][d], &c->spread[event][d]);
    if (event == 0) c->second_difference_mV[d] = second_difference(&a, evidence->threshold_mA[FIELD_2_MM]);
  }
  batch_destroy(&b);
  free(inside);
  return error;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

PetscErrorCode calibrate(const AxonModel *m, const PulseSteps *pulse, double dt_ms, double low_um, double high_um,
                         int n_thread, Calibration *out)
{
  GateTable *table;
  memset(out, 0, sizeof *out);
  out->n_event = pulse_events(pulse, out->event);
  PetscCheck(out->n_event > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "pulse: found no current in it, expected some");
  out->n = high_um > low_um ? CALIBRATE_DIAMETERS : 1;
  for (int i = 0; i < out->n; i++)
    out->diameter_um[i] = low_um + (out->n > 1 ? (high_um - low_um) * i / (out->n - 1) : 0.0);
  PetscCall(gate_table_create(m, dt_ms, &table));
  Job job = {.model = m, .pulse = pulse, .table = table, .dt_ms = dt_ms, .out = out};
  PetscErrorCode error = parallel_run("predictor", out->n * out->n_event, n_thread, calibrate_one, &job);
  gate_table_destroy(&table);
  return error;
}

void calibration_at(const Calibration *c, int event, double diameter_um, double *reach, double *critical_mV,
                    double *second_difference_mV)
{
  int i = 0, last = c->n - 1;
  while (i < last - 1 && c->diameter_um[i + 1] < diameter_um) i++;
  int j = i < last ? i + 1 : i;
  double t = j > i ? (diameter_um - c->diameter_um[i]) / (c->diameter_um[j] - c->diameter_um[i]) : 0.0;
  const double *critical = c->critical_mV[event];
  *reach = (1.0 - t) * c->reach[event][i] + t * c->reach[event][j];
  *critical_mV = isfinite(critical[i]) && isfinite(critical[j]) ? (1.0 - t) * critical[i] + t * critical[j] : HUGE_VAL;
  *second_difference_mV = (1.0 - t) * c->second_difference_mV[i] + t * c->second_difference_mV[j];
}
