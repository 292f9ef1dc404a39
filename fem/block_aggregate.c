/* The prolongation of smoothed aggregation: each unknown of the next level is a heap of strongly coupled unknowns; one
 * step of Jacobi makes the step functions smooth.
 * Source: Vanek, Mandel, Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order elliptic
 * problems, Computing 56 (1996), section 5.1. */
#include "block.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 4096, POWER_STEPS = 8 }; /* a piece of work; steps towards the largest eigenvalue */

typedef struct {
  const Csr *A;
  double threshold;
  double *diagonal; /* [n] */
  int32_t *heap;    /* [n] of each unknown, or -1 */
  int32_t n_heap;
  double omega;    /* of Jacobi's step */
  double *v, *w;   /* [n] */
  double *partial; /* [pieces][2] */
} Work;

static int pieces(const Csr *A) { return (A->n + ROWS - 1) / ROWS; }

static void piece_rows(const Csr *A, int piece, int32_t *begin, int32_t *end)
{
  *begin = piece * ROWS;
  *end = *begin + ROWS < A->n ? *begin + ROWS : A->n;
}

static void diagonal_find(void *context, int piece, int thread)
{
  Work *w = context;
  int32_t begin, end;
  (void)thread;
  piece_rows(w->A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++)
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      if (w->A->column[k] == i) w->diagonal[i] = w->A->value[k];
}

/* Couplings of like sign as the diagonal's are no reason to be in one heap. */
static inline bool strong(const Work *w, int32_t i, int32_t k)
{
  int32_t j = w->A->column[k];
  double a = w->A->value[k], t = w->threshold;
  return j != i && a < 0.0 && a * a > t * t * w->diagonal[i] * w->diagonal[j];
}

/* ---- heaps ------------------------------------------------------------------------------------------------------ */

/* Unknowns whose strong neighbours are all free make a heap with them. */
static void heaps_begin(Work *w)
{
  for (int32_t i = 0; i < w->A->n; i++) {
    bool any = false, free = w->heap[i] < 0;
    for (int32_t k = w->A->start[i]; free && k < w->A->start[i + 1]; k++)
      if (strong(w, i, k)) any = true, free = w->heap[w->A->column[k]] < 0;
    if (!free || !any) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      if (strong(w, i, k)) w->heap[w->A->column[k]] = w->n_heap;
    w->heap[i] = w->n_heap++;
  }
}

/* What is left goes to the heap that it is coupled to most strongly: marked as -2 - heap, so that no chains grow. */
static void heaps_join(Work *w)
{
  for (int32_t i = 0; i < w->A->n; i++) {
    double best = 0.0;
    if (w->heap[i] != -1) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      int32_t heap = w->heap[w->A->column[k]];
      if (heap < 0 || !strong(w, i, k) || -w->A->value[k] <= best) continue;
      best = -w->A->value[k];
      w->heap[i] = -2 - heap;
    }
  }
  for (int32_t i = 0; i < w->A->n; i++)
    if (w->heap[i] < -1) w->heap[i] = -2 - w->heap[i];
}

static void heaps_end(Work *w)
{
  for (int32_t i = 0; i < w->A->n; i++) {
    bool any = false;
    if (w->heap[i] >= 0) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      if (!strong(w, i, k)) continue;
      any = true;
      if (w->heap[w->A->column[k]] < 0) w->heap[w->A->column[k]] = w->n_heap;
    }
    if (any) w->heap[i] = w->n_heap++; /* else: nothing holds it but the smoother */
  }
}

/* In the order of their first unknowns, so that neighbours stay near. */
static PetscErrorCode heaps_number(Work *w)
{
  int32_t *name, n = 0;
  PetscCall(mem_alloc((size_t)w->n_heap, sizeof *name, &name));
  for (int32_t i = 0; i < w->A->n; i++) {
    if (w->heap[i] < 0) continue;
    if (!name[w->heap[i]]) name[w->heap[i]] = ++n;
    w->heap[i] = name[w->heap[i]] - 1;
  }
  free(name);
  return 0;
}

/* ---- Jacobi's step ------------------------------------------------------------------------------------------------ */

/* Weak couplings are added to the diagonal: the step then leaves constants alone. */
static double kept_diagonal(const Work *w, int32_t i)
{
  double d = w->diagonal[i];
  for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
    if (w->A->column[k] != i && !strong(w, i, k)) d += w->A->value[k];
  return d > 0.0 ? d : w->diagonal[i];
}

