/* First-order tetrahedra, the geometry that both orders share, and the table of elements by order. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
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

bool tensor_is_positive(const double s[6])
{
  double minor2 = s[0] * s[1] - s[3] * s[3];
  double det = s[2] * minor2 - s[4] * (s[0] * s[4] - s[3] * s[5]) + s[5] * (s[3] * s[4] - s[1] * s[5]);
  return s[0] > 0.0 && minor2 > 0.0 && det > 0.0 && isfinite(det);
}

PetscErrorCode tet_check(const Mesh *m, const double *sigma, TetId t)
{
  const char *region = m->regions[m->region[t]].name;
  double volume = mesh_tet_volume(m, t);
  PetscCheck(tensor_is_positive(sigma + 6 * (size_t)t), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "tetrahedron %d (%s): the conductivity tensor is not positive definite", (int)t, region);
  PetscCheck(volume > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "tetrahedron %d (%s): found a volume of %g mm3, expected a positive one", (int)t, region, volume);
  return 0;
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

void symmetric4_pack(const double full[16], Symmetric4 *out)
{
  for (int i = 0; i < 4; i++) out->own[i] = full[5 * i], out->next[i] = full[4 * i + (i + 1) % 4];
  for (int i = 0; i < 2; i++) out->across[i] = full[5 * i + 2];
}

/* ---- two at once: one number of each in a register -------------------------------------------------------------------- */

enum { LANES = 2, AHEAD = 16 };

typedef double Lanes __attribute__((vector_size(8 * LANES)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* edge [3]: to vertices 1, 2, 3 from 0, m; sigma as the tetrahedra's. Each register is made of its numbers at once: what two
 * stores have written, one load gets late. */
ALWAYS_INLINE void tets_load(const Mesh *m, const double *sigma, const TetId tet[LANES], Lanes edge[3][3],
                             Lanes tensor[6])
{
  const NodeId *v = m->tet[tet[0]], *w = m->tet[tet[1]];
  const double *s = sigma + 6 * (size_t)tet[0], *t = sigma + 6 * (size_t)tet[1];
  Lanes x[4][3];
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 3; k++) x[i][k] = (Lanes){m->xyz[3 * (size_t)v[i] + k], m->xyz[3 * (size_t)w[i] + k]};
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) edge[i][k] = M_PER_MM * (x[i + 1][k] - x[0][k]);
  for (int k = 0; k < 6; k++) tensor[k] = (Lanes){s[k], t[k]};
}

/* Places that lie anywhere, asked for in time. */
ALWAYS_INLINE void tets_ask(const Mesh *m, const double *sigma, const TetId tet[LANES])
{
  for (int l = 0; l < LANES; l++) {
    for (int i = 0; i < 4; i++) __builtin_prefetch(&m->xyz[3 * (size_t)m->tet[tet[l]][i]]);
    __builtin_prefetch(sigma + 6 * (size_t)tet[l]);
  }
}

ALWAYS_INLINE void cross(const Lanes a[3], const Lanes b[3], Lanes out[3])
{
  for (int k = 0; k < 3; k++) out[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

ALWAYS_INLINE Lanes dot(const Lanes a[3], const Lanes b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

ALWAYS_INLINE void tensors_times(const Lanes s[6], const Lanes v[3], Lanes out[3])
{
  out[0] = s[0] * v[0] + s[3] * v[1] + s[5] * v[2];
  out[1] = s[3] * v[0] + s[1] * v[1] + s[4] * v[2];
  out[2] = s[5] * v[0] + s[4] * v[1] + s[2] * v[2];
}

ALWAYS_INLINE bool all_positive(Lanes v) { return v[0] > 0.0 && v[1] > 0.0; }

/* As tensor_is_positive(). */
ALWAYS_INLINE bool tensors_are_positive(const Lanes s[6])
{
  Lanes minor2 = s[0] * s[1] - s[3] * s[3];
  Lanes det = s[2] * minor2 - s[4] * (s[0] * s[4] - s[3] * s[5]) + s[5] * (s[3] * s[4] - s[1] * s[5]);
  return all_positive(s[0]) && all_positive(minor2) && all_positive(det) && det[0] < INFINITY && det[1] < INFINITY;
}

/* false where a volume or a tensor is not positive */
ALWAYS_INLINE bool tets_stiffness(const Mesh *m, const double *sigma, const TetId tet[LANES], Symmetric4 *K)
{
  Lanes edge[3][3], tensor[6], g[3][3], flux[3], G[4][4];
  tets_load(m, sigma, tet, edge, tensor);
  for (int i = 0; i < 3; i++) cross(edge[(i + 1) % 3], edge[(i + 2) % 3], g[i]);
  Lanes volume6 = dot(edge[0], g[0]), scale = 1.0 / (6.0 * volume6);
  for (int j = 1; j < 4; j++) {
    tensors_times(tensor, g[j - 1], flux);
    for (int i = j; i < 4; i++) G[i][j] = G[j][i] = scale * dot(g[i - 1], flux);
  }
  for (int i = 1; i < 4; i++) G[0][i] = G[i][0] = -(G[i][1] + G[i][2] + G[i][3]);
  G[0][0] = -(G[0][1] + G[0][2] + G[0][3]);
  for (int l = 0; l < LANES; l++) {
    for (int i = 0; i < 4; i++) K[l].own[i] = G[i][i][l], K[l].next[i] = G[i][(i + 1) % 4][l];
    for (int i = 0; i < 2; i++) K[l].across[i] = G[i][i + 2][l];
  }
  return all_positive(volume6) && tensors_are_positive(tensor);
}

static PetscErrorCode one_by_one(const Mesh *m, const double *sigma, int32_t n, const TetId *tet, Symmetric4 *K)
{
  for (int32_t l = 0; l < n; l++) {
    double x[4][3], full[16];
    PetscCall(tet_check(m, sigma, tet[l]));
    element_vertices(m, tet[l], x);
    PetscCall(p1_stiffness(x, sigma + 6 * (size_t)tet[l], full));
    symmetric4_pack(full, &K[l]);
  }
  return 0;
}

/* A last one goes twice, so that a cell's matrix does not depend on where in the list it is. */
PetscErrorCode p1_stiffness_tets(const Mesh *m, const double *sigma, int32_t n, const TetId *tet, Symmetric4 *K)
{
  for (int32_t c = 0; c < n; c += LANES) {
    const TetId twice[LANES] = {tet[c], tet[c + 1 < n ? c + 1 : c]};
    Symmetric4 out[LANES];
    if (c + AHEAD + LANES <= n) tets_ask(m, sigma, tet + c + AHEAD);
    if (!tets_stiffness(m, sigma, twice, out)) return one_by_one(m, sigma, n - c, tet + c, K + c); /* it says which */
    memcpy(K + c, out, (c + 1 < n ? 2 : 1) * sizeof *K);
  }
  return 0;
}
