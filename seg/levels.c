/* Segments and vertebrae along the cord. */
#include "cauda/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/case.h"
#include "cauda/vec3.h"
#include "labels.h"

/* Root voxels whose middle is this near to that of a cord voxel are at their entry: two voxels, and this at least. */
enum { ENTRY_VOXELS = 2 };
static const double ENTRY_MM = 1.5;
/* More than this share of the labels outside the cord: they are roots. */
static const double ROOTS_SHARE = 0.5;
/* The cord's middle is a running mean over this height. */
static const double SMOOTH_MM = 5.0;

/* The cord's middle, caudal to rostral. */
typedef struct {
  int n;
  double (*p)[3]; /* mm, RAS+ */
  double *s;      /* mm from the caudal end */
} Line;

const char *level_name(int level, char name[8]) { return segment_name(level, name); }

static void line_free(Line *l) { free(l->p), free(l->s); }

static void to_world(const Image *im, const double v[3], double x[3])
{
  for (int r = 0; r < 3; r++)
    x[r] = im->affine[r][0] * v[0] + im->affine[r][1] * v[1] + im->affine[r][2] * v[2] + im->affine[r][3];
}

static double step_along(const Image *im, int axis)
{
  const double column[3] = {im->affine[0][axis], im->affine[1][axis], im->affine[2][axis]};
  return v3_norm(column);
}

/* The middle of a slice's voxels above 0.5, in voxels; returns how many. */
static double slice_middle(const Image *im, int k, double at[3])
{
  const size_t w = (size_t)im->n[0], slice = w * (size_t)im->n[1];
  double n = 0.0;
  v3_set(at, 0, 0, k);
  for (size_t i = 0; i < slice; i++)
    if (im->v[slice * (size_t)k + i] > 0.5f) at[0] += (double)(i % w), at[1] += (double)(i / w), n += 1.0;
  for (int e = 0; e < 2 && n > 0.0; e++) at[e] /= n;
  return n;
}

/* ---- the cord's middle ---- */

static PetscErrorCode smooth(Line *l, double step)
{
  const int reach = (int)ceil(0.5 * SMOOTH_MM / step);
  double(*p)[3] = NULL;
  PetscCall(mem_alloc((size_t)l->n, sizeof *p, &p));
  for (int i = 0; i < l->n; i++) {
    int r = reach; /* the same on both sides, so that the ends stay */
    if (r > i) r = i;
    if (r > l->n - 1 - i) r = l->n - 1 - i;
    for (int k = -r; k <= r; k++) v3_axpy(p[i], 1.0 / (2 * r + 1), l->p[i + k], p[i]);
  }
  free(l->p);
  l->p = p;
  return 0;
}

