/* Outlines to signed distances: each loop becomes a smooth curve and its distance in its plane; between the planes
 * the distances are interpolated. */
#include <math.h>
#include <stdlib.h>

#include "cauda/seg.h"
#include "cauda/team.h"
#include "curve.h"
#include "loop.h"
#include "outline_frame.h"

static const double STEP_XY_MM = 0.25, STEP_Z_MM = 0.5, MARGIN_MM = 14.0, CURVE_STEP_MM = 0.2;
static const double LARGEST_GRID = 60e6; /* values */
/* An end farther than this many spacings from the image's end is the structure's own end, and so is closed. */
static const double OWN_END_SPACINGS = 1.5, GAP_SPACINGS = 3.0;

/* The sections of one structure: distances in each loop's plane, on the grid's points. */
typedef struct {
  int n;
  double *z;        /* [n] mm, ascending */
  double *inradius; /* [n] mm: how deep the section's deepest point lies */
  bool cap_low, cap_high;
  size_t points; /* a plane */
  float *d;      /* [n][points] mm */
} Sections;

static void sections_clear(Sections *s) { free(s->z), free(s->inradius), free(s->d); }

static PetscErrorCode smooth_loop(const Outline *o, int *n, double (**xy)[2])
{
  double(*p)[3] = NULL, (*q)[3] = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)o->n, sizeof *p, &p);
  for (int i = 0; !ierr && i < o->n; i++) v3_set(p[i], o->xy[i][0], o->xy[i][1], 0.0);
  /* a small loop needs finer pieces to be round */
  const double step = fmin(CURVE_STEP_MM, 0.15 * sqrt(o->area));
  if (!ierr) ierr = curve_resample(o->n, (const double(*)[3])p, true, step, n, &q);
  if (!ierr) ierr = mem_alloc((size_t)*n, sizeof **xy, xy);
  for (int i = 0; !ierr && i < *n; i++) (*xy)[i][0] = q[i][0], (*xy)[i][1] = q[i][1];
  free(p), free(q);
  return ierr;
}

static PetscErrorCode section_raster(const Outline *o, const DistanceGrid *g, float *d)
{
  double(*xy)[2] = NULL;
  int n = 0;
  PetscErrorCode ierr = smooth_loop(o, &n, &xy);
  if (!ierr) ierr = loop_raster(n, (const double(*)[2])xy, g->n, g->origin, g->step, d);
  free(xy);
  return ierr;
}

static double deepest(const float *d, size_t n)
{
  double lowest = 0.0;
  for (size_t i = 0; i < n; i++) lowest = (double)d[i] < lowest ? (double)d[i] : lowest;
  return fmax(-lowest, 0.1);
}

typedef struct {
  const OutlineSet *set;
  DistanceGrid *g;
  Sections *s;
  Tissue t;
} Channel;

static PetscErrorCode make_section(void *context, int k)
{
  const Channel *c = context;
  float *d = c->s->d + (size_t)k * c->s->points;
  PetscCall(section_raster(&c->set->loop[k], c->g, d));
  c->s->z[k] = c->set->loop[k].centroid[2];
  c->s->inradius[k] = deepest(d, c->s->points);
  return 0;
}

static PetscErrorCode sections_make(Channel *c)
{
  Sections *s = c->s;
  s->n = c->set->n;
  s->points = (size_t)c->g->n[0] * (size_t)c->g->n[1];
  PetscCall(mem_alloc((size_t)s->n, sizeof *s->z, &s->z));
  PetscCall(mem_alloc((size_t)s->n, sizeof *s->inradius, &s->inradius));
  PetscCall(mem_alloc((size_t)s->n, sizeof *s->d * s->points, &s->d));
  return parallel_run(NULL, s->n, 0, make_section, c);
}

/* Weights of the sections k-1..k+2 at height z between sections k and k+1: a cubic whose slopes are those of the
 * parabola through three neighbours, so linear change between unevenly spaced sections stays linear. */
