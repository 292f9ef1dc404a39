/* The error of goals: dual solutions, and residuals of both in the bubbles. */
#include "bubbles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the dual solutions: their error is far below what they estimate. */
static const double DUAL_TOLERANCE = 1e-4;
/* Of one term of the series to the one before: more would be no series. */
static const double RATIO_MAX = 0.8;

/* Goals that are worked on at once: the bubbles' vectors take 36 bytes a goal and bubble. */
enum { TOGETHER = 8 };

typedef struct {
  Parts parts;
  Operator op;
  Functionals dual; /* a row a goal, then an empty one */
  Source *source;
  MeshLocator *locator;
  Bubbles bubbles;
  double *x;      /* [n_goal][n_unknown] */
  double *fields; /* [2 n_goal][n_node]: the sets' potentials, V; the dual ones */
  float *r;       /* [n bubbles][2 n_goal] */
  float *y;       /* [n bubbles][n_goal] */
} Work;

/* What belongs to the goals at hand alone. */
static void goals_free(Work *w)
{
  free(w->dual.start), free(w->dual.unknown), free(w->dual.value);
  free(w->source), free(w->x), free(w->fields), free(w->r), free(w->y);
  w->dual = (Functionals){.n = 0};
  w->source = NULL, w->x = NULL, w->fields = NULL, w->r = NULL, w->y = NULL;
}

static void work_free(Work *w)
{
  goals_free(w);
  parts_free(&w->parts);
  operator_free(&w->op);
  mesh_locator_destroy(&w->locator);
  bubbles_free(&w->bubbles);
}

/* Rows of the goals; points beyond the mesh count nothing. */
static PetscErrorCode dual_rows(const Mesh *m, const LeadField *f, int n_goal, const FieldGoal *goal, Work *w)
{
  size_t room = 0, n = 0;
  for (int g = 0; g < n_goal; g++) room += (size_t)goal[g].n * FIELD_BASIS_MAX;
  w->dual.n = n_goal + 1;
  PetscCall(mem_alloc((size_t)n_goal + 2, sizeof *w->dual.start, &w->dual.start));
  PetscCall(mem_alloc(room, sizeof *w->dual.unknown, &w->dual.unknown));
  PetscCall(mem_alloc(room, sizeof *w->dual.value, &w->dual.value));
  for (int g = 0; g < n_goal; g++) {
    for (int i = 0; i < goal[g].n; i++) {
      NodeId node[FIELD_BASIS_MAX];
      double b[4], weight[FIELD_BASIS_MAX];
      TetId t = mesh_locate(w->locator, goal[g].xyz_mm + 3 * (size_t)i, -1, b);
      int count = t < 0 ? 0 : field_basis(m, f, t, b, node, weight);
      for (int k = 0; k < count; k++) {
        int32_t u = w->parts.dofs->unknown[node[k]];
        if (u < 0) continue;
        w->dual.unknown[n] = u;
        w->dual.value[n++] = goal[g].weight[i] * weight[k];
      }
    }
    w->dual.start[g + 1] = (int)n;
  }
  w->dual.start[n_goal + 1] = (int)n;
  return 0;
}

static PetscErrorCode dual_solve(const FieldOptions *options, int n_goal, const FieldGoal *goal, Work *w)
{
  FieldOptions o = *options;
  SolveStats stats;
  o.tolerance = DUAL_TOLERANCE;
  PetscCall(mem_alloc((size_t)n_goal, sizeof *w->source, &w->source));
  PetscCall(mem_alloc((size_t)n_goal * (size_t)w->parts.dofs->n_unknown, sizeof *w->x, &w->x));
  for (int g = 0; g < n_goal; g++) w->source[g] = (Source){g, -1, goal[g].name, 0.0};
  return solve_sources(&w->op, &o, &w->dual, n_goal, w->source, w->x, &stats);
}

/* Potentials of the sets, then of the duals, at the nodes. */
static PetscErrorCode fields_fill(const LeadField *f, int n_goal, const FieldGoal *goal, Work *w)
{
  const DofMap *d = w->parts.dofs;
  size_t nodes = (size_t)f->n_node;
  PetscCall(mem_alloc(2 * (size_t)n_goal * nodes, sizeof *w->fields, &w->fields));
  for (int g = 0; g < n_goal; g++) {
    double *dual = w->fields + (size_t)(n_goal + g) * nodes, *x = w->x + (size_t)g * (size_t)d->n_unknown;
    field_superpose(f, goal[g].current_mA, w->fields + (size_t)g * nodes);
    for (size_t n = 0; n < nodes; n++) dual[n] = d->unknown[n] < 0 ? 0.0 : x[d->unknown[n]];
  }
  return 0;
}

