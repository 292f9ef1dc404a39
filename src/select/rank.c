/* Sets in order of their score. */
#include "cauda/select.h"

#include "name_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What all rows share. */
typedef struct {
  const Case *c;
  const LeadModel *lead;
  const SetTable *sets;
  const ThresholdTable *thresholds;
  const double *impedance_ohm;
  const Goal *goal;
  ScoreKind score;
  double tried_mA; /* the largest amplitude of which anything is known */
  Scorer *scorer;
} Task;

/* ---- one set -------------------------------------------------------------------------------------------------- */

/* Thresholds are told wherever they lie, beyond the limits, too: the reader is to see how far. */
static void find_levels(const Task *t, RankRow *row)
{
  const Goal *g = t->goal;
  row->target_threshold_mA = row->target_saturation_mA = 0.0;
  row->first_other = -1;
  row->first_other_threshold_mA = HUGE_VAL;
  for (int p = 0; p < g->n_pool; p++) {
    double mA = scorer_level(t->scorer, p, 0.1, t->tried_mA);
    if (g->wanted[p] > 0.0) {
      row->target_threshold_mA = fmax(row->target_threshold_mA, mA);
      row->target_saturation_mA = fmax(row->target_saturation_mA, scorer_level(t->scorer, p, 0.9, t->tried_mA));
    }
    if (g->spared[p] <= 0.0 || mA >= row->first_other_threshold_mA) continue;
    row->first_other = p;
    row->first_other_threshold_mA = mA;
  }
  bool both = isfinite(row->target_threshold_mA) && row->target_threshold_mA > 0.0 && row->first_other >= 0;
  row->margin = both ? row->first_other_threshold_mA / row->target_threshold_mA : HUGE_VAL;
}

static void find_scores(const Task *t, Amplitudes allowed, RankRow *row)
{
  size_t first = (size_t)row->set * (size_t)t->thresholds->n_fiber;
  const double *threshold = t->thresholds->threshold_mA + first, *linear = t->thresholds->threshold_linear_mA + first;
  scorer_take(t->scorer, linear, allowed);
  row->score_predicted = scorer_best(t->scorer, t->score).value;
  scorer_take(t->scorer, threshold, (Amplitudes){t->tried_mA, 0.0});
  Score free = scorer_best(t->scorer, t->score);
  row->score_unlimited = free.value, row->unlimited_at_mA = free.at_mA;
  scorer_take(t->scorer, threshold, allowed);
  for (int k = 0; k < SCORE_KINDS; k++) row->index[k] = scorer_best(t->scorer, (ScoreKind)k).value;
  Score best = scorer_best(t->scorer, t->score);
  row->score = best.value, row->score_at_mA = best.at_mA;
  scorer_at(t->scorer, best.at_mA, &row->target, &row->spill);
}

static void name_nearest(const Task *t, const Reach *reach, RankRow *row)
{
  row->nearest = reach->first;
  row->nearest_share = row->score_at_mA / reach->largest_mA;
  int contact = reach->contact[reach->first];
  snprintf(row->nearest_words, sizeof row->nearest_words, "%s%s%.20s", limit_name(reach->first),
           contact < 0 ? "" : " at ", contact < 0 ? "" : t->lead->contacts[contact].name);
}

/* Why a set stands below those that keep every limit. */
static void find_fault(const Task *t, const StimulationSet *set, double width_us, const Reach *reach, RankRow *row)
{
  const CaseLimits *l = &t->c->limits;
  if (set_impossible(l, t->lead->n_contacts, set, width_us, row->limit)) return;
  if (isinf(set_step_mA(l, t->lead->n_contacts, set, reach->largest_mA))) {
    snprintf(row->limit, sizeof row->limit,
             "no amplitude up to %.3g mA puts each contact on the device's steps of %g mA", reach->largest_mA,
             l->step_mA);
    return;
  }
  double asked = set->control == SET_VOLTAGE ? 0.0 : set->amplitude_mA;
  for (int k = 0; k < LIMIT_KINDS; k++)
    if (asked > reach->at_mA[k] * (1.0 + 1e-9)) {
      limit_words(l, t->lead, (LimitKind)k, reach, asked, row->limit);
      return;
    }
  if (row->target_threshold_mA > reach->largest_mA && isfinite(row->target_threshold_mA))
    limit_words(l, t->lead, reach->first, reach, row->target_threshold_mA, row->limit);
}

