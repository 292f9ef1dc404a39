/* An internode in its own modes. With y the unknowns (inside the axon and under the myelin, of the five compartments of
 * one half; y = (left +- right) / sqrt 2 for the even and odd part), M their capacitances, K their conductances,
 * f what drives them and g the conductance between a node and the compartment beside it:
 *
 *   M dy/dt = -K y + g e (v_left +- v_right) / sqrt 2 + f,   K phi = lambda M phi,   phi' M phi = 1,   b = g phi' e
 *
 * and for y = sum of phi z:  dz/dt = -lambda z + b (v_left +- v_right) / sqrt 2 + phi' f. */
#include "axon.h"

#include <math.h>
#include <string.h>

enum { HALF = AXON_HALF };
static const double heard = 1e-13; /* modes that a node hardly meets, as a share of its conductance, are left out */

/* Stiffness and mass of one half; the sign of the mirror image is +1 (even) or -1 (odd). */
static void half_matrices(const MrgCompartment *part, const Axon *a, int parity, double m[HALF][HALF],
                          double k[HALF][HALF])
{
  memset(m, 0, HALF * sizeof *m);
  memset(k, 0, HALF * sizeof *k);
  for (int j = 0; j < HALF / 2; j++) {
    const MrgCompartment *p = &part[j + 1];
    int u = 2 * j, w = u + 1;
    m[u][u] = p->c_nF, m[u][w] = m[w][u] = -p->c_nF, m[w][w] = p->c_nF + p->myelin_c_nF;
    k[u][u] += p->g_uS + a->inner_uS[j], k[w][w] += p->g_uS + p->myelin_g_uS + a->outer_uS[j];
    k[u][w] -= p->g_uS, k[w][u] -= p->g_uS;
    if (j == HALF / 2 - 1) break;
    k[u][u] += a->inner_uS[j + 1], k[w][w] += a->outer_uS[j + 1];
    k[u][u + 2] = k[u + 2][u] = -a->inner_uS[j + 1];
    k[w][w + 2] = k[w + 2][w] = -a->outer_uS[j + 1];
  }
  if (parity == ODD) /* across the middle the neighbour is the mirror image */
    k[HALF - 2][HALF - 2] += 2.0 * a->inner_uS[HALF / 2], k[HALF - 1][HALF - 1] += 2.0 * a->outer_uS[HALF / 2];
}

/* k <- L^-1 k L^-T with m = L L^T; l gets L^-1. m couples an axon's inside with what lies around it only. */
static void whiten(double m[HALF][HALF], double k[HALF][HALF], double l[HALF][HALF])
{
  double left[HALF][HALF];
  memset(l, 0, HALF * sizeof *l);
  for (int u = 0; u < HALF; u += 2) {
    double a = sqrt(m[u][u]), b = m[u + 1][u] / a, c = sqrt(m[u + 1][u + 1] - b * b);
    l[u][u] = 1.0 / a, l[u + 1][u + 1] = 1.0 / c, l[u + 1][u] = -b / (a * c);
  }
  for (int i = 0; i < HALF; i++)
    for (int j = 0; j < HALF; j++) {
      left[i][j] = 0.0;
      for (int r = 0; r < HALF; r++) left[i][j] += l[i][r] * k[r][j];
    }
  for (int i = 0; i < HALF; i++)
    for (int j = 0; j < HALF; j++) {
      k[i][j] = 0.0;
      for (int r = 0; r < HALF; r++) k[i][j] += left[i][r] * l[j][r];
    }
}

static void rotate(double a[HALF][HALF], double v[HALF][HALF], int p, int q)
{
  double theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
  double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
  double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
  for (int i = 0; i < HALF; i++) {
    double x = a[i][p], y = a[i][q];
    a[i][p] = c * x - s * y, a[i][q] = s * x + c * y;
  }
  for (int i = 0; i < HALF; i++) {
    double x = a[p][i], y = a[q][i];
    a[p][i] = c * x - s * y, a[q][i] = s * x + c * y;
    x = v[p][i], y = v[q][i];
    v[p][i] = c * x - s * y, v[q][i] = s * x + c * y;
  }
  a[p][q] = a[q][p] = 0.0;
}

/* Jacobi's method: a becomes diagonal, the rows of v its eigenvectors. The entries span nine orders of magnitude, and
 * each is compared with its own diagonal. */
static void diagonalise(double a[HALF][HALF], double v[HALF][HALF])
{
  memset(v, 0, HALF * sizeof *v);
  for (int i = 0; i < HALF; i++) v[i][i] = 1.0;
  for (int sweep = 0, turned = 1; sweep < 60 && turned; sweep++) {
    turned = 0;
    for (int p = 0; p < HALF; p++)
      for (int q = p + 1; q < HALF; q++) {
        if (a[p][q] * a[p][q] <= 1e-30 * fabs(a[p][p] * a[q][q])) continue;
        rotate(a, v, p, q);
        turned = 1;
      }
  }
}

/* Takes up a mode with its lambda. */
static void add_mode(double lambda, const double phi[HALF], double dt_ms, int parity, Axon *a)
{
  double b = a->inner_uS[0] * phi[0], keep = 1.0 / (1.0 + dt_ms * lambda), give = 0.5 * dt_ms * b * b * keep * keep;
  for (int i = 0; i < HALF; i++) a->direct[parity][i] += 0.5 * b / lambda * phi[i];
  if (give < heard * a->inner_uS[0] * (1.0 - keep)) return;
  int n = a->n_mode[parity]++;
  a->keep[parity][n] = keep, a->give[parity][n] = give;
  for (int i = 0; i < HALF; i++) a->shape[parity][n][i] = phi[i] / (b * (1.0 - keep));
}

/* The modes of one parity; returns what they add at once to (v_left +- v_right) as a current into the left node: uS. */
static double take_apart(const MrgCompartment *part, double dt_ms, int parity, Axon *a)
{
  double m[HALF][HALF], k[HALF][HALF], l[HALF][HALF], v[HALF][HALF], sum = 0.0;
  half_matrices(part, a, parity, m, k);
  whiten(m, k, l);
  diagonalise(k, v);
  for (int n = 0; n < HALF; n++) {
    double phi[HALF];
    for (int i = 0; i < HALF; i++) {
      phi[i] = 0.0;
      for (int r = i; r < HALF; r++) phi[i] += l[r][i] * v[n][r];
    }
    double b = a->inner_uS[0] * phi[0];
    sum += 0.5 * b * b * dt_ms / (1.0 + dt_ms * k[n][n]);
    add_mode(k[n][n], phi, dt_ms, parity, a);
  }
  return sum;
}

void axon_modes(const MrgCompartment part[MRG_PER_INTERNODE], double dt_ms, Axon *a)
{
  double even = take_apart(part, dt_ms, EVEN, a), odd = take_apart(part, dt_ms, ODD, a);
  a->join_uS = a->inner_uS[0] - even - odd;
  a->across_uS = even - odd;
}
