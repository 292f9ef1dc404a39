/* Sparse matrices by rows: room for them, making them in threads. */
#include "csr.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNED __attribute__((aligned(16)))

enum { STRIPS_A_THREAD = 8, FEW = 128 };

void csr_free(Csr *m)
{
  for (int i = 0; i < 3; i++) free(m->own[i]);
  *m = (Csr){.n = 0};
}

static PetscErrorCode entries_check(int64_t n)
{
  PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "the mesh has too many tetrahedra for one process: use more of them (mpirun -n)");
  return 0;
}

PetscErrorCode csr_alloc(int32_t n, int32_t n_column, int64_t n_entry, Csr *m, int32_t **start, int32_t **column,
                         double **value)
{
  *m = (Csr){.n = n, .n_column = n_column};
  PetscCall(entries_check(n_entry));
  PetscErrorCode ierr = mem_alloc((size_t)n + 1, sizeof **start, &m->own[0]);
  if (!ierr) ierr = mem_alloc((size_t)n_entry + 1, sizeof **column, &m->own[1]);
  if (!ierr) ierr = mem_alloc((size_t)n_entry + 1, sizeof **value, &m->own[2]);
  if (ierr) {
    csr_free(m);
    return ierr;
  }
  m->start = *start = m->own[0], m->column = *column = m->own[1], m->value = *value = m->own[2];
  return 0;
}

/* ---- strips ------------------------------------------------------------------------------------------------------ */

PetscErrorCode csr_strip_room(CsrStrip *s, size_t more)
{
  PetscCall(mem_grow(s->n + more, sizeof *s->column, &s->room_column, &s->column));
  return mem_grow(s->n + more, sizeof *s->value, &s->room_value, &s->value);
}

PetscErrorCode csr_slots(int32_t n_column, Team *team, CsrSlot ***out)
{
  PetscCall(mem_alloc((size_t)team_size(team), sizeof **out, out));
  for (int t = 0; t < team_size(team); t++) PetscCall(mem_alloc((size_t)n_column, sizeof ***out, &(*out)[t]));
  return 0;
}

void csr_slots_free(Team *team, CsrSlot ***slot)
{
  for (int t = 0; *slot && t < team_size(team); t++) free((*slot)[t]);
  free(*slot);
  *slot = NULL;
}

static void strip_free(CsrStrip *s)
{
  free(s->column);
  free(s->value);
}

/* A matrix on its way, and the strips of it that are made at once and then added to it in order. */
typedef struct {
  int32_t n, n_done, rows; /* rows: of all, that are there, of a strip */
  int32_t *start;          /* [n + 1] up to n_done */
  CsrStrip all;
  CsrFill fill;
  void *context;
  int n_strip;
  CsrStrip *strip;       /* [n_strip] */
  size_t *place;         /* [n_strip] in the matrix */
  PetscErrorCode *error; /* [n_strip] */
} Build;

static void strip_fill(void *context, int piece, int thread)
{
  Build *b = context;
  int32_t begin = b->n_done + piece * b->rows, end = b->n - begin < b->rows ? b->n : begin + b->rows;
  CsrStrip own = b->strip[piece]; /* not in place: others' strips share its line of the cache */
  own.n = 0;
  b->error[piece] = b->fill(b->context, begin, end, thread, &own, b->start + begin + 1);
  b->strip[piece] = own;
}

static void strip_copy(void *context, int piece, int thread)
{
  Build *b = context;
  const CsrStrip *s = &b->strip[piece];
  (void)thread;
  if (s->n) memcpy(b->all.column + b->place[piece], s->column, s->n * sizeof *s->column);
  if (s->n) memcpy(b->all.value + b->place[piece], s->value, s->n * sizeof *s->value);
}

/* Room for n_entry more, which make n_row rows; and, where that is too little, for all that are to come if they are like those:
 * a matrix that grows by and by has to move. */
static PetscErrorCode room_for_all(Build *b, size_t n_entry, int32_t n_row)
{
  size_t need = b->all.n + n_entry + 1;
  if (need > b->all.room_column) need += (size_t)(1.05 * (double)need / n_row * (b->n - n_row));
  return csr_strip_room(&b->all, need - b->all.n);
}

static PetscErrorCode batch_run(Build *b, Team *team)
{
  int64_t room = (int64_t)b->n_strip * b->rows, n_row = b->n - b->n_done < room ? b->n - b->n_done : room;
  int n = (int)((n_row + b->rows - 1) / b->rows);
  size_t n_entry = 0;
  team_run(team, n, strip_fill, b);
  for (int i = 0; i < n; i++) PetscCall(b->error[i]);
  for (int i = 0; i < n; i++) b->place[i] = b->all.n + n_entry, n_entry += b->strip[i].n;
  PetscCall(entries_check((int64_t)(b->all.n + n_entry)));
  PetscCall(room_for_all(b, n_entry, (int32_t)(b->n_done + n_row)));
  team_run(team, n, strip_copy, b);
  b->all.n += n_entry;
  for (int32_t i = b->n_done; i < b->n_done + n_row; i++) b->start[i + 1] += b->start[i];
  b->n_done += (int32_t)n_row;
  return 0;
}

