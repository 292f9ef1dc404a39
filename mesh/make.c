/* From the scene to a mesh: sample, fill, tag, improve, finish. */
#include <stdlib.h>

#include "capsule.h"
#include "cauda/scene.h"
#include "drop.h"
#include "fill.h"
#include "finish.h"
#include "hull.h"
#include "improve.h"
#include "insert.h"
#include "lead_pose.h"
#include "refine.h"
#include "sample_round.h"
#include "tag.h"

/* Fills of the domain at most: the first, and those after points were set where the dura leaked. */
enum { FILLS_MAX = 4 };

typedef struct {
  const Scene *s;
  Sizing sizing;
  LeadSurface *surface;
  double *lead_xyz; /* [surface->n_node][3] mm, local */
  PointStore *store;
  TetMesh *tets;
  LeadFaces *faces;
  Team *team;
  Sampler sampler;
  Child *child; /* at work beside this process: Gmsh, then TetGen */
} Maker;

static PetscErrorCode add_lead(Maker *k)
{
  const LeadModel *m = k->s->model;
  PetscCall(lead_surface_finish(&k->child, m, &k->surface));
  PetscCall(mem_alloc((size_t)k->surface->n_node, 3 * sizeof(double), &k->lead_xyz));
  for (int i = 0; i < k->surface->n_node; i++) {
    SamplePoint p = {.on = ON_LEAD, .region = -1};
    lead_pose_to_local(k->s->pose, k->surface->flat + 3 * i, p.p);
    p.edge = edge_length(&k->sizing, p.p);
    v3_copy(p.p, k->lead_xyz + 3 * i);
    PetscCall(point_store_add(k->store, &p));
  }
  return 0;
}

/* The points that are there from the start: the hull's and the lead's. */
static bool is_fixed(const Maker *k, const SamplePoint *p)
{
  const Anatomy *a = k->s->anatomy;
  return p->on == ON_LEAD || p->on == ON_END || p->on == TISSUE_BODY || p->p[2] <= a->z_min || p->p[2] >= a->z_max;
}

/* TetGen makes the hull and the lead. Facets name the lead's nodes, which are the first of all. */
static PetscErrorCode start_fixed(Maker *k)
{
  const int64_t n = point_store_count(k->store);
  double *xyz = NULL;
  PetscCall(mem_alloc((size_t)n, 3 * sizeof *xyz, &xyz));
  FillInput in = {.xyz = xyz};
  for (int64_t i = 0; i < n; i++) {
    const SamplePoint *p = point_store_at(k->store, i);
    if (p->edge > 0.0 && is_fixed(k, p)) v3_copy(p->p, xyz + 3 * (in.n_point++));
  }
  if (k->surface) in.n_tri = k->surface->n_tri, in.tri = (const int(*)[3])k->surface->tri;
  const PetscErrorCode ierr = fill_start(&in, &k->child);
  free(xyz);
  return ierr;
}

static PetscErrorCode finish_fixed(Maker *k)
{
  FillOutput filled;
  PetscCall(fill_finish(&k->child, &filled));
  PetscCall(tet_mesh_create(&filled, k->store, &k->tets));
  PetscCall(lead_faces_create(k->tets, k->surface, k->lead_xyz, &k->faces));
  return lead_mark(k->tets, k->faces, k->s);
}

/* The other points of the store, from number `from` on. */
static PetscErrorCode fill_rest(Maker *k, int64_t from)
{
  int64_t *sample = NULL;
  int n = 0, left;
  PetscCall(mem_alloc((size_t)(point_store_count(k->store) - from), sizeof *sample, &sample));
  for (int64_t i = from; i < point_store_count(k->store); i++) {
    const SamplePoint *p = point_store_at(k->store, i);
    if (p->edge > 0.0 && !is_fixed(k, p)) sample[n++] = i;
  }
  const PetscErrorCode ierr = insert_points(k->tets, k->store, sample, n, k->team, &left);
  free(sample);
  return ierr;
}

