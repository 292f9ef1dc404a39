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
  int *tet_order; /* [n_tet] slots of those that are alive */
  int n_tet;
  size_t n_open, open_room;
  int (*open)[2]; /* [n_open] faces on the boundary, in order: slot, and face of it */
} Order;

/* ---- what is left of the slots ------------------------------------------------------------------------------------ */

/* Takes tetrahedron t, and numbers those of its nodes that have no number. */
static PetscErrorCode take(Order *o, int t)
{
  o->tet_order[o->n_tet++] = t;
  for (int k = 0; k < 4; k++) {
    const int p = o->m->tet[t][k];
    if (o->node_of[p] < 0) o->point_of[o->n_node] = p, o->node_of[p] = o->n_node++;
    if (o->m->adj[t][k] >= 0) continue;
    PetscCall(mem_grow(o->n_open + 1, sizeof *o->open, &o->open_room, &o->open));
    o->open[o->n_open][0] = t, o->open[o->n_open++][1] = k;
  }
  return 0;
}

static PetscErrorCode take_all(const TetMesh *m, Order *o)
{
  o->m = m;
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *o->node_of, &o->node_of));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *o->point_of, &o->point_of));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *o->tet_order, &o->tet_order));
  memset(o->node_of, 0xff, (size_t)m->n_point * sizeof *o->node_of);
  for (int t = 0; t < m->n_tet; t++)
    if (tet_alive(m, t)) PetscCall(take(o, t));
  return 0;
}

/* ---- filling the Mesh --------------------------------------------------------------------------------------------- */

/* which anatomy regions occur, and their numbers in the mesh: tissues from outside inward, then roots */
static int name_regions(const Order *o, const Scene *s, int16_t *number)
{
  const int n_all = TISSUE_ROOT + s->anatomy->n_root;
  int n = 0;
  for (int r = 0; r < n_all; r++) number[r] = -1;
  for (int t = 0; t < o->m->n_tet; t++)
    if (tet_alive(o->m, t)) number[o->m->region[t]] = 0;
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

typedef struct {
  const Order *o;
  const Rigid *world;
  const int16_t *number; /* of a region in the mesh */
  Mesh *m;
} Filling;

static int stretches(int n) { return (n + STRETCH - 1) / STRETCH; }

static void fill_nodes(void *context, int stretch, int thread)
{
  const Filling *w = context;
  (void)thread;
  for (int i = stretch * STRETCH; i < (stretch + 1) * STRETCH && i < w->o->n_node; i++)
    rigid_apply(w->world, w->o->m->x[w->o->point_of[i]], w->m->xyz + 3 * i);
}

static void fill_tets(void *context, int stretch, int thread)
{
  const Filling *w = context;
  const TetMesh *t = w->o->m;
  (void)thread;
  for (int i = stretch * STRETCH; i < (stretch + 1) * STRETCH && i < w->o->n_tet; i++) {
    const int slot = w->o->tet_order[i];
    for (int k = 0; k < 4; k++) w->m->tet[i][k] = w->o->node_of[t->tet[slot][k]];
    w->m->region[i] = w->number[t->region[slot]];
  }
}

static void fill_boundary(const Order *o, const Scene *s, const LeadFaces *lead, Mesh *m)
{
  for (size_t i = 0; i < o->n_open; i++) {
    int p[3];
    for (int k = 0; k < 3; k++) {
      p[k] = o->m->tet[o->open[i][0]][TET_FACE[o->open[i][1]][k]];
      m->tri[i][k] = o->node_of[p[k]];
    }
    const int group = group_of(o->m, s, lead, p);
    m->group[i] = (int16_t)(group >= 0 ? group : m->n_group - 1);
  }
}

static PetscErrorCode fill_mesh(const Order *o, const Scene *s, const LeadFaces *lead, Team *team, Mesh **out)
{
  int16_t *number = NULL;
  PetscCall(mem_alloc((size_t)(TISSUE_ROOT + s->anatomy->n_root), sizeof *number, &number));
  const int n_region = name_regions(o, s, number), n_group = s->model ? s->model->n_contacts + 2 : 1;
  const PetscErrorCode ierr = mesh_create(o->n_node, o->n_tet, (TriId)o->n_open, n_region, n_group, out);
  if (!ierr) {
    Filling w = {o, &s->anatomy->world, number, *out};
    fill_names(s, number, *out);
    team_run(team, stretches(o->n_node), fill_nodes, &w);
    team_run(team, stretches(o->n_tet), fill_tets, &w);
    fill_boundary(o, s, lead, *out);
  }
  free(number);
  return ierr;
}

PetscErrorCode mesh_finish(const TetMesh *t, const Scene *s, const LeadFaces *lead, Team *team, Mesh **out)
{
  Order o = {0};
  PetscErrorCode ierr = take_all(t, &o);
  if (!ierr) ierr = fill_mesh(&o, s, lead, team, out);
  free(o.node_of);
  free(o.point_of);
  free(o.tet_order);
  free(o.open);
  return ierr ? ierr : mesh_reorder(out);
}
