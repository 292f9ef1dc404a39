/* search: for each target the best set on all contacts by the predictor, then by the full model beside the best of the
 * simple sets that a sweep finds. */
#include "stages.h"

#include "cauda/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIMPLE = 12, SIMPLE_KEPT = 4, SETS_MAX = 80 };

/* A target, and its sets among all: found ones, then simple ones. */
typedef struct {
  CaseRank rank; /* borrows the case's */
  Goal *goal;
  SearchResult *found;
  double *simple;         /* [n_simple][n_contact + 1] */
  int n_simple, first, n; /* sets first .. first + n - 1 */
  Ranking *ranking;
} Target;

typedef struct {
  Work *w;
  ScoreKind score;
  int *fiber_root;
  Screen *screen;
  Generator *generator;
  double width_us, largest_mA;
  int n_target;
  Target *target;
  SetTable *sets;
  ThresholdTable *thresholds;
} Task;

/* ---- by the predictor -------------------------------------------------------------------------------------------------- */

static PetscErrorCode find_simple(Task *t, Target *g)
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

static PetscErrorCode find_one(Task *t, Target *g)
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

static bool is_known(const Task *t, const Target *g, const double *fraction)
{
  for (int i = g->first; i < t->sets->n_set; i++)
    if (!memcmp(t->sets->set[i].fraction, fraction, (size_t)(t->sets->n_contact + 1) * sizeof *fraction)) return true;
  return false;
}

/* Several contacts of a sign on a device with one source. */
static bool is_wired(const Task *t, const double *fraction)
{
  int cathodes = 0, anodes = 0;
  for (int i = 0; i <= t->sets->n_contact; i++) cathodes += fraction[i]<0.0, anodes += fraction[i]> 0.0;
  return t->w->c->limits.sources == 1 && (cathodes > 1 || anodes > 1);
}

/* "L1_L_best", "L1_L_3-contacts": the target without what needs not be said. */
static void add_set(Task *t, Target *g, const double *fraction, const char *why)
{
  StimulationSet *s = &t->sets->set[t->sets->n_set];
  char label[40];
  if (is_known(t, g, fraction)) return;
  memcpy(s->fraction, fraction, (size_t)(t->sets->n_contact + 1) * sizeof *fraction);
  s->control = is_wired(t, fraction) ? SET_SINGLE_SOURCE : SET_CURRENT;
  snprintf(label, sizeof label, "%.39s", g->goal->label);
  for (char *c = label; *c; c++)
    if (*c == ' ') *c = '-';
  char *kind = strstr(label, "_dorsal");
  if (kind && !kind[7]) *kind = '\0';
  snprintf(s->name, sizeof s->name, "%.30s_%.31s", label, why);
  for (char *c = s->name; *c; c++)
    if (*c == ' ') *c = '-';
  t->sets->n_set++;
}

