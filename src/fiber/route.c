/* From the root into the cord: afferents bend into the dorsal column and rise in it, motor fibres come from the horn. */
#include "route.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>

static const double inside_mm = 0.15;     /* this deep in the cord, a fibre leaves the root's tube */
static const double bend_height_mm = 4.0; /* over which it bends into the column */
static const double off_end_mm = 0.3;
static const double horn_share = 2.0 / 3.0; /* of the way from the entry to the cord's axis */

void route_axis_at(const Anatomy *a, double z, double p[3])
{
  int i = 0;
  while (i < a->n_axis - 2 && a->axis[3 * (size_t)(i + 1) + 2] < z) i++;
  const double *low = a->axis + 3 * (size_t)i, *high = a->n_axis > 1 ? low + 3 : low;
  double rise = high[2] - low[2], t = rise > 0.0 ? fmin(fmax((z - low[2]) / rise, 0.0), 1.0) : 0.0;
  for (int k = 0; k < 2; k++) p[k] = (1.0 - t) * low[k] + t * high[k];
  p[2] = z;
}

static double cord_depth(const Anatomy *a, const double p[3]) { return -anatomy_distance(a, TISSUE_WHITE, p); }

/* Moves p towards the axis, at its height, until it lies depth_mm under the surface (or half way to the axis). */
static void pull_inside(const Anatomy *a, double depth_mm, double p[3])
{
  double axis[3], away[3];
  route_axis_at(a, p[2], axis);
  v3_sub(p, axis, away);
  for (double t = 1.0; t > 0.5 && cord_depth(a, p) < depth_mm; t -= 0.02) v3_axpy(axis, t, away, p);
}

/* Goes dorsally (-y) from the axis' side until depth_mm under the surface. Returns false where the cord is thinner. */
static bool go_dorsal(const Anatomy *a, double depth_mm, double p[3])
{
  const double step = 0.1, reach = 20.0;
  if (cord_depth(a, p) < depth_mm) return false;
  for (double gone = 0.0; gone < reach; gone += step) {
    double next[3] = {p[0], p[1] - step, p[2]};
    if (cord_depth(a, next) < depth_mm) return true;
    v3_copy(next, p);
  }
  return true;
}

/* A point of the dorsal column at height z, lateral_mm from the axis: nearer to the midline where that would be outside
 * the cord or in the dorsal horn. */
static void column_point(const Anatomy *a, double z, double lateral_mm, double depth_mm, double p[3])
{
  double axis[3];
  route_axis_at(a, z, axis);
  for (int i = 0; i < 16; i++, lateral_mm *= 0.8) {
    v3_set(p, axis[0] + lateral_mm, axis[1], z);
    if (go_dorsal(a, depth_mm, p) && anatomy_distance(a, TISSUE_GREY, p) > 0.0) return;
  }
  v3_copy(axis, p); /* a cord thinner than twice the depth */
}

/* The root's part: along the tube until the fibre itself is inside the cord. */
static PetscErrorCode follow_root(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *out)
{
  int may_leave = l->entry - (int)ceil(2.0 * l->radius[l->entry] / route_step_mm);
  for (int i = 0; i < l->line.n; i++) {
    double p[3];
    v3_axpy(l->line.xyz + 3 * (size_t)i, l->radius[i] * place->across[0], l->across[i][0], p);
    v3_axpy(p, l->radius[i] * place->across[1], l->across[i][1], p);
    PetscCall(chain_add(out, p));
    if (i >= may_leave && i >= 2 && cord_depth(a, p) > inside_mm) break;
  }
  return 0;
}

static PetscErrorCode bend_to(const Anatomy *a, const double to[3], const double arrive[3], Chain *out)
{
  double from[3], leave[3], b[3], c[3];
  v3_copy(out->xyz + 3 * (size_t)(out->n - 1), from);
  double third = sqrt(v3_distance2(from, to)) / 3.0;
  chain_direction(out, out->n - 1, leave);
  v3_axpy(from, third, leave, b);
  pull_inside(a, 2.0 * inside_mm, b);
  v3_axpy(to, -third, arrive, c);
  PetscCall(chain_bezier(out, b, c, to, route_step_mm));
  return 0;
}

