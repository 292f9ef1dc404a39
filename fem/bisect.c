/* Refinement by bisection. Parts are kept in growing lists, and each node knows the tetrahedra and faces at it. */
#include "bisect.h"

#include "cauda/vec3.h"

#include <stdlib.h>
#include <string.h>

/* Lists of things at nodes: chains through one pool. */
typedef struct {
  int32_t *head;    /* [n_node] first link, or -1 */
  int32_t *next;    /* [n_link] */
  int32_t *item;    /* [n_link] */
  size_t n_link, room_next, room_item, room_head;
} Lists;

typedef struct {
  NodeId a, b; /* a < b */
  double length2;
} Edge;

/* A step on a path: a tetrahedron and its longest edge, which is to be halved. */
typedef struct {
  TetId tet;
  Edge edge;
} Step;

typedef struct {
  NodeId n_node;
  TetId n_tet;
  TriId n_tri;
  double *xyz;
  NodeId (*tet)[4];
  int16_t *region;
  TetId *first;
  NodeId (*tri)[3];
  int16_t *group;
  size_t room_xyz, room_tet, room_region, room_first, room_tri, room_group;
  Lists tets, tris;
  Step *path;
  size_t n_path, room_path;
} Pieces;

static PetscErrorCode list_node(Lists *l, NodeId n)
{
  PetscCall(mem_grow((size_t)n + 1, sizeof *l->head, &l->room_head, &l->head));
  l->head[n] = -1;
  return 0;
}

static PetscErrorCode list_add(Lists *l, NodeId n, int32_t item)
{
  PetscCheck(l->n_link < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "too many tetrahedra");
  PetscCall(mem_grow(l->n_link + 1, sizeof *l->next, &l->room_next, &l->next));
  PetscCall(mem_grow(l->n_link + 1, sizeof *l->item, &l->room_item, &l->item));
  l->item[l->n_link] = item;
  l->next[l->n_link] = l->head[n];
  l->head[n] = (int32_t)l->n_link++;
  return 0;
}

static void list_replace(Lists *l, NodeId n, int32_t item, int32_t by)
{
  for (int32_t k = l->head[n]; k >= 0; k = l->next[k])
    if (l->item[k] == item) {
      l->item[k] = by;
      return;
    }
}

static void lists_free(Lists *l) { free(l->head), free(l->next), free(l->item); }

static void pieces_free(Pieces *p)
{
  lists_free(&p->tets), lists_free(&p->tris);
  free(p->xyz), free(p->tet), free(p->region), free(p->first), free(p->tri), free(p->group), free(p->path);
}

static PetscErrorCode tet_add(Pieces *p, const NodeId v[4], int16_t region, TetId first)
{
  size_t n = (size_t)p->n_tet;
  PetscCheck(p->n_tet < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "too many tetrahedra");
  PetscCall(mem_grow(n + 1, sizeof *p->tet, &p->room_tet, &p->tet));
  PetscCall(mem_grow(n + 1, sizeof *p->region, &p->room_region, &p->region));
  PetscCall(mem_grow(n + 1, sizeof *p->first, &p->room_first, &p->first));
  memcpy(p->tet[n], v, sizeof p->tet[n]);
  p->region[n] = region, p->first[n] = first;
  p->n_tet++;
  return 0;
}

static PetscErrorCode tri_add(Pieces *p, const NodeId v[3], int16_t group)
{
  size_t n = (size_t)p->n_tri;
  PetscCall(mem_grow(n + 1, sizeof *p->tri, &p->room_tri, &p->tri));
  PetscCall(mem_grow(n + 1, sizeof *p->group, &p->room_group, &p->group));
  memcpy(p->tri[n], v, sizeof p->tri[n]);
  p->group[n] = group;
  p->n_tri++;
  return 0;
}

static PetscErrorCode node_add(Pieces *p, const double x[3], NodeId *n)
{
  *n = p->n_node;
  PetscCall(mem_grow(3 * ((size_t)p->n_node + 1), sizeof *p->xyz, &p->room_xyz, &p->xyz));
  v3_copy(x, p->xyz + 3 * (size_t)p->n_node);
  PetscCall(list_node(&p->tets, p->n_node));
  PetscCall(list_node(&p->tris, p->n_node));
  p->n_node++;
  return 0;
}

