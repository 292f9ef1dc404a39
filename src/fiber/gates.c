/* The node's gates at rest: all that a model with frozen gates needs of the channels. */
#include "cauda/csv.h"
#include "mrg.h"

#include <math.h>
#include <string.h>

typedef struct {
  double factor, middle_mV, slope_mV, q10, q10_at_celsius;
} Rate;

static double temperature(const Rate *r, double celsius) { return pow(r->q10, (celsius - r->q10_at_celsius) / 10.0); }

static double rate_linear(const Rate *r, double v)
{
  double y = (v - r->middle_mV) / r->slope_mV;
  double ratio = fabs(y) < 1e-6 ? 1.0 + 0.5 * y : y / (1.0 - exp(-y)); /* 0/0 in the middle */
  return r->factor * fabs(r->slope_mV) * ratio;
}

static double rate_sigmoid(const Rate *r, double v)
{
  return r->factor / (1.0 + exp(-(v - r->middle_mV) / r->slope_mV));
}

static PetscErrorCode read_rate(const CsvTable *t, int row, Rate *r)
{
  const char *const name[] = {"factor", "middle_mV", "slope_mV", "q10", "q10_at_celsius"};
  double *value[] = {&r->factor, &r->middle_mV, &r->slope_mV, &r->q10, &r->q10_at_celsius};
  int column;
  for (int i = 0; i < 5; i++) {
    PetscCall(csv_column(t, name[i], &column));
    PetscCall(csv_number(t, row, column, value[i]));
  }
  PetscCheck(r->slope_mV != 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found slope_mV 0, expected another value", t->path, t->line[row]);
  return 0;
}

static PetscErrorCode rate_at_rest(const CsvTable *t, int row, const MrgModel *m, double *rate)
{
  Rate r;
  int form;
  PetscCall(read_rate(t, row, &r));
  PetscCall(csv_column(t, "form", &form));
  bool linear = !strcmp(csv_text(t, row, form), "linear");
  PetscCheck(linear || !strcmp(csv_text(t, row, form), "sigmoid"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found form \"%s\", expected linear or sigmoid", t->path, t->line[row], csv_text(t, row, form));
  *rate = temperature(&r, m->celsius) * (linear ? rate_linear(&r, m->rest_mV) : rate_sigmoid(&r, m->rest_mV));
  return 0;
}

/* Steady state of gate `name`: opening / (opening + closing). */
static PetscErrorCode gate_at_rest(const CsvTable *t, const char *name, const MrgModel *m, double *open)
{
  double opening = 0.0, closing = 0.0, rate = 0.0;
  int gate, kind;
  PetscCall(csv_column(t, "gate", &gate));
  PetscCall(csv_column(t, "rate", &kind));
  for (int i = 0; i < t->n_row; i++) {
    if (strcmp(csv_text(t, i, gate), name)) continue;
    PetscCall(rate_at_rest(t, i, m, &rate));
    *(strcmp(csv_text(t, i, kind), "opening") ? &closing : &opening) += rate;
  }
  PetscCheck(opening > 0.0 && closing > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: expected an opening and a closing rate of gate \"%s\"", t->path, name);
  *open = opening / (opening + closing);
  return 0;
}

static PetscErrorCode sum_channels(const CsvTable *t, MrgModel *model)
{
  double m, h, p, s;
  PetscCall(gate_at_rest(t, "m", model, &m));
  PetscCall(gate_at_rest(t, "h", model, &h));
  PetscCall(gate_at_rest(t, "p", model, &p));
  PetscCall(gate_at_rest(t, "s", model, &s));
  model->node_g_rest_S_per_cm2 = model->fast_sodium_S_per_cm2 * m * m * m * h +
                                 model->persistent_sodium_S_per_cm2 * p * p * p + model->slow_potassium_S_per_cm2 * s +
                                 model->leak_S_per_cm2;
  return 0;
}

PetscErrorCode mrg_rest_conductance(MrgModel *model)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t = NULL;
  PetscCall(data_find("fibers/mrg_gates.csv", path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = sum_channels(t, model);
  csv_destroy(&t);
  return error;
}
