/* From the root into the cord: afferents bend into the dorsal column and rise in it, motor fibres come from the horn.
 * And fibres of the dorsal column alone. */
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
 * the cord or in the dorsal horn. Returns false where the cord is thinner than twice the depth. */
static bool column_point(const Anatomy *a, double z, double lateral_mm, double depth_mm, double p[3])
{
  double axis[3];
  route_axis_at(a, z, axis);
  for (int i = 0; i < 16; i++, lateral_mm *= 0.8) {
    v3_set(p, axis[0] + lateral_mm, axis[1], z);
    if (go_dorsal(a, depth_mm, p) && anatomy_distance(a, TISSUE_GREY, p) > 0.0) return true;
  }
  v3_copy(axis, p);
  return false;
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

/* Up or down the column, to the domain's end or where the cord grows thinner than the column is deep. */
static PetscErrorCode follow_column(const Anatomy *a, double z, double end, double lateral_mm, double depth_mm,
                                    Chain *out)
{
  double way = end > z ? 1.0 : -1.0, p[3];
  for (; way * (end - z) >= 0.0 && column_point(a, z, lateral_mm, depth_mm, p); z += way) PetscCall(chain_add(out, p));
  return 0;
}

static PetscErrorCode rise_in_column(const Anatomy *a, const RoutePlace *place, Chain *out)
{
  double axis[3], p[3], above[3], direction[3];
  v3_copy(out->xyz + 3 * (size_t)(out->n - 1), p);
  double top = fmin(a->z_max - off_end_mm, p[2] + place->column_mm);
  double z = fmin(p[2] + bend_height_mm, top);
  if (z < p[2] + 0.25 * bend_height_mm) return 0; /* enters at the very top */
  route_axis_at(a, p[2], axis);
  double lateral = place->column_share * (p[0] - axis[0]);
  column_point(a, z, lateral, place->column_depth_mm, p);
  column_point(a, z + 1.0, lateral, place->column_depth_mm, above);
  v3_sub(above, p, direction);
  v3_normalise(direction);
  PetscCall(bend_to(a, p, direction, out));
  return follow_column(a, z + 1.0, top, lateral, place->column_depth_mm, out);
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
static double cord_crossing(const Anatomy *a, const Chain *c, const double *s)
{
  int i = c->n - 1;
  while (i > 0 && cord_depth(a, c->xyz + 3 * (size_t)i) > 0.0) i--;
  return s[i < c->n - 1 ? i + 1 : i];
}

/* The first point within the dura; -1 where the curve begins there. */
static double dura_crossing(const Anatomy *a, const Chain *c, const double *s)
{
  int i = 0;
  while (i < c->n - 1 && anatomy_distance(a, TISSUE_DURA, c->xyz + 3 * (size_t)i) > 0.0) i++;
  return i > 0 ? s[i] : -1.0;
}

static PetscErrorCode find_marks(const Anatomy *a, const Chain *c, bool ventral, RouteMarks *marks)
{
  double *s = NULL;
  PetscCall(mem_alloc((size_t)c->n, sizeof *s, &s));
  chain_lengths(c, s);
  marks->entry_s = cord_crossing(a, c, s);
  marks->dura_s = dura_crossing(a, c, s);
  if (ventral) marks->entry_s = s[c->n - 1] - marks->entry_s, marks->dura_s = s[c->n - 1] - marks->dura_s;
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
                             RouteMarks *marks)
{
  PetscCall(chain_resample(rough, route_step_mm, NULL, out, NULL));
  chain_smooth(out, 4, route_bend_mm);
  keep_in_cord(a, (int)ceil(root_mm / route_step_mm) + 1, out);
  PetscCall(find_marks(a, out, l->root->ventral, marks));
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

PetscErrorCode route_make(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *out, RouteMarks *marks)
{
  Chain rough = {0};
  double root_mm = 0.0;
  *out = (Chain){0};
  PetscErrorCode error = lay(a, l, place, &rough, &root_mm);
  if (!error) error = finish(a, l, &rough, root_mm, out, marks);
  chain_free(&rough);
  if (error) chain_free(out);
  return error;
}

/* Half the cord's width at height z, mm. */
static double half_width(const Anatomy *a, double z)
{
  const double step = 0.1, reach = 20.0;
  double p[3], from;
  route_axis_at(a, z, p);
  from = p[0];
  while (p[0] - from < reach && cord_depth(a, p) > 0.0) p[0] += step;
  return p[0] - from;
}

PetscErrorCode route_column(const Anatomy *a, char side, double lateral, double depth_mm, Chain *out)
{
  const double least_mm = 10.0, lateral_share = 0.5, top = a->z_max - off_end_mm;
  Chain rough = {0};
  double width = half_width(a, 0.5 * (a->seen_z_min + a->seen_z_max)) * lateral_share * lateral;
  *out = (Chain){0};
  PetscErrorCode error = follow_column(a, top, a->z_min + off_end_mm, side == 'L' ? -width : width, depth_mm, &rough);
  if (!error && rough.n > least_mm) {
    chain_reverse(&rough);
    error = chain_resample(&rough, route_step_mm, NULL, out, NULL);
    if (!error) chain_smooth(out, 4, route_bend_mm);
  }
  bool found = rough.n > least_mm;
  chain_free(&rough);
  PetscCall(error);
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the dorsal column: found less than %g mm of cord below %.1f mm, expected more", least_mm, top);
  return 0;
}
