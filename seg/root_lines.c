/* Centre lines of labelled roots, with radius: for roots of many voxels and for those thinner than one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "curve.h"
#include "labels.h"
#include "root_voxels.h"

static const double THINNEST_MM = 0.1, THICKEST_MM = 2.5;
/* A section of fewer voxels than this does not show how thick its root is. */
static const double THIN_VOXELS = 2.0;
/* Waves of this many voxels along a line are halved: shorter ones are the voxels' own. */
static const double WAVE_VOXELS = 30.0;
/* The weight of a slice without voxels beside the mean of those that have some. */
static const double BRIDGED = 0.1;

/* Evenly spaced points of one root, voxels, from the top; those of slices without voxels lie between their
 * neighbours. */
typedef struct {
  int n;
  double (*p)[3];
  double *n_voxel; /* [n] 0 where bridged */
} Course;

static void course_free(Course *c) { free(c->p), free(c->n_voxel); }

static PetscErrorCode course_of(const LabelVolume *v, int n, const RootSection *s, const int *chain, Course *c,
                                int *bridged, double *widest_mm)
{
  c->n = n ? s[chain[0]].k - s[chain[n - 1]].k + 1 : 0;
  PetscCall(mem_alloc((size_t)c->n, sizeof *c->p, &c->p));
  PetscCall(mem_alloc((size_t)c->n, sizeof *c->n_voxel, &c->n_voxel));
  for (int i = 0; i < n; i++) {
    const RootSection *q = &s[chain[i]], *next = &s[chain[i + 1 < n ? i + 1 : i]];
    const int at = s[chain[0]].k - q->k, gap = q->k - next->k;
    c->n_voxel[at] = q->n;
    v3_set(c->p[at], q->x, q->y, q->k);
    for (int g = 1; g < gap; g++) {
      const double t = (double)g / gap;
      v3_set(c->p[at + g], q->x + t * (next->x - q->x), q->y + t * (next->y - q->y), q->k - g);
    }
    if (gap > 1) *bridged += gap - 1, *widest_mm = fmax(*widest_mm, (gap - 1) * v->step[2]);
  }
  return 0;
}

/* A root within one slice or two: the line between the ends of its longest extent. */
static void across(const LabelVolume *v, const RootVoxels *l, int root, double a[3], double b[3])
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  double lo[2][3], hi[2][3];
  for (size_t i = l->start[root]; i < l->start[root + 1]; i++) {
    const size_t at = l->at[i];
    const double p[3] = {(double)(at % w), (double)(at % slice / w), (double)(at / slice)};
    for (int e = 0; e < 2; e++) {
      if (i == l->start[root] || p[e] < lo[e][e]) v3_copy(p, lo[e]);
      if (i == l->start[root] || p[e] > hi[e][e]) v3_copy(p, hi[e]);
    }
  }
  const int e = (hi[0][0] - lo[0][0]) * v->step[0] >= (hi[1][1] - lo[1][1]) * v->step[1] ? 0 : 1;
  v3_copy(lo[e], a), v3_copy(hi[e], b);
  a[e] -= 0.5, b[e] += 0.5;
}

static void to_mm(const LabelVolume *v, const double p[3], double mm[3])
{
  for (int e = 0; e < 3; e++) mm[e] = p[e] * v->step[e];
}

static double length_mm(const LabelVolume *v, const double a[3], const double b[3])
{
  double p[3], q[3];
  to_mm(v, a, p), to_mm(v, b, q);
  return sqrt(v3_distance2(p, q));
}

/* The radius of a tube with the voxels' volume over the length of the slices that have some. */
static double radius_of(const LabelVolume *v, const Course *c)
{
  double volume = 0.0, length = 0.0;
  for (int i = 0; i < c->n; i++) {
    const int before = i > 0 ? i - 1 : i, after = i + 1 < c->n ? i + 1 : i;
    if (c->n_voxel[i] <= 0.0) continue;
    volume += c->n_voxel[i] * v->step[0] * v->step[1] * v->step[2];
    length += after > before ? length_mm(v, c->p[before], c->p[after]) / (after - before) : v->step[2];
  }
  return sqrt(volume / (M_PI * length));
}

