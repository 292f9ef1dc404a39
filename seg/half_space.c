/* The anatomy folded at its midline: what roots see that are made on one side and mirrored. */
#include <math.h>
#include <stdlib.h>

#include "distance_grid.h"
#include "root_pack.h"

double half_z(const HalfSpace *h, int slice) { return h->top - (double)slice / PACK_SLICES_A_MM; }

double half_distance(const HalfSpace *h, Tissue t, int slice, const double q[2])
{
  const double right[3] = {h->mid[slice] + q[0], q[1], half_z(h, slice)};
  const double left[3] = {h->mid[slice] - q[0], q[1], half_z(h, slice)};
  double r[TISSUE_COUNT], l[TISSUE_COUNT];
  distance_grid_sample(h->a->grid, right, r);
  distance_grid_sample(h->a->grid, left, l);
  const int c = h->a->grid->channel[t];
  return t == TISSUE_WHITE ? fmin(r[c], l[c]) : fmax(r[c], l[c]);
}

void half_gradient(const HalfSpace *h, Tissue t, int slice, const double q[2], double out[2])
{
  for (int e = 0; e < 2; e++) {
    const double s = h->a->grid->step[e];
    double lo[2] = {q[0], q[1]}, hi[2] = {q[0], q[1]};
    lo[e] -= s, hi[e] += s;
    out[e] = half_distance(h, t, slice, hi) - half_distance(h, t, slice, lo);
  }
  const double l = hypot(out[0], out[1]);
  for (int e = 0; e < 2; e++) out[e] = l > 0 ? out[e] / l : (e == 0);
}

/* Middle, half width and half height of a shape's section at height z. */
static void section(const Anatomy *a, Tissue t, double z, double middle[2], double half[2])
{
  const DistanceGrid *g = a->grid;
  const int k = (int)fmin(fmax(round((z - g->origin[2]) / g->step[2]), 0), g->n[2] - 1);
  double sum[3] = {0, 0, 0}, lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL};
  for (int j = 0; j < g->n[1]; j++)
    for (int i = 0; i < g->n[0]; i++) {
      const size_t m = ((size_t)k * (size_t)g->n[1] + (size_t)j) * (size_t)g->n[0] + (size_t)i;
      const double d = (double)g->d[m * (size_t)g->n_channel + (size_t)g->channel[t]];
      const double p[2] = {g->origin[0] + g->step[0] * i, g->origin[1] + g->step[1] * j};
      const double w = fmin(1.0, fmax(0.0, 0.5 - d / g->step[0]));
      sum[0] += w, sum[1] += w * p[0], sum[2] += w * p[1];
      if (d < 0.0)
        for (int e = 0; e < 2; e++) lo[e] = fmin(lo[e], p[e] + d), hi[e] = fmax(hi[e], p[e] - d);
    }
  for (int e = 0; e < 2; e++) {
    middle[e] = sum[0] > 0.0 ? sum[1 + e] / sum[0] : 0.0;
    half[e] = hi[e] > lo[e] ? sqrt(sum[0] * g->step[0] * g->step[1] / M_PI) : 0.0;
  }
  /* the same area, in the proportion of width to height that the extent shows */
  const double ratio = hi[0] > lo[0] && hi[1] > lo[1] ? sqrt((hi[0] - lo[0]) / (hi[1] - lo[1])) : 1.0;
  half[0] *= ratio, half[1] /= ratio;
}

/* Mean over +-reach slices, fewer at the ends. */
static PetscErrorCode smooth(int n, double *v, int reach)
{
  double *sum = NULL;
  PetscCall(mem_alloc((size_t)n + 1, sizeof *sum, &sum));
  for (int i = 0; i < n; i++) sum[i + 1] = sum[i] + v[i];
  for (int i = 0; i < n; i++) {
    const int half = (int)fmin(reach, fmin(i, n - 1 - i));
    v[i] = (sum[i + half + 1] - sum[i - half]) / (2 * half + 1);
  }
  free(sum);
  return 0;
}

static PetscErrorCode measure(HalfSpace *h)
{
  for (int k = 0; k < h->n; k++) {
    double cord[2], cord_half[2], sac[2], sac_half[2];
    section(h->a, TISSUE_WHITE, half_z(h, k), cord, cord_half);
    section(h->a, TISSUE_CSF, half_z(h, k), sac, sac_half);
    const bool there = cord_half[0] > 0.0;
    h->mid[k] = there ? cord[0] : sac[0];
    h->cord_y[k] = there ? cord[1] : sac[1];
    h->cord_half[k] = cord_half[0];
    h->sac_y[k] = sac[1], h->sac_half[k] = sac_half[0], h->sac_height[k] = sac_half[1];
  }
  double *all[] = {h->mid, h->cord_y, h->cord_half, h->sac_y, h->sac_half, h->sac_height};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) PetscCall(smooth(h->n, all[i], 8 * PACK_SLICES_A_MM));
  /* the midline of a symmetric anatomy is exactly that, whatever the order of the sums */
  for (int k = 0; k < h->n; k++) h->mid[k] = round(h->mid[k] * 1e6) / 1e6;
  return 0;
}

void half_space_destroy(HalfSpace **h)
{
  if (!*h) return;
  free((*h)->mid);
  free(*h);
  *h = NULL;
}

PetscErrorCode half_space_create(const Anatomy *a, double top, double bottom, HalfSpace **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  HalfSpace *h = *out;
  h->a = a;
  h->top = top;
  h->n = (int)ceil((top - bottom) * PACK_SLICES_A_MM) + 1;
  PetscErrorCode ierr = mem_alloc(6 * (size_t)h->n, sizeof *h->mid, &h->mid);
  if (!ierr) {
    h->cord_y = h->mid + h->n, h->cord_half = h->cord_y + h->n;
    h->sac_y = h->cord_half + h->n, h->sac_half = h->sac_y + h->n, h->sac_height = h->sac_half + h->n;
    ierr = measure(h);
  }
  if (ierr) half_space_destroy(out);
  return ierr;
}
