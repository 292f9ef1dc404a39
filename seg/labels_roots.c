/* Roots of label maps: centre lines of labelled ones, plans for those that only the levels tell of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "components.h"
#include "labels.h"
#include "roots_beside.h"
#include "roots_repair.h"

static const double THINNEST_MM = 0.1, THICKEST_MM = 2.5, SUNK_MM = 0.2;
/* A root counts as lying on a side from this far off the midline. */
static const double OFF_MIDLINE_MM = 1.0;

/* ---- centre lines ---- */

static void to_world(const LabelVolume *v, const double at[3], double x[3])
{
  for (int r = 0; r < 3; r++)
    x[r] = v->affine[r][0] * at[0] + v->affine[r][1] * at[1] + v->affine[r][2] * at[2] + v->affine[r][3];
}

/* Of the pieces of one slice (numbered 1 .. n): the one to go on with: the largest, or, once there was a centre, the
 * nearest to it with its size as weight. *n_voxel: its size. */
static void choose_piece(const LabelVolume *v, const int32_t *piece, int n, const size_t *size, const double *last,
                         double centre[2], double *n_voxel)
{
  double best = HUGE_VAL;
  for (int p = 1; p <= n; p++) {
    double c[2] = {0, 0};
    for (int j = 0; j < v->n[1]; j++)
      for (int i = 0; i < v->n[0]; i++)
        if (piece[(size_t)j * (size_t)v->n[0] + (size_t)i] == p) c[0] += i, c[1] += j;
    for (int e = 0; e < 2; e++) c[e] /= (double)size[p];
    const double off = last ? hypot((c[0] - last[0]) * v->step[0], (c[1] - last[1]) * v->step[1]) : 0.0;
    const double cost = (off + 1.0) / sqrt((double)size[p]);
    if (cost >= best) continue;
    best = cost;
    centre[0] = c[0], centre[1] = c[1];
    *n_voxel = (double)size[p];
  }
}

/* A root slice by slice from the top. */
typedef struct {
  uint8_t *slice; /* room for one slice of the image */
  int32_t *piece;
  double *n_voxel; /* [n2 + 2] in each section; later the sections' radii */
} Sections;

/* Centres of the sections; returns in *n how many. */
static PetscErrorCode slice_centres(const LabelVolume *v, int root, Sections *w, double (*at)[3], int *n)
{
  const size_t area = (size_t)v->n[0] * (size_t)v->n[1];
  uint8_t *slice = w->slice;
  const int flat[3] = {v->n[0], v->n[1], 1};
  *n = 0;
  for (int k = v->n[2] - 1; k >= 0; k--) {
    size_t *size = NULL, some = 0;
    int n_piece = 0;
    for (size_t i = 0; i < area; i++) some += slice[i] = v->root_of[area * (size_t)k + i] == root + 1;
    if (!some) continue;
    PetscCall(components_label(slice, flat, w->piece, &n_piece, &size));
    choose_piece(v, w->piece, n_piece, size, *n ? at[*n - 1] : NULL, at[*n], &w->n_voxel[*n]);
    at[(*n)++][2] = k;
    free(size);
  }
  return 0;
}

/* A root within one slice or two: the line between the ends of its longest extent. */
static void across(const LabelVolume *v, int root, double (*at)[3], int *n)
{
  double lo[3] = {HUGE_VAL, 0, 0}, hi[3] = {-HUGE_VAL, 0, 0}, lo_y[3] = {0, HUGE_VAL, 0}, hi_y[3] = {0, -HUGE_VAL, 0};
  const size_t total = (size_t)v->n[0] * (size_t)v->n[1] * (size_t)v->n[2];
  for (size_t i = 0; i < total; i++) {
    if (v->root_of[i] != root + 1) continue;
    const double p[3] = {(double)(i % (size_t)v->n[0]), (double)(i / (size_t)v->n[0] % (size_t)v->n[1]),
                         (double)(i / ((size_t)v->n[0] * (size_t)v->n[1]))};
    if (p[0] < lo[0]) v3_copy(p, lo);
    if (p[0] > hi[0]) v3_copy(p, hi);
    if (p[1] < lo_y[1]) v3_copy(p, lo_y);
    if (p[1] > hi_y[1]) v3_copy(p, hi_y);
  }
  const bool along_x = (hi[0] - lo[0]) * v->step[0] >= (hi_y[1] - lo_y[1]) * v->step[1];
  v3_copy(along_x ? lo : lo_y, at[0]);
  v3_copy(along_x ? hi : hi_y, at[1]);
  if (along_x)
    at[0][0] -= 0.5, at[1][0] += 0.5;
  else
    at[0][1] -= 0.5, at[1][1] += 0.5;
  *n = 2;
}