/* w = D^-1 A v, and the sums of v w and v v */
static void power_step(void *context, int piece, int thread)
{
  Work *w = context;
  int32_t begin, end;
  double vw = 0.0, vv = 0.0;
  (void)thread;
  piece_rows(w->A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++) {
    double sum = 0.0;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) sum += w->A->value[k] * w->v[w->A->column[k]];
    w->w[i] = sum / w->diagonal[i];
    vw += w->v[i] * sum, vv += w->v[i] * w->diagonal[i] * w->v[i];
  }
  w->partial[2 * piece] = vw, w->partial[2 * piece + 1] = vv;
}

/* The largest eigenvalue of D^-1 A, from below, by some steps of the power method. */
static double largest_eigenvalue(Work *w, Team *team)
{
  Rng rng = rng_seed(1, (uint64_t)w->A->n);
  double value = 1.0;
  for (int32_t i = 0; i < w->A->n; i++) w->v[i] = rng_uniform(&rng) - 0.5;
  for (int s = 0; s < POWER_STEPS; s++) {
    double vw = 0.0, vv = 0.0, *swap = w->v;
    team_run(team, pieces(w->A), power_step, w);
    for (int p = 0; p < pieces(w->A); p++) vw += w->partial[2 * p], vv += w->partial[2 * p + 1];
    if (vv > 0.0) value = vw / vv;
    w->v = w->w, w->w = swap;
  }
  return value;
}

/* Rows of the prolongation. */
static PetscErrorCode smooth_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  (void)thread;
  for (int32_t i = begin; i < end; i++) {
    int32_t n = 0;
    double scale = w->omega / kept_diagonal(w, i);
    PetscCall(csr_strip_room(s, (size_t)(w->A->start[i + 1] - w->A->start[i])));
    int32_t *column = s->column + s->n;
    double *value = s->value + s->n;
    if (w->heap[i] >= 0) column[n] = w->heap[i], value[n++] = 1.0 - w->omega;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      int32_t heap = w->heap[w->A->column[k]], at = 0;
      if (heap < 0 || !strong(w, i, k)) continue;
      while (at < n && column[at] != heap) at++;
      if (at == n) column[n] = heap, value[n++] = 0.0;
      value[at] -= scale * w->A->value[k];
    }
    length[i - begin] = n;
    s->n += (size_t)n;
  }
  return 0;
}

static PetscErrorCode work_alloc(Work *w)
{
  size_t n = (size_t)w->A->n;
  PetscCall(mem_alloc(n, sizeof *w->diagonal, &w->diagonal));
  PetscCall(mem_alloc(n, sizeof *w->heap, &w->heap));
  PetscCall(mem_alloc(n, sizeof *w->v, &w->v));
  PetscCall(mem_alloc(n, sizeof *w->w, &w->w));
  PetscCall(mem_alloc(2 * (size_t)pieces(w->A), sizeof *w->partial, &w->partial));
  for (size_t i = 0; i < n; i++) w->heap[i] = -1;
  return 0;
}

static PetscErrorCode prolongation(Work *w, Team *team, Csr *out)
{
  PetscCall(work_alloc(w));
  team_run(team, pieces(w->A), diagonal_find, w);
  for (int32_t i = 0; i < w->A->n; i++)
    PetscCheck(w->diagonal[i] > 0.0 && isfinite(w->diagonal[i]), PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
               "field: the matrix is not positive definite: row %d has a diagonal entry of %g", (int)i, w->diagonal[i]);
  heaps_begin(w);
  heaps_join(w);
  heaps_end(w);
  PetscCall(heaps_number(w));
  w->omega = 4.0 / 3.0 / (1.1 * largest_eigenvalue(w, team));
  return csr_build(w->A->n, w->n_heap, ROWS, smooth_rows, w, team, out);
}

PetscErrorCode block_prolongation(const Csr *A, double threshold, Team *team, Csr *out)
{
  Work w = {.A = A, .threshold = threshold};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = prolongation(&w, team, out);
  free(w.diagonal);
  free(w.heap);
  free(w.v);
  free(w.w);
  free(w.partial);
  return ierr;
}
