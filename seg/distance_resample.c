/* Distances made smooth, brought onto another grid, and shifted to enclose a given volume. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance_transform.h"
#include "lines.h"

/* fmin and fmax of numbers that are numbers: the library's are calls. */
static double lesser(double a, double b) { return a < b ? a : b; }
static double greater(double a, double b) { return a > b ? a : b; }

/* ---- smoothing ---- */

enum { MOST_REACH = 20 };

static double bell(double x, double sigma) { return exp(-0.5 * x * x / (sigma * sigma)) / sigma; }

/* Weights of a line's neighbours: a Gaussian; `fair`: twice it less the one applied twice. */
static int weights(double sigma, bool fair, double w[2 * MOST_REACH + 1])
{
  const int reach = (int)fmin(MOST_REACH, ceil(4.0 * sigma * (fair ? sqrt(2.0) : 1.0)));
  double sum = 0.0;
  for (int i = -reach; i <= reach; i++)
    sum += w[i + reach] = fair ? 2.0 * bell(i, sigma) - bell(i, sqrt(2.0) * sigma) : bell(i, sigma);
  for (int i = 0; i <= 2 * reach; i++) w[i] /= sum;
  return reach;
}

typedef struct {
  int n, reach;
  double w[2 * MOST_REACH + 1];
} Kernel;

static void smooth_lines(const void *context, const LineValues *from, LineValues *v)
{
  const Kernel *q = context;
  for (int i = 0; i < q->n; i++) {
    LineValues sum = {0.0};
    for (int k = -q->reach; k <= q->reach; k++) {
      const double *at = from[i + k < 0 ? 0 : i + k >= q->n ? q->n - 1 : i + k], w = q->w[k + q->reach];
      for (int l = 0; l < LINES_BUNDLE; l++) sum[l] += w * at[l];
    }
    memcpy(v[i], sum, sizeof sum);
  }
}

static PetscErrorCode smooth(const int n[3], double sigma, bool fair, int n_axes, int n_thread, float *d)
{
  Kernel q;
  q.reach = weights(sigma, fair, q.w);
  for (int axis = 0; axis < n_axes; axis++) {
    q.n = n[axis];
    PetscCall(lines_each(d, n, n, axis, n_thread, smooth_lines, &q, d));
  }
  return 0;
}

PetscErrorCode distance_smooth(const int n[3], double sigma, int n_axes, int n_thread, float *d)
{
  return smooth(n, sigma, false, n_axes, n_thread, d);
}

PetscErrorCode distance_fair(const int n[3], double sigma, int n_axes, double most, int n_thread, float *d)
{
  const size_t total = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
  float *wide = NULL;
  PetscCall(mem_alloc(total, sizeof *wide, &wide));
  memcpy(wide, d, total * sizeof *wide);
  const PetscErrorCode ierr = smooth(n, sigma, true, n_axes, n_thread, wide);
  for (size_t i = 0; !ierr && i < total; i++) {
    const double moved = (double)wide[i] - (double)d[i], u = greater(0.0, lesser(1.0, 2.0 - 2.0 * fabs(moved) / most));
    d[i] = (float)((double)d[i] + u * u * (3.0 - 2.0 * u) * moved);
  }
  free(wide);
  return ierr;
}

/* ---- resampling ---- */

/* Slope at the middle of three values: their mean slope, but nowhere so steep that the cubic overshoots. */
static double limited_slope(double a, double b, double c)
{
  const double left = b - a, right = c - b;
  if (left * right <= 0.0) return 0.0;
  const double mean = 0.5 * (left + right), most = 3.0 * lesser(fabs(left), fabs(right));
  return fabs(mean) > most ? copysign(most, mean) : mean;
}

/* One point of the new lines: between points i and i + 1 of the old ones, weights of these and of their slopes. */
typedef struct {
  int i;
  double w[4];
} Tap;

static Tap tap_at(int n, double u)
{
  const double c = lesser(greater(u, 0.0), n - 1.0);
  const int i = (int)lesser(c, greater(0.0, n - 2.0));
  const double t = c - i, t2 = t * t, t3 = t2 * t;
  return (Tap){i, {2 * t3 - 3 * t2 + 1, t3 - 2 * t2 + t, 3 * t2 - 2 * t3, t3 - t2}};
}

typedef struct {
  int n, m;
  const Tap *tap; /* [m] */
} Taps;

/* Slopes at point i: those of the line's ends are one-sided. */
static void slopes_at(const Taps *q, const LineValues *v, int i, LineValues slope)
{
  const double *a = v[i > 0 ? i - 1 : 0], *b = v[i], *c = v[i + 1 < q->n ? i + 1 : i];
  for (int l = 0; l < LINES_BUNDLE; l++)
    slope[l] = i > 0 && i + 1 < q->n ? limited_slope(a[l], b[l], c[l]) : c[l] - a[l];
}

static void resample_lines(const void *context, const LineValues *from, LineValues *v)
{
  const Taps *q = context;
  LineValues left, right;
  for (int k = 0, at = -1; k < q->m; k++) {
    const Tap *t = &q->tap[k];
    const double *a = from[t->i], *b = from[t->i + 1 < q->n ? t->i + 1 : t->i];
    if (t->i != at) {
      slopes_at(q, from, t->i, left);
      slopes_at(q, from, t->i + 1 < q->n ? t->i + 1 : t->i, right);
      at = t->i;
    }
    for (int l = 0; l < LINES_BUNDLE; l++)
      v[k][l] = t->w[0] * a[l] + t->w[1] * left[l] + t->w[2] * b[l] + t->w[3] * right[l];
  }
}

