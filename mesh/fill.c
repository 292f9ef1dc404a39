/* Filling the domain with tetrahedra, in a child process. */
#include "fill.h"

#include <stdlib.h>

#include "cauda/vec3.h"

typedef struct {
  const FillInput *in;
  int fd;
} Task;

static PetscErrorCode emit(void *context, int n_point, const double *xyz, int n_tet, const int *corner)
{
  const Task *t = context;
  const int size[2] = {n_point, n_tet};
  PetscCall(child_write_all(t->fd, size, sizeof size));
  PetscCall(child_write_all(t->fd, xyz, 3 * (size_t)n_point * sizeof *xyz));
  return child_write_all(t->fd, corner, 4 * (size_t)n_tet * sizeof *corner);
}

static PetscErrorCode work(void *context, int fd)
{
  Task *t = context;
  t->fd = fd;
  return tetgen_call(t->in, emit, t);
}

static PetscErrorCode receive(void *context, int fd)
{
  FillOutput *o = context;
  int size[2];
  PetscCall(child_read_all(fd, size, sizeof size));
  PetscCall(mem_alloc((size_t)size[0], 3 * sizeof *o->xyz, &o->xyz));
  PetscCall(mem_alloc((size_t)size[1], sizeof *o->tet, &o->tet));
  o->n_point = size[0], o->n_tet = size[1];
  PetscCall(child_read_all(fd, o->xyz, 3 * (size_t)size[0] * sizeof *o->xyz));
  return child_read_all(fd, o->tet, 4 * (size_t)size[1] * sizeof **o->tet);
}

/* TetGen's orientation is the opposite of v3_volume6's. */
static void orient(FillOutput *o)
{
  for (int t = 0; t < o->n_tet; t++) {
    int *v = o->tet[t];
    const double *x = o->xyz;
    if (v3_volume6(x + 3 * v[0], x + 3 * v[1], x + 3 * v[2], x + 3 * v[3]) >= 0.0) continue;
    const int swap = v[2];
    v[2] = v[3], v[3] = swap;
  }
}

PetscErrorCode fill_start(const FillInput *in, Child **out)
{
  Task task = {in, -1};
  return child_start("TetGen", work, &task, out);
}

PetscErrorCode fill_finish(Child **c, FillOutput *out)
{
  *out = (FillOutput){0};
  const PetscErrorCode ierr = child_finish(c, out, receive);
  if (ierr) {
    free(out->xyz);
    free(out->tet);
    *out = (FillOutput){0};
    return ierr;
  }
  orient(out);
  return 0;
}

PetscErrorCode fill_with_tetgen(const FillInput *in, FillOutput *out)
{
  Child *c;
  PetscCall(fill_start(in, &c));
  return fill_finish(&c, out);
}
