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

void distance_grid_sample(const DistanceGrid *g, const double p[3], double *out)
{
  int i0[3];
  double f[3], beyond2 = 0.0;
  for (int k = 0; k < 3; k++) {
    const double top = g->n[k] - 1, u = (p[k] - g->origin[k]) / g->step[k];
    double c = u > 0.0 ? (u < top ? u : top) : 0.0;
    if (k < 2) beyond2 += (u - c) * (u - c) * g->step[k] * g->step[k];
    i0[k] = (int)(c < top - 1.0 ? c : top - 1.0);
    f[k] = c - i0[k];
  }
  const size_t m = (size_t)g->n_channel, sx = m, sy = (size_t)g->n[0] * m, sz = sy * (size_t)g->n[1];
  const float *d = g->d + (size_t)i0[0] * sx + (size_t)i0[1] * sy + (size_t)i0[2] * sz;
  const double w00 = (1 - f[1]) * (1 - f[2]), w10 = f[1] * (1 - f[2]), w01 = (1 - f[1]) * f[2], w11 = f[1] * f[2];
  const double beyond = beyond2 > 0.0 ? sqrt(beyond2) : 0.0;
  for (size_t c = 0; c < m; c++, d++) {
    const double a = w00 * (double)d[0] + w10 * (double)d[sy] + w01 * (double)d[sz] + w11 * (double)d[sy + sz];
    const double b =
        w00 * (double)d[sx] + w10 * (double)d[sx + sy] + w01 * (double)d[sx + sz] + w11 * (double)d[sx + sy + sz];
    out[c] = (1 - f[0]) * a + f[0] * b + beyond;
  }
}
