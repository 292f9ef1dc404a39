/* The levels of the multigrid, and a cycle through them for all right-hand sides. */
#include "block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_MAX = 400 };
static const double strong_coupling = 0.04; /* 0.02 has smaller levels, but takes an iteration in ten more */

/* ---- the last level: an inverse ------------------------------------------------------------------------------------ */

static PetscErrorCode dense_invert(const Csr *A, double *M, double *inverse)
{
  int n = A->n;
  double *L = M;
  for (int i = 0; i < n; i++)
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) M[i * n + A->column[k]] = A->value[k];
  PetscCheck(small_cholesky(n, n, M, L) > 0.0, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the matrix is not positive definite, found on the coarsest of the solver's levels");
  for (int c = 0; c < n; c++) { /* L^-1, by rows */
    inverse[c * n + c] = 1.0 / L[c * n + c];
    for (int i = c + 1; i < n; i++) {
      double sum = 0.0;
      for (int k = c; k < i; k++) sum -= L[i * n + k] * inverse[k * n + c];
      inverse[i * n + c] = sum / L[i * n + i];
    }
  }
  return 0;
}

/* dense = L^-T L^-1 */
static PetscErrorCode dense_create(const Csr *A, int lanes, BlockGrids *g)
{
  size_t n = (size_t)A->n;
  double *M = NULL, *half = NULL;
  g->n_dense = A->n;
  PetscErrorCode ierr = mem_alloc(n * n, sizeof *M, &M);
  if (!ierr) ierr = mem_alloc(n * n, sizeof *half, &half);
  if (!ierr) ierr = mem_alloc(n * n, sizeof *g->dense, &g->dense);
  if (!ierr) ierr = block_vector(A->n, lanes, sizeof(float), &g->dense_b);
  if (!ierr) ierr = block_vector(A->n, lanes, sizeof(float), &g->dense_x);
  if (!ierr) ierr = dense_invert(A, M, half);
  if (!ierr) memset(M, 0, n * n * sizeof *M);
  for (size_t k = 0; !ierr && k < n; k++)
    for (size_t i = 0; i <= k; i++)
      for (size_t j = 0; j <= k; j++) M[i * n + j] += half[k * n + i] * half[k * n + j];
  for (size_t i = 0; !ierr && i < n * n; i++) g->dense[i] = (float)M[i];
  free(M);
  free(half);
  return ierr;
}

/* ---- levels ---------------------------------------------------------------------------------------------------------- */

static void level_free(BlockLevel *l)
{
  block_pieces_free(&l->pieces);
  block_pieces_free(&l->below);
  block_rows_free(&l->before);
  block_rows_free(&l->after);
  block_rows_free(&l->up);
  block_rows_free(&l->down);
  free(l->inverse);
  free(l->b);
  free(l->x);
  free(l->r);
}

void block_grids_free(BlockGrids *g)
{
  for (int i = 0; i < g->n_level; i++) level_free(&g->level[i]);
  free(g->dense);
  free(g->dense_b);
  free(g->dense_x);
  *g = (BlockGrids){.n_level = 0};
}

static PetscErrorCode transfers_create(const Csr *up, const Csr *down, Team *team, BlockLevel *l)
{
  PetscCall(block_pieces_create(down->n, NULL, &l->below));
  PetscCall(block_rows_from(up, &l->pieces, team, &l->up));
  return block_rows_from(down, &l->below, team, &l->down);
}

