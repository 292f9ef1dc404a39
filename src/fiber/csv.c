#include "cauda/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *trim(char *s)
{
  while (*s == ' ' || *s == '\t') s++;
  size_t n = strlen(s);
  while (n > 0 && strchr(" \t\r", s[n - 1])) s[--n] = '\0';
  return s;
}

static int count_cells(const char *line)
{
  int n = 1;
  for (; *line; line++) n += *line == ',';
  return n;
}

static void split_cells(char *line, char **cell)
{
  for (int i = 0; line; i++) {
    char *comma = strchr(line, ',');
    if (comma) *comma++ = '\0';
    cell[i] = trim(line);
    line = comma;
  }
}

static bool holds_data(const char *line) { return *line != '#' && line[strspn(line, " \t\r")] != '\0'; }

/* One row: the first one names the columns. */
static PetscErrorCode add_row(CsvTable *t, char *line, int number, size_t *capacity)
{
  int found = count_cells(line);
  if (!t->n_column) {
    PetscCall(mem_alloc((size_t)found, sizeof *t->column, &t->column));
    t->n_column = found;
    split_cells(line, t->column);
    return 0;
  }
  PetscCheck(found == t->n_column, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found %d values, expected %d, one for each column of the header", t->path, number, found,
             t->n_column);
  t->line[t->n_row] = number;
  PetscCall(mem_grow((size_t)(t->n_row + 1) * (size_t)found, sizeof *t->cell, capacity, &t->cell));
  split_cells(line, t->cell + (size_t)t->n_row * (size_t)found);
  t->n_row++;
  return 0;
}

static PetscErrorCode read_rows(CsvTable *t)
{
  size_t length, capacity = 0, lines = 1;
  int number = 1;
  PetscCall(file_read_all(t->path, &t->text, &length));
  PetscCheck(strlen(t->text) == length, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a zero byte, expected a text file", t->path);
  for (const char *s = t->text; *s; s++) lines += *s == '\n';
  PetscCall(mem_alloc(lines, sizeof *t->line, &t->line));
  for (char *line = t->text, *next; line; line = next, number++) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    if (holds_data(line)) PetscCall(add_row(t, line, number, &capacity));
  }
  PetscCheck(t->n_column > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is empty, expected a table with a header",
             t->path);
  return 0;
}

PetscErrorCode csv_read(const char *path, CsvTable **out)
{
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  snprintf((*out)->path, sizeof(*out)->path, "%s", path);
  PetscErrorCode error = read_rows(*out);
  if (error) csv_destroy(out);
  return error;
}

void csv_destroy(CsvTable **t)
{
  if (!*t) return;
  free((*t)->column), free((*t)->cell), free((*t)->line), free((*t)->text);
  free(*t);
  *t = NULL;
}

PetscErrorCode csv_column(const CsvTable *t, const char *name, int *column)
{
  for (*column = 0; *column < t->n_column; (*column)++)
    if (!strcmp(t->column[*column], name)) return 0;
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: has no column \"%s\"", t->path, name);
}

const char *csv_text(const CsvTable *t, int row, int column)
{
  return t->cell[(size_t)row * (size_t)t->n_column + (size_t)column];
}

PetscErrorCode csv_number(const CsvTable *t, int row, int column, double *value)
{
  const char *text = csv_text(t, row, column);
  char *end;
  *value = strtod(text, &end);
  PetscCheck(end != text && !*end && isfinite(*value), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found \"%s\" in column %s, expected a number", t->path, t->line[row], text, t->column[column]);
  return 0;
}
