/* Sparse matrices by rows: room for them, transposes, products. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

void csr_free(Csr *m)
{
  for (int i = 0; i < 3; i++) free(m->own[i]);
  *m = (Csr){.n = 0};
}

PetscErrorCode csr_alloc(int32_t n, int32_t n_column, int64_t n_entry, Csr *m, int32_t **start, int32_t **column,
                         double **value)
{
  *m = (Csr){.n = n, .n_column = n_column};
  PetscCheck(n_entry <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "the mesh has too many tetrahedra for one process: use more of them (mpirun -n)");
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

PetscErrorCode csr_transpose(const Csr *m, Csr *out)
{
  int32_t *start, *column;
  double *value;
  PetscCall(csr_alloc(m->n_column, m->n, m->start[m->n], out, &start, &column, &value));
  for (int32_t k = 0; k < m->start[m->n]; k++) start[m->column[k]]++;
  for (int32_t i = 1; i <= m->n_column; i++) start[i] += start[i - 1];
  for (int32_t i = m->n - 1; i >= 0; i--) /* start goes back from each row's end to its beginning */
    for (int32_t k = m->start[i + 1] - 1; k >= m->start[i]; k--) {
      int32_t place = --start[m->column[k]];
      column[place] = i, value[place] = m->value[k];
    }
  return 0;
}

/* ---- products --------------------------------------------------------------------------------------------------- */

enum { ROWS = 2048 }; /* a piece of work */

/* What a piece has made: the rows' lengths stand in the product's `start`. */
typedef struct {
  int32_t *column;
  double *value;
  size_t n, room_column, room_value;
  PetscErrorCode error;
} Strip;

typedef struct {
  const Csr *A, *B;
  Strip *strip;    /* [pieces] */
  int32_t **place; /* [threads][B->n_column] of a column in the row at hand, from 1; 0: none */
  int32_t *start;  /* of the product */
  int32_t *column;
  double *value;
} Product;

static PetscErrorCode multiply_row(const Product *p, int32_t i, int32_t *place, Strip *s)
{
  size_t first = s->n;
  for (int32_t ka = p->A->start[i]; ka < p->A->start[i + 1]; ka++) {
    int32_t row = p->A->column[ka], begin = p->B->start[row], end = p->B->start[row + 1];
    double a = p->A->value[ka];
    PetscCall(mem_grow(s->n + (size_t)(end - begin), sizeof *s->column, &s->room_column, &s->column));
    PetscCall(mem_grow(s->n + (size_t)(end - begin), sizeof *s->value, &s->room_value, &s->value));
    for (int32_t kb = begin; kb < end; kb++) {
      int32_t c = p->B->column[kb];
      if (!place[c]) {
        s->column[s->n] = c, s->value[s->n++] = a * p->B->value[kb];
        place[c] = (int32_t)(s->n - first);
      } else {
        s->value[first + (size_t)place[c] - 1] += a * p->B->value[kb];
      }
    }
  }
  for (size_t k = first; k < s->n; k++) place[s->column[k]] = 0;
  p->start[i + 1] = (int32_t)(s->n - first);
  return 0;
}

static void multiply_strip(void *context, int piece, int thread)
{
  Product *p = context;
  Strip *s = &p->strip[piece];
  int32_t begin = piece * ROWS, end = begin + ROWS < p->A->n ? begin + ROWS : p->A->n;
  for (int32_t i = begin; i < end && !s->error; i++) s->error = multiply_row(p, i, p->place[thread], s);
}

static void copy_strip(void *context, int piece, int thread)
{
  Product *p = context;
  const Strip *s = &p->strip[piece];
  int32_t begin = p->start[piece * ROWS];
  (void)thread;
  if (s->n) memcpy(p->column + begin, s->column, s->n * sizeof *s->column);
  if (s->n) memcpy(p->value + begin, s->value, s->n * sizeof *s->value);
}

static PetscErrorCode multiply(Product *p, int n_strip, Team *team, Csr *out)
{
  int64_t n_entry = 0;
  int32_t *start;
  for (int t = 0; t < team_size(team); t++)
    PetscCall(mem_alloc((size_t)p->B->n_column, sizeof **p->place, &p->place[t]));
  team_run(team, n_strip, multiply_strip, p);
  for (int i = 0; i < n_strip; i++) PetscCall(p->strip[i].error);
  for (int i = 0; i < n_strip; i++) n_entry += (int64_t)p->strip[i].n;
  PetscCall(csr_alloc(p->A->n, p->B->n_column, n_entry, out, &start, &p->column, &p->value));
  for (int32_t i = 0; i < p->A->n; i++) start[i + 1] = start[i] + p->start[i + 1];
  memcpy(p->start, start, ((size_t)p->A->n + 1) * sizeof *start);
  team_run(team, n_strip, copy_strip, p);
  return 0;
}

PetscErrorCode csr_multiply(const Csr *A, const Csr *B, Team *team, Csr *out)
{
  Product p = {.A = A, .B = B};
  int n_strip = (A->n + ROWS - 1) / ROWS;
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = mem_alloc((size_t)n_strip, sizeof *p.strip, &p.strip);
  if (!ierr) ierr = mem_alloc((size_t)team_size(team), sizeof *p.place, &p.place);
  if (!ierr) ierr = mem_alloc((size_t)A->n + 1, sizeof *p.start, &p.start);
  if (!ierr) ierr = multiply(&p, n_strip, team, out);
  for (int t = 0; p.place && t < team_size(team); t++) free(p.place[t]);
  for (int i = 0; p.strip && i < n_strip; i++) free(p.strip[i].column), free(p.strip[i].value);
  free(p.place);
  free(p.strip);
  free(p.start);
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

enum { ROW_MAX = 512 }; /* longer rows take a slower way */

static void insertion_sort(int32_t n, int32_t *column, double *value)
{
  for (int32_t i = 1; i < n; i++) {
    int32_t c = column[i], k = i;
    double v = value[i];
    for (; k > 0 && column[k - 1] > c; k--) column[k] = column[k - 1], value[k] = value[k - 1];
    column[k] = c, value[k] = v;
  }
}

static void sort_strip(void *context, int piece, int thread)
{
  Csr *m = context;
  Entry row[ROW_MAX];
  int32_t begin = piece * ROWS, end = begin + ROWS < m->n ? begin + ROWS : m->n;
  (void)thread;
  for (int32_t i = begin; i < end; i++) {
    int32_t n = m->start[i + 1] - m->start[i], *column = (int32_t *)m->own[1] + m->start[i];
    double *value = (double *)m->own[2] + m->start[i];
    if (n > ROW_MAX) insertion_sort(n, column, value);
    if (n > ROW_MAX) continue;
    for (int32_t k = 0; k < n; k++) row[k] = (Entry){column[k], value[k]};
    qsort(row, (size_t)n, sizeof *row, by_column);
    for (int32_t k = 0; k < n; k++) column[k] = row[k].column, value[k] = row[k].value;
  }
}

void csr_sort(Csr *m, Team *team) { team_run(team, (m->n + ROWS - 1) / ROWS, sort_strip, m); }
