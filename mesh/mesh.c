/* The mesh as a data structure: made, freed, checked, asked. */
#include "cauda/mesh.h"
#include "faces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int MESH_FACE[4][3] = {{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}};

static PetscErrorCode allocate(Mesh *m)
{
  PetscCall(mem_alloc((size_t)m->n_node, 3 * sizeof(double), &m->xyz));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *m->tet, &m->tet));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *m->region, &m->region));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *m->tri, &m->tri));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *m->group, &m->group));
  PetscCall(mem_alloc((size_t)m->n_region, sizeof *m->regions, &m->regions));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *m->groups, &m->groups));
  return 0;
}

PetscErrorCode mesh_create(NodeId n_node, TetId n_tet, TriId n_tri, int n_region, int n_group, Mesh **out)
{
  Mesh *m;
  *out = NULL;
  PetscCheck(n_node >= 0 && n_tet >= 0 && n_tri >= 0 && n_region >= 0 && n_group >= 0, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "a mesh of %d nodes, %d tetrahedra, %d faces, %d regions, %d groups", n_node,
             n_tet, n_tri, n_region, n_group);
  PetscCall(mem_alloc(1, sizeof *m, &m));
  *m = (Mesh){.n_node = n_node, .n_tet = n_tet, .n_tri = n_tri, .n_region = n_region, .n_group = n_group};
  PetscErrorCode code = allocate(m);
  if (code) mesh_destroy(&m);
  PetscCall(code);
  *out = m;
  return 0;
}

void mesh_destroy(Mesh **mesh)
{
  Mesh *m = *mesh;
  if (!m) return;
  free(m->xyz), free(m->tet), free(m->region), free(m->tri), free(m->group), free(m->regions), free(m->groups);
  free(m);
  *mesh = NULL;
}

int mesh_find_region(const Mesh *m, const char *name)
{
  for (int i = 0; i < m->n_region; i++)
    if (!strcmp(m->regions[i].name, name)) return i;
  return -1;
}

int mesh_find_group(const Mesh *m, const char *name)
{
  for (int i = 0; i < m->n_group; i++)
    if (!strcmp(m->groups[i].name, name)) return i;
  return -1;
}

static const double *node_at(const Mesh *m, NodeId i) { return m->xyz + 3 * (size_t)i; }

double mesh_tet_volume(const Mesh *m, TetId t)
{
  const NodeId *v = m->tet[t];
  return v3_volume6(node_at(m, v[0]), node_at(m, v[1]), node_at(m, v[2]), node_at(m, v[3])) / 6.0;
}

double mesh_tri_area(const Mesh *m, TriId t)
{
  double u[3], w[3], n[3];
  v3_sub(node_at(m, m->tri[t][1]), node_at(m, m->tri[t][0]), u);
  v3_sub(node_at(m, m->tri[t][2]), node_at(m, m->tri[t][0]), w);
  v3_cross(u, w, n);
  return 0.5 * v3_norm(n);
}

/* ---- the check ------------------------------------------------------------------------------------------ */

static bool ids_in_range(const NodeId *v, int n, NodeId n_node)
{
  for (int i = 0; i < n; i++)
    if (v[i] < 0 || v[i] >= n_node) return false;
  return true;
}

static void fault_of_ids(const Mesh *m, char fault[MESH_FAULT_MAX])
{
  for (NodeId i = 0; i < m->n_node; i++)
    for (int k = 0; k < 3; k++)
      if (!isfinite(m->xyz[3 * (size_t)i + k])) {
        snprintf(fault, MESH_FAULT_MAX, "node %d has a coordinate that is not finite", i);
        return;
      }
  for (TetId t = 0; t < m->n_tet; t++)
    if (!ids_in_range(m->tet[t], 4, m->n_node) || m->region[t] < 0 || m->region[t] >= m->n_region) {
      snprintf(fault, MESH_FAULT_MAX, "tetrahedron %d names a node or region that does not exist", t);
      return;
    }
  for (TriId t = 0; t < m->n_tri; t++)
    if (!ids_in_range(m->tri[t], 3, m->n_node) || m->group[t] < 0 || m->group[t] >= m->n_group) {
      snprintf(fault, MESH_FAULT_MAX, "face %d names a node or group that does not exist", t);
      return;
    }
}

static void fault_of_volumes(const Mesh *m, char fault[MESH_FAULT_MAX])
{
  for (TetId t = 0; t < m->n_tet; t++)
    if (!(mesh_tet_volume(m, t) > 0.0)) {
      snprintf(fault, MESH_FAULT_MAX, "tetrahedron %d has the volume %g mm3, expected a positive one", t,
               mesh_tet_volume(m, t));
      return;
    }
}

static PetscErrorCode fault_of_unused(const Mesh *m, char fault[MESH_FAULT_MAX])
{
  bool *used;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *used, &used));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int k = 0; k < 4; k++) used[m->tet[t][k]] = true;
  for (NodeId i = 0; i < m->n_node && !fault[0]; i++)
    if (!used[i]) snprintf(fault, MESH_FAULT_MAX, "node %d belongs to no tetrahedron", i);
  free(used);
  return 0;
}

static void fault_of_tri(const Mesh *m, const FaceTable *faces, TriId t, char fault[MESH_FAULT_MAX])
{
  FaceId found[2];
  NodeId outward[3];
  int n = faces_find(faces, m->tri[t], found);
  if (n != 1) {
    snprintf(fault, MESH_FAULT_MAX, "face %d (%s) belongs to %d tetrahedra, expected one", t,
             m->groups[m->group[t]].name, n);
    return;
  }
  mesh_face_nodes(m, found[0], outward);
  if (!face_same_turn(m->tri[t], outward))
    snprintf(fault, MESH_FAULT_MAX, "face %d (%s) does not point outward", t, m->groups[m->group[t]].name);
}

static PetscErrorCode fault_of_faces(const Mesh *m, char fault[MESH_FAULT_MAX])
{
  FaceTable *faces;
  PetscCall(faces_create(m, &faces));
  faces_fault(m, faces, fault);
  for (TriId t = 0; t < m->n_tri && !fault[0]; t++) fault_of_tri(m, faces, t, fault);
  faces_destroy(&faces);
  return 0;
}

PetscErrorCode mesh_first_fault(const Mesh *m, char fault[MESH_FAULT_MAX])
{
  fault[0] = '\0';
  fault_of_ids(m, fault);
  if (!fault[0]) fault_of_volumes(m, fault);
  if (!fault[0]) PetscCall(fault_of_unused(m, fault));
  if (!fault[0]) PetscCall(fault_of_faces(m, fault));
  return 0;
}

PetscErrorCode mesh_check(const Mesh *m)
{
  char fault[MESH_FAULT_MAX];
  PetscCall(mesh_first_fault(m, fault));
  PetscCheck(!fault[0], PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s", fault);
  return 0;
}