static double voxels_a_section(const Course *c)
{
  double sum = 0.0, n = 0.0;
  for (int i = 0; i < c->n; i++)
    if (c->n_voxel[i] > 0.0) sum += c->n_voxel[i], n += 1.0;
  return sum / n;
}

/* How much a slice tells of the course: what it holds beside the mean; a bridged one still holds the line. */
static PetscErrorCode weights(const Course *c, double **w)
{
  const double mean = voxels_a_section(c);
  PetscCall(mem_alloc((size_t)c->n, sizeof **w, w));
  for (int i = 0; i < c->n; i++) (*w)[i] = fmax(BRIDGED, c->n_voxel[i] / mean);
  return 0;
}

/* Straightens what is only the voxels' edges. */
static PetscErrorCode smooth(const LabelVolume *v, Course *c)
{
  const double voxel = fmax(v->step[0], v->step[1]);
  const double points = WAVE_VOXELS * voxel / v->step[2] / (2.0 * M_PI);
  double *w = NULL;
  if (c->n < 3) return 0;
  PetscCall(weights(c, &w));
  for (int i = 0; i < c->n; i++) to_mm(v, c->p[i], c->p[i]);
  const PetscErrorCode ierr = curve_smooth(c->n, c->p, w, points * points * points * points, 2, 0.75 * voxel);
  for (int i = 0; i < c->n; i++)
    for (int e = 0; e < 3; e++) c->p[i][e] /= v->step[e];
  free(w);
  return ierr;
}

/* RAS+; the lower end goes on to the face of its slice, so that a root that the image cuts off reaches its end. */
static PetscErrorCode fill_line(const LabelVolume *v, int root, const Course *c, RootLine *l)
{
  PetscCall(mem_alloc((size_t)c->n + 1, sizeof *l->xyz, &l->xyz));
  l->n = c->n + (c->n > 2);
  for (int i = 0; i < l->n; i++) {
    double p[3];
    v3_copy(c->p[i < c->n ? i : c->n - 1], p);
    for (int e = 0; i == c->n && e < 3; e++) p[e] += 0.5 * (c->p[i - 1][e] - c->p[i - 2][e]);
    for (int r = 0; r < 3; r++)
      l->xyz[i][r] = v->affine[r][0] * p[0] + v->affine[r][1] * p[1] + v->affine[r][2] * p[2] + v->affine[r][3];
  }
  snprintf(l->path, sizeof l->path, "%s", v->path);
  snprintf(l->segment, sizeof l->segment, "%s", v->root[root].segment);
  l->side = v->root[root].side;
  l->exact = true;
  return 0;
}

/* What is counted over all roots. */
typedef struct {
  int bridged, thin;
  double widest_mm, thinned_mm;
} Notes;

static PetscErrorCode course_across(const LabelVolume *v, const RootVoxels *l, int root, Course *c)
{
  double(*p)[3] = NULL;
  PetscCall(mem_alloc(2, sizeof *p, &p));
  free(c->p);
  c->p = p;
  across(v, l, root, p[0], p[1]);
  c->n = 2;
  return 0;
}

