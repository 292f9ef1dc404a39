/* The rows of a system in threads. A stripe of rows is one thread's work, and small enough to stay near it: the matrices of
 * the cells that have one of its rows are made once for it, and each row adds up its parts of them. Within a stripe columns
 * have numbers of their own: the stripe's rows, then what else its cells have. */
#include "assemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 1024, CELLS = 4096, ROWS_SHIFT = 12 }; /* stripes, pieces of cells; their least sizes */
enum { AHEAD = 32 }; /* parts: asked for in time, for they lie where their cells are */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The cells of a piece, stripe by stripe; one that has rows of several stripes is there several times. */
typedef struct {
  int32_t *cell;  /* ascending within a stripe */
  int32_t *start; /* [stripes + 1] */
} Piece;

/* What a thread has on its desk while it works on a stripe. */
typedef struct {
  size_t room_cell, room_unknown, room_K, room_part, room_column;
  int32_t n_cell, n_column; /* columns: with the stripe's rows */
  int32_t *cell;            /* [n_cell] ascending */
  int32_t *unknown;         /* [n_cell][width] the stripe's numbers */
  double *K;                /* [n_cell][width][width] */
  int32_t *start;           /* [rows + 3] of the parts of each row, and of what is none */
  int32_t *part;            /* which rows of K they are */
  int32_t *number;          /* [1 + n_unknown] from 1: the stripe's number of an unknown; 0: none yet */
  int32_t *column;          /* [n_column] the unknown, or FEM_GROUNDED */
  CsrSlot *slot;            /* [n_column] */
  char apart[128];          /* two threads' desks share no line of the cache */
} Desk;

typedef struct {
  const System *s;
  int64_t n_cell;
  int32_t begin, end; /* rows */
  int width;          /* entries of a cell's unknowns */
  int64_t cells;      /* of a piece */
  int shift;          /* a stripe has 2^shift rows */
  int n_piece, n_stripe;
  int32_t *unknown;      /* [n_cell][width], FEM_GROUNDED where there is none */
  Piece *piece;          /* [n_piece] */
  PetscErrorCode *error; /* [n_piece] */
  Desk *desk;            /* [threads] */
} Work;

/* ---- which cells a stripe has -------------------------------------------------------------------------------------- */

/* The stripes of a cell, each once; returns how many. `width` is a constant where this is called, here and below. */
ALWAYS_INLINE int cell_stripes(const Work *w, const int32_t *u, const int width, int32_t stripe[ELEMENT_NODES_MAX])
{
  int n = 0;
  bool one = true;
  for (int i = 0; i < width; i++)
    one &= u[i] >= w->begin && u[i] < w->end && (u[i] - w->begin) >> w->shift == (u[0] - w->begin) >> w->shift;
  stripe[0] = (u[0] - w->begin) >> w->shift;
  if (one) return 1;
  for (int i = 0; i < width; i++) {
    if (u[i] < w->begin || u[i] >= w->end) continue;
    int32_t of = (u[i] - w->begin) >> w->shift;
    int k = 0;
    while (k < n && stripe[k] != of) k++;
    if (k == n) stripe[n++] = of;
  }
  return n;
}

ALWAYS_INLINE void cell_unknowns(const Work *w, int64_t cell, const int width, int32_t *u)
{
  const Mesh *m = w->s->space->mesh;
  if (width == 4 && cell < m->n_tet)
    for (int i = 0; i < 4; i++) u[i] = w->s->dofs->unknown[m->tet[cell][i]];
  else
    for (int i = system_unknowns(w->s, cell, u); i < width; i++) u[i] = FEM_GROUNDED;
}

ALWAYS_INLINE PetscErrorCode piece_list(Work *w, int piece, const int width)
{
  Piece *p = &w->piece[piece];
  int64_t begin = piece * w->cells, end = begin + w->cells < w->n_cell ? begin + w->cells : w->n_cell;
  int32_t stripe[ELEMENT_NODES_MAX];
  PetscCall(mem_alloc((size_t)w->n_stripe + 2, sizeof *p->start, &p->start));
  for (int64_t k = begin; k < end; k++) {
    cell_unknowns(w, k, width, w->unknown + k * width);
    for (int i = cell_stripes(w, w->unknown + k * width, width, stripe) - 1; i >= 0; i--) p->start[stripe[i] + 2]++;
  }
  for (int s = 2; s <= w->n_stripe; s++) p->start[s + 1] += p->start[s];
  PetscCall(mem_alloc((size_t)p->start[w->n_stripe + 1], sizeof *p->cell, &p->cell));
  for (int64_t k = begin; k < end; k++)
    for (int i = cell_stripes(w, w->unknown + k * width, width, stripe) - 1; i >= 0; i--)
      p->cell[p->start[stripe[i] + 1]++] = (int32_t)k;
  return 0;
}

