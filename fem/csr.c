/* Sparse matrices by rows: room for them, making them in threads. */
#include "csr.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1024, STRIPS_A_THREAD = 8, FEW = 64 };

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

static void strip_free(CsrStrip *s)
{
  free(s->column);
  free(s->value);
}

/* Strips that are made at once, and then added to the matrix in order. */
typedef struct {
  CsrBuilder *builder;
  CsrFill fill;
  void *context;
  CsrStrip *strip;       /* [strips] */
  size_t *place;         /* [strips] in the matrix */
  PetscErrorCode *error; /* [strips] */
  int32_t end;           /* rows of this batch: from builder->n_done on */
} Batch;

static void batch_rows(const Batch *b, int piece, int32_t *begin, int32_t *end)
{
  *begin = b->builder->n_done + piece * ROWS;
  *end = b->end - *begin < ROWS ? b->end : *begin + ROWS;
}

static void batch_fill(void *context, int piece, int thread)
{
  Batch *b = context;
  int32_t begin, end;
  batch_rows(b, piece, &begin, &end);
  b->strip[piece].n = 0;
  b->error[piece] = b->fill(b->context, begin, end, thread, &b->strip[piece], b->builder->start + begin + 1);
}

static void batch_copy(void *context, int piece, int thread)
{
  Batch *b = context;
  const CsrStrip *s = &b->strip[piece];
  (void)thread;
  if (s->n) memcpy(b->builder->all.column + b->place[piece], s->column, s->n * sizeof *s->column);
  if (s->n) memcpy(b->builder->all.value + b->place[piece], s->value, s->n * sizeof *s->value);
}

static PetscErrorCode batch_run(Batch *b, Team *team)
{
  CsrBuilder *all = b->builder;
  int n = (b->end - all->n_done + ROWS - 1) / ROWS;
  size_t n_entry = 0;
  team_run(team, n, batch_fill, b);
  for (int i = 0; i < n; i++) PetscCall(b->error[i]);
  for (int i = 0; i < n; i++) b->place[i] = all->all.n + n_entry, n_entry += b->strip[i].n;
  PetscCall(entries_check((int64_t)(all->all.n + n_entry)));
  PetscCall(csr_strip_room(&all->all, n_entry + 1));
  team_run(team, n, batch_copy, b);
  all->all.n += n_entry;
  for (int32_t i = all->n_done; i < b->end; i++) all->start[i + 1] += all->start[i];
  all->n_done = b->end;
  return 0;
}

static PetscErrorCode batches_run(Batch *b, int n_strip, int32_t end, Team *team)
{
  PetscCall(mem_alloc((size_t)n_strip, sizeof *b->strip, &b->strip));
  PetscCall(mem_alloc((size_t)n_strip, sizeof *b->place, &b->place));
  PetscCall(mem_alloc((size_t)n_strip, sizeof *b->error, &b->error));
  while (b->builder->n_done < end) {
    int32_t rest = end - b->builder->n_done;
    b->end = rest < n_strip * ROWS ? end : b->builder->n_done + n_strip * ROWS;
    PetscCall(batch_run(b, team));
  }
  return 0;
}

PetscErrorCode csr_builder_init(int32_t n, CsrBuilder *b)
{
  *b = (CsrBuilder){.n_done = 0};
  return mem_alloc((size_t)n + 1, sizeof *b->start, &b->start);
}

PetscErrorCode csr_builder_add(CsrBuilder *builder, int32_t n_row, CsrFill fill, void *context, Team *team)
{
  Batch b = {.builder = builder, .fill = fill, .context = context};
  int n_strip = STRIPS_A_THREAD * team_size(team);
  PetscErrorCode ierr = batches_run(&b, n_strip, builder->n_done + n_row, team);
  for (int i = 0; b.strip && i < n_strip; i++) strip_free(&b.strip[i]);
  free(b.strip);
  free(b.place);
  free(b.error);
  return ierr;
}

void csr_builder_end(CsrBuilder *b, int32_t n_column, Csr *out)
{
  *out = (Csr){b->n_done, n_column, b->start, b->all.column, b->all.value, {b->start, b->all.column, b->all.value}};
  *b = (CsrBuilder){.n_done = 0};
}

void csr_builder_free(CsrBuilder *b)
{
  free(b->start);
  strip_free(&b->all);
}

PetscErrorCode csr_build(int32_t n, int32_t n_column, CsrFill fill, void *context, Team *team, Csr *out)
{
  CsrBuilder b;
  *out = (Csr){.n = 0};
  PetscCall(csr_builder_init(n, &b));
  PetscErrorCode ierr = csr_builder_add(&b, n, fill, context, team);
  if (!ierr) csr_builder_end(&b, n_column, out);
  csr_builder_free(&b);
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

static void sort_few(size_t n, int32_t *column, double *value)
{
  for (size_t i = 1; i < n; i++) {
    int32_t c = column[i];
    double v = value[i];
    size_t k = i;
    for (; k > 0 && column[k - 1] > c; k--) column[k] = column[k - 1], value[k] = value[k - 1];
    column[k] = c, value[k] = v;
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
