/* Right-hand sides of sources, by the rows that have something: those of contacts and of the return. */
#include "block_cg.h"

#include <stdlib.h>

void block_loads_free(BlockLoads *l)
{
  free(l->row);
  free(l->own);
  *l = (BlockLoads){.n = 0};
}

static void rows_mark(const Functionals *f, int which, int32_t *place)
{
  for (int k = f->start[which]; k < f->start[which + 1]; k++) place[f->unknown[k]] = 1;
}

static void row_add(const Functionals *f, int which, double times, const int32_t *place, int lanes, int lane, double *B)
{
  for (int k = f->start[which]; k < f->start[which + 1]; k++)
    B[place[f->unknown[k]] * lanes + lane] += times * f->value[k];
}

static void mark(const BlockProblem *p, int32_t *place)
{
  for (int i = 0; i < p->n; i++)
    if (p->source[i].in >= 0)
      rows_mark(p->functionals, p->source[i].in, place);
    else if (p->source[i].unknown >= 0)
      place[p->source[i].unknown] = 1;
  rows_mark(p->functionals, p->functionals->n - 1, place);
}

static void add(const BlockProblem *p, const int32_t *place, int lanes, double *B)
{
  for (int i = 0; i < p->n; i++) {
    const Source *source = &p->source[i];
    if (source->in >= 0)
      row_add(p->functionals, source->in, 1.0, place, lanes, i, B);
    else if (source->unknown >= 0)
      B[place[source->unknown] * lanes + i] += 1.0;
    row_add(p->functionals, p->functionals->n - 1, -1.0, place, lanes, i, B);
  }
}

/* place [n]: 1 where a row has something, then its number among those. */
static PetscErrorCode fill(const BlockProblem *p, int32_t n, int lanes, int32_t *place, BlockLoads *out)
{
  mark(p, place);
  for (int32_t i = 0; i < n; i++) out->n += place[i];
  PetscCall(mem_alloc((size_t)out->n + 1, sizeof *out->row, &out->row));
  PetscCall(block_vector(out->n, lanes, sizeof *out->own, &out->own));
  for (int32_t i = 0, k = 0; i < n; i++)
    if (place[i]) out->row[k] = i, place[i] = k++;
  add(p, place, lanes, out->own);
  out->value = out->own;
  return 0;
}

PetscErrorCode block_loads_create(const BlockProblem *p, int32_t n, int lanes, BlockLoads *out)
{
  int32_t *place;
  *out = (BlockLoads){.value = p->load};
  if (p->load) return 0;
  PetscCall(mem_alloc((size_t)n, sizeof *place, &place));
  PetscErrorCode ierr = fill(p, n, lanes, place, out);
  if (ierr) block_loads_free(out);
  free(place);
  return ierr;
}
