/* The finished mesh: ordered, named, in the world frame. */
#include "finish.h"

#include <stdlib.h>
#include <string.h>

#include "lead_pose.h"

typedef struct {
  const TetMesh *m;
  int *node_of;  /* [n_point] new number, or -1 */
  int *point_of; /* [n_node] */
  int n_node;
  int *tet_order; /* [n_tet alive] slots, in order */
  int n_tet;
} Order;

/* ---- order: heaps of tetrahedra that lie together -------------------------------------------------------------- */

/* About 2,000 nodes: with the field of 16 contacts they fit into the cache next to a core. A plain breadth-first order has
 * fronts of many more. */
enum { HEAP_TETS = 12000 };

/* Tetrahedra that a heap has met and left, for later ones to begin at; the oldest first. */
typedef struct {
  int *tet;
  size_t n, first, room;
} Waiting;

/* Takes tetrahedron t, and numbers those of its nodes that have no number. */
static void take(Order *o, bool *taken, int t)
{
  taken[t] = true, o->tet_order[o->n_tet++] = t;
  for (int k = 0; k < 4; k++) {
    const int p = o->m->tet[t][k];
    if (o->node_of[p] < 0) o->point_of[o->n_node] = p, o->node_of[p] = o->n_node++;
  }
}

/* A heap from `seed` on, breadth first; what it has met but not taken waits. */
static PetscErrorCode heap_grow(Order *o, bool *taken, int seed, Waiting *w)
{
  const int begin = o->n_tet;
  take(o, taken, seed);
  for (int at = begin; at < o->n_tet; at++) {
    const int t = o->tet_order[at];
    for (int k = 0; k < 4; k++) {
      const int u = o->m->adj[t][k];
      if (u < 0 || taken[u]) continue;
      if (o->n_tet - begin < HEAP_TETS) {
        take(o, taken, u);
        continue;
      }
      PetscCall(mem_grow(w->n + 1, sizeof *w->tet, &w->room, &w->tet));
      w->tet[w->n++] = u;
    }
  }
  return 0;
}

static PetscErrorCode heaps_grow(Order *o, bool *taken, Waiting *w)
{
  for (int seed = 0; seed < o->m->n_tet; seed++) {
    if (!tet_alive(o->m, seed) || taken[seed]) continue;
    PetscCall(heap_grow(o, taken, seed, w));
    for (; w->first < w->n; w->first++)
      if (!taken[w->tet[w->first]]) PetscCall(heap_grow(o, taken, w->tet[w->first], w));
  }
  return 0;
}

static PetscErrorCode order_in_heaps(const TetMesh *m, Order *o)
{
  bool *taken = NULL;
  Waiting w = {0};
  o->m = m;
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *o->node_of, &o->node_of));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *o->point_of, &o->point_of));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *o->tet_order, &o->tet_order));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *taken, &taken));
  memset(o->node_of, 0xff, (size_t)m->n_point * sizeof *o->node_of);
  const PetscErrorCode ierr = heaps_grow(o, taken, &w);
  free(taken);
  free(w.tet);
  return ierr;
}

/* ---- filling the Mesh --------------------------------------------------------------------------------------------- */

static int count_boundary(const Order *o)
{
  int n = 0;
  for (int i = 0; i < o->n_tet; i++)
    for (int f = 0; f < 4; f++) n += o->m->adj[o->tet_order[i]][f] < 0;
  return n;
}

/* which anatomy regions occur, and their numbers in the mesh: tissues from outside inward, then roots */
static int name_regions(const Order *o, const Scene *s, int16_t *number)
{
  const int n_all = TISSUE_ROOT + s->anatomy->n_root;
  int n = 0;
  for (int r = 0; r < n_all; r++) number[r] = -1;
  for (int i = 0; i < o->n_tet; i++) number[o->m->region[o->tet_order[i]]] = 0;
  for (int r = 0; r < n_all; r++)
    if (number[r] == 0) number[r] = (int16_t)n++;
  return n;
}

static void fill_names(const Scene *s, const int16_t *number, Mesh *m)
{
  for (int r = 0; r < TISSUE_ROOT + s->anatomy->n_root; r++) {
    if (number[r] < 0) continue;
    MeshRegion *g = &m->regions[number[r]];
    anatomy_region_name(s->anatomy, r, g->name);
    g->tissue = r < TISSUE_ROOT ? (Tissue)r : TISSUE_ROOT;
  }
  int g = 0;
  for (int i = 0; s->model && i < s->model->n_contacts; i++, g++) {
    snprintf(m->groups[g].name, CAUDA_NAME_MAX, "%s", s->model->contacts[i].name);
    m->groups[g].kind = GROUP_CONTACT;
  }
  if (s->model) {
    snprintf(m->groups[g].name, CAUDA_NAME_MAX, "paddle");
    m->groups[g++].kind = GROUP_LEAD_BODY;
  }
  snprintf(m->groups[g].name, CAUDA_NAME_MAX, "case");
  m->groups[g].kind = GROUP_RETURN;
}

/* Group of a boundary face. Where a flat tetrahedron was dropped at the lead, two faces are not among those that were
 * meshed: the place on the lead tells whose they are. */
static int group_of(const TetMesh *t, const Scene *s, const LeadFaces *lead, const int p[3])
{
  const int part = lead_face_part(lead, p);
  double c[3] = {0, 0, 0};
  if (part >= 0) return part;
  for (int k = 0; k < 3; k++) {
    if (t->on[p[k]] != ON_LEAD) return -1;
    v3_axpy(c, 1.0 / 3.0, t->x[p[k]], c);
  }
  lead_pose_to_flat(s->pose, c, c);
  return lead_part_at(s->model, c);
}

static void fill_mesh(const Order *o, const Scene *s, const LeadFaces *lead, const int16_t *number, Mesh *m)
{
  const TetMesh *t = o->m;
  TriId n_tri = 0;
  for (int i = 0; i < o->n_node; i++) rigid_apply(&s->anatomy->world, t->x[o->point_of[i]], m->xyz + 3 * i);
  for (int i = 0; i < o->n_tet; i++) {
    const int slot = o->tet_order[i];
    for (int k = 0; k < 4; k++) m->tet[i][k] = o->node_of[t->tet[slot][k]];
    m->region[i] = number[t->region[slot]];
    for (int f = 0; f < 4; f++) {
      int p[3];
      if (t->adj[slot][f] >= 0) continue;
      for (int k = 0; k < 3; k++) {
        p[k] = t->tet[slot][TET_FACE[f][k]];
        m->tri[n_tri][k] = o->node_of[p[k]];
      }
      const int group = group_of(t, s, lead, p);
      m->group[n_tri++] = (int16_t)(group >= 0 ? group : m->n_group - 1);
    }
  }
}

PetscErrorCode mesh_finish(const TetMesh *t, const Scene *s, const LeadFaces *lead, Mesh **out)
{
  Order o = {0};
  int16_t *number = NULL;
  PetscCall(order_in_heaps(t, &o));
  PetscCall(mem_alloc((size_t)(TISSUE_ROOT + s->anatomy->n_root), sizeof *number, &number));
  const int n_region = name_regions(&o, s, number), n_group = s->model ? s->model->n_contacts + 2 : 1;
  PetscCall(mesh_create(o.n_node, o.n_tet, count_boundary(&o), n_region, n_group, out));
  fill_names(s, number, *out);
  fill_mesh(&o, s, lead, number, *out);
  free(number);
  free(o.node_of);
  free(o.point_of);
  free(o.tet_order);
  return 0;
}
