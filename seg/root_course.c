/* From annotated root lines to roots: order, smooth, join to the cord, lead on to the ganglion. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curve.h"
#include "local.h"
#include "roots_read.h"
#include "roots_repair.h"

/* Annotations step by 2 mm with a jitter of a few tenths. */
static const double SMOOTH_WEIGHT = 1.0, SMOOTH_LIMIT_MM = 0.3, STEP_MM = 0.5;
static const double REACH_CORD_MM = 3.0, REACH_SEEN_MM = 6.0, SINK_MM = 0.5;
/* A line that ends this near to the image's caudal end was cut off by it. */
static const double CUT_OFF_MM = 3.0;
/* Points farther than this beyond the tube's touching the dura lie outside it on purpose, nearer ones by jitter. */
static const double OUTSIDE_MM = 0.5;
/* The way through the dura: length without annotated points, angle and length where no ganglion is given. */
static const double LEAVES_MM = 0.2, EXIT_MM = 3.0, EXIT_ANGLE_DEG = 25.0, BEYOND_MM = 20.0;

/* A growing row of points. */
typedef struct {
  int n;
  size_t room;
  double (*p)[3];
} Row;

static PetscErrorCode row_add(Row *r, const double p[3])
{
  PetscCall(mem_grow((size_t)r->n + 1, sizeof *r->p, &r->room, &r->p));
  v3_copy(p, r->p[r->n++]);
  return 0;
}

/* Points every STEP_MM on the straight way from a to b: without a, with b. */
static PetscErrorCode row_add_straight(Row *r, const double a[3], const double b[3])
{
  const int n = (int)fmax(1.0, ceil(sqrt(v3_distance2(a, b)) / STEP_MM));
  double d[3];
  v3_sub(b, a, d);
  for (int i = 1; i <= n; i++) {
    double p[3];
    v3_axpy(a, (double)i / n, d, p);
    PetscCall(row_add(r, p));
  }
  return 0;
}

static void reverse(Row *r)
{
  for (int i = 0, j = r->n - 1; i < j; i++, j--) {
    double x[3];
    v3_copy(r->p[i], x), v3_copy(r->p[j], r->p[i]), v3_copy(x, r->p[j]);
  }
}

/* The annotated points in the local frame, in order, from the distal end to the one at the cord. */
static PetscErrorCode order_line(const Anatomy *a, const RootLine *l, Row *r)
{
  const double up[3] = {0, 0, 1};
  for (int i = 0; i < l->n; i++) {
    double p[3];
    local_point(&a->world, l->xyz[i], p);
    PetscCall(row_add(r, p));
  }
  curve_order(r->n, r->p, up);
  if (shape_distance(a, TISSUE_WHITE, r->p[0]) < shape_distance(a, TISSUE_WHITE, r->p[r->n - 1])) reverse(r);
  if (l->exact) return 0;
  return curve_smooth(r->n, r->p, NULL, SMOOTH_WEIGHT, 1, SMOOTH_LIMIT_MM);
}

static PetscErrorCode resample(Row *r)
{
  double(*dense)[3] = NULL;
  int n = 0;
  PetscCall(curve_resample(r->n, (const double(*)[3])r->p, false, STEP_MM, &n, &dense));
  free(r->p);
  *r = (Row){n, (size_t)n, dense};
  return 0;
}

/* Rounds the bend at point `at`, the points farther away stay. */
static void round_bend(int n, double (*p)[3], int at)
{
  enum { REACH = 5, PASSES = 10 };
  for (int pass = 0; pass < PASSES; pass++)
    for (int i = at - REACH; i <= at + REACH; i++)
      for (int e = 0; i > 0 && i + 1 < n && e < 3; e++)
        p[i][e] = 0.25 * p[i - 1][e] + 0.5 * p[i][e] + 0.25 * p[i + 1][e];
}

