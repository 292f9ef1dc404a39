/* The rows of a system in threads. A stripe of rows at a time, so that little memory is touched: the matrices of the cells
 * that have one of its rows, which cells each row has, then the rows. */
#include "assemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 2048, LOCAL_BITS = 4 };        /* cells a piece of work; bits of a place in a cell */
static const int64_t stripe_bytes = 32 << 20; /* of the cells' matrices */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef struct {
  const System *s;
  int64_t n_cell;
  int n_piece;           /* of cells */
  int width, packed;     /* entries of a cell's unknowns; of its matrix's lower triangle */
  int32_t *unknown;      /* [n_cell][width], FEM_GROUNDED where there is none */
  int32_t (*span)[2];    /* [pieces] least and greatest unknown */
  PetscErrorCode *error; /* [pieces] */
  int8_t in_packed[ELEMENT_NODES_MAX][ELEMENT_NODES_MAX]; /* where an entry of a cell's matrix is */
  int32_t **place; /* [threads][n_unknown] of a column in the row at hand, from 1; 0: none */

  /* of the stripe at hand */
  int32_t begin, end;  /* rows */
  int32_t first_local; /* the first one among ours */
  int64_t *first;      /* [pieces + 1] among the stripe's cells */
  size_t room_cell, room_matrix, room_at;
  int32_t *cell;  /* [stripe's cells] */
  double *matrix; /* [stripe's cells][packed] */
  int64_t *start; /* [rows + 1] of the cells at each row */
  uint32_t *at;   /* a cell of the stripe, and in the lowest bits which of its unknowns the row is */
  int n_scan;     /* ranges of rows for which all cells are looked through: one a thread */
} Work;

static bool in_stripe(const Work *w, int32_t u) { return u >= w->begin && u < w->end; }

static void piece_cells(const Work *w, int piece, int64_t *begin, int64_t *end)
{
  *begin = (int64_t)piece * CELLS;
  *end = *begin + CELLS < w->n_cell ? *begin + CELLS : w->n_cell;
}

/* ---- unknowns of all cells --------------------------------------------------------------------------------------- */

static void unknowns_fill(void *context, int piece, int thread)
{
  Work *w = context;
  int32_t *span = w->span[piece];
  int64_t begin, end;
  (void)thread;
  piece_cells(w, piece, &begin, &end);
  span[0] = INT32_MAX, span[1] = -1;
  for (int64_t k = begin; k < end; k++) {
    int32_t *u = w->unknown + k * w->width;
    int n = system_unknowns(w->s, k, u);
    for (int i = n; i < w->width; i++) u[i] = FEM_GROUNDED;
    for (int i = 0; i < n; i++) {
      if (u[i] < 0) continue;
      span[0] = u[i] < span[0] ? u[i] : span[0], span[1] = u[i] > span[1] ? u[i] : span[1];
    }
  }
}

/* ---- a stripe's cells ---------------------------------------------------------------------------------------------- */

static bool piece_counts(const Work *w, int piece)
{
  return w->span[piece][1] >= w->begin && w->span[piece][0] < w->end;
}

static bool cell_counts(const Work *w, int64_t k)
{
  bool any = false;
  for (int i = 0; i < w->width; i++) any |= in_stripe(w, w->unknown[k * w->width + i]);
  return any;
}

static void cells_count(void *context, int piece, int thread)
{
  Work *w = context;
  int64_t begin, end, n = 0;
  (void)thread;
  piece_cells(w, piece, &begin, &end);
  for (int64_t k = begin; k < end && piece_counts(w, piece); k++) n += cell_counts(w, k);
  w->first[piece + 1] = n;
}

static void pack(int n, int width, const double *K, double *packed)
{
  for (int i = 0; i < width; i++)
    for (int j = 0; j <= i; j++) *packed++ = i < n ? K[n * i + j] : 0.0;
}

