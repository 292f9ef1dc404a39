/* Distances made smooth, brought onto another grid, and shifted to enclose a given volume. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance_transform.h"

/* fmin and fmax of numbers that are numbers: the library's are calls. */
static double lesser(double a, double b) { return a < b ? a : b; }
static double greater(double a, double b) { return a > b ? a : b; }

/* ---- lines of an array along one axis ---- */

static size_t stride_of(const int n[3], int axis)
{
  return axis == 0 ? 1 : axis == 1 ? (size_t)n[0] : (size_t)n[0] * (size_t)n[1];
}

/* Start of line `i` of all that run along `axis`. */
static size_t line_start(const int n[3], int axis, size_t i)
{
  if (axis == 0) return i * (size_t)n[0];
  if (axis == 2) return i;
  return i / (size_t)n[0] * (size_t)n[0] * (size_t)n[1] + i % (size_t)n[0];
}

static size_t line_count(const int n[3], int axis) { return (size_t)n[(axis + 1) % 3] * (size_t)n[(axis + 2) % 3]; }

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

static void smooth_line(float *d, int n, size_t stride, int reach, const double *w, double *copy)
{
  for (int i = 0; i < n; i++) copy[i] = (double)d[(size_t)i * stride];
  for (int i = 0; i < n; i++) {
    double sum = 0.0;
    for (int k = -reach; k <= reach; k++) {
      const int at = i + k < 0 ? 0 : i + k >= n ? n - 1 : i + k;
      sum += w[k + reach] * copy[at];
    }
    d[(size_t)i * stride] = (float)sum;
  }
}

static PetscErrorCode smooth(const int n[3], double sigma, bool fair, int n_axes, float *d)
{
  double w[2 * MOST_REACH + 1], *copy = NULL;
  const int reach = weights(sigma, fair, w);
  PetscCall(mem_alloc((size_t)fmax(n[0], fmax(n[1], n[2])), sizeof *copy, &copy));
  for (int axis = 0; axis < n_axes; axis++)
    for (size_t i = 0; i < line_count(n, axis); i++)
      smooth_line(d + line_start(n, axis, i), n[axis], stride_of(n, axis), reach, w, copy);
  free(copy);
  return 0;
}

PetscErrorCode distance_smooth(const int n[3], double sigma, int n_axes, float *d)
{
  return smooth(n, sigma, false, n_axes, d);
}

PetscErrorCode distance_fair(const int n[3], double sigma, int n_axes, double most, float *d)
{
  const size_t total = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
  float *wide = NULL;
  PetscCall(mem_alloc(total, sizeof *wide, &wide));
  memcpy(wide, d, total * sizeof *wide);
  const PetscErrorCode ierr = smooth(n, sigma, true, n_axes, wide);
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

static double cubic_at(const double *v, int n, double u)
{
  const double c = lesser(greater(u, 0.0), n - 1.0);
  const int i = (int)lesser(c, greater(0.0, n - 2.0));
  const double t = c - i;
  if (n == 1 || t == 0.0) return v[i];
  const double a = v[i], b = v[i + 1];
  const double sa = i > 0 ? limited_slope(v[i - 1], a, b) : b - a,
               sb = i + 2 < n ? limited_slope(a, b, v[i + 2]) : b - a;
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * sa + (3 * t2 - 2 * t3) * b + (t3 - t2) * sb;
}

/* Along one axis: from n to m, which differ in that axis only. */
static PetscErrorCode resample_axis(const float *d, const int n[3], const int m[3], int axis, double start, double pace,
                                    float *out)
{
  const size_t from_stride = stride_of(n, axis), to_stride = stride_of(m, axis);
  double *line = NULL;
  PetscCall(mem_alloc((size_t)n[axis], sizeof *line, &line));
  for (size_t i = 0; i < line_count(n, axis); i++) {
    const float *from = d + line_start(n, axis, i);
    float *to = out + line_start(m, axis, i);
    for (int k = 0; k < n[axis]; k++) line[k] = (double)from[(size_t)k * from_stride];
    for (int k = 0; k < m[axis]; k++) to[(size_t)k * to_stride] = (float)cubic_at(line, n[axis], start + pace * k);
  }
  free(line);
  return 0;
}

PetscErrorCode distance_resample(const float *d, const int n[3], const int m[3], const double start[3],
                                 const double pace[3], float **out)
{
  const int mid1[3] = {n[0], n[1], m[2]}, mid2[3] = {n[0], m[1], m[2]};
  const size_t most1 = (size_t)mid1[0] * (size_t)mid1[1] * (size_t)mid1[2];
  const size_t most2 = (size_t)mid2[0] * (size_t)mid2[1] * (size_t)mid2[2];
  float *a = NULL, *b = NULL;
  *out = NULL;
  PetscErrorCode ierr = mem_alloc(most1, sizeof *a, &a);
  if (!ierr) ierr = resample_axis(d, n, mid1, 2, start[2], pace[2], a);
  if (!ierr) ierr = mem_alloc(most2, sizeof *b, &b);
  if (!ierr) ierr = resample_axis(a, mid1, mid2, 1, start[1], pace[1], b);
  free(a);
  if (!ierr) ierr = mem_alloc((size_t)m[0] * (size_t)m[1] * (size_t)m[2], sizeof **out, out);
  if (!ierr) ierr = resample_axis(b, mid2, m, 0, start[0], pace[0], *out);
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
