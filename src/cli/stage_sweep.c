/* sweep: sets by the hundred thousand by the predictor, the best of them by the full model. */
#include "keys.h"
#include "stages.h"

#include "cauda/screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What all pulse widths share. */
typedef struct {
  Work *w;
  Sweep sweep;
  Goal *goal;
  Generator *generator;
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

static int width_count(const Work *w) { return w->c->sweep.n_widths ? w->c->sweep.n_widths : 1; }

static double width_us(const Work *w, int i)
{
  return w->c->sweep.n_widths ? w->c->sweep.widths_us[i] : w->c->pulse.width_us;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

static PetscErrorCode look_at_width(Task *t, int i)
{
  Sweep *s = &t->sweep;
  const FiberResponse *r;
  Screen *screen;
  int64_t n = generator_count(t->generator), had;
  s->first = (int64_t)i * n;
  if (t->state->done >= s->first + n) return 0; /* before an interrupt */
  s->width_us = width_us(t->w, i);
  s->largest_mA = sweep_largest_mA(t->w->c, t->w->lead, s->width_us);
  PetscCall(work_response(t->w, s->width_us, &r));
  PetscCall(screen_create(r, s->largest_mA, &screen));
  s->screen = screen;
  had = t->state->done > s->first ? t->state->done : s->first;
  double start = seconds_now();
  PetscErrorCode ierr = sweep_run(s, t->w->args->threads, t->path, t->w->stage_key, t->state);
  if (!ierr)
    say_progress("sweep: %lld sets of %g us in %.1f s", (long long)(s->first + n - had), s->width_us,
                 seconds_now() - start);
  screen_destroy(&screen);
  return ierr;
}

static PetscErrorCode look(Task *t)
{
  if (t->state->done)
    say_progress("sweep: going on after %lld sets that were looked at before", (long long)t->state->done);
  for (int i = 0; i < width_count(t->w); i++) PetscCall(look_at_width(t, i));
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

/* The shares, and what tells it from others of the same rounded shares. */
static void name_it(const Task *t, const SetTable *sets, StimulationSet *s)
{
  char end[32] = "", name[CAUDA_NAME_MAX];
  set_name(t->w->lead, s->fraction, name);
  for (int n = 1; n == 1 || sets_find(sets, s->name) >= 0; n++) {
    int used = 0;
    if (width_count(t->w) > 1) used = snprintf(end, sizeof end, "_%gus", s->width_us);
    if (n > 1) snprintf(end + used, sizeof end - (size_t)used, "_%d", n);
    snprintf(s->name, sizeof s->name, "%.*s%s", (int)(sizeof s->name - 1 - strlen(end)), name, end);
  }
}

static PetscErrorCode sets_of_best(const Task *t, SetTable **out)
{
  const SweepState *best = t->state;
  int64_t n = generator_count(t->generator);
  PetscCall(sets_create(t->w->lead->n_contacts, best->n, out));
  SetTable *sets = *out;
  sets->n_set = 0; /* those that are not known yet; their memory is in order */
  for (int i = 0; i < best->n; i++) {
    StimulationSet *s = &sets->set[sets->n_set];
    generator_set(t->generator, best->best[i].number % n, s->fraction);
    s->width_us = width_us(t->w, (int)(best->best[i].number / n));
    if (is_known(sets, s)) continue;
    name_it(t, sets, s);
    sets->n_set++;
  }
  for (int i = sets->n_set + 1; i < best->n; i++) free(sets->set[i].fraction);
  return 0;
}

static PetscErrorCode report_best(Task *t)
{
  SetTable *sets = NULL;
  Ranking *r = NULL;
  PetscCheck(t->state->n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the device can drive none of the sets generated: found limits.device \"%s\", expected one with more "
             "sources, or sweep.generate with monopoles and bipoles only",
             t->w->c->path, t->w->c->limits.device ? t->w->c->limits.device : "");
  PetscErrorCode ierr = sets_of_best(t, &sets);
  if (!ierr) ierr = ranking_of_sets(t->w, sets, "sweep", &r);
  if (!ierr) ierr = report_set_sweep(t->w->report, t->state->done, t->state->refused, t->state->best[0].score, r);
  ranking_destroy(&r);
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
  if (!ierr) ierr = score_find(w->c->rank->score, &t->sweep.score);
  if (!ierr) ierr = generator_create(w->lead, families(&w->c->sweep), w->c->sweep.step, &t->generator);
  if (!ierr) ierr = sweep_state_create(w->c->sweep.keep, &t->state);
  if (!ierr) ierr = work_path(w, "sweep.state", t->path);
  if (!ierr) ierr = sweep_state_read(t->path, w->stage_key, t->state);
  t->sweep.goal = t->goal, t->sweep.generator = t->generator;
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
  goal_destroy(&t.goal);
  return ierr;
}