static void cells_fill(void *context, int piece, int thread)
{
  Work *w = context;
  int64_t begin, end, at = w->first[piece];
  (void)thread;
  piece_cells(w, piece, &begin, &end);
  for (int64_t k = begin; k < end && at < w->first[piece + 1] && !w->error[piece]; k++) {
    double K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
    int32_t u[ELEMENT_NODES_MAX];
    if (!cell_counts(w, k)) continue;
    w->error[piece] = system_matrix(w->s, k, K);
    bool facet = k >= w->s->space->mesh->n_tet;
    pack(facet ? system_unknowns(w->s, k, u) : w->width, w->width, K, w->matrix + at * w->packed);
    w->cell[at++] = (int32_t)k;
  }
}

static PetscErrorCode cells_make(Work *w, Team *team)
{
  team_run(team, w->n_piece, cells_count, w);
  for (int p = 0; p < w->n_piece; p++) w->first[p + 1] += w->first[p];
  size_t n = (size_t)w->first[w->n_piece];
  PetscCheck(n < (1U << (32 - LOCAL_BITS)), PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  PetscCall(mem_grow(n, sizeof *w->cell, &w->room_cell, &w->cell));
  PetscCall(mem_grow(n, (size_t)w->packed * sizeof *w->matrix, &w->room_matrix, &w->matrix));
  team_run(team, w->n_piece, cells_fill, w);
  for (int p = 0; p < w->n_piece; p++) PetscCall(w->error[p]);
  return 0;
}

/* ---- which cells a row has ----------------------------------------------------------------------------------------- */

/* Counts or writes the cells of a range of rows, in ascending order. start goes on from each row's begin to its end while
 * it writes. */
static void range_cells(Work *w, int range, bool writes)
{
  int64_t n_row = w->end - w->begin, n = w->first[w->n_piece];
  int32_t begin = w->begin + (int32_t)(n_row * range / w->n_scan);
  int32_t end = w->begin + (int32_t)(n_row * (range + 1) / w->n_scan);
  for (int64_t c = 0; c < n; c++) {
    const int32_t *u = w->unknown + (int64_t)w->cell[c] * w->width;
    for (int i = 0; i < w->width; i++) {
      if (u[i] < begin || u[i] >= end) continue;
      int64_t row = u[i] - w->begin;
      if (writes) w->at[w->start[row]] = (uint32_t)c << LOCAL_BITS | (uint32_t)i;
      w->start[row]++;
    }
  }
}

static void count_range(void *context, int range, int thread)
{
  (void)thread;
  range_cells(context, range, false);
}

static void write_range(void *context, int range, int thread)
{
  (void)thread;
  range_cells(context, range, true);
}

static PetscErrorCode incidence_make(Work *w, Team *team)
{
  int64_t n = w->end - w->begin, sum = 0;
  memset(w->start, 0, (size_t)(n + 1) * sizeof *w->start);
  team_run(team, w->n_scan, count_range, w);
  for (int64_t i = 0; i <= n; i++) {
    int64_t count = w->start[i];
    w->start[i] = sum;
    sum += count;
  }
  PetscCall(mem_grow((size_t)sum, sizeof *w->at, &w->room_at, &w->at));
  team_run(team, w->n_scan, write_range, w);
  memmove(w->start + 1, w->start, (size_t)n * sizeof *w->start);
  w->start[0] = 0;
  return 0;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* The entries of a row, in the order in which its cells bring them; returns how many there are. `width` is a constant
 * where this is called, so that the loop over a cell's unknowns is laid out straight. */
ALWAYS_INLINE int32_t row_sum(const Work *w, int64_t row, const int width, int32_t *place, int32_t *column,
                              double *value)
{
  int32_t n = 0;
  for (int64_t a = w->start[row]; a < w->start[row + 1]; a++) {
    int64_t c = w->at[a] >> LOCAL_BITS;
    const int32_t *u = w->unknown + (int64_t)w->cell[c] * width;
    const double *K = w->matrix + c * (width * (width + 1) / 2);
    const int8_t *in_packed = w->in_packed[w->at[a] & ((1U << LOCAL_BITS) - 1)];
    for (int j = 0; j < width; j++) {
      if (u[j] < 0) continue;
      if (!place[u[j]]) column[n] = u[j], value[n] = 0.0, place[u[j]] = ++n;
      value[place[u[j]] - 1] += K[in_packed[j]];
    }
  }
  for (int32_t k = 0; k < n; k++) place[column[k]] = 0;
  return n;
}

static PetscErrorCode rows_make(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  int32_t *place = w->place[thread];
  for (int32_t i = begin; i < end; i++) {
    int64_t row = i - w->first_local;
    PetscCall(csr_strip_room(s, (size_t)(w->start[row + 1] - w->start[row]) * (size_t)w->width));
    int32_t n = w->width == 4 ? row_sum(w, row, 4, place, s->column + s->n, s->value + s->n)
                              : row_sum(w, row, 10, place, s->column + s->n, s->value + s->n);
    PetscCall(csr_sort_row((size_t)n, s->column + s->n, s->value + s->n));
    length[i - begin] = n;
    s->n += (size_t)n;
  }
  return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode work_alloc(Work *w, Team *team)
{
  size_t n = (size_t)w->n_cell;
  PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  w->n_piece = (int)((n + CELLS - 1) / CELLS);
  w->n_scan = team_size(team);
  PetscCall(mem_alloc(n * (size_t)w->width, sizeof *w->unknown, &w->unknown));
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->span, &w->span));
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->error, &w->error));
  PetscCall(mem_alloc((size_t)w->n_piece + 1, sizeof *w->first, &w->first));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->place, &w->place));
  for (int t = 0; t < team_size(team); t++)
    PetscCall(mem_alloc((size_t)w->s->dofs->n_unknown, sizeof **w->place, &w->place[t]));
  for (int i = 0; i < w->width; i++)
    for (int j = 0; j <= i; j++) w->in_packed[i][j] = w->in_packed[j][i] = (int8_t)(i * (i + 1) / 2 + j);
  return 0;
}

