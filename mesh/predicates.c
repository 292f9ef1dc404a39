/* Filters before exact arithmetic. The bounds on the rounding errors are those of CGAL 5.5 (O. Devillers, S. Pion,
 * "Efficient exact geometric predicates for Delaunay triangulations", ALENEX 2003): a constant times the product of the largest
 * differences of coordinates. */
#include "predicates.h"

#include <stdbool.h>

static const double PLANE_ERROR = 5.1107127829973299e-15, SPHERE_ERROR = 1.2466136531027298e-13;
/* For the rounding of the products below. */
static const double SLACK = 1.0 + 1e-10;

/* Largest magnitudes along each axis of n differences, in ascending order. */
static void extents(const double (*d)[3], int n, double e[3])
{
  for (int k = 0; k < 3; k++) {
    e[k] = fabs(d[0][k]);
    for (int i = 1; i < n; i++) e[k] = greater(e[k], fabs(d[i][k]));
  }
  const double a = lesser(e[0], e[1]), b = greater(e[0], e[1]), c = e[2];
  e[0] = lesser(a, c), e[2] = greater(b, c), e[1] = greater(a, lesser(b, c));
}

/* The same bounds, looser and sooner known: no difference is larger than the longest vector, whose square is given. Squares
 * are compared: no root is drawn. */
static bool surely_plane(double v, double length2)
{
  return v * v > SLACK * PLANE_ERROR * PLANE_ERROR * length2 * length2 * length2;
}
static bool surely_sphere(double v, double length2)
{
  const double square = length2 * length2;
  return v * v > SLACK * SPHERE_ERROR * SPHERE_ERROR * square * square * length2;
}

int side_of_plane(const double a[3], const double b[3], const double c[3], const double d[3])
{
  double u[3][3], n[3], e[3];
  v3_sub(b, a, u[0]), v3_sub(c, a, u[1]), v3_sub(d, a, u[2]);
  v3_cross(u[0], u[1], n);
  const double v = v3_dot(n, u[2]);
  if (surely_plane(v, greater(greater(v3_dot(u[0], u[0]), v3_dot(u[1], u[1])), v3_dot(u[2], u[2]))))
    return v > 0.0 ? 1 : -1;
  extents((const double(*)[3])u, 3, e);
  const double bound = PLANE_ERROR * e[0] * e[1] * e[2];
  if (v > bound) return 1;
  if (v < -bound) return -1;
  const double exact = exact_volume(a, b, c, d);
  return exact > 0.0 ? 1 : exact < 0.0 ? -1 : 0;
}

int side_of_sphere(const double a[3], const double b[3], const double c[3], const double d[3], const double p[3])
{
  double u[4][3], ab[3], cd[3], e[3];
  v3_sub(a, p, u[0]), v3_sub(b, p, u[1]), v3_sub(c, p, u[2]), v3_sub(d, p, u[3]);
  /* the determinant of rows (u, u.u), expanded by the last column: volumes of three of the four */
  v3_cross(u[0], u[1], ab), v3_cross(u[2], u[3], cd);
  const double abc = v3_dot(ab, u[2]), abd = v3_dot(ab, u[3]), acd = v3_dot(cd, u[0]), bcd = v3_dot(cd, u[1]);
  const double aa = v3_dot(u[0], u[0]), bb = v3_dot(u[1], u[1]), cc = v3_dot(u[2], u[2]), dd = v3_dot(u[3], u[3]);
  const double v = aa * bcd - bb * acd + cc * abd - dd * abc;
  if (surely_sphere(v, greater(greater(aa, bb), greater(cc, dd)))) return v > 0.0 ? 1 : -1;
  extents((const double(*)[3])u, 4, e);
  const double bound = SPHERE_ERROR * e[0] * e[1] * e[2] * e[2] * e[2];
  if (v > bound) return 1;
  if (v < -bound) return -1;
  const double exact = exact_sphere(a, b, c, d, p);
  return exact > 0.0 ? 1 : exact < 0.0 ? -1 : 0;
}
