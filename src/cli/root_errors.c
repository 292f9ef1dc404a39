/* Errors of roots: what is missing in the field, as a few fibres of each answer to it. */
#include "root_errors.h"
#include "stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fibres a root: those whose thresholds lie about the median. */
enum { FIBERS = 5 };

typedef struct {
  int fiber;
  double threshold_mA;
} Pick;

static int by_threshold(const void *a, const void *b)
{
  const Pick *p = a, *q = b;
  if (p->threshold_mA != q->threshold_mA) return p->threshold_mA < q->threshold_mA ? -1 : 1;
  return p->fiber - q->fiber;
}

/* The root's fibres that fire in a set, by their linear thresholds; returns how many there are. */
static int fibers_of(const ThresholdTable *t, int root, int set, Pick *pick)
{
  int n = 0;
  for (int i = 0; i < t->n_fiber; i++) {
    double at = t->threshold_linear_mA[(size_t)set * (size_t)t->n_fiber + (size_t)i];
    if (t->fiber_root[i] == root && isfinite(at)) pick[n++] = (Pick){i, at};
  }
  qsort(pick, (size_t)n, sizeof *pick, by_threshold);
  return n;
}

/* The set of this width that reaches the root first; -1 if none does. */
static int first_set(const Work *w, int root, double width_us, Pick *pick)
{
  double least = HUGE_VAL;
  int best = -1;
  for (int s = 0; s < w->sets->n_set; s++) {
    int n = set_width_us(w, w->sets, s) == width_us ? fibers_of(w->thresholds, root, s, pick) : 0;
    if (n && pick[n / 2].threshold_mA < least) least = pick[n / 2].threshold_mA, best = s;
  }
  return best;
}

/* What is asked of a root: its fibres' places in the field, one fibre after another. */
typedef struct {
  int n_fiber;
  Pick pick[FIBERS];
  int first[FIBERS + 1]; /* of a fibre's places among the goal's */
} Question;

typedef struct {
  Pick *pick;         /* [n_fiber] room */
  Question *question; /* [n_root], of which n_error count; so do the following */
  FieldGoal *goal;    /* [n_root] */
  FiberProbe *probe;  /* [n_root * FIBERS] of all questions, in one row */
  int n_probe;
} Questions;

static void questions_free(int n, Questions *q)
{
  for (int i = 0; q->goal && i < n; i++) free(q->goal[i].xyz_mm), free(q->goal[i].weight), free(q->goal[i].change_V);
  free(q->pick), free(q->question), free(q->goal), free(q->probe);
}

static PetscErrorCode questions_create(const ThresholdTable *t, Questions *q)
{
  size_t n = (size_t)t->n_root;
  PetscCall(mem_alloc((size_t)t->n_fiber, sizeof *q->pick, &q->pick));
  PetscCall(mem_alloc(n, sizeof *q->question, &q->question));
  PetscCall(mem_alloc(n, sizeof *q->goal, &q->goal));
  return mem_alloc(n * FIBERS, sizeof *q->probe, &q->probe);
}

