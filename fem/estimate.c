/* What is missing in the potentials of sets: bubbles answer the residual, then the elements' own functions answer the
 * bubbles, and once more. */
#include "estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS = 2 };
/* Relative residual of the own functions' answers, term by term: their error is far below what they
 * estimate. Steps of the bubbles' solution, which is well conditioned: they leave some per cent. */
static const double ANSWER_TOLERANCE[TERMS] = {1e-3, 1e-2};
static const int STEPS[TERMS] = {12, 4};
/* Of one term of the series to the one before: more would be no series. */
static const double RATIO_MAX = 0.8;

static void work_free(Estimate *w)
{
  free(w->first), free(w->place);
  block_close(&w->block);
  operator_free(&w->op);
  bubbles_free(&w->bubbles);
  parts_free(&w->parts);
  free(w->r), free(w->y), free(w->own), free(w->load), free(w->rhs);
}

static size_t node_numbers(const Estimate *w) { return (size_t)w->parts.space->n_node * BUBBLE_LANES; }

/* ---- places ----------------------------------------------------------------------------------------------------------- */

static PetscErrorCode places_find(const MeshLocator *l, Estimate *w)
{
  size_t n = 0;
  PetscCall(mem_alloc((size_t)w->n_goal, sizeof *w->first, &w->first));
  for (int g = 0; g < w->n_goal; g++) w->first[g] = (int)n, n += (size_t)w->goal[g].n;
  PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "too many places of goals");
  PetscCall(mem_alloc(n, sizeof *w->place, &w->place));
  for (int g = 0; g < w->n_goal; g++) {
    TetId hint = -1;
    for (int i = 0; i < w->goal[g].n; i++) {
      Place *p = &w->place[w->first[g] + i];
      p->tet = mesh_locate(l, w->goal[g].xyz_mm + 3 * (size_t)i, hint, p->w);
      if (p->tet >= 0) hint = p->tet;
    }
  }
  return 0;
}

/* What bubbles and own functions give at a place. */
static double correction_at(const Estimate *w, const Place *p, int lane)
{
  const Bubbles *b = &w->bubbles;
  NodeId node[FIELD_BASIS_MAX];
  double weight[FIELD_BASIS_MAX], bubble[BUBBLES_MAX], sign[BUBBLES_MAX], sum = 0.0;
  const int32_t *number = bubbles_number(b, p->tet);
  int n = field_basis(w->m, w->f, p->tet, p->w, node, weight);
  for (int k = 0; k < n; k++) sum += weight[k] * w->own[(size_t)node[k] * BUBBLE_LANES + (size_t)lane];
  bubbles_signs(b, p->tet, sign);
  bubbles_basis(b, p->w, bubble);
  for (int k = 0; k < b->per_tet; k++)
    sum += sign[k] * bubble[k] * (double)w->y[(size_t)number[k] * BUBBLE_LANES + (size_t)lane];
  return sum;
}

int estimate_set_of(const Estimate *w, const EstimateSets *s, int goal)
{
  size_t bytes = (size_t)w->f->n_contact * sizeof(double);
  int i = 0;
  while (i < s->n && memcmp(s->current_mA[i], w->goal[goal].current_mA, bytes)) i++;
  return i < s->n ? i : -1;
}

static void changes_take(const Estimate *w, const EstimateSets *s, int term)
{
  for (int g = 0; g < w->n_goal; g++) {
    int lane = estimate_set_of(w, s, g);
    for (int i = 0; i < w->goal[g].n && lane >= 0; i++) {
      const Place *p = &w->place[w->first[g] + i];
      w->goal[g].change_V[i][term] = p->tet < 0 ? NAN : correction_at(w, p, lane);
    }
  }
}

/* ---- sets: what is missing in their potentials ------------------------------------------------------------------------- */

/* Potentials of the sets, into `answer`. */
static PetscErrorCode potentials_fill(const EstimateSets *s, Estimate *w)
{
  size_t n = (size_t)w->f->n_node;
  double *v;
  PetscCall(mem_alloc(n, sizeof *v, &v));
  memset(w->answer, 0, node_numbers(w) * sizeof *w->answer);
  for (int c = 0; c < s->n; c++) {
    field_superpose(w->f, s->current_mA[c], v);
    for (size_t i = 0; i < n; i++) w->answer[i * BUBBLE_LANES + (size_t)c] = v[i];
  }
  free(v);
  return 0;
}

/* From the right-hand side to `answer` at the nodes. */
PetscErrorCode estimate_solve(int n, double tolerance, Estimate *w)
{
  const DofMap *d = w->parts.dofs;
  BlockProblem p = {.n = n, .load = w->rhs, .what = "the error's estimate", .tolerance = tolerance};
  PetscCall(block_cg(&w->block, &p));
  for (NodeId i = 0; i < d->n_node; i++)
    for (size_t c = 0; c < BUBBLE_LANES; c++)
      w->answer[(size_t)i * BUBBLE_LANES + c] =
          d->unknown[i] < 0 ? 0.0 : w->block.X[(size_t)d->unknown[i] * BUBBLE_LANES + c];
  return 0;
}

