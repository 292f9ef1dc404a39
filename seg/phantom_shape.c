/* The phantom's sections: ellipses and a butterfly, and how they change with height. */
#include <math.h>
#include <string.h>

#include "phantom.h"

enum { KNOTS = 64 };

/* Slope of a monotone cubic where chords of length h0, h1 and slopes s0, s1 meet: a weighted harmonic mean, zero where
 * they differ in sign. Source: Fritsch and Butland, SIAM J Sci Stat Comput 1984;5:300. */
static double monotone_slope(double h0, double s0, double h1, double s1)
{
  if (s0 * s1 <= 0.0) return 0.0;
  const double w0 = 2 * h1 + h0, w1 = h1 + 2 * h0;
  return (w0 + w1) / (w0 / s0 + w1 / s1);
}

static double knot_slope(int n, const double *x, const double *y, int i)
{
  if (i == 0 || i == n - 1) return 0.0;
  const double h0 = x[i] - x[i - 1], h1 = x[i + 1] - x[i];
  return monotone_slope(h0, (y[i] - y[i - 1]) / h0, h1, (y[i + 1] - y[i]) / h1);
}

static double monotone_cubic(int n, const double *x, const double *y, double at)
{
  if (at <= x[0]) return y[0];
  if (at >= x[n - 1]) return y[n - 1];
  int k = 0;
  while (at > x[k + 1]) k++;
  const double h = x[k + 1] - x[k], t = (at - x[k]) / h, t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * y[k] + (t3 - 2 * t2 + t) * h * knot_slope(n, x, y, k) + (3 * t2 - 2 * t3) * y[k + 1] +
         (t3 - t2) * h * knot_slope(n, x, y, k + 1);
}

void phantom_cord_axes(const PhantomModel *m, double z, double *a, double *b)
{
  double zk[KNOTS], ak[KNOTS], bk[KNOTS], below = 0.0;
  const int n = m->n_segments < KNOTS - 1 ? m->n_segments : KNOTS - 1;
  zk[0] = 0.0, ak[0] = bk[0] = 0.5 * m->filum_diameter_mm;
  for (int i = 1; i <= n; i++) {
    const PhantomSegment *s = &m->segments[m->n_segments - i];
    zk[i] = below + 0.5 * s->length_mm;
    ak[i] = 0.5 * s->transverse_mm, bk[i] = 0.5 * s->anteroposterior_mm;
    below += s->length_mm;
  }
  *a = monotone_cubic(n + 1, zk, ak, z);
  *b = monotone_cubic(n + 1, zk, bk, z);
}

/* The foot of the perpendicular, by walking: the ellipse near the guess is replaced by its circle of curvature, whose
 * nearest point gives the next guess. Five steps suffice for axes within 1:4. */
double ellipse_distance(double a, double b, double x, double y)
{
  double c = sqrt(0.5), s = c;
  x = fabs(x), y = fabs(y);
  for (int i = 0; i < 5; i++) {
    const double ex = (a * a - b * b) * c * c * c / a, ey = (b * b - a * a) * s * s * s / b;
    const double r = hypot(a * c - ex, b * s - ey), q = hypot(x - ex, y - ey);
    if (q < 1e-12) break;
    c = fmin(fmax((ex + (x - ex) * r / q) / a, 0.0), 1.0);
    s = fmin(fmax((ey + (y - ey) * r / q) / b, 0.0), 1.0);
    const double l = hypot(c, s);
    c /= l, s /= l;
  }
  const double d = hypot(x - a * c, y - b * s), u = x / a, v = y / b;
  return u * u + v * v < 1.0 ? -d : d;
}

/* distance to a stroke of half thickness r from p to q */
static double stroke(const double p[2], const double q[2], double r, double x, double y)
{
  const double ex = q[0] - p[0], ey = q[1] - p[1], dx = x - p[0], dy = y - p[1], l2 = ex * ex + ey * ey;
  const double t = l2 > 0 ? fmin(fmax((dx * ex + dy * ey) / l2, 0.0), 1.0) : 0.0;
  return hypot(dx - t * ex, dy - t * ey) - r;
}

/* minimum with a fillet of about k */
static double blend(double d, double e, double k)
{
  const double h = fmax(k - fabs(d - e), 0.0);
  return fmin(d, e) - h * h / (4.0 * k);
}

double butterfly_distance(double a, double b, double fraction, double x, double y)
{
  const double w = fraction * a; /* half width; the shape below is drawn in it and in the cord's half height */
  const double middle[2] = {0, 0}, neck[2] = {0.45 * w, 0.06 * b};
  const double ventral[2] = {0.56 * w, 0.16 * b}, ventral_end[2] = {0.58 * w, 0.30 * b};
  const double dorsal[2] = {0.46 * w, -0.05 * b}, dorsal_end[2] = {0.76 * w, -0.52 * b};
  x = fabs(x);
  const double commissure = stroke(middle, neck, 0.17 * w, x, y);
  const double front = stroke(ventral, ventral_end, 0.42 * w, x, y);
  const double back = stroke(dorsal, dorsal_end, 0.22 * w, x, y);
  return blend(blend(front, back, 0.2 * w), commissure, 0.2 * w);
}
