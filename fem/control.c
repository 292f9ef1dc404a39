/* What a device does, as currents: a small dense system from the impedance matrix. Unknowns: the contacts' currents, mA;
 * the potential of each output and, without return, that of the device as a whole, mV. */
#include "fem_impl.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  int n;         /* unknowns */
  double *a, *b; /* [n][n], [n] */
} Dense;

/* Gaussian elimination with row exchange; the solution takes b's place. Returns false where it is singular. */
static bool dense_solve(Dense *d)
{
  int n = d->n;
  for (int k = 0; k < n; k++) {
    int best = k;
    double size = 0.0;
    for (int i = k; i < n; i++)
      if (fabs(d->a[i * n + k]) > fabs(d->a[best * n + k])) best = i;
    for (int j = 0; j < n; j++) size = fmax(size, fabs(d->a[best * n + j]));
    if (!(fabs(d->a[best * n + k]) > 1e-12 * size)) return false;
    for (int j = 0; j < n && best != k; j++) {
      double swap = d->a[k * n + j];
      d->a[k * n + j] = d->a[best * n + j], d->a[best * n + j] = swap;
    }
    double swap = d->b[k];
    d->b[k] = d->b[best], d->b[best] = swap;
    for (int i = k + 1; i < n; i++) {
      double factor = d->a[i * n + k] / d->a[k * n + k];
      for (int j = k; j < n; j++) d->a[i * n + j] -= factor * d->a[k * n + j];
      d->b[i] -= factor * d->b[k];
    }
  }
  for (int k = n - 1; k >= 0; k--) {
    for (int j = k + 1; j < n; j++) d->b[k] -= d->a[k * n + j] * d->b[j];
    d->b[k] /= d->a[k * n + k];
  }
  return true;
}

/* Row `row`: the contact's potential, mV, minus that of unknown `minus` (-1: none), is `mV`. */
static void potential_row(const LeadField *f, int contact, int minus, double mV, Dense *d)
{
  double *row = d->a + (size_t)contact * (size_t)d->n;
  for (int j = 0; j < f->n_contact; j++) row[j] = f->impedance[contact * f->n_contact + j];
  if (minus >= 0) row[minus] = -1.0;
  d->b[contact] = mV;
}

static PetscErrorCode rows_fill(const LeadField *f, const Drive *drive, int n_output, const double *output_mA,
                                bool has_return, Dense *d)
{
  int n = f->n_contact, n_voltage = 0;
  for (int i = 0; i < n; i++) {
    const Drive *k = &drive[i];
    n_voltage += k->kind == DRIVE_VOLTAGE;
    if (k->kind == DRIVE_CURRENT) {
      d->a[i * d->n + i] = 1.0, d->b[i] = k->value;
    } else if (k->kind == DRIVE_VOLTAGE) {
      potential_row(f, i, has_return ? -1 : n + n_output, 1e3 * k->value, d);
    } else {
      PetscCheck(k->output >= 0 && k->output < n_output, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
                 "contact %s is wired to output %d, expected 0 to %d", f->contact[i], k->output, n_output - 1);
      potential_row(f, i, n + k->output, 0.0, d);
      d->a[(n + k->output) * d->n + i] = 1.0;
    }
  }
  for (int s = 0; s < n_output; s++) d->b[n + s] = output_mA[s];
  if (has_return) return 0;
  double *last = d->a + (size_t)(n + n_output) * (size_t)d->n;
  if (n_voltage)
    for (int i = 0; i < n; i++) last[i] = 1.0;
  else
    last[n + n_output] = 1.0; /* no voltage is given: the unknown has no use */
  return 0;
}