static PetscErrorCode fill_row(const Task *t, RankRow *row)
{
  const char *name = t->thresholds->set[row->set];
  int i = sets_find(t->sets, name);
  Reach reach;
  PetscCheck(i >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the thresholds are of a set \"%s\", which the case does not have: run the fibers stage again", name);
  const StimulationSet *set = &t->sets->set[i];
  double width_us = set->width_us > 0.0 ? set->width_us : t->c->pulse.width_us;
  set_reach(&t->c->limits, t->lead, set->fraction, width_us, t->impedance_ohm, &reach);
  row->largest_mA = reach.largest_mA;
  const Amplitudes allowed = {fmin(reach.largest_mA, t->tried_mA),
                              set_step_mA(&t->c->limits, t->lead->n_contacts, set, reach.largest_mA)};
  find_scores(t, allowed, row);
  find_levels(t, row);
  set_demand(t->lead, set->fraction, width_us, row->score_at_mA, t->impedance_ohm, &row->demand);
  name_nearest(t, &reach, row);
  find_fault(t, set, width_us, &reach, row);
  return 0;
}

/* ---- order and ties ------------------------------------------------------------------------------------------- */

static double nearness(const RankRow *r)
{
  return isfinite(r->target_threshold_mA) ? r->largest_mA / r->target_threshold_mA : 0.0;
}

/* Sets that keep the limits first, then by score; of those beyond a limit that are equal the nearest to the target's
 * threshold; what is equal then stays in the order of the sets. */
static int compare_rows(const void *pa, const void *pb)
{
  const RankRow *a = pa, *b = pb;
  bool over_a = a->limit[0], over_b = b->limit[0];
  if (over_a != over_b) return over_a ? 1 : -1;
  if (a->score != b->score) return a->score > b->score ? -1 : 1;
  if (over_a && nearness(a) != nearness(b)) return nearness(a) > nearness(b) ? -1 : 1;
  return a->set - b->set;
}

static void name_ties(Ranking *r, int from, int to)
{
  for (int i = from; i < to; i++)
    for (int k = from; k < to; k++)
      if (k != i) name_list_add(r->row[i].tied_with, sizeof r->row[i].tied_with, ";", r->set[r->row[k].set]);
}

/* A tie holds all that come close enough to its first set; chains of near scores do not run on. */
static void give_ranks(double tolerance, Ranking *r)
{
  for (int from = 0, to; from < r->n; from = to) {
    const RankRow *first = &r->row[from];
    to = from + 1;
    while (to < r->n && !r->row[to].limit[0] == !first->limit[0] && first->score - r->row[to].score < tolerance) to++;
    for (int i = from; i < to; i++) r->row[i].rank = from + 1;
    name_ties(r, from, to);
  }
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

static double largest_tried(const Case *c, const SetTable *sets, const ThresholdTable *t)
{
  double largest = recruitment_largest_mA(c, sets, t);
  for (size_t i = 0; i < (size_t)t->n_set * (size_t)t->n_fiber; i++)
    if (isfinite(t->threshold_mA[i])) largest = fmax(largest, t->threshold_mA[i]);
  return largest;
}

static PetscErrorCode fill(Task *t, Ranking *r)
{
  const ThresholdTable *table = t->thresholds;
  PetscCall(mem_alloc((size_t)table->n_set, sizeof *r->row, &r->row));
  PetscCall(mem_alloc((size_t)table->n_set, sizeof *r->set, &r->set));
  PetscCall(goal_create(t->c->rank, t->c->folder, table->n_root, table->root, &r->goal));
  PetscCall(score_find(t->c->rank->score, &r->score));
  PetscCall(scorer_create(r->goal, table->n_fiber, table->fiber_root, &t->scorer));
  t->goal = r->goal, t->score = r->score;
  r->n = table->n_set;
  for (int i = 0; i < r->n; i++) {
    r->row[i].set = i;
    snprintf(r->set[i], sizeof r->set[i], "%s", table->set[i]);
    PetscCall(fill_row(t, &r->row[i]));
    r->reached = r->reached || (!r->row[i].limit[0] && isfinite(r->row[i].target_threshold_mA));
  }
  qsort(r->row, (size_t)r->n, sizeof *r->row, compare_rows);
  give_ranks(r->score == SCORE_WINDOW ? 1e-9 : scorer_grain(t->scorer) - 1e-9, r);
  return 0;
}

PetscErrorCode rank_sets(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                         const double *impedance_ohm, Ranking **out)
{
  Task task = {.c = c, .lead = m, .sets = sets, .thresholds = t, .impedance_ohm = impedance_ohm};
  *out = NULL;
  PetscCheck(c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "found no rank.target, expected the root to activate");
  PetscCheck(sets->n_contact == m->n_contacts, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found %d contacts in the sets and %d on the lead, expected as many", sets->n_contact, m->n_contacts);
  task.tried_mA = largest_tried(c, sets, t);
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode error = fill(&task, *out);
  scorer_destroy(&task.scorer);
  if (error) ranking_destroy(out);
  return error;
}

void ranking_destroy(Ranking **r)
{
  if (!*r) return;
  goal_destroy(&(*r)->goal);
  free((*r)->row), free((*r)->set);
  free(*r);
  *r = NULL;
}
