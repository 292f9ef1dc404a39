/* A ranking that stands in a file, on the terminal. */
#include "cauda/csv.h"
#include "cauda/select.h"

#include <string.h>

enum { SHOWN = 7 };

static PetscErrorCode print_row(const CsvTable *t, const int column[SHOWN], int limit, int row, FILE *s)
{
  double v[SHOWN];
  for (int i = 2; i < SHOWN; i++) {
    v[i] = 0.0;
    if (*csv_text(t, row, column[i])) PetscCall(csv_number(t, row, column[i], &v[i]));
  }
  fprintf(s, "%4s %-36.36s %6.3f %7.3g %7.0f %7.1f %6.0f\n", csv_text(t, row, column[0]), csv_text(t, row, column[1]),
          v[2], v[3], 100.0 * v[4], 100.0 * v[5], v[6]);
  if (*csv_text(t, row, limit)) fprintf(s, "     over a limit: %.60s\n", csv_text(t, row, limit));
  return 0;
}

static PetscErrorCode print_table(const CsvTable *t, int rows, FILE *s)
{
  static const char *const names[SHOWN] = {
      "rank", "set", "score", "score_at_mA", "target_recruited", "spill", "nearest_limit_percent"};
  int column[SHOWN], limit;
  for (int i = 0; i < SHOWN; i++) PetscCall(csv_column(t, names[i], &column[i]));
  PetscCall(csv_column(t, "limit", &limit));
  fprintf(s, "%4s %-36s %6s %7s %7s %7s %6s\n", "rank", "set", "score", "at mA", "target%", "spill%", "limit%");
  for (int i = 0; i < rows && i < t->n_row; i++) PetscCall(print_row(t, column, limit, i, s));
  if (t->n_row > rows) fprintf(s, "     and %d more in %s\n", t->n_row - rows, t->path);
  return 0;
}

PetscErrorCode rank_print_file(const char *path, const char *sentence, int rows, FILE *stream)
{
  CsvTable *t;
  PetscCall(csv_read(path, &t));
  PetscErrorCode ierr = print_table(t, rows, stream);
  csv_destroy(&t);
  if (ierr || !sentence) return ierr;
  fputc('\n', stream);
  words_print(sentence, stream);
  return 0;
}