static void work_free(Work *w, Team *team)
{
  for (int t = 0; w->place && t < team_size(team); t++) free(w->place[t]);
  free(w->place);
  free(w->unknown);
  free(w->span);
  free(w->error);
  free(w->first);
  free(w->cell);
  free(w->matrix);
  free(w->start);
  free(w->at);
}

static PetscErrorCode stripes_make(Work *w, const Rows *r, Team *team, CsrBuilder *b)
{
  int64_t bytes = w->n_cell * w->packed * (int64_t)sizeof *w->matrix, n = r->end - r->begin;
  int64_t rows = n * stripe_bytes / (bytes > stripe_bytes ? bytes : stripe_bytes) + 1;
  PetscCall(mem_alloc((size_t)(rows < n ? rows : n) + 1, sizeof *w->start, &w->start));
  team_run(team, w->n_piece, unknowns_fill, w);
  for (int64_t row = 0; row < n; row += rows) {
    w->begin = r->begin + (int32_t)row;
    w->end = row + rows < n ? w->begin + (int32_t)rows : r->end;
    w->first_local = (int32_t)row;
    PetscCall(cells_make(w, team));
    PetscCall(incidence_make(w, team));
    PetscCall(csr_builder_add(b, w->end - w->begin, rows_make, w, team));
  }
  return 0;
}

PetscErrorCode rows_of_system(const System *s, Team *team, Rows *r)
{
  int width = s->space->element->n_node;
  Work w = {.s = s, .n_cell = system_cells(s), .width = width, .packed = width * (width + 1) / 2};
  CsrBuilder b;
  assert(width == 4 || width == 10);
  PetscCall(csr_builder_init(r->end - r->begin, &b));
  PetscErrorCode ierr = work_alloc(&w, team);
  if (!ierr) ierr = stripes_make(&w, r, team, &b);
  work_free(&w, team);
  if (ierr) {
    csr_builder_free(&b);
    return ierr;
  }
  r->start = b.start, r->column = b.all.column, r->value = b.all.value;
  return 0;
}
