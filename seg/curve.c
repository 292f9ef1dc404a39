/* Curves as rows of points. */
#include "curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"

double curve_length(int n, const double (*p)[3])
{
  double s = 0.0;
  for (int i = 0; i + 1 < n; i++) s += sqrt(v3_distance2(p[i], p[i + 1]));
  return s;
}

/* Derivative at b of the parabola through a, b, c that lie h0 and h1 apart in the parameter; a missing neighbour
 * (h = 0) leaves the chord to the other. */
static void tangent(const double a[3], const double b[3], const double c[3], double h0, double h1, double out[3])
{
  for (int i = 0; i < 3; i++) {
    const double s0 = h0 > 0 ? (b[i] - a[i]) / h0 : 0, s1 = h1 > 0 ? (c[i] - b[i]) / h1 : 0;
    out[i] = h0 > 0 && h1 > 0 ? (h1 * s0 + h0 * s1) / (h0 + h1) : s0 + s1;
  }
}

static void hermite(const double a[3], const double ta[3], const double b[3], const double tb[3], double h, double t,
                    double out[3])
{
  const double t2 = t * t, t3 = t2 * t;
  for (int i = 0; i < 3; i++)
    out[i] =
        (2 * t3 - 3 * t2 + 1) * a[i] + (t3 - 2 * t2 + t) * h * ta[i] + (3 * t2 - 2 * t3) * b[i] + (t3 - t2) * h * tb[i];
}

static double centripetal(const double a[3], const double b[3]) { return sqrt(sqrt(v3_distance2(a, b))); }

/* n different points to dense ones; `cut[k]` pieces in chord k */
static void fill_pieces(int n, const double (*p)[3], bool closed, const int *cut, double (*out)[3])
{
  const int chords = closed ? n : n - 1;
  int m = 0;
  for (int k = 0; k < chords; k++) {
    const double *a = p[k], *b = p[(k + 1) % n];
    const bool first = !closed && k == 0, last = !closed && k == n - 2;
    const double *before = first ? a : p[(k + n - 1) % n], *after = last ? b : p[(k + 2) % n];
    const double h = centripetal(a, b);
    double ta[3], tb[3];
    tangent(before, a, b, first ? 0 : centripetal(before, a), h, ta);
    tangent(a, b, after, h, last ? 0 : centripetal(b, after), tb);
    for (int j = 0; j < cut[k]; j++) hermite(a, ta, b, tb, h, (double)j / cut[k], out[m++]);
  }
  if (!closed) v3_copy(p[n - 1], out[m]);
}

static int drop_repeated(int n, const double (*p)[3], bool closed, double (*out)[3])
{
  int m = 0;
  for (int i = 0; i < n; i++)
    if (!m || v3_distance2(p[i], out[m - 1]) > 1e-12) v3_copy(p[i], out[m++]);
  while (closed && m > 1 && v3_distance2(out[0], out[m - 1]) <= 1e-12) m--;
  return m;
}

PetscErrorCode curve_resample(int n, const double (*p)[3], bool closed, double step, int *n_out, double (**out)[3])
{
  double(*q)[3] = NULL;
  int *cut = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)n, sizeof *q, &q);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof *cut, &cut);
  *out = NULL, *n_out = 0;
  if (!ierr) {
    const int m = drop_repeated(n, p, closed, q);
    for (int k = 0; k < (closed ? m : m - 1); k++) {
      cut[k] = (int)ceil(sqrt(v3_distance2(q[k], q[(k + 1) % m])) / step);
      *n_out += cut[k];
    }
    *n_out += !closed;
    ierr = mem_alloc((size_t)*n_out, sizeof **out, out);
    if (!ierr) fill_pieces(m, (const double(*)[3])q, closed, cut, *out);
  }
  free(q), free(cut);
  return ierr;
}

static void sort_along(int n, double (*p)[3], const double direction[3])
{
  for (int i = 1; i < n; i++) {
    double x[3];
    int j = i;
    v3_copy(p[i], x);
    const double key = v3_dot(x, direction);
    for (; j > 0 && v3_dot(p[j - 1], direction) > key; j--) v3_copy(p[j - 1], p[j]);
    v3_copy(x, p[j]);
  }
}