static void cubic_weights(const Sections *s, int k, double z, double w[4])
{
  const double h = s->z[k + 1] - s->z[k], t = (z - s->z[k]) / h, t2 = t * t, t3 = t2 * t;
  const double m0 = t3 - 2 * t2 + t, m1 = t3 - t2; /* times h and the slopes at k and k+1 */
  w[0] = 0, w[1] = 2 * t3 - 3 * t2 + 1, w[2] = 3 * t2 - 2 * t3, w[3] = 0;
  if (k > 0) {
    const double b = s->z[k] - s->z[k - 1], before = h * m0 * h / (b + h) / b, after = m0 * b / (b + h);
    w[0] -= before, w[1] += before - after, w[2] += after;
  } else {
    w[1] -= m0, w[2] += m0;
  }
  if (k + 2 < s->n) {
    const double c = s->z[k + 2] - s->z[k + 1], before = m1 * c / (c + h), after = h * m1 * h / (c + h) / c;
    w[1] -= before, w[2] += before - after, w[3] += after;
  } else {
    w[1] -= m1, w[2] += m1;
  }
}

static void plane_between(const Sections *s, double z, float *out, int stride)
{
  int k = 0;
  while (k + 2 < s->n && z >= s->z[k + 1]) k++;
  double w[4];
  cubic_weights(s, k, z, w);
  for (size_t i = 0; i < s->points; i++) {
    double d = 0.0;
    for (int e = 0; e < 4; e++)
      if (w[e] != 0.0) d += w[e] * (double)s->d[(size_t)(k - 1 + e) * s->points + i];
    out[i * (size_t)stride] = (float)d;
  }
}

/* Beyond the first or last section: a prism, or a rounded end. */
static void plane_beyond(const Sections *s, int k, bool cap, double height, float *out, int stride)
{
  const float *d = s->d + (size_t)k * s->points;
  for (size_t i = 0; i < s->points; i++)
    out[i * (size_t)stride] = cap ? (float)distance_cap((double)d[i], s->inradius[k], height) : d[i];
}

static PetscErrorCode fill_plane(void *context, int k)
{
  const Channel *c = context;
  const Sections *s = c->s;
  DistanceGrid *g = c->g;
  const double z = g->origin[2] + g->step[2] * k, top = s->z[s->n - 1];
  float *out = g->d + (size_t)k * s->points * (size_t)g->n_channel + g->channel[c->t];
  if (z <= s->z[0])
    plane_beyond(s, 0, s->cap_low, s->z[0] - z, out, g->n_channel);
  else if (z >= top)
    plane_beyond(s, s->n - 1, s->cap_high, z - top, out, g->n_channel);
  else
    plane_between(s, z, out, g->n_channel);
  return 0;
}

static PetscErrorCode make_channel(const OutlineSet *set, const Anatomy *a, Tissue t)
{
  Sections s = {0};
  Channel c = {set, a->grid, &s, t};
  PetscErrorCode ierr = sections_make(&c);
  if (!ierr) {
    const double slack = OWN_END_SPACINGS * set->spacing;
    s.cap_low = s.z[0] > a->seen_z_min + slack;
    s.cap_high = s.z[s.n - 1] < a->seen_z_max - slack;
    ierr = parallel_run(NULL, a->grid->n[2], 0, fill_plane, &c);
  }
  sections_clear(&s);
  return ierr;
}

/* The grid holds the dura's loops with a margin; its steps are as wanted, or wider where it would be too large. */
static PetscErrorCode make_grid(const OutlineSet *dura, Anatomy *a)
{
  const Tissue shown[2] = {TISSUE_CSF, TISSUE_WHITE};
  double lo[3] = {HUGE_VAL, HUGE_VAL, a->seen_z_min}, hi[3] = {-HUGE_VAL, -HUGE_VAL, a->seen_z_max};
  double step[3] = {STEP_XY_MM, STEP_XY_MM, STEP_Z_MM}, values = 2.0;
  int n[3];
  for (int i = 0; i < dura->n; i++)
    for (int k = 0; k < dura->loop[i].n; k++)
      for (int e = 0; e < 2; e++) {
        lo[e] = fmin(lo[e], dura->loop[i].xy[k][e] - MARGIN_MM);
        hi[e] = fmax(hi[e], dura->loop[i].xy[k][e] + MARGIN_MM);
      }
  for (int e = 0; e < 3; e++) values *= (hi[e] - lo[e]) / step[e] + 2.0;
  const double wider = fmax(1.0, cbrt(values / LARGEST_GRID));
  for (int e = 0; e < 3; e++) {
    /* rounding must not decide the count of points where the length is a whole number of steps */
    const double cells = fmax(1.0, ceil((hi[e] - lo[e]) / (step[e] * wider) - 1e-6));
    n[e] = (int)cells + 1;
    step[e] = (hi[e] - lo[e]) / cells;
  }
  return distance_grid_create(n, lo, step, shown, 2, &a->grid);
}

