/* Edges of a mesh, by their first node. */
#include "fem_impl.h"

#include <stdlib.h>

void mesh_edges_destroy(MeshEdges **e)
{
  if (!*e) return;
  free((*e)->start);
  free((*e)->end);
  free(*e);
  *e = NULL;
}

static int ascending(const void *a, const void *b)
{
  NodeId p = *(const NodeId *)a, q = *(const NodeId *)b;
  return (p > q) - (p < q);
}

static void edge_ends(const NodeId tet[4], int i, NodeId *low, NodeId *high)
{
  NodeId a = tet[ELEMENT_EDGE[i][0]], b = tet[ELEMENT_EDGE[i][1]];
  *low = a < b ? a : b;
  *high = a < b ? b : a;
}

/* Every tetrahedron's edges, as often as they occur: begin [n_node + 1], other [6 n_tet]. */
static void list_all(const Mesh *m, int64_t *begin, NodeId *other)
{
  NodeId a, b;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 6; i++) edge_ends(m->tet[t], i, &a, &b), begin[a]++;
  for (NodeId n = 1; n <= m->n_node; n++) begin[n] += begin[n - 1];
  for (TetId t = m->n_tet - 1; t >= 0; t--) /* begin goes back from each node's end to its beginning */
    for (int i = 0; i < 6; i++) edge_ends(m->tet[t], i, &a, &b), other[--begin[a]] = b;
}

/* Leaves one of each; the list shrinks in place. */
static PetscErrorCode keep_one(const Mesh *m, const int64_t *begin, NodeId *other, MeshEdges *e)
{
  int64_t n = 0;
  for (NodeId a = 0; a < m->n_node; a++) {
    int64_t first = n;
    qsort(other + begin[a], (size_t)(begin[a + 1] - begin[a]), sizeof *other, ascending);
    for (int64_t k = begin[a]; k < begin[a + 1]; k++)
      if (n == first || other[n - 1] != other[k]) other[n++] = other[k];
    PetscCheck(n <= INT32_MAX - m->n_node, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "the mesh has too many edges for elements of second order; use field.order 1, or a coarser mesh");
    e->start[a + 1] = (EdgeId)n;
  }
  e->n_edge = (EdgeId)n;
  return 0;
}

static PetscErrorCode fill(const Mesh *m, int64_t **begin, MeshEdges *e)
{
  e->n_node = m->n_node;
  PetscCall(mem_alloc((size_t)m->n_node + 1, sizeof **begin, begin));
  PetscCall(mem_alloc((size_t)m->n_node + 1, sizeof *e->start, &e->start));
  PetscCall(mem_alloc((size_t)m->n_tet * 6, sizeof *e->end, &e->end));
  list_all(m, *begin, e->end);
  PetscCall(keep_one(m, *begin, e->end, e));
  NodeId *shrunk = realloc(e->end, (size_t)(e->n_edge ? e->n_edge : 1) * sizeof *shrunk);
  if (shrunk) e->end = shrunk;
  return 0;
}

PetscErrorCode mesh_edges_create(const Mesh *m, MeshEdges **out)
{
  int64_t *begin = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(m, &begin, *out);
  free(begin);
  if (ierr) mesh_edges_destroy(out);
  return ierr;
}

EdgeId mesh_edge_find(const MeshEdges *e, NodeId a, NodeId b)
{
  NodeId low = a < b ? a : b, high = a < b ? b : a;
  EdgeId i = e->start[low], end = e->start[low + 1];
  while (end - i > 8) {
    EdgeId middle = i + (end - i) / 2;
    if (e->end[middle] <= high)
      i = middle;
    else
      end = middle;
  }
  for (; i < end; i++)
    if (e->end[i] == high) return i;
  return -1;
}
