/* Goals of roots: the mean response of a few fibres, and its error by the field's own estimate. */
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

static PetscErrorCode goal_add(int n, const double *xyz_mm, const double *weight, double scale, FieldGoal *g)
{
  size_t all = (size_t)(g->n + n);
  double *x = realloc(g->xyz_mm, all * 3 * sizeof *x);
  if (x) g->xyz_mm = x;
  double *v = realloc(g->weight, all * sizeof *v);
  if (v) g->weight = v;
  PetscCheck(x && v, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the error's estimate");
  memcpy(g->xyz_mm + 3 * (size_t)g->n, xyz_mm, 3 * (size_t)n * sizeof *x);
  for (int i = 0; i < n; i++) g->weight[g->n + i] = scale * weight[i];
  g->n += n;
  return 0;
}

/* The mean over the fibres of response times threshold: 1 in the field that there is. */
static PetscErrorCode goal_fill(const Work *w, const FiberResponse *r, int set, double width_us, int n,
                                const Pick *pick, FieldGoal *g)
{
  g->current_mA = w->sets->set[set].fraction;
  for (int i = 0; i < n; i++) {
    double *xyz_mm, *weight;
    int n_place;
    PetscCall(fiber_weights(w->c, w->fibers, r, pick[i].fiber, g->current_mA, width_us, &n_place, &xyz_mm, &weight));
    PetscErrorCode ierr = goal_add(n_place, xyz_mm, weight, pick[i].threshold_mA / n, g);
    free(xyz_mm), free(weight);
    PetscCall(ierr);
  }
  return 0;
}

static PetscErrorCode goals_fill(Work *w, const FiberResponse *r, double width_us, Pick *pick, FieldGoal *goal)
{
  const ThresholdTable *t = w->thresholds;
  for (int root = 0; root < t->n_root; root++) {
    int set = first_set(w, root, width_us, pick);
    if (set < 0) continue;
    int n = fibers_of(t, root, set, pick), use = n < FIBERS ? n : FIBERS, first = (n - use) / 2;
    RootError *e = &w->errors[w->n_error];
    *e = (RootError){.root = root, .set = set, .n_fiber = use};
    goal[w->n_error].name = t->root[root];
    PetscCall(goal_fill(w, r, set, width_us, use, pick + first, &goal[w->n_error++]));
    progress("error", 0.5 * (root + 1) / t->n_root);
  }
  return 0;
}

static PetscErrorCode judge(Work *w, const FieldGoal *goal)
{
  const FieldOptions o = field_options(&w->c->field);
  double *sigma = NULL, *value = NULL;
  PetscErrorCode ierr = conductivity_assign(w->c, w->anatomy, w->mesh, &sigma);
  if (!ierr) ierr = mem_alloc(2 * (size_t)w->n_error, sizeof *value, &value);
  double *error = value + w->n_error;
  if (!ierr) ierr = mem_alloc((size_t)w->mesh->n_tet, sizeof *w->indicator, &w->indicator);
  if (!ierr) ierr = field_estimate(w->mesh, sigma, &o, w->field, w->n_error, goal, value, error, w->indicator);
  for (int i = 0; !ierr && i < w->n_error; i++) w->errors[i].relative = error[i] / value[i];
  free(sigma);
  free(value);
  return ierr;
}

static void tell(const Work *w)
{
  const RootError *worst = w->errors;
  for (int i = 1; i < w->n_error; i++)
    if (fabs(w->errors[i].relative) > fabs(worst->relative)) worst = &w->errors[i];
  say_progress("error of the thresholds by the mesh, estimated: %.2g %% at most (%s)", 100.0 * fabs(worst->relative),
               w->thresholds->root[worst->root]);
}

static PetscErrorCode estimate(Work *w, const FiberResponse *r, double width_us, Pick **pick, FieldGoal **goal)
{
  PetscCall(mem_alloc((size_t)w->thresholds->n_fiber, sizeof **pick, pick));
  PetscCall(mem_alloc((size_t)w->thresholds->n_root, sizeof **goal, goal));
  PetscCall(mem_alloc((size_t)w->thresholds->n_root, sizeof *w->errors, &w->errors));
  PetscCall(goals_fill(w, r, width_us, *pick, *goal));
  if (!w->n_error) return 0;
  PetscCall(judge(w, *goal));
  tell(w);
  return report_set_errors(w->report, w->n_error, w->errors, w->thresholds);
}

PetscErrorCode root_errors(Work *w, const FiberResponse *r, double width_us)
{
  Pick *pick = NULL;
  FieldGoal *goal = NULL;
  int size;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  if (size > 1) {
    say_note("the error of the thresholds is not estimated under mpirun");
    return 0;
  }
  free(w->errors), free(w->indicator);
  w->errors = NULL, w->indicator = NULL, w->n_error = 0;
  PetscErrorCode ierr = estimate(w, r, width_us, &pick, &goal);
  for (int i = 0; goal && i < w->thresholds->n_root; i++) free(goal[i].xyz_mm), free(goal[i].weight);
  free(goal);
  free(pick);
  return ierr;
}
