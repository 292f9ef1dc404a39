/* Rows in pieces, pieces in colours. Unknowns lie along a curve that fills space, so a piece has few neighbours and some
 * colours do. The order of a sweep, and with it the answer, depends on the matrix alone. */
#include "block.h"

#include <stdlib.h>

enum { SHIFT_MIN = 8 };

void block_pieces_free(BlockPieces *p)
{
  free(p->row);
  free(p->of_colour);
  free(p->order);
  free(p->colour);
  *p = (BlockPieces){.n = 0};
}

typedef struct {
  const Csr *A;
  const BlockPieces *pieces;
  bool (*near)[BLOCK_PIECES_MAX]; /* [pieces] whether one has entries with another */
} Near;

static void near_find(void *context, int piece, int thread)
{
  Near *w = context;
  const BlockPieces *p = w->pieces;
  (void)thread;
  for (int32_t k = w->A->start[p->row[piece]]; k < w->A->start[p->row[piece + 1]]; k++)
    if (w->A->column[k] < w->A->n) w->near[piece][w->A->column[k] >> p->shift] = true;
}

/* The first colour that no piece before p has, among those that p has entries with. */
static int free_colour(const bool near[BLOCK_PIECES_MAX], int p, const BlockPieces *out)
{
  bool taken[BLOCK_PIECES_MAX + 1] = {false};
  int colour = 0;
  for (int q = 0; q < p; q++)
    if (near[q]) taken[out->colour[q]] = true;
  while (taken[colour]) colour++;
  return colour;
}

static PetscErrorCode colours_find(const Csr *A, Team *team, BlockPieces *out)
{
  Near w = {.A = A, .pieces = out};
  PetscCall(mem_alloc((size_t)out->n, sizeof *w.near, &w.near));
  team_run(team, out->n, near_find, &w);
  for (int p = 0; p < out->n; p++) {
    out->colour[p] = free_colour(w.near[p], p, out);
    if (out->colour[p] >= out->n_colour) out->n_colour = out->colour[p] + 1;
  }
  free(w.near);
  return 0;
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

static PetscErrorCode fill(int32_t n_row, const Csr *A, Team *team, BlockPieces *out)
{
  for (out->shift = SHIFT_MIN; (int64_t)BLOCK_PIECES_MAX << out->shift < n_row;) out->shift++;
  int64_t rows = (int64_t)1 << out->shift;
  out->n = (int)((n_row + rows - 1) >> out->shift);
  PetscCall(mem_alloc((size_t)out->n + 1, sizeof *out->row, &out->row));
  PetscCall(mem_alloc((size_t)out->n, sizeof *out->colour, &out->colour));
  PetscCall(mem_alloc((size_t)out->n, sizeof *out->order, &out->order));
  PetscCall(mem_alloc((size_t)out->n + 1, sizeof *out->of_colour, &out->of_colour));
  for (int p = 1; p <= out->n; p++) out->row[p] = (int32_t)(p * rows < n_row ? p * rows : n_row);
  out->n_colour = A ? 0 : 1;
  if (A) PetscCall(colours_find(A, team, out));
  sort_by_colour(out);
  return 0;
}

PetscErrorCode block_pieces_create(int32_t n_row, const Csr *A, Team *team, BlockPieces *out)
{
  *out = (BlockPieces){.n = 0};
  PetscErrorCode ierr = fill(n_row, A, team, out);
  if (ierr) block_pieces_free(out);
  return ierr;
}
