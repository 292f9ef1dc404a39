/* Sets CSV: a comma-separated file taken apart into rows of cells: quotes as in RFC 4180, LF or CRLF, a byte order
 * mark, blank lines and lines that start with '#' left out, blanks around unquoted cells taken off. */
#ifndef CAUDA_SRC_CASE_SETS_CSV_H
#define CAUDA_SRC_CASE_SETS_CSV_H

#include "cauda/base.h"

typedef struct {
  int line; /* in the file, from 1 */
  int n_cell;
  char **cell; /* [n_cell] in the text */
} CsvRow;

typedef struct {
  char path[CAUDA_PATH_MAX];
  char *text;
  int n_row;
  CsvRow *row; /* the header first */
} CsvText;

/* Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT for a zero byte, an open quote, text behind a closing quote. */
PetscErrorCode csv_text_read(const char *path, CsvText **out) CAUDA_CHECKED;
void csv_text_free(CsvText **c);

/* csv_fail: always PETSC_ERR_USER_INPUT, "FILE:LINE: " before the words. */
PetscErrorCode csv_fail(const CsvText *c, int line, const char *fmt, ...) CAUDA_PRINTF(3, 4) CAUDA_CHECKED;

#endif