/* Along one axis: from n to m, which differ in that axis only. */
static PetscErrorCode resample_axis(const float *d, const int n[3], const int m[3], int axis, double start, double pace,
                                    int n_thread, float *out)
{
  Tap *tap = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)m[axis], sizeof *tap, &tap);
  for (int k = 0; !ierr && k < m[axis]; k++) tap[k] = tap_at(n[axis], start + pace * k);
  const Taps q = {n[axis], m[axis], tap};
  if (!ierr) ierr = lines_each(d, n, m, axis, n_thread, resample_lines, &q, out);
  free(tap);
  return ierr;
}

PetscErrorCode distance_resample(const float *d, const int n[3], const int m[3], const double start[3],
                                 const double pace[3], int n_thread, float **out)
{
  const int mid1[3] = {n[0], n[1], m[2]}, mid2[3] = {n[0], m[1], m[2]};
  const size_t most1 = (size_t)mid1[0] * (size_t)mid1[1] * (size_t)mid1[2];
  const size_t most2 = (size_t)mid2[0] * (size_t)mid2[1] * (size_t)mid2[2];
  float *a = NULL, *b = NULL;
  *out = NULL;
  PetscErrorCode ierr = mem_alloc(most1, sizeof *a, &a);
  if (!ierr) ierr = resample_axis(d, n, mid1, 2, start[2], pace[2], n_thread, a);
  if (!ierr) ierr = mem_alloc(most2, sizeof *b, &b);
  if (!ierr) ierr = resample_axis(a, mid1, mid2, 1, start[1], pace[1], n_thread, b);
  free(a);
  if (!ierr) ierr = mem_alloc((size_t)m[0] * (size_t)m[1] * (size_t)m[2], sizeof **out, out);
  if (!ierr) ierr = resample_axis(b, mid2, m, 0, start[0], pace[0], n_thread, *out);
  free(b);
  if (ierr) {
    free(*out);
    *out = NULL;
  }
  return ierr;
}

/* ---- volume ---- */

enum { BINS = 8192, PARTS = 4 };

/* Volumes by distance: below -reach, then in BINS classes up to reach. */
typedef struct {
  double below, reach;
  double bin[BINS];
} Histogram;

static void count(Histogram *h, double d, double volume)
{
  const double u = (d + h->reach) / (2.0 * h->reach) * BINS;
  if (u < 0.0)
    h->below += volume;
  else if (u < BINS)
    h->bin[(int)u] += volume;
}

static void count_cell(Histogram *h, const double v[8], double volume)
{
  for (int k = 0; k < PARTS; k++)
    for (int j = 0; j < PARTS; j++) {
      const double z = (k + 0.5) / PARTS, y = (j + 0.5) / PARTS;
      const double a = (1 - z) * ((1 - y) * v[0] + y * v[2]) + z * ((1 - y) * v[4] + y * v[6]);
      const double b = (1 - z) * ((1 - y) * v[1] + y * v[3]) + z * ((1 - y) * v[5] + y * v[7]);
      for (int i = 0; i < PARTS; i++) count(h, a + (b - a) * (i + 0.5) / PARTS, volume / (PARTS * PARTS * PARTS));
    }
}

static void fill_histogram(const float *d, const int n[3], double volume, Histogram *h)
{
  const size_t sy = (size_t)n[0], sz = sy * (size_t)n[1];
  for (int k = 0; k + 1 < n[2]; k++)
    for (int j = 0; j + 1 < n[1]; j++)
      for (int i = 0; i + 1 < n[0]; i++) {
        const float *p = d + (size_t)k * sz + (size_t)j * sy + (size_t)i;
        const double v[8] = {(double)p[0],  (double)p[1],      (double)p[sy],      (double)p[sy + 1],
                             (double)p[sz], (double)p[sz + 1], (double)p[sz + sy], (double)p[sz + sy + 1]};
        double lo = v[0], hi = v[0];
        for (int c = 1; c < 8; c++) lo = lesser(lo, v[c]), hi = greater(hi, v[c]);
        if (hi < -h->reach)
          h->below += volume;
        else if (lo < h->reach)
          count_cell(h, v, volume);
      }
}

PetscErrorCode distance_shift_for_volume(const float *d, const int n[3], const double step[3], double target,
                                         double reach, double *c)
{
  Histogram *h = NULL;
  PetscCall(mem_alloc(1, sizeof *h, &h));
  h->reach = reach;
  fill_histogram(d, n, step[0] * step[1] * step[2], h);
  double sum = h->below;
  int b = 0;
  while (b < BINS && sum + h->bin[b] < target) sum += h->bin[b++];
  const double part = b < BINS && h->bin[b] > 0.0 ? fmin(1.0, fmax(0.0, (target - sum) / h->bin[b])) : 0.0;
  *c = -reach + 2.0 * reach * (b + part) / BINS;
  free(h);
  return 0;
}
