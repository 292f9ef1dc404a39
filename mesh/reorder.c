/* A mesh in the order of a curve that fills space: neighbours in space become neighbours in memory. */
#include "cauda/mesh.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const Mesh *m;
  NodeId *node; /* [n_node] in order */
  NodeId *of;   /* [n_node] new number of each */
  TetId *tet;   /* [n_tet] in order */
} Order;

static NodeId first_node(const Order *o, TetId t)
{
  NodeId first = o->of[o->m->tet[t][0]];
  for (int i = 1; i < 4; i++) first = o->of[o->m->tet[t][i]] < first ? o->of[o->m->tet[t][i]] : first;
  return first;
}

/* Those with the same first node stay as they were. */
static PetscErrorCode tets_order(Order *o)
{
  TetId *next;
  PetscCall(mem_alloc((size_t)o->m->n_node + 1, sizeof *next, &next));
  PetscErrorCode ierr = mem_alloc((size_t)o->m->n_tet, sizeof *o->tet, &o->tet);
  for (TetId t = 0; !ierr && t < o->m->n_tet; t++) next[first_node(o, t) + 1]++;
  for (NodeId n = 0; !ierr && n < o->m->n_node; n++) next[n + 1] += next[n];
  for (TetId t = 0; !ierr && t < o->m->n_tet; t++) o->tet[next[first_node(o, t)]++] = t;
  free(next);
  return ierr;
}

static PetscErrorCode order_find(Order *o)
{
  PetscCall(mesh_curve_order(o->m, &o->node));
  PetscCall(mem_alloc((size_t)o->m->n_node, sizeof *o->of, &o->of));
  for (NodeId n = 0; n < o->m->n_node; n++) o->of[o->node[n]] = n;
  return tets_order(o);
}

static PetscErrorCode rebuild(const Order *o, Mesh **out)
{
  const Mesh *m = o->m;
  PetscCall(mesh_create(m->n_node, m->n_tet, m->n_tri, m->n_region, m->n_group, out));
  Mesh *k = *out;
  memcpy(k->regions, m->regions, (size_t)m->n_region * sizeof *m->regions);
  memcpy(k->groups, m->groups, (size_t)m->n_group * sizeof *m->groups);
  if (m->n_tri) memcpy(k->group, m->group, (size_t)m->n_tri * sizeof *m->group);
  for (NodeId n = 0; n < m->n_node; n++)
    memcpy(k->xyz + 3 * (size_t)n, m->xyz + 3 * (size_t)o->node[n], 3 * sizeof *m->xyz);
  for (TetId t = 0; t < m->n_tet; t++) {
    for (int i = 0; i < 4; i++) k->tet[t][i] = o->of[m->tet[o->tet[t]][i]];
    k->region[t] = m->region[o->tet[t]];
  }
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; i < 3; i++) k->tri[t][i] = o->of[m->tri[t][i]];
  return 0;
}

PetscErrorCode mesh_reorder(Mesh **m)
{
  Order o = {.m = *m};
  Mesh *out = NULL;
  PetscErrorCode ierr = order_find(&o);
  if (!ierr) ierr = rebuild(&o, &out);
  free(o.node), free(o.of), free(o.tet);
  if (ierr) {
    mesh_destroy(&out);
    return ierr;
  }
  mesh_destroy(m);
  *m = out;
  return 0;
}