static PetscErrorCode pieces_begin(const Mesh *m, Pieces *p)
{
  NodeId node;
  for (NodeId n = 0; n < m->n_node; n++) PetscCall(node_add(p, m->xyz + 3 * (size_t)n, &node));
  for (TetId t = 0; t < m->n_tet; t++) {
    PetscCall(tet_add(p, m->tet[t], m->region[t], t));
    for (int i = 0; i < 4; i++) PetscCall(list_add(&p->tets, m->tet[t][i], t));
  }
  for (TriId t = 0; t < m->n_tri; t++) {
    PetscCall(tri_add(p, m->tri[t], m->group[t]));
    for (int i = 0; i < 3; i++) PetscCall(list_add(&p->tris, m->tri[t][i], t));
  }
  return 0;
}

/* ---- longest edges ----------------------------------------------------------------------------------------------- */

/* Longer first; of edges of one length that with the smaller nodes. */
static bool edge_before(const Edge *p, const Edge *q)
{
  if (p->length2 != q->length2) return p->length2 > q->length2;
  return p->a != q->a ? p->a < q->a : p->b < q->b;
}

static Edge longest_edge(const Pieces *p, TetId t)
{
  Edge best = {-1, -1, -1.0};
  for (int i = 0; i < 4; i++)
    for (int j = i + 1; j < 4; j++) {
      NodeId u = p->tet[t][i], v = p->tet[t][j];
      Edge e = {u < v ? u : v, u < v ? v : u, 0.0};
      e.length2 = v3_distance2(p->xyz + 3 * (size_t)e.a, p->xyz + 3 * (size_t)e.b);
      if (best.a < 0 || edge_before(&e, &best)) best = e;
    }
  return best;
}

static bool has_node(const NodeId *v, int n, NodeId node)
{
  for (int i = 0; i < n; i++)
    if (v[i] == node) return true;
  return false;
}

/* ---- division ---------------------------------------------------------------------------------------------------- */

static void exchange(NodeId *v, int n, NodeId old, NodeId by)
{
  for (int i = 0; i < n; i++)
    if (v[i] == old) v[i] = by;
}

/* The part at a keeps the number; that at b gets a new one. */
static PetscErrorCode tet_divide(Pieces *p, TetId t, const Edge *e, NodeId middle)
{
  NodeId v[4];
  TetId other = p->n_tet;
  memcpy(v, p->tet[t], sizeof v);
  exchange(v, 4, e->a, middle);
  PetscCall(tet_add(p, v, p->region[t], p->first[t]));
  exchange(p->tet[t], 4, e->b, middle);
  list_replace(&p->tets, e->b, t, other);
  for (int i = 0; i < 4; i++)
    if (v[i] != e->b) PetscCall(list_add(&p->tets, v[i], other));
  return list_add(&p->tets, middle, t);
}

static PetscErrorCode tri_divide(Pieces *p, TriId t, const Edge *e, NodeId middle)
{
  NodeId v[3];
  TriId other = p->n_tri;
  memcpy(v, p->tri[t], sizeof v);
  exchange(v, 3, e->a, middle);
  PetscCall(tri_add(p, v, p->group[t]));
  exchange(p->tri[t], 3, e->b, middle);
  list_replace(&p->tris, e->b, t, other);
  for (int i = 0; i < 3; i++)
    if (v[i] != e->b) PetscCall(list_add(&p->tris, v[i], other));
  return list_add(&p->tris, middle, t);
}

/* Halves an edge in everything around it. What is at a and holds b goes on holding neither after its division, and
 * divisions add links before the head of a's list only for other nodes, so the walk is safe. */
