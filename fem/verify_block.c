/* Meshes of cells in rows, each six tetrahedra (Kuhn's division, which fits from cell to cell). */
#include "verify_impl.h"

#include "cauda/vec3.h"

#include <string.h>

static NodeId block_node(const Block *b, const int at[3])
{
  return (NodeId)((at[2] * (b->n[1] + 1) + at[1]) * (b->n[0] + 1) + at[0]);
}

static void block_nodes(const Block *b, Mesh *m)
{
  int at[3];
  for (at[2] = 0; at[2] <= b->n[2]; at[2]++)
    for (at[1] = 0; at[1] <= b->n[1]; at[1]++)
      for (at[0] = 0; at[0] <= b->n[0]; at[0]++) {
        double t[3];
        for (int k = 0; k < 3; k++) t[k] = (double)at[k] / b->n[k];
        b->place(b->context, t, &m->xyz[3 * (size_t)block_node(b, at)]);
      }
}

/* The path from corner to corner along the axes in one of six orders; turned about where the map has mirrored it. */
static void block_tet(const Block *b, const Mesh *m, const int cell[3], int path, NodeId tet[4])
{
  static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}};
  int at[3] = {cell[0], cell[1], cell[2]};
  const double *x[4];
  tet[0] = block_node(b, at);
  for (int k = 0; k < 3; k++) {
    at[order[path][k]]++;
    tet[k + 1] = block_node(b, at);
  }
  for (int i = 0; i < 4; i++) x[i] = &m->xyz[3 * (size_t)tet[i]];
  if (v3_volume6(x[0], x[1], x[2], x[3]) > 0.0) return;
  NodeId swap = tet[2];
  tet[2] = tet[3], tet[3] = swap;
}

static void block_cells(const Block *b, Mesh *m)
{
  int cell[3];
  TetId n = 0;
  for (cell[2] = 0; cell[2] < b->n[2]; cell[2]++)
    for (cell[1] = 0; cell[1] < b->n[1]; cell[1]++)
      for (cell[0] = 0; cell[0] < b->n[0]; cell[0]++) {
        double t[3];
        for (int k = 0; k < 3; k++) t[k] = (cell[k] + 0.5) / b->n[k];
        int region = b->region ? b->region(b->context, t) : 0;
        for (int path = 0; path < 6; path++, n++) {
          block_tet(b, m, cell, path, m->tet[n]);
          m->region[n] = (int16_t)region;
        }
      }
}

/* The side of the block that a node lies on, as coordinates in cells. */
static void node_place(const Block *b, NodeId n, int at[3])
{
  at[0] = n % (b->n[0] + 1);
  at[1] = n / (b->n[0] + 1) % (b->n[1] + 1);
  at[2] = n / (b->n[0] + 1) / (b->n[1] + 1);
}

/* The group of a face that lies on an outer side of the block, or -1. */
static int face_group(const Block *b, const NodeId v[3])
{
  int at[3][3];
  for (int i = 0; i < 3; i++) node_place(b, v[i], at[i]);
  for (int axis = 0; axis < 3; axis++) {
    int place = at[0][axis];
    if (at[1][axis] != place || at[2][axis] != place || (place && place != b->n[axis])) continue;
    double t[3];
    for (int k = 0; k < 3; k++) {
      int low = at[0][k];
      for (int i = 1; i < 3; i++) low = at[i][k] < low ? at[i][k] : low;
      t[k] = k == axis ? (double)place / b->n[k] : (low + 0.5) / b->n[k];
    }
    return b->group(b->context, t, axis, place > 0);
  }
  return -1;
}

/* Counts the faces that have a group; with room for them, sets them. */
static TriId block_faces(const Block *b, const Mesh *m, NodeId (*tri)[3], int16_t *group)
{
  TriId n = 0;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      NodeId v[3];
      for (int i = 0; i < 3; i++) v[i] = m->tet[t][MESH_FACE[f][i]];
      int g = face_group(b, v);
      if (g < 0) continue;
      if (tri) memcpy(tri[n], v, sizeof v), group[n] = (int16_t)g;
      n++;
    }
  return n;
}

PetscErrorCode block_mesh(const Block *b, Mesh **out)
{
  int64_t cells = (int64_t)b->n[0] * b->n[1] * b->n[2], nodes = (int64_t)(b->n[0] + 1) * (b->n[1] + 1) * (b->n[2] + 1);
  PetscCheck(6 * cells < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "too many cells");
  PetscCall(mesh_create((NodeId)nodes, (TetId)(6 * cells), 0, b->n_region, b->n_group, out));
  Mesh *m = *out;
  memcpy(m->regions, b->regions, (size_t)b->n_region * sizeof *b->regions);
  memcpy(m->groups, b->groups, (size_t)b->n_group * sizeof *b->groups);
  block_nodes(b, m);
  block_cells(b, m);
  m->n_tri = block_faces(b, m, NULL, NULL);
  PetscErrorCode ierr = mem_alloc((size_t)m->n_tri, sizeof *m->tri, &m->tri);
  if (!ierr) ierr = mem_alloc((size_t)m->n_tri, sizeof *m->group, &m->group);
  if (ierr)
    mesh_destroy(out);
  else
    (void)block_faces(b, m, m->tri, m->group);
  return ierr;
}