static PetscErrorCode list_sets(Task *t)
{
  PetscCall(sets_create(t->w->lead->n_contacts, t->n_target * SETS_MAX, &t->sets));
  int room = t->sets->n_set;
  t->sets->n_set = 0;
  for (int k = 0; k < t->n_target; k++) {
    Target *g = &t->target[k];
    size_t width = (size_t)t->w->lead->n_contacts + 1;
    char why[32];
    g->first = t->sets->n_set;
    for (int i = 0; i < g->found->n; i++) add_set(t, g, g->found->found[i].fraction, g->found->found[i].why);
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
static ThresholdTable view_of(const Task *t, const Target *g)
{
  ThresholdTable v = *t->thresholds;
  size_t skip = (size_t)g->first * (size_t)v.n_fiber;
  v.n_set = g->n, v.set += g->first;
  v.threshold_mA += skip, v.threshold_linear_mA += skip, v.site_s_mm += skip;
  return v;
}

static PetscErrorCode rank_one(Task *t, Target *g)
{
  Case c = *t->w->c;
  ThresholdTable v = view_of(t, g);
  SetTable sets = {.n_contact = t->sets->n_contact, .n_set = g->n, .set = t->sets->set + g->first};
  c.rank = &g->rank;
  return rank_sets(&c, t->w->lead, &sets, &v, t->w->field->impedance, &g->ranking);
}

/* ---- the front ----------------------------------------------------------------------------------------------------------- */

typedef struct {
  double target, spill, at_mA;
  int set;
} Point;

static int by_activation(const void *pa, const void *pb)
{
  const Point *a = pa, *b = pb;
  if (a->target != b->target) return a->target > b->target ? -1 : 1;
  if (a->spill != b->spill) return a->spill < b->spill ? -1 : 1;
  return a->set - b->set;
}

/* All amplitudes of all the target's sets within the limits. */
static PetscErrorCode list_points(Task *t, const Target *g, Point **out, int *count)
{
  const ThresholdTable *v = t->thresholds;
  Scorer *s;
  int room = 0;
  *count = 0;
  PetscCall(scorer_create(g->goal, v->n_fiber, v->fiber_root, &s));
  PetscErrorCode ierr = mem_alloc((size_t)g->n * (size_t)v->n_fiber, sizeof **out, out);
  for (int i = 0; i < g->n && !ierr; i++) {
    Reach r;
    const StimulationSet *set = &t->sets->set[g->first + i];
    set_reach(&t->w->c->limits, t->w->lead, set->fraction, t->width_us, t->w->field->impedance, &r);
    scorer_take(s, v->threshold_mA + (size_t)(g->first + i) * (size_t)v->n_fiber,
                (Amplitudes){fmin(r.largest_mA, 1e3),
                             set_step_mA(&t->w->c->limits, t->w->lead->n_contacts, set, r.largest_mA)});
    Point p = {.set = g->first + i};
    room = scorer_curve(s, 0, &p.at_mA, &p.target, &p.spill);
    for (int k = 0; k < room; k++) {
      scorer_curve(s, k, &p.at_mA, &p.target, &p.spill);
      (*out)[(*count)++] = p;
    }
  }
  scorer_destroy(&s);
  return ierr;
}

static PetscErrorCode write_front(Task *t, const Target *g, FILE *f)
{
  Point *p = NULL;
  int n;
  double least = HUGE_VAL;
  PetscErrorCode ierr = list_points(t, g, &p, &n);
  if (!ierr) qsort(p, (size_t)n, sizeof *p, by_activation);
  for (int i = 0; i < n && !ierr; i++) {
    if (p[i].spill >= least - 1e-12) continue;
    least = p[i].spill;
    fprintf(f, "%s,%s,%.6g,%.6g,%.6g\n", g->goal->label, t->sets->set[p[i].set].name, p[i].at_mA, p[i].target,
            p[i].spill);
  }
  free(p);
  return ierr;
}

static PetscErrorCode write_fronts(Task *t)
{
  char path[CAUDA_PATH_MAX];
  OutFile f;
  FILE *s = NULL;
  PetscCall(work_path(t->w, "pareto.csv", path));
  PetscCall(file_begin(path, &f));
  PetscErrorCode ierr = file_open(&f, &s);
  if (!ierr) fputs("target,set,amplitude_mA,target_recruited,spill\n", s);
  for (int i = 0; i < t->n_target && !ierr; i++) ierr = write_front(t, &t->target[i], s);
  if (s && !ierr) ierr = file_close(&f, &s);
  if (!ierr) ierr = file_commit(&f);
  if (ierr) file_abort(&f);
  return ierr;
}

/* ---- answers ------------------------------------------------------------------------------------------------------------- */

static int contacts_of(const Task *t, const char *set)
{
  int n = 0, i = sets_find(t->sets, set);
  for (int c = 0; c < t->sets->n_contact && i >= 0; c++) n += t->sets->set[i].fraction[c] != 0.0;
  return n;
}

static bool is_simple(const char *name) { return strstr(name, "_simple-") != NULL; }

/* The best row of the simple sets, and the first row of fewest contacts within 5 % of the best. */
static void pick(const Task *t, const Target *g, const RankRow **simple, const RankRow **fewest)
{
  const Ranking *r = g->ranking;
  *simple = NULL, *fewest = &r->row[0];
  for (int i = 0; i < r->n; i++) {
    const RankRow *row = &r->row[i];
    if (row->limit[0]) continue;
    if (!*simple && is_simple(r->set[row->set])) *simple = row;
    if (row->score >= 0.95 * r->row[0].score &&
        contacts_of(t, r->set[row->set]) < contacts_of(t, r->set[(*fewest)->set]))
      *fewest = row;
  }
}

static PetscErrorCode answer(Task *t, const Target *g)
{
  const Ranking *r = g->ranking;
  const RankRow *simple, *fewest;
  char text[2048], shares[CAUDA_NAME_MAX];
  size_t used = 0;
  rank_sentence(r, text, sizeof text - 600);
  pick(t, g, &simple, &fewest);
  if (r->reached || isfinite(r->row[0].target_threshold_mA)) {
    set_name(t->w->lead, t->sets->set[sets_find(t->sets, r->set[r->row[0].set])].fraction, shares);
    used = strlen(text);
    snprintf(text + used, sizeof text - used, " %s shares: %s.", r->reached ? "Its" : r->set[r->row[0].set], shares);
  }
  if (r->reached && simple) {
    set_name(t->w->lead, t->sets->set[sets_find(t->sets, r->set[simple->set])].fraction, shares);
    used = strlen(text);
    snprintf(text + used, sizeof text - used, " The best simple set, %s, has %.3f: the search gains %.3f.", shares,
             simple->score, r->row[0].score - simple->score);
  }
  used = strlen(text);
  if (r->reached && contacts_of(t, r->set[fewest->set]) < contacts_of(t, r->set[r->row[0].set]))
    snprintf(text + used, sizeof text - used, " With %d contacts instead of %d it is %.3f (%s).",
             contacts_of(t, r->set[fewest->set]), contacts_of(t, r->set[r->row[0].set]), fewest->score,
             r->set[fewest->set]);
  return report_add_search(t->w->report, r, simple ? r->set[simple->set] : NULL, simple ? simple->score : NAN,
                           r->set[fewest->set], text);
}

/* The programme: each target's best, and the one with the fewest contacts. */
static PetscErrorCode write_programme(Task *t)
{
  char path[CAUDA_PATH_MAX];
  const char *contact[SET_CONTACTS_MAX];
  SetTable chosen = {.n_contact = t->sets->n_contact};
  PetscCall(work_path(t->w, "search_sets.csv", path));
  PetscCall(mem_alloc(2 * (size_t)t->n_target, sizeof *chosen.set, &chosen.set));
  for (int i = 0; i < t->sets->n_contact; i++) contact[i] = t->w->lead->contacts[i].name;
  for (int i = 0; i < t->n_target; i++) {
    const RankRow *simple, *row[2];
    const Target *g = &t->target[i];
    row[0] = &g->ranking->row[0];
    pick(t, g, &simple, &row[1]);
    for (int k = 0; k < 2 && (!k || row[1] != row[0]); k++) {
      StimulationSet *s = &chosen.set[chosen.n_set++];
      *s = t->sets->set[g->first + row[k]->set];
      s->amplitude_mA = row[k]->score_at_mA;
    }
  }
  PetscErrorCode ierr = sets_write(&chosen, contact, path);
  free(chosen.set);
  return ierr;
}

static PetscErrorCode write_rankings(Task *t)
{
  char path[CAUDA_PATH_MAX];
  const Ranking **all;
  PetscCall(work_path(t->w, "search.csv", path));
  PetscCall(mem_alloc((size_t)t->n_target, sizeof *all, &all));
  for (int i = 0; i < t->n_target; i++) all[i] = t->target[i].ranking;
  PetscErrorCode ierr = rankings_write_csv(t->n_target, all, path);
  free(all);
  return ierr;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

/* rank's own target, or those of the search, one by one. */
static PetscErrorCode list_targets(Task *t)
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

static PetscErrorCode prepare(Task *t)
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

static PetscErrorCode run(Task *t)
{
  PetscCall(prepare(t));
  for (int i = 0; i < t->n_target; i++) PetscCall(find_one(t, &t->target[i]));
  PetscCall(list_sets(t));
  PetscCall(thresholds_of_sets(t->w, t->sets, &t->thresholds));
  PetscCall(report_clear_search(t->w->report));
  for (int i = 0; i < t->n_target; i++) {
    PetscCall(rank_one(t, &t->target[i]));
    PetscCall(answer(t, &t->target[i]));
  }
  PetscCall(write_rankings(t));
  PetscCall(write_programme(t));
  return write_fronts(t);
}

static void task_free(Task *t)
{
  for (int i = 0; t->target && i < t->n_target; i++) {
    Target *g = &t->target[i];
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
  Task t = {.w = w};
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
