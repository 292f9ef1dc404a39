/* Rows in pieces, pieces in colours. Unknowns are in breadth-first order, so a piece has few neighbours and some colours
 * do. The order of a sweep, and with it the answer, depends on the matrix alone. */
#include "block.h"

#include <stdlib.h>

enum { PIECES_MAX = 128, ROWS_MIN = 256 };

void block_pieces_free(BlockPieces *p)
{
  free(p->row);
  free(p->of_colour);
  free(p->order);
  free(p->colour);
  *p = (BlockPieces){.n = 0};
}

/* The first colour that no piece before p has, among those that p has entries with. */
static int free_colour(const Csr *A, int32_t rows, int p, const BlockPieces *out)
{
  bool near[PIECES_MAX] = {false}, taken[PIECES_MAX + 1] = {false};
  int colour = 0;
  for (int32_t k = A->start[out->row[p]]; k < A->start[out->row[p + 1]]; k++)
    if (A->column[k] < A->n) near[A->column[k] / rows] = true;
  for (int q = 0; q < p; q++)
    if (near[q]) taken[out->colour[q]] = true;
  while (taken[colour]) colour++;
  return colour;
}

static void sort_by_colour(BlockPieces *out)
{
  int n = 0;
  for (int c = 0; c < out->n_colour; c++) {
    out->of_colour[c] = n;
    for (int p = 0; p < out->n; p++)
      if (out->colour[p] == c) out->order[n++] = p;
  }
  out->of_colour[out->n_colour] = n;
}

static PetscErrorCode fill(int32_t n_row, const Csr *A, BlockPieces *out)
{
  int32_t rows = (n_row + PIECES_MAX - 1) / PIECES_MAX;
  if (rows < ROWS_MIN) rows = ROWS_MIN;
  out->n = (n_row + rows - 1) / rows;
  PetscCall(mem_alloc((size_t)out->n + 1, sizeof *out->row, &out->row));
  PetscCall(mem_alloc((size_t)out->n, sizeof *out->colour, &out->colour));
  PetscCall(mem_alloc((size_t)out->n, sizeof *out->order, &out->order));
  PetscCall(mem_alloc((size_t)out->n + 1, sizeof *out->of_colour, &out->of_colour));
  for (int p = 1; p <= out->n; p++) out->row[p] = p * rows < n_row ? p * rows : n_row;
  for (int p = 0; A && p < out->n; p++) {
    out->colour[p] = free_colour(A, rows, p, out);
    if (out->colour[p] >= out->n_colour) out->n_colour = out->colour[p] + 1;
  }
  if (!A) out->n_colour = 1;
  sort_by_colour(out);
  return 0;
}

PetscErrorCode block_pieces_create(int32_t n_row, const Csr *A, BlockPieces *out)
{
  *out = (BlockPieces){.n = 0};
  PetscErrorCode ierr = fill(n_row, A, out);
  if (ierr) block_pieces_free(out);
  return ierr;
}