static PetscErrorCode build(Build *b, Team *team)
{
  size_t n_strip = (size_t)b->n_strip;
  PetscCall(mem_alloc((size_t)b->n + 1, sizeof *b->start, &b->start));
  PetscCall(mem_alloc(n_strip, sizeof *b->strip, &b->strip));
  PetscCall(mem_alloc(n_strip, sizeof *b->place, &b->place));
  PetscCall(mem_alloc(n_strip, sizeof *b->error, &b->error));
  while (b->n_done < b->n) PetscCall(batch_run(b, team));
  return 0;
}

PetscErrorCode csr_build(int32_t n, int32_t n_column, int32_t rows, CsrFill fill, void *context, Team *team, Csr *out)
{
  Build b = {.n = n, .rows = rows, .fill = fill, .context = context, .n_strip = STRIPS_A_THREAD * team_size(team)};
  PetscErrorCode ierr = build(&b, team);
  for (int i = 0; b.strip && i < b.n_strip; i++) strip_free(&b.strip[i]);
  free(b.strip);
  free(b.place);
  free(b.error);
  *out = (Csr){n, n_column, b.start, b.all.column, b.all.value, {b.start, b.all.column, b.all.value}};
  if (ierr) csr_free(out);
  return ierr;
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

typedef struct {
  int32_t column;
  double value;
} Entry;

static int by_column(const void *a, const void *b)
{
  int32_t p = ((const Entry *)a)->column, q = ((const Entry *)b)->column;
  return (p > q) - (p < q);
}

/* How many of n numbers are smaller than each, without a branch that cannot be foretold: where it goes. c and rank [to a
 * multiple of 16]; behind c's end are no smaller ones. */
static void ranks_find(int32_t n, const int32_t *c, int32_t *rank)
{
  typedef int32_t Four __attribute__((vector_size(16), may_alias));
  for (int32_t k = 0; k < n; k += 16) {
    const Four *here = (const Four *)(c + k);
    Four *smaller = (Four *)(rank + k), a = {0}, b = {0}, d = {0}, e = {0};
    for (int32_t i = 0; i < n; i++) {
      Four one = {c[i], c[i], c[i], c[i]};
      a -= one < here[0], b -= one < here[1], d -= one < here[2], e -= one < here[3];
    }
    smaller[0] = a, smaller[1] = b, smaller[2] = d, smaller[3] = e;
  }
}

static void ranks_few(int32_t n, const int32_t *column, int32_t c[FEW], int32_t rank[FEW])
{
  memcpy(c, column, (size_t)n * sizeof *c);
  for (int32_t i = n; i % 16; i++) c[i] = INT32_MAX;
  ranks_find(n, c, rank);
}

PetscErrorCode csr_row_end_sorted(int32_t n, int32_t *column, CsrSlot *slot, double *value)
{
  int32_t c[FEW] ALIGNED, rank[FEW] ALIGNED;
  if (n > FEW) {
    csr_row_end(n, column, slot, value);
    return csr_sort_row((size_t)n, column, value);
  }
  ranks_few(n, column, c, rank);
  for (int32_t i = 0; i < n; i++) {
    column[rank[i]] = c[i], value[rank[i]] = slot[c[i]].sum;
    slot[c[i]] = (CsrSlot){0.0, 0};
  }
  return 0;
}

static void sort_few(size_t n, int32_t *column, double *value)
{
  int32_t c[FEW] ALIGNED, rank[FEW] ALIGNED;
  double v[FEW];
  memcpy(v, value, n * sizeof *v);
  ranks_few((int32_t)n, column, c, rank);
  for (size_t i = 0; i < n; i++) column[rank[i]] = c[i], value[rank[i]] = v[i];
}

PetscErrorCode csr_sort_row(size_t n, int32_t *column, double *value)
{
  Entry *e;
  if (n <= FEW) {
    sort_few(n, column, value);
    return 0;
  }
  PetscCall(mem_alloc(n, sizeof *e, &e));
  for (size_t i = 0; i < n; i++) e[i] = (Entry){column[i], value[i]};
  qsort(e, n, sizeof *e, by_column);
  for (size_t i = 0; i < n; i++) column[i] = e[i].column, value[i] = e[i].value;
  free(e);
  return 0;
}
