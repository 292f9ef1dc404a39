/* Which nodes an element has: those of the mesh first, then one in the middle of each edge. */
#include "fem_impl.h"

#include <stdlib.h>

void space_destroy(Space **s)
{
  if (!*s) return;
  mesh_edges_destroy(&(*s)->edges);
  free(*s);
  *s = NULL;
}

static PetscErrorCode fill(const Mesh *m, int order, Space *s)
{
  s->mesh = m;
  s->n_node = m->n_node;
  PetscCall(element_find(order, &s->element));
  if (order == 1) return 0;
  PetscCall(mesh_edges_create(m, &s->edges));
  s->n_node += s->edges->n_edge;
  return 0;
}

PetscErrorCode space_create(const Mesh *m, int order, Space **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(m, order, *out);
  if (ierr) space_destroy(out);
  return ierr;
}

void space_nodes(const Space *s, TetId t, NodeId node[ELEMENT_NODES_MAX])
{
  const NodeId *v = s->mesh->tet[t];
  for (int i = 0; i < 4; i++) node[i] = v[i];
  for (int e = 0; s->edges && e < 6; e++)
    node[4 + e] = s->mesh->n_node + mesh_edge_find(s->edges, v[ELEMENT_EDGE[e][0]], v[ELEMENT_EDGE[e][1]]);
}

void space_face_nodes(const Space *s, TriId t, NodeId node[FACE_NODES_MAX])
{
  const NodeId *v = s->mesh->tri[t];
  for (int i = 0; i < 3; i++) node[i] = v[i];
  for (int e = 0; s->edges && e < 3; e++)
    node[3 + e] = s->mesh->n_node + mesh_edge_find(s->edges, v[FACE_EDGE[e][0]], v[FACE_EDGE[e][1]]);
}
