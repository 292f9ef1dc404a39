/* Packing roots between cord and dura: from slice to slice each disc drifts to its wanted place, then all overlaps are
 * pushed apart, repeatedly; at last the courses are smoothed along the cord and pushed apart again. */
#include "root_pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kept beside the wanted gap while packing: tubes that run at a slant are wider than their discs. */
static const double SLACK_MM = 0.15;
static const double DRIFT_A_SLICE_MM = 0.1;
/* A root is room for others to keep free this far above its entry, and leaves the cord within this way below it. */
static const double AHEAD_MM = 10.0, SINK_MM = 5.0, SUNK_MM = 0.5;
static const double TO_WALL_MM = 30.0; /* above its exit a root makes for the lateral wall */
static const double BEYOND_MM = 20.0;  /* length of the root beyond the dura */

typedef struct {
  const HalfSpace *h;
  double gap;
  int n;
  Strand *s;
} Pack;

static bool exists(const Strand *s, int k) { return k <= s->end; }
static bool leaving(const Strand *s, int k) { return k > s->exit; }
static bool is_dock(const Strand *s, int k) { return k <= s->entry; }

/* 0 well above the entry, 1 from the entry on: a root to come pushes others aside little by little */
static double presence(const Strand *s, int k)
{
  const double above = (double)(s->entry - k) / PACK_SLICES_A_MM;
  const double t = above <= 0.0 ? 1.0 : fmax(0.0, 1.0 - above / AHEAD_MM);
  return t * t; /* slow at first, when the root before may be entering at the same place */
}

static double cord_clearance(const Strand *s, int k, double gap)
{
  const double t = fmin(1.0, fmax(0.0, (double)(k - s->entry) / PACK_SLICES_A_MM / SINK_MM));
  return -SUNK_MM + (s->radius + gap + SUNK_MM) * t * t * (3.0 - 2.0 * t);
}

/* The point of the ray from the cord's middle that lies `depth` (negative inside) from the cord's surface. */
static void ray_to_surface(const HalfSpace *h, int k, double angle, double depth, double q[2])
{
  const double dir[2] = {sin(angle), -cos(angle)};
  double lo = 0.0, hi = h->cord_half[k] + h->sac_half[k];
  for (int i = 0; i < 40; i++) {
    const double t = 0.5 * (lo + hi);
    q[0] = t * dir[0], q[1] = h->cord_y[k] + t * dir[1];
    if (half_distance(h, TISSUE_WHITE, k, q) < depth)
      lo = t;
    else
      hi = t;
  }
}

/* Where the root will enter: at its sulcus, SUNK_MM inside (less in a thin cord); farther to the side where the cord is
 * so thin that the left and the right root would touch. */
static void dock(const HalfSpace *h, int k, double gap, const Strand *s, double q[2])
{
  const double middle[2] = {0.0, h->cord_y[k]}, to_side = s->entry_angle < 0.5 * M_PI ? 0.05 : -0.05;
  const double depth = fmax(-SUNK_MM, 0.5 * half_distance(h, TISSUE_WHITE, k, middle));
  for (double angle = s->entry_angle;; angle += to_side) {
    ray_to_surface(h, k, angle, depth, q);
    if (q[0] >= s->radius + 0.5 * gap || fabs(angle + to_side - 0.5 * M_PI) < 0.05) return;
  }
}

static double toward(double from, double to, double most) { return from + fmin(most, fmax(-most, to - from)); }

static void drift(const HalfSpace *h, int k, Strand *s)
{
  const bool wall = half_z(h, k) < s->exit_z + TO_WALL_MM;
  const double beside = h->cord_half[k] > 1.0 ? h->cord_half[k] + 2.0 * s->radius : 0.0;
  const double u = wall ? h->sac_half[k] : fmax(beside, s->lateral * (h->sac_half[k] - s->radius));
  const double y = h->sac_y[k] + (wall ? 0.5 : 1.0) * s->height * h->sac_height[k];
  s->q[k][0] = toward(s->q[k - 1][0], u, (wall ? 1.5 : 1.0) * DRIFT_A_SLICE_MM);
  s->q[k][1] = toward(s->q[k - 1][1], y, DRIFT_A_SLICE_MM);
}

