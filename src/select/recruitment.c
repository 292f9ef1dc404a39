/* Recruitment: what share of a root's fibres an amplitude activates, and which amplitude it takes. */
#include "recruitment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double largest_cap_mA = 50.0;

static bool counts(const ThresholdTable *t, int fiber, int root, int fiber_class)
{
  return t->fiber_root[fiber] == root && (fiber_class < 0 || t->fiber_class_of[fiber] == fiber_class);
}

static const double *set_thresholds(const ThresholdTable *t, int set)
{
  return t->threshold_mA + (size_t)set * (size_t)t->n_fiber;
}

static int count_fibers(const ThresholdTable *t, int root, int fiber_class)
{
  int n = 0;
  for (int i = 0; i < t->n_fiber; i++) n += counts(t, i, root, fiber_class);
  return n;
}

double recruited(const ThresholdTable *t, int set, int root, int fiber_class, double amplitude_mA)
{
  const double *threshold = set_thresholds(t, set);
  int all = 0, active = 0;
  for (int i = 0; i < t->n_fiber; i++) {
    if (!counts(t, i, root, fiber_class)) continue;
    all++;
    active += threshold[i] <= amplitude_mA;
  }
  return all ? (double)active / all : 0.0;
}

/* Smallest of the thresholds (a set's, or those by the activating function) that at least `level` of the fibres do not
 * exceed. The k-th smallest, found by counting: no memory, and roots hold some tens of fibres. */
static double level_of(const ThresholdTable *t, const double *threshold, int root, int fiber_class, double level)
{
  int need = (int)ceil(level * count_fibers(t, root, fiber_class) - 1e-9);
  double best = HUGE_VAL;
  for (int i = 0; i < t->n_fiber; i++) {
    if (!counts(t, i, root, fiber_class) || threshold[i] >= best) continue;
    int active = 0;
    for (int k = 0; k < t->n_fiber; k++) active += counts(t, k, root, fiber_class) && threshold[k] <= threshold[i];
    if (active >= need) best = threshold[i];
  }
  return best;
}

double recruitment_level(const ThresholdTable *t, int set, int root, int fiber_class, double level)
{
  return level_of(t, set_thresholds(t, set), root, fiber_class, level);
}

static double spread_amplitude(const Case *c, const SetTable *sets)
{
  double least = 1.0; /* share of the strongest contact, of the set that spreads most */
  for (int s = 0; s < sets->n_set; s++) {
    double most = 0.0;
    for (int i = 0; i < sets->n_contact; i++) most = fmax(most, fabs(sets->set[s].fraction[i]));
    if (most > 0.0) least = fmin(least, most);
  }
  return c->limits.contact_mA / least;
}

/* A target of several roots, or of muscles, counts as all roots do. */
static bool is_target(const Case *c, const char *root)
{
  if (!c->rank || !c->rank->target || c->rank->muscles) return true;
  return !strncmp(root, c->rank->target, strlen(c->rank->target));
}

double recruitment_largest_mA(const Case *c, const SetTable *sets, const ThresholdTable *t)
{
  double saturation = 0.0;
  for (int root = 0; root < t->n_root; root++) {
    if (!is_target(c, t->root[root])) continue;
    for (int s = 0; s < t->n_set; s++) saturation = fmax(saturation, recruitment_level(t, s, root, -1, 0.9));
  }
  return fmax(spread_amplitude(c, sets), fmin(2.0 * saturation, largest_cap_mA));
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* Calls `row` for each class of each root in each set, and for all classes together (-1) where there are several. */
static void for_each_pool(const ThresholdTable *t, double largest_mA, FILE *s,
                          void (*row)(const ThresholdTable *, int set, int root, int fiber_class, double, FILE *))
{
  for (int set = 0; set < t->n_set; set++)
    for (int root = 0; root < t->n_root; root++) {
      int classes = 0;
      for (int k = 0; k < t->n_class; k++) {
        if (!count_fibers(t, root, k)) continue;
        classes++;
        row(t, set, root, k, largest_mA, s);
      }
      if (classes > 1) row(t, set, root, -1, largest_mA, s);
    }
}

static void put_head(const ThresholdTable *t, int set, int root, int fiber_class, FILE *s)
{
  fprintf(s, "%s,%s,%s,%s", t->set[set], t->root[root], fiber_class < 0 ? "all" : t->fiber_class[fiber_class], t->tier);
}

void recruitment_put_level(double mA, double largest_mA, FILE *s)
{
  if (mA <= largest_mA)
    fprintf(s, ",%.6g", mA);
  else
    fputc(',', s);
}

static void level_row(const ThresholdTable *t, int set, int root, int fiber_class, double largest_mA, FILE *s)
{
  static const double level[] = {0.1, 0.5, 0.9};
  put_head(t, set, root, fiber_class, s);
  fprintf(s, ",%d", count_fibers(t, root, fiber_class));
  for (int i = 0; i < 3; i++)
    recruitment_put_level(recruitment_level(t, set, root, fiber_class, level[i]), largest_mA, s);
  const double *af = t->threshold_af_mA ? t->threshold_af_mA + (size_t)set * (size_t)t->n_fiber : NULL;
  recruitment_put_level(af ? level_of(t, af, root, fiber_class, 0.5) : HUGE_VAL, largest_mA, s);
  const double *linear = t->threshold_linear_mA + (size_t)set * (size_t)t->n_fiber;
  recruitment_put_level(level_of(t, linear, root, fiber_class, 0.5), largest_mA, s);
  fputc('\n', s);
}

static void curve_rows(const ThresholdTable *t, int set, int root, int fiber_class, double largest_mA, FILE *s)
{
  for (int i = 0; i <= RECRUITMENT_STEPS; i++) {
    double amplitude = largest_mA * i / RECRUITMENT_STEPS;
    put_head(t, set, root, fiber_class, s);
    fprintf(s, ",%.6g,%.6g\n", amplitude, recruited(t, set, root, fiber_class, amplitude));
  }
}

/* One of the two tables. */
typedef struct {
  const ThresholdTable *t;
  const Goal *muscles;
  double largest_mA;
  bool curves;
  const char *header;
} PoolTable;

static PetscErrorCode put_pools(const void *what, FILE *s)
{
  const PoolTable *p = what;
  fputs(p->header, s);
  for_each_pool(p->t, p->largest_mA, s, p->curves ? curve_rows : level_row);
  return p->muscles ? muscle_rows(p->t, p->muscles, p->largest_mA, p->curves, s) : 0;
}

PetscErrorCode threshold_levels_write_csv(const ThresholdTable *t, const Goal *muscles, double largest_mA,
                                          const char *path)
{
  static const char header[] = "set,root,class,tier,n_fibers,threshold_10_mA,threshold_50_mA,threshold_90_mA,"
                               "activating_function_50_mA,linear_50_mA\n";
  PetscCall(file_write(path, put_pools, &(PoolTable){t, muscles, largest_mA, false, header}));
  return 0;
}

PetscErrorCode recruitment_write_csv(const ThresholdTable *t, const Goal *muscles, double largest_mA, const char *path)
{
  static const char header[] = "set,root,class,tier,amplitude_mA,recruited\n";
  PetscCall(file_write(path, put_pools, &(PoolTable){t, muscles, largest_mA, true, header}));
  return 0;
}
