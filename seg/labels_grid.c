/* Masks to signed distances on the anatomy's grid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/team.h"
#include "distance_transform.h"
#include "labels.h"

/* Staircases go with a Gaussian of this many voxels. */
static const double SMOOTH_VOXELS = 0.7;
/* Terraces of gently curved surfaces are longer: this many voxels or millimetres, the fewer, of the cord and of what
 * lies about it, half a voxel high. */
static const double FAIR_CORD = 3.0, FAIR_CORD_MM = 1.05, FAIR_SAC = 4.0, FAIR_SAC_MM = 1.4, TERRACE = 0.8;
/* Slices farther apart than this many times the voxel's width are taken one by one. */
static const double PLANAR_RATIO = 2.0;
static const double COARSEST_MM = 0.5, FINEST_MM = 0.25, FAR_MM = 100.0, AROUND_MM = 15.0;
static const double MOST_VALUES = 40e6, LARGE_VOXELS = 8e6;

/* The window with its end slices repeated on both sides, as the shapes go on there. */
typedef struct {
  int n[3];
  int pad; /* slices on each side */
  bool planar;
  double wide;  /* mm, the larger of the voxel's width and depth */
  bool large;   /* each shape in the making needs some twelve bytes a voxel: of large images one at a time, */
  int n_thread; /* by as many threads (as team_create), else each by one */
} Stack;

static Stack stack_of(const LabelVolume *v)
{
  const double wide = fmax(v->step[0], v->step[1]);
  Stack s = {.n = {v->n[0], v->n[1], 0}, .planar = v->step[2] > PLANAR_RATIO * wide, .wide = wide};
  s.pad = s.planar ? 2 : (int)fmin(64, ceil(AROUND_MM / v->step[2]));
  s.n[2] = v->n[2] + 2 * s.pad;
  s.large = (double)s.n[0] * s.n[1] * s.n[2] > LARGE_VOXELS;
  s.n_thread = s.large ? 0 : 1;
  return s;
}

/* An array of items of `size` bytes onto the stack. */
static PetscErrorCode repeat_ends(const void *array, size_t size, int n_slice, const Stack *s, void *out)
{
  const size_t slice = (size_t)s->n[0] * (size_t)s->n[1] * size;
  char *to = NULL;
  PetscCall(mem_alloc((size_t)s->n[2], slice, &to));
  for (int k = 0; k < s->n[2]; k++) {
    const int from = (int)fmin(fmax(k - s->pad, 0), n_slice - 1);
    memcpy(to + slice * (size_t)k, (const char *)array + slice * (size_t)from, slice);
  }
  memcpy(out, &to, sizeof to);
  return 0;
}

/* How wide terraces are smoothed, voxels. */
static double fairness(const Stack *s, Tissue t)
{
  return t >= TISSUE_WHITE ? fmin(FAIR_CORD, FAIR_CORD_MM / s->wide) : fmin(FAIR_SAC, FAIR_SAC_MM / s->wide);
}

/* Signed distance of one mask on the stack. */
static PetscErrorCode stack_distance(const LabelVolume *v, const Stack *s, Tissue t, float **out)
{
  const bool smooth = labels_repairs(v, REPAIR_SMOOTH);
  uint8_t *mask = NULL;
  float *soft = NULL;
  PetscErrorCode ierr = repeat_ends(v->mask[t], 1, v->n[2], s, &mask);
  if (!ierr && v->soft[t]) ierr = repeat_ends(v->soft[t], sizeof(float), v->n[2], s, &soft);
  if (!ierr) ierr = mem_alloc((size_t)s->n[0] * (size_t)s->n[1] * (size_t)s->n[2], sizeof **out, out);
  if (!ierr) ierr = distance_signed(mask, soft, s->n, v->step, s->planar, FAR_MM, s->n_thread, *out);
  if (!ierr && smooth) ierr = distance_smooth(s->n, SMOOTH_VOXELS, s->planar ? 2 : 3, s->n_thread, *out);
  if (!ierr && smooth && !soft && fairness(s, t) > SMOOTH_VOXELS)
    ierr = distance_fair(s->n, fairness(s, t), s->planar ? 2 : 3, TERRACE * s->wide, s->n_thread, *out);
  free(mask), free(soft);
  if (ierr) {
    free(*out);
    *out = NULL;
  }
  return ierr;
}

