/* search: for each target the best set on all contacts by the predictor, then by the full model beside the best of the
 * simple sets that a sweep finds. */
#include "search_task.h"
#include "stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIMPLE = 12, SIMPLE_KEPT = 4, SETS_MAX = 80 };

/* ---- by the predictor -------------------------------------------------------------------------------------------------- */

static PetscErrorCode find_simple(SearchTask *t, SearchTarget *g)
{
  Work *w = t->w;
  SweepState *state;
  size_t width = (size_t)w->lead->n_contacts + 1;
  Sweep s = {.c = w->c, .lead = w->lead, .impedance_ohm = w->field->impedance, .goal = g->goal, .score = t->score};
  s.fiber_root = t->fiber_root, s.screen = t->screen, s.generator = t->generator;
  s.width_us = t->width_us, s.largest_mA = t->largest_mA;
  PetscCall(sweep_state_create(SIMPLE, &state));
  PetscErrorCode ierr = sweep_run(&s, w->args->threads, NULL, "", state);
  if (!ierr) ierr = mem_alloc(SIMPLE, width * sizeof *g->simple, &g->simple);
  for (int i = 0; i < state->n && !ierr; i++) {
    double *to = g->simple + (size_t)g->n_simple * width;
    bool known = false;
    StimulationSet set = {.fraction = to};
    bool here;
    ierr = sweep_set(&s, state->best[i].number, &set, &here);
    for (int k = 0; k < g->n_simple; k++)
      known = known || !memcmp(g->simple + (size_t)k * width, to, width * sizeof *to);
    g->n_simple += !known;
  }
  sweep_state_destroy(&state);
  PetscCheck(ierr || g->n_simple, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the device can drive none of the simple sets that a search begins with", w->c->path);
  return ierr;
}

static PetscErrorCode find_one(SearchTask *t, SearchTarget *g)
{
  Work *w = t->w;
  const CaseSearch *asked = &w->c->search;
  const double *start[SIMPLE];
  Search s = {.c = w->c, .lead = w->lead, .impedance_ohm = w->field->impedance, .score = t->score};
  PetscCall(work_goal(w, &g->rank, &g->goal));
  PetscCall(find_simple(t, g));
  s.goal = g->goal, s.fiber_root = t->fiber_root, s.screen = t->screen;
  s.width_us = t->width_us, s.largest_mA = t->largest_mA, s.steps = (int)lround(1.0 / asked->step);
  s.wired = w->c->limits.sources == 1;
  s.most_contacts = asked->contacts && asked->contacts < w->lead->n_contacts ? asked->contacts : w->lead->n_contacts;
  for (int i = 0; i < g->n_simple; i++) start[i] = g->simple + (size_t)i * (size_t)(w->lead->n_contacts + 1);
  PetscCall(search_run(&s, g->n_simple, start, w->args->threads, &g->found));
  const Found *best = &g->found->found[0];
  say_progress("search: %s: %s %.3f with %d contacts by the predictor, %lld sets looked at", g->goal->label,
               score_name[t->score], best->score, best->contacts, (long long)g->found->looked_at);
  return 0;
}

/* ---- all sets for the full model --------------------------------------------------------------------------------------- */

static bool is_known(const SearchTask *t, const SearchTarget *g, const double *fraction)
{
  for (int i = g->first; i < t->sets->n_set; i++)
    if (!memcmp(t->sets->set[i].fraction, fraction, (size_t)(t->sets->n_contact + 1) * sizeof *fraction)) return true;
  return false;
}

/* "L1_L_best", "L1_L_3-contacts": the target without what needs not be said. */
static void set_name_of(const SearchTarget *g, const char *why, char out[CAUDA_NAME_MAX])
{
  char label[40];
  snprintf(label, sizeof label, "%.39s", g->goal->label);
  char *kind = strstr(label, "_dorsal");
  if (kind && !kind[7]) *kind = '\0';
  snprintf(out, CAUDA_NAME_MAX, "%.30s_%.31s", label, why);
  for (char *c = out; *c; c++)
    if (*c == ' ') *c = '-';
}

static void add_set(SearchTask *t, SearchTarget *g, const double *fraction, const char *why)
{
  StimulationSet *s = &t->sets->set[t->sets->n_set];
  if (is_known(t, g, fraction)) return;
  memcpy(s->fraction, fraction, (size_t)(t->sets->n_contact + 1) * sizeof *fraction);
  s->control = set_is_wired(&t->w->c->limits, t->sets->n_contact, fraction) ? SET_SINGLE_SOURCE : SET_CURRENT;
  set_name_of(g, why, s->name);
  t->sets->n_set++;
}

static PetscErrorCode list_sets(SearchTask *t)
{
  PetscCall(sets_create(t->w->lead->n_contacts, t->n_target * SETS_MAX, &t->sets));
  int room = t->sets->n_set;
  t->sets->n_set = 0;
  for (int k = 0; k < t->n_target; k++) {
    SearchTarget *g = &t->target[k];
    size_t width = (size_t)t->w->lead->n_contacts + 1;
    char why[32];
    g->first = t->sets->n_set;
    for (int i = 0; i < g->found->n; i++) add_set(t, g, g->found->found[i].fraction, g->found->found[i].why);
    g->n_found = t->sets->n_set - g->first;
    for (int i = 0; i < g->n_simple && i < SIMPLE_KEPT; i++) {
      snprintf(why, sizeof why, "simple %d", i + 1);
      add_set(t, g, g->simple + (size_t)i * width, why);
    }
    g->n = t->sets->n_set - g->first;
  }
  for (int i = t->sets->n_set + 1; i < room; i++) free(t->sets->set[i].fraction);
  return 0;
}

/* The rows of one target's sets: the arrays are those of all. */
static ThresholdTable view_of(const SearchTask *t, const SearchTarget *g)
{
  ThresholdTable v = *t->thresholds;
  size_t skip = (size_t)g->first * (size_t)v.n_fiber;
  v.n_set = g->n, v.set += g->first;
  v.threshold_mA += skip, v.threshold_linear_mA += skip, v.site_s_mm += skip;
  return v;
}

static PetscErrorCode rank_as_named(SearchTask *t, SearchTarget *g)
{
  Case c = *t->w->c;
  ranking_destroy(&g->ranking);
  ThresholdTable v = view_of(t, g);
  SetTable sets = {.n_contact = t->sets->n_contact, .n_set = g->n, .set = t->sets->set + g->first};
  c.rank = &g->rank;
  return rank_sets(&c, t->w->lead, &sets, &v, t->w->field->impedance, &g->ranking);
}

/* Which is the best only the full model tells. That one is called so wherever it came from, so that who looks for the
 * search's best finds it; its name stands in the other rows' ties, too, so that they are ranked once more. */
static PetscErrorCode rank_one(SearchTask *t, SearchTarget *g)
{
  PetscCall(rank_as_named(t, g));
  const int best = g->first + g->ranking->row[0].set;
  set_name_of(g, "best", t->sets->set[best].name);
  set_name_of(g, "best", t->thresholds->set[best]);
  return rank_as_named(t, g);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

/* rank's own target, or those of the search, one by one. */
static PetscErrorCode list_targets(SearchTask *t)
{
  const CaseSearch *asked = &t->w->c->search;
  t->n_target = asked->n_targets ? asked->n_targets : 1;
  PetscCall(mem_alloc((size_t)t->n_target, sizeof *t->target, &t->target));
  for (int i = 0; i < t->n_target; i++) {
    t->target[i].rank = *t->w->c->rank;
    if (asked->n_targets) t->target[i].rank.target = asked->targets[i], t->target[i].rank.n_targets = 0;
  }
  return 0;
}

static PetscErrorCode prepare(SearchTask *t)
{
  Work *w = t->w;
  const FiberResponse *r;
  const unsigned simple = 1U << MONOPOLES | 1U << BIPOLES | 1U << TRIPOLES | 1U << GUARDED | 1U << STEERING;
  PetscCall(score_find(w->c->rank->score, &t->score));
  PetscCall(list_targets(t));
  PetscCall(mem_alloc((size_t)w->fibers->n_fiber, sizeof *t->fiber_root, &t->fiber_root));
  for (int i = 0; i < w->fibers->n_fiber; i++) t->fiber_root[i] = w->fibers->fiber[i].root;
  t->width_us = w->c->pulse.width_us;
  t->largest_mA = sweep_largest_mA(w->c, w->lead, t->width_us);
  PetscCall(work_response(w, t->width_us, &r));
  PetscCall(screen_create(r, t->largest_mA, &t->screen));
  return generator_create(w->lead, simple, w->c->limits.sources == 1 ? 0.5 : 0.25, &t->generator);
}

static PetscErrorCode run(SearchTask *t)
{
  PetscCall(prepare(t));
  for (int i = 0; i < t->n_target; i++) PetscCall(find_one(t, &t->target[i]));
  PetscCall(list_sets(t));
  PetscCall(thresholds_of_sets(t->w, t->sets, &t->thresholds));
  PetscCall(report_clear_search(t->w->report));
  for (int i = 0; i < t->n_target; i++) {
    PetscCall(rank_one(t, &t->target[i]));
    PetscCall(search_answer(t, &t->target[i]));
  }
  return search_write(t);
}

static void task_free(SearchTask *t)
{
  for (int i = 0; t->target && i < t->n_target; i++) {
    SearchTarget *g = &t->target[i];
    goal_destroy(&g->goal);
    search_result_destroy(&g->found);
    ranking_destroy(&g->ranking);
    free(g->simple);
  }
  free(t->target), free(t->fiber_root);
  screen_destroy(&t->screen), generator_destroy(&t->generator);
  thresholds_destroy(&t->thresholds), sets_destroy(&t->sets);
}

PetscErrorCode stage_search(Work *w)
{
  SearchTask t = {.w = w};
  PetscCall(work_need_lead(w, "a search"));
  PetscCheck(w->c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"rank:\", which a search needs",
             w->c->path);
  PetscCall(work_fibers(w));
  PetscCall(work_mesh(w));
  PetscCall(work_field(w));
  PetscErrorCode ierr = run(&t);
  task_free(&t);
  return ierr;
}
