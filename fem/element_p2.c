/* Second-order tetrahedra with straight edges. With l the barycentric coordinates, the vertices' functions are
 * l (2 l - 1) and those of the edges' middles 4 l_i l_j. sigma is constant in an element, so its matrix is made of the
 * first-order one, G_ij = volume grad l_i . sigma grad l_j, and of the means of products of l:
 * mean(l_i) = 1/4, mean(l_i l_j) = (1 + d_ij) / 20 (Dirichlet's integral). Nothing is left to quadrature. */
#include "fem_impl.h"

static double mean2(int i, int j) { return i == j ? 0.1 : 0.05; }

/* Mean over the element of (4 l_i - 1) l_j. */
static double slope(int i, int j) { return 4.0 * mean2(i, j) - 0.25; }

static double vertex_vertex(const double G[16], int i, int j) { return G[4 * i + j] * (16.0 * mean2(i, j) - 1.0); }

static double vertex_edge(const double G[16], int i, const int e[2])
{
  return 4.0 * (G[4 * i + e[1]] * slope(i, e[0]) + G[4 * i + e[0]] * slope(i, e[1]));
}

static double edge_edge(const double G[16], const int e[2], const int f[2])
{
  double sum = 0.0;
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 2; b++) sum += mean2(e[a], f[b]) * G[4 * e[1 - a] + f[1 - b]];
  return 16.0 * sum;
}

static PetscErrorCode stiffness(const double x[4][3], const double sigma[6], double *K)
{
  enum { N = 10 };
  double G[16];
  PetscCall(p1_stiffness(x, sigma, G));
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) K[N * i + j] = vertex_vertex(G, i, j);
    for (int e = 0; e < 6; e++) K[N * i + 4 + e] = K[N * (4 + e) + i] = vertex_edge(G, i, ELEMENT_EDGE[e]);
  }
  for (int e = 0; e < 6; e++)
    for (int f = 0; f <= e; f++)
      K[N * (4 + e) + 4 + f] = K[N * (4 + f) + 4 + e] = edge_edge(G, ELEMENT_EDGE[e], ELEMENT_EDGE[f]);
  return 0;
}

static void basis(const double w[4], double *N)
{
  for (int i = 0; i < 4; i++) N[i] = w[i] * (2.0 * w[i] - 1.0);
  for (int e = 0; e < 6; e++) N[4 + e] = 4.0 * w[ELEMENT_EDGE[e][0]] * w[ELEMENT_EDGE[e][1]];
}

static void gradients(const double w[4], const double g[4][3], double (*gradient)[3])
{
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < 4; i++) gradient[i][k] = (4.0 * w[i] - 1.0) * g[i][k];
    for (int e = 0; e < 6; e++) {
      int i = ELEMENT_EDGE[e][0], j = ELEMENT_EDGE[e][1];
      gradient[4 + e][k] = 4.0 * (w[i] * g[j][k] + w[j] * g[i][k]);
    }
  }
}

/* Corner i faces edge 2 - i of FACE_EDGE. Integrals of l_0^a l_1^b l_2^c are 2 area a! b! c! / (a + b + c + 2)!. */
static void face_mass(double area, double *M)
{
  enum { N = 6 };
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double m = i == j ? 6.0 : -1.0;
      if (i >= 3 && j >= 3) m = i == j ? 32.0 : 16.0;
      if ((i < 3) != (j < 3)) m = i + j == 5 ? -4.0 : 0.0;
      M[N * i + j] = m * area / 180.0;
    }
}

static void face_load(double area, double *b)
{
  for (int i = 0; i < 3; i++) b[i] = 0.0, b[3 + i] = area / 3.0;
}

const Element ELEMENT_P2 = {.order = 2,
                            .n_node = 10,
                            .n_face_node = 6,
                            .stiffness = stiffness,
                            .basis = basis,
                            .gradients = gradients,
                            .face_mass = face_mass,
                            .face_load = face_load};