/* The point that a root takes up in slice k and that is nearest to `other`: where it sinks into the cord, the whole way
 * out of it is its own, so that no other comes to lie above it. */
static void nearest_place(const Pack *p, int k, const Strand *s, const double other[2], double out[2])
{
  const double full = s->radius + p->gap, way = full - cord_clearance(s, k, p->gap);
  const double *q = s->q[k], middle[2] = {0.0, p->h->cord_y[k]};
  double n[2] = {q[0] - middle[0], q[1] - middle[1]};
  const double l = hypot(n[0], n[1]);
  const double t = l > 0.0 ? ((other[0] - q[0]) * n[0] + (other[1] - q[1]) * n[1]) / l : 0.0;
  for (int e = 0; e < 2; e++) out[e] = q[e] + (l > 0.0 ? fmin(fmax(t, 0.0), way) * n[e] / l : 0.0);
}

/* Pushes two discs apart; those that follow a fixed course do not yield. Returns what was missing. */
static double part(const Pack *p, int k, Strand *a, Strand *b)
{
  const double wa = is_dock(a, k) || leaving(a, k) ? 0.0 : 1.0, wb = is_dock(b, k) || leaving(b, k) ? 0.0 : 1.0;
  const double need = fmin(presence(a, k), presence(b, k)) * (a->radius + b->radius + p->gap);
  double at[2], bt[2];
  nearest_place(p, k, a, b->q[k], at);
  nearest_place(p, k, b, at, bt);
  double d[2] = {at[0] - bt[0], at[1] - bt[1]};
  const double l = hypot(d[0], d[1]);
  if (l >= need || wa + wb == 0.0) return 0.0;
  if (l < 1e-9)
    d[0] = 1.0, d[1] = 0.0;
  else
    d[0] /= l, d[1] /= l;
  for (int e = 0; e < 2; e++) {
    a->q[k][e] += wa / (wa + wb) * (need - l) * d[e];
    b->q[k][e] -= wb / (wa + wb) * (need - l) * d[e];
  }
  return need - l;
}

/* Keeps one disc on its side, off the cord and inside the dura. Returns what was missing. */
static double hold(const Pack *p, int k, Strand *s)
{
  double missing = 0.0, g[2];
  const double least_u = s->radius + 0.5 * p->gap;
  if (is_dock(s, k) || leaving(s, k)) return 0.0;
  if (s->q[k][0] < least_u) missing = least_u - s->q[k][0], s->q[k][0] = least_u;
  const double cord = cord_clearance(s, k, p->gap) - half_distance(p->h, TISSUE_WHITE, k, s->q[k]);
  if (cord > 0.0) {
    half_gradient(p->h, TISSUE_WHITE, k, s->q[k], g);
    for (int e = 0; e < 2; e++) s->q[k][e] += cord * g[e];
    missing = fmax(missing, cord);
  }
  const double dura = half_distance(p->h, TISSUE_CSF, k, s->q[k]) + s->radius + p->gap;
  if (dura > 0.0) {
    half_gradient(p->h, TISSUE_CSF, k, s->q[k], g);
    for (int e = 0; e < 2; e++) s->q[k][e] -= dura * g[e];
    missing = fmax(missing, dura);
  }
  return missing;
}

/* One round of pushing in slice k; returns the largest overlap that it met. */
static double push(const Pack *p, int k)
{
  double worst = 0.0;
  for (int i = 0; i < p->n; i++)
    for (int j = 0; j < i; j++)
      if (exists(&p->s[i], k) && exists(&p->s[j], k)) worst = fmax(worst, part(p, k, &p->s[i], &p->s[j]));
  for (int i = 0; i < p->n; i++)
    if (exists(&p->s[i], k)) worst = fmax(worst, hold(p, k, &p->s[i]));
  return worst;
}