static PetscErrorCode edge_divide(Pieces *p, const Edge *e)
{
  double x[3];
  NodeId middle;
  for (int k = 0; k < 3; k++) x[k] = 0.5 * (p->xyz[3 * (size_t)e->a + k] + p->xyz[3 * (size_t)e->b + k]);
  PetscCall(node_add(p, x, &middle));
  for (int32_t k = p->tets.head[e->a]; k >= 0; k = p->tets.next[k])
    if (has_node(p->tet[p->tets.item[k]], 4, e->b)) PetscCall(tet_divide(p, p->tets.item[k], e, middle));
  for (int32_t k = p->tris.head[e->a]; k >= 0; k = p->tris.next[k])
    if (has_node(p->tri[p->tris.item[k]], 3, e->b)) PetscCall(tri_divide(p, p->tris.item[k], e, middle));
  return 0;
}

/* A tetrahedron around the edge that has a longer one, or -1. */
static TetId longer_beside(const Pieces *p, const Edge *e)
{
  for (int32_t k = p->tets.head[e->a]; k >= 0; k = p->tets.next[k]) {
    TetId t = p->tets.item[k];
    if (!has_node(p->tet[t], 4, e->b)) continue;
    Edge own = longest_edge(p, t);
    if (own.a != e->a || own.b != e->b) return t;
  }
  return -1;
}

static PetscErrorCode path_push(Pieces *p, TetId t)
{
  PetscCall(mem_grow(p->n_path + 1, sizeof *p->path, &p->room_path, &p->path));
  p->path[p->n_path++] = (Step){t, longest_edge(p, t)};
  return 0;
}

/* Halves the longest edge of t, after the longer ones of those around it. */
static PetscErrorCode divide(Pieces *p, TetId t)
{
  p->n_path = 0;
  PetscCall(path_push(p, t));
  while (p->n_path) {
    Step *s = &p->path[p->n_path - 1];
    TetId beside;
    if (!has_node(p->tet[s->tet], 4, s->edge.a) || !has_node(p->tet[s->tet], 4, s->edge.b)) {
      p->n_path--; /* it is halved already */
    } else if ((beside = longer_beside(p, &s->edge)) >= 0) {
      PetscCall(path_push(p, beside));
    } else {
      PetscCall(edge_divide(p, &s->edge));
    }
  }
  return 0;
}

static PetscErrorCode divide_all(Pieces *p, BisectWish wish, const void *context)
{
  for (TetId t = 0; t < p->n_tet; t++)
    for (;;) {
      const double *x[4];
      for (int i = 0; i < 4; i++) x[i] = p->xyz + 3 * (size_t)p->tet[t][i];
      if (!wish(context, x, p->first[t])) break;
      PetscCall(divide(p, t));
    }
  return 0;
}

static PetscErrorCode pieces_end(const Mesh *m, const Pieces *p, Mesh **out)
{
  PetscCall(mesh_create(p->n_node, p->n_tet, p->n_tri, m->n_region, m->n_group, out));
  Mesh *k = *out;
  memcpy(k->regions, m->regions, (size_t)m->n_region * sizeof *m->regions);
  memcpy(k->groups, m->groups, (size_t)m->n_group * sizeof *m->groups);
  memcpy(k->xyz, p->xyz, (size_t)p->n_node * 3 * sizeof *k->xyz);
  memcpy(k->tet, p->tet, (size_t)p->n_tet * sizeof *k->tet);
  memcpy(k->region, p->region, (size_t)p->n_tet * sizeof *k->region);
  if (p->n_tri) memcpy(k->tri, p->tri, (size_t)p->n_tri * sizeof *k->tri);
  if (p->n_tri) memcpy(k->group, p->group, (size_t)p->n_tri * sizeof *k->group);
  return 0;
}

PetscErrorCode mesh_bisect(const Mesh *m, BisectWish wish, const void *context, TetId **first_of, Mesh **out)
{
  Pieces p = {.n_node = 0};
  *out = NULL;
  PetscErrorCode ierr = pieces_begin(m, &p);
  if (!ierr) ierr = divide_all(&p, wish, context);
  if (!ierr) ierr = pieces_end(m, &p, out);
  if (!ierr && first_of) {
    *first_of = p.first;
    p.first = NULL;
  }
  pieces_free(&p);
  return ierr;
}
