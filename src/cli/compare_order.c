/* Two rankings side by side, and how far they agree in order. */
#include "compare.h"

#include "cauda/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows that both tables have, by their first n_key named columns, and what stands in one column. */
typedef struct {
  int n;
  double *a, *b;
  int *row; /* of a */
} Common;

static PetscErrorCode common_make(const CsvTable *a, const CsvTable *b, int n_key, const char *const *key,
                                  const char *column, Common *c)
{
  int ka[4], kb[4], ca, cb;
  PetscCall(csv_column(a, column, &ca));
  PetscCall(csv_column(b, column, &cb));
  for (int k = 0; k < n_key; k++) {
    PetscCall(csv_column(a, key[k], &ka[k]));
    PetscCall(csv_column(b, key[k], &kb[k]));
  }
  PetscCall(mem_alloc((size_t)a->n_row, 2 * sizeof *c->a, &c->a));
  PetscCall(mem_alloc((size_t)a->n_row, sizeof *c->row, &c->row));
  c->b = c->a + a->n_row;
  for (int i = 0; i < a->n_row; i++)
    for (int j = 0; j < b->n_row; j++) {
      int k = 0;
      while (k < n_key && !strcmp(csv_text(a, i, ka[k]), csv_text(b, j, kb[k]))) k++;
      if (k < n_key || !*csv_text(a, i, ca) || !*csv_text(b, j, cb)) continue;
      PetscCall(csv_number(a, i, ca, &c->a[c->n]));
      PetscCall(csv_number(b, j, cb, &c->b[c->n]));
      c->row[c->n++] = i;
      break;
    }
  return 0;
}

static PetscErrorCode tell(const Common *c, const char *what, CompareTable *t)
{
  double *work;
  char text[96], count[32];
  if (c->n < 2) return 0;
  PetscCall(mem_alloc((size_t)c->n, 2 * sizeof *work, &work));
  snprintf(count, sizeof count, "%d of them", c->n);
  snprintf(text, sizeof text, "%s, Spearman's rho", what);
  compare_told(t, text, spearman(c->n, c->a, c->b, work), count);
  snprintf(text, sizeof text, "%s, Kendall's tau", what);
  compare_told(t, text, kendall(c->n, c->a, c->b), count);
  free(work);
  return 0;
}

PetscErrorCode compare_order(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  static const char *const key[] = {"set", "target"};
  Common c = {.n = 0};
  char what[CAUDA_NAME_MAX + 32], where[64];
  PetscErrorCode ierr = common_make(a, b, 2, key, "score", &c);
  for (int i = 0; i < c.n && !ierr; i++) {
    int set = 0;
    ierr = csv_column(a, "set", &set);
    snprintf(what, sizeof what, "score of %.36s, B less A", csv_text(a, c.row[i], set));
    snprintf(where, sizeof where, "%.3f | %.3f", c.a[i], c.b[i]);
    compare_told(t, what, c.b[i] - c.a[i], where);
  }
  if (!ierr) ierr = tell(&c, "order of the sets", t);
  free(c.a), free(c.row);
  return ierr;
}

PetscErrorCode compare_thresholds(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  static const char *const key[] = {"set", "root", "class"};
  Common c = {.n = 0};
  PetscErrorCode ierr = common_make(a, b, 3, key, "threshold_50_mA", &c);
  if (!ierr) ierr = tell(&c, "order of thresholds", t);
  free(c.a), free(c.row);
  return ierr;
}
