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
  int32_t **place; /* [threads][B->n_column] of a column in the row at hand, from 1; 0: none */
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
    for (int32_t kb = B->start[A->column[ka]]; kb < B->start[A->column[ka] + 1]; kb++) {
      int32_t c = B->column[kb];
      if (!place[c]) column[n] = c, value[n] = 0.0, place[c] = ++n;
      value[place[c] - 1] += a * B->value[kb];
    }
  }
  for (int32_t k = 0; k < n; k++) place[column[k]] = 0;
  return n;
}

static PetscErrorCode multiply_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Product *p = context;
  for (int32_t i = begin; i < end; i++) {
    PetscCall(csr_strip_room(s, row_room(p, i)));
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
  PetscErrorCode ierr = mem_alloc((size_t)team_size(team), sizeof *p.place, &p.place);
  for (int t = 0; !ierr && t < team_size(team); t++)
    ierr = mem_alloc((size_t)B->n_column, sizeof **p.place, &p.place[t]);
  if (!ierr) ierr = csr_build(A->n, B->n_column, ROWS, multiply_rows, &p, team, out);
  for (int t = 0; p.place && t < team_size(team); t++) free(p.place[t]);
  free(p.place);
  return ierr;
}
