/* The table of all fibres' thresholds: made, written, read back. */
#include "cauda/csv.h"
#include "cauda/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode allocate(ThresholdTable *t)
{
  size_t cells = (size_t)t->n_set * (size_t)t->n_fiber;
  PetscCall(mem_alloc((size_t)t->n_set, sizeof *t->set, &t->set));
  PetscCall(mem_alloc((size_t)t->n_root, sizeof *t->root, &t->root));
  PetscCall(mem_alloc((size_t)t->n_class, sizeof *t->fiber_class, &t->fiber_class));
  PetscCall(mem_alloc((size_t)t->n_fiber, sizeof *t->fiber_root, &t->fiber_root));
  PetscCall(mem_alloc((size_t)t->n_fiber, sizeof *t->fiber_class_of, &t->fiber_class_of));
  PetscCall(mem_alloc((size_t)t->n_fiber, sizeof *t->diameter_um, &t->diameter_um));
  PetscCall(mem_alloc(cells, sizeof *t->threshold_mA, &t->threshold_mA));
  PetscCall(mem_alloc(cells, sizeof *t->threshold_linear_mA, &t->threshold_linear_mA));
  PetscCall(mem_alloc(cells, sizeof *t->threshold_af_mA, &t->threshold_af_mA));
  PetscCall(mem_alloc(cells, sizeof *t->site_s_mm, &t->site_s_mm));
  PetscCall(mem_alloc(cells, sizeof *t->site, &t->site));
  return 0;
}

PetscErrorCode thresholds_create(int n_set, int n_fiber, int n_root, int n_class, ThresholdTable **out)
{
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  **out = (ThresholdTable){.n_set = n_set, .n_fiber = n_fiber, .n_root = n_root, .n_class = n_class};
  PetscErrorCode error = allocate(*out);
  if (error) thresholds_destroy(out);
  return error;
}

