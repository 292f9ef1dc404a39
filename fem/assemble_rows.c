/* The rows of a system in threads. A stripe of rows is one thread's work, and small enough to stay near it: from the
 * matrices of the cells that have one of its rows each takes its part; then the parts of each row are added up. */
#include "assemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 1024, CELLS = 4096, ROWS_SHIFT = 12 }; /* stripes, pieces of cells; their least sizes */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* What a thread has on its desk while it works on a stripe. A part of a row: `width` columns and values of a cell's
 * matrix; FEM_GROUNDED is a column like others, which the row leaves out at the end. */
typedef struct {
  size_t room_column, room_value;
  int32_t *start;  /* [rows + 2] of the parts of each row */
  int32_t *column; /* [parts][width] */
  double *value;   /* [parts][width] */
  int32_t *place;  /* [1 + n_unknown] of FEM_GROUNDED, then of each column, as csr_row_add() */
} Desk;

typedef struct {
  const System *s;
  int64_t n_cell;
  int32_t begin, end; /* rows */
  int width;          /* entries of a cell's unknowns */
  int64_t cells;      /* of a piece */
  int shift;          /* a stripe has 2^shift rows */
  int n_piece, n_stripe;
  int32_t *unknown; /* [n_cell][width], FEM_GROUNDED where there is none */
  int64_t *first;   /* [stripes][pieces] how many of a piece's cells a stripe has; then where they begin in `cell` */
  int32_t *cell;    /* the cells of each stripe, ascending */
  Desk *desk;       /* [threads] */
} Work;

/* ---- which cells a stripe has -------------------------------------------------------------------------------------- */

/* The stripes of a cell, each once; returns how many. */
static int cell_stripes(const Work *w, const int32_t *u, int32_t stripe[ELEMENT_NODES_MAX])
{
  int n = 0;
  for (int i = 0; i < w->width; i++) {
    if (u[i] < w->begin || u[i] >= w->end) continue;
    int32_t of = (u[i] - w->begin) >> w->shift;
    int k = 0;
    while (k < n && stripe[k] != of) k++;
    if (k == n) stripe[n++] = of;
  }
  return n;
}

static void piece_cells(const Work *w, int piece, int64_t *begin, int64_t *end)
{
  *begin = piece * w->cells;
  *end = *begin + w->cells < w->n_cell ? *begin + w->cells : w->n_cell;
}

static void cells_count(void *context, int piece, int thread)
{
  Work *w = context;
  int64_t begin, end;
  int32_t stripe[ELEMENT_NODES_MAX];
  (void)thread;
  piece_cells(w, piece, &begin, &end);
  for (int64_t k = begin; k < end; k++) {
    int32_t *u = w->unknown + k * w->width;
    for (int i = system_unknowns(w->s, k, u); i < w->width; i++) u[i] = FEM_GROUNDED;
    for (int i = cell_stripes(w, u, stripe) - 1; i >= 0; i--) w->first[stripe[i] * w->n_piece + piece]++;
  }
}

static void cells_list(void *context, int piece, int thread)
{
  Work *w = context;
  int64_t begin, end;
  int32_t stripe[ELEMENT_NODES_MAX];
  (void)thread;
  piece_cells(w, piece, &begin, &end);
  for (int64_t k = begin; k < end; k++)
    for (int i = cell_stripes(w, w->unknown + k * w->width, stripe) - 1; i >= 0; i--)
      w->cell[w->first[stripe[i] * w->n_piece + piece]++] = (int32_t)k;
}

static PetscErrorCode stripes_make(Work *w, Team *team)
{
  size_t n = (size_t)w->n_stripe * (size_t)w->n_piece;
  int64_t sum = 0;
  team_run(team, w->n_piece, cells_count, w);
  for (size_t i = 0; i < n; i++) {
    int64_t count = w->first[i];
    w->first[i] = sum;
    sum += count;
  }
  PetscCall(mem_alloc((size_t)sum, sizeof *w->cell, &w->cell));
  team_run(team, w->n_piece, cells_list, w); /* now `first` is where the next piece's begin */
  return 0;
}

/* ---- the parts of its rows ------------------------------------------------------------------------------------------ */

static bool in_stripe(int32_t u, int32_t begin, int32_t end) { return u >= begin && u < end; }

