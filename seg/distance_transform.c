/* Nearest voxels of a mask, and the signed distance that follows from them. */
#include "distance_transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/team.h"
#include "cauda/vec3.h"

/* ---- nearest voxels ---- */

/* Work for one line: sites with their squared distance so far, and the envelope's parabolas. */
typedef struct {
  double *height; /* [n] mm2 */
  double *from;   /* [n + 1] where each parabola of the envelope begins, in steps */
  int *who;       /* [n] sites on the envelope */
  int32_t *near;  /* [n] nearest voxel of each site */
} Line;

static PetscErrorCode line_create(int n, Line *l)
{
  PetscCall(mem_alloc((size_t)n, sizeof *l->height, &l->height));
  PetscCall(mem_alloc((size_t)n + 1, sizeof *l->from, &l->from));
  PetscCall(mem_alloc((size_t)n, sizeof *l->who, &l->who));
  return mem_alloc((size_t)n, sizeof *l->near, &l->near);
}

static void line_destroy(Line *l) { free(l->height), free(l->from), free(l->who), free(l->near); }

/* Where the parabolas of sites p < q cross. */
static double crossing(const double *height, int p, int q, double step2)
{
  return 0.5 * ((height[q] - height[p]) / (step2 * (q - p)) + q + p);
}

/* The lower envelope of the line's sites that know a voxel; returns how many parabolas it has. */
static int envelope(Line *l, int n, double step2)
{
  int m = 0;
  for (int q = 0; q < n; q++) {
    if (l->near[q] < 0) continue;
    double s = -HUGE_VAL;
    while (m > 0 && (s = crossing(l->height, l->who[m - 1], q, step2)) <= l->from[m - 1]) m--;
    l->from[m] = m > 0 ? s : -HUGE_VAL;
    l->who[m++] = q;
  }
  return m;
}

/* One line of voxels from `start` on, `stride` apart, of which each knows the nearest voxel in the axes before `axis`. How
 * far that is, is told by its index: it lies in the same row (axis 1), or in the same slice (axis 2). */
static void sweep_line(Line *l, const int n[3], const double step[3], int axis, size_t start, size_t stride,
                       int32_t *nearest)
{
  const size_t sy = (size_t)n[0];
  const double step2 = step[axis] * step[axis];
  nearest += start;
  for (int i = 0; i < n[axis]; i++) {
    const size_t own = start + (size_t)i * stride, at = (size_t)(l->near[i] = nearest[(size_t)i * stride]);
    if (l->near[i] < 0 || axis == 0) continue;
    const double x = step[0] * ((double)(at % sy) - (double)(own % sy));
    const double y = axis == 2 ? step[1] * ((double)(at / sy % (size_t)n[1]) - (double)(own / sy % (size_t)n[1])) : 0.0;
    l->height[i] = x * x + y * y;
  }
  const int m = envelope(l, n[axis], step2);
  for (int i = 0, k = 0; i < n[axis] && m > 0; i++) {
    while (k + 1 < m && l->from[k + 1] < i) k++;
    nearest[(size_t)i * stride] = l->near[l->who[k]];
  }
}

/* One axis, plane by plane. */
typedef struct {
  const int *n;
  const double *step;
  int axis;
  int32_t *nearest;
} Sweep;

static PetscErrorCode sweep_plane(void *context, int i)
{
  const Sweep *s = context;
  const size_t stride[3] = {1, (size_t)s->n[0], (size_t)s->n[0] * (size_t)s->n[1]};
  const int u = s->axis == 2 ? 1 : 2, v = 3 - s->axis - u;
  Line l = {0};
  PetscErrorCode ierr = line_create(s->n[s->axis], &l); /* heights are 0 */
  for (int j = 0; !ierr && j < s->n[v]; j++)
    sweep_line(&l, s->n, s->step, s->axis, (size_t)i * stride[u] + (size_t)j * stride[v], stride[s->axis], s->nearest);
  line_destroy(&l);
  return ierr;
}

static size_t voxels(const int n[3]) { return (size_t)n[0] * (size_t)n[1] * (size_t)n[2]; }

PetscErrorCode distance_nearest(const uint8_t *mask, const int n[3], const double step[3], bool planar, int n_thread,
                                int32_t *nearest)
{
  const size_t total = voxels(n);
  PetscCheck(total <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "%zu voxels; at most %d can be numbered",
             total, INT32_MAX);
  for (size_t i = 0; i < total; i++) nearest[i] = mask[i] ? (int32_t)i : -1;
  for (int axis = 0; axis < (planar ? 2 : 3); axis++) {
    Sweep s = {n, step, axis, nearest};
    PetscCall(parallel_run(NULL, n[axis == 2 ? 1 : 2], n_thread, sweep_plane, &s));
  }
  return 0;
}

/* ---- signed distances ---- */

typedef struct {
  const uint8_t *mask;
  const float *soft;
  const int *n;
  const double *step;
  bool planar;
} Shape;

static void place(const int n[3], size_t i, int at[3])
{
  at[0] = (int)(i % (size_t)n[0]);
  at[1] = (int)(i / (size_t)n[0] % (size_t)n[1]);
  at[2] = (int)(i / ((size_t)n[0] * (size_t)n[1]));
}

