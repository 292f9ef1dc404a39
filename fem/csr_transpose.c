/* Transposes of sparse matrices. */
#include "csr.h"

#include <stdlib.h>

enum { TURN_PARTS = 4 }; /* of a matrix that is transposed */

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
