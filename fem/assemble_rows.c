/* The rows of a system in threads. A stripe of rows is one thread's work, and small enough to stay near it: the matrices of
 * the cells that have one of its rows are made once for it, and each row adds up its parts of them. */
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

/* A stripe that has a cell. */
typedef struct {
  uint32_t stripe;
  int32_t cell;
} Place;

/* What a thread has on its desk while it works on a piece, or on a stripe. */
typedef struct {
  Place *place; /* [cells of a piece][width] */
  size_t room_cell, room_unknown, room_K, room_part;
  int32_t n_cell;
  int32_t *cell;    /* [n_cell] ascending */
  int32_t *unknown; /* [n_cell][width] */
  double *K;        /* [n_cell][matrix_size] */
  int32_t *start;   /* [rows + 3] of the parts of each row, and of what is none */
  int32_t *part;    /* a cell's unknown: [n_cell][width] by their rows */
  CsrSlot *slot;    /* [1 + n_unknown] from FEM_GROUNDED */
  char apart[128];  /* two threads' desks share no line of the cache */
} Desk;

typedef struct {
  const System *s;
  int64_t n_cell;
  int width;     /* entries of a cell's unknowns */
  int64_t cells; /* of a piece */
  int shift;     /* a stripe has 2^shift rows */
  int n_piece, n_stripe;
  int32_t *unknown;      /* [n_cell][width] for second order, where it takes long to find them; else NULL */
  Piece *piece;          /* [n_piece] */
  PetscErrorCode *error; /* [n_piece] */
  Desk *desk;            /* [threads] */
} Work;

/* ---- which cells a stripe has -------------------------------------------------------------------------------------- */

/* FEM_GROUNDED where there is none. `width` is a constant where this is called, here and below. */
ALWAYS_INLINE void unknowns_find(const Work *w, int64_t cell, const int width, int32_t *u)
{
  const Mesh *m = w->s->space->mesh;
  if (width == 4 && cell < m->n_tet)
    for (int i = 0; i < 4; i++) u[i] = w->s->dofs->unknown[m->tet[cell][i]];
  else
    for (int i = system_unknowns(w->s, cell, u); i < width; i++) u[i] = FEM_GROUNDED;
}

/* Each stripe of a cell, once; returns how many places there are then. One more than there are is written. There is no
 * branch: which cells lie across stripes cannot be foretold. */
ALWAYS_INLINE int32_t places_add(const Work *w, int64_t cell, const int32_t *u, const int width, int32_t n,
                                 Place *place)
{
  uint32_t stripe[ELEMENT_NODES_MAX];
  for (int i = 0; i < width; i++) {
    stripe[i] = (uint32_t)u[i] >> w->shift; /* what is no row is too large */
    bool more = stripe[i] < (uint32_t)w->n_stripe;
    for (int k = 0; k < i; k++) more &= stripe[k] != stripe[i];
    place[n] = (Place){stripe[i], (int32_t)cell};
    n += more;
  }
  return n;
}

ALWAYS_INLINE int32_t piece_places(const Work *w, int piece, const int width, Place *place)
{
  int64_t begin = piece * w->cells, end = begin + w->cells < w->n_cell ? begin + w->cells : w->n_cell;
  int32_t one[ELEMENT_NODES_MAX], n = 0;
  for (int64_t k = begin; k < end; k++) {
    int32_t *u = w->unknown ? w->unknown + k * width : one;
    unknowns_find(w, k, width, u);
    n = places_add(w, k, u, width, n, place);
  }
  return n;
}

static PetscErrorCode piece_list(const Work *w, int32_t n, const Place *place, Piece *p)
{
  PetscCall(mem_alloc((size_t)w->n_stripe + 2, sizeof *p->start, &p->start));
  PetscCall(mem_alloc((size_t)n, sizeof *p->cell, &p->cell));
  for (int32_t i = 0; i < n; i++) p->start[place[i].stripe + 2]++;
  for (int s = 2; s <= w->n_stripe; s++) p->start[s + 1] += p->start[s];
  for (int32_t i = 0; i < n; i++) p->cell[p->start[place[i].stripe + 1]++] = place[i].cell;
  return 0;
}

static void piece_work(void *context, int piece, int thread)
{
  Work *w = context;
  Place *place = w->desk[thread].place;
  int32_t n = w->width == 4 ? piece_places(w, piece, 4, place) : piece_places(w, piece, 10, place);
  w->error[piece] = piece_list(w, n, place, &w->piece[piece]);
}

static PetscErrorCode pieces_make(Work *w, Team *team)
{
  team_run(team, w->n_piece, piece_work, w);
  for (int p = 0; p < w->n_piece; p++) PetscCall(w->error[p]);
  return 0;
}

/* ---- the parts of its rows ------------------------------------------------------------------------------------------ */

/* Doubles of a cell's matrix: Symmetric4 for first order, else all of them. */
ALWAYS_INLINE size_t matrix_size(const int width)
{
  return width == 4 ? sizeof(Symmetric4) / sizeof(double) : width * width;
}

