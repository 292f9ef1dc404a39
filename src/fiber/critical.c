#include "critical.h"

#include "cauda/csv.h"

#include <math.h>
#include <string.h>

typedef struct {
  double diameter_um, width_us, critical_mV, second_difference_mV, gap_constant_us;
  bool biphasic;
} Row;

static PetscErrorCode read_row(const CsvTable *t, int row, Row *r)
{
  const char *const name[] = {"diameter_um", "width_us", "critical_mV", "second_difference_mV", "gap_constant_us"};
  double *value[] = {&r->diameter_um, &r->width_us, &r->critical_mV, &r->second_difference_mV, &r->gap_constant_us};
  int column;
  for (int i = 0; i < 5; i++) {
    PetscCall(csv_column(t, name[i], &column));
    PetscCall(csv_number(t, row, column, value[i]));
    PetscCheck(*value[i] > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s:%d: found %g in column %s, expected a positive number", t->path, t->line[row], *value[i], name[i]);
  }
  PetscCall(csv_column(t, "shape", &column));
  const char *shape = csv_text(t, row, column);
  r->biphasic = !strcmp(shape, "biphasic");
  PetscCheck(r->biphasic || !strcmp(shape, "monophasic"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found shape \"%s\", expected monophasic or biphasic", t->path, t->line[row], shape);
  return 0;
}

/* How much of a row's value the pulse takes on account of its shape. The longer the gap between two phases, the less
 * the second one takes back. */
static double shape_share(const CasePulse *pulse, const Row *r)
{
  bool biphasic = !strcmp(pulse->shape, "biphasic");
  double kept = biphasic ? exp(-pulse->interphase_us / r->gap_constant_us) : 0.0;
  return r->biphasic ? kept : 1.0 - kept;
}

/* The same for the width: hat functions over the table's widths, linear in log width. */
static double width_share(double width_us, double at, double below, double above)
{
  if (width_us == at) return 1.0;
  double beside = width_us < at ? below : above;
  if (beside == at || (width_us - beside) * (at - beside) <= 0.0) return 0.0;
  return log(width_us / beside) / log(at / beside);
}

static void neighbours(const double *v, int n, double at, double *below, double *above)
{
  *below = *above = at;
  for (int i = 0; i < n; i++) {
    if (v[i] < at && (*below == at || v[i] > *below)) *below = v[i];
    if (v[i] > at && (*above == at || v[i] < *above)) *above = v[i];
  }
}

static double clamp_width(const double *width, int n, double width_us)
{
  double low = width[0], high = width[0];
  for (int i = 1; i < n; i++) low = fmin(low, width[i]), high = fmax(high, width[i]);
  double clamped = fmin(fmax(width_us, low), high);
  if (clamped != width_us)
    say_note("pulse width %g us: the linear predictor's critical polarisation is known from %g to %g us; "
             "the value of %g us is used",
             width_us, low, high, clamped);
  return clamped;
}

static PetscErrorCode add_share(const CsvTable *t, int row, const Row *r, double share, Critical *out)
{
  int i = 0;
  while (i < out->n && out->diameter_um[i] < r->diameter_um) i++;
  if (i == out->n || out->diameter_um[i] != r->diameter_um) {
    PetscCheck(out->n < CRITICAL_MAX && i == out->n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s:%d: found diameter %g um, expected at most %d diameters in ascending order", t->path, t->line[row],
               r->diameter_um, CRITICAL_MAX);
    out->diameter_um[out->n++] = r->diameter_um;
  }
  out->critical_mV[i] += share * r->critical_mV;
  out->second_difference_mV[i] += share * r->second_difference_mV;
  return 0;
}

static PetscErrorCode read_table(const CsvTable *t, const CasePulse *pulse, double width_us, Critical *out)
{
  double width[256], below, above;
  Row r = {0};
  PetscCheck(t->n_row > 0 && t->n_row <= 256, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %d rows, expected 1 to 256", t->path, t->n_row);
  for (int i = 0; i < t->n_row; i++) {
    PetscCall(read_row(t, i, &r));
    width[i] = r.width_us;
  }
  width_us = clamp_width(width, t->n_row, width_us);
  for (int i = 0; i < t->n_row; i++) {
    PetscCall(read_row(t, i, &r));
    neighbours(width, t->n_row, r.width_us, &below, &above);
    PetscCall(add_share(t, i, &r, shape_share(pulse, &r) * width_share(width_us, r.width_us, below, above), out));
  }
  for (int i = 0; i < out->n; i++)
    PetscCheck(out->critical_mV[i] > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: expected each diameter with each width and shape, found none that fits at %g um", t->path,
               out->diameter_um[i]);
  return 0;
}

PetscErrorCode critical_read(const CasePulse *pulse, double width_us, Critical *out)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t = NULL;
  *out = (Critical){0};
  PetscCheck(!strcmp(pulse->shape, "monophasic") || !strcmp(pulse->shape, "biphasic"), PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT, "pulse.shape: found \"%s\", expected monophasic or biphasic", pulse->shape);
  PetscCall(data_find("fibers/mrg_critical_polarisation.csv", path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = read_table(t, pulse, width_us, out);
  csv_destroy(&t);
  return error;
}

void critical_at(const Critical *c, double diameter_um, double *critical_mV, double *second_difference_mV)
{
  double d = fmin(fmax(diameter_um, c->diameter_um[0]), c->diameter_um[c->n - 1]), t = 0.0;
  int i = 0;
  while (i < c->n - 2 && c->diameter_um[i + 1] < d) i++;
  int j = c->n > 1 ? i + 1 : i;
  if (j > i) t = (d - c->diameter_um[i]) / (c->diameter_um[j] - c->diameter_um[i]);
  *critical_mV = (1.0 - t) * c->critical_mV[i] + t * c->critical_mV[j];
  *second_difference_mV = (1.0 - t) * c->second_difference_mV[i] + t * c->second_difference_mV[j];
}