/* Mean of each point and its neighbours; the ends stay. */
static void smooth(int n, double (*p)[3])
{
  double before[3];
  v3_copy(p[0], before);
  for (int i = 1; i + 1 < n; i++) {
    double own[3];
    v3_copy(p[i], own);
    for (int e = 0; e < 3; e++) p[i][e] = (before[e] + own[e] + p[i + 1][e]) / 3.0;
    v3_copy(own, before);
  }
}

static int by_size(const void *a, const void *b)
{
  const double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* Mean of the sections' radii without the thinnest and the thickest quarter, which are ends and bends. */
static double radius_of_sections(const LabelVolume *v, int n, const double (*xyz)[3], double *n_voxel)
{
  double sum = 0.0, axis[3] = {v->affine[0][2], v->affine[1][2], v->affine[2][2]};
  v3_normalise(axis);
  for (int i = 0; i < n; i++) {
    double along[3];
    v3_sub(xyz[i + 1 < n ? i + 1 : i], xyz[i > 0 ? i - 1 : i], along);
    v3_normalise(along);
    n_voxel[i] = sqrt(n_voxel[i] * v->step[0] * v->step[1] * fabs(v3_dot(along, axis)) / M_PI);
  }
  qsort(n_voxel, (size_t)n, sizeof *n_voxel, by_size);
  for (int i = n / 4; i < n - n / 4; i++) sum += n_voxel[i];
  return sum / (n - 2 * (n / 4));
}

static double radius_of_volume(const LabelVolume *v, size_t n_voxel, const double a[3], const double b[3])
{
  const double volume = (double)n_voxel * v->step[0] * v->step[1] * v->step[2];
  return sqrt(volume / (M_PI * fmax(v->step[2], sqrt(v3_distance2(a, b)))));
}

static PetscErrorCode make_line(const LabelVolume *v, int root, Sections *w, RootLine *l, double *radius)
{
  const size_t total = (size_t)v->n[0] * (size_t)v->n[1] * (size_t)v->n[2];
  size_t n_voxel = 0;
  for (size_t i = 0; i < total; i++) n_voxel += v->root_of[i] == root + 1;
  if (!n_voxel) return 0;
  PetscCall(mem_alloc((size_t)v->n[2] + 2, sizeof *l->xyz, &l->xyz));
  PetscCall(slice_centres(v, root, w, l->xyz, &l->n));
  const bool flat = l->n < 3;
  if (flat) across(v, root, l->xyz, &l->n);
  smooth(l->n, l->xyz);
  for (int i = 0; i < l->n; i++) {
    double x[3];
    to_world(v, l->xyz[i], x);
    v3_copy(x, l->xyz[i]);
  }
  snprintf(l->path, sizeof l->path, "%s", v->path);
  snprintf(l->segment, sizeof l->segment, "%s", v->root[root].segment);
  l->side = v->root[root].side;
  *radius = flat ? radius_of_volume(v, n_voxel, l->xyz[0], l->xyz[1])
                 : radius_of_sections(v, l->n, (const double(*)[3])l->xyz, w->n_voxel);
  *radius = fmin(THICKEST_MM, fmax(THINNEST_MM, *radius));
  return 0;
}

static PetscErrorCode make_lines(const LabelVolume *v, int *n, RootLine *lines, double *radius, int *which)
{
  const size_t area = (size_t)v->n[0] * (size_t)v->n[1];
  Sections w = {0};
  PetscErrorCode ierr = mem_alloc(area, 1, &w.slice);
  if (!ierr) ierr = mem_alloc(area, sizeof *w.piece, &w.piece);
  if (!ierr) ierr = mem_alloc((size_t)v->n[2] + 2, sizeof *w.n_voxel, &w.n_voxel);
  for (int r = 0; !ierr && r < v->n_root; r++) {
    ierr = make_line(v, r, &w, &lines[*n], &radius[*n]);
    which[*n] = r;
    *n += !ierr && lines[*n].n > 0;
  }
  free(w.slice), free(w.piece), free(w.n_voxel);
  return ierr;
}

PetscErrorCode labels_root_lines(const LabelVolume *v, int *n, RootLine **lines, double **radius, int **which)
{
  *n = 0, *lines = NULL, *radius = NULL, *which = NULL;
  if (!v->n_root) return 0;
  PetscErrorCode ierr = mem_alloc((size_t)v->n_root + 1, sizeof **lines, lines);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof **radius, radius);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof **which, which);
  if (!ierr) ierr = make_lines(v, n, *lines, *radius, *which);
  if (!ierr) return 0;
  root_lines_destroy(*lines ? v->n_root + 1 : 0, lines);
  free(*radius), free(*which);
  *radius = NULL, *which = NULL;
  return ierr;
}

/* ---- roots of the anatomy ---- */