static void piece_work(void *context, int piece, int thread)
{
  Work *w = context;
  (void)thread;
  w->error[piece] = w->width == 4 ? piece_list(w, piece, 4) : piece_list(w, piece, 10);
}

static PetscErrorCode pieces_make(Work *w, Team *team)
{
  team_run(team, w->n_piece, piece_work, w);
  for (int p = 0; p < w->n_piece; p++) PetscCall(w->error[p]);
  return 0;
}

static PetscErrorCode cells_take(const Work *w, int stripe, Desk *d)
{
  size_t n = 0, width = (size_t)w->width;
  for (int p = 0; p < w->n_piece; p++) n += (size_t)(w->piece[p].start[stripe + 1] - w->piece[p].start[stripe]);
  PetscCheck(n * width < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  PetscCall(mem_grow(n, sizeof *d->cell, &d->room_cell, &d->cell));
  PetscCall(mem_grow(n * width, sizeof *d->unknown, &d->room_unknown, &d->unknown));
  PetscCall(mem_grow(n * width + AHEAD, sizeof *d->part, &d->room_part, &d->part));
  PetscCall(mem_grow(n * width * width, sizeof *d->K, &d->room_K, &d->K));
  d->n_cell = 0;
  for (int p = 0; p < w->n_piece; p++)
    for (int32_t k = w->piece[p].start[stripe]; k < w->piece[p].start[stripe + 1]; k++)
      d->cell[d->n_cell++] = w->piece[p].cell[k];
  return 0;
}

/* ---- the parts of its rows ------------------------------------------------------------------------------------------ */

/* Numbers of the stripe's rows, and then of what its cells have beside them. */
static PetscErrorCode column_new(int32_t u, Desk *d)
{
  PetscCall(mem_grow((size_t)d->n_column + 1, sizeof *d->column, &d->room_column, &d->column));
  d->column[d->n_column++] = u;
  d->number[u + 1] = d->n_column;
  return 0;
}

/* Where each row's parts begin, counted two places further on: while they are put there, `start` becomes what it should.
 * What is no row of the stripe has its parts behind the last one. */
ALWAYS_INLINE PetscErrorCode columns_number(const Work *w, int32_t begin, int32_t n_row, const int width, Desk *d)
{
  d->n_column = 0;
  for (int32_t i = 0; i < n_row; i++) PetscCall(column_new(begin + i, d));
  memset(d->start, 0, (size_t)(n_row + 3) * sizeof *d->start);
  for (int32_t c = 0; c < d->n_cell; c++)
    for (int i = 0; i < width; i++) {
      int32_t u = w->unknown[(int64_t)d->cell[c] * width + i];
      if (!d->number[u + 1]) PetscCall(column_new(u, d));
      int32_t k = d->unknown[c * width + i] = d->number[u + 1] - 1;
      d->start[(k < n_row ? k : n_row) + 2]++;
    }
  for (int32_t i = 2; i <= n_row; i++) d->start[i + 1] += d->start[i];
  for (int32_t k = 0; k < d->n_column; k++) d->number[d->column[k] + 1] = 0;
  return 0;
}

ALWAYS_INLINE void parts_put(int32_t n_row, const int width, Desk *d)
{
  for (int32_t k = 0; k < d->n_cell * width; k++) {
    int32_t row = d->unknown[k] < n_row ? d->unknown[k] : n_row;
    d->part[d->start[row + 1]++] = k;
  }
  memset(d->part + d->n_cell * width, 0, AHEAD * sizeof *d->part);
}

/* Of a facet, which has fewer unknowns than there is room for. */
static PetscErrorCode facet_matrix(const Work *w, int64_t cell, double *K)
{
  int32_t unknown[ELEMENT_NODES_MAX];
  int n = system_unknowns(w->s, cell, unknown), width = w->width;
  PetscCall(system_matrix(w->s, cell, K));
  for (int i = n - 1; i >= 0; i--) memmove(K + i * width, K + i * n, (size_t)n * sizeof *K);
  for (int i = 0; i < width; i++)
    for (int j = i < n ? n : 0; j < width; j++) K[i * width + j] = 0.0;
  return 0;
}

static PetscErrorCode matrices_make(const Work *w, Desk *d)
{
  const Mesh *m = w->s->space->mesh;
  size_t size = (size_t)(w->width * w->width);
  int32_t n_tet = 0;
  while (n_tet < d->n_cell && d->cell[n_tet] < m->n_tet) n_tet++; /* facets come last */
  if (w->width == 4) PetscCall(p1_stiffness_tets(m, w->s->sigma, n_tet, d->cell, d->K));
  for (int32_t c = 0; c < n_tet && w->width > 4; c++)
    PetscCall(system_matrix(w->s, d->cell[c], d->K + (size_t)c * size));
  for (int32_t c = n_tet; c < d->n_cell; c++) PetscCall(facet_matrix(w, d->cell[c], d->K + (size_t)c * size));
  return 0;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* The entries of a row, in the order in which its parts bring them; returns how many there are. */
ALWAYS_INLINE int32_t row_sum(const Desk *d, int32_t row, const int width, int32_t *column, double *value)
{
  int32_t n = 0;
  for (int32_t p = d->start[row]; p < d->start[row + 1]; p++) {
    const uint32_t part = (uint32_t)d->part[p], w = (uint32_t)width;
    const int32_t *u = d->unknown + part / w * w;
    const double *K = d->K + (size_t)part * w;
    __builtin_prefetch(d->K + (size_t)d->part[p + AHEAD] * w);
    for (int j = 0; j < width; j++) n = csr_row_add(u[j], K[j], n, d->slot, column);
  }
  csr_row_end(n, column, d->slot, value);
  for (int32_t k = 0; k < n; k++) column[k] = d->column[column[k]];
  return n;
}

ALWAYS_INLINE PetscErrorCode rows_make(const Desk *d, int32_t n_row, const int width, CsrStrip *s, int32_t *length)
{
  for (int32_t i = 0; i < n_row; i++) {
    PetscCall(csr_strip_room(s, (size_t)(d->start[i + 1] - d->start[i]) * (size_t)width + 1));
    int32_t *column = s->column + s->n;
    double *value = s->value + s->n;
    int32_t n = row_sum(d, i, width, column, value);
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

static PetscErrorCode slots_make(Desk *d)
{
  free(d->slot);
  return mem_alloc((size_t)d->n_column, sizeof *d->slot, &d->slot);
}

/* `width` is a constant where this is called. */
ALWAYS_INLINE PetscErrorCode stripe_rows(const Work *w, int32_t begin, int32_t n_row, const int width, Desk *d,
                                         CsrStrip *s, int32_t *length)
{
  PetscCall(columns_number(w, begin, n_row, width, d));
  parts_put(n_row, width, d);
  PetscCall(matrices_make(w, d));
  PetscCall(slots_make(d));
  return rows_make(d, n_row, width, s, length);
}

static PetscErrorCode stripe_make(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  Desk *d = &w->desk[thread];
  PetscCall(cells_take(w, begin >> w->shift, d));
  return w->width == 4 ? stripe_rows(w, w->begin + begin, end - begin, 4, d, s, length)
                       : stripe_rows(w, w->begin + begin, end - begin, 10, d, s, length);
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
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->piece, &w->piece));
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->error, &w->error));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  for (int t = 0; t < team_size(team); t++) {
    PetscCall(mem_alloc((size_t)rows + 3, sizeof *w->desk->start, &w->desk[t].start));
    PetscCall(mem_alloc((size_t)w->s->dofs->n_unknown + 1, sizeof *w->desk->number, &w->desk[t].number));
  }
  return 0;
}

static void work_free(Work *w, Team *team)
{
  for (int t = 0; w->desk && t < team_size(team); t++) {
    Desk *d = &w->desk[t];
    free(d->cell), free(d->unknown), free(d->K), free(d->start);
    free(d->part), free(d->number), free(d->column), free(d->slot);
  }
  for (int p = 0; w->piece && p < w->n_piece; p++) free(w->piece[p].cell), free(w->piece[p].start);
  free(w->desk);
  free(w->unknown);
  free(w->piece);
  free(w->error);
}

PetscErrorCode rows_of_system(const System *s, Team *team, Rows *r)
{
  int width = s->space->element->n_node;
  Work w = {.s = s, .n_cell = system_cells(s), .begin = r->begin, .end = r->end, .width = width};
  Csr A = {.n = 0};
  assert(width == 4 || width == 10);
  PetscErrorCode ierr = work_alloc(&w, team);
  if (!ierr) ierr = pieces_make(&w, team);
  if (!ierr) ierr = csr_build(r->end - r->begin, s->dofs->n_unknown, 1 << w.shift, stripe_make, &w, team, &A);
  work_free(&w, team);
  r->start = A.own[0], r->column = A.own[1], r->value = A.own[2];
  return ierr;
}