/* The smoother of A; its place in g is taken even where it fails, so that all is freed. */
static PetscErrorCode level_create(const Csr *A, int lanes, Team *team, BlockGrids *g)
{
  PetscCheck(g->n_level < BLOCK_LEVELS_MAX, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the solver's levels do not get smaller (%d of them, %d unknowns left)", g->n_level, (int)A->n);
  BlockLevel *l = &g->level[g->n_level++];
  *l = (BlockLevel){.n = A->n};
  PetscCall(block_pieces_create(A->n, A, &l->pieces));
  PetscCall(mem_alloc((size_t)A->n, sizeof *l->inverse, &l->inverse));
  PetscCall(block_rows_smoother(A, &l->pieces, team, l->inverse, &l->before, &l->after));
  PetscCall(block_vector_by(team, A->n, lanes, sizeof(float), &l->b));
  PetscCall(block_vector_by(team, A->n, lanes, sizeof(float), &l->x));
  return block_vector_by(team, A->n, lanes, sizeof(float), &l->r);
}

/* The matrix below A: down A up. */
static PetscErrorCode level_below(const Csr *A, Csr *up, Csr *down, Csr *product, Team *team, BlockLevel *l, Csr *out)
{
  PetscCall(block_prolongation(A, strong_coupling, team, up));
  PetscCall(csr_transpose(up, team, down));
  PetscCall(transfers_create(up, down, team, l));
  PetscCall(csr_multiply(A, up, false, team, product));
  return csr_multiply(down, product, true, team, out);
}

/* All levels from A down; one at least, which holds the vectors. */
static PetscErrorCode levels_create(const Csr *A, int lanes, Team *team, BlockGrids *g)
{
  Csr here = *A, own = {.n = 0};
  PetscErrorCode ierr = 0;
  while (!ierr && (here.n > DENSE_MAX || !g->n_level)) {
    Csr up = {.n = 0}, down = {.n = 0}, product = {.n = 0}, next = {.n = 0};
    ierr = level_create(&here, lanes, team, g);
    if (!ierr) ierr = level_below(&here, &up, &down, &product, team, &g->level[g->n_level - 1], &next);
    csr_free(&up);
    csr_free(&down);
    csr_free(&product);
    csr_free(&own);
    here = own = next;
  }
  if (!ierr) ierr = dense_create(&here, lanes, g);
  csr_free(&own);
  return ierr;
}

static PetscErrorCode first_given(const Csr *A, const Csr *up, int lanes, Team *team, BlockGrids *g)
{
  Csr down = {.n = 0};
  PetscCall(level_create(A, lanes, team, g));
  PetscErrorCode ierr = csr_transpose(up, team, &down);
  if (!ierr) ierr = transfers_create(up, &down, team, &g->level[0]);
  csr_free(&down);
  return ierr;
}

PetscErrorCode block_grids_create(const Csr *A, const Csr *up, const Csr *below, int lanes, Team *team, BlockGrids *g)
{
  *g = (BlockGrids){.n_level = 0};
  PetscErrorCode ierr = up ? first_given(A, up, lanes, team, g) : 0;
  if (!ierr) ierr = levels_create(up ? below : A, lanes, team, g);
  if (ierr) block_grids_free(g);
  return ierr;
}

/* ---- a cycle ------------------------------------------------------------------------------------------------------------ */

static void dense_solve(const BlockGrids *g, int lanes)
{
  for (int32_t i = 0; i < g->n_dense; i++) {
    float sum[BLOCK_LANES_MAX] = {0};
    const float *row = g->dense + (size_t)i * (size_t)g->n_dense;
    for (int32_t k = 0; k < g->n_dense; k++)
      for (int j = 0; j < lanes; j++) sum[j] += row[k] * g->dense_b[(size_t)k * (size_t)lanes + j];
    memcpy(g->dense_x + (size_t)i * (size_t)lanes, sum, (size_t)lanes * sizeof *sum);
  }
}

/* One colour after another, forwards or backwards. */
static void sweep(Block *s, BlockOp op, const BlockLevel *l)
{
  BlockJob job = {.op = op,
                  .pieces = &l->pieces,
                  .rows = &l->before,
                  .after = &l->after,
                  .inverse = l->inverse,
                  .b = l->b,
                  .x = l->x,
                  .partial = s->partial};
  int n = l->pieces.n_colour;
  for (int i = 0; i < n; i++) block_do_colour(s, &job, op == BLOCK_FORWARD ? i : n - 1 - i);
}

static void transfer(Block *s, BlockOp op, const BlockPieces *pieces, const BlockRows *rows, const float *in,
                     float *out)
{
  BlockJob job = {.op = op, .pieces = pieces, .rows = rows, .in = in, .out = out};
  block_do(s, &job, NULL);
}

static void cycle_at(Block *s, int depth, double *gram)
{
  BlockGrids *g = &s->grids;
  BlockLevel *l = &g->level[depth];
  bool last = depth + 1 == g->n_level;
  float *b = last ? g->dense_b : l[1].b, *x = last ? g->dense_x : l[1].x;
  BlockJob residual = {.op = BLOCK_RESIDUAL, .pieces = &l->pieces, .after = &l->after, .x = l->x, .r = l->r};
  sweep(s, BLOCK_FORWARD, l);
  block_do(s, &residual, NULL);
  transfer(s, BLOCK_GATHER, &l->below, &l->down, l->r, b);
  if (last)
    dense_solve(g, s->lanes);
  else
    cycle_at(s, depth + 1, NULL);
  transfer(s, BLOCK_ADD, &l->pieces, &l->up, x, l->x);
  sweep(s, gram ? BLOCK_BACKWARD_GRAM : BLOCK_BACKWARD, l);
  if (gram) block_sum(s, l->pieces.n, gram);
}

void block_cycle(Block *s, double *gram) { cycle_at(s, 0, gram); }
