#include "gates.h"

#include <math.h>
#include <string.h>

double gate_rate(const GateRate *r, double v_mV)
{
  double y = (v_mV - r->middle_mV) / r->slope_mV;
  if (!r->linear) return r->factor / (1.0 + exp(-y));
  double ratio = fabs(y) < 1e-6 ? 1.0 + 0.5 * y : y / (1.0 - exp(-y)); /* 0/0 in the middle */
  return r->factor * fabs(r->slope_mV) * ratio;
}

double gate_steady(const Gates *g, int gate, double v_mV)
{
  double opening = gate_rate(&g->opening[gate], v_mV);
  return opening / (opening + gate_rate(&g->closing[gate], v_mV));
}

static PetscErrorCode read_rate(const CsvTable *t, int row, double celsius, GateRate *r)
{
  static const char *const name[] = {"factor", "middle_mV", "slope_mV", "q10", "q10_at_celsius"};
  double q10, at_celsius, *value[] = {&r->factor, &r->middle_mV, &r->slope_mV, &q10, &at_celsius};
  int column, form;
  for (int i = 0; i < 5; i++) {
    PetscCall(csv_column(t, name[i], &column));
    PetscCall(csv_number(t, row, column, value[i]));
  }
  PetscCall(csv_column(t, "form", &form));
  r->linear = !strcmp(csv_text(t, row, form), "linear");
  PetscCheck(r->linear || !strcmp(csv_text(t, row, form), "sigmoid"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found form \"%s\", expected linear or sigmoid", t->path, t->line[row], csv_text(t, row, form));
  PetscCheck(r->slope_mV != 0.0 && r->factor > 0.0 && q10 > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found slope_mV %g, factor %g, q10 %g; expected a slope that is not 0, the others above 0", t->path,
             t->line[row], r->slope_mV, r->factor, q10);
  r->factor *= pow(q10, (celsius - at_celsius) / 10.0);
  return 0;
}

/* The row of a gate's rate; that of the variant before the common one. */
static PetscErrorCode find_rate(const CsvTable *t, const char *gate, const char *rate, const char *variant, int *row)
{
  int gate_column, rate_column, variant_column;
  PetscCall(csv_column(t, "gate", &gate_column));
  PetscCall(csv_column(t, "rate", &rate_column));
  PetscCall(csv_column(t, "variant", &variant_column));
  *row = -1;
  for (int i = 0; i < t->n_row; i++) {
    const char *of = csv_text(t, i, variant_column);
    if (strcmp(csv_text(t, i, gate_column), gate) || strcmp(csv_text(t, i, rate_column), rate)) continue;
    if (!strcmp(of, variant)) return *row = i, 0;
    if (!*of) *row = i;
  }
  PetscCheck(*row >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: expected an opening and a closing rate of gate \"%s\"", t->path, gate);
  return 0;
}

static PetscErrorCode read_all(const CsvTable *t, const char *const name[GATES], const char *variant, double celsius,
                               Gates *out)
{
  int row;
  for (int i = 0; i < GATES; i++) {
    PetscCall(find_rate(t, name[i], "opening", variant, &row));
    PetscCall(read_rate(t, row, celsius, &out->opening[i]));
    PetscCall(find_rate(t, name[i], "closing", variant, &row));
    PetscCall(read_rate(t, row, celsius, &out->closing[i]));
  }
  return 0;
}

PetscErrorCode gates_read(const char *file, const char *const name[GATES], const char *variant, double celsius,
                          Gates *out)
{
  char path[CAUDA_PATH_MAX], data[CAUDA_NAME_MAX];
  CsvTable *t = NULL;
  snprintf(data, sizeof data, "fibers/%s", file);
  PetscCall(data_find(data, path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = read_all(t, name, variant, celsius, out);
  csv_destroy(&t);
  return error;
}

/* The row of the model's variant stands before the common one. */
PetscErrorCode model_constant(const CsvTable *t, const char *name, const char *variant, double *value)
{
  int quantity, number, which, row = -1;
  PetscCall(csv_column(t, "quantity", &quantity));
  PetscCall(csv_column(t, "variant", &which));
  PetscCall(csv_column(t, "value", &number));
  for (int i = 0; i < t->n_row; i++) {
    if (strcmp(csv_text(t, i, quantity), name)) continue;
    if (!strcmp(csv_text(t, i, which), variant)) return csv_number(t, i, number, value);
    if (!*csv_text(t, i, which)) row = i;
  }
  PetscCheck(row >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: has no row for \"%s\"", t->path, name);
  return csv_number(t, row, number, value);
}
