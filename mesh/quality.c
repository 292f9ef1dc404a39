/* What a mesh is worth: angles, volumes, pieces, contact areas, leaks. */
#include "cauda/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_DIHEDRAL = 6 };
static const double SLIVER_DEG = 5.0;

/* Cosines of the six dihedral angles: between faces i and j, -n_i . n_j of the outward unit normals. */
static void dihedral_cosines(const Mesh *m, TetId t, double c[N_DIHEDRAL])
{
  double n[4][3];
  for (int f = 0; f < 4; f++) {
    const double *p[3];
    double u[3], v[3];
    for (int k = 0; k < 3; k++) p[k] = m->xyz + 3 * (size_t)m->tet[t][MESH_FACE[f][k]];
    v3_sub(p[1], p[0], u), v3_sub(p[2], p[0], v);
    v3_cross(u, v, n[f]);
    v3_normalise(n[f]);
  }
  for (int i = 0, k = 0; i < 4; i++)
    for (int j = i + 1; j < 4; j++) c[k++] = -v3_dot(n[i], n[j]);
}

static double degrees(double cosine) { return acos(fmin(1.0, fmax(-1.0, cosine))) * 180.0 / M_PI; }

static void measure_angles(const Mesh *m, MeshQuality *q)
{
  double largest = -1.0, smallest = 1.0, sliver = cos(SLIVER_DEG * M_PI / 180.0);
  size_t below = 0;
  for (TetId t = 0; t < m->n_tet; t++) {
    double c[N_DIHEDRAL], volume = mesh_tet_volume(m, t);
    if (volume <= 0.0) q->inverted++;
    q->regions[m->region[t]].tets++;
    q->regions[m->region[t]].volume_mm3 += volume;
    dihedral_cosines(m, t, c);
    for (int k = 0; k < N_DIHEDRAL; k++) {
      largest = fmax(largest, c[k]), smallest = fmin(smallest, c[k]);
      if (c[k] > sliver) below++;
    }
  }
  if (m->n_tet == 0) return;
  q->dihedral_min_deg = degrees(largest), q->dihedral_max_deg = degrees(smallest);
  q->dihedral_below_5_percent = 100.0 * (double)below / (N_DIHEDRAL * (double)m->n_tet);
}

static void measure_contacts(const Mesh *m, MeshQuality *q)
{
  for (int g = 0, c = 0; g < m->n_group; g++) {
    if (m->groups[g].kind != GROUP_CONTACT) continue;
    memcpy(q->contact_name[c], m->groups[g].name, CAUDA_NAME_MAX);
    for (TriId t = 0; t < m->n_tri; t++)
      if (m->group[t] == g) q->contact_area_mm2[c] += mesh_tri_area(m, t);
    c++;
  }
}

/* ---- neighbours: pieces and leaks ----------------------------------------------------------------------- */

static TetId find_root(TetId *parent, TetId t)
{
  while (parent[t] != t) t = parent[t] = parent[parent[t]];
  return t;
}

static PetscErrorCode count_pieces(const Mesh *m, TetId (*adj)[4], MeshQuality *q)
{
  TetId *parent;
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *parent, &parent));
  for (TetId t = 0; t < m->n_tet; t++) parent[t] = t;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++)
      if (adj[t][f] > t && m->region[adj[t][f]] == m->region[t]) {
        TetId a = find_root(parent, t), b = find_root(parent, adj[t][f]);
        if (a < b)
          parent[b] = a;
        else
          parent[a] = b;
      }
  for (TetId t = 0; t < m->n_tet; t++)
    if (parent[t] == t) q->regions[m->region[t]].pieces++;
  free(parent);
  return 0;
}

static bool outside_dura(Tissue t) { return t == TISSUE_BODY || t == TISSUE_BONE || t == TISSUE_FAT; }
static bool inside_dura(Tissue t) { return t == TISSUE_CSF || t == TISSUE_WHITE || t == TISSUE_GREY; }

static TriId count_leaks(const Mesh *m, TetId (*adj)[4])
{
  TriId leaks = 0;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (!outside_dura(m->regions[m->region[t]].tissue)) continue;
    for (int f = 0; f < 4; f++)
      if (adj[t][f] >= 0 && inside_dura(m->regions[m->region[adj[t][f]]].tissue)) leaks++;
  }
  return leaks;
}

static PetscErrorCode count_pinholes(const Mesh *m, NodeId *pinholes)
{
  enum { IN = 1, OUT = 2 };
  unsigned char *touch;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *touch, &touch));
  for (TetId t = 0; t < m->n_tet; t++) {
    const Tissue tissue = m->regions[m->region[t]].tissue;
    const int side = outside_dura(tissue) ? OUT : inside_dura(tissue) ? IN : 0;
    for (int k = 0; k < 4; k++) touch[m->tet[t][k]] |= (unsigned char)side;
  }
  for (TriId f = 0; f < m->n_tri; f++)
    for (int k = 0; k < 3 && m->groups[m->group[f]].kind != GROUP_RETURN; k++) touch[m->tri[f][k]] |= OUT;
  *pinholes = 0;
  for (NodeId i = 0; i < m->n_node; i++) *pinholes += touch[i] == (IN | OUT);
  free(touch);
  return 0;
}

static PetscErrorCode measure_joins(const Mesh *m, MeshQuality *q)
{
  TetId(*adj)[4];
  PetscCall(mesh_neighbours(m, &adj));
  PetscErrorCode code = count_pieces(m, adj, q);
  q->leaks = count_leaks(m, adj);
  if (!code) code = count_pinholes(m, &q->pinholes);
  free(adj);
  PetscCall(code);
  return 0;
}

static PetscErrorCode measure(const Mesh *m, MeshQuality *q)
{
  q->n_region = m->n_region;
  for (int g = 0; g < m->n_group; g++) q->n_contact += m->groups[g].kind == GROUP_CONTACT;
  PetscCall(mem_alloc((size_t)q->n_region, sizeof *q->regions, &q->regions));
  PetscCall(mem_alloc((size_t)q->n_contact, sizeof *q->contact_area_mm2, &q->contact_area_mm2));
  PetscCall(mem_alloc((size_t)q->n_contact, sizeof *q->contact_name, &q->contact_name));
  for (int r = 0; r < m->n_region; r++) memcpy(q->regions[r].name, m->regions[r].name, CAUDA_NAME_MAX);
  measure_angles(m, q);
  measure_contacts(m, q);
  PetscCall(measure_joins(m, q));
  return 0;
}

PetscErrorCode mesh_quality(const Mesh *m, MeshQuality **out)
{
  MeshQuality *q;
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof *q, &q));
  PetscErrorCode code = measure(m, q);
  if (code) mesh_quality_destroy(&q);
  PetscCall(code);
  *out = q;
  return 0;
}

void mesh_quality_destroy(MeshQuality **quality)
{
  MeshQuality *q = *quality;
  if (!q) return;
  free(q->regions), free(q->contact_area_mm2), free(q->contact_name), free(q);
  *quality = NULL;
}
