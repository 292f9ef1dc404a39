/* sweep: sets by the hundred thousand by the predictor, the best of them by the full model. */
#include "keys.h"
#include "ranks.h"
#include "stages.h"
#include "sweep_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What all pulse widths share. */
typedef struct {
  Work *w;
  Sweep sweep;
  SweepWidths widths;
  Goal *goal;
  Generator *generator; /* or */
  SweepList list;
  int64_t n, width_first; /* sets; number of the first with the width at hand */
  SweepState *state;
  char path[CAUDA_PATH_MAX];
} Task;

static unsigned families(const CaseSweep *s)
{
  unsigned bits = s->n_generate ? 0 : (1U << QUADRUPOLES) - 1U; /* all but the most */
  for (int i = 0; i < s->n_generate; i++)
    for (int f = 0; f < FAMILIES; f++)
      if (!strcmp(s->generate[i], family_name[f])) bits |= 1U << f;
  return bits;
}

static void case_widths(const Case *c, SweepWidths *out)
{
  out->n = c->sweep.n_widths ? c->sweep.n_widths : 1;
  for (int i = 0; i < out->n; i++) out->us[i] = c->sweep.n_widths ? c->sweep.widths_us[i] : c->pulse.width_us;
}

/* Where the sets come from. With one source the shares come of the impedances: even ones stand for all. */
static PetscErrorCode open_sets(Task *t)
{
  const Work *w = t->w;
  const CaseSweep *s = &w->c->sweep;
  case_widths(w->c, &t->widths);
  if (s->sets) {
    PetscCall(sweep_list_open(t->w, &t->widths, &t->list));
    t->n = t->list.n;
    return 0;
  }
  PetscCall(generator_create(w->lead, families(s), w->c->limits.sources == 1 ? 0.5 : s->step, &t->generator));
  t->sweep.generator = t->generator;
  t->n = generator_count(t->generator);
  return 0;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

static PetscErrorCode look_at_some(Task *t)
{
  return ranks_sweep(&t->sweep, t->w->args->threads, t->path, t->w->stage_key, t->state);
}

static PetscErrorCode look_at_block(void *context, SetTable *block, int64_t first)
{
  Task *t = context;
  t->sweep.list = block, t->sweep.first = t->width_first + first;
  PetscErrorCode ierr = look_at_some(t);
  t->sweep.list = NULL;
  return ierr;
}

static PetscErrorCode look_at_width(Task *t, int i)
{
  Sweep *s = &t->sweep;
  const FiberResponse *r;
  Screen *screen;
  t->width_first = s->first = (int64_t)i * t->n;
  if (t->state->done >= s->first + t->n) return 0; /* before an interrupt */
  s->width_us = t->widths.us[i], s->named_only = t->widths.named_only[i];
  s->largest_mA = sweep_largest_mA(t->w->c, t->w->lead, s->width_us);
  PetscCall(work_response(t->w, s->width_us, &r));
  PetscCall(screen_create(r, s->largest_mA, &screen));
  s->screen = screen;
  int64_t had = t->state->done > s->first ? t->state->done : s->first;
  double start = seconds_now();
  PetscErrorCode ierr =
      t->generator ? look_at_some(t) : sweep_list_each(t->w, &t->list, had - s->first, look_at_block, t);
  if (!ierr)
    say_progress("sweep: %lld %s %g us in %.1f s", (long long)(t->width_first + t->n - had),
                 t->generator ? "sets of" : "sets of the file looked through for", s->width_us, seconds_now() - start);
  screen_destroy(&screen);
  return ierr;
}

static PetscErrorCode look(Task *t)
{
  if (t->state->done)
    say_progress("sweep: going on after %lld sets that were looked at before", (long long)t->state->done);
  t->sweep.total = t->n * t->widths.n;
  for (int i = 0; i < t->widths.n; i++) PetscCall(look_at_width(t, i));
  return 0;
}

/* ---- the best ------------------------------------------------------------------------------------------------------------ */

/* Families overlap: two neighbours as cathodes and another contact are a tripole, too. */
static bool is_known(const SetTable *t, const StimulationSet *s)
{
  for (int i = 0; i < t->n_set; i++)
    if (t->set[i].width_us == s->width_us &&
        !memcmp(t->set[i].fraction, s->fraction, (size_t)(t->n_contact + 1) * sizeof *s->fraction))
      return true;
  return false;
}

/* Its own name, or its shares, and what tells it from others of the same. */
static void name_it(const Task *t, const SetTable *sets, StimulationSet *s)
{
  char end[32] = "", name[CAUDA_NAME_MAX];
  bool own = s->name[0], several = !own && t->widths.n > 1;
  if (own)
    memcpy(name, s->name, sizeof name);
  else
    set_name(t->w->lead, s->fraction, name);
  for (int n = 1; n == 1 || sets_find(sets, s->name) >= 0; n++) {
    int used = 0;
    if (several || n > 1) used = snprintf(end, sizeof end, "_%gus", s->width_us);
    if (n > 1 + (several ? 0 : 1)) snprintf(end + used, sizeof end - (size_t)used, "_%d", n);
    snprintf(s->name, sizeof s->name, "%.*s%s", (int)(sizeof s->name - 1 - strlen(end)), name, end);
  }
}

/* Those of a file are gathered while it is read once more: in the place that each has among the best. */
typedef struct {
  Task *t;
  SetTable *found; /* [state->n] */
} Gathering;

static PetscErrorCode gather_block(void *context, SetTable *block, int64_t first)
{
  const Gathering *g = context;
  const SweepState *best = g->t->state;
  for (int i = 0; i < best->n; i++) {
    int64_t row = best->best[i].number % g->t->n - first;
    if (row < 0 || row >= block->n_set) continue;
    StimulationSet *s = &g->found->set[i];
    Sweep listed = {.list = block, .lead = g->t->w->lead};
    bool here;
    PetscCall(sweep_set(&listed, row, s, &here));
    s->voltage_V = NULL;
    if (!block->set[row].voltage_V) continue;
    PetscCall(mem_alloc((size_t)block->n_contact + 1, sizeof *s->voltage_V, &s->voltage_V));
    memcpy(s->voltage_V, block->set[row].voltage_V, (size_t)(block->n_contact + 1) * sizeof *s->voltage_V);
  }
  return 0;
}

static PetscErrorCode find_sets(Task *t, SetTable *found)
{
  const SweepState *best = t->state;
  bool here;
  if (!t->generator) {
    Gathering g = {t, found};
    PetscCall(sweep_list_each(t->w, &t->list, 0, gather_block, &g));
  }
  t->sweep.first = 0;
  for (int i = 0; i < best->n; i++) {
    if (t->generator) PetscCall(sweep_set(&t->sweep, best->best[i].number % t->n, &found->set[i], &here));
    found->set[i].width_us = t->widths.us[best->best[i].number / t->n];
  }
  return 0;
}

/* The first of those that are the same stays; the table is closed up, and what goes takes its memory along. */
static void name_different(const Task *t, SetTable *sets)
{
  int n = sets->n_set;
  sets->n_set = 0;
  for (int i = 0; i < n; i++) {
    StimulationSet s = sets->set[i];
    sets->set[i] = (StimulationSet){.fraction = NULL};
    if (is_known(sets, &s)) {
      free(s.fraction), free(s.voltage_V);
      continue;
    }
    name_it(t, sets, &s);
    sets->set[sets->n_set++] = s;
  }
}

static PetscErrorCode rank_best(Task *t, SetTable *sets)
{
  Ranking *r = NULL;
  int64_t all = t->generator ? t->state->done : t->list.looked_at;
  PetscCall(find_sets(t, sets));
  name_different(t, sets);
  PetscErrorCode ierr = ranking_of_sets(t->w, sets, "sweep", &r);
  if (!ierr) ierr = report_set_sweep(t->w->report, all, t->state->refused, fmax(0.0, t->state->best[0].score), r);
  ranking_destroy(&r);
  return ierr;
}

static PetscErrorCode report_best(Task *t)
{
  SetTable *sets = NULL;
  const char *device = t->w->c->limits.device;
  PetscCheck(
      t->state->n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the device can drive none of the %lld sets: found limits.device \"%s\" (pulse widths, sources, steps), "
      "expected one that can",
      t->w->c->path, (long long)t->state->refused, device ? device : "");
  PetscErrorCode ierr = sets_create(t->w->lead->n_contacts, t->state->n, &sets);
  if (!ierr) ierr = rank_best(t, sets);
  sets_destroy(&sets);
  return ierr;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

static PetscErrorCode fiber_roots(Work *w, int **out)
{
  PetscCall(mem_alloc((size_t)w->fibers->n_fiber, sizeof **out, out));
  for (int i = 0; i < w->fibers->n_fiber; i++) (*out)[i] = w->fibers->fiber[i].root;
  return 0;
}

static PetscErrorCode run(Task *t)
{
  Work *w = t->w;
  int *root = NULL;
  PetscCall(fiber_roots(w, &root));
  t->sweep = (Sweep){.c = w->c, .lead = w->lead, .impedance_ohm = w->field->impedance, .fiber_root = root};
  PetscErrorCode ierr = work_goal(w, w->c->rank, &t->goal);
  t->sweep.goal = t->goal;
  if (!ierr) ierr = score_find(w->c->rank->score, &t->sweep.score);
  if (!ierr) ierr = open_sets(t);
  if (!ierr) ierr = sweep_state_create(w->c->sweep.keep, &t->state);
  if (!ierr) ierr = work_path(w, "sweep.state", t->path);
  if (!ierr) ierr = sweep_state_read(t->path, w->stage_key, t->state);
  if (!ierr) ierr = look(t);
  if (!ierr) ierr = report_best(t);
  if (!ierr) unlink(t->path);
  free(root);
  return ierr;
}

PetscErrorCode stage_sweep(Work *w)
{
  Task t = {.w = w};
  PetscCall(work_need_lead(w, "a sweep"));
  PetscCheck(w->c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"rank:\", which a sweep needs",
             w->c->path);
  PetscCall(work_fibers(w));
  PetscCall(work_mesh(w));
  PetscCall(work_field(w));
  PetscErrorCode ierr = run(&t);
  sweep_state_destroy(&t.state);
  generator_destroy(&t.generator);
  sweep_list_close(&t.list);
  goal_destroy(&t.goal);
  return ierr;
}
