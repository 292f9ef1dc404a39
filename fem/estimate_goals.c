/* Where the missing part of goals comes from: dual solutions weigh it. */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Relative residual of the dual solutions: their error is far below what they weigh. */
static const double DUAL_TOLERANCE = 1e-4;

/* Goals of one set of sets that are looked at together. */
typedef struct {
  int n, goal[BUBBLE_LANES], lane[BUBBLE_LANES]; /* lane: of their set */
  double value[BUBBLE_LANES];
} Duals;

/* Their rows: of own functions into the right-hand side, of bubbles into r. */
static void dual_loads(const Duals *d, Estimate *w)
{
  const Bubbles *b = &w->bubbles;
  memset(w->rhs, 0, (size_t)w->parts.dofs->n_unknown * BUBBLE_LANES * sizeof *w->rhs);
  bubbles_clear(b, w->block.team, w->r);
  for (int c = 0; c < d->n; c++)
    for (int i = 0; i < w->goal[d->goal[c]].n; i++) {
      const Place *p = &w->place[w->first[d->goal[c]] + i];
      double by = w->goal[d->goal[c]].weight[i], weight[FIELD_BASIS_MAX], bubble[BUBBLES_MAX], sign[BUBBLES_MAX];
      NodeId node[FIELD_BASIS_MAX];
      if (p->tet < 0 || by == 0.0) continue;
      int n = field_basis(w->m, w->f, p->tet, p->w, node, weight);
      for (int k = 0; k < n; k++) {
        int32_t u = w->parts.dofs->unknown[node[k]];
        if (u >= 0) w->rhs[(size_t)u * BUBBLE_LANES + (size_t)c] += by * weight[k];
      }
      bubbles_signs(b, p->tet, sign);
      bubbles_basis(b, p->w, bubble);
      for (int k = 0; k < b->per_tet; k++)
        w->r[(size_t)bubbles_number(b, p->tet)[k] * BUBBLE_LANES + (size_t)c] += (float)(by * sign[k] * bubble[k]);
    }
}

static PetscErrorCode dual_values(Duals *d, const Estimate *w)
{
  double *v;
  PetscCall(mem_alloc((size_t)w->f->n_node, sizeof *v, &v));
  for (int c = 0; c < d->n; c++) {
    const FieldGoal *goal = &w->goal[d->goal[c]];
    field_superpose(w->f, goal->current_mA, v);
    d->value[c] = 0.0;
    for (int i = 0; i < goal->n; i++) {
      const Place *p = &w->place[w->first[d->goal[c]] + i];
      double weight[FIELD_BASIS_MAX];
      NodeId node[FIELD_BASIS_MAX];
      int n = p->tet < 0 ? 0 : field_basis(w->m, w->f, p->tet, p->w, node, weight);
      for (int k = 0; k < n; k++) d->value[c] += goal->weight[i] * weight[k] * v[node[k]];
    }
  }
  free(v);
  return 0;
}

/* The duals' residuals times what the bubbles answered. */
static PetscErrorCode duals_weigh(Duals *d, double *share, Estimate *w)
{
  dual_loads(d, w);
  PetscCall(dual_values(d, w));
  PetscCall(estimate_solve(d->n, DUAL_TOLERANCE, w));
  bubbles_residual(&w->bubbles, w->block.team, w->answer, w->r);
  for (int32_t i = 0; i < w->bubbles.n; i++)
    for (int c = 0; c < d->n; c++) {
      size_t row = (size_t)i * BUBBLE_LANES;
      double add = (double)w->r[row + (size_t)c] * (double)w->y[row + (size_t)d->lane[c]];
      if (d->value[c] != 0.0) share[i] += fabs(add / d->value[c]);
    }
  return 0;
}

PetscErrorCode estimate_shares_add(const EstimateSets *s, double *share, Estimate *w)
{
  Duals d = {.n = 0};
  for (int g = 0; g < w->n_goal; g++) {
    int lane = estimate_set_of(w, s, g);
    if (lane >= 0) d.goal[d.n] = g, d.lane[d.n++] = lane;
    bool full = d.n == BUBBLE_LANES || (d.n && g + 1 == w->n_goal);
    if (full) PetscCall(duals_weigh(&d, share, w));
    if (full) d.n = 0;
  }
  return 0;
}

/* A bubble's share goes to the tetrahedra that it reaches, in equal parts. */
PetscErrorCode estimate_spread(const Bubbles *b, const double *share, double *indicator)
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
