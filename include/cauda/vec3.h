/* Vectors of three doubles. Pure arithmetic: no allocation, no errors. */
#ifndef CAUDA_VEC3_H
#define CAUDA_VEC3_H

#include <math.h>

/* Of two numbers that are none of them NaN; fmin and fmax are calls of the library. */
static inline double lesser(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }

static inline void v3_set(double a[3], double x, double y, double z) { a[0] = x, a[1] = y, a[2] = z; }
static inline void v3_copy(const double a[3], double out[3]) { out[0] = a[0], out[1] = a[1], out[2] = a[2]; }
static inline void v3_sub(const double a[3], const double b[3], double out[3])
{
  for (int i = 0; i < 3; i++) out[i] = a[i] - b[i];
}
/* out = a + t b */
static inline void v3_axpy(const double a[3], double t, const double b[3], double out[3])
{
  for (int i = 0; i < 3; i++) out[i] = a[i] + t * b[i];
}
static inline double v3_dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
static inline double v3_norm(const double a[3]) { return sqrt(v3_dot(a, a)); }
static inline double v3_distance2(const double a[3], const double b[3])
{
  double d[3];
  v3_sub(a, b, d);
  return v3_dot(d, d);
}
static inline void v3_cross(const double a[3], const double b[3], double out[3])
{
  double c[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
  v3_copy(c, out);
}
static inline void v3_scale(double t, double a[3])
{
  for (int i = 0; i < 3; i++) a[i] *= t;
}
/* length before; a zero vector stays zero */
static inline double v3_normalise(double a[3])
{
  double n = v3_norm(a);
  if (n > 0.0) v3_scale(1.0 / n, a);
  return n;
}
/* six times the signed volume of the tetrahedron abcd; positive when (b-a, c-a, d-a) is right-handed */
static inline double v3_volume6(const double a[3], const double b[3], const double c[3], const double d[3])
{
  double u[3], v[3], w[3], n[3];
  v3_sub(b, a, u), v3_sub(c, a, v), v3_sub(d, a, w);
  v3_cross(u, v, n);
  return v3_dot(n, w);
}

/* A rigid motion: x_world = R x_local + t. rows of R then t: m[3][4]. */
typedef struct {
  double m[3][4];
} Rigid;

static inline void rigid_apply(const Rigid *g, const double x[3], double out[3])
{
  double y[3];
  for (int i = 0; i < 3; i++) y[i] = g->m[i][0] * x[0] + g->m[i][1] * x[1] + g->m[i][2] * x[2] + g->m[i][3];
  v3_copy(y, out);
}
static inline void rigid_apply_inverse(const Rigid *g, const double x[3], double out[3])
{
  double d[3], y[3];
  for (int i = 0; i < 3; i++) d[i] = x[i] - g->m[i][3];
  for (int i = 0; i < 3; i++) y[i] = g->m[0][i] * d[0] + g->m[1][i] * d[1] + g->m[2][i] * d[2];
  v3_copy(y, out);
}
static inline void rigid_rotate(const Rigid *g, const double v[3], double out[3])
{
  double y[3];
  for (int i = 0; i < 3; i++) y[i] = g->m[i][0] * v[0] + g->m[i][1] * v[1] + g->m[i][2] * v[2];
  v3_copy(y, out);
}
static inline void rigid_rotate_inverse(const Rigid *g, const double v[3], double out[3])
{
  double y[3];
  for (int i = 0; i < 3; i++) y[i] = g->m[0][i] * v[0] + g->m[1][i] * v[1] + g->m[2][i] * v[2];
  v3_copy(y, out);
}

#endif