/* The root turns outward and from here on goes straight. */
static void start_exit(const HalfSpace *h, int k, Strand *s)
{
  s->exit = k;
  half_gradient(h, TISSUE_CSF, k, s->q[k], s->dir);
  s->dir[0] = fmax(s->dir[0], 0.5);
  const double l = hypot(s->dir[0], s->dir[1]), inside = -half_distance(h, TISSUE_CSF, k, s->q[k]);
  for (int e = 0; e < 2; e++) s->dir[e] /= l;
  const double angle = atan(s->exit_slope), down = inside / s->exit_slope + BEYOND_MM * cos(angle);
  s->end = (int)fmin(s->end, k + down * PACK_SLICES_A_MM);
}

static void advance(const Pack *p, int k, Strand *s)
{
  const HalfSpace *h = p->h;
  if (is_dock(s, k)) {
    dock(h, k, p->gap, s, s->q[k]);
  } else if (s->exit < k) {
    for (int e = 0; e < 2; e++) s->q[k][e] = s->q[k - 1][e] + s->dir[e] * s->exit_slope / PACK_SLICES_A_MM;
  } else {
    drift(h, k, s);
  }
}

static void descend(const Pack *p)
{
  enum { ROUNDS = 60 };
  for (int k = 0; k < p->h->n; k++) {
    for (int i = 0; i < p->n; i++)
      if (exists(&p->s[i], k)) advance(p, k, &p->s[i]);
    for (int r = 0; r < ROUNDS && push(p, k) > 1e-3; r++) {}
    for (int i = 0; i < p->n; i++) {
      Strand *s = &p->s[i];
      if (s->exit < p->h->n || k <= s->entry) continue;
      const double across = (s->radius + p->gap) / s->exit_slope;
      if (half_z(p->h, k) <= s->exit_z + across) start_exit(p->h, k, s);
    }
  }
}

/* Straight on again from where the course was moved to. */
static void redraw_exit(Strand *s)
{
  for (int k = s->exit + 1; k <= s->end; k++)
    for (int e = 0; e < 2; e++) s->q[k][e] = s->q[k - 1][e] + s->dir[e] * s->exit_slope / PACK_SLICES_A_MM;
}

static void smooth_once(Strand *s, double (*old)[2])
{
  memcpy(old + s->entry, s->q + s->entry, (size_t)(s->end - s->entry + 1) * sizeof *old);
  for (int k = s->entry + 1; k < s->end && k <= s->exit; k++)
    for (int e = 0; e < 2; e++) s->q[k][e] = 0.25 * old[k - 1][e] + 0.5 * old[k][e] + 0.25 * old[k + 1][e];
}

static PetscErrorCode refine(const Pack *p)
{
  enum { PASSES = 12, ROUNDS = 8 };
  double(*old)[2] = NULL;
  PetscCall(mem_alloc((size_t)p->h->n, sizeof *old, &old));
  for (int pass = 0; pass < PASSES; pass++) {
    for (int i = 0; i < p->n; i++) {
      for (int twice = 0; twice < 2; twice++) smooth_once(&p->s[i], old);
      redraw_exit(&p->s[i]);
    }
    for (int k = 0; k < p->h->n; k++)
      for (int r = 0; r < ROUNDS && push(p, k) > 1e-3; r++) {}
  }
  free(old);
  return 0;
}

/* Rounds the bend at the exit, where the tube touches the dura anyway. */
static void round_exit(Strand *s)
{
  enum { REACH = 5, PASSES = 12 };
  for (int pass = 0; pass < PASSES; pass++)
    for (int k = s->exit - REACH; k <= s->exit + REACH; k++)
      for (int e = 0; k > s->entry && k < s->end && e < 2; e++)
        s->q[k][e] = 0.25 * s->q[k - 1][e] + 0.5 * s->q[k][e] + 0.25 * s->q[k + 1][e];
}

PetscErrorCode strands_pack(const HalfSpace *h, double gap, int n, Strand *s, double *worst)
{
  Pack p = {h, gap + SLACK_MM, n, s};
  for (int i = 0; i < n; i++) s[i].exit = h->n, s[i].end = h->n - 1;
  descend(&p);
  PetscCall(refine(&p));
  p.gap = gap; /* what counts in the end */
  *worst = 0.0;
  for (int k = 0; k < h->n; k++) *worst = fmax(*worst, push(&p, k));
  for (int i = 0; i < n; i++) round_exit(&s[i]);
  return 0;
}