/* Tetrahedra of the points there are, tagged; *filled points were there already. */
static PetscErrorCode fill_and_tag(Maker *k, int64_t *filled, TagReport *tags)
{
  if (*filled) PetscCall(drop_points(k->tets, k->store));
  PetscCall(fill_rest(k, *filled));
  *filled = point_store_count(k->store);
  PetscCall(lead_carve(k->tets));
  PetscCall(hull_peel(k->tets));
  stopwatch_lap(k->s->watch, "fill");
  PetscCall(tag_tetrahedra(k->tets, k->s, k->team, tags));
  stopwatch_lap(k->s->watch, "tag");
  return 0;
}

/* The lead's surface is made while the interfaces are looked for; hull and lead are filled while points are set in the volumes. */
static PetscErrorCode set_points(Maker *k)
{
  const LeadModel *m = k->s->model;
  const CaseMesh *mesh = &k->sizing.mesh;
  Sampler *s = &k->sampler;
  progress("sample", 0.0);
  PetscCall(point_store_create(&k->store));
  if (m) PetscCall(lead_surface_start(m, mesh->contact_edge_mm, mesh->growth, &k->child));
  PetscCall(team_create(0, &k->team));
  *s = (Sampler){.z = &k->sizing, .store = k->store, .team = k->team};
  PetscCall(sample_look(s));
  stopwatch_lap(k->s->watch, "scan");
  if (m) PetscCall(add_lead(k));
  stopwatch_lap(k->s->watch, "lead");
  PetscCall(sample_interfaces(s));
  stopwatch_lap(k->s->watch, "interfaces");
  progress("sample", 0.5);
  PetscCall(start_fixed(k));
  PetscCall(sample_volumes(s));
  stopwatch_lap(k->s->watch, "volumes");
  PetscCall(finish_fixed(k));
  stopwatch_lap(k->s->watch, "hull, lead");
  return 0;
}

static PetscErrorCode make_tetrahedra(Maker *k, Mesh **out)
{
  TagReport tags = {0};
  ImproveReport better = {0};
  int64_t filled = 0;
  int changed;
  for (int round = 0; round < FILLS_MAX; round++) {
    progress("fill", (double)round / FILLS_MAX);
    PetscCall(fill_and_tag(k, &filled, &tags));
    if (round + 1 == FILLS_MAX) break;
    PetscCall(refine_leaks(k->tets, &k->sizing, k->team, k->store, &changed));
    stopwatch_lap(k->s->watch, "refine");
    if (!changed) break;
  }
  progress("fill", 1.0);
  PetscCall(tag_repair_once(k->tets, k->s, k->team, &tags, &changed));
  stopwatch_lap(k->s->watch, "repair");
  PetscCall(mesh_improve(k->tets, &k->sizing, k->faces, k->team, &better));
  stopwatch_lap(k->s->watch, "improve");
  PetscCall(tag_repair(k->tets, k->s, k->team, &tags));
  stopwatch_lap(k->s->watch, "repair");
  PetscCall(mesh_finish(k->tets, k->s, k->faces, k->team, out));
  stopwatch_lap(k->s->watch, "finish");
  return 0;
}

static PetscErrorCode make(Maker *k, Mesh **out)
{
  PetscCall(set_points(k));
  return make_tetrahedra(k, out);
}

PetscErrorCode mesh_make(const Case *c, const Scene *s, Mesh **out)
{
  Maker k = {.s = s, .sizing = {s, c->mesh}};
  PetscErrorCode ierr = make(&k, out);
  if (!ierr && s->capsule_mm > 0.0) ierr = capsule_tag(s, *out);
  child_abandon(&k.child);
  sample_forget(&k.sampler);
  team_destroy(&k.team);
  lead_surface_destroy(&k.surface);
  free(k.lead_xyz);
  point_store_destroy(&k.store);
  lead_faces_destroy(&k.faces);
  tet_mesh_destroy(&k.tets);
  return ierr;
}
