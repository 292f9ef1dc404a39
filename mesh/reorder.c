/* Nodes and tetrahedra of a mesh from elsewhere, in breadth-first order from the contacts: neighbours in space become
 * neighbours in memory. */
#include "cauda/mesh.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const Mesh *m;
  TetId (*adj)[4];
  TetId *queue; /* [n_tet] */
  bool *seen;   /* [n_tet] */
  NodeId *of;   /* [n_node] new number of each node, -1 for none yet */
  TetId n_queue;
  NodeId n_node;
} Walk;

static void take(Walk *w, TetId t)
{
  if (w->seen[t]) return;
  w->seen[t] = true;
  w->queue[w->n_queue++] = t;
  for (int i = 0; i < 4; i++)
    if (w->of[w->m->tet[t][i]] < 0) w->of[w->m->tet[t][i]] = w->n_node++;
}

/* Tetrahedra with a node on a contact first; then every part of the mesh that was not reached. */
static PetscErrorCode walk(Walk *w)
{
  const Mesh *m = w->m;
  bool *on_contact;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *on_contact, &on_contact));
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; m->groups[m->group[t]].kind == GROUP_CONTACT && i < 3; i++) on_contact[m->tri[t][i]] = true;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 4; i++)
      if (on_contact[m->tet[t][i]]) take(w, t);
  free(on_contact);
  TetId next = 0;
  for (TetId start = 0; start < m->n_tet; start++) {
    take(w, start);
    for (; next < w->n_queue; next++)
      for (int f = 0; f < 4; f++)
        if (w->adj[w->queue[next]][f] >= 0) take(w, w->adj[w->queue[next]][f]);
  }
  return 0;
}

static PetscErrorCode rebuild(const Walk *w, Mesh **out)
{
  const Mesh *m = w->m;
  PetscCall(mesh_create(m->n_node, m->n_tet, m->n_tri, m->n_region, m->n_group, out));
  Mesh *k = *out;
  memcpy(k->regions, m->regions, (size_t)m->n_region * sizeof *m->regions);
  memcpy(k->groups, m->groups, (size_t)m->n_group * sizeof *m->groups);
  if (m->n_tri) memcpy(k->group, m->group, (size_t)m->n_tri * sizeof *m->group);
  for (NodeId n = 0; n < m->n_node; n++)
    memcpy(k->xyz + 3 * (size_t)w->of[n], m->xyz + 3 * (size_t)n, 3 * sizeof *m->xyz);
  for (TetId t = 0; t < m->n_tet; t++) {
    for (int i = 0; i < 4; i++) k->tet[t][i] = w->of[m->tet[w->queue[t]][i]];
    k->region[t] = m->region[w->queue[t]];
  }
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; i < 3; i++) k->tri[t][i] = w->of[m->tri[t][i]];
  return 0;
}

PetscErrorCode mesh_reorder(Mesh **m)
{
  Walk w = {.m = *m};
  Mesh *out = NULL;
  PetscErrorCode ierr = mesh_neighbours(*m, &w.adj);
  if (!ierr) ierr = mem_alloc((size_t)(*m)->n_tet, sizeof *w.queue, &w.queue);
  if (!ierr) ierr = mem_alloc((size_t)(*m)->n_tet, sizeof *w.seen, &w.seen);
  if (!ierr) ierr = mem_alloc((size_t)(*m)->n_node, sizeof *w.of, &w.of);
  for (NodeId n = 0; !ierr && n < (*m)->n_node; n++) w.of[n] = -1;
  if (!ierr) ierr = walk(&w);
  if (!ierr) ierr = rebuild(&w, &out);
  free(w.adj), free(w.queue), free(w.seen), free(w.of);
  if (ierr) {
    mesh_destroy(&out);
    return ierr;
  }
  mesh_destroy(m);
  *m = out;
  return 0;
}
