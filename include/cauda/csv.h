/* Csv: tables with a header row, as text: quotes as in RFC 4180, LF, CRLF or CR; a byte order mark, blank lines and lines
 * that start with '#' are left out, blanks around unquoted cells taken off. Small ones whole (csv_read), large ones row
 * by row (csv_open, csv_next, csv_close), which holds one row at a time. */
#ifndef CAUDA_CSV_H
#define CAUDA_CSV_H

#include "cauda/base.h"

/* csv_fail: always PETSC_ERR_USER_INPUT, "FILE:LINE: " before the words. */
PetscErrorCode csv_fail(const char *path, int line, const char *fmt, ...) CAUDA_PRINTF(3, 4) CAUDA_CHECKED;

/* ---- row by row ------------------------------------------------------------------------------------------------- */

typedef struct {
  int line; /* in the file, from 1; the first of those that it takes up */
  int n_cell;
  char **cell; /* [n_cell] */
} CsvRow;

typedef struct {
  char path[CAUDA_PATH_MAX];
  FILE *stream;
  int line; /* lines read so far */
  CsvRow row;
  char *text; /* the row's */
  size_t length, room, cells;
} CsvFile;

/* csv_open: Errors: PETSC_ERR_FILE_OPEN. csv_close: of a zeroed file, too.
 * csv_next: the next row, the header first, good until the next call; NULL after the last.
 * Errors: PETSC_ERR_FILE_READ; PETSC_ERR_USER_INPUT for a zero byte, an open quote, text behind a closing quote. */
PetscErrorCode csv_open(const char *path, CsvFile *f) CAUDA_CHECKED;
PetscErrorCode csv_next(CsvFile *f, const CsvRow **row) CAUDA_CHECKED;
void csv_close(CsvFile *f);

/* ---- whole ------------------------------------------------------------------------------------------------------ */

typedef struct {
  char path[CAUDA_PATH_MAX];
  int n_column, n_row;
  char **column; /* [n_column] names, in text; the memory of cell, too */
  char **cell;   /* [n_row][n_column], in text */
  int *line;     /* [n_row] line in the file, from 1 */
  char *text;    /* what column and cell point into */
} CsvTable;

/* csv_read: Errors: as above; PETSC_ERR_USER_INPUT "FILE:LINE: ..." for a row of the wrong length. */
PetscErrorCode csv_read(const char *path, CsvTable **out) CAUDA_CHECKED;
void csv_destroy(CsvTable **t);

/* csv_column: index of a column. Errors: PETSC_ERR_USER_INPUT naming the file and the column. */
PetscErrorCode csv_column(const CsvTable *t, const char *name, int *column) CAUDA_CHECKED;
const char *csv_text(const CsvTable *t, int row, int column);
/* csv_number: Errors: PETSC_ERR_USER_INPUT "FILE:LINE: ..." where the cell is not a finite number. */
PetscErrorCode csv_number(const CsvTable *t, int row, int column, double *value) CAUDA_CHECKED;

#endif
