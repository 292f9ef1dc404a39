/* Peeling the convex hull. */
#include "hull.h"

#include <stdlib.h>

static bool peels(const TetMesh *m, int t)
{
  int open = 0;
  if (t < 0 || !tet_alive(m, t)) return false;
  for (int k = 0; k < 4; k++) {
    if (m->on[m->tet[t][k]] != TISSUE_BODY) return false;
    open += m->adj[t][k] < 0;
  }
  return open > 0;
}

/* A point that hung together only through what was taken away has lost the way to the tetrahedra that it keeps. */
static void find_tetrahedra(TetMesh *m)
{
  for (int t = 0; t < m->n_tet; t++)
    for (int k = 0; k < 4 && tet_alive(m, t); k++)
      if (m->tet_of[m->tet[t][k]] < 0) m->tet_of[m->tet[t][k]] = t;
}

PetscErrorCode hull_peel(TetMesh *m)
{
  int *stack = NULL;
  PetscErrorCode ierr = 0;
  PetscCall(mem_alloc(4 * (size_t)m->n_tet + 1, sizeof *stack, &stack));
  for (int seed = 0; seed < m->n_tet && !ierr; seed++) {
    int top = 0;
    stack[top++] = seed;
    while (top && !ierr) {
      const int t = stack[--top];
      if (!peels(m, t)) continue;
      for (int k = 0; k < 4; k++)
        if (m->adj[t][k] >= 0) stack[top++] = m->adj[t][k];
      ierr = tet_mesh_remove(m, t);
    }
  }
  free(stack);
  if (!ierr) find_tetrahedra(m);
  return ierr;
}
