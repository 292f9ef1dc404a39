/* From layers to a mesh: an anatomy whose distances are known, and Cauda's mesher. */
#include "verify_layered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode grid_fill(const Layers *l, Anatomy *a)
{
  static const Tissue shown[] = {TISSUE_WHITE, TISSUE_CSF};
  double half = l->body_mm + 1.0;
  int nxy = 2 * (int)ceil(half / l->grid_step_mm) + 1, n[3] = {nxy, nxy, l->grid_z};
  double step[3] = {2.0 * half / (nxy - 1), 2.0 * half / (nxy - 1), 2.0 * l->half_length_mm / (l->grid_z - 1)};
  double origin[3] = {-half, -half, -l->half_length_mm};
  PetscCall(distance_grid_create(n, origin, step, shown, 2, &a->grid));
  DistanceGrid *g = a->grid;
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) {
        double p[3] = {origin[0] + step[0] * i, origin[1] + step[1] * j, origin[2] + step[2] * k};
        float *d = g->d + (((size_t)k * (size_t)n[1] + (size_t)j) * (size_t)n[0] + (size_t)i) * 2;
        d[g->channel[TISSUE_WHITE]] = (float)l->distance(p, l->cord_mm);
        d[g->channel[TISSUE_CSF]] = (float)l->distance(p, l->csf_mm);
      }
  return 0;
}

static PetscErrorCode anatomy_fill(const Layers *l, Anatomy *a)
{
  double bone = l->bone_mm - l->fat_mm;
  a->surround = (Surround){.dura_thickness_mm = l->dura_mm - l->csf_mm,
                           .epidural_fat_mm = l->fat_mm - l->dura_mm,
                           .bone_mm = l->body_mm > l->bone_mm ? bone : bone + 2.0, /* the domain cuts it off */
                           .body_radius_mm = l->body_mm};
  a->z_min = a->seen_z_min = -l->half_length_mm;
  a->z_max = a->seen_z_max = l->half_length_mm;
  PetscCall(grid_fill(l, a));
  return anatomy_finish(a);
}

/* ---- a mesh without one of its regions ---------------------------------------------------------------------------- */

/* Counts and, with room for them, sets the faces that bound what is kept. */
static TriId bounding_faces(const Mesh *m, const TetId (*adj)[4], int without, const NodeId *renamed, NodeId (*tri)[3])
{
  TriId n = 0;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; m->region[t] != without && f < 4; f++) {
      if (adj[t][f] >= 0 && m->region[adj[t][f]] != without) continue;
      for (int i = 0; tri && i < 3; i++) tri[n][i] = renamed[m->tet[t][MESH_FACE[f][i]]];
      n++;
    }
  return n;
}

static PetscErrorCode copy_kept(const Mesh *m, const TetId (*adj)[4], int without, NodeId *renamed, Mesh **out)
{
  NodeId n_node = 0;
  TetId n_tet = 0;
  for (NodeId n = 0; n < m->n_node; n++) renamed[n] = -1;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (m->region[t] == without) continue;
    n_tet++;
    for (int i = 0; i < 4; i++) renamed[m->tet[t][i]] = 0;
  }
  for (NodeId n = 0; n < m->n_node; n++)
    if (!renamed[n]) renamed[n] = n_node++;
  PetscCall(mesh_create(n_node, n_tet, bounding_faces(m, adj, without, NULL, NULL), m->n_region, 1, out));
  Mesh *k = *out;
  memcpy(k->regions, m->regions, (size_t)m->n_region * sizeof *m->regions);
  k->groups[0] = (MeshGroup){"case", GROUP_RETURN};
  for (NodeId n = 0; n < m->n_node; n++)
    if (renamed[n] >= 0) memcpy(k->xyz + 3 * (size_t)renamed[n], m->xyz + 3 * (size_t)n, 3 * sizeof *k->xyz);
  n_tet = 0;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (m->region[t] == without) continue;
    for (int i = 0; i < 4; i++) k->tet[n_tet][i] = renamed[m->tet[t][i]];
    k->region[n_tet++] = m->region[t];
  }
  (void)bounding_faces(m, adj, without, renamed, k->tri);
  return 0;
}

static PetscErrorCode leave_out(int without, Mesh **m)
{
  TetId(*adj)[4] = NULL;
  NodeId *renamed = NULL;
  Mesh *kept = NULL;
  PetscErrorCode ierr = mesh_neighbours(*m, &adj);
  if (!ierr) ierr = mem_alloc((size_t)(*m)->n_node, sizeof *renamed, &renamed);
  if (!ierr) ierr = copy_kept(*m, (const TetId(*)[4])adj, without, renamed, &kept);
  free(adj);
  free(renamed);
  if (ierr) {
    mesh_destroy(&kept);
    return ierr;
  }
  mesh_destroy(m);
  *m = kept;
  return 0;
}

static PetscErrorCode mesh_fill(const Layers *l, const Case *c, EdgeLimit limit, Anatomy *a, Mesh **m)
{
  Scene *s;
  PetscCall(anatomy_fill(l, a));
  PetscCall(scene_create(c, a, NULL, &s));
  s->limit = limit;
  PetscErrorCode ierr = mesh_make(c, s, m);
  scene_destroy(&s);
  if (!ierr && l->body_mm > l->bone_mm) ierr = leave_out(mesh_find_region(*m, "body"), m);
  return ierr;
}

PetscErrorCode layers_mesh(const Layers *l, const Case *c, EdgeLimit limit, Anatomy **a, Mesh **m)
{
  *m = NULL;
  PetscCall(anatomy_create(a));
  PetscErrorCode ierr = mesh_fill(l, c, limit, *a, m);
  if (ierr) mesh_destroy(m);
  if (ierr) anatomy_destroy(a);
  return ierr;
}