/* ---- the grid ---- */

static int shapes_shown(const LabelVolume *v, Tissue shown[TISSUE_COUNT])
{
  int n = 0;
  for (int t = 0; t < TISSUE_COUNT; t++)
    if (v->mask[t]) shown[n++] = (Tissue)t;
  return n;
}

/* Points about one step apart, from face to face in height; coarser where there would be too many. */
static void grid_size(const LabelVolume *v, int n_shown, int n[3], double step[3])
{
  const double wide = fmin(v->step[0], v->step[1]), height = v->n[2] * v->step[2];
  double h = fmax(FINEST_MM, fmin(COARSEST_MM, wide));
  const double points = (v->n[0] * v->step[0] / h + 1) * (v->n[1] * v->step[1] / h + 1) * (height / h + 1);
  if (points * n_shown > MOST_VALUES) h *= cbrt(points * n_shown / MOST_VALUES);
  for (int e = 0; e < 2; e++) {
    step[e] = h;
    n[e] = (int)floor((v->n[e] - 1) * v->step[e] / h + 1e-6) + 1;
  }
  n[2] = (int)fmax(2, ceil(height / h - 1e-6) + 1);
  step[2] = height / (n[2] - 1);
}

static double mask_volume(const LabelVolume *v, Tissue t)
{
  size_t n = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) n += v->mask[t][i];
  return (double)n * v->step[0] * v->step[1] * v->step[2];
}

/* One shape onto its channel of the grid. */
static PetscErrorCode fill_channel(const LabelVolume *v, const Stack *s, Tissue t, DistanceGrid *g)
{
  const size_t total = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2];
  const double start[3] = {0.0, 0.0, s->pad - 0.5};
  double pace[3], shift = 0.0;
  float *on_stack = NULL, *d = NULL;
  for (int e = 0; e < 3; e++) pace[e] = g->step[e] / v->step[e];
  PetscErrorCode ierr = stack_distance(v, s, t, &on_stack);
  if (!ierr) ierr = distance_resample(on_stack, s->n, g->n, start, pace, s->n_thread, &d);
  free(on_stack);
  if (!ierr) ierr = distance_shift_for_volume(d, g->n, g->step, mask_volume(v, t), 1.5 * s->wide, &shift);
  for (size_t i = 0; !ierr && i < total; i++)
    g->d[i * (size_t)g->n_channel + (size_t)g->channel[t]] = (float)((double)d[i] - shift);
  free(d);
  return ierr;
}

/* The shapes, each for itself. */
typedef struct {
  const LabelVolume *v;
  const Stack *s;
  const Tissue *shown;
  DistanceGrid *g;
} Filling;

static PetscErrorCode fill_shown(void *context, int i)
{
  const Filling *f = context;
  PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
  return fill_channel(f->v, f->s, f->shown[i], f->g);
}

PetscErrorCode labels_grid(const LabelVolume *v, const double centre[3], DistanceGrid **out)
{
  const Stack s = stack_of(v);
  Tissue shown[TISSUE_COUNT];
  const int n_shown = shapes_shown(v, shown);
  int n[3];
  double step[3], origin[3];
  grid_size(v, n_shown, n, step);
  for (int e = 0; e < 3; e++) origin[e] = ((e == 2 ? -0.5 : 0.0) - centre[e]) * v->step[e];
  PetscCall(distance_grid_create(n, origin, step, shown, n_shown, out));
  progress("anatomy", 0.0);
  return parallel_run(NULL, n_shown, s.large ? 1 : 0, fill_shown, &(Filling){v, &s, shown, *out});
}