/* The goals' own values, and their loads on the bubbles. */
static void loads_add(const Mesh *m, const LeadField *f, int n_goal, const FieldGoal *goal, double *value, Work *w)
{
  const Bubbles *b = &w->bubbles;
  for (int g = 0; g < n_goal; g++) {
    const double *v = w->fields + (size_t)g * (size_t)f->n_node;
    value[g] = 0.0;
    for (int i = 0; i < goal[g].n; i++) {
      NodeId node[FIELD_BASIS_MAX];
      double bary[4], weight[FIELD_BASIS_MAX], bubble[BUBBLES_MAX], sign[BUBBLES_MAX];
      TetId t = mesh_locate(w->locator, goal[g].xyz_mm + 3 * (size_t)i, -1, bary);
      if (t < 0) continue;
      int count = field_basis(m, f, t, bary, node, weight);
      for (int k = 0; k < count; k++) value[g] += goal[g].weight[i] * weight[k] * v[node[k]];
      const int32_t *number = bubbles_number(b, t);
      bubbles_signs(b, t, sign);
      bubbles_basis(b, bary, bubble);
      for (int k = 0; k < b->per_tet; k++)
        if (!b->fixed[number[k]])
          w->r[(size_t)number[k] * (size_t)(2 * n_goal) + (size_t)(n_goal + g)] +=
              (float)(goal[g].weight[i] * sign[k] * bubble[k]);
    }
  }
}

static PetscErrorCode residuals(const double *sigma, int n_goal, Work *w)
{
  const double **v;
  int lanes = 2 * n_goal;
  size_t nodes = (size_t)w->parts.space->n_node;
  PetscCall(mem_alloc((size_t)lanes, sizeof *v, &v));
  for (int c = 0; c < lanes; c++) v[c] = w->fields + (size_t)c * nodes;
  PetscErrorCode ierr = bubbles_residual(&w->bubbles, sigma, lanes, v, w->r);
  free(v);
  return ierr;
}

/* The sets' residuals times y; share [n bubbles] may be NULL. */
static void weigh(int n_goal, const Work *w, const double *value, double *error, double *share)
{
  size_t lanes = (size_t)(2 * n_goal), half = (size_t)n_goal;
  for (int g = 0; g < n_goal; g++) error[g] = 0.0;
  for (int64_t i = 0; i < w->bubbles.n; i++)
    for (size_t g = 0; g < half; g++) {
      double add = (double)w->r[(size_t)i * lanes + g] * (double)w->y[(size_t)i * half + g];
      error[g] += add;
      if (share && value[g] != 0.0) share[i] += fabs(add / value[g]);
    }
}

/* y = (bubbles' matrix)^-1 of the duals' residuals. */
static PetscErrorCode answer(int n_goal, Work *w)
{
  const Bubbles *b = &w->bubbles;
  size_t lanes = (size_t)(2 * n_goal), half = (size_t)n_goal;
  float *r;
  PetscCall(mem_alloc((size_t)b->n * half, sizeof *r, &r));
  for (int64_t i = 0; i < b->n; i++)
    for (size_t g = 0; g < half; g++) r[(size_t)i * half + g] = w->r[(size_t)i * lanes + half + g];
  PetscErrorCode ierr = bubbles_solve(b, n_goal, r, w->y);
  free(r);
  return ierr;
}

/* The duals in the element's own functions follow what the bubbles did: one step of block Gauss-Seidel. The loads go into
 * rows over all unknowns in place of the goals'. */
static PetscErrorCode follow(const double *sigma, const FieldOptions *options, int n_goal, Work *w)
{
  const DofMap *d = w->parts.dofs;
  size_t nodes = (size_t)d->n_node, unknowns = (size_t)d->n_unknown;
  double *load = w->fields; /* the sets' potentials are not needed any more */
  FieldOptions o = *options;
  SolveStats stats;
  o.tolerance = DUAL_TOLERANCE;
  memset(load, 0, (size_t)n_goal * nodes * sizeof *load);
  PetscCall(bubbles_pull(&w->bubbles, sigma, n_goal, w->y, load));
  free(w->dual.unknown), free(w->dual.value);
  w->dual.unknown = NULL, w->dual.value = NULL;
  PetscCall(mem_alloc((size_t)n_goal * unknowns, sizeof *w->dual.unknown, &w->dual.unknown));
  PetscCall(mem_alloc((size_t)n_goal * unknowns, sizeof *w->dual.value, &w->dual.value));
  for (size_t g = 0; g < (size_t)n_goal; g++) {
    w->dual.start[g + 1] = (int)((g + 1) * unknowns);
    for (size_t u = 0; u < unknowns; u++) w->dual.unknown[g * unknowns + u] = (int32_t)u;
    for (size_t n = 0; n < nodes; n++)
      if (d->unknown[n] >= 0) w->dual.value[g * unknowns + (size_t)d->unknown[n]] -= load[g * nodes + n];
  }
  w->dual.start[n_goal + 1] = w->dual.start[n_goal];
  return solve_sources(&w->op, &o, &w->dual, n_goal, w->source, w->x, &stats);
}

