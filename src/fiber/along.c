/* Fibres with potentials from a file. */
#include "cauda/csv.h"
#include "cauda/fiber.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MIN = 4 };

typedef struct {
  int fiber, diameter, s, potential;
} Columns;

static PetscErrorCode find_columns(const CsvTable *t, Columns *c)
{
  PetscCall(csv_column(t, "fiber", &c->fiber));
  PetscCall(csv_column(t, "diameter_um", &c->diameter));
  PetscCall(csv_column(t, "s_mm", &c->s));
  PetscCall(csv_column(t, "potential_V", &c->potential));
  return 0;
}

static PetscErrorCode read_sample(const CsvTable *t, const Columns *c, int row, int i, AlongFiber *f)
{
  double diameter;
  PetscCall(csv_number(t, row, c->diameter, &diameter));
  PetscCall(csv_number(t, row, c->s, &f->s_mm[i]));
  PetscCall(csv_number(t, row, c->potential, &f->potential_V[i]));
  PetscCheck(diameter == f->diameter_um, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found diameter_um %g, expected %g as in the fibre's other rows", t->path, t->line[row], diameter,
             f->diameter_um);
  PetscCheck(i == 0 || f->s_mm[i] > f->s_mm[i - 1], PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found s_mm %g after %g, expected ascending places along fibre %s", t->path, t->line[row],
             f->s_mm[i], f->s_mm[i - 1], f->name);
  return 0;
}

/* The rows from `first` on that belong to one fibre. */
static PetscErrorCode read_fiber(const CsvTable *t, const Columns *c, int first, AlongFiber *f)
{
  const char *name = csv_text(t, first, c->fiber);
  int n = 1;
  while (first + n < t->n_row && !strcmp(csv_text(t, first + n, c->fiber), name)) n++;
  PetscCheck(*name && strlen(name) < sizeof f->name, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found \"%.80s\" in column fiber, expected a name of at most %zu characters", t->path,
             t->line[first], name, sizeof f->name - 1);
  strcpy(f->name, name);
  PetscCheck(n >= SAMPLES_MIN, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found %d rows of fibre %s, expected at least %d, one after the other", t->path, t->line[first], n,
             name, SAMPLES_MIN);
  PetscCall(csv_number(t, first, c->diameter, &f->diameter_um));
  PetscCall(mem_alloc((size_t)n, sizeof *f->s_mm, &f->s_mm));
  PetscCall(mem_alloc((size_t)n, sizeof *f->potential_V, &f->potential_V));
  f->n = n;
  for (int i = 0; i < n; i++) PetscCall(read_sample(t, c, first + i, i, f));
  return 0;
}

static PetscErrorCode check_new(const CsvTable *t, int row, const AlongFibers *a)
{
  const AlongFiber *f = &a->fiber[a->n_fiber - 1];
  for (int i = 0; i < a->n_fiber - 1; i++)
    PetscCheck(strcmp(a->fiber[i].name, f->name), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s:%d: found fibre %s again, expected all rows of a fibre together", t->path, t->line[row], f->name);
  return 0;
}

static PetscErrorCode read_all(const CsvTable *t, AlongFibers *a)
{
  Columns c;
  PetscCall(find_columns(t, &c));
  PetscCheck(t->n_row > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no rows, expected some", t->path);
  PetscCall(mem_alloc((size_t)t->n_row / SAMPLES_MIN + 1, sizeof *a->fiber, &a->fiber));
  for (int row = 0; row < t->n_row; row += a->fiber[a->n_fiber - 1].n) {
    PetscCall(read_fiber(t, &c, row, &a->fiber[a->n_fiber++]));
    PetscCall(check_new(t, row, a));
  }
  return 0;
}

PetscErrorCode along_read(const char *path, AlongFibers **out)
{
  CsvTable *t = NULL;
  *out = NULL;
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = mem_alloc(1, sizeof **out, out);
  if (!error) error = read_all(t, *out);
  if (error) along_destroy(out);
  csv_destroy(&t);
  return error;
}

void along_destroy(AlongFibers **a)
{
  if (!*a) return;
  for (int i = 0; i < (*a)->n_fiber; i++) free((*a)->fiber[i].s_mm), free((*a)->fiber[i].potential_V);
  free((*a)->fiber);
  free(*a);
  *a = NULL;
}

void along_write(const AlongFibers *a, FILE *stream)
{
  fputs("fiber,threshold_mA,site_mm\n", stream);
  for (int i = 0; i < a->n_fiber; i++) {
    const AlongFiber *f = &a->fiber[i];
    if (isfinite(f->threshold_mA))
      fprintf(stream, "%s,%.6g,%.6g\n", f->name, f->threshold_mA, f->site_mm);
    else
      fprintf(stream, "%s,,\n", f->name);
  }
}