/* What the bubbles do to own functions beyond what they did before, as a right-hand side. */
static void own_load(Estimate *w)
{
  const DofMap *d = w->parts.dofs;
  size_t all = node_numbers(w);
  memset(w->rhs, 0, (size_t)d->n_unknown * BUBBLE_LANES * sizeof *w->rhs);
  for (size_t k = 0; k < all; k++) w->load[k] = -w->load[k];
  bubbles_pull(&w->bubbles, w->block.team, w->y, w->load);
  for (NodeId i = 0; i < d->n_node; i++)
    for (size_t c = 0; c < BUBBLE_LANES && d->unknown[i] >= 0; c++)
      w->rhs[(size_t)d->unknown[i] * BUBBLE_LANES + c] -= w->load[(size_t)i * BUBBLE_LANES + c];
}

static PetscErrorCode term_add(const EstimateSets *s, int term, Estimate *w)
{
  size_t all = node_numbers(w);
  PetscCall(bubbles_solve(&w->bubbles, w->block.team, STEPS[term], w->r, w->y));
  own_load(w);
  PetscCall(estimate_solve(s->n, ANSWER_TOLERANCE[term], w));
  for (size_t k = 0; k < all; k++) w->own[k] += w->answer[k];
  changes_take(w, s, term);
  if (term + 1 < TERMS) bubbles_residual(&w->bubbles, w->block.team, w->answer, w->r);
  return 0;
}

static PetscErrorCode sets_correct(const EstimateSets *s, Estimate *w)
{
  size_t all = node_numbers(w);
  bubbles_clear(&w->bubbles, w->block.team, w->r);
  bubbles_clear(&w->bubbles, w->block.team, w->y);
  memset(w->own, 0, all * sizeof *w->own);
  memset(w->load, 0, all * sizeof *w->load);
  PetscCall(potentials_fill(s, w));
  bubbles_residual(&w->bubbles, w->block.team, w->answer, w->r);
  for (int term = 0; term < TERMS; term++) PetscCall(term_add(s, term, w));
  return 0;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------- */

static PetscErrorCode vectors_create(Estimate *w)
{
  int32_t nodes = w->parts.space->n_node, unknowns = w->parts.dofs->n_unknown;
  PetscCall(bubbles_vector(&w->bubbles, w->block.team, &w->r));
  PetscCall(bubbles_vector(&w->bubbles, w->block.team, &w->y));
  PetscCall(block_vector_by(w->block.team, nodes, BUBBLE_LANES, sizeof *w->own, &w->own));
  PetscCall(block_vector_by(w->block.team, nodes, BUBBLE_LANES, sizeof *w->load, &w->load));
  PetscCall(block_vector_by(w->block.team, nodes > unknowns ? nodes : unknowns, BUBBLE_LANES, sizeof *w->rhs, &w->rhs));
  w->answer = w->rhs;
  return 0;
}

static PetscErrorCode work_fill(const double *sigma, const FieldOptions *o, const MeshLocator *l, Estimate *w)
{
  PetscCall(places_find(l, w));
  PetscCall(parts_create(w->m, sigma, o->order, o, &w->parts));
  PetscCall(parts_operator(&w->parts, o, &w->op));
  BlockMatrices matrices = {.A = w->op.A, .up = w->op.up, .below = w->op.below};
  PetscCall(block_open(&matrices, BUBBLE_LANES, &w->block));
  csr_free(&w->op.up), csr_free(&w->op.below);
  PetscCall(bubbles_create(w->parts.space, o, sigma, w->block.team, &w->bubbles));
  return vectors_create(w);
}

/* Sets of goals from `goal` on that are not among the others of this walk; returns the goal after the last. */
static int sets_take(const Estimate *w, int goal, EstimateSets *s)
{
  EstimateSets before = {.n = 0};
  *s = before;
  for (; goal < w->n_goal && s->n < BUBBLE_LANES; goal++) {
    bool done = estimate_set_of(w, s, goal) >= 0;
    before.n = 1;
    for (int g = 0; g < goal && !done; g++) {
      before.current_mA[0] = w->goal[g].current_mA;
      done = estimate_set_of(w, &before, goal) == 0;
    }
    if (!done) s->current_mA[s->n++] = w->goal[goal].current_mA;
  }
  return goal;
}

static PetscErrorCode estimate(const double *sigma, const FieldOptions *o, const MeshLocator *l, double **share,
                               double *indicator, Estimate *w)
{
  EstimateSets s;
  PetscCall(work_fill(sigma, o, l, w));
  if (indicator) PetscCall(mem_alloc((size_t)w->bubbles.n, sizeof **share, share));
  for (int g = sets_take(w, 0, &s); s.n; g = sets_take(w, g, &s)) {
    PetscCall(sets_correct(&s, w));
    if (indicator) PetscCall(estimate_shares_add(&s, *share, w));
  }
  return indicator ? estimate_spread(&w->bubbles, *share, indicator) : 0;
}

PetscErrorCode field_estimate(const Mesh *m, const MeshLocator *l, const double *sigma, const FieldOptions *o,
                              const LeadField *f, int n_goal, FieldGoal *goal, double *indicator)
{
  Estimate w = {.m = m, .f = f, .n_goal = n_goal, .goal = goal};
  FieldOptions as_solved = *o;
  double *share = NULL;
  as_solved.order = f->order;
  PetscErrorCode ierr = estimate(sigma, &as_solved, l, &share, indicator, &w);
  free(share);
  work_free(&w);
  return ierr;
}

double field_series(const double term[2])
{
  double ratio = term[0] != 0.0 ? (term[1] - term[0]) / term[0] : 0.0;
  return term[0] / (1.0 - fmin(RATIO_MAX, fmax(-RATIO_MAX, ratio)));
}