static PetscErrorCode make_line(const LabelVolume *v, const RootVoxels *l, int root, double thin_mm, Course *c,
                                Notes *notes, RootLine *line, double *radius)
{
  const double n_voxel = (double)(l->start[root + 1] - l->start[root]);
  const bool flat = c->n < 3;
  if (flat) PetscCall(course_across(v, l, root, c));
  if (labels_repairs(v, REPAIR_SMOOTH)) PetscCall(smooth(v, c));
  *radius = flat ? sqrt(n_voxel * v->step[0] * v->step[1] * v->step[2] /
                        (M_PI * fmax(v->step[2], length_mm(v, c->p[0], c->p[1]))))
                 : radius_of(v, c);
  if (!flat && !v->root_weight && voxels_a_section(c) < THIN_VOXELS && *radius > thin_mm &&
      labels_repairs(v, REPAIR_THIN)) {
    notes->thin++;
    notes->thinned_mm = fmax(notes->thinned_mm, *radius - thin_mm);
    *radius = thin_mm;
  }
  *radius = fmin(THICKEST_MM, fmax(THINNEST_MM, *radius));
  return fill_line(v, root, c, line);
}

/* A gap that is not to be bridged is an error. */
static PetscErrorCode check_gaps(const LabelVolume *v, int root, const Notes *notes)
{
  const LabelRoot *r = &v->root[root];
  PetscCheck(
      !notes->bridged || labels_repairs(v, REPAIR_BRIDGE), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: root %s_%c%s has %d slices without voxels along its way, the widest gap %.1f mm, and \"repair\" does not "
      "bridge gaps; expected voxels in every slice",
      v->path, r->segment, r->side, r->ventral ? "_ventral" : "", notes->bridged, notes->widest_mm);
  return 0;
}

static PetscErrorCode line_of_root(const LabelVolume *v, const RootVoxels *l, int root, double thin_mm, Notes *notes,
                                   RootLine *line, double *radius)
{
  RootSection *s = NULL;
  int *member = NULL, *chain = NULL, n = 0, m = 0;
  Course c = {0, NULL, NULL};
  PetscErrorCode ierr = root_sections(v, l, root, &n, &s, &member);
  if (!ierr) ierr = root_chain(v, n, s, &m, &chain);
  if (!ierr) ierr = course_of(v, m, s, chain, &c, &notes->bridged, &notes->widest_mm);
  if (!ierr) ierr = check_gaps(v, root, notes);
  if (!ierr) ierr = make_line(v, l, root, thin_mm, &c, notes, line, radius);
  course_free(&c);
  free(s), free(member), free(chain);
  return ierr;
}

static PetscErrorCode make_lines(const LabelVolume *v, double thin_mm, Notes *notes, int *n, RootLine *lines,
                                 double *radius, int *which)
{
  RootVoxels l = {NULL, NULL};
  PetscErrorCode ierr = root_voxels_create(v, &l);
  for (int r = 0; !ierr && r < v->n_root; r++) {
    if (l.start[r + 1] == l.start[r]) continue;
    ierr = line_of_root(v, &l, r, thin_mm, notes, &lines[*n], &radius[*n]);
    which[*n] = r;
    *n += !ierr;
  }
  root_voxels_free(&l);
  return ierr;
}

PetscErrorCode labels_root_lines(const LabelVolume *v, double thin_mm, Anatomy *a, int *n, RootLine **lines,
                                 double **radius, int **which)
{
  Notes notes = {0, 0, 0.0, 0.0};
  *n = 0, *lines = NULL, *radius = NULL, *which = NULL;
  if (!v->n_root) return 0;
  PetscErrorCode ierr = mem_alloc((size_t)v->n_root + 1, sizeof **lines, lines);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof **radius, radius);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof **which, which);
  if (!ierr) ierr = make_lines(v, thin_mm, &notes, n, *lines, *radius, *which);
  if (!ierr) ierr = labels_note(a, "slices without voxels of a root bridged", (size_t)notes.bridged, notes.widest_mm);
  if (!ierr)
    ierr = labels_note(a, "roots thinner than a voxel given the case's radius", (size_t)notes.thin, notes.thinned_mm);
  if (!ierr) return 0;
  root_lines_destroy(*lines ? v->n_root + 1 : 0, lines);
  free(*radius), free(*which);
  *radius = NULL, *which = NULL;
  return ierr;
}
