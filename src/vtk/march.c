/* Marching tetrahedra, one layer of cubes at a time. See march.h. */
#include "march.h"

#include <stdlib.h>
#include <string.h>

/* Corner c of a cube lies at (c & 1, c >> 1 & 1, c >> 2 & 1). A tetrahedron goes from corner 0 to corner 7 along the
 * three axes in some order; all are positively oriented. */
static const int TETS[6][4] = {{0, 1, 3, 7}, {0, 2, 6, 7}, {0, 4, 5, 7}, {0, 3, 2, 7}, {0, 5, 1, 7}, {0, 6, 4, 7}};

/* Even orders of a tetrahedron's vertices that put those inside first (or, of three inside, the one outside). */
static const int ORDER[16][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2}, {0, 1, 2, 3}, {2, 0, 1, 3}, {0, 2, 3, 1},
                                 {1, 2, 0, 3}, {3, 0, 2, 1}, {3, 0, 2, 1}, {0, 3, 1, 2}, {1, 3, 2, 0}, {2, 0, 1, 3},
                                 {2, 3, 0, 1}, {1, 0, 3, 2}, {0, 1, 2, 3}, {0, 1, 2, 3}};
static const int N_INSIDE[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

enum { N_DIRECTION = 7 };           /* edges from a corner to those above it: the difference of the corners, less 1 */
static const double NEAREST = 0.05; /* of an edge: vertices keep away from the lattice's points, so none coincide */

struct March {
  Lattice lattice;
  Rigid world;
  int16_t region;
  Surface *out;
  int layer;          /* of value[1]; -1 before the first */
  float *value[2];    /* [n1][n0] below and above the cubes in work */
  int32_t *vertex[2]; /* [n1][n0][N_DIRECTION] of the edges that begin in that layer, -1: not made yet */
};

static size_t layer_points(const Lattice *l) { return (size_t)l->n[0] * (size_t)l->n[1]; }

static PetscErrorCode allocate(March *m)
{
  size_t n = layer_points(&m->lattice);
  for (int k = 0; k < 2; k++) {
    PetscCall(mem_alloc(n, sizeof **m->value, &m->value[k]));
    PetscCall(mem_alloc(n, N_DIRECTION * sizeof **m->vertex, &m->vertex[k]));
  }
  return 0;
}

PetscErrorCode march_create(const Lattice *l, const Rigid *world, int16_t region, Surface *out, March **march)
{
  March *m;
  *march = NULL;
  PetscCall(mem_alloc(1, sizeof *m, &m));
  *m = (March){.lattice = *l, .world = *world, .region = region, .out = out, .layer = -1};
  PetscErrorCode code = allocate(m);
  if (code) march_destroy(&m);
  PetscCall(code);
  *march = m;
  return 0;
}

void march_destroy(March **march)
{
  March *m = *march;
  if (!m) return;
  for (int k = 0; k < 2; k++) free(m->value[k]), free(m->vertex[k]);
  free(m);
  *march = NULL;
}

/* Makes the vertex where the edge between two corners of cube (i, j, layer - 1) changes sign. */
static PetscErrorCode make_vertex(March *m, const int lower[3], int direction, double below, double above, int32_t *id)
{
  const Lattice *l = &m->lattice;
  Surface *s = m->out;
  double t = fmin(1.0 - NEAREST, fmax(NEAREST, below / (below - above))), x[3];
  PetscCheck(s->n_point < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "the surfaces have more than %d points; take a larger step", INT32_MAX);
  PetscCall(mem_grow(3 * (s->n_point + 1), sizeof *s->xyz, &s->point_capacity, &s->xyz));
  for (int k = 0; k < 3; k++) x[k] = l->origin[k] + l->step * (lower[k] + (direction >> k & 1) * t);
  rigid_apply(&m->world, x, s->xyz + 3 * s->n_point);
  *id = (int32_t)s->n_point++;
  return 0;
}

static float value_at(const March *m, int i, int j, int corner)
{
  return m
      ->value[corner >> 2 & 1][(size_t)(j + (corner >> 1 & 1)) * (size_t)m->lattice.n[0] + (size_t)(i + (corner & 1))];
}

/* The vertex on the edge between corners a and b of cube (i, j). */
static PetscErrorCode find_vertex(March *m, int i, int j, int a, int b, int32_t *id)
{
  int low = a < b ? a : b, direction = a ^ b;
  const int at[3] = {i + (low & 1), j + (low >> 1 & 1), m->layer - 1 + (low >> 2 & 1)};
  size_t point = (size_t)at[1] * (size_t)m->lattice.n[0] + (size_t)at[0];
  int32_t *place = &m->vertex[low >> 2 & 1][point * N_DIRECTION + (size_t)direction - 1];
  if (*place < 0)
    PetscCall(make_vertex(m, at, direction, (double)value_at(m, i, j, low), (double)value_at(m, i, j, low | direction),
                          place));
  *id = *place;
  return 0;
}

static PetscErrorCode add_triangle(March *m, int32_t a, int32_t b, int32_t c)
{
  Surface *s = m->out;
  PetscCall(mem_grow(s->n_tri + 1, sizeof *s->tri, &s->tri_capacity, &s->tri));
  PetscCall(mem_grow(s->n_tri + 1, sizeof *s->region, &s->region_capacity, &s->region));
  s->tri[s->n_tri][0] = a, s->tri[s->n_tri][1] = b, s->tri[s->n_tri][2] = c;
  s->region[s->n_tri++] = m->region;
  return 0;
}

static PetscErrorCode cut_tet(March *m, int i, int j, const int tet[4], int inside)
{
  int32_t v[4];
  int c[4], n = N_INSIDE[inside];
  for (int k = 0; k < 4; k++) c[k] = tet[ORDER[inside][k]];
  if (n == 2) { /* c0 and c1 are inside */
    PetscCall(find_vertex(m, i, j, c[0], c[2], &v[0]));
    PetscCall(find_vertex(m, i, j, c[0], c[3], &v[1]));
    PetscCall(find_vertex(m, i, j, c[1], c[3], &v[2]));
    PetscCall(find_vertex(m, i, j, c[1], c[2], &v[3]));
    PetscCall(add_triangle(m, v[0], v[1], v[2]));
    PetscCall(add_triangle(m, v[0], v[2], v[3]));
    return 0;
  }
  for (int k = 0; k < 3; k++) PetscCall(find_vertex(m, i, j, c[0], c[k + 1], &v[k])); /* c0 is alone on its side */
  PetscCall(n == 1 ? add_triangle(m, v[0], v[1], v[2]) : add_triangle(m, v[0], v[2], v[1]));
  return 0;
}

static PetscErrorCode cut_cube(March *m, int i, int j)
{
  unsigned inside = 0;
  for (int c = 0; c < 8; c++) inside |= (unsigned)(value_at(m, i, j, c) < 0.0f) << c;
  if (inside == 0 || inside == 0xff) return 0;
  for (int t = 0; t < 6; t++) {
    int mask = 0;
    for (int k = 0; k < 4; k++) mask |= (int)(inside >> TETS[t][k] & 1u) << k;
    if (N_INSIDE[mask] % 4) PetscCall(cut_tet(m, i, j, TETS[t], mask));
  }
  return 0;
}

/* Takes a layer over; what lies on the lattice's boundary is made to be outside. */
static void take_layer(March *m, const float *value)
{
  const Lattice *l = &m->lattice;
  bool end = m->layer == 0 || m->layer == l->n[2] - 1;
  float outside = (float)l->step;
  for (int j = 0; j < l->n[1]; j++)
    for (int i = 0; i < l->n[0]; i++) {
      size_t at = (size_t)j * (size_t)l->n[0] + (size_t)i;
      bool border = end || i == 0 || j == 0 || i == l->n[0] - 1 || j == l->n[1] - 1;
      m->value[1][at] = border && !(value[at] > outside) ? outside : value[at];
    }
  memset(m->vertex[1], 0xff, layer_points(l) * N_DIRECTION * sizeof **m->vertex);
}

PetscErrorCode march_layer(March *m, const float *value)
{
  float *old_value = m->value[0];
  int32_t *old_vertex = m->vertex[0];
  m->value[0] = m->value[1], m->vertex[0] = m->vertex[1];
  m->value[1] = old_value, m->vertex[1] = old_vertex;
  m->layer++;
  take_layer(m, value);
  if (m->layer == 0) return 0;
  for (int j = 0; j + 1 < m->lattice.n[1]; j++)
    for (int i = 0; i + 1 < m->lattice.n[0]; i++) PetscCall(cut_cube(m, i, j));
  return 0;
}