static PetscErrorCode desk_clear(const Work *w, int stripe, int32_t n_row, Desk *d)
{
  size_t n = 0, width = (size_t)w->width;
  for (int p = 0; p < w->n_piece; p++) n += (size_t)(w->piece[p].start[stripe + 1] - w->piece[p].start[stripe]);
  PetscCheck(n * width < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  PetscCall(mem_grow(n, sizeof *d->cell, &d->room_cell, &d->cell));
  PetscCall(mem_grow(n * width, sizeof *d->unknown, &d->room_unknown, &d->unknown));
  PetscCall(mem_grow(n * width + AHEAD, sizeof *d->part, &d->room_part, &d->part));
  PetscCall(mem_grow(n * matrix_size(w->width), sizeof *d->K, &d->room_K, &d->K));
  memset(d->start, 0, (size_t)(n_row + 3) * sizeof *d->start);
  d->n_cell = 0;
  return 0;
}

/* Which row of the stripe an unknown is, counted from `begin`; n_row if it is none. */
ALWAYS_INLINE uint32_t row_of(int32_t unknown, int32_t begin, int32_t n_row)
{
  uint32_t row = (uint32_t)(unknown - begin);
  return row < (uint32_t)n_row ? row : (uint32_t)n_row;
}

/* And where each row's parts begin, counted two places further on: while they are put there, `start` becomes what it should.
 * What is no row of the stripe has its parts behind the last one. */
ALWAYS_INLINE void cells_take(const Work *w, int stripe, int32_t begin, int32_t n_row, const int width, Desk *d)
{
  for (int p = 0; p < w->n_piece; p++)
    for (int32_t k = w->piece[p].start[stripe]; k < w->piece[p].start[stripe + 1]; k++) {
      int32_t cell = d->cell[d->n_cell] = w->piece[p].cell[k], *u = d->unknown + d->n_cell++ * width;
      if (w->unknown)
        memcpy(u, w->unknown + (int64_t)cell * width, (size_t)width * sizeof *u);
      else
        unknowns_find(w, cell, width, u);
      for (int i = 0; i < width; i++) d->start[row_of(u[i], begin, n_row) + 2]++;
    }
  for (int32_t i = 2; i <= n_row; i++) d->start[i + 1] += d->start[i];
}

ALWAYS_INLINE void parts_put(int32_t begin, int32_t n_row, const int width, Desk *d)
{
  for (int32_t k = 0; k < d->n_cell * width; k++) d->part[d->start[row_of(d->unknown[k], begin, n_row) + 1]++] = k;
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

static PetscErrorCode matrices_first(const Work *w, int32_t n_tet, Desk *d)
{
  Symmetric4 *K = (Symmetric4 *)d->K;
  PetscCall(p1_stiffness_tets(w->s->space->mesh, w->s->sigma, n_tet, d->cell, K));
  for (int32_t c = n_tet; c < d->n_cell; c++) {
    double full[16];
    PetscCall(facet_matrix(w, d->cell[c], full));
    symmetric4_pack(full, &K[c]);
  }
  return 0;
}

static PetscErrorCode matrices_second(const Work *w, int32_t n_tet, Desk *d)
{
  size_t size = matrix_size(w->width);
  for (int32_t c = 0; c < n_tet; c++) {
    PetscCall(tet_check(w->s->space->mesh, w->s->sigma, d->cell[c]));
    PetscCall(system_matrix(w->s, d->cell[c], d->K + (size_t)c * size));
  }
  for (int32_t c = n_tet; c < d->n_cell; c++) PetscCall(facet_matrix(w, d->cell[c], d->K + (size_t)c * size));
  return 0;
}

static PetscErrorCode matrices_make(const Work *w, Desk *d)
{
  int32_t n_tet = 0;
  while (n_tet < d->n_cell && d->cell[n_tet] < w->s->space->mesh->n_tet) n_tet++; /* facets come last */
  return w->width == 4 ? matrices_first(w, n_tet, d) : matrices_second(w, n_tet, d);
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* A row's entries, in the order in which its parts bring them; returns how many there are. First order: what a row has on
 * the diagonal is not looked for. */
ALWAYS_INLINE int32_t row_first(const Desk *d, int32_t row, int32_t begin, CsrSlot *slot, int32_t *column)
{
  double own = 0.0;
  int32_t n = csr_row_add(begin + row, 0.0, 0, slot, column);
  for (int32_t p = d->start[row]; p < d->start[row + 1]; p++) {
    const uint32_t part = (uint32_t)d->part[p], i = part % 4, after = (i + 1) % 4, across = (i + 2) % 4,
                   before = (i + 3) % 4;
    const int32_t *u = d->unknown + part - i;
    const Symmetric4 *all = (const Symmetric4 *)d->K, *K = all + part / 4;
    __builtin_prefetch(all + (uint32_t)d->part[p + AHEAD] / 4);
    own += K->own[i];
    n = csr_row_add(u[after], K->next[i], n, slot, column);
    n = csr_row_add(u[across], K->across[i % 2], n, slot, column);
    n = csr_row_add(u[before], K->next[before], n, slot, column);
  }
  slot[begin + row].sum += own;
  return n;
}

ALWAYS_INLINE int32_t row_second(const Desk *d, int32_t row, const int width, CsrSlot *slot, int32_t *column)
{
  int32_t n = 0;
  for (int32_t p = d->start[row]; p < d->start[row + 1]; p++) {
    const uint32_t part = (uint32_t)d->part[p], w = (uint32_t)width;
    const int32_t *u = d->unknown + part / w * w;
    const double *K = d->K + (size_t)part * w;
    __builtin_prefetch(d->K + (size_t)d->part[p + AHEAD] * w);
    for (int j = 0; j < width; j++) n = csr_row_add(u[j], K[j], n, slot, column);
  }
  return n;
}

ALWAYS_INLINE PetscErrorCode rows_make(const Desk *d, int32_t begin, int32_t n_row, const int width, CsrStrip *s,
                                       int32_t *length)
{
  CsrSlot *slot = d->slot - FEM_GROUNDED;
  for (int32_t i = 0; i < n_row; i++) {
    PetscCall(csr_strip_room(s, (size_t)(d->start[i + 1] - d->start[i]) * (size_t)width + 2));
    int32_t *column = s->column + s->n;
    double *value = s->value + s->n;
    int32_t n = width == 4 ? row_first(d, i, begin, slot, column) : row_second(d, i, width, slot, column);
    PetscCall(csr_row_end_sorted(n, column, slot, value));
    if (n && column[0] == FEM_GROUNDED) {
      memmove(column, column + 1, (size_t)--n * sizeof *column);
      memmove(value, value + 1, (size_t)n * sizeof *value);
    }
    length[i] = n;
    s->n += (size_t)n;
  }
  return 0;
}

/* `width` is a constant where this is called. */
ALWAYS_INLINE PetscErrorCode stripe_rows(const Work *w, int stripe, int32_t begin, int32_t n_row, const int width,
                                         Desk *d, CsrStrip *s, int32_t *length)
{
  PetscCall(desk_clear(w, stripe, n_row, d));
  cells_take(w, stripe, begin, n_row, width, d);
  parts_put(begin, n_row, width, d);
  PetscCall(matrices_make(w, d));
  return rows_make(d, begin, n_row, width, s, length);
}

static PetscErrorCode stripe_make(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  Desk *d = &w->desk[thread];
  return w->width == 4 ? stripe_rows(w, begin >> w->shift, begin, end - begin, 4, d, s, length)
                       : stripe_rows(w, begin >> w->shift, begin, end - begin, 10, d, s, length);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode work_alloc(Work *w, Team *team)
{
  int64_t n_row = w->s->dofs->n_own, rows = 1 << ROWS_SHIFT;
  PetscCheck(w->n_cell <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  w->cells = (w->n_cell + PARTS_MAX - 1) / PARTS_MAX;
  if (w->cells < CELLS) w->cells = CELLS;
  w->n_piece = (int)((w->n_cell + w->cells - 1) / w->cells);
  for (w->shift = ROWS_SHIFT; rows * PARTS_MAX < n_row; w->shift++) rows *= 2;
  w->n_stripe = (int)((n_row + rows - 1) / rows);
  if (w->width > 4) PetscCall(mem_alloc((size_t)w->n_cell * (size_t)w->width, sizeof *w->unknown, &w->unknown));
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->piece, &w->piece));
  PetscCall(mem_alloc((size_t)w->n_piece, sizeof *w->error, &w->error));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  for (int t = 0; t < team_size(team); t++) {
    PetscCall(mem_alloc((size_t)(w->cells * w->width), sizeof *w->desk->place, &w->desk[t].place));
    PetscCall(mem_alloc((size_t)rows + 3, sizeof *w->desk->start, &w->desk[t].start));
    PetscCall(mem_alloc((size_t)w->s->dofs->n_unknown + 1, sizeof *w->desk->slot, &w->desk[t].slot));
  }
  return 0;
}

static void work_free(Work *w, Team *team)
{
  for (int t = 0; w->desk && t < team_size(team); t++) {
    Desk *d = &w->desk[t];
    free(d->place), free(d->cell), free(d->unknown), free(d->K);
    free(d->start), free(d->part), free(d->slot);
  }
  for (int p = 0; w->piece && p < w->n_piece; p++) free(w->piece[p].cell), free(w->piece[p].start);
  free(w->desk);
  free(w->unknown);
  free(w->piece);
  free(w->error);
}

PetscErrorCode rows_of_system(const System *s, Team *team, Csr *out)
{
  int width = s->space->element->n_node;
  Work w = {.s = s, .n_cell = system_cells(s), .width = width};
  assert(width == 4 || width == 10);
  PetscErrorCode ierr = work_alloc(&w, team);
  if (!ierr) ierr = pieces_make(&w, team);
  if (!ierr) ierr = csr_build(s->dofs->n_own, s->dofs->n_unknown, 1 << w.shift, stripe_make, &w, team, out);
  work_free(&w, team);
  return ierr;
}