static PetscErrorCode sum_check(const LeadField *f, const double *current_mA)
{
  double sum = 0.0, size = 0.0;
  for (int i = 0; i < f->n_contact; i++) sum += current_mA[i], size += fabs(current_mA[i]);
  PetscCheck(fabs(sum) <= 1e-9 * size, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the contacts' currents sum to %g mA; expected 0 where the return is not connected", sum);
  return 0;
}

static PetscErrorCode solve(const LeadField *f, const Drive *drive, int n_output, const double *output_mA,
                            bool has_return, Dense *d, double *current_mA, double *potential_V)
{
  int n = f->n_contact;
  d->n = n + n_output + !has_return;
  PetscCall(mem_alloc((size_t)d->n * (size_t)d->n, sizeof *d->a, &d->a));
  PetscCall(mem_alloc((size_t)d->n, sizeof *d->b, &d->b));
  PetscCall(rows_fill(f, drive, n_output, output_mA, has_return, d));
  PetscCheck(dense_solve(d), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the device's outputs do not determine the contacts' currents: expected a contact on each output");
  for (int i = 0; i < n; i++) current_mA[i] = drive[i].kind == DRIVE_CURRENT ? drive[i].value : d->b[i];
  for (int i = 0; i < n; i++) {
    potential_V[i] = 0.0;
    for (int j = 0; j < n; j++) potential_V[i] += 1e-3 * f->impedance[i * n + j] * current_mA[j];
  }
  return has_return ? 0 : sum_check(f, current_mA);
}

PetscErrorCode control_solve(const LeadField *f, const Drive *drive, int n_output, const double *output_mA,
                             bool has_return, double *current_mA, double *potential_V)
{
  Dense d = {0, NULL, NULL};
  PetscErrorCode ierr = solve(f, drive, n_output, output_mA, has_return, &d, current_mA, potential_V);
  free(d.a);
  free(d.b);
  return ierr;
}

double control_compliance_V(const LeadField *f, const double *current_mA)
{
  int n = f->n_contact;
  double low = HUGE_VAL, high = -HUGE_VAL, sum = 0.0, size = 0.0;
  for (int i = 0; i < n; i++) {
    double v = 0.0;
    sum += current_mA[i], size += fabs(current_mA[i]);
    if (current_mA[i] == 0.0) continue;
    for (int j = 0; j < n; j++) v += 1e-3 * f->impedance[i * n + j] * current_mA[j];
    low = fmin(low, v), high = fmax(high, v);
  }
  if (fabs(sum) > 1e-9 * size) low = fmin(low, 0.0), high = fmax(high, 0.0);
  return high > low ? high - low : 0.0;
}

/* ---- parameter sets ---------------------------------------------------------------------------------------------- */

enum { CATHODES, ANODES };

/* All cathodes on one output, all anodes on the other. A pole that the case electrode is part of has its potential: 0. */
static PetscErrorCode single_source(const StimulationSet *s, const LeadField *f, Drive *drive, double *current_mA,
                                    double *potential_V)
{
  double own = s->fraction[f->n_contact], output_mA[2] = {-1.0, 1.0};
  int case_pole = own < 0.0 ? CATHODES : own > 0.0 ? ANODES : -1;
  for (int i = 0; i < f->n_contact; i++) {
    int pole = s->fraction[i] < 0.0 ? CATHODES : ANODES;
    drive[i] = (Drive){DRIVE_SHARED, 0.0, case_pole < 0 ? pole : 0};
    if (s->fraction[i] == 0.0) drive[i] = (Drive){DRIVE_CURRENT, 0.0, 0};
    if (s->fraction[i] != 0.0 && pole == case_pole) drive[i] = (Drive){DRIVE_VOLTAGE, 0.0, 0};
  }
  if (case_pole < 0) return control_solve(f, drive, 2, output_mA, false, current_mA, potential_V);
  return control_solve(f, drive, 1, &output_mA[1 - case_pole], true, current_mA, potential_V);
}

static PetscErrorCode voltage(const StimulationSet *s, const LeadField *f, Drive *drive, double *current_mA,
                              double *potential_V)
{
  for (int i = 0; i < f->n_contact; i++) {
    bool off = isnan(s->voltage_V[i]);
    drive[i] = (Drive){off ? DRIVE_CURRENT : DRIVE_VOLTAGE, off ? 0.0 : s->voltage_V[i], 0};
  }
  return control_solve(f, drive, 0, NULL, !isnan(s->voltage_V[f->n_contact]), current_mA, potential_V);
}

/* Shares from currents: cathodes sum to -1, the case electrode takes what is missing. */
static void shares_set(const double *current_mA, int n_contact, StimulationSet *s)
{
  double cathodic = 0.0, sum = 0.0;
  for (int i = 0; i < n_contact; i++) sum += current_mA[i], cathodic -= fmin(0.0, current_mA[i]);
  cathodic += fmax(0.0, sum);
  for (int i = 0; i < n_contact; i++) s->fraction[i] = current_mA[i] / cathodic;
  s->fraction[n_contact] = fabs(sum) > 1e-9 * cathodic ? -sum / cathodic : 0.0;
  if (s->control == SET_VOLTAGE) s->amplitude_mA = cathodic;
}

PetscErrorCode single_source_shares(int n_contact, const double *impedance_ohm, double *fraction)
{
  enum { MOST = 64 };
  Drive drive[MOST];
  double current_mA[MOST], potential_V[MOST];
  const LeadField f = {.n_contact = n_contact, .impedance = (double *)impedance_ohm}; /* which is only read */
  StimulationSet set = {.control = SET_SINGLE_SOURCE, .fraction = fraction};
  PetscCheck(n_contact <= MOST, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "found %d contacts, expected at most %d",
             n_contact, MOST);
  PetscCall(single_source(&set, &f, drive, current_mA, potential_V));
  shares_set(current_mA, n_contact, &set);
  return 0;
}

static PetscErrorCode resolve(SetTable *t, const LeadField *f, Drive *drive, double *current_mA, double *potential_V)
{
  PetscCheck(t->n_contact == f->n_contact, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the sets are for %d contacts, the lead field has %d", t->n_contact, f->n_contact);
  for (int i = 0; i < t->n_set; i++) {
    StimulationSet *s = &t->set[i];
    if (s->control == SET_CURRENT) continue;
    PetscCall(s->control == SET_VOLTAGE ? voltage(s, f, drive, current_mA, potential_V)
                                        : single_source(s, f, drive, current_mA, potential_V));
    shares_set(current_mA, f->n_contact, s);
  }
  return 0;
}

PetscErrorCode sets_resolve(SetTable *t, const LeadField *f)
{
  Drive *drive = NULL;
  double *work = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)f->n_contact, sizeof *drive, &drive);
  if (!ierr) ierr = mem_alloc((size_t)f->n_contact * 2, sizeof *work, &work);
  if (!ierr) ierr = resolve(t, f, drive, work, work + f->n_contact);
  free(drive);
  free(work);
  return ierr;
}
