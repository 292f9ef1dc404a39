/* Muscles: the roots that drive them (cases/muscles/). */
#include "cauda/case.h"
#include "cauda/csv.h"
#include "yaml_spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double sum_tolerance = 0.01; /* of a row: what rounding in a printed table may leave */

static PetscErrorCode read_row(const CsvTable *csv, int row, MuscleTable *t)
{
  double sum = 0.0, *share = t->share + (size_t)row * (size_t)t->n_segment;
  const char *name = csv_text(csv, row, 0);
  PetscCheck(file_name_valid(name) && strlen(name) + 2 < CAUDA_NAME_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found \"%.80s\", expected a muscle's name of letters, digits, '-' and '_'", csv->path,
             csv->line[row], name);
  for (int i = 0; i < row; i++)
    PetscCheck(strcmp(name, t->muscle[i]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s:%d: \"%s\" is there twice",
               csv->path, csv->line[row], name);
  snprintf(t->muscle[row], sizeof t->muscle[row], "%s", name);
  for (int i = 0; i < t->n_segment; i++) {
    PetscCall(csv_number(csv, row, i + 1, &share[i]));
    PetscCheck(share[i] >= 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s:%d: found %g, expected a share from 0 to 1",
               csv->path, csv->line[row], share[i]);
    sum += share[i];
  }
  PetscCheck(fabs(sum - 1.0) <= sum_tolerance, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: the shares of \"%s\" sum to %g, expected 1", csv->path, csv->line[row], name, sum);
  for (int i = 0; i < t->n_segment; i++) share[i] /= sum;
  return 0;
}

static PetscErrorCode read_table(const CsvTable *csv, MuscleTable *t)
{
  t->n_muscle = csv->n_row, t->n_segment = csv->n_column - 1;
  PetscCheck(csv->n_row > 0 && csv->n_column > 1 && !strcmp(csv->column[0], "muscle"), PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT, "%s: expected the columns muscle and one a segment, and a row a muscle", csv->path);
  PetscCall(mem_alloc((size_t)t->n_muscle, sizeof *t->muscle, &t->muscle));
  PetscCall(mem_alloc((size_t)t->n_segment, sizeof *t->segment, &t->segment));
  PetscCall(mem_alloc((size_t)t->n_muscle * (size_t)t->n_segment, sizeof *t->share, &t->share));
  for (int i = 0; i < t->n_segment; i++) {
    PetscCheck(segment_number(csv->column[i + 1]) >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: found the column \"%.60s\", expected a segment such as L1", csv->path, csv->column[i + 1]);
    snprintf(t->segment[i], sizeof t->segment[i], "%s", csv->column[i + 1]);
  }
  for (int i = 0; i < t->n_muscle; i++) PetscCall(read_row(csv, i, t));
  return 0;
}

PetscErrorCode muscle_table_read(const char *name_or_path, const char *folder, MuscleTable **out)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *csv;
  *out = NULL;
  PetscCall(data_path_csv("muscles", name_or_path, folder, path));
  PetscCall(csv_read(path, &csv));
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = read_table(csv, *out);
  csv_destroy(&csv);
  if (ierr) muscle_table_destroy(out);
  PetscCall(ierr);
  return 0;
}

void muscle_table_destroy(MuscleTable **t)
{
  if (!*t) return;
  free((*t)->muscle), free((*t)->segment), free((*t)->share);
  free(*t);
  *t = NULL;
}