/* Leads the line into the cord, half onward, half inward, so that it enters at a slant as roots do. */
static PetscErrorCode join_cord(Anatomy *a, const RootLine *l, Row *r)
{
  const double reach = l->exact ? REACH_SEEN_MM : REACH_CORD_MM;
  const double nearest = shape_distance(a, TISSUE_WHITE, r->p[r->n - 1]);
  const int joint = r->n - 1;
  double onward[3];
  PetscCheck(nearest <= reach, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: root %s_%c never reaches the cord: its nearest end is %.1f mm away, expected at most %.0f mm",
             l->path, l->segment, l->side, nearest, reach);
  if (nearest > REACH_CORD_MM) PetscCall(anatomy_repair_note(a, "roots led on to the cord", 1, nearest));
  v3_sub(r->p[r->n - 1], r->p[r->n > 4 ? r->n - 5 : 0], onward);
  v3_normalise(onward);
  for (double d = nearest; d > -SINK_MM;) {
    double inward[3], dir[3], p[3];
    shape_gradient(a, TISSUE_WHITE, r->p[r->n - 1], inward);
    v3_scale(-1.0, inward);
    v3_axpy(onward, -v3_dot(onward, inward), inward, dir);
    v3_normalise(dir);
    v3_axpy(inward, 1.0, dir, dir);
    v3_normalise(dir);
    v3_axpy(r->p[r->n - 1], 0.5 * STEP_MM, dir, p);
    const double there = shape_distance(a, TISSUE_WHITE, p);
    if (there >= d - 1e-3) break; /* the middle of a thin cord */
    PetscCall(row_add(r, p));
    d = there;
  }
  round_bend(r->n, r->p, joint);
  return 0;
}

/* Splits off the part that lies outside the dura, distally: *outer gets its points from the dura outward, without
 * those next to the exit, which would run along within the dura. */
static PetscErrorCode split_outside(const Anatomy *a, double radius, Row *r, Row *outer)
{
  const double limit = a->surround.dura_thickness_mm + radius + OUTSIDE_MM;
  int first = 0;
  while (first < r->n - 2 && shape_distance(a, TISSUE_CSF, r->p[first]) > limit) first++;
  for (int i = first - 1; i >= 0; i--)
    if (sqrt(v3_distance2(r->p[i], r->p[first])) > EXIT_MM) PetscCall(row_add(outer, r->p[i]));
  memmove(r->p, r->p + first, (size_t)(r->n - first) * sizeof *r->p);
  r->n -= first;
  return 0;
}

/* The same for a line whose way out was seen: all of it stays, from where the tube first touches the dura. */
static PetscErrorCode split_seen(const Anatomy *a, double radius, Row *r, Row *outer)
{
  int first = 0;
  if (shape_distance(a, TISSUE_CSF, r->p[0]) < -radius) return 0;
  while (first < r->n - 2 && shape_distance(a, TISSUE_CSF, r->p[first]) > -(radius + LEAVES_MM)) first++;
  for (int i = first - 1; i >= 0; i--) PetscCall(row_add(outer, r->p[i]));
  memmove(r->p, r->p + first, (size_t)(r->n - first) * sizeof *r->p);
  r->n -= first;
  return 0;
}

/* Straight on beyond the end of the image, along the sac, and off the domain's end. */
static PetscErrorCode lead_down(Anatomy *a, const double from[3], Row *outer)
{
  const double to[3] = {from[0], from[1], a->z_min - 2.0};
  PetscCall(anatomy_repair_note(a, "roots continued straight beyond the image's end", 1, from[2] - a->z_min));
  return row_add_straight(outer, from, to);
}

/* Downward and outward through the dura where nothing shows the way. */
static PetscErrorCode lead_outward(const Anatomy *a, const double from[3], Row *outer)
{
  double out[3], to[3];
  shape_gradient(a, TISSUE_CSF, from, out);
  out[2] = 0.0;
  v3_normalise(out);
  const double across = BEYOND_MM + fmax(0.0, -shape_distance(a, TISSUE_CSF, from)) / sin(EXIT_ANGLE_DEG * M_PI / 180);
  v3_axpy(from, across * sin(EXIT_ANGLE_DEG * M_PI / 180), out, to);
  to[2] -= across * cos(EXIT_ANGLE_DEG * M_PI / 180);
  return row_add_straight(outer, from, to);
}