/* How much of the way from voxel i to its neighbour j, on the other side, lies before the surface. */
static double share(const Shape *s, size_t i, size_t j)
{
  if (!s->soft) return 0.5;
  const double a = (double)s->soft[i], b = (double)s->soft[j];
  const bool trusted = (a > 0.0) == (s->mask[i] != 0) && (b > 0.0) == (s->mask[j] != 0) && a != b;
  return trusted ? fmin(0.95, fmax(0.05, a / (a - b))) : 0.5;
}

/* Distance from a voxel's centre to the surface that runs between it and its neighbours, 0 where there is none: that
 * of the plane through the crossings on the axes. */
static double depth(const Shape *s, size_t i)
{
  const size_t stride[3] = {1, (size_t)s->n[0], (size_t)s->n[0] * (size_t)s->n[1]};
  int at[3];
  double sum = 0.0;
  place(s->n, i, at);
  for (int a = 0; a < (s->planar ? 2 : 3); a++) {
    double least = HUGE_VAL;
    if (at[a] > 0 && !s->mask[i] != !s->mask[i - stride[a]]) least = share(s, i, i - stride[a]);
    if (at[a] + 1 < s->n[a] && !s->mask[i] != !s->mask[i + stride[a]]) least = fmin(least, share(s, i, i + stride[a]));
    sum += 1.0 / (least * least * s->step[a] * s->step[a]);
  }
  return sum > 0.0 ? 1.0 / sqrt(sum) : 0.0;
}

static double distance_between(const Shape *s, size_t i, size_t j)
{
  int a[3], b[3];
  double sum = 0.0;
  place(s->n, i, a), place(s->n, j, b);
  for (int e = 0; e < 3; e++) sum += s->step[e] * s->step[e] * (a[e] - b[e]) * (a[e] - b[e]);
  return sqrt(sum);
}

/* Sets d where mask is zero (sign 1) or not zero (sign -1), from the nearest voxel of the other kind. */
typedef struct {
  const Shape *shape;
  const int32_t *nearest;
  double sign;
  float *d;
} Side;

static PetscErrorCode set_side(void *context, int k)
{
  const Side *q = context;
  const Shape *s = q->shape;
  const size_t slice = (size_t)s->n[0] * (size_t)s->n[1], begin = slice * (size_t)k;
  for (size_t i = begin; i < begin + slice; i++) {
    if ((s->mask[i] != 0) != (q->sign < 0.0)) continue;
    if (q->nearest[i] < 0) {
      q->d[i] = (float)(q->sign * HUGE_VAL);
      continue;
    }
    const double own = depth(s, i), near = own > 0.0 ? 0.0 : depth(s, (size_t)q->nearest[i]);
    q->d[i] = (float)(q->sign * (own > 0.0 ? own : distance_between(s, i, (size_t)q->nearest[i]) - near));
  }
  return 0;
}

static bool has_inside(const Shape *s, int k)
{
  const size_t slice = (size_t)s->n[0] * (size_t)s->n[1];
  return memchr(s->mask + slice * (size_t)k, 1, slice) != NULL;
}

/* A slice without inside: the nearest ones below and above that have one go on into it and round off. */
static void cap_slice(const Shape *s, int k, double far, float *d)
{
  const size_t slice = (size_t)s->n[0] * (size_t)s->n[1];
  float *to = d + slice * (size_t)k;
  for (size_t i = 0; i < slice; i++) to[i] = (float)far;
  for (int way = -1; way <= 1; way += 2) {
    int q = k + way;
    while (q >= 0 && q < s->n[2] && !has_inside(s, q)) q += way;
    if (q < 0 || q >= s->n[2]) continue;
    const float *from = d + slice * (size_t)q;
    const double gap = (abs(q - k) - 0.5) * s->step[2];
    for (size_t i = 0; i < slice; i++) to[i] = fminf(to[i], (float)hypot(fmax((double)from[i], 0.0), gap));
  }
}

PetscErrorCode distance_signed(const uint8_t *mask, const float *soft, const int n[3], const double step[3],
                               bool planar, double far, int n_thread, float *d)
{
  const Shape s = {mask, soft, n, step, planar};
  const size_t total = voxels(n);
  uint8_t *outside = NULL;
  int32_t *nearest = NULL;
  PetscErrorCode ierr = mem_alloc(total, 1, &outside);
  if (!ierr) ierr = mem_alloc(total, sizeof *nearest, &nearest);
  if (!ierr) ierr = distance_nearest(mask, n, step, planar, n_thread, nearest);
  if (!ierr) ierr = parallel_run(NULL, n[2], n_thread, set_side, &(Side){&s, nearest, 1.0, d});
  for (size_t i = 0; !ierr && i < total; i++) outside[i] = !mask[i];
  if (!ierr) ierr = distance_nearest(outside, n, step, planar, n_thread, nearest);
  if (!ierr) ierr = parallel_run(NULL, n[2], n_thread, set_side, &(Side){&s, nearest, -1.0, d});
  if (!ierr) {
    for (int k = 0; planar && k < n[2]; k++)
      if (!has_inside(&s, k)) cap_slice(&s, k, far, d);
    for (size_t i = 0; i < total; i++) d[i] = (float)fmax(-far, fmin(far, (double)d[i]));
  }
  free(outside), free(nearest);
  return ierr;
}