static PetscErrorCode line_create(const Image *cord, Line *l)
{
  PetscCall(mem_alloc((size_t)cord->n[2], sizeof *l->p, &l->p));
  PetscCall(mem_alloc((size_t)cord->n[2], sizeof *l->s, &l->s));
  for (int k = 0; k < cord->n[2]; k++) {
    double at[3];
    if (slice_middle(cord, k, at) > 0.0) to_world(cord, at, l->p[l->n++]);
  }
  PetscCheck(l->n > 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: %d slices have voxels above 0.5; expected a mask of the cord", cord->path, l->n);
  PetscCall(smooth(l, step_along(cord, 2)));
  for (int i = 1; i < l->n; i++) l->s[i] = l->s[i - 1] + sqrt(v3_distance2(l->p[i], l->p[i - 1]));
  return 0;
}

/* Where the line is nearest to x: mm along it, straight on beyond its ends. *z: the height there. */
static double along(const Line *l, const double x[3], double *z)
{
  double best = HUGE_VAL, s = 0.0;
  for (int i = 0; i + 1 < l->n; i++) {
    double d[3], off[3], at[3];
    v3_sub(l->p[i + 1], l->p[i], d), v3_sub(x, l->p[i], off);
    double t = v3_dot(off, d) / v3_dot(d, d);
    if (t < 0.0 && i > 0) t = 0.0;
    if (t > 1.0 && i + 2 < l->n) t = 1.0;
    v3_axpy(l->p[i], t, d, at);
    const double distance = v3_distance2(at, x);
    if (distance < best) best = distance, s = l->s[i] + t * (l->s[i + 1] - l->s[i]), *z = at[2];
  }
  return s;
}

/* ---- labels ---- */

/* Values become 1 + level, 0 for what is none. */
static PetscErrorCode read_levels(const char *path, const LevelOptions *o, Image **out)
{
  LabelTable *t = NULL;
  PetscCall(label_table_read(o->table, o->folder ? o->folder : "", &t));
  PetscErrorCode ierr = image_read(path, o->orientation, o->units, out);
  if (!ierr) ierr = label_values(*out, t, o->table);
  const size_t total = ierr ? 0 : (size_t)(*out)->n[0] * (size_t)(*out)->n[1] * (size_t)(*out)->n[2];
  for (size_t i = 0; i < total; i++) {
    LabelRoot r;
    const int entry = (int)(*out)->v[i];
    if (!entry) continue;
    const bool named = label_root_parse(t->labels[entry - 1].structure, &r) && !r.any;
    (*out)->v[i] = named ? (float)(1 + segment_order(r.segment)) : 0.0f;
  }
  if (!ierr) ierr = image_reorient(*out);
  label_table_destroy(&t);
  return ierr;
}

static bool beside_cord(const Image *cord, const double step[2], int x, int y, int z)
{
  const double reach[2] = {fmax(ENTRY_VOXELS * step[0], ENTRY_MM), fmax(ENTRY_VOXELS * step[1], ENTRY_MM)};
  const int rx = (int)(reach[0] / step[0]), ry = (int)(reach[1] / step[1]);
  for (int j = y - ry; j <= y + ry; j++)
    for (int i = x - rx; i <= x + rx; i++) {
      if (i < 0 || j < 0 || i >= cord->n[0] || j >= cord->n[1]) continue;
      if (hypot((i - x) * step[0] / reach[0], (j - y) * step[1] / reach[1]) > 1.0) continue;
      if (cord->v[((size_t)z * (size_t)cord->n[1] + (size_t)j) * (size_t)cord->n[0] + (size_t)i] > 0.5f) return true;
    }
  return false;
}

/* Of roots, leaves the voxels at their entries. */
static PetscErrorCode keep_entries(const Image *cord, Image *im)
{
  const double step[2] = {step_along(im, 0), step_along(im, 1)};
  size_t outside = 0, labelled = 0, at = 0;
  const size_t total = (size_t)im->n[0] * (size_t)im->n[1] * (size_t)im->n[2];
  PetscCall(image_check_same_grid(im, cord));
  for (size_t i = 0; i < total; i++) labelled += im->v[i] > 0.0f, outside += im->v[i] > 0.0f && !(cord->v[i] > 0.5f);
  if ((double)outside <= ROOTS_SHARE * (double)labelled) return 0;
  for (int k = 0; k < im->n[2]; k++)
    for (int j = 0; j < im->n[1]; j++)
      for (int i = 0; i < im->n[0]; i++, at++)
        if (im->v[at] > 0.0f && !beside_cord(cord, step, i, j, k)) im->v[at] = 0.0f;
  return 0;
}

/* ---- places ---- */

/* What a slice adds to the levels in it. */
static void take_slice(const Image *im, const Line *l, int k, Level level[LEVEL_COUNT])
{
  const size_t w = (size_t)im->n[0], slice = w * (size_t)im->n[1];
  double sum[LEVEL_COUNT][3] = {{0}};
  for (size_t i = 0; i < slice; i++) {
    const int value = (int)im->v[slice * (size_t)k + i];
    if (!value) continue;
    sum[value - 1][0] += (double)(i % w), sum[value - 1][1] += (double)(i / w), sum[value - 1][2] += 1.0;
  }
  for (int i = 0; i < LEVEL_COUNT; i++) {
    const double n = sum[i][2], at[3] = {sum[i][0] / fmax(n, 1.0), sum[i][1] / fmax(n, 1.0), k};
    double x[3], z;
    if (n == 0.0) continue;
    to_world(im, at, x);
    const double place = l->n ? along(l, x, &z) : x[2];
    Level *v = &level[i];
    if (!v->found || place < v->from_mm) v->from_mm = place;
    if (!v->found || place > v->to_mm) v->to_mm = place;
    v->found = true;
  }
}

/* The middle, and the height there. */
static void close_level(const Line *l, double half_slice, Level *out)
{
  if (!out->found) return;
  out->from_mm -= half_slice, out->to_mm += half_slice;
  out->length_mm = out->to_mm - out->from_mm;
  out->middle_mm = 0.5 * (out->from_mm + out->to_mm);
  if (!l->n) out->middle_z_mm = out->middle_mm;
  for (int i = 0; i + 1 < l->n; i++) {
    const bool here = (l->s[i] <= out->middle_mm || i == 0) && (out->middle_mm <= l->s[i + 1] || i + 2 == l->n);
    const double t = (out->middle_mm - l->s[i]) / (l->s[i + 1] - l->s[i]);
    if (here) out->middle_z_mm = l->p[i][2] + t * (l->p[i + 1][2] - l->p[i][2]);
  }
}

/* How much of the cord's length a slice is. */
static double half_of_slice(const Image *im, const Line *l)
{
  double ratio = 1.0;
  if (l->n > 1) ratio = l->s[l->n - 1] / fmax(1e-9, fabs(l->p[l->n - 1][2] - l->p[0][2]));
  return 0.5 * step_along(im, 2) * fmin(2.0, ratio);
}

/* From a disc to the next one. */
static void between_discs(Level level[LEVEL_COUNT])
{
  enum { C7 = 6, T1 = 8 }; /* there is no vertebra C8 */
  for (int i = 0; i < LEVEL_COUNT; i++) {
    const int next = i == C7 ? T1 : i + 1;
    Level *v = &level[i];
    v->found = v->found && next < LEVEL_COUNT && level[next].found;
    if (!v->found) continue;
    v->to_mm = 0.5 * (v->from_mm + v->to_mm);
    v->from_mm = 0.5 * (level[next].from_mm + level[next].to_mm);
  }
}

static PetscErrorCode measure(const Image *im, const Line *l, const LevelOptions *o, Level level[LEVEL_COUNT])
{
  int found = 0;
  memset(level, 0, LEVEL_COUNT * sizeof *level);
  for (int k = 0; k < im->n[2]; k++) take_slice(im, l, k, level);
  if (o->discs) between_discs(level);
  for (int i = 0; i < LEVEL_COUNT; i++) {
    close_level(l, o->discs ? 0.0 : half_of_slice(im, l), &level[i]);
    found += level[i].found;
  }
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: shows no level of the table \"%s\"%s", im->path,
             o->table, o->discs ? "; expected at least two discs, one above the other" : "");
  return 0;
}

