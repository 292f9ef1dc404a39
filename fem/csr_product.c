/* Transposes and products of sparse matrices. */
#include "csr.h"

#include <stdlib.h>

enum { ROWS = 1024 }; /* a strip */

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

typedef struct {
  const Csr *A, *B;
  bool sorted;
  int32_t **place; /* as csr_row_add() */
} Product;

static size_t row_room(const Product *p, int32_t i)
{
  size_t n = 0;
  for (int32_t k = p->A->start[i]; k < p->A->start[i + 1]; k++)
    n += (size_t)(p->B->start[p->A->column[k] + 1] - p->B->start[p->A->column[k]]);
  return n;
}

static int32_t multiply_row(const Product *p, int32_t i, int32_t *place, int32_t *column, double *value)
{
  const Csr *A = p->A, *B = p->B;
  int32_t n = 0;
  for (int32_t ka = A->start[i]; ka < A->start[i + 1]; ka++) {
    double a = A->value[ka];
    for (int32_t kb = B->start[A->column[ka]], end = B->start[A->column[ka] + 1]; kb < end; kb++)
      n = csr_row_add(B->column[kb], a * B->value[kb], n, place, column, value);
  }
  csr_row_end(n, column, place);
  return n;
}

static PetscErrorCode multiply_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Product *p = context;
  for (int32_t i = begin; i < end; i++) {
    PetscCall(csr_strip_room(s, row_room(p, i) + 1));
    int32_t n = length[i - begin] = multiply_row(p, i, p->place[thread], s->column + s->n, s->value + s->n);
    if (p->sorted) PetscCall(csr_sort_row((size_t)n, s->column + s->n, s->value + s->n));
    s->n += (size_t)n;
  }
  return 0;
}

PetscErrorCode csr_multiply(const Csr *A, const Csr *B, bool sorted, Team *team, Csr *out)
{
  Product p = {A, B, sorted, NULL};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = csr_places(B->n_column, team, &p.place);
  if (!ierr) ierr = csr_build(A->n, B->n_column, ROWS, multiply_rows, &p, team, out);
  csr_places_free(team, &p.place);
  return ierr;
}
