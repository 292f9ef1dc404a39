/* The prolongation of smoothed aggregation: each unknown of the next level is a heap of strongly coupled unknowns; one
 * step of Jacobi makes the step functions smooth.
 * Source: Vanek, Mandel, Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order elliptic
 * problems, Computing 56 (1996), section 5.1. */
#include "block_heaps.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 4096 }; /* a piece of work */

/* Entries of a row of the prolongation. Most have no more, and what the others lose costs no iteration; that all have as many
 * takes half the time from the product with the matrix. With three there are iterations more. */
enum { PROLONGATION_ROW = 4 };

/* Of Jacobi's step. What it works on has no positive entry beside the diagonal, and rows that sum to 0 or more, so its
 * eigenvalues over the diagonal are 2 at most (Gershgorin). Measured on cords with dura and roots: 0.8 to 0.95 are best; the
 * 2/3 of the theory (4/3 over the largest eigenvalue) costs an iteration in ten. */
static const double omega = 0.9;

/* A row of the prolongation on its way. */
typedef struct {
  int32_t *column; /* [heaps + PROLONGATION_ROW] */
  double *value;
} Desk;

typedef struct {
  BlockHeaps heaps;
  int32_t n;          /* rows */
  CsrSlot **slot;     /* as csr_row_add() */
  Desk *desk;         /* [threads] */
  const int32_t *row; /* of the prolongation: [n + 1] where each begins */
  int32_t *column;
  double *value;
} Work;

/* Of a row's n entries the largest, which then have the sum of all; where there are too few, zeros. Entries are positive. */
static void row_cut(int32_t n, int32_t column[], double value[])
{
  double all = 0.0, kept = 0.0;
  for (int32_t k = n; k < PROLONGATION_ROW; k++) column[k] = column[0], value[k] = 0.0;
  if (n <= PROLONGATION_ROW) return;
  for (int32_t k = 0; k < n; k++) all += value[k];
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) {
    int32_t best = k, c = column[k];
    double v = value[k];
    for (int32_t j = k + 1; j < n; j++) {
      bool more = value[j] > v;
      best = more ? j : best;
      v = more ? value[j] : v;
    }
    column[k] = column[best], value[best] = value[k];
    column[best] = c, value[k] = v;
    kept += v;
  }
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) value[k] *= all / kept;
}

/* Rows of the prolongation. */
static void smooth_rows(void *context, int piece, int thread)
{
  const Work *w = context;
  CsrSlot *slot = w->slot[thread];
  Desk d = w->desk[thread];
  const BlockHeaps *h = &w->heaps;
  int32_t begin = piece * ROWS, end = w->n - begin < ROWS ? w->n : begin + ROWS;
  for (int32_t i = begin; i < end; i++) {
    int32_t n, own = h->heap[i], to = w->row[i];
    if (own < 0) continue;
    double scale = omega / h->kept[i];
    n = csr_row_add(own, 1.0 - omega, 0, slot, d.column);
    for (const BlockEntry *e = h->strong[i].begin; e < h->strong[i].end; e++) {
      int32_t heap = h->heap[e->column < 0 ? ~e->column : e->column];
      if (heap >= 0) n = csr_row_add(heap, -scale * (double)e->value, n, slot, d.column);
    }
    csr_row_end(n, d.column, slot, d.value);
    row_cut(n, d.column, d.value);
    memcpy(w->column + to, d.column, PROLONGATION_ROW * sizeof *d.column);
    memcpy(w->value + to, d.value, PROLONGATION_ROW * sizeof *d.value);
  }
}

/* All rows are as long, but for those of unknowns in no heap, which have none. */
static PetscErrorCode smooth(Work *w, Team *team, Csr *out)
{
  const int32_t *heap = w->heaps.heap;
  int32_t n = w->n, n_column = w->heaps.n_heap + (w->heaps.coarse ? w->heaps.coarse->n_halo : 0), *start;
  int64_t n_entry = 0;
  for (int32_t i = 0; i < n; i++) n_entry += heap[i] < 0 ? 0 : PROLONGATION_ROW;
  PetscCall(csr_alloc(n, n_column, n_entry, out, &start, &w->column, &w->value));
  for (int32_t i = 0; i < n; i++) start[i + 1] = start[i] + (heap[i] < 0 ? 0 : PROLONGATION_ROW);
  w->row = start;
  PetscCall(csr_slots(n_column, team, &w->slot));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  for (int t = 0; t < team_size(team); t++) {
    PetscCall(mem_alloc((size_t)n_column + PROLONGATION_ROW, sizeof *w->desk->column, &w->desk[t].column));
    PetscCall(mem_alloc((size_t)n_column + PROLONGATION_ROW, sizeof *w->desk->value, &w->desk[t].value));
  }
  team_run(team, (n + ROWS - 1) / ROWS, smooth_rows, w);
  return 0;
}

PetscErrorCode block_prolongation(const Csr *A, Halo *halo, double threshold, Team *team, Csr *out, Halo **coarse)
{
  Work w = {.n = A->n};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = block_heaps_create(A, halo, threshold, team, &w.heaps);
  if (!ierr) ierr = smooth(&w, team, out);
  if (ierr) csr_free(out);
  csr_slots_free(team, &w.slot);
  for (int t = 0; w.desk && t < team_size(team); t++) free(w.desk[t].column), free(w.desk[t].value);
  free(w.desk);
  block_heaps_free(&w.heaps);
  if (ierr) halo_destroy(&w.heaps.coarse);
  *coarse = w.heaps.coarse;
  return ierr;
}
