/* First-order tetrahedra, the geometry that both orders share, and the table of elements by order. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <string.h>

#define M_PER_MM 1e-3

const int ELEMENT_EDGE[6][2] = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}};
const int FACE_EDGE[3][2] = {{0, 1}, {0, 2}, {1, 2}};

static void basis(const double w[4], double *N) { memcpy(N, w, 4 * sizeof *w); }

static void gradients(const double w[4], const double g[4][3], double (*gradient)[3])
{
  (void)w;
  memcpy(gradient, g, 4 * sizeof *g);
}

static void face_mass(double area, double *M)
{
  for (int i = 0; i < 9; i++) M[i] = (i % 4 ? 1.0 : 2.0) * area / 12.0;
}

static void face_load(double area, double *b) { b[0] = b[1] = b[2] = area / 3.0; }

const Element ELEMENT_P1 = {.order = 1,
                            .n_node = 4,
                            .n_face_node = 3,
                            .stiffness = p1_stiffness,
                            .basis = basis,
                            .gradients = gradients,
                            .face_mass = face_mass,
                            .face_load = face_load};

PetscErrorCode element_find(int order, const Element **out)
{
  PetscCheck(order == 1 || order == 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "field: found order %d, expected 1 or 2",
             order);
  *out = order == 1 ? &ELEMENT_P1 : &ELEMENT_P2;
  return 0;
}

static void vertex(const Mesh *m, NodeId n, double x[3])
{
  v3_copy(&m->xyz[3 * (size_t)n], x);
  v3_scale(M_PER_MM, x);
}

void element_vertices(const Mesh *m, TetId t, double x[4][3])
{
  for (int i = 0; i < 4; i++) vertex(m, m->tet[t][i], x[i]);
}

void face_vertices(const Mesh *m, TriId t, double x[3][3])
{
  for (int i = 0; i < 3; i++) vertex(m, m->tri[t][i], x[i]);
}

double p1_gradients(const double x[4][3], double gradient[4][3])
{
  double edge[3][3];
  for (int i = 0; i < 3; i++) v3_sub(x[i + 1], x[0], edge[i]);
  for (int i = 0; i < 3; i++) v3_cross(edge[(i + 1) % 3], edge[(i + 2) % 3], gradient[i + 1]);
  double det = v3_dot(edge[0], gradient[1]);
  if (det == 0.0) return 0.0;
  for (int i = 1; i < 4; i++) v3_scale(1.0 / det, gradient[i]);
  for (int k = 0; k < 3; k++) gradient[0][k] = -(gradient[1][k] + gradient[2][k] + gradient[3][k]);
  return det / 6.0;
}

void tensor_times(const double s[6], const double v[3], double out[3])
{
  out[0] = s[0] * v[0] + s[3] * v[1] + s[5] * v[2];
  out[1] = s[3] * v[0] + s[1] * v[1] + s[4] * v[2];
  out[2] = s[5] * v[0] + s[4] * v[1] + s[2] * v[2];
}

/* Without the division that p1_gradients() makes for each: the gradients times 6 volumes are products of edges. */
PetscErrorCode p1_stiffness(const double x[4][3], const double sigma[6], double *K)
{
  double edge[3][3], g[4][3], flux[3];
  for (int i = 0; i < 3; i++) v3_sub(x[i + 1], x[0], edge[i]);
  for (int i = 0; i < 3; i++) v3_cross(edge[(i + 1) % 3], edge[(i + 2) % 3], g[i + 1]);
  for (int k = 0; k < 3; k++) g[0][k] = -(g[1][k] + g[2][k] + g[3][k]);
  double volume6 = v3_dot(edge[0], g[1]);
  PetscCheck(volume6 > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "a tetrahedron near (%g, %g, %g) mm has a volume of %g mm3, expected a positive one", 1e3 * x[0][0],
             1e3 * x[0][1], 1e3 * x[0][2], 1e9 * volume6 / 6.0);
  double scale = 1.0 / (6.0 * volume6);
  for (int i = 0; i < 4; i++) {
    tensor_times(sigma, g[i], flux);
    for (int j = 0; j <= i; j++) K[4 * i + j] = K[4 * j + i] = scale * v3_dot(flux, g[j]);
  }
  return 0;
}
