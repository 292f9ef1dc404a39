/* Ways between two levels. Upwards, rows of the prolongation are all that is needed. Downwards, rows of its transpose would
 * read the residual of unknowns here and there; instead each piece of rows adds up its own share of the next level's
 * right-hand side while it finds their residual, which is then written nowhere, and the shares are put together in the
 * order of the pieces. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

void block_transfer_free(BlockTransfer *t)
{
  block_rows_free(&t->up);
  block_rows_free(&t->collect);
  block_pieces_free(&t->below);
  free(t->into);
  free(t->first);
  free(t->share);
  *t = (BlockTransfer){.first = NULL};
}

/* What the threads share. */
typedef struct {
  const BlockPieces *pieces;
  BlockTransfer *out;
  int32_t n;       /* rows below */
  int32_t **place; /* [threads][rows below] 1 + where a column is among those of the piece at hand, or 0 */
  int32_t *column; /* [entries of up] each piece's columns, from the place of its first entry on */
} Work;

static int32_t *columns_of(const Work *w, int piece) { return w->column + w->out->up.start[w->pieces->row[piece]]; }

/* Names a piece's columns anew: by their places among those that it has. */
static void piece_places(void *context, int piece, int thread)
{
  Work *w = context;
  const BlockRows *up = &w->out->up;
  int32_t *place = w->place[thread], *column = columns_of(w, piece), n = 0;
  for (int32_t k = up->start[w->pieces->row[piece]]; k < up->start[w->pieces->row[piece + 1]]; k++) {
    int32_t c = up->entry[k].column;
    if (!place[c]) column[n] = c, place[c] = ++n;
    w->out->into[k] = (BlockEntry){place[c] - 1, up->entry[k].value};
  }
  for (int32_t k = 0; k < n; k++) place[column[k]] = 0;
  w->out->first[piece + 1] = n;
}

/* Which shares make up each row below. */
static PetscErrorCode shares_of_rows(const Work *w, Team *team)
{
  BlockTransfer *t = w->out;
  int32_t *start, *share, n = w->n, n_share = t->first[w->pieces->n];
  double *one;
  Csr rows;
  PetscCall(csr_alloc(n, n_share, n_share, &rows, &start, &share, &one));
  for (int p = 0; p < w->pieces->n; p++)
    for (int32_t k = 0; k < t->first[p + 1] - t->first[p]; k++) start[columns_of(w, p)[k] + 1]++;
  for (int32_t i = 0; i < n; i++) start[i + 1] += start[i];
  for (int p = 0; p < w->pieces->n; p++)
    for (int32_t k = t->first[p]; k < t->first[p + 1]; k++) share[start[columns_of(w, p)[k - t->first[p]]]++] = k;
  memmove(start + 1, start, (size_t)n * sizeof *start);
  start[0] = 0;
  for (int32_t k = 0; k < n_share; k++) one[k] = 1.0;
  PetscErrorCode ierr = block_pieces_create(n, NULL, team, &t->below);
  if (!ierr) ierr = block_rows_from(&rows, &t->below, team, &t->collect);
  csr_free(&rows);
  return ierr;
}

static PetscErrorCode create(Work *w, const Csr *up, int lanes, Team *team)
{
  BlockTransfer *t = w->out;
  int n = w->pieces->n, n_thread = team_size(team);
  PetscCall(block_rows_from(up, w->pieces, team, &t->up));
  PetscCall(mem_alloc((size_t)t->up.start[up->n], sizeof *t->into, &t->into));
  PetscCall(mem_alloc((size_t)n + 1, sizeof *t->first, &t->first));
  PetscCall(mem_alloc((size_t)t->up.start[up->n], sizeof *w->column, &w->column));
  PetscCall(mem_alloc((size_t)n_thread, sizeof *w->place, &w->place));
  for (int i = 0; i < n_thread; i++) PetscCall(mem_alloc((size_t)w->n, sizeof **w->place, &w->place[i]));
  team_run(team, n, piece_places, w);
  for (int p = 0; p < n; p++) t->first[p + 1] += t->first[p];
  PetscCall(block_vector_by(team, t->first[n], lanes, sizeof *t->share, &t->share));
  return shares_of_rows(w, team);
}

PetscErrorCode block_transfer_create(const Csr *up, const BlockPieces *pieces, int lanes, Team *team,
                                     BlockTransfer *out)
{
  Work w = {.pieces = pieces, .out = out, .n = up->n_column};
  *out = (BlockTransfer){.first = NULL};
  PetscErrorCode ierr = create(&w, up, lanes, team);
  for (int i = 0; w.place && i < team_size(team); i++) free(w.place[i]);
  free(w.place);
  free(w.column);
  if (ierr) block_transfer_free(out);
  return ierr;
}
