/* Csv: small tables with a header row, as text. Lines that start with '#' and empty lines are left out; cells are
 * separated by commas, trimmed, and hold no comma themselves. */
#ifndef CAUDA_CSV_H
#define CAUDA_CSV_H

#include "cauda/base.h"

typedef struct {
  char path[CAUDA_PATH_MAX];
  int n_column, n_row;
  char **column; /* [n_column] names, in text */
  char **cell;   /* [n_row][n_column], in text */
  int *line;     /* [n_row] line in the file, from 1 */
  char *text;    /* what column and cell point into */
} CsvTable;

/* csv_read: Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT "FILE:LINE: ..." for a row of the wrong length. */
PetscErrorCode csv_read(const char *path, CsvTable **out) CAUDA_CHECKED;
void csv_destroy(CsvTable **t);

/* csv_column: index of a column. Errors: PETSC_ERR_USER_INPUT naming the file and the column. */
PetscErrorCode csv_column(const CsvTable *t, const char *name, int *column) CAUDA_CHECKED;
const char *csv_text(const CsvTable *t, int row, int column);
/* csv_number: Errors: PETSC_ERR_USER_INPUT "FILE:LINE: ..." where the cell is not a finite number. */
PetscErrorCode csv_number(const CsvTable *t, int row, int column, double *value) CAUDA_CHECKED;

#endif
