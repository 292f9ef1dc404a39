/* Edges of a mesh, by their first node. */
#include "cauda/team.h"
#include "fem_impl.h"

#include <stdlib.h>
#include <string.h>

void mesh_edges_destroy(MeshEdges **e)
{
  if (!*e) return;
  free((*e)->start);
  free((*e)->end);
  free(*e);
  *e = NULL;
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

/* Some nodes' lists in threads: sorted, one of each, in place. */
enum { NODES = 4096, FEW = 64 };

typedef struct {
  const int64_t *begin; /* [n_node + 1] */
  NodeId *other;
  MeshEdges *edges; /* start[a + 1]: how many node a has */
} Lists;

static int ascending(const void *a, const void *b)
{
  NodeId p = *(const NodeId *)a, q = *(const NodeId *)b;
  return (p > q) - (p < q);
}

static void sort_nodes(NodeId *list, int64_t n)
{
  if (n > FEW) {
    qsort(list, (size_t)n, sizeof *list, ascending);
    return;
  }
  for (int64_t i = 1; i < n; i++) {
    NodeId moving = list[i];
    int64_t k = i;
    for (; k > 0 && list[k - 1] > moving; k--) list[k] = list[k - 1];
    list[k] = moving;
  }
}

static void keep_one(void *context, int piece, int thread)
{
  const Lists *l = context;
  NodeId first = piece * NODES, end = l->edges->n_node - first > NODES ? first + NODES : l->edges->n_node;
  (void)thread;
  for (NodeId a = first; a < end; a++) {
    NodeId *list = l->other + l->begin[a];
    int64_t n = l->begin[a + 1] - l->begin[a], kept = 0;
    sort_nodes(list, n);
    for (int64_t k = 0; k < n; k++)
      if (!kept || list[kept - 1] != list[k]) list[kept++] = list[k];
    l->edges->start[a + 1] = (EdgeId)kept;
  }
}

/* The lists, one after another. */
static PetscErrorCode close_up(const int64_t *begin, NodeId *other, MeshEdges *e)
{
  int64_t n = 0;
  for (NodeId a = 0; a < e->n_node; a++) {
    EdgeId kept = e->start[a + 1];
    PetscCheck(n + kept <= INT32_MAX - e->n_node, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "the mesh has too many edges for elements of second order; use field.order 1, or a coarser mesh");
    memmove(other + n, other + begin[a], (size_t)kept * sizeof *other);
    n += kept;
    e->start[a + 1] = (EdgeId)n;
  }
  e->n_edge = (EdgeId)n;
  return 0;
}

static PetscErrorCode fill(const Mesh *m, int64_t **begin, Team **team, MeshEdges *e)
{
  e->n_node = m->n_node;
  PetscCall(mem_alloc((size_t)m->n_node + 1, sizeof **begin, begin));
  PetscCall(mem_alloc((size_t)m->n_node + 1, sizeof *e->start, &e->start));
  PetscCall(mem_alloc((size_t)m->n_tet * 6, sizeof *e->end, &e->end));
  PetscCall(team_create(0, team));
  list_all(m, *begin, e->end);
  team_run(*team, (m->n_node + NODES - 1) / NODES, keep_one, &(Lists){*begin, e->end, e});
  PetscCall(close_up(*begin, e->end, e));
  NodeId *shrunk = realloc(e->end, (size_t)(e->n_edge ? e->n_edge : 1) * sizeof *shrunk);
  if (shrunk) e->end = shrunk;
  return 0;
}

PetscErrorCode mesh_edges_create(const Mesh *m, MeshEdges **out)
{
  int64_t *begin = NULL;
  Team *team = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(m, &begin, &team, *out);
  team_destroy(&team);
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
