/* Thresholds and rankings of two results, row by row. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode read_if_there(const char *folder, const char *name, CsvTable **out)
{
  char path[CAUDA_PATH_MAX];
  *out = NULL;
  PetscCall(path_join(folder, name, path));
  return file_exists(path) ? csv_read(path, out) : 0;
}

/* The row of b that begins with the same cells as row i of a; -1 if there is none. */
static int same_row(const CsvTable *a, int i, const CsvTable *b, int n_key)
{
  for (int j = 0; j < b->n_row; j++) {
    int k = 0;
    while (k < n_key && !strcmp(csv_text(a, i, k), csv_text(b, j, k))) k++;
    if (k == n_key) return j;
  }
  return -1;
}

static int ascending(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* A column of thresholds: median and largest difference, and how many are reached in one only. */
static PetscErrorCode compare_column(const CsvTable *a, const CsvTable *b, const char *name, CompareTable *t)
{
  int ca, cb, n = 0, lonely = 0;
  double *difference, most = -1.0;
  char what[64], where[3 * CAUDA_NAME_MAX] = "";
  PetscCall(csv_column(a, name, &ca));
  PetscCall(csv_column(b, name, &cb));
  PetscCall(mem_alloc((size_t)a->n_row + 1, sizeof *difference, &difference));
  for (int i = 0; i < a->n_row; i++) {
    int j = same_row(a, i, b, 3);
    if (j < 0) continue;
    double va = strtod(csv_text(a, i, ca), NULL), vb = strtod(csv_text(b, j, cb), NULL);
    lonely += (va > 0.0) != (vb > 0.0);
    if (!(va > 0.0 && vb > 0.0)) continue;
    difference[n] = fabs(vb / va - 1.0);
    if (difference[n] > most)
      snprintf(where, sizeof where, "%s, %s, %s", csv_text(a, i, 0), csv_text(a, i, 1), csv_text(a, i, 2));
    most = fmax(most, difference[n++]);
  }
  qsort(difference, (size_t)n, sizeof *difference, ascending);
  snprintf(what, sizeof what, "%s, median of %d", name, n);
  if (n) compare_told(t, what, difference[n / 2], "");
  snprintf(what, sizeof what, "%s, largest", name);
  if (n) compare_told(t, what, difference[n - 1], where);
  snprintf(what, sizeof what, "%s, reached in one only", name);
  if (lonely) compare_told(t, what, lonely, "");
  free(difference);
  return 0;
}

static PetscErrorCode columns(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  static const char *const names[] = {"threshold_10_mA", "threshold_50_mA", "threshold_90_mA"};
  for (int i = 0; i < 3; i++) PetscCall(compare_column(a, b, names[i], t));
  return 0;
}

/* Sets that stand at another rank. */
static PetscErrorCode ranks(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  int ra, rb, sa, sb, moved = 0;
  char where[256] = "";
  PetscCall(csv_column(a, "rank", &ra));
  PetscCall(csv_column(b, "rank", &rb));
  PetscCall(csv_column(a, "set", &sa));
  PetscCall(csv_column(b, "set", &sb));
  for (int i = 0; i < a->n_row; i++)
    for (int j = 0; j < b->n_row; j++) {
      if (strcmp(csv_text(a, i, sa), csv_text(b, j, sb)) || !strcmp(csv_text(a, i, ra), csv_text(b, j, rb))) continue;
      size_t n = strlen(where);
      snprintf(where + n, sizeof where - n, "%s%s %s -> %s", moved++ ? ", " : "", csv_text(a, i, sa),
               csv_text(a, i, ra), csv_text(b, j, rb));
    }
  compare_told(t, "sets at another rank", moved, where);
  return 0;
}

static PetscErrorCode both(const char *fa, const char *fb, const char *name,
                           PetscErrorCode (*compare)(const CsvTable *, const CsvTable *, CompareTable *),
                           CompareTable *t)
{
  CsvTable *a = NULL, *b = NULL;
  PetscErrorCode ierr = read_if_there(fa, name, &a);
  if (!ierr) ierr = read_if_there(fb, name, &b);
  if (!ierr && a && b) ierr = compare(a, b, t);
  if (!ierr && !(a && b)) say_note("%s is not in %s", name, a ? fb : fa);
  csv_destroy(&a);
  csv_destroy(&b);
  return ierr;
}

PetscErrorCode compare_tables(const char *a, const char *b, CompareTable *t)
{
  PetscCall(both(a, b, "thresholds.csv", columns, t));
  PetscCall(both(a, b, "thresholds.csv", compare_thresholds, t));
  PetscCall(both(a, b, "ranking.csv", ranks, t));
  return both(a, b, "ranking.csv", compare_order, t);
}