static PetscErrorCode rise_in_column(const Anatomy *a, const RoutePlace *place, Chain *out)
{
  double axis[3], p[3], above[3], direction[3];
  double top = a->z_max - off_end_mm;
  v3_copy(out->xyz + 3 * (size_t)(out->n - 1), p);
  double z = fmin(p[2] + bend_height_mm, top);
  if (z < p[2] + 0.25 * bend_height_mm) return 0; /* enters at the very top */
  route_axis_at(a, p[2], axis);
  double lateral = place->column_share * (p[0] - axis[0]);
  column_point(a, z, lateral, place->column_depth_mm, p);
  column_point(a, z + 1.0, lateral, place->column_depth_mm, above);
  v3_sub(above, p, direction);
  v3_normalise(direction);
  PetscCall(bend_to(a, p, direction, out));
  for (double next = z + 1.0; next <= top; next += 1.0) {
    column_point(a, next, lateral, place->column_depth_mm, p);
    PetscCall(chain_add(out, p));
  }
  return 0;
}

static PetscErrorCode go_to_horn(const Anatomy *a, const RootLine *l, Chain *out)
{
  double axis[3], horn[3], towards[3];
  const double *entry = l->line.xyz + 3 * (size_t)l->entry, *p = out->xyz + 3 * (size_t)(out->n - 1);
  route_axis_at(a, p[2], axis);
  for (int k = 0; k < 3; k++) /* half of the place across the root is kept, so that not all meet in one point */
    horn[k] = entry[k] + 0.5 * (p[k] - entry[k]) + horn_share * (axis[k] - entry[k]);
  horn[2] = p[2];
  v3_sub(horn, p, towards);
  v3_normalise(towards);
  PetscCall(bend_to(a, horn, towards, out));
  return 0;
}

/* Mm along the curve where it crosses the cord's surface: walks back from the end in the cord. */
static double crossing(const Anatomy *a, const Chain *c, const double *s)
{
  int i = c->n - 1;
  while (i > 0 && cord_depth(a, c->xyz + 3 * (size_t)i) > 0.0) i--;
  return s[i < c->n - 1 ? i + 1 : i];
}

static PetscErrorCode find_crossing(const Anatomy *a, const Chain *c, bool ventral, double *entry_s)
{
  double *s = NULL;
  PetscCall(mem_alloc((size_t)c->n, sizeof *s, &s));
  chain_lengths(c, s);
  *entry_s = crossing(a, c, s);
  if (ventral) *entry_s = s[c->n - 1] - *entry_s;
  free(s);
  return 0;
}

/* Smoothing may carry points of the cord's part over its surface; they go back. */
static void keep_in_cord(const Anatomy *a, int from, Chain *c)
{
  for (int i = from; i < c->n; i++) pull_inside(a, 0.5 * inside_mm, c->xyz + 3 * (size_t)i);
  chain_smooth(c, 2, route_bend_mm);
}

static PetscErrorCode finish(const Anatomy *a, const RootLine *l, const Chain *rough, double root_mm, Chain *out,
                             double *entry_s)
{
  PetscCall(chain_resample(rough, route_step_mm, NULL, out, NULL));
  chain_smooth(out, 4, route_bend_mm);
  keep_in_cord(a, (int)ceil(root_mm / route_step_mm) + 1, out);
  PetscCall(find_crossing(a, out, l->root->ventral, entry_s));
  if (l->root->ventral) chain_reverse(out);
  return 0;
}

static PetscErrorCode lay(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *rough, double *root_mm)
{
  PetscCall(follow_root(a, l, place, rough));
  *root_mm = 0.0;
  for (int i = 1; i < rough->n; i++)
    *root_mm += sqrt(v3_distance2(rough->xyz + 3 * (size_t)i, rough->xyz + 3 * (size_t)(i - 1)));
  if (l->root->ventral)
    PetscCall(go_to_horn(a, l, rough));
  else
    PetscCall(rise_in_column(a, place, rough));
  return 0;
}

PetscErrorCode route_make(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *out, double *entry_s)
{
  Chain rough = {0};
  double root_mm = 0.0;
  *out = (Chain){0};
  PetscErrorCode error = lay(a, l, place, &rough, &root_mm);
  if (!error) error = finish(a, l, &rough, root_mm, out, entry_s);
  chain_free(&rough);
  if (error) chain_free(out);
  return error;
}
