/* Sparse matrices by rows: room for them, making them in threads. */
#include "csr.h"

#include <stdlib.h>
#include <string.h>

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

/* Each entry goes where as many are as there are smaller ones: no branches that cannot be foretold. */
static void sort_few(size_t n, int32_t *column, double *value)
{
  typedef int32_t Four __attribute__((vector_size(16), may_alias));
  int32_t c[FEW + 3] __attribute__((aligned(16)));
  double v[FEW];
  memcpy(c, column, n * sizeof *c);
  memcpy(v, value, n * sizeof *v);
  for (size_t i = n; i % 4; i++) c[i] = INT32_MAX;
  for (size_t i = 0; i < n; i++) {
    Four smaller = {0};
    for (size_t k = 0; k < n; k += 4) smaller -= *(const Four *)(c + k) < c[i];
    int32_t rank = smaller[0] + smaller[1] + smaller[2] + smaller[3];
    column[rank] = c[i], value[rank] = v[i];
  }
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