static PetscErrorCode note_gaps(const OutlineSet *set, Anatomy *a)
{
  int count = 0;
  double largest = 0.0;
  for (int i = 0; i + 1 < set->n; i++) {
    const double gap = set->loop[i + 1].centroid[2] - set->loop[i].centroid[2];
    if (gap > GAP_SPACINGS * set->spacing) count++, largest = fmax(largest, gap);
  }
  return anatomy_repair_note(a, "gaps between outlines bridged", count, largest);
}

static void set_extent(const Case *c, const OutlineSet *dura, Anatomy *a)
{
  const CaseSurround *s = &c->anatomy.surround;
  a->surround = (Surround){.dura_thickness_mm = c->anatomy.dura_thickness_mm,
                           .epidural_fat_mm = s->epidural_fat_mm,
                           .bone_mm = s->bone_mm,
                           .body_radius_mm = s->body_radius_mm,
                           .extend_mm = s->extend_mm};
  a->seen_z_min = dura->loop[0].centroid[2];
  a->seen_z_max = dura->loop[dura->n - 1].centroid[2];
  a->z_min = a->seen_z_min - s->extend_mm;
  a->z_max = a->seen_z_max + s->extend_mm;
  for (int e = 0; e < 2; e++) {
    a->axis_xy[e] = 0.0;
    for (int i = 0; i < dura->n; i++) a->axis_xy[e] += dura->loop[i].centroid[e] / dura->n;
  }
}

static PetscErrorCode build(const Case *c, OutlineSet *cord, OutlineSet *dura, int n_line, const RootLine *lines,
                            Anatomy *a)
{
  PetscCall(outline_frame(cord, dura, n_line, lines, &a->world));
  PetscCall(outline_set_place(cord, &a->world));
  PetscCall(outline_set_place(dura, &a->world));
  set_extent(c, dura, a);
  PetscCheck(cord->loop[0].centroid[2] < a->seen_z_max && cord->loop[cord->n - 1].centroid[2] > a->seen_z_min,
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the cord's outlines lie above or below all of the dura's; expected them to overlap",
             cord->loop[0].markup->path);
  PetscCall(note_gaps(cord, a));
  PetscCall(note_gaps(dura, a));
  PetscCall(make_grid(dura, a));
  PetscCall(make_channel(dura, a, TISSUE_CSF));
  PetscCall(make_channel(cord, a, TISSUE_WHITE));
  return n_line ? roots_from_lines(a, n_line, lines, c->anatomy.root_radius_mm) : 0;
}

PetscErrorCode anatomy_from_outlines(const Case *c, const char *input, Anatomy *a)
{
  const CaseAnatomy *s = &c->anatomy;
  OutlineSet *cord = NULL, *dura = NULL;
  RootLine *lines = NULL;
  int n_line = 0;
  PetscErrorCode ierr = outline_set_read("cord", s->outlines->cord, input, s->coordinates, &cord);
  if (!ierr) ierr = outline_set_read("dura", s->outlines->dura, input, s->coordinates, &dura);
  if (!ierr && s->roots) ierr = root_lines_read(s->roots, s->ganglia, input, s->coordinates, &n_line, &lines);
  if (!ierr) ierr = build(c, cord, dura, n_line, lines, a);
  outline_set_destroy(&cord);
  outline_set_destroy(&dura);
  root_lines_destroy(n_line, &lines);
  return ierr;
}
