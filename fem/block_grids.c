/* The levels of the multigrid, and a cycle through them for all right-hand sides. */
#include "block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_MAX = 400 };
static const double strong_coupling = 0.04; /* 0.02 has smaller levels, but takes an iteration in ten more */

/* ---- the last level: an inverse ------------------------------------------------------------------------------------ */

/* M [n][n], of all ranks' rows. */
static void dense_fill(const Csr *A, const Halo *h, int n, double *M)
{
  for (int i = 0; i < A->n; i++)
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) {
      int row = h ? halo_global(h, i) : i, column = h ? halo_global(h, A->column[k]) : A->column[k];
      M[row * n + column] = A->value[k];
    }
  halo_sum(h, n * n, M);
}

static PetscErrorCode dense_invert(const Csr *A, const Halo *h, int n, double *M, double *inverse)
{
  double *L = M;
  dense_fill(A, h, n, M);
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

/* Rooms for what a rank has of the last level, and where that is in the whole. */
static PetscErrorCode dense_divide(Halo *h, int lanes, BlockGrids *g)
{
  g->dense_halo = h;
  PetscCall(block_vector(h->n_own + h->n_halo, lanes, sizeof(float), &g->last_b));
  PetscCall(block_vector(h->n_own + h->n_halo, lanes, sizeof(float), &g->last_x));
  PetscCall(mem_alloc((size_t)h->n_rank, 2 * sizeof *g->dense_count, &g->dense_count));
  for (int r = 0; r < h->n_rank; r++) {
    g->dense_count[r] = h->begin[r + 1] - h->begin[r];
    g->dense_count[h->n_rank + r] = h->begin[r];
  }
  return 0;
}

static int32_t rows_of_all(const Csr *A, const Halo *h) { return h ? h->begin[h->n_rank] : A->n; }

/* dense = L^-T L^-1; takes the halo. */
static PetscErrorCode dense_create(const Csr *A, Halo *h, int lanes, BlockGrids *g)
{
  size_t n = (size_t)rows_of_all(A, h);
  double *M = NULL, *half = NULL;
  g->n_dense = (int32_t)n;
  if (h) PetscCall(dense_divide(h, lanes, g));
  PetscErrorCode ierr = mem_alloc(n * n, sizeof *M, &M);
  if (!ierr) ierr = mem_alloc(n * n, sizeof *half, &half);
  if (!ierr) ierr = mem_alloc(n * n, sizeof *g->dense, &g->dense);
  if (!ierr) ierr = block_vector(g->n_dense, lanes, sizeof(float), &g->dense_b);
  if (!ierr) ierr = block_vector(g->n_dense, lanes, sizeof(float), &g->dense_x);
  if (!ierr) ierr = dense_invert(A, h, g->n_dense, M, half);
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
  halo_destroy(&l->halo);
}

void block_grids_free(BlockGrids *g)
{
  for (int i = 0; i < g->n_level; i++) level_free(&g->level[i]);
  free(g->dense);
  free(g->dense_b);
  free(g->dense_x);
  free(g->last_b);
  free(g->last_x);
  free(g->dense_count);
  halo_destroy(&g->dense_halo);
  *g = (BlockGrids){.n_level = 0};
}

static PetscErrorCode transfers_create(const Csr *up, const Csr *down, Team *team, BlockLevel *l)
{
  PetscCall(block_pieces_create(down->n, NULL, &l->below));
  PetscCall(block_rows_from(up, &l->pieces, team, &l->up));
  return block_rows_from(down, &l->below, team, &l->down);
}

/* The smoother of A; its place in g is taken even where it fails, so that all is freed, the halo with it. */
static PetscErrorCode level_create(const Csr *A, Halo **halo, int lanes, Team *team, BlockGrids *g)
{
  PetscCheck(g->n_level < BLOCK_LEVELS_MAX, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the solver's levels do not get smaller (%d of them, %d unknowns left)", g->n_level, (int)A->n);
  BlockLevel *l = &g->level[g->n_level++];
  *l = (BlockLevel){.n = A->n, .halo = *halo};
  *halo = NULL;
  PetscCall(block_pieces_create(A->n, A, &l->pieces));
  PetscCall(mem_alloc((size_t)A->n, sizeof *l->inverse, &l->inverse));
  PetscCall(block_rows_smoother(A, &l->pieces, team, l->inverse, &l->before, &l->after));
  PetscCall(block_vector_by(team, A->n_column, lanes, sizeof(float), &l->b));
  PetscCall(block_vector_by(team, A->n_column, lanes, sizeof(float), &l->x));
  return block_vector_by(team, A->n, lanes, sizeof(float), &l->r);
}

/* The matrix below A: down A up. */
static PetscErrorCode level_below(const Csr *A, Csr *up, Csr *down, Csr *product, Team *team, BlockLevel *l, Csr *out)
{
  Halo *none;
  PetscCall(block_prolongation(A, NULL, strong_coupling, team, up, &none));
  PetscCall(csr_transpose(up, team, down));
  PetscCall(transfers_create(up, down, team, l));
  PetscCall(csr_multiply(A, up, false, team, product));
  return csr_multiply(down, product, true, team, out);
}

/* The same on several ranks. */
static PetscErrorCode level_below_all(const Csr *A, Csr *up, Csr *down, Team *team, BlockLevel *l, Csr *out,
                                      Halo **next)
{
  Halo *coarse;
  PetscCall(block_prolongation(A, l->halo, strong_coupling, team, up, &coarse));
  PetscErrorCode ierr = block_galerkin(A, l->halo, coarse, team, up, out, next);
  halo_destroy(&coarse);
  PetscCall(ierr);
  PetscCall(csr_transpose(up, team, down));
  return transfers_create(up, down, team, l);
}

/* All levels from A down; one at least, which holds the vectors. Takes the halo. */
static PetscErrorCode levels_create(const Csr *A, Halo *halo, int lanes, Team *team, BlockGrids *g)
{
  Csr here = *A, own = {.n = 0};
  PetscErrorCode ierr = 0;
  while (!ierr && (rows_of_all(&here, halo) > DENSE_MAX || !g->n_level)) {
    Csr up = {.n = 0}, down = {.n = 0}, product = {.n = 0}, next = {.n = 0};
    ierr = level_create(&here, &halo, lanes, team, g);
    BlockLevel *l = &g->level[g->n_level - 1];
    if (!ierr && l->halo)
      ierr = level_below_all(&here, &up, &down, team, l, &next, &halo);
    else if (!ierr)
      ierr = level_below(&here, &up, &down, &product, team, l, &next);
    csr_free(&up);
    csr_free(&down);
    csr_free(&product);
    csr_free(&own);
    here = own = next;
  }
  if (!ierr)
    ierr = dense_create(&here, halo, lanes, g);
  else
    halo_destroy(&halo);
  csr_free(&own);
  return ierr;
}

static PetscErrorCode first_given(BlockMatrices *m, int lanes, Team *team, BlockGrids *g)
{
  Csr down = {.n = 0};
  PetscCall(level_create(&m->A, &m->halo, lanes, team, g));
  PetscErrorCode ierr = csr_transpose(&m->up, team, &down);
  if (!ierr) ierr = transfers_create(&m->up, &down, team, &g->level[0]);
  csr_free(&down);
  return ierr;
}

PetscErrorCode block_grids_create(BlockMatrices *m, int lanes, Team *team, BlockGrids *g)
{
  bool second = m->up.start != NULL;
  Halo **halo = second ? &m->halo_below : &m->halo, *first;
  *g = (BlockGrids){.n_level = 0};
  PetscErrorCode ierr = second ? first_given(m, lanes, team, g) : 0;
  first = ierr ? NULL : *halo;
  if (!ierr) *halo = NULL;
  if (!ierr) ierr = levels_create(second ? &m->below : &m->A, first, lanes, team, g);
  if (ierr) block_grids_free(g);
  halo_destroy(&m->halo), halo_destroy(&m->halo_below);
  return ierr;
}

/* ---- a cycle ------------------------------------------------------------------------------------------------------------ */

/* The last level's right-hand side from all ranks. */
static void dense_gather(BlockGrids *g, int lanes)
{
  const Halo *h = g->dense_halo;
  MPI_Datatype row;
  if (!h) return;
  (void)MPI_Type_contiguous(lanes, MPI_FLOAT, &row);
  (void)MPI_Type_commit(&row);
  (void)MPI_Allgatherv(g->last_b, h->n_own, row, g->dense_b, g->dense_count, g->dense_count + h->n_rank, row,
                       PETSC_COMM_WORLD);
  (void)MPI_Type_free(&row);
}

static void dense_spread(BlockGrids *g, int lanes)
{
  const Halo *h = g->dense_halo;
  size_t width = (size_t)lanes;
  for (int32_t i = 0; h && i < h->n_own + h->n_halo; i++)
    memcpy(g->last_x + (size_t)i * width, g->dense_x + (size_t)halo_global(h, i) * width, width * sizeof(float));
}

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

static void exchange(Block *s, Halo *h, float *v)
{
  if (h) halo_exchange(h, v, (size_t)s->lanes * sizeof *v);
}

static void last_solve(Block *s)
{
  dense_gather(&s->grids, s->lanes);
  dense_solve(&s->grids, s->lanes);
  dense_spread(&s->grids, s->lanes);
}

static void cycle_at(Block *s, int depth, double *gram)
{
  BlockGrids *g = &s->grids;
  BlockLevel *l = &g->level[depth];
  bool last = depth + 1 == g->n_level;
  Halo *below = last ? g->dense_halo : l[1].halo;
  float *b = !last ? l[1].b : below ? g->last_b : g->dense_b, *x = !last ? l[1].x : below ? g->last_x : g->dense_x;
  BlockJob residual = {.op = BLOCK_RESIDUAL, .pieces = &l->pieces, .after = &l->after, .x = l->x, .r = l->r};
  sweep(s, BLOCK_FORWARD, l);
  exchange(s, l->halo, l->x);
  block_do(s, &residual, NULL);
  transfer(s, BLOCK_GATHER, &l->below, &l->down, l->r, b);
  if (below) halo_collect(below, b, s->lanes);
  if (last)
    last_solve(s);
  else
    cycle_at(s, depth + 1, NULL);
  if (!last) exchange(s, below, x);
  transfer(s, BLOCK_ADD, &l->pieces, &l->up, x, l->x);
  exchange(s, l->halo, l->x);
  sweep(s, gram ? BLOCK_BACKWARD_GRAM : BLOCK_BACKWARD, l);
  if (gram) block_sum(s, l->pieces.n, gram);
}

void block_cycle(Block *s, double *gram) { cycle_at(s, 0, gram); }
