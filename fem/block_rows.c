/* Rows in single precision: of transfers as they are, of smoothers sorted by when a sweep meets the other row. */
#include "block.h"

#include <stdlib.h>

void block_rows_free(BlockRows *r)
{
  if (r->entry) free(r->entry - BLOCK_MARGIN);
  free(r->start);
  free(r->middle);
  *r = (BlockRows){.n = 0};
}

static PetscErrorCode rows_alloc(int32_t n, int32_t n_entry, BlockRows *out)
{
  BlockEntry *entry;
  out->n = n;
  PetscCall(mem_alloc((size_t)n + 1, sizeof *out->start, &out->start));
  PetscCall(mem_alloc((size_t)n, sizeof *out->middle, &out->middle));
  PetscCall(mem_alloc((size_t)n_entry + 2 * BLOCK_MARGIN, sizeof *entry, &entry));
  out->entry = entry + BLOCK_MARGIN;
  return 0;
}

/* What the threads share. */
typedef struct {
  const Csr *A;
  const BlockPieces *pieces;
  float *inverse;
  BlockRows *out;
} Work;

static void copy_piece(void *context, int piece, int thread)
{
  Work *w = context;
  (void)thread;
  for (int32_t i = w->pieces->row[piece]; i < w->pieces->row[piece + 1]; i++)
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      w->out->entry[k] = (BlockEntry){w->A->column[k], (float)w->A->value[k]};
}

PetscErrorCode block_rows_from(const Csr *A, const BlockPieces *pieces, Team *team, BlockRows *out)
{
  Work w = {.A = A, .pieces = pieces, .out = out};
  *out = (BlockRows){.n = 0};
  PetscErrorCode ierr = rows_alloc(A->n, A->start[A->n], out);
  if (ierr) {
    block_rows_free(out);
    return ierr;
  }
  for (int32_t i = 0; i <= A->n; i++) out->start[i] = A->start[i];
  team_run(team, pieces->n, copy_piece, &w);
  return 0;
}

/* ---- smoothers ---------------------------------------------------------------------------------------------------- */

/* Whether a forward sweep meets row j before row i of piece p. Pieces have equally many rows. */
static inline bool comes_before(const BlockPieces *pieces, int32_t rows, int p, int32_t i, int32_t j)
{
  int q = j / rows;
  return p == q ? j < i : pieces->colour[q] < pieces->colour[p];
}

static void split_piece(void *context, int piece, int thread)
{
  Work *w = context;
  const BlockPieces *pieces = w->pieces;
  int32_t rows = pieces->row[1];
  (void)thread;
  for (int32_t i = pieces->row[piece]; i < pieces->row[piece + 1]; i++) {
    int32_t before = w->out->start[i], after = w->out->start[i + 1];
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      int32_t j = w->A->column[k];
      BlockEntry e = {j, (float)w->A->value[k]};
      if (j == i)
        w->inverse[i] = (float)(1.0 / w->A->value[k]);
      else if (comes_before(pieces, rows, piece, i, j))
        w->out->entry[before++] = e;
    }
    w->out->middle[i] = before;
    for (int32_t k = w->A->start[i + 1] - 1; k >= w->A->start[i]; k--) { /* from the end, so that columns ascend */
      int32_t j = w->A->column[k];
      if (j != i && !comes_before(pieces, rows, piece, i, j))
        w->out->entry[--after] = (BlockEntry){j, (float)w->A->value[k]};
    }
  }
}

PetscErrorCode block_rows_smoother(const Csr *A, const BlockPieces *pieces, Team *team, float *inverse, BlockRows *out)
{
  Work w = {A, pieces, inverse, out};
  *out = (BlockRows){.n = 0};
  PetscErrorCode ierr = rows_alloc(A->n, A->start[A->n] - A->n, out);
  if (ierr) {
    block_rows_free(out);
    return ierr;
  }
  for (int32_t i = 0; i <= A->n; i++) out->start[i] = A->start[i] - i; /* every row has a diagonal entry */
  team_run(team, pieces->n, split_piece, &w);
  return 0;
}
