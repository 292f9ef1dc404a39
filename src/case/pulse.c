/* A sampled pulse. */
#include "cauda/case.h"
#include "cauda/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode read_rows(const CsvTable *t, CasePulse *p)
{
  int time, height;
  PetscCall(csv_column(t, "time_us", &time));
  PetscCall(csv_column(t, "height", &height));
  PetscCheck(t->n_row >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %d rows, expected at least 2: the last one tells when the pulse ends", t->path, t->n_row);
  PetscCall(mem_alloc((size_t)t->n_row, sizeof *p->time_us, &p->time_us));
  PetscCall(mem_alloc((size_t)t->n_row, sizeof *p->height, &p->height));
  for (int i = 0; i < t->n_row; i++) {
    PetscCall(csv_number(t, i, time, &p->time_us[i]));
    PetscCall(csv_number(t, i, height, &p->height[i]));
    double before = i ? p->time_us[i - 1] : -1.0;
    PetscCheck(p->time_us[i] > before && p->time_us[i] >= 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s:%d: found time_us %g, expected times from 0 on, each after the one before", t->path, t->line[i],
               p->time_us[i]);
  }
  PetscCheck(p->height[t->n_row - 1] == 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found height %g in the last row, expected 0: there the pulse ends", t->path, t->line[t->n_row - 1],
             p->height[t->n_row - 1]);
  p->n_sample = t->n_row;
  return 0;
}

/* Charge over amplitude of the phase with the most: the width of a square phase of the same charge. */
static double equivalent_width_us(const CasePulse *p)
{
  double most = 0.0, charge = 0.0;
  for (int i = 0; i + 1 < p->n_sample; i++) {
    if (charge * p->height[i] < 0.0) charge = 0.0;
    charge += p->height[i] * (p->time_us[i + 1] - p->time_us[i]);
    most = fmax(most, fabs(charge));
  }
  return most;
}

PetscErrorCode pulse_read_samples(CasePulse *p, const char *folder)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t = NULL;
  PetscCall(path_join(folder, p->samples, path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = read_rows(t, p);
  csv_destroy(&t);
  PetscCall(error);
  p->width_us = equivalent_width_us(p);
  PetscCheck(p->width_us > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no current in it, expected some",
             path);
  return 0;
}

void pulse_free_samples(CasePulse *p)
{
  free(p->time_us), free(p->height);
  p->time_us = p->height = NULL;
}