/* The way from the most distal point inside the dura to the root's end; `outer` holds annotated points outside. */
static PetscErrorCode lead_on(Anatomy *a, const RootLine *l, const double from[3], Row *outer)
{
  double ganglion[3], last[3];
  const bool annotated = outer->n > 0;
  local_point(&a->world, l->ganglion, ganglion);
  v3_copy(annotated ? outer->p[outer->n - 1] : from, last);
  if (!annotated && from[2] < a->seen_z_min + CUT_OFF_MM && (!l->has_ganglion || ganglion[2] < a->seen_z_min))
    return lead_down(a, from, outer);
  if (l->has_ganglion && sqrt(v3_distance2(last, ganglion)) > STEP_MM) return row_add_straight(outer, last, ganglion);
  if (l->exact && annotated && shape_distance(a, TISSUE_CSF, last) < BEYOND_MM) return lead_outward(a, last, outer);
  return annotated || shape_distance(a, TISSUE_CSF, from) > 0.0 ? 0 : lead_outward(a, from, outer);
}

/* Outer and inner part to one root, distal to entry. */
static PetscErrorCode assemble(const Anatomy *a, const RootLine *l, const RootPath *inner, const Row *outer, Root *root)
{
  root->n = outer->n + inner->n;
  PetscCall(mem_alloc((size_t)root->n, 3 * sizeof(double), &root->xyz));
  PetscCall(mem_alloc((size_t)root->n, sizeof(double), &root->radius));
  double(*p)[3] = (double(*)[3])root->xyz;
  for (int i = 0; i < outer->n; i++) v3_copy(outer->p[outer->n - 1 - i], p[i]);
  memcpy(p + outer->n, inner->p, (size_t)inner->n * sizeof *p);
  round_bend(root->n, p, outer->n);
  for (int i = 0; i < root->n; i++) root->radius[i] = inner->radius;
  root->entry = root_entry(a, root->n, root->xyz);
  snprintf(root->segment, sizeof root->segment, "%s", l->segment);
  root->side = l->side;
  snprintf(root->name, sizeof root->name, "%s_%c_dorsal", l->segment, l->side);
  return 0;
}

static PetscErrorCode start_line(Anatomy *a, const RootLine *l, double radius, Row *inner, Row *outer)
{
  PetscCall(order_line(a, l, inner));
  PetscCall(resample(inner));
  PetscCall(l->exact ? split_seen(a, radius, inner, outer) : split_outside(a, radius, inner, outer));
  PetscCall(join_cord(a, l, inner));
  return resample(inner);
}

static PetscErrorCode make_roots(Anatomy *a, int n, const RootLine *lines, double radius, Row *inner, Row *outer,
                                 RootPath *path)
{
  for (int i = 0; i < n; i++) {
    PetscCall(start_line(a, &lines[i], radius, &inner[i], &outer[i]));
    path[i] = (RootPath){inner[i].n, inner[i].p, radius};
  }
  PetscCall(roots_keep_inside(a, n, path));
  for (int i = 0; i < n; i++) {
    Row way = {0};
    PetscErrorCode ierr = 0;
    /* the way out begins at the last point inside, wherever that was moved */
    if (outer[i].n) ierr = row_add_straight(&way, path[i].p[0], outer[i].p[0]);
    for (int k = 1; !ierr && k < outer[i].n; k++) ierr = row_add(&way, outer[i].p[k]);
    if (!ierr) ierr = lead_on(a, &lines[i], path[i].p[0], &way);
    if (!ierr) ierr = assemble(a, &lines[i], &path[i], &way, &a->root[a->n_root]);
    free(way.p);
    PetscCall(ierr);
    a->n_root++;
  }
  return 0;
}

PetscErrorCode roots_from_lines(Anatomy *a, int n, const RootLine *lines, double radius_mm)
{
  Row *rows = NULL;
  RootPath *path = NULL;
  Root *grown = realloc(a->root, sizeof *grown * (size_t)(a->n_root + n));
  PetscErrorCode ierr;
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %d roots", n);
  memset(grown + a->n_root, 0, sizeof *grown * (size_t)n);
  a->root = grown;
  ierr = mem_alloc(2 * (size_t)n, sizeof *rows, &rows);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof *path, &path);
  if (!ierr) ierr = make_roots(a, n, lines, radius_mm, rows, rows + n, path);
  for (int i = 0; rows && i < 2 * n; i++) free(rows[i].p);
  free(rows), free(path);
  return ierr;
}
