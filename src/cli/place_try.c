/* What a place of the lead is worth. */
#include "place_try.h"

#include "ranks.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  Work w; /* of the place; small tables are the case's */
  CaseRank rank;
  int *fiber_root;
  Screen *screen;
  Generator *generator;
  Sweep sweep;
} Trial;

static PetscErrorCode solve(Trial *t)
{
  Work *w = &t->w;
  double *sigma;
  const FieldOptions o = field_options(&w->c->field);
  PetscCall(work_scene(w));
  PetscCall(mesh_make(w->c, w->scene, &w->mesh));
  PetscCall(conductivity_assign(w->c, w->anatomy, w->mesh, &sigma));
  PetscErrorCode ierr = ranks_solve(w->mesh, sigma, &o, &w->field);
  free(sigma);
  PetscCall(ierr);
  return work_fibers(w);
}

static PetscErrorCode prepare(Trial *t)
{
  static const unsigned simple = 1U << MONOPOLES | 1U << BIPOLES | 1U << TRIPOLES | 1U << GUARDED | 1U << STEERING;
  Work *w = &t->w;
  const FiberResponse *r;
  Sweep *s = &t->sweep;
  *s = (Sweep){.c = w->c, .lead = w->lead, .impedance_ohm = w->field->impedance, .width_us = w->c->pulse.width_us};
  PetscCall(score_find(t->rank.score, &s->score));
  PetscCall(mem_alloc((size_t)w->fibers->n_fiber, sizeof *t->fiber_root, &t->fiber_root));
  for (int i = 0; i < w->fibers->n_fiber; i++) t->fiber_root[i] = w->fibers->fiber[i].root;
  s->largest_mA = sweep_largest_mA(w->c, w->lead, s->width_us);
  PetscCall(work_response(w, s->width_us, &r));
  PetscCall(screen_create(r, s->largest_mA, &t->screen));
  PetscCall(generator_create(w->lead, simple, w->c->limits.sources == 1 ? 0.5 : 0.25, &t->generator));
  s->fiber_root = t->fiber_root, s->screen = t->screen, s->generator = t->generator;
  return 0;
}

static PetscErrorCode name_best(const Trial *t, const SweepState *state, Tried *out)
{
  StimulationSet set = {.fraction = NULL};
  bool here;
  PetscCheck(state->n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the device can drive none of the simple sets",
             t->w.c->path);
  PetscCall(mem_alloc((size_t)t->w.lead->n_contacts + 1, sizeof *set.fraction, &set.fraction));
  PetscErrorCode ierr = sweep_set(&t->sweep, state->best[0].number, &set, &here);
  if (!ierr) set_name(t->w.lead, set.fraction, out->shares);
  free(set.fraction);
  out->score = state->best[0].score, out->at_mA = state->best[0].at_mA;
  return ierr;
}

static PetscErrorCode try_target(Trial *t, const char *name, Tried *out)
{
  Goal *goal;
  SweepState *state = NULL;
  t->rank.target = (char *)name, t->rank.n_targets = 0;
  PetscCall(work_goal(&t->w, &t->rank, &goal));
  t->sweep.goal = goal;
  PetscErrorCode ierr = sweep_state_create(1, &state);
  if (!ierr) ierr = sweep_run(&t->sweep, t->w.args->threads, NULL, "", state);
  if (!ierr) ierr = name_best(t, state, out);
  sweep_state_destroy(&state);
  goal_destroy(&goal);
  return ierr;
}

static PetscErrorCode try_all(Trial *t, int n, const int *target, Tried *out)
{
  PetscCall(solve(t));
  PetscCall(prepare(t));
  for (int i = 0; i < n; i++) PetscCall(try_target(t, t->w.anatomy->root[target[i]].name, &out[i]));
  return 0;
}

static void trial_free(Trial *t)
{
  screen_destroy(&t->screen), generator_destroy(&t->generator);
  free(t->fiber_root);
  fiber_response_destroy(&t->w.response);
  fibers_destroy(&t->w.fibers);
  lead_field_destroy(&t->w.field);
  work_drop_mesh(&t->w);
  scene_destroy(&t->w.scene);
  anatomy_destroy(&t->w.anatomy);
}

PetscErrorCode place_try(Work *w, CasePaddle *paddle, int n, const int *target, Tried *out)
{
  Case c = *w->c;
  c.paddle = paddle;
  PetscCall(work_populations(w));
  Trial t = {.w = {.args = w->args, .c = &c, .lead = w->lead, .populations = w->populations}};
  t.rank = c.rank ? *c.rank : (CaseRank){.score = (char *)"selectivity", .others_weight = 1.0};
  memcpy(t.w.input, w->input, sizeof t.w.input);
  memcpy(t.w.out, w->out, sizeof t.w.out);
  PetscErrorCode ierr = try_all(&t, n, target, out);
  trial_free(&t);
  return ierr;
}
