/* Transposes and products of sparse matrices. */
#include "csr.h"

#include <stdlib.h>

enum { ROWS = 1024, TURN_PARTS = 4, AHEAD = 24 }; /* a strip; parts of a matrix that is transposed; entries */

/* The rows of a matrix in a few parts, of each how many entries a column has, and then where they go. */
typedef struct {
  const Csr *m;
  int32_t *at; /* [TURN_PARTS][columns] */
  int32_t *column;
  double *value;
} Turn;

static int32_t part_begin(const Turn *t, int part) { return (int32_t)((int64_t)t->m->n * part / TURN_PARTS); }

static void turn_count(void *context, int part, int thread)
{
  Turn *t = context;
  int32_t *at = t->at + (size_t)part * (size_t)t->m->n_column;
  (void)thread;
  for (int32_t k = t->m->start[part_begin(t, part)]; k < t->m->start[part_begin(t, part + 1)]; k++)
    at[t->m->column[k]] += t->m->value[k] != 0.0;
}

static void turn_put(void *context, int part, int thread)
{
  Turn *t = context;
  int32_t *at = t->at + (size_t)part * (size_t)t->m->n_column;
  (void)thread;
  for (int32_t i = part_begin(t, part); i < part_begin(t, part + 1); i++)
    for (int32_t k = t->m->start[i]; k < t->m->start[i + 1]; k++) {
      if (t->m->value[k] == 0.0) continue;
      int32_t place = at[t->m->column[k]]++;
      t->column[place] = i, t->value[place] = t->m->value[k];
    }
}

static void turn(Turn *t, int32_t *start, Team *team)
{
  int32_t sum = 0;
  team_run(team, TURN_PARTS, turn_count, t);
  for (int32_t c = 0; c < t->m->n_column; c++) {
    for (int part = 0; part < TURN_PARTS; part++) {
      int32_t *at = &t->at[(size_t)part * (size_t)t->m->n_column + (size_t)c], count = *at;
      *at = sum, sum += count;
    }
    start[c + 1] = sum;
  }
  team_run(team, TURN_PARTS, turn_put, t);
}

PetscErrorCode csr_transpose(const Csr *m, Team *team, Csr *out)
{
  Turn t = {.m = m};
  int32_t *start;
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = mem_alloc((size_t)m->n_column * TURN_PARTS, sizeof *t.at, &t.at);
  if (!ierr) ierr = csr_alloc(m->n_column, m->n, m->start[m->n], out, &start, &t.column, &t.value);
  if (!ierr) turn(&t, start, team);
  free(t.at);
  return ierr;
}

typedef struct {
  const Csr *A, *B;
  bool sorted;
  size_t longest; /* row of B */
  CsrSlot **slot; /* as csr_row_add() */
} Product;

/* The row of B that entry k of A, some ahead, will need: rows lie at random places. */
static inline void ask_row(const Product *p, int32_t k, int32_t last)
{
  int32_t row = p->B->start[p->A->column[k < last ? k : last]];
  __builtin_prefetch(p->B->column + row);
  __builtin_prefetch(p->B->value + row);
  __builtin_prefetch(p->B->value + row + 8);
}

static int32_t multiply_row(const Product *p, int32_t i, CsrSlot *slot, int32_t *column, double *value)
{
  const Csr *A = p->A, *B = p->B;
  int32_t n = 0, last = A->start[A->n] - 1;
  for (int32_t ka = A->start[i]; ka < A->start[i + 1]; ka++) {
    double a = A->value[ka];
    ask_row(p, ka + AHEAD, last);
    for (int32_t kb = B->start[A->column[ka]], end = B->start[A->column[ka] + 1]; kb < end; kb++)
      n = csr_row_add(B->column[kb], a * B->value[kb], n, slot, column);
  }
  csr_row_end(n, column, slot, value);
  return n;
}

static PetscErrorCode multiply_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Product *p = context;
  for (int32_t i = begin; i < end; i++) {
    PetscCall(csr_strip_room(s, (size_t)(p->A->start[i + 1] - p->A->start[i]) * p->longest + 1));
    int32_t n = length[i - begin] = multiply_row(p, i, p->slot[thread], s->column + s->n, s->value + s->n);
    if (p->sorted) PetscCall(csr_sort_row((size_t)n, s->column + s->n, s->value + s->n));
    s->n += (size_t)n;
  }
  return 0;
}

PetscErrorCode csr_multiply(const Csr *A, const Csr *B, bool sorted, Team *team, Csr *out)
{
  Product p = {A, B, sorted, 0, NULL};
  *out = (Csr){.n = 0};
  for (int32_t i = 0; i < B->n; i++)
    if ((size_t)(B->start[i + 1] - B->start[i]) > p.longest) p.longest = (size_t)(B->start[i + 1] - B->start[i]);
  PetscErrorCode ierr = csr_slots(B->n_column, team, &p.slot);
  if (!ierr) ierr = csr_build(A->n, B->n_column, ROWS, multiply_rows, &p, team, out);
  csr_slots_free(team, &p.slot);
  return ierr;
}
