/* Meshes for tests, built in memory: a box of cells, six tetrahedra each (Kuhn's division, which fits from cell to
 * cell), bent by any map that keeps orientation. Cells may be left out: holes, as leads make them. */
#ifndef TESTS_MESH_FIXTURE_H
#define TESTS_MESH_FIXTURE_H

#include "cauda/mesh.h"
#include "cauda/vec3.h"

#include <stdlib.h>
#include <string.h>

typedef struct BoxSpec BoxSpec;
struct BoxSpec {
  int n[3];               /* cells */
  double low[3], high[3]; /* corners before bending, mm */
  int n_region, n_group;
  const MeshRegion *regions;
  const MeshGroup *groups;
  int (*region)(const BoxSpec *s, const double centre[3]); /* of a cell, before bending; -1: no cell; NULL: all 0 */
  int (*group)(const BoxSpec *s, const double centre[3], int axis, int sign); /* of a cell's free side, whose outward
                                                                                normal is +-axis; -1: none */
  void (*bend)(double x[3]);
};

typedef struct {
  const BoxSpec *s;
  int16_t *cell; /* [n2][n1][n0] region, -1: none */
  NodeId *node;  /* [n2+1][n1+1][n0+1] id, -1: none */
  Mesh *m;
  bool count_only;
  TetId n_tet;
  TriId n_tri;
} BoxWork;

static inline int16_t fixture_cell(const BoxWork *w, int i, int j, int k)
{
  const int *n = w->s->n;
  if (i < 0 || j < 0 || k < 0 || i >= n[0] || j >= n[1] || k >= n[2]) return -1;
  return w->cell[((size_t)k * n[1] + j) * n[0] + i];
}

static inline NodeId *fixture_node(const BoxWork *w, int i, int j, int k)
{
  const int *n = w->s->n;
  return &w->node[((size_t)k * (n[1] + 1) + j) * (n[0] + 1) + i];
}

static inline void fixture_point(const BoxSpec *s, double i, double j, double k, double x[3])
{
  double t[3] = {i, j, k};
  for (int a = 0; a < 3; a++) x[a] = s->low[a] + (s->high[a] - s->low[a]) * t[a] / s->n[a];
}

/* Faces of a tetrahedron given by corners 0..7 of its cell (bit a: upper end of axis a) that lie on a free side. */
static inline void fixture_faces(BoxWork *w, const int at[3], const int corner[4], const NodeId tet[4])
{
  static const int face[4][3] = {{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}};
  for (int f = 0; f < 4; f++) {
    for (int axis = 0; axis < 3; axis++) {
      int up = corner[face[f][0]] >> axis & 1, next[3] = {at[0], at[1], at[2]};
      if ((corner[face[f][1]] >> axis & 1) != up || (corner[face[f][2]] >> axis & 1) != up) continue;
      next[axis] += up ? 1 : -1;
      if (!w->s->group || fixture_cell(w, next[0], next[1], next[2]) >= 0) continue;
      double t[3] = {at[0] + 0.5, at[1] + 0.5, at[2] + 0.5}, c[3];
      t[axis] += up ? 0.5 : -0.5;
      fixture_point(w->s, t[0], t[1], t[2], c);
      int g = w->s->group(w->s, c, axis, up ? 1 : -1);
      if (g < 0) continue;
      if (!w->count_only) {
        for (int i = 0; i < 3; i++) w->m->tri[w->n_tri][i] = tet[face[f][i]];
        w->m->group[w->n_tri] = (int16_t)g;
      }
      w->n_tri++;
    }
  }
}

static inline void fixture_tets(BoxWork *w, int i, int j, int k)
{
  static const int path[6][4] = {{0, 1, 3, 7}, {0, 3, 2, 7}, {0, 2, 6, 7}, {0, 6, 4, 7}, {0, 4, 5, 7}, {0, 5, 1, 7}};
  int at[3] = {i, j, k};
  for (int p = 0; p < 6; p++) {
    NodeId tet[4];
    for (int v = 0; v < 4; v++) {
      int c = path[p][v];
      tet[v] = *fixture_node(w, i + (c & 1), j + (c >> 1 & 1), k + (c >> 2 & 1));
    }
    if (!w->count_only) {
      memcpy(w->m->tet[w->n_tet], tet, sizeof tet);
      w->m->region[w->n_tet] = fixture_cell(w, i, j, k);
    }
    w->n_tet++;
    fixture_faces(w, at, path[p], tet);
  }
}

static inline void fixture_pass(BoxWork *w)
{
  w->n_tet = 0, w->n_tri = 0;
  for (int k = 0; k < w->s->n[2]; k++)
    for (int j = 0; j < w->s->n[1]; j++)
      for (int i = 0; i < w->s->n[0]; i++)
        if (fixture_cell(w, i, j, k) >= 0) fixture_tets(w, i, j, k);
}

static inline void fixture_cells(BoxWork *w)
{
  const BoxSpec *s = w->s;
  for (int k = 0; k < s->n[2]; k++)
    for (int j = 0; j < s->n[1]; j++)
      for (int i = 0; i < s->n[0]; i++) {
        double c[3];
        fixture_point(s, i + 0.5, j + 0.5, k + 0.5, c);
        w->cell[((size_t)k * s->n[1] + j) * s->n[0] + i] = (int16_t)(s->region ? s->region(s, c) : 0);
      }
}

/* Numbers the corners of the cells there are; with a mesh, sets their coordinates, too. */
static inline NodeId fixture_nodes(BoxWork *w)
{
  const BoxSpec *s = w->s;
  NodeId n = 0;
  for (int k = 0; k <= s->n[2]; k++)
    for (int j = 0; j <= s->n[1]; j++)
      for (int i = 0; i <= s->n[0]; i++) {
        bool used = false;
        for (int c = 0; c < 8; c++) used |= fixture_cell(w, i - (c & 1), j - (c >> 1 & 1), k - (c >> 2 & 1)) >= 0;
        if (used && w->m) {
          double *x = &w->m->xyz[3 * (size_t)n];
          fixture_point(s, i, j, k, x);
          if (s->bend) s->bend(x);
        }
        *fixture_node(w, i, j, k) = used ? n++ : -1;
      }
  return n;
}

static inline PetscErrorCode fixture_mesh(const BoxSpec *s, Mesh **out)
{
  BoxWork w = {.s = s, .count_only = true};
  PetscCall(mem_alloc((size_t)s->n[0] * s->n[1] * s->n[2], sizeof *w.cell, &w.cell));
  PetscCall(mem_alloc((size_t)(s->n[0] + 1) * (s->n[1] + 1) * (s->n[2] + 1), sizeof *w.node, &w.node));
  fixture_cells(&w);
  NodeId n_node = fixture_nodes(&w);
  fixture_pass(&w);
  PetscCall(mesh_create(n_node, w.n_tet, w.n_tri, s->n_region, s->n_group, &w.m));
  memcpy(w.m->regions, s->regions, (size_t)s->n_region * sizeof *s->regions);
  memcpy(w.m->groups, s->groups, (size_t)s->n_group * sizeof *s->groups);
  w.count_only = false;
  (void)fixture_nodes(&w);
  fixture_pass(&w);
  free(w.cell);
  free(w.node);
  *out = w.m;
  return 0;
}

#endif
