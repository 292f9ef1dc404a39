/* Sets in order of their score. */
#include "limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the target ----------------------------------------------------------------------------------------------- */

static void append(char *list, size_t size, const char *separator, const char *name)
{
  size_t used = strlen(list);
  if (used + strlen(name) + 8 < size)
    snprintf(list + used, size - used, "%s%s", used ? separator : "", name);
  else if (used >= 3 && strcmp(list + used - 3, "..."))
    snprintf(list + used, size - used, "%s...", separator);
}

PetscErrorCode thresholds_find_root(const ThresholdTable *t, const char *name, int *root)
{
  char all[512] = "", fitting[512] = "";
  int n = 0;
  size_t length = strlen(name);
  *root = -1;
  for (int i = 0; i < t->n_root; i++) {
    append(all, sizeof all, " ", t->root[i]);
    if (!strcmp(t->root[i], name)) {
      *root = i;
      return 0;
    }
    if (strncmp(t->root[i], name, length) || t->root[i][length] != '_') continue;
    append(fitting, sizeof fitting, " or ", t->root[i]);
    *root = i;
    n++;
  }
  PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "rank.target: found \"%s\", expected one of the roots: %s",
             name, all);
  PetscCheck(n == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "rank.target: found \"%s\", which may be %s: name one",
             name, fitting);
  return 0;
}

/* ---- one set -------------------------------------------------------------------------------------------------- */

static double within(double mA, double largest_mA) { return mA <= largest_mA ? mA : HUGE_VAL; }

static void find_levels(const ThresholdTable *t, int target, double largest_mA, RankRow *row)
{
  row->target_threshold_mA = within(recruitment_level(t, row->set, target, -1, 0.1), largest_mA);
  row->target_saturation_mA = within(recruitment_level(t, row->set, target, -1, 0.9), largest_mA);
  row->first_other = -1;
  row->first_other_threshold_mA = HUGE_VAL;
  for (int root = 0; root < t->n_root; root++) {
    double mA = within(recruitment_level(t, row->set, root, -1, 0.1), largest_mA);
    if (!is_other(t, target, root) || mA >= row->first_other_threshold_mA) continue;
    row->first_other = root;
    row->first_other_threshold_mA = mA;
  }
  bool both = isfinite(row->target_threshold_mA) && row->target_threshold_mA > 0.0 && row->first_other >= 0;
  row->margin = both ? row->first_other_threshold_mA / row->target_threshold_mA : HUGE_VAL;
}

static PetscErrorCode fill_row(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                               const double *impedance_ohm, int target, double largest_mA, RankRow *row)
{
  int i = sets_find(sets, t->set[row->set]);
  PetscCheck(i >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the thresholds are of a set \"%s\", which the case does not have: run the fibers stage again",
             t->set[row->set]);
  const StimulationSet *set = &sets->set[i];
  PetscCall(score_best(c->rank->score, t, row->set, target, largest_mA, &row->score, &row->score_at_mA));
  find_levels(t, target, largest_mA, row);
  limits_check(&c->limits, m, set, set->width_us > 0.0 ? set->width_us : c->pulse.width_us, row->score_at_mA,
               impedance_ohm, row);
  return 0;
}

/* ---- order and ties ------------------------------------------------------------------------------------------- */

/* Sets that keep the limits first, then by score; what is equal stays in the order of the sets. */
static int compare_rows(const void *pa, const void *pb)
{
  const RankRow *a = pa, *b = pb;
  bool over_a = a->limit[0], over_b = b->limit[0];
  if (over_a != over_b) return over_a ? 1 : -1;
  if (a->score != b->score) return a->score > b->score ? -1 : 1;
  return a->set - b->set;
}

static double tie_tolerance(const char *score, const ThresholdTable *t, int target)
{
  int n = 0;
  for (int i = 0; i < t->n_fiber; i++) n += t->fiber_root[i] == target;
  return strcmp(score, "window") && n ? 1.0 / n - 1e-9 : 1e-9;
}

static void name_ties(const ThresholdTable *t, RankRow *rows, int from, int to)
{
  for (int i = from; i < to; i++)
    for (int k = from; k < to; k++)
      if (k != i) append(rows[i].tied_with, sizeof rows[i].tied_with, ";", t->set[rows[k].set]);
}

/* A tie holds all that come close enough to its first set; chains of near scores do not run on. */
static void give_ranks(const ThresholdTable *t, double tolerance, RankRow *rows)
{
  for (int from = 0, to; from < t->n_set; from = to) {
    to = from + 1;
    while (to < t->n_set && !rows[to].limit[0] == !rows[from].limit[0] && rows[from].score - rows[to].score < tolerance)
      to++;
    for (int i = from; i < to; i++) rows[i].rank = from + 1;
    name_ties(t, rows, from, to);
  }
}

PetscErrorCode rank_sets(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                         const double *impedance_ohm, RankRow **out)
{
  int target;
  *out = NULL;
  PetscCheck(c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "found no rank.target, expected the root to activate");
  PetscCheck(sets->n_contact == m->n_contacts, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found %d contacts in the sets and %d on the lead, expected as many", sets->n_contact, m->n_contacts);
  PetscCall(thresholds_find_root(t, c->rank->target, &target));
  double largest_mA = recruitment_largest_mA(c, sets, t);
  PetscCall(mem_alloc((size_t)t->n_set, sizeof **out, out));
  PetscErrorCode error = 0;
  for (int i = 0; i < t->n_set && !error; i++) {
    (*out)[i].set = i;
    error = fill_row(c, m, sets, t, impedance_ohm, target, largest_mA, &(*out)[i]);
  }
  if (error) {
    free(*out);
    *out = NULL;
    return error;
  }
  qsort(*out, (size_t)t->n_set, sizeof **out, compare_rows);
  give_ranks(t, tie_tolerance(c->rank->score, t, target), *out);
  return 0;
}
