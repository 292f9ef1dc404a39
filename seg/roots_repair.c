/* Moving root points inside the dura, out of the cord and off one another. */
#include "roots_repair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance_grid.h"

static const double DURA_GAP_MM = 0.15, CORD_GAP_MM = 0.05, APART_MM = 0.4;
/* The last stretch before the entry, where the tube sinks into the cord. */
static const double SINK_MM = 3.0, SUNK_MM = 0.5;

enum { BY_DURA, BY_CORD, BY_ROOT, REASONS };
static const char *const REASON[REASONS] = {"root points moved inside the dura", "root points moved away from the cord",
                                            "root points moved off another root"};

double shape_distance(const Anatomy *a, Tissue t, const double p[3])
{
  double v[TISSUE_COUNT];
  distance_grid_sample(a->grid, p, v);
  return v[a->grid->channel[t]];
}

void shape_gradient(const Anatomy *a, Tissue t, const double p[3], double out[3])
{
  for (int e = 0; e < 3; e++) {
    const double h = a->grid->step[e];
    double lo[3], hi[3];
    v3_copy(p, lo), v3_copy(p, hi);
    lo[e] -= h, hi[e] += h;
    out[e] = (shape_distance(a, t, hi) - shape_distance(a, t, lo)) / (2.0 * h);
  }
  v3_normalise(out);
}

int root_entry(const Anatomy *a, int n, const double *xyz)
{
  int i = n - 1;
  while (i > 0 && shape_distance(a, TISSUE_WHITE, xyz + 3 * (i - 1)) < 0.0) i--;
  return i;
}

/* Moves p along the gradient until the distance is at least (sign 1) or at most (sign -1) `wanted`; true if moved.
 * Several steps, as a distance interpolated between sections changes a little slower than the way. */
static bool project(const Anatomy *a, Tissue t, double sign, double wanted, double p[3])
{
  bool moved = false;
  for (int i = 0; i < 4; i++) {
    const double miss = sign * (wanted - shape_distance(a, t, p));
    double g[3];
    if (miss <= 1e-3) break;
    shape_gradient(a, t, p, g);
    v3_axpy(p, sign * miss, g, p);
    moved = true;
  }
  return moved;
}

/* How far point i's centre must stay off the cord. */
static double clearance(const RootPath *r, const double *to_entry, int i)
{
  const double full = r->radius + CORD_GAP_MM;
  return fmin(full, -SUNK_MM + (full + SUNK_MM) * to_entry[i] / SINK_MM);
}

/* Pushes the centre lines of two roots apart, each by half. */
static void part(RootPath *r, RootPath *s, unsigned char *why_r, unsigned char *why_s)
{
  for (int i = 0; i < r->n; i++)
    for (int j = 0; j < s->n; j++) {
      double d[3];
      if (fabs(r->p[i][2] - s->p[j][2]) >= APART_MM) continue;
      v3_sub(r->p[i], s->p[j], d);
      const double l = v3_norm(d);
      if (l >= APART_MM - 1e-3) continue;
      if (l < 1e-6)
        v3_set(d, 1, 0, 0);
      else
        v3_scale(1.0 / l, d);
      v3_axpy(r->p[i], 0.5 * (APART_MM - l), d, r->p[i]);
      v3_axpy(s->p[j], -0.5 * (APART_MM - l), d, s->p[j]);
      why_r[i] |= 1 << BY_ROOT, why_s[j] |= 1 << BY_ROOT;
    }
}

static void respect_shapes(const Anatomy *a, RootPath *r, const double *to_entry, unsigned char *why)
{
  for (int i = 0; i < r->n; i++) {
    if (project(a, TISSUE_WHITE, 1.0, clearance(r, to_entry, i), r->p[i])) why[i] |= 1 << BY_CORD;
    if (project(a, TISSUE_CSF, -1.0, -(r->radius + DURA_GAP_MM), r->p[i])) why[i] |= 1 << BY_DURA;
  }
}

/* Spreads the moves along the line: points beside moved ones follow in part. */
static void ease(RootPath *r, const double (*before)[3])
{
  for (int i = 1; i + 1 < r->n; i++) {
    double shift[3] = {0, 0, 0};
    for (int k = -1; k <= 1; k++)
      for (int e = 0; e < 3; e++) shift[e] += (r->p[i + k][e] - before[i + k][e]) * (k ? 0.25 : 0.5);
    v3_axpy(before[i], 1.0, shift, r->p[i]);
  }
}

static void distances_to_entry(const RootPath *r, double *s)
{
  s[r->n - 1] = 0.0;
  for (int i = r->n - 2; i >= 0; i--) s[i] = s[i + 1] + sqrt(v3_distance2(r->p[i], r->p[i + 1]));
}

static PetscErrorCode note_moves(Anatomy *a, const RootPath *r, const double (*before)[3], const unsigned char *why)
{
  for (int reason = 0; reason < REASONS; reason++) {
    int count = 0;
    double largest = 0.0;
    for (int i = 0; i < r->n; i++) {
      const double moved = sqrt(v3_distance2(r->p[i], before[i]));
      if (!(why[i] & 1 << reason) || moved < 0.01) continue;
      count++;
      largest = fmax(largest, moved);
    }
    PetscCall(anatomy_repair_note(a, REASON[reason], count, largest));
  }
  return 0;
}

/* One root's points as they came, and what moved them. */
typedef struct {
  double (*before)[3];
  double *to_entry;
  unsigned char *why;
} Record;

static PetscErrorCode record_start(const RootPath *r, Record *k)
{
  PetscCall(mem_alloc((size_t)r->n, sizeof *k->before, &k->before));
  PetscCall(mem_alloc((size_t)r->n, sizeof *k->to_entry, &k->to_entry));
  PetscCall(mem_alloc((size_t)r->n, sizeof *k->why, &k->why));
  memcpy(k->before, r->p, (size_t)r->n * sizeof *k->before);
  distances_to_entry(r, k->to_entry);
  return 0;
}

static PetscErrorCode keep_inside(Anatomy *a, int n, RootPath *path, Record *k)
{
  enum { ROUNDS = 12, EASED = 8 };
  for (int i = 0; i < n; i++) PetscCall(record_start(&path[i], &k[i]));
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j < i; j++) part(&path[i], &path[j], k[i].why, k[j].why);
    for (int i = 0; i < n; i++) {
      respect_shapes(a, &path[i], k[i].to_entry, k[i].why);
      if (round < EASED) ease(&path[i], (const double(*)[3])k[i].before);
    }
  }
  for (int i = 0; i < n; i++) PetscCall(note_moves(a, &path[i], (const double(*)[3])k[i].before, k[i].why));
  return 0;
}

PetscErrorCode roots_keep_inside(Anatomy *a, int n, RootPath *path)
{
  Record *k = NULL;
  PetscCall(mem_alloc((size_t)n, sizeof *k, &k));
  PetscErrorCode ierr = keep_inside(a, n, path, k);
  for (int i = 0; i < n; i++) free(k[i].before), free(k[i].to_entry), free(k[i].why);
  free(k);
  return ierr;
}
