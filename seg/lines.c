/* Lines of arrays along an axis, bundle by bundle. */
#include "lines.h"

#include <stdlib.h>

#include "cauda/team.h"

/* Bundles that one thread takes at a time. */
enum { BUNDLES = 32 };

static size_t stride_of(const int n[3], int axis)
{
  return axis == 0 ? 1 : axis == 1 ? (size_t)n[0] : (size_t)n[0] * (size_t)n[1];
}

/* Start of line `i` of all that run along `axis`. */
static size_t line_start(const int n[3], int axis, size_t i)
{
  if (axis == 0) return i * (size_t)n[0];
  if (axis == 2) return i;
  return i / (size_t)n[0] * (size_t)n[0] * (size_t)n[1] + i % (size_t)n[0];
}

size_t lines_count(const int n[3], int axis) { return (size_t)n[(axis + 1) % 3] * (size_t)n[(axis + 2) % 3]; }

static void starts(const int n[3], int axis, size_t first, size_t start[LINES_BUNDLE])
{
  const size_t count = lines_count(n, axis);
  for (size_t l = 0; l < LINES_BUNDLE; l++) start[l] = line_start(n, axis, first + l < count ? first + l : count - 1);
}

void lines_load(const float *d, const int n[3], int axis, size_t first, LineValues *v)
{
  const size_t stride = stride_of(n, axis);
  size_t start[LINES_BUNDLE];
  starts(n, axis, first, start);
  for (int k = 0; k < n[axis]; k++)
    for (int l = 0; l < LINES_BUNDLE; l++) v[k][l] = (double)d[start[l] + (size_t)k * stride];
}

void lines_store(const LineValues *v, const int n[3], int axis, size_t first, float *d)
{
  const size_t stride = stride_of(n, axis), left = lines_count(n, axis) - first;
  const int count = left < LINES_BUNDLE ? (int)left : LINES_BUNDLE;
  size_t start[LINES_BUNDLE];
  starts(n, axis, first, start);
  for (int k = 0; k < n[axis]; k++)
    for (int l = 0; l < count; l++) d[start[l] + (size_t)k * stride] = (float)v[k][l];
}

typedef struct {
  const float *from;
  const int *n, *m;
  int axis;
  LineWork work;
  const void *context;
  float *to;
} Each;

static PetscErrorCode some_lines(void *context, int piece)
{
  const Each *e = context;
  const size_t count = lines_count(e->n, e->axis), begin = (size_t)piece * BUNDLES * LINES_BUNDLE;
  LineValues *from = NULL, *v = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)e->n[e->axis], sizeof *from, &from);
  if (!ierr) ierr = mem_alloc((size_t)e->m[e->axis], sizeof *v, &v);
  for (size_t b = 0; !ierr && b < BUNDLES && begin + b * LINES_BUNDLE < count; b++) {
    const size_t first = begin + b * LINES_BUNDLE;
    lines_load(e->from, e->n, e->axis, first, from);
    e->work(e->context, (const LineValues *)from, v);
    lines_store((const LineValues *)v, e->m, e->axis, first, e->to);
  }
  free(from), free(v);
  return ierr;
}

PetscErrorCode lines_each(const float *from, const int n[3], const int m[3], int axis, int n_thread, LineWork work,
                          const void *context, float *to)
{
  Each e = {from, n, m, axis, work, context, to};
  const size_t most = (size_t)BUNDLES * LINES_BUNDLE;
  return parallel_run(NULL, (int)((lines_count(n, axis) + most - 1) / most), n_thread, some_lines, &e);
}