/* Where each row's parts begin, counted two places further on: while they are put there, `start` becomes what it should. */
static PetscErrorCode parts_count(const Work *w, int64_t n, const int32_t *cell, int32_t begin, int32_t end, Desk *d)
{
  int32_t n_row = end - begin;
  int64_t sum = 0;
  memset(d->start, 0, (size_t)(n_row + 2) * sizeof *d->start);
  for (int64_t c = 0; c < n; c++) {
    const int32_t *u = w->unknown + (int64_t)cell[c] * w->width;
    for (int i = 0; i < w->width; i++)
      if (in_stripe(u[i], begin, end)) d->start[u[i] - begin + 2]++, sum++;
  }
  PetscCheck(sum * w->width < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  for (int32_t i = 2; i <= n_row; i++) d->start[i + 1] += d->start[i];
  PetscCall(mem_grow((size_t)sum, (size_t)w->width * sizeof *d->column, &d->room_column, &d->column));
  return mem_grow((size_t)sum, (size_t)w->width * sizeof *d->value, &d->room_value, &d->value);
}

static void part_put(int width, int n, const int32_t *u, const double *K, int32_t *column, double *value)
{
  for (int j = 0; j < width; j++) column[j] = u[j], value[j] = j < n ? K[j] : 0.0;
}

static PetscErrorCode parts_make(const Work *w, int64_t n, const int32_t *cell, int32_t begin, int32_t end, Desk *d)
{
  for (int64_t c = 0; c < n; c++) {
    const int32_t *u = w->unknown + (int64_t)cell[c] * w->width;
    double K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
    int32_t own[ELEMENT_NODES_MAX];
    bool facet = cell[c] >= w->s->space->mesh->n_tet;
    int n_own = facet ? system_unknowns(w->s, cell[c], own) : w->width;
    PetscCall(system_matrix(w->s, cell[c], K));
    for (int i = 0; i < n_own; i++) {
      if (!in_stripe(u[i], begin, end)) continue;
      size_t at = (size_t)d->start[u[i] - begin + 1]++ * (size_t)w->width;
      part_put(w->width, n_own, u, K + (size_t)i * (size_t)n_own, d->column + at, d->value + at);
    }
  }
  return 0;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* The entries of a row, in the order in which its parts bring them; returns how many there are. `width` is a constant
 * where this is called. */
ALWAYS_INLINE int32_t row_sum(const Desk *d, int32_t row, const int width, int32_t *column, double *value)
{
  int32_t n = 0;
  for (int32_t k = d->start[row] * width; k < d->start[row + 1] * width; k += width)
    for (int j = 0; j < width; j++) n = csr_row_add(d->column[k + j], d->value[k + j], n, d->place + 1, column, value);
  csr_row_end(n, column, d->place + 1);
  return n;
}

static PetscErrorCode rows_make(const Work *w, const Desk *d, int32_t n_row, CsrStrip *s, int32_t *length)
{
  for (int32_t i = 0; i < n_row; i++) {
    PetscCall(csr_strip_room(s, (size_t)(d->start[i + 1] - d->start[i]) * (size_t)w->width + 1));
    int32_t *column = s->column + s->n;
    double *value = s->value + s->n;
    int32_t n = w->width == 4 ? row_sum(d, i, 4, column, value) : row_sum(d, i, 10, column, value);
    PetscCall(csr_sort_row((size_t)n, column, value));
    if (n && column[0] == FEM_GROUNDED) {
      memmove(column, column + 1, (size_t)--n * sizeof *column);
      memmove(value, value + 1, (size_t)n * sizeof *value);
    }
    length[i] = n;
    s->n += (size_t)n;
  }
  return 0;
}

static PetscErrorCode stripe_make(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  Desk *d = &w->desk[thread];
  int64_t last = ((int64_t)(begin >> w->shift) + 1) * w->n_piece - 1;
  int64_t from = begin ? w->first[last - w->n_piece] : 0, n = w->first[last] - from;
  PetscCall(parts_count(w, n, w->cell + from, w->begin + begin, w->begin + end, d));
  PetscCall(parts_make(w, n, w->cell + from, w->begin + begin, w->begin + end, d));
  return rows_make(w, d, end - begin, s, length);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode work_alloc(Work *w, Team *team)
{
  int64_t n_row = w->end - w->begin, rows = 1 << ROWS_SHIFT;
  PetscCheck(w->n_cell <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  w->cells = (w->n_cell + PARTS_MAX - 1) / PARTS_MAX;
  if (w->cells < CELLS) w->cells = CELLS;
  w->n_piece = (int)((w->n_cell + w->cells - 1) / w->cells);
  for (w->shift = ROWS_SHIFT; rows * PARTS_MAX < n_row; w->shift++) rows *= 2;
  w->n_stripe = (int)((n_row + rows - 1) / rows);
  PetscCall(mem_alloc((size_t)w->n_cell * (size_t)w->width, sizeof *w->unknown, &w->unknown));
  PetscCall(mem_alloc((size_t)w->n_stripe * (size_t)w->n_piece, sizeof *w->first, &w->first));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  for (int t = 0; t < team_size(team); t++) {
    PetscCall(mem_alloc((size_t)rows + 2, sizeof *w->desk->start, &w->desk[t].start));
    PetscCall(mem_alloc((size_t)w->s->dofs->n_unknown + 1, sizeof *w->desk->place, &w->desk[t].place));
  }
  return 0;
}

static void work_free(Work *w, Team *team)
{
  for (int t = 0; w->desk && t < team_size(team); t++) {
    Desk *d = &w->desk[t];
    free(d->start), free(d->column), free(d->value), free(d->place);
  }
  free(w->desk);
  free(w->unknown);
  free(w->first);
  free(w->cell);
}

PetscErrorCode rows_of_system(const System *s, Team *team, Rows *r)
{
  int width = s->space->element->n_node;
  Work w = {.s = s, .n_cell = system_cells(s), .begin = r->begin, .end = r->end, .width = width};
  Csr A = {.n = 0};
  assert(width == 4 || width == 10);
  PetscErrorCode ierr = work_alloc(&w, team);
  if (!ierr) ierr = stripes_make(&w, team);
  if (!ierr) ierr = csr_build(r->end - r->begin, s->dofs->n_unknown, 1 << w.shift, stripe_make, &w, team, &A);
  work_free(&w, team);
  r->start = A.own[0], r->column = A.own[1], r->value = A.own[2];
  return ierr;
}
