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
  BlockRows *out;      /* of a transfer */
  BlockSmoother *made; /* else */
  bool beyond;         /* A has columns of other ranks: its rows `after` then have an entry of the diagonal, too */
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
    out->start[i + 1] = (int32_t)n;
  }
  PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many tetrahedra for one process");
  PetscCall(mem_alloc((size_t)n + 2 * BLOCK_MARGIN, sizeof *entry, &entry));
  out->entry = entry + BLOCK_MARGIN;
  return 0;
}

/* A row's last four entries are of value 0 until others come in their places; their column is one that the row has use for. */
static inline void fill_up(BlockRows *r, int32_t i, int32_t column)
{
  int32_t end = r->start[i + 1];
  for (int32_t k = end - BLOCK_FOUR; k < end && end > r->start[i]; k++) r->entry[k] = (BlockEntry){column, 0.0F};
}

static void copy_piece(void *context, int piece, int thread)
{
  Work *w = context;
  (void)thread;
  for (int32_t i = w->pieces->row[piece]; i < w->pieces->row[piece + 1]; i++) {
    int32_t n = w->A->start[i + 1] - w->A->start[i];
    const int32_t *column = w->A->column + w->A->start[i];
    if (n) fill_up(w->out, i, column[n - 1]);
    for (int32_t k = 0; k < n; k++)
      w->out->entry[w->out->start[i] + k] = (BlockEntry){column[k], (float)w->A->value[w->A->start[i] + k]};
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
  Work w = {A, pieces, out, NULL, false};
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

/* What a forward sweep meets before the rows of a piece. */
typedef struct {
  uint8_t piece[BLOCK_PIECES_MAX + 1]; /* 1: all rows of that one; the last one stands for other ranks' rows */
  int32_t begin, n;                    /* where the own piece begins; rows of all */
  int shift;
} Order;

static Order order_of(const Work *w, int piece)
{
  const BlockPieces *p = w->pieces;
  Order o = {.begin = p->row[piece], .n = w->A->n, .shift = p->shift};
  for (int q = 0; q < p->n; q++) o.piece[q] = p->colour[q] < p->colour[piece];
  return o;
}

/* Whether row j comes before row i of the piece: 0 or 1. No branch: it cannot be foretold. */
static inline int32_t comes_before(const Order *o, int32_t i, int32_t j)
{
  return o->piece[j < o->n ? j >> o->shift : BLOCK_PIECES_MAX] | ((j >= o->begin) & (j < i));
}

static void count_piece(void *context, int piece, int thread)
{
  Work *w = context;
  const Csr *A = w->A;
  const Order o = order_of(w, piece);
  (void)thread;
  for (int32_t i = w->pieces->row[piece]; i < w->pieces->row[piece + 1]; i++) {
    int32_t before = 0;
    for (int32_t k = A->start[i], end = A->start[i + 1]; k < end; k++) before += comes_before(&o, i, A->column[k]);
    int32_t all = A->start[i + 1] - A->start[i] - !w->beyond; /* all have a diagonal entry */
    w->made->before.start[i + 1] = before;
    w->made->after.start[i + 1] = all - before;
    w->made->whole.start[i + 1] = all;
  }
}

/* Where a row's next entries go. */
typedef struct {
  BlockEntry *before, *after, *whole;
} Ends;

/* Puts row i's entries where they belong, but for the diagonal one, of which it gives the place in A. */
static inline int32_t split_row(const Csr *A, const Order *o, int32_t i, Ends *ends, float *excess)
{
  BlockEntry own;
  Ends to = *ends;
  int32_t at = A->start[i];
  double sum = 0.0;
  for (int32_t k = A->start[i], end = A->start[i + 1]; k < end; k++) {
    int32_t j = A->column[k], met = comes_before(o, i, j);
    BlockEntry entry = {j, (float)A->value[k]}, *part = met ? to.before : to.after;
    *(j == i ? &own : part) = entry;
    *(j == i ? &own : to.whole) = entry;
    to.before += met, to.after += (j != i) & !met, to.whole += j != i;
    at = j == i ? k : at;
    sum += A->value[k];
  }
  *excess = (float)sum, *ends = to;
  return at;
}

static void split_piece(void *context, int piece, int thread)
{
  Work *w = context;
  BlockSmoother *s = w->made;
  const Order o = order_of(w, piece);
  (void)thread;
  for (int32_t i = w->pieces->row[piece]; i < w->pieces->row[piece + 1]; i++) {
    Ends to = {s->before.entry + s->before.start[i], s->after.entry + s->after.start[i],
               s->whole.entry + s->whole.start[i]};
    fill_up(&s->before, i, i);
    fill_up(&s->after, i, i);
    fill_up(&s->whole, i, i);
    int32_t at = split_row(w->A, &o, i, &to, &s->excess[i]);
    double diagonal = w->A->value[at], swept = w->beyond ? sweep_diagonal(w->A, i, diagonal) : diagonal;
    s->inverse[i] = (float)(1.0 / swept);
    if (w->beyond) *to.after = *to.whole = (BlockEntry){i, (float)(diagonal - swept)};
  }
}

static PetscErrorCode smoother(Work *w, Team *team)
{
  BlockRows *rows[] = {&w->made->before, &w->made->after, &w->made->whole};
  PetscCall(mem_alloc((size_t)w->A->n, sizeof *w->made->inverse, &w->made->inverse));
  PetscCall(mem_alloc((size_t)w->A->n, sizeof *w->made->excess, &w->made->excess));
  for (int k = 0; k < 3; k++) PetscCall(starts_alloc(w->A->n, rows[k]));
  team_run(team, w->pieces->n, count_piece, w);
  for (int k = 0; k < 3; k++) PetscCall(entries_alloc(rows[k]));
  team_run(team, w->pieces->n, split_piece, w);
  return 0;
}

void block_smoother_free(BlockSmoother *s)
{
  block_rows_free(&s->before);
  block_rows_free(&s->after);
  block_rows_free(&s->whole);
  free(s->inverse);
  free(s->excess);
  *s = (BlockSmoother){.inverse = NULL};
}

PetscErrorCode block_smoother_create(const Csr *A, const BlockPieces *pieces, Team *team, BlockSmoother *out)
{
  Work w = {A, pieces, NULL, out, A->n_column > A->n};
  *out = (BlockSmoother){.inverse = NULL};
  PetscErrorCode ierr = smoother(&w, team);
  if (ierr) block_smoother_free(out);
  return ierr;
}
