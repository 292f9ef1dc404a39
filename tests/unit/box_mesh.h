/* A box of cubes, six tetrahedra each, for tests of whatever works on meshes. The region of a tetrahedron is a
 * function of its centroid; all outer faces are the group "case" but those on top (z = size) with x and y within
 * [0.25, 0.5] of the size, which are "C01". */
#ifndef BOX_MESH_H
#define BOX_MESH_H

#include "cauda/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* cmocka's own compares as floats */
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

typedef int (*BoxRegion)(const double centroid[3], double size_mm);

typedef struct {
  int n; /* cubes a side */
  double size_mm;
  int n_region;
  const MeshRegion *regions;
  BoxRegion region_of; /* NULL: all region 0 */
} BoxPlan;

static inline NodeId box_node(int n, const int at[3]) { return (NodeId)((at[2] * (n + 1) + at[1]) * (n + 1) + at[0]); }

/* The path from corner to corner along the axes in order `p` is one of six tetrahedra of a cube. */
static inline void box_tet(int n, const int cube[3], const int p[3], bool odd, NodeId tet[4])
{
  int at[3] = {cube[0], cube[1], cube[2]};
  tet[0] = box_node(n, at);
  for (int k = 0; k < 3; k++) {
    at[p[k]]++;
    tet[k + 1] = box_node(n, at);
  }
  if (odd) {
    NodeId swap = tet[2];
    tet[2] = tet[1], tet[1] = swap;
  }
}

static inline void box_centroid(const Mesh *m, const NodeId *v, int n, double c[3])
{
  memset(c, 0, 3 * sizeof *c);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 3; k++) c[k] += m->xyz[3 * (size_t)v[i] + k] / n;
}

static inline void box_fill(const BoxPlan *b, Mesh *m)
{
  static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}};
  int n = b->n, cube[3];
  TetId t = 0;
  for (NodeId i = 0; i < m->n_node; i++)
    for (int k = 0, j = i; k < 3; k++, j /= n + 1) m->xyz[3 * (size_t)i + k] = b->size_mm * (j % (n + 1)) / n;
  for (cube[2] = 0; cube[2] < n; cube[2]++)
    for (cube[1] = 0; cube[1] < n; cube[1]++)
      for (cube[0] = 0; cube[0] < n; cube[0]++)
        for (int k = 0; k < 6; k++, t++) {
          double c[3];
          box_tet(n, cube, order[k], k > 2, m->tet[t]);
          box_centroid(m, m->tet[t], 4, c);
          m->region[t] = (int16_t)(b->region_of ? b->region_of(c, b->size_mm) : 0);
        }
}

static inline bool box_outer(const Mesh *m, const NodeId v[3], double size)
{
  for (int k = 0; k < 3; k++)
    for (int end = 0; end < 2; end++) {
      bool all = true;
      for (int i = 0; i < 3; i++) all = all && m->xyz[3 * (size_t)v[i] + k] == end * size;
      if (all) return true;
    }
  return false;
}

static inline void box_boundary(const BoxPlan *b, Mesh *m)
{
  TriId n = 0;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      NodeId v[3];
      double c[3];
      for (int k = 0; k < 3; k++) v[k] = m->tet[t][MESH_FACE[f][k]];
      if (!box_outer(m, v, b->size_mm)) continue;
      box_centroid(m, v, 3, c);
      bool contact = c[2] > 0.999 * b->size_mm && c[0] > 0.25 * b->size_mm && c[0] < 0.5 * b->size_mm &&
                     c[1] > 0.25 * b->size_mm && c[1] < 0.5 * b->size_mm;
      memcpy(m->tri[n], v, sizeof v);
      m->group[n++] = contact ? 0 : 1;
    }
}

static inline PetscErrorCode box_mesh(const BoxPlan *b, Mesh **out)
{
  int n = b->n;
  PetscCall(mesh_create((n + 1) * (n + 1) * (n + 1), 6 * n * n * n, 12 * n * n, b->n_region, 2, out));
  memcpy((*out)->regions, b->regions, (size_t)b->n_region * sizeof *b->regions);
  (*out)->groups[0] = (MeshGroup){"C01", GROUP_CONTACT};
  (*out)->groups[1] = (MeshGroup){"case", GROUP_RETURN};
  box_fill(b, *out);
  box_boundary(b, *out);
  return 0;
}

#endif
