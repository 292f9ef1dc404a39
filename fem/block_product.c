/* The matrix of the next level, P' A P. Rows of A P are made first, in single precision: what comes of them serves the
 * preconditioner alone. They stay in the memory of the thread that made them: there is no second copy. */
#include "block.h"

#include <stdlib.h>

enum { ROWS = 256, CHUNK = 1 << 19, AHEAD = 24 }; /* rows of a piece of work; entries of a chunk of memory; entries */

/* Of A P. */
typedef struct {
  const BlockEntry *begin, *end;
} Row;

/* What a thread works with. */
typedef struct {
  BlockEntry **chunk; /* [n_chunk] rows of A P; only the last one has room */
  size_t n_chunk, room_chunk, used, room;
  int32_t *column; /* [columns + 1] of a row on its way */
  CsrSlot *slot;   /* as csr_row_add() */
  PetscErrorCode error;
} Desk;

typedef struct {
  const Csr *down, *A;
  const BlockRows *up;
  bool sorted;
  Row *row; /* [rows of A] */
  CsrSlot **slot;
  Desk *desk; /* [threads] */
} Work;

/* ---- A P --------------------------------------------------------------------------------------------------------- */

/* A chunk with room for n more entries. */
static PetscErrorCode desk_room(Desk *d, size_t n)
{
  BlockEntry *chunk = NULL;
  if (d->used + n <= d->room) return 0;
  PetscCall(mem_grow(d->n_chunk + 1, sizeof *d->chunk, &d->room_chunk, &d->chunk));
  d->used = d->room = 0;
  PetscCall(mem_grow(n > CHUNK ? n : CHUNK, sizeof *chunk, &d->room, &chunk));
  d->chunk[d->n_chunk++] = chunk;
  return 0;
}

/* Row i of A P, with its entries in d->column and d->slot; returns how many there are. Rows of P lie at random places: those
 * that some entries ahead will need are asked for. */
static int32_t row_sum(const Work *w, int32_t i, Desk *d)
{
  const Csr *A = w->A;
  const int32_t *start = w->up->start;
  int32_t n = 0, last = A->start[A->n] - 1;
  for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) {
    double a = A->value[k];
    const BlockEntry *e = w->up->entry + start[A->column[k]], *end = w->up->entry + start[A->column[k] + 1];
    __builtin_prefetch(w->up->entry + start[A->column[k + AHEAD < last ? k + AHEAD : last]]);
    for (; e < end; e += BLOCK_FOUR)
      _Pragma("GCC unroll 4") for (int j = 0; j < BLOCK_FOUR; j++) n =
          csr_row_add(e[j].column, a * (double)e[j].value, n, d->slot, d->column);
  }
  return n;
}

static PetscErrorCode row_make(const Work *w, int32_t i, Desk *d)
{
  int32_t n = row_sum(w, i, d);
  PetscCall(desk_room(d, (size_t)n));
  BlockEntry *entry = d->n_chunk ? d->chunk[d->n_chunk - 1] + d->used : NULL;
  for (int32_t k = 0; k < n; k++) {
    CsrSlot *slot = &d->slot[d->column[k]];
    entry[k] = (BlockEntry){d->column[k], (float)slot->sum};
    *slot = (CsrSlot){0.0, 0};
  }
  w->row[i] = (Row){entry, entry + n};
  d->used += (size_t)n;
  return 0;
}

static void rows_make(void *context, int piece, int thread)
{
  const Work *w = context;
  Desk d = w->desk[thread]; /* not in place: others' lie in the same line of the cache */
  int32_t begin = piece * ROWS, end = w->A->n - begin < ROWS ? w->A->n : begin + ROWS;
  for (int32_t i = begin; i < end && !d.error; i++) d.error = row_make(w, i, &d);
  w->desk[thread] = d;
}

/* ---- P' (A P) ---------------------------------------------------------------------------------------------------- */

/* How many entries row i has at most. */
static size_t row_room(const Work *w, int32_t i)
{
  size_t n = 0;
  for (int32_t k = w->down->start[i]; k < w->down->start[i + 1]; k++) {
    Row r = w->row[w->down->column[k]];
    n += (size_t)(r.end - r.begin);
  }
  return n;
}

/* Row i, with its entries in `column` and `slot`; returns how many there are. */
static int32_t coarse_sum(const Work *w, int32_t i, CsrSlot *slot, int32_t *column)
{
  const Csr *down = w->down;
  int32_t n = 0, last = down->start[down->n] - 1;
  for (int32_t k = down->start[i]; k < down->start[i + 1]; k++) {
    Row r = w->row[down->column[k]], ahead = w->row[down->column[k + AHEAD < last ? k + AHEAD : last]];
    double a = down->value[k];
    __builtin_prefetch(ahead.begin);
    __builtin_prefetch(ahead.begin + 8);
    for (const BlockEntry *e = r.begin; e < r.end; e++)
      n = csr_row_add(e->column, a * (double)e->value, n, slot, column);
  }
  return n;
}

static PetscErrorCode coarse_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  CsrSlot *slot = w->slot[thread];
  for (int32_t i = begin; i < end; i++) {
    PetscCall(csr_strip_room(s, row_room(w, i) + 1));
    int32_t *column = s->column + s->n, n = coarse_sum(w, i, slot, column);
    if (w->sorted)
      PetscCall(csr_row_end_sorted(n, column, slot, s->value + s->n));
    else
      csr_row_end(n, column, slot, s->value + s->n);
    length[i - begin] = n;
    s->n += (size_t)n;
  }
  return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode product(Work *w, int32_t n_column, Team *team, Csr *out)
{
  PetscCall(mem_alloc((size_t)w->A->n, sizeof *w->row, &w->row));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  PetscCall(csr_slots(n_column, team, &w->slot));
  for (int t = 0; t < team_size(team); t++) {
    w->desk[t].slot = w->slot[t];
    PetscCall(mem_alloc((size_t)n_column + 1, sizeof *w->desk->column, &w->desk[t].column));
  }
  team_run(team, (w->A->n + ROWS - 1) / ROWS, rows_make, w);
  for (int t = 0; t < team_size(team); t++) PetscCall(w->desk[t].error);
  return csr_build(w->down->n, n_column, ROWS, coarse_rows, w, team, out);
}

PetscErrorCode block_product(const Csr *down, const Csr *A, const BlockRows *up, int32_t n_column, bool sorted,
                             Team *team, Csr *out)
{
  Work w = {.down = down, .A = A, .up = up, .sorted = sorted};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = product(&w, n_column, team, out);
  for (int t = 0; w.desk && t < team_size(team); t++) {
    for (size_t c = 0; c < w.desk[t].n_chunk; c++) free(w.desk[t].chunk[c]);
    free(w.desk[t].chunk), free(w.desk[t].column);
  }
  free(w.desk);
  free(w.row);
  csr_slots_free(team, &w.slot);
  return ierr;
}
