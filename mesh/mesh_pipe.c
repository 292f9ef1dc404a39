/* A mesh from one process to another: its counts, then its arrays. */
#include "mesh_pipe.h"
#include "child.h"

enum { N_ARRAY = 7 };

typedef struct {
  void *at;
  size_t bytes;
} Array;

static void arrays_of(const Mesh *m, Array a[N_ARRAY])
{
  size_t node = (size_t)m->n_node, tet = (size_t)m->n_tet, tri = (size_t)m->n_tri;
  a[0] = (Array){m->xyz, node * 3 * sizeof *m->xyz};
  a[1] = (Array){m->tet, tet * sizeof *m->tet};
  a[2] = (Array){m->region, tet * sizeof *m->region};
  a[3] = (Array){m->tri, tri * sizeof *m->tri};
  a[4] = (Array){m->group, tri * sizeof *m->group};
  a[5] = (Array){m->regions, (size_t)m->n_region * sizeof *m->regions};
  a[6] = (Array){m->groups, (size_t)m->n_group * sizeof *m->groups};
}

PetscErrorCode mesh_send(const Mesh *m, int fd)
{
  Array a[N_ARRAY];
  const int counts[5] = {m->n_node, m->n_tet, m->n_tri, m->n_region, m->n_group};
  arrays_of(m, a);
  PetscCall(child_write_all(fd, counts, sizeof counts));
  for (int i = 0; i < N_ARRAY; i++) PetscCall(child_write_all(fd, a[i].at, a[i].bytes));
  return 0;
}

static PetscErrorCode read_arrays(int fd, Mesh *m)
{
  Array a[N_ARRAY];
  arrays_of(m, a);
  for (int i = 0; i < N_ARRAY; i++) PetscCall(child_read_all(fd, a[i].at, a[i].bytes));
  return 0;
}

PetscErrorCode mesh_receive(int fd, Mesh **out)
{
  int counts[5];
  Mesh *m;
  *out = NULL;
  PetscCall(child_read_all(fd, counts, sizeof counts));
  PetscCall(mesh_create(counts[0], counts[1], counts[2], counts[3], counts[4], &m));
  PetscErrorCode code = read_arrays(fd, m);
  if (code) mesh_destroy(&m);
  PetscCall(code);
  *out = m;
  return 0;
}
