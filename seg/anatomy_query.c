/* Asking the anatomy: distances, regions, directions. Pure functions; safe from several threads. */
#include <float.h>

#include "cauda/anatomy.h"
#include "distance_grid.h"

static double channel_or(const DistanceGrid *g, const double *sampled, Tissue t, double otherwise)
{
  return g->channel[t] >= 0 ? sampled[g->channel[t]] : otherwise;
}

/* The channel that tells the distance to a shape, and how far outside the channel's own shape it lies. */
typedef struct {
  int channel;
  double offset;
} Source;

/* The nearer of what the image shows of a shape and what it has around the shape within. */
static Source nearer(const DistanceGrid *g, const double *v, Tissue shape, Source around, Source within)
{
  const Source shown = {g->channel[shape], 0.0};
  const Source own = shown.channel >= 0 ? shown : around;
  return v[own.channel] - own.offset < v[within.channel] - within.offset ? own : within;
}

static Source source_of(const Anatomy *a, const double *v, Tissue shape)
{
  const DistanceGrid *g = a->grid;
  const Surround *s = &a->surround;
  if (shape >= TISSUE_CSF) return (Source){g->channel[shape], 0.0};
  const Source csf = {g->channel[TISSUE_CSF], s->dura_thickness_mm}, dura = nearer(g, v, TISSUE_DURA, csf, csf);
  if (shape == TISSUE_DURA) return dura;
  const Source fat = nearer(g, v, TISSUE_FAT, (Source){dura.channel, dura.offset + s->epidural_fat_mm}, dura);
  if (shape == TISSUE_FAT) return fat;
  return nearer(g, v, TISSUE_BONE, (Source){fat.channel, fat.offset + s->bone_mm}, fat);
}

double anatomy_shell_gradient(const Anatomy *a, Tissue shape, const double p[3], double gradient[3])
{
  double v[TISSUE_COUNT];
  v3_set(gradient, 0, 0, 0);
  if (shape == TISSUE_BODY) {
    const double x = p[0] - a->axis_xy[0], y = p[1] - a->axis_xy[1], r = sqrt(x * x + y * y);
    if (r > 0.0) v3_set(gradient, x / r, y / r, 0);
    return r - a->surround.body_radius_mm;
  }
  if (shape < TISSUE_CSF) distance_grid_sample(a->grid, p, v);
  const Source from = source_of(a, v, shape);
  if (from.channel < 0) return DBL_MAX;
  return distance_grid_gradient(a->grid, from.channel, p, gradient) - from.offset;
}

void anatomy_shell_distances(const Anatomy *a, const double p[3], double d[TISSUE_COUNT])
{
  const DistanceGrid *g = a->grid;
  const Surround *s = &a->surround;
  double v[TISSUE_COUNT];
  distance_grid_sample(g, p, v);
  d[TISSUE_CSF] = v[g->channel[TISSUE_CSF]];
  d[TISSUE_WHITE] = v[g->channel[TISSUE_WHITE]];
  d[TISSUE_GREY] = channel_or(g, v, TISSUE_GREY, DBL_MAX);
  d[TISSUE_DURA] = lesser(channel_or(g, v, TISSUE_DURA, DBL_MAX), d[TISSUE_CSF] - s->dura_thickness_mm);
  d[TISSUE_FAT] = lesser(channel_or(g, v, TISSUE_FAT, d[TISSUE_DURA] - s->epidural_fat_mm), d[TISSUE_DURA]);
  d[TISSUE_BONE] = lesser(channel_or(g, v, TISSUE_BONE, d[TISSUE_FAT] - s->bone_mm), d[TISSUE_FAT]);
  const double x = p[0] - a->axis_xy[0], y = p[1] - a->axis_xy[1];
  d[TISSUE_BODY] = sqrt(x * x + y * y) - s->body_radius_mm;
  d[TISSUE_OUTSIDE] = greater(d[TISSUE_BODY], greater(a->z_min - p[2], p[2] - a->z_max));
}

static double root_distance(const Anatomy *a, const double p[3])
{
  double d;
  return anatomy_nearest_root(a, p, DBL_MAX / 4, &d, NULL, NULL) < 0 ? DBL_MAX : d;
}

void anatomy_distances(const Anatomy *a, const double p[3], double d[TISSUE_COUNT])
{
  anatomy_shell_distances(a, p, d);
  d[TISSUE_ROOT] = root_distance(a, p);
}

double anatomy_distance(const Anatomy *a, Tissue shape, const double p[3])
{
  double d[TISSUE_COUNT];
  if (shape == TISSUE_ROOT) return root_distance(a, p);
  anatomy_shell_distances(a, p, d);
  return d[shape];
}

int anatomy_region_at(const Anatomy *a, const double p[3])
{
  double d[TISSUE_COUNT];
  anatomy_shell_distances(a, p, d);
  if (d[TISSUE_OUTSIDE] > 0.0) return TISSUE_OUTSIDE;
  const int root = anatomy_nearest_root(a, p, 0.0, NULL, NULL, NULL);
  if (root >= 0) return TISSUE_ROOT + root;
  for (int t = TISSUE_GREY; t > TISSUE_BODY; t--)
    if (d[t] < 0.0) return t;
  return TISSUE_BODY;
}

static void cord_axis(const Anatomy *a, double z, double axis[3])
{
  int lo = 0, hi = a->n_axis - 1;
  while (hi - lo > 1) {
    const int mid = (lo + hi) / 2;
    if (a->axis[3 * mid + 2] <= z)
      lo = mid;
    else
      hi = mid;
  }
  v3_sub(a->axis + 3 * hi, a->axis + 3 * lo, axis);
}

void anatomy_fiber_axis(const Anatomy *a, int region, const double p[3], double axis[3])
{
  v3_set(axis, 0, 0, 0);
  if (region == TISSUE_WHITE || region == TISSUE_GREY) cord_axis(a, p[2], axis);
  if (region >= TISSUE_ROOT) {
    const Root *r = &a->root[region - TISSUE_ROOT];
    double best = DBL_MAX;
    for (int i = 0; i + 1 < r->n; i++) {
      double e[3], w[3], c[3];
      v3_sub(r->xyz + 3 * (i + 1), r->xyz + 3 * i, e);
      v3_sub(p, r->xyz + 3 * i, w);
      const double l2 = v3_dot(e, e), t = l2 > 0 ? fmin(fmax(v3_dot(w, e) / l2, 0), 1) : 0;
      v3_axpy(r->xyz + 3 * i, t, e, c);
      const double d2 = v3_distance2(p, c);
      if (d2 < best) best = d2, v3_copy(e, axis);
    }
  }
  v3_normalise(axis);
}