static PetscErrorCode find(const char *path, const LevelOptions *o, bool roots, Level level[LEVEL_COUNT])
{
  Image *im = NULL, *cord = NULL;
  Line l = {0, NULL, NULL};
  PetscErrorCode ierr = read_levels(path, o, &im);
  if (!ierr && o->cord) {
    ierr = image_read(o->cord, o->orientation, o->units, &cord);
    if (!ierr) ierr = image_reorient(cord);
    if (!ierr) ierr = line_create(cord, &l);
    if (!ierr && roots) ierr = keep_entries(cord, im);
  }
  if (!ierr) ierr = measure(im, &l, o, level);
  line_free(&l);
  image_destroy(&im), image_destroy(&cord);
  return ierr;
}

PetscErrorCode levels_of_segments(const char *path, const LevelOptions *o, Level level[LEVEL_COUNT])
{
  return find(path, o, true, level);
}

PetscErrorCode levels_of_vertebrae(const char *path, const LevelOptions *o, Level level[LEVEL_COUNT])
{
  return find(path, o, false, level);
}

Agreement agreement_of(int n, const double *difference)
{
  Agreement a = {n, 0.0, 0.0, NAN, NAN};
  for (int i = 0; i < n; i++) a.bias += difference[i] / n;
  for (int i = 0; i < n; i++) a.deviation += (difference[i] - a.bias) * (difference[i] - a.bias);
  if (n < 1) a.bias = NAN;
  a.deviation = n > 1 ? sqrt(a.deviation / (n - 1)) : NAN;
  a.lower = a.bias - 1.96 * a.deviation, a.upper = a.bias + 1.96 * a.deviation;
  return a;
}
