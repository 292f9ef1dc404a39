/* CSV files, a row at a time, and whole tables of them. A row's text stands in one buffer that is used again; a cell never
 * grows when its quotes go, so that it is cut in place. */
#include "cauda/csv.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const size_t row_longest = 65536; /* bytes after which an open quote is not looked for any further */

PetscErrorCode csv_fail(const char *path, int line, const char *fmt, ...)
{
  char words[1024], message[1800];
  va_list args;
  va_start(args, fmt);
  vsnprintf(words, sizeof words, fmt, args);
  va_end(args);
  snprintf(message, sizeof message, "%.700s:%d: %s", path, line, words);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s", message);
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Adds the file's next line and a '\n' to the row's text, whether it ends with LF, CRLF or CR; *more is false at the file's
 * end. */
static PetscErrorCode add_line(CsvFile *f, bool *more)
{
  int c = getc_unlocked(f->stream);
  *more = c != EOF;
  f->line += *more;
  for (; c != EOF && c != '\n' && c != '\r'; c = getc_unlocked(f->stream)) {
    if (!c) return csv_fail(f->path, f->line, "holds a zero byte; expected a text file (UTF-8)");
    if (f->length + 2 >= f->room) PetscCall(mem_grow(f->length + 3, 1, &f->room, &f->text));
    f->text[f->length++] = (char)c;
  }
  PetscCheck(!ferror(f->stream), PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: cannot be read: %s", f->path,
             strerror(errno));
  if (c == '\r' && (c = getc_unlocked(f->stream)) != '\n') ungetc(c, f->stream);
  if (f->length + 2 >= f->room) PetscCall(mem_grow(f->length + 3, 1, &f->room, &f->text));
  strcpy(f->text + f->length, "\n");
  f->length += *more;
  return 0;
}

/* A quote that a cell begins with, and that no other closes: the row goes on in the next line. */
static bool is_open(const char *at)
{
  for (bool begins = true; *at; at++) {
    if (*at == '"' && begins) {
      for (at++; *at && (*at != '"' || at[1] == '"'); at++) at += *at == '"';
      if (!*at) return true;
    }
    begins = *at == ',' || (begins && is_blank(*at));
  }
  return false;
}

static bool is_left_out(const char *line) { return *(line += strspn(line, " \t\r\n")) == '#' || !*line; }

/* ---- cells ------------------------------------------------------------------------------------------------------ */

/* A quoted cell: *at stands on the opening quote, and ends behind the closing one. */
static PetscErrorCode cut_quoted(const CsvFile *f, char **at, char **cell)
{
  char *from = *at + 1, *to = from;
  for (*cell = to; *from && (*from != '"' || from[1] == '"'); *to++ = *from++) from += *from == '"';
  if (!*from) return csv_fail(f->path, f->row.line, "a quote (\") is opened and never closed");
  for (from++; is_blank(*from);) from++;
  if (*from && *from != ',') return csv_fail(f->path, f->row.line, "found text behind a closing quote");
  *at = from;
  *to = '\0';
  return 0;
}

/* Any cell; *at ends on the comma or the end behind it, before which its text is cut where *stop is. */
static PetscErrorCode cut_cell(const CsvFile *f, char **at, char **cell, char **stop)
{
  while (is_blank(**at)) ++*at;
  *stop = NULL;
  if (**at == '"') return cut_quoted(f, at, cell);
  *cell = *at;
  *at += strcspn(*at, ",");
  for (*stop = *at; *stop > *cell && is_blank((*stop)[-1]);) --*stop;
  return 0;
}

static PetscErrorCode cut_row(CsvFile *f)
{
  char *at = f->text;
  f->row.n_cell = 0;
  for (bool more = true; more;) {
    char *stop;
    PetscCall(mem_grow((size_t)f->row.n_cell + 1, sizeof *f->row.cell, &f->cells, &f->row.cell));
    PetscCall(cut_cell(f, &at, &f->row.cell[f->row.n_cell++], &stop));
    more = *at++ == ',';
    if (stop) *stop = '\0';
  }
  return 0;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

PetscErrorCode csv_open(const char *path, CsvFile *f)
{
  *f = (CsvFile){.line = 0};
  snprintf(f->path, sizeof f->path, "%s", path);
  f->stream = fopen(path, "r");
  PetscCheck(f->stream, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  return 0;
}

void csv_close(CsvFile *f)
{
  if (f->stream) fclose(f->stream);
  free(f->text), free(f->row.cell);
  *f = (CsvFile){.line = 0};
}

static void skip_byte_order_mark(CsvFile *f)
{
  if (f->line != 1 || strncmp(f->text, "\xEF\xBB\xBF", 3)) return;
  memmove(f->text, f->text + 3, f->length - 2);
  f->length -= 3;
}

PetscErrorCode csv_next(CsvFile *f, const CsvRow **row)
{
  bool more = true;
  *row = NULL;
  do {
    f->length = 0;
    PetscCall(add_line(f, &more));
    if (!more) return 0;
    skip_byte_order_mark(f);
  } while (is_left_out(f->text));
  f->row.line = f->line;
  while (more && f->length < row_longest && is_open(f->text)) PetscCall(add_line(f, &more));
  f->text[f->length - 1] = '\0'; /* the last line's end */
  PetscCall(cut_row(f));
  *row = &f->row;
  return 0;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

/* A table that is being read: cells are places in the text until it has come to rest. */
typedef struct {
  CsvTable *t;
  size_t used, text_room, cell_room, line_room, n_cell;
  size_t *cell; /* [n_cell], of the header, too */
} Reading;

static PetscErrorCode take_row(Reading *r, const CsvRow *row)
{
  CsvTable *t = r->t;
  if (r->n_cell && row->n_cell != t->n_column)
    return csv_fail(t->path, row->line, "found %d values, expected %d, one for each column of the header", row->n_cell,
                    t->n_column);
  t->n_column = row->n_cell;
  PetscCall(mem_grow(r->n_cell + (size_t)row->n_cell, sizeof *r->cell, &r->cell_room, &r->cell));
  for (int i = 0; i < row->n_cell; i++) {
    size_t n = strlen(row->cell[i]) + 1;
    PetscCall(mem_grow(r->used + n, 1, &r->text_room, &t->text));
    memcpy(t->text + r->used, row->cell[i], n);
    r->cell[r->n_cell++] = r->used;
    r->used += n;
  }
  return 0;
}

static PetscErrorCode take_rows(Reading *r, CsvFile *f)
{
  const CsvRow *row;
  CsvTable *t = r->t;
  for (t->n_row = -1;; t->n_row++) {
    PetscCall(csv_next(f, &row));
    if (!row) return 0;
    PetscCall(take_row(r, row));
    if (t->n_row < 0) continue;
    PetscCall(mem_grow((size_t)t->n_row + 1, sizeof *t->line, &r->line_room, &t->line));
    t->line[t->n_row] = row->line;
  }
}

static PetscErrorCode finish(Reading *r)
{
  CsvTable *t = r->t;
  PetscCheck(t->n_row >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is empty, expected a table with a header",
             t->path);
  PetscCall(mem_alloc(r->n_cell, sizeof *t->column, &t->column));
  for (size_t i = 0; i < r->n_cell; i++) t->column[i] = t->text + r->cell[i];
  t->cell = t->column + t->n_column;
  return 0;
}

PetscErrorCode csv_read(const char *path, CsvTable **out)
{
  CsvFile f = {.line = 0};
  Reading r = {.used = 0};
  PetscCall(mem_alloc(1, sizeof **out, out));
  r.t = *out;
  snprintf(r.t->path, sizeof r.t->path, "%s", path);
  PetscErrorCode ierr = csv_open(path, &f);
  if (!ierr) ierr = take_rows(&r, &f);
  if (!ierr) ierr = finish(&r);
  csv_close(&f);
  free(r.cell);
  if (ierr) csv_destroy(out);
  PetscCall(ierr);
  return 0;
}

void csv_destroy(CsvTable **t)
{
  if (!*t) return;
  free((*t)->column), free((*t)->line), free((*t)->text);
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
