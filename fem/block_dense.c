/* The last level of the multigrid: an inverse, the whole on every rank. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

void block_dense_free(BlockGrids *g)
{
  free(g->dense);
  free(g->dense_b);
  free(g->dense_x);
  free(g->last_b);
  free(g->last_x);
  free(g->dense_count);
  halo_destroy(&g->dense_halo);
}

int32_t block_rows_of_all(const Csr *A, const Halo *h) { return h ? h->begin[h->n_rank] : A->n; }

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

PetscErrorCode block_dense_create(const Csr *A, Halo *h, int lanes, BlockGrids *g)
{
  size_t n = (size_t)block_rows_of_all(A, h);
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

/* ---- a solution ------------------------------------------------------------------------------------------------- */

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

void block_dense_solve(BlockGrids *g, int lanes)
{
  dense_gather(g, lanes);
  dense_solve(g, lanes);
  dense_spread(g, lanes);
}