static void reverse_rows(double (*p)[3], int i, int j)
{
  for (; i < j; i++, j--) {
    double x[3];
    v3_copy(p[i], x), v3_copy(p[j], p[i]), v3_copy(x, p[j]);
  }
}

/* what reversing rows i..j saves */
static double reversal_gain(int n, const double (*p)[3], int i, int j)
{
  double gain = 0.0;
  if (i > 0) gain += sqrt(v3_distance2(p[i - 1], p[i])) - sqrt(v3_distance2(p[i - 1], p[j]));
  if (j < n - 1) gain += sqrt(v3_distance2(p[j], p[j + 1])) - sqrt(v3_distance2(p[i], p[j + 1]));
  return gain;
}

void curve_order(int n, double (*p)[3], const double direction[3])
{
  sort_along(n, p, direction);
  bool better = true;
  for (int pass = 0; better && pass < 50; pass++) {
    better = false;
    for (int i = 0; i < n - 1; i++)
      for (int j = i + 1; j < n; j++)
        if (reversal_gain(n, (const double(*)[3])p, i, j) > 1e-9) reverse_rows(p, i, j), better = true;
  }
}

/* diag(w) + weight * (second differences)^T (second differences) = L D L^T: D and the two diagonals below that of L. */
typedef struct {
  double d, below[2];
} BandRow;

static void factor(int n, const double *w, double weight, BandRow *a)
{
  for (int i = 0; i < n; i++) a[i] = (BandRow){w ? w[i] : 1.0, {0.0, 0.0}};
  for (int k = 1; k + 1 < n; k++) { /* the second difference centred at k */
    a[k - 1].d += weight, a[k].d += 4.0 * weight, a[k + 1].d += weight;
    a[k - 1].below[0] -= 2.0 * weight, a[k].below[0] -= 2.0 * weight;
    a[k - 1].below[1] += weight;
  }
  for (int i = 0; i < n; i++) {
    const BandRow *b = i > 0 ? &a[i - 1] : NULL, *c = i > 1 ? &a[i - 2] : NULL;
    if (b) a[i].d -= b->below[0] * b->below[0] * b->d, a[i].below[0] -= b->below[1] * b->below[0] * b->d;
    if (c) a[i].d -= c->below[1] * c->below[1] * c->d;
    a[i].below[0] /= a[i].d, a[i].below[1] /= a[i].d;
  }
}

/* x: the right side, then the solution. */
static void solve(int n, const BandRow *a, double (*x)[3])
{
  for (int i = 0; i < n; i++)
    for (int k = 1; k <= 2 && k <= i; k++) v3_axpy(x[i], -a[i - k].below[k - 1], x[i - k], x[i]);
  for (int i = n - 1; i >= 0; i--) {
    v3_scale(1.0 / a[i].d, x[i]);
    for (int k = 1; k <= 2 && i + k < n; k++) v3_axpy(x[i], -a[i].below[k - 1], x[i + k], x[i]);
  }
}

/* q: room for 2 n points, zeroed. */
static void smooth(int n, double (*p)[3], const double *w, const BandRow *a, int passes, double limit, double (*q)[3])
{
  double(*sum)[3] = q + n;
  for (int pass = 0; pass < passes; pass++) {
    for (int i = 0; i < n; i++) {
      v3_sub(p[i], sum[i], q[i]);
      v3_scale(w ? w[i] : 1.0, q[i]);
    }
    solve(n, a, q);
    for (int i = 0; i < n; i++) v3_axpy(sum[i], 1.0, q[i], sum[i]);
  }
  for (int i = 0; i < n; i++) {
    double moved[3];
    v3_sub(sum[i], p[i], moved);
    const double d = v3_norm(moved);
    v3_axpy(p[i], d > limit ? limit / d : 1.0, moved, p[i]);
  }
}

PetscErrorCode curve_smooth(int n, double (*p)[3], const double *w, double weight, int passes, double limit)
{
  double(*room)[3] = NULL;
  BandRow *a = NULL;
  PetscErrorCode ierr = mem_alloc(2 * (size_t)n, sizeof *room, &room);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof *a, &a);
  if (!ierr) {
    factor(n, w, weight, a);
    smooth(n, p, w, a, passes, limit, room);
  }
  free(room), free(a);
  return ierr;
}
