/* A CSV file into rows of cells, in place: a cell never grows when its quotes go. */
#include "sets_csv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  CsvText *csv;
  char *at;
  int line;
  size_t rows; /* room */
} Cursor;

PetscErrorCode csv_fail(const CsvText *c, int line, const char *fmt, ...)
{
  char words[1024], message[1800];
  va_list args;
  va_start(args, fmt);
  vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  snprintf(message, sizeof message, "%.700s:%d: %s", c->path, line, words);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s", message);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool ends_line(char c) { return c == '\n' || c == '\r' || c == '\0'; }

static void skip_line_end(Cursor *c)
{
  c->at += c->at[0] == '\r' && c->at[1] == '\n';
  if (!*c->at) return;
  c->at++, c->line++;
}

/* A quoted cell: c->at stands on the opening quote, and ends behind the closing one. */
static PetscErrorCode read_quoted(Cursor *c, char **cell)
{
  char *to = ++c->at;
  int first = c->line;
  for (*cell = to;; *to++ = *c->at++) {
    if (!*c->at) return csv_fail(c->csv, first, "a quote (\") is opened and never closed");
    c->line += *c->at == '\n';
    if (*c->at != '"') continue;
    if (c->at[1] != '"') break;
    c->at++;
  }
  c->at++;
  while (is_blank(*c->at)) c->at++;
  if (*c->at != ',' && !ends_line(*c->at)) return csv_fail(c->csv, c->line, "found text behind a closing quote");
  *to = '\0';
  return 0;
}

/* Any cell: ends on the comma or the line's end behind it; *stop is where its text may be cut. */
static PetscErrorCode read_cell(Cursor *c, char **cell, char **stop)
{
  while (is_blank(*c->at)) c->at++;
  *stop = NULL;
  if (*c->at == '"') return read_quoted(c, cell);
  *cell = c->at;
  while (*c->at != ',' && !ends_line(*c->at)) c->at++;
  for (*stop = c->at; *stop > *cell && is_blank((*stop)[-1]);) --*stop;
  return 0;
}

static PetscErrorCode read_row(Cursor *c, CsvRow *row)
{
  size_t room = 0;
  for (bool more = true; more;) {
    char *stop;
    PetscCall(mem_grow((size_t)row->n_cell + 1, sizeof *row->cell, &room, &row->cell));
    PetscCall(read_cell(c, &row->cell[row->n_cell], &stop));
    row->n_cell++;
    more = *c->at == ',';
    if (more)
      c->at++;
    else
      skip_line_end(c); /* before the cut, which may fall on the line's end */
    if (stop) *stop = '\0';
  }
  return 0;
}

static bool is_left_out(const char *line)
{
  while (is_blank(*line)) line++;
  return *line == '#' || ends_line(*line);
}

static PetscErrorCode read_rows(CsvText *csv)
{
  static const char byte_order_mark[] = "\xEF\xBB\xBF";
  Cursor c = {csv, csv->text, 1, 0};
  if (!strncmp(c.at, byte_order_mark, 3)) c.at += 3;
  while (*c.at) {
    if (is_left_out(c.at)) {
      c.at += strcspn(c.at, "\r\n");
      skip_line_end(&c);
      continue;
    }
    PetscCall(mem_grow((size_t)csv->n_row + 1, sizeof *csv->row, &c.rows, &csv->row));
    CsvRow *row = &csv->row[csv->n_row++];
    *row = (CsvRow){.line = c.line};
    PetscCall(read_row(&c, row));
  }
  return 0;
}

PetscErrorCode csv_text_read(const char *path, CsvText **out)
{
  size_t length;
  PetscCall(mem_alloc(1, sizeof **out, out));
  snprintf((*out)->path, sizeof(*out)->path, "%s", path);
  PetscErrorCode ierr = file_read_all(path, &(*out)->text, &length);
  if (!ierr && strlen((*out)->text) != length)
    ierr = csv_fail(*out, 1, "holds a zero byte; expected a text file (UTF-8)");
  if (!ierr) ierr = read_rows(*out);
  if (ierr) csv_text_free(out);
  PetscCall(ierr);
  return 0;
}

void csv_text_free(CsvText **c)
{
  if (!*c) return;
  for (int i = 0; i < (*c)->n_row; i++) free((*c)->row[i].cell);
  free((*c)->row);
  free((*c)->text);
  free(*c);
  *c = NULL;
}