void thresholds_destroy(ThresholdTable **out)
{
  ThresholdTable *t = *out;
  if (!t) return;
  free(t->set), free(t->root), free(t->fiber_class), free(t->fiber_root), free(t->fiber_class_of);
  free(t->diameter_um), free(t->threshold_mA), free(t->threshold_linear_mA), free(t->threshold_af_mA);
  free(t->site_s_mm), free(t->site);
  free(t);
  *out = NULL;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static void put_threshold(double mA, FILE *s)
{
  if (isfinite(mA))
    fprintf(s, ",%.17g", mA);
  else
    fputc(',', s);
}

static PetscErrorCode put_rows(const void *what, FILE *s)
{
  const ThresholdTable *t = what;
  fputs("set,fiber,root,class,tier,diameter_um,threshold_mA,threshold_linear_mA,threshold_af_mA,site_s_mm,site\n", s);
  for (int set = 0; set < t->n_set; set++)
    for (int i = 0; i < t->n_fiber; i++) {
      size_t k = (size_t)set * (size_t)t->n_fiber + (size_t)i;
      fprintf(s, "%s,%d,%s,%s,%s,%.17g", t->set[set], i, t->root[t->fiber_root[i]],
              t->fiber_class[t->fiber_class_of[i]], t->tier, t->diameter_um[i]);
      put_threshold(t->threshold_mA[k], s);
      put_threshold(t->threshold_linear_mA[k], s);
      put_threshold(t->threshold_af_mA ? t->threshold_af_mA[k] : HUGE_VAL, s);
      fprintf(s, ",%.17g,%s\n", t->site_s_mm[k], isfinite(t->threshold_mA[k]) ? fiber_site_name(t->site[k]) : "");
    }
  return 0;
}

PetscErrorCode thresholds_write(const ThresholdTable *t, const char *path) { return file_write(path, put_rows, t); }

/* ---- reading -------------------------------------------------------------------------------------------------- */

enum { SET, FIBER, ROOT, CLASS, TIER, DIAMETER, THRESHOLD, THRESHOLD_LINEAR, THRESHOLD_AF, PLACE, SITE, COLUMNS };

static PetscErrorCode find_columns(const CsvTable *c, int column[COLUMNS])
{
  static const char *const name[COLUMNS] = {"set",
                                            "fiber",
                                            "root",
                                            "class",
                                            "tier",
                                            "diameter_um",
                                            "threshold_mA",
                                            "threshold_linear_mA",
                                            "threshold_af_mA",
                                            "site_s_mm",
                                            "site"};
  for (int i = 0; i < COLUMNS; i++) PetscCall(csv_column(c, name[i], &column[i]));
  return 0;
}

/* Number of a name in the order of first appearance; *n grows with a new one where `may_grow`, else -1. */
static int name_number(char (*name)[CAUDA_NAME_MAX], int *n, const char *text, bool may_grow)
{
  for (int i = *n - 1; i >= 0; i--)
    if (!strncmp(name[i], text, CAUDA_NAME_MAX - 1)) return i;
  if (!may_grow) return -1;
  snprintf(name[*n], CAUDA_NAME_MAX, "%s", text);
  return (*n)++;
}

static PetscErrorCode threshold_or_never(const CsvTable *c, int row, int column, double *value)
{
  *value = HUGE_VAL;
  if (*csv_text(c, row, column)) PetscCall(csv_number(c, row, column, value));
  PetscCheck(*value >= 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found a threshold of %g mA, expected none "
             "below 0",
             c->path, c->line[row], *value);
  return 0;
}

/* Empty where the fibre does not fire. */
static PetscErrorCode read_site(const CsvTable *c, int row, int column, FiberSite *site)
{
  const char *text = csv_text(c, row, column);
  for (*site = 0; *text && *site < SITE_COUNT && strcmp(text, fiber_site_name(*site)); ++*site) continue;
  PetscCheck(*site < SITE_COUNT, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found site \"%s\", expected foramen, root, entry, dorsal_column or ventral_horn", c->path,
             c->line[row], text);
  return 0;
}

static PetscErrorCode read_row(const CsvTable *c, int row, const int column[COLUMNS], ThresholdTable *t)
{
  bool first = row < t->n_fiber; /* the first set names the roots and classes, a set's first fibre the set */
  int fiber = row % t->n_fiber, set = name_number(t->set, &t->n_set, csv_text(c, row, column[SET]), fiber == 0);
  int root = name_number(t->root, &t->n_root, csv_text(c, row, column[ROOT]), first);
  int class = name_number(t->fiber_class, &t->n_class, csv_text(c, row, column[CLASS]), first);
  double number, diameter;
  PetscCall(csv_number(c, row, column[FIBER], &number));
  PetscCall(csv_number(c, row, column[DIAMETER], &diameter));
  if (first) t->fiber_root[fiber] = root, t->fiber_class_of[fiber] = class, t->diameter_um[fiber] = diameter;
  PetscCheck(set == row / t->n_fiber && number == fiber && t->fiber_root[fiber] == root &&
                 t->fiber_class_of[fiber] == class && t->diameter_um[fiber] == diameter,
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found fibre %g of set %s, expected fibre %d of set number %d, the same as in the first set",
             c->path, c->line[row], number, csv_text(c, row, column[SET]), fiber, row / t->n_fiber + 1);
  PetscCall(threshold_or_never(c, row, column[THRESHOLD], &t->threshold_mA[row]));
  PetscCall(threshold_or_never(c, row, column[THRESHOLD_LINEAR], &t->threshold_linear_mA[row]));
  PetscCall(threshold_or_never(c, row, column[THRESHOLD_AF], &t->threshold_af_mA[row]));
  PetscCall(csv_number(c, row, column[PLACE], &t->site_s_mm[row]));
  return read_site(c, row, column[SITE], &t->site[row]);
}

/* Rows of the first set, which are as many as there are fibres. */
static int count_fibers(const CsvTable *c, int set_column)
{
  int n = 0;
  while (n < c->n_row && !strcmp(csv_text(c, n, set_column), csv_text(c, 0, set_column))) n++;
  return n;
}

static PetscErrorCode read_rows(const CsvTable *c, ThresholdTable **out)
{
  int column[COLUMNS];
  PetscCall(find_columns(c, column));
  int n_fiber = count_fibers(c, column[SET]);
  PetscCheck(n_fiber > 0 && c->n_row % n_fiber == 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %d rows, of which %d of the first set, expected as many rows for each set", c->path, c->n_row,
             n_fiber);
  int n_set = c->n_row / n_fiber;
  PetscCall(thresholds_create(n_set, n_fiber, n_fiber, n_fiber, out)); /* at most one root and class a fibre */
  ThresholdTable *t = *out;
  snprintf(t->tier, sizeof t->tier, "%s", csv_text(c, 0, column[TIER]));
  t->n_set = t->n_root = t->n_class = 0; /* counted as they appear */
  for (int row = 0; row < c->n_row; row++) PetscCall(read_row(c, row, column, t));
  return 0;
}

PetscErrorCode thresholds_read(const char *path, ThresholdTable **out)
{
  CsvTable *c = NULL;
  *out = NULL;
  PetscCall(csv_read(path, &c));
  PetscErrorCode error = read_rows(c, out);
  if (error) thresholds_destroy(out);
  csv_destroy(&c);
  return error;
}
