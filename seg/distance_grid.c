/* Distances of the shapes an image shows, on one regular grid. */
#include "distance_grid.h"

#include <stdlib.h>

PetscErrorCode distance_grid_create(const int n[3], const double origin[3], const double step[3], const Tissue *shown,
                                    int n_shown, DistanceGrid **out)
{
  DistanceGrid *g = NULL;
  PetscCheck(n[0] > 1 && n[1] > 1 && n[2] > 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "distance grid of %d x %d x %d points; at least 2 along each axis are needed", n[0], n[1], n[2]);
  PetscCall(mem_alloc(1, sizeof *g, &g));
  for (int i = 0; i < TISSUE_COUNT; i++) g->channel[i] = -1;
  for (int i = 0; i < n_shown; i++) g->channel[shown[i]] = i;
  for (int i = 0; i < 3; i++) g->n[i] = n[i], g->origin[i] = origin[i], g->step[i] = step[i];
  g->n_channel = n_shown;
  PetscErrorCode ierr = mem_alloc((size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof(float) * (size_t)n_shown, &g->d);
  if (ierr) distance_grid_destroy(&g);
  *out = g;
  return ierr;
}

void distance_grid_destroy(DistanceGrid **g)
{
  if (!*g) return;
  free((*g)->d);
  free(*g);
  *g = NULL;
}

/* Where p lies: in which cell, how far along it, how far beyond the grid in x and y. */
typedef struct {
  size_t cell; /* of its first corner, points */
  double f[3], out[3], beyond;
} Spot;

static void find_spot(const DistanceGrid *g, const double p[3], Spot *s)
{
  int i0[3];
  for (int k = 0; k < 3; k++) {
    const double top = g->n[k] - 1, u = (p[k] - g->origin[k]) / g->step[k];
    const double c = u > 0.0 ? (u < top ? u : top) : 0.0;
    s->out[k] = k < 2 ? (u - c) * g->step[k] : 0.0;
    i0[k] = (int)(c < top - 1.0 ? c : top - 1.0);
    s->f[k] = c - i0[k];
  }
  const double beyond2 = s->out[0] * s->out[0] + s->out[1] * s->out[1];
  s->beyond = beyond2 > 0.0 ? sqrt(beyond2) : 0.0;
  s->cell = ((size_t)i0[2] * (size_t)g->n[1] + (size_t)i0[1]) * (size_t)g->n[0] + (size_t)i0[0];
}

void distance_grid_sample(const DistanceGrid *g, const double p[3], double *out)
{
  Spot s;
  find_spot(g, p, &s);
  const double *f = s.f;
  const size_t m = (size_t)g->n_channel, sx = m, sy = (size_t)g->n[0] * m, sz = sy * (size_t)g->n[1];
  const float *d = g->d + s.cell * m;
  const double w00 = (1 - f[1]) * (1 - f[2]), w10 = f[1] * (1 - f[2]), w01 = (1 - f[1]) * f[2], w11 = f[1] * f[2];
  for (size_t c = 0; c < m; c++, d++) {
    const double a = w00 * (double)d[0] + w10 * (double)d[sy] + w01 * (double)d[sz] + w11 * (double)d[sy + sz];
    const double b =
        w00 * (double)d[sx] + w10 * (double)d[sx + sy] + w01 * (double)d[sx + sz] + w11 * (double)d[sx + sy + sz];
    out[c] = (1 - f[0]) * a + f[0] * b + s.beyond;
  }
}

double distance_grid_gradient(const DistanceGrid *g, int channel, const double p[3], double gradient[3])
{
  Spot s;
  find_spot(g, p, &s);
  const size_t m = (size_t)g->n_channel, sx = m, sy = (size_t)g->n[0] * m, sz = sy * (size_t)g->n[1];
  const float *d = g->d + s.cell * m + (size_t)channel;
  double x[4], dx[4]; /* along x at the cell's four edges, and the change across it */
  for (int e = 0; e < 4; e++) {
    const float *at = d + (e & 1 ? sy : 0) + (e & 2 ? sz : 0);
    dx[e] = (double)at[sx] - (double)at[0];
    x[e] = (double)at[0] + s.f[0] * dx[e];
  }
  const double fy = s.f[1], fz = s.f[2], lo = x[0] + fy * (x[1] - x[0]), hi = x[2] + fy * (x[3] - x[2]);
  gradient[0] = ((1 - fz) * ((1 - fy) * dx[0] + fy * dx[1]) + fz * ((1 - fy) * dx[2] + fy * dx[3])) / g->step[0];
  gradient[1] = ((1 - fz) * (x[1] - x[0]) + fz * (x[3] - x[2])) / g->step[1];
  gradient[2] = (hi - lo) / g->step[2];
  for (int k = 0; k < 2; k++)
    if (s.out[k] != 0.0) gradient[k] = s.out[k] / s.beyond;
  return lo + fz * (hi - lo) + s.beyond;
}