static PetscErrorCode places_add(const Work *w, int fiber, FieldGoal *g)
{
  double *xyz_mm;
  int n;
  PetscCall(fiber_places(w->fibers, fiber, &n, &xyz_mm));
  double *all = realloc(g->xyz_mm, (size_t)(g->n + n) * 3 * sizeof *all);
  if (all) memcpy(all + 3 * (size_t)g->n, xyz_mm, 3 * (size_t)n * sizeof *all);
  free(xyz_mm);
  PetscCheck(all, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the error's estimate");
  g->xyz_mm = all, g->n += n;
  return 0;
}

static PetscErrorCode question_ask(const Work *w, const RootError *e, Question *q, FieldGoal *g)
{
  g->name = w->thresholds->root[e->root];
  g->current_mA = w->sets->set[e->set].fraction;
  for (int i = 0; i < q->n_fiber; i++) {
    PetscCall(places_add(w, q->pick[i].fiber, g));
    q->first[i + 1] = g->n;
  }
  PetscCall(mem_alloc((size_t)g->n, sizeof *g->change_V, &g->change_V));
  return mem_alloc((size_t)g->n, sizeof *g->weight, &g->weight);
}

/* The fibres about the median of the set that reaches a root first. */
static PetscErrorCode questions_ask(Work *w, double width_us, Questions *q)
{
  const ThresholdTable *t = w->thresholds;
  for (int root = 0; root < t->n_root; root++) {
    int set = first_set(w, root, width_us, q->pick), i = w->n_error;
    if (set < 0) continue;
    int n = fibers_of(t, root, set, q->pick), use = n < FIBERS ? n : FIBERS;
    w->errors[i] = (RootError){.root = root, .set = set, .n_fiber = use};
    q->question[i].n_fiber = use;
    memcpy(q->question[i].pick, q->pick + (n - use) / 2, (size_t)use * sizeof *q->pick);
    w->n_error++;
    PetscCall(question_ask(w, &w->errors[i], &q->question[i], &q->goal[i]));
  }
  return 0;
}

/* They point at the goals' places. */
static void probes_list(const Work *w, Questions *q)
{
  for (int i = 0; i < w->n_error; i++)
    for (int k = 0; k < q->question[i].n_fiber; k++) {
      FieldGoal *g = &q->goal[i];
      int first = q->question[i].first[k];
      q->probe[q->n_probe++] = (FiberProbe){.fiber = q->question[i].pick[k].fiber,
                                            .current_mA = g->current_mA,
                                            .change_V = (const double(*)[2])g->change_V + first,
                                            .weight = g->weight + first};
    }
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

/* A goal is the mean over the fibres of response times threshold: 1 in the field that there is. */
static PetscErrorCode goals_weigh(const Work *w, const FiberResponse *r, double width_us, Questions *q)
{
  PetscCall(fibers_weigh(w->c, w->fibers, r, width_us, w->args->threads, q->n_probe, q->probe));
  for (int i = 0; i < w->n_error; i++) {
    const Question *ask = &q->question[i];
    for (int k = 0; k < ask->n_fiber; k++)
      for (int p = ask->first[k]; p < ask->first[k + 1]; p++)
        q->goal[i].weight[p] *= ask->pick[k].threshold_mA / ask->n_fiber;
  }
  return 0;
}

/* What is missing in the field, and with `field.error` where that comes from, too. */
static PetscErrorCode field_ask(Work *w, Questions *q)
{
  const FieldOptions o = field_options(&w->c->field);
  bool refines = w->c->field.error > 0.0;
  PetscCall(work_sigma(w));
  if (refines) PetscCall(mem_alloc((size_t)w->mesh->n_tet, sizeof *w->indicator, &w->indicator));
  return field_estimate(w->mesh, w->locator, w->sigma, &o, w->field, w->n_error, q->goal, w->indicator);
}

static PetscErrorCode answers_take(const Work *w, const FiberResponse *r, double width_us, Questions *q)
{
  const FiberProbe *p = q->probe;
  PetscCall(fibers_change(w->c, w->fibers, r, width_us, w->args->threads, q->n_probe, q->probe));
  for (int i = 0; i < w->n_error; i++) {
    const Question *ask = &q->question[i];
    double term[2] = {0.0, 0.0};
    for (int k = 0; k < ask->n_fiber; k++, p++)
      for (int n = 0; n < 2; n++) term[n] += p->change[n] * ask->pick[k].threshold_mA / ask->n_fiber;
    w->errors[i].relative = field_series(term);
  }
  return 0;
}

static void tell(const Work *w)
{
  const RootError *worst = w->errors;
  for (int i = 1; i < w->n_error; i++)
    if (fabs(w->errors[i].relative) > fabs(worst->relative)) worst = &w->errors[i];
  say_progress("error of the thresholds by the mesh, estimated: %.2g %% at most (%s)", 100.0 * fabs(worst->relative),
               w->thresholds->root[worst->root]);
}

static PetscErrorCode estimate(Work *w, const FiberResponse *r, double width_us, Questions *q)
{
  PetscCall(mem_alloc((size_t)w->thresholds->n_root, sizeof *w->errors, &w->errors));
  PetscCall(questions_create(w->thresholds, q));
  PetscCall(questions_ask(w, width_us, q));
  if (!w->n_error) return 0;
  probes_list(w, q);
  progress("error", 0.0);
  if (w->c->field.error > 0.0) PetscCall(goals_weigh(w, r, width_us, q));
  PetscCall(field_ask(w, q));
  PetscCall(answers_take(w, r, width_us, q));
  tell(w);
  return report_set_errors(w->report, w->n_error, w->errors, w->thresholds);
}

PetscErrorCode root_errors(Work *w, const FiberResponse *r, double width_us)
{
  Questions q = {.n_probe = 0};
  free(w->errors), free(w->indicator);
  w->errors = NULL, w->indicator = NULL, w->n_error = 0;
  PetscErrorCode ierr = estimate(w, r, width_us, &q);
  questions_free(w->n_error, &q);
  return ierr;
}