/* Names and places must agree: most left roots on the left. */
static PetscErrorCode check_sides(const Anatomy *a, int n, const RootLine *lines)
{
  int right = 0, wrong = 0;
  for (int i = 0; i < n; i++) {
    double mean = 0.0;
    for (int k = 0; k < lines[i].n; k++) {
      double p[3];
      rigid_apply_inverse(&a->world, lines[i].xyz[k], p);
      mean += (p[0] - a->axis_xy[0]) / lines[i].n;
    }
    if (fabs(mean) < OFF_MIDLINE_MM) continue;
    if ((mean < 0.0) == (lines[i].side == 'L'))
      right++;
    else
      wrong++;
  }
  PetscCheck(
      wrong <= right, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: %d of %d roots lie on the other side than their names say; left and right are swapped, in the names or in "
      "the image's orientation",
      lines[0].path, wrong, wrong + right);
  return 0;
}

static PetscErrorCode median(int n, const double *x, double *out)
{
  double *sorted = NULL;
  PetscCall(mem_alloc((size_t)n, sizeof *sorted, &sorted));
  memcpy(sorted, x, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_size);
  *out = sorted[n / 2];
  free(sorted);
  return 0;
}

/* The last point into the cord, where making room for the roots moved it out again. */
static void sink_end(const Anatomy *a, Root *r)
{
  double *end = r->xyz + 3 * (r->n - 1);
  for (int i = 0; i < 20 && shape_distance(a, TISSUE_WHITE, end) > -SUNK_MM; i++) {
    double g[3];
    shape_gradient(a, TISSUE_WHITE, end, g);
    v3_axpy(end, -fmax(0.5 * SUNK_MM, shape_distance(a, TISSUE_WHITE, end)), g, end);
  }
  r->entry = root_entry(a, r->n, r->xyz);
}

static PetscErrorCode add_annotated(const LabelVolume *v, int n, const RootLine *lines, const double *radius,
                                    const int *which, Anatomy *a)
{
  const int first = a->n_root;
  double typical = 0.0;
  if (!n) return 0;
  PetscCall(check_sides(a, n, lines));
  PetscCall(median(n, radius, &typical));
  PetscCall(roots_from_lines(a, n, lines, typical));
  for (int i = 0; i < n; i++) {
    Root *r = &a->root[first + i];
    const LabelRoot *l = &v->root[which[i]];
    r->ventral = l->ventral;
    snprintf(r->name, sizeof r->name, "%s_%c_%s", l->segment, l->side, l->ventral ? "ventral" : "dorsal");
    for (int k = 0; k < r->n; k++) r->radius[k] = radius[i];
    sink_end(a, r);
  }
  return 0;
}

static bool annotated(const Anatomy *a, const char *segment, bool ventral)
{
  for (int i = 0; i < a->n_root; i++)
    if (!a->root[i].made && !strcmp(a->root[i].segment, segment) && a->root[i].ventral == ventral) return true;
  return false;
}

static PetscErrorCode plan_segment(const Case *c, const LabelVolume *v, const double centre[3], int order,
                                   const Anatomy *a, RootPlan *p)
{
  const LabelSegment *s = &v->segment[order];
  const double dorsal = c->anatomy.root_radius_mm;
  segment_name(order, p->segment);
  p->entry_z = (0.5 * (s->first + s->last) - v->first - centre[2]) * v->step[2];
  p->exit_z = -HUGE_VAL;
  p->radius_dorsal_mm = annotated(a, p->segment, false) ? 0.0 : dorsal;
  p->radius_ventral_mm = !c->anatomy.levels->ventral || annotated(a, p->segment, true) ? 0.0 : VENTRAL_RATIO * dorsal;
  PetscCheck(
      p->entry_z > a->seen_z_min && p->entry_z < a->seen_z_max, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the middle of segment %s lies in slice %.1f, expected within the slices in which both cord and CSF are "
      "labelled (%d to %d)",
      c->anatomy.levels->file, p->segment, 0.5 * (s->first + s->last), v->first, v->first + v->n[2] - 1);
  return 0;
}

static PetscErrorCode add_made(const Case *c, const LabelVolume *v, const double centre[3], Anatomy *a)
{
  const CaseLevels *l = c->anatomy.levels;
  RootPlan plan[LABEL_SEGMENTS] = {0};
  int n = 0;
  if (!l) return 0;
  for (int s = segment_order(l->from); s <= segment_order(l->to); s++)
    PetscCall(plan_segment(c, v, centre, s, a, &plan[n++]));
  return roots_make(a, plan, n);
}

PetscErrorCode labels_add_roots(const Case *c, const LabelVolume *v, const double centre[3], int n,
                                const RootLine *lines, const double *radius, const int *which, Anatomy *a)
{
  PetscCall(add_annotated(v, n, lines, radius, which, a));
  return add_made(c, v, centre, a);
}
