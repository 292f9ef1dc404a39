/* Signed distances of closed loops on a grid in their plane. */
#include <math.h>
#include <stdlib.h>

#include "local.h"
#include "loop.h"

enum { CHUNK = 12 }; /* edges that share one bounding circle */

typedef struct {
  double x, y, r;
} Circle;

double loop_area(int n, const double (*xy)[2])
{
  double a = 0.0;
  for (int i = 0, j = n - 1; i < n; j = i++) a += xy[j][0] * xy[i][1] - xy[i][0] * xy[j][1];
  return 0.5 * a;
}

static double side_of(const double a[2], const double b[2], const double p[2])
{
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

static bool edges_cross(const double a[2], const double b[2], const double c[2], const double d[2])
{
  const double s0 = side_of(a, b, c), s1 = side_of(a, b, d), s2 = side_of(c, d, a), s3 = side_of(c, d, b);
  if (s0 == 0 && s1 == 0) { /* on one line: do they overlap? */
    const int e = fabs(b[0] - a[0]) > fabs(b[1] - a[1]) ? 0 : 1;
    return fmax(a[e], b[e]) >= fmin(c[e], d[e]) && fmax(c[e], d[e]) >= fmin(a[e], b[e]);
  }
  return s0 * s1 <= 0 && s2 * s3 <= 0;
}

bool loop_crossing(int n, const double (*xy)[2], int *i, int *j)
{
  for (*i = 0; *i < n; (*i)++)
    for (*j = *i + 2; *j < n; (*j)++) {
      if (*i == 0 && *j == n - 1) continue;
      if (edges_cross(xy[*i], xy[*i + 1], xy[*j], xy[(*j + 1) % n])) return true;
    }
  return false;
}

double distance_cap(double d, double inradius, double h)
{
  return h > 0.0 ? hypot(fmax(d + inradius, 0.0), h) - inradius : d;
}

static double edge_distance2(const double a[2], const double b[2], double x, double y)
{
  const double ex = b[0] - a[0], ey = b[1] - a[1], px = x - a[0], py = y - a[1], l2 = ex * ex + ey * ey;
  const double along = l2 > 0 ? (px * ex + py * ey) / l2 : 0.0, t = along < 0.0 ? 0.0 : along > 1.0 ? 1.0 : along;
  const double dx = px - t * ex, dy = py - t * ey;
  return dx * dx + dy * dy;
}

static void bound_chunks(int n, const double (*xy)[2], Circle *c)
{
  for (int k = 0; k * CHUNK < n; k++) {
    const int first = k * CHUNK, last = (int)fmin(first + CHUNK, n);
    double lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL};
    for (int i = first; i <= last; i++)
      for (int e = 0; e < 2; e++) lo[e] = fmin(lo[e], xy[i % n][e]), hi[e] = fmax(hi[e], xy[i % n][e]);
    c[k] = (Circle){0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1]), 0.5 * hypot(hi[0] - lo[0], hi[1] - lo[1])};
  }
}

/* Least squared distance to the edges of one chunk, if below `best`. */
static double search_chunk(int n, const double (*xy)[2], int k, double x, double y, double best)
{
  const int last = (k + 1) * CHUNK < n ? (k + 1) * CHUNK : n;
  for (int i = k * CHUNK; i < last; i++) {
    const double d2 = edge_distance2(xy[i], xy[i + 1 < n ? i + 1 : 0], x, y);
    if (d2 < best) best = d2;
  }
  return best;
}

static double nearest_edge(int n, const double (*xy)[2], const Circle *c, double x, double y, int *near_chunk)
{
  double best2 = search_chunk(n, xy, *near_chunk, x, y, HUGE_VAL), best = sqrt(best2);
  for (int k = 0; k * CHUNK < n; k++) {
    const double dx = x - c[k].x, dy = y - c[k].y, reach = best + c[k].r;
    if (dx * dx + dy * dy >= reach * reach) continue;
    const double found = search_chunk(n, xy, k, x, y, best2);
    if (found < best2) best2 = found, best = sqrt(best2), *near_chunk = k;
  }
  return best;
}

/* where the loop crosses the line through y, sorted */
static int row_crossings(int n, const double (*xy)[2], double y, double *x)
{
  int m = 0;
  for (int i = 0, j = n - 1; i < n; j = i++)
    if ((xy[i][1] <= y) != (xy[j][1] <= y))
      x[m++] = xy[j][0] + (y - xy[j][1]) * (xy[i][0] - xy[j][0]) / (xy[i][1] - xy[j][1]);
  qsort(x, (size_t)m, sizeof *x, by_number);
  return m;
}

PetscErrorCode loop_raster(int n, const double (*xy)[2], const int count[2], const double origin[2],
                           const double step[2], float *d)
{
  Circle *c = NULL;
  double *cross = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)(n / CHUNK + 1), sizeof *c, &c);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof *cross, &cross);
  if (!ierr) bound_chunks(n, xy, c);
  int near_chunk = 0;
  for (int j = 0; !ierr && j < count[1]; j++) {
    const double y = origin[1] + step[1] * j;
    const int m = row_crossings(n, xy, y, cross);
    for (int i = 0, passed = 0; i < count[0]; i++) {
      const double x = origin[0] + step[0] * i;
      while (passed < m && cross[passed] <= x) passed++;
      const double r = nearest_edge(n, xy, c, x, y, &near_chunk);
      d[(size_t)j * (size_t)count[0] + (size_t)i] = (float)(passed % 2 ? -r : r);
    }
  }
  free(c), free(cross);
  return ierr;
}
