/* Rows in single precision: of transfers as they are, of smoothers parted by when a sweep meets the other row. */
#include "block.h"

#include <math.h>
#include <stdlib.h>

void block_rows_free(BlockRows *r)
{
  if (r->entry) free(r->entry - BLOCK_MARGIN);
  free(r->start);
  *r = (BlockRows){.n = 0};
}

/* What the threads share. Rows are counted, then filled: start[i + 1] is a row's length in between. */
typedef struct {
  const Csr *A;
  const BlockPieces *pieces;
  float *inverse, *excess;
  BlockRows *out, *after; /* after: NULL for a transfer */
  bool beyond;            /* A has columns of other ranks: its rows `after` then have an entry of the diagonal, too */
} Work;

static PetscErrorCode starts_alloc(int32_t n, BlockRows *out)
{
  *out = (BlockRows){.n = n};
  return mem_alloc((size_t)n + 1, sizeof *out->start, &out->start);
}

static PetscErrorCode entries_alloc(BlockRows *out)
{
  BlockEntry *entry;
  int64_t n = 0;
  for (int32_t i = 0; i < out->n; i++) {
    n += (out->start[i + 1] + BLOCK_FOUR - 1) / BLOCK_FOUR * BLOCK_FOUR;
    PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many tetrahedra for one process");
    out->start[i + 1] = (int32_t)n;
  }
  PetscCall(mem_alloc((size_t)n + 2 * BLOCK_MARGIN, sizeof *entry, &entry));
  out->entry = entry + BLOCK_MARGIN;
  return 0;
}

/* The entries of value 0 behind the last one of a row; they name a column that the row has use for, or its own. */
static void fill_up(BlockRows *r, int32_t i, int32_t n, int32_t column)
{
  for (int32_t k = r->start[i] + n; k < r->start[i + 1]; k++) r->entry[k] = (BlockEntry){column, 0.0F};
}

static void copy_piece(void *context, int piece, int thread)
{
  Work *w = context;
  (void)thread;
  for (int32_t i = w->pieces->row[piece]; i < w->pieces->row[piece + 1]; i++) {
    int32_t n = w->A->start[i + 1] - w->A->start[i];
    const int32_t *column = w->A->column + w->A->start[i];
    for (int32_t k = 0; k < n; k++)
      w->out->entry[w->out->start[i] + k] = (BlockEntry){column[k], (float)w->A->value[w->A->start[i] + k]};
    if (n) fill_up(w->out, i, n, column[n - 1]);
  }
}

static PetscErrorCode transfer(Work *w, Team *team)
{
  PetscCall(starts_alloc(w->A->n, w->out));
  for (int32_t i = 0; i < w->A->n; i++) w->out->start[i + 1] = w->A->start[i + 1] - w->A->start[i];
  PetscCall(entries_alloc(w->out));
  team_run(team, w->pieces->n, copy_piece, w);
  return 0;
}

PetscErrorCode block_rows_from(const Csr *A, const BlockPieces *pieces, Team *team, BlockRows *out)
{
  Work w = {A, pieces, NULL, NULL, out, NULL, false};
  PetscErrorCode ierr = transfer(&w, team);
  if (ierr) block_rows_free(out);
  return ierr;
}

/* ---- smoothers ---------------------------------------------------------------------------------------------------- */

/* Rows of other ranks are not met by a sweep: x += (D + L)^-1 (b - A x) with D + L cut to the rank's own rows. Such sweeps
 * converge, and make a symmetric cycle positive definite, if to each diagonal entry half the size of the row's entries beyond
 * the rank is added, where that is a third of it or more; the diagonal with it is what the sweep divides by.
 * Source: Baker, Falgout, Kolev, Yang, Multigrid smoothers for ultraparallel computing (2011), section 6. */
static double sweep_diagonal(const Csr *A, int32_t i, double diagonal)
{
  double beyond = 0.0;
  for (int32_t k = A->start[i]; k < A->start[i + 1]; k++)
    if (A->column[k] >= A->n) beyond += 0.5 * fabs(A->value[k]);
  return beyond > diagonal / 3.0 ? diagonal + beyond : diagonal;
}

/* Whether a forward sweep meets row j before row i of piece p. */
static inline bool comes_before(const Csr *A, const BlockPieces *pieces, int p, int32_t i, int32_t j)
{
  int q = j >> pieces->shift;
  if (j >= A->n) return false;
  return p == q ? j < i : pieces->colour[q] < pieces->colour[p];
}

static void count_piece(void *context, int piece, int thread)
{
  Work *w = context;
  const BlockPieces *pieces = w->pieces;
  (void)thread;
  for (int32_t i = pieces->row[piece]; i < pieces->row[piece + 1]; i++) {
    int32_t before = 0;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      before += w->A->column[k] != i && comes_before(w->A, pieces, piece, i, w->A->column[k]);
    w->out->start[i + 1] = before;
    w->after->start[i + 1] = w->A->start[i + 1] - w->A->start[i] - before - !w->beyond; /* all have a diagonal entry */
  }
}

static void split_piece(void *context, int piece, int thread)
{
  Work *w = context;
  const BlockPieces *pieces = w->pieces;
  (void)thread;
  for (int32_t i = pieces->row[piece]; i < pieces->row[piece + 1]; i++) {
    int32_t n[2] = {0, 0};
    double sum = 0.0;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      int32_t j = w->A->column[k];
      bool before = comes_before(w->A, pieces, piece, i, j);
      BlockRows *r = before ? w->out : w->after;
      double diagonal = j == i && w->beyond ? sweep_diagonal(w->A, i, w->A->value[k]) : w->A->value[k];
      sum += w->A->value[k];
      if (j == i) w->inverse[i] = (float)(1.0 / diagonal);
      if (j != i || w->beyond)
        r->entry[r->start[i] + n[before]++] = (BlockEntry){j, (float)(w->A->value[k] - (j == i ? diagonal : 0.0))};
    }
    w->excess[i] = (float)sum;
    fill_up(w->after, i, n[0], i);
    fill_up(w->out, i, n[1], i);
  }
}

static PetscErrorCode smoother(Work *w, Team *team)
{
  PetscCall(starts_alloc(w->A->n, w->out));
  PetscCall(starts_alloc(w->A->n, w->after));
  team_run(team, w->pieces->n, count_piece, w);
  PetscCall(entries_alloc(w->out));
  PetscCall(entries_alloc(w->after));
  team_run(team, w->pieces->n, split_piece, w);
  return 0;
}

PetscErrorCode block_rows_smoother(const Csr *A, const BlockPieces *pieces, Team *team, float *inverse, float *excess,
                                   BlockRows *before, BlockRows *after)
{
  Work w = {A, pieces, inverse, excess, before, after, A->n_column > A->n};
  PetscErrorCode ierr = smoother(&w, team);
  if (ierr) block_rows_free(before), block_rows_free(after);
  return ierr;
}