/* What that changes in the duals' residuals. */
static PetscErrorCode residuals_follow(const double *sigma, int n_goal, Work *w)
{
  const DofMap *d = w->parts.dofs;
  size_t nodes = (size_t)d->n_node;
  const double **v;
  double *none = w->fields;
  memset(none, 0, nodes * sizeof *none);
  PetscCall(mem_alloc(2 * (size_t)n_goal, sizeof *v, &v));
  for (int g = 0; g < n_goal; g++) {
    double *dual = w->fields + (size_t)(n_goal + g) * nodes, *x = w->x + (size_t)g * (size_t)d->n_unknown;
    for (size_t n = 0; n < nodes; n++) dual[n] = d->unknown[n] < 0 ? 0.0 : x[d->unknown[n]];
    v[g] = none, v[n_goal + g] = dual;
  }
  PetscErrorCode ierr = bubbles_residual(&w->bubbles, sigma, 2 * n_goal, v, w->r);
  free(v);
  return ierr;
}

/* Bubbles and own functions answer each other in turn; what the first two terms say of the series is taken for all of it
 * (a geometric one). */
static void sum_series(int n_goal, const double *first, double *error)
{
  for (int g = 0; g < n_goal; g++) {
    double ratio = first[g] != 0.0 ? (error[g] - first[g]) / first[g] : 0.0;
    error[g] = first[g] / (1.0 - fmin(RATIO_MAX, fmax(-RATIO_MAX, ratio)));
  }
}

static PetscErrorCode judge(const double *sigma, const FieldOptions *o, int n_goal, const double *value, double *first,
                            double *error, double *share, Work *w)
{
  PetscCall(answer(n_goal, w));
  weigh(n_goal, w, value, first, NULL);
  PetscCall(follow(sigma, o, n_goal, w));
  PetscCall(residuals_follow(sigma, n_goal, w));
  PetscCall(answer(n_goal, w));
  weigh(n_goal, w, value, error, share);
  sum_series(n_goal, first, error);
  return 0;
}

/* A bubble's share goes to the tetrahedra that it reaches, in equal parts. */
static PetscErrorCode spread(const Bubbles *b, const double *share, double *indicator)
{
  int32_t *reach;
  PetscCall(mem_alloc((size_t)b->n, sizeof *reach, &reach));
  for (TetId t = 0; t < b->space->mesh->n_tet; t++) {
    const int32_t *number = bubbles_number(b, t);
    for (int i = 0; i < b->per_tet; i++) reach[number[i]]++;
  }
  for (TetId t = 0; t < b->space->mesh->n_tet; t++) {
    const int32_t *number = bubbles_number(b, t);
    indicator[t] = 0.0;
    for (int i = 0; i < b->per_tet; i++) indicator[t] += share[number[i]] / reach[number[i]];
  }
  free(reach);
  return 0;
}

/* A few goals: share [n bubbles] is added to. */
static PetscErrorCode estimate_some(const Mesh *m, const double *sigma, const FieldOptions *o, const LeadField *f,
                                    int n_goal, const FieldGoal *goal, double *value, double *error, double *share,
                                    Work *w)
{
  size_t n = (size_t)w->bubbles.n;
  double first[TOGETHER];
  PetscCall(dual_rows(m, f, n_goal, goal, w));
  PetscCall(dual_solve(o, n_goal, goal, w));
  PetscCall(fields_fill(f, n_goal, goal, w));
  PetscCall(mem_alloc(n * 2 * (size_t)n_goal, sizeof *w->r, &w->r));
  PetscCall(mem_alloc(n * (size_t)n_goal, sizeof *w->y, &w->y));
  loads_add(m, f, n_goal, goal, value, w);
  PetscCall(residuals(sigma, n_goal, w));
  return judge(sigma, o, n_goal, value, first, error, share, w);
}

static PetscErrorCode estimate(const Mesh *m, const double *sigma, const FieldOptions *o, const LeadField *f,
                               int n_goal, const FieldGoal *goal, double *value, double *error, double *indicator,
                               double **share, Work *w)
{
  PetscCall(mesh_locator_create(m, &w->locator));
  PetscCall(parts_create(m, sigma, f->order, o, &w->parts));
  PetscCall(parts_operator(&w->parts, o, &w->op));
  PetscCall(bubbles_create(w->parts.space, o, sigma, &w->bubbles));
  PetscCall(mem_alloc((size_t)w->bubbles.n, sizeof **share, share));
  for (int i = 0; i < n_goal; i += TOGETHER) {
    int n = n_goal - i < TOGETHER ? n_goal - i : TOGETHER;
    PetscCall(estimate_some(m, sigma, o, f, n, goal + i, value + i, error + i, *share, w));
    goals_free(w);
  }
  return indicator ? spread(&w->bubbles, *share, indicator) : 0;
}

PetscErrorCode field_estimate(const Mesh *m, const double *sigma, const FieldOptions *o, const LeadField *f, int n_goal,
                              const FieldGoal *goal, double *value, double *error, double *indicator)
{
  Work w = {.op = {.A = NULL}};
  FieldOptions as_solved = *o;
  double *share = NULL;
  as_solved.order = f->order;
  PetscErrorCode ierr = estimate(m, sigma, &as_solved, f, n_goal, goal, value, error, indicator, &share, &w);
  free(share);
  work_free(&w);
  return ierr;
}
