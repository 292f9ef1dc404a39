/* The roots of one mask, followed from slice to slice and named by where they leave the cord. */
#include "root_trace.h"

#include <math.h>
#include <stdlib.h>

#include "root_trace_impl.h"
#include "root_voxels.h"

/* How far from where a root is expected its voxels may lie: a voxel, and this; more for each mm in which it had none,
 * and after so many it has ended. */
static const double GATE_MM = 0.8, GATE_GROWS = 0.2, LAPSE_MM = 12.0;
/* A root begins at the cord where it is first seen within this of it, and half the height of a slice. */
static const double ATTACHED_MM = 1.0;
enum { MOST_LIVE = 1000 };

static void place_of(const Trace *t, size_t i, double at[2])
{
  const size_t w = (size_t)t->v->n[0], slice = w * (size_t)t->v->n[1];
  at[0] = (double)(t->at[i] % w), at[1] = (double)(t->at[i] % slice / w);
}

static double off_mm(const Trace *t, const double a[2], const double b[2])
{
  return hypot((a[0] - b[0]) * t->v->step[0], (a[1] - b[1]) * t->v->step[1]);
}

/* Where the strands are expected in slice k, and which have not ended. */
static PetscErrorCode expect(Trace *t, int k)
{
  PetscCall(mem_grow(t->n_strand, sizeof *t->live, &t->live_room, &t->live));
  t->n_live = 0;
  for (size_t s = 0; s < t->n_strand; s++) {
    Strand *q = &t->strand[s];
    const double ahead = fmin(q->k - k, 5), missed_mm = (q->k - k - 1) * t->v->step[2];
    for (int e = 0; e < 2; e++) q->mid[e] = q->at[e] + ahead * q->slope[e];
    q->gate = GATE_MM + fmax(t->v->step[0], t->v->step[1]) + GATE_GROWS * missed_mm;
    if (missed_mm <= LAPSE_MM) t->live[t->n_live++] = s;
  }
  PetscCheck(t->n_live <= MOST_LIVE, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the mask of all roots has more than %d pieces side by side near slice %d; expected roots", t->v->path,
             (int)MOST_LIVE, k + t->v->first);
  return 0;
}

/* Each voxel of the slice to the nearest strand within its gate. */
static void claim(Trace *t)
{
  for (size_t i = t->first; i < t->last; i++) {
    double at[2], nearest = HUGE_VAL;
    place_of(t, i, at);
    t->strand_of[i] = -1;
    for (size_t l = 0; l < t->n_live; l++) {
      const Strand *q = &t->strand[t->live[l]];
      const double off = off_mm(t, at, q->mid);
      if (off < q->gate && off < nearest) nearest = off, t->strand_of[i] = (int)t->live[l];
    }
  }
}

/* Strands that have voxels in the slice move to their middle. */
static void centre(Trace *t)
{
  for (size_t l = 0; l < t->n_live; l++) {
    const int s = (int)t->live[l];
    double sum[3] = {0, 0, 0}, at[2];
    for (size_t i = t->first; i < t->last; i++) {
      if (t->strand_of[i] != s) continue;
      place_of(t, i, at);
      sum[0] += at[0], sum[1] += at[1], sum[2] += 1.0;
    }
    for (int e = 0; e < 2 && sum[2] > 0.0; e++) t->strand[s].mid[e] = sum[e] / sum[2];
  }
}

static void follow(Trace *t, int k)
{
  centre(t);
  for (size_t i = t->first; i < t->last; i++) {
    Strand *q = &t->strand[t->strand_of[i]];
    if (q->k == k) continue;
    t->n_seen++;
    for (int e = 0; e < 2; e++) {
      q->slope[e] = 0.6 * q->slope[e] + 0.4 * (q->mid[e] - q->at[e]) / (q->k - k);
      q->at[e] = q->mid[e];
    }
    q->k = k;
  }
}

/* ---- where they begin ---- */

static bool beside_cord(const Trace *t, size_t voxel)
{
  const LabelVolume *v = t->v;
  const double within = ATTACHED_MM + 0.5 * v->step[2];
  const int w = v->n[0], reach[2] = {(int)(within / v->step[0]) + 1, (int)(within / v->step[1]) + 1};
  const size_t slice = (size_t)w * (size_t)v->n[1];
  const int x = (int)(voxel % (size_t)w), y = (int)(voxel % slice / (size_t)w);
  for (int dy = -reach[1]; dy <= reach[1]; dy++)
    for (int dx = -reach[0]; dx <= reach[0]; dx++) {
      if (x + dx < 0 || x + dx >= w || y + dy < 0 || y + dy >= v->n[1]) continue;
      if (hypot(dx * v->step[0], dy * v->step[1]) > within + fmin(v->step[0], v->step[1])) continue;
      if (v->mask[TISSUE_WHITE][(ptrdiff_t)voxel + (ptrdiff_t)dy * w + dx]) return true;
    }
  return false;
}

/* The segment of a slice, -1 where there is none; of several the one whose middle is nearest. */
static int segment_at(const LabelVolume *v, int k)
{
  int best = -1;
  double nearest = HUGE_VAL;
  for (int s = 0; s < LABEL_SEGMENTS; s++) {
    const LabelSegment *q = &v->segment[s];
    const double off = fabs(0.5 * (q->first + q->last) - (k + v->first));
    if (k + v->first < q->first || k + v->first > q->last || off >= nearest) continue;
    nearest = off, best = s;
  }
  return best;
}

/* 1 + index of the root that leaves the cord there, 0 where none does. */
static PetscErrorCode name_at(Trace *t, int k, const double at[2], bool attached, int *name)
{
  const int segment = segment_at(t->v, k);
  LabelRoot r = {.side = at[0] < t->middle->at[k][0] ? 'L' : 'R', .ventral = at[1] >= t->middle->at[k][1]};
  *name = 0;
  if (!attached || segment < 0) return 0;
  segment_name(segment, r.segment);
  PetscCall(labels_root_number(t->v, &r, name));
  ++*name;
  return 0;
}

/* What no strand has claimed begins one, section by section. */
static PetscErrorCode begin(Trace *t, int k)
{
  for (size_t i = t->first; i < t->last; i++) {
    double sum[3] = {0, 0, 0}, at[2];
    bool attached = false;
    Strand q = {.top = k, .k = k};
    if (t->strand_of[i] >= 0) continue;
    for (size_t j = i; j < t->last; j++) {
      if (t->strand_of[j] >= 0 || t->member[j] != t->member[i]) continue;
      place_of(t, j, at);
      sum[0] += at[0], sum[1] += at[1], sum[2] += 1.0;
      attached = attached || beside_cord(t, t->at[j]);
      t->strand_of[j] = (int)t->n_strand;
    }
    for (int e = 0; e < 2; e++) q.at[e] = q.mid[e] = sum[e] / sum[2];
    PetscCall(name_at(t, k, q.at, attached, &q.name));
    PetscCall(mem_grow(t->n_strand + 1, sizeof *t->strand, &t->room, &t->strand));
    t->strand[t->n_strand++] = q;
  }
  return 0;
}

static PetscErrorCode trace(Trace *t, size_t n)
{
  enum { ROUNDS = 3 };
  const size_t slice = (size_t)t->v->n[0] * (size_t)t->v->n[1];
  for (t->first = t->last = n; t->last > 0; t->last = t->first) {
    const int k = (int)(t->at[t->last - 1] / slice);
    while (t->first > 0 && (int)(t->at[t->first - 1] / slice) == k) t->first--;
    PetscCall(expect(t, k));
    for (int round = 0; round < ROUNDS; round++) {
      if (round) centre(t);
      claim(t);
    }
    PetscCall(begin(t, k));
    follow(t, k);
  }
  return 0;
}

PetscErrorCode root_trace(LabelVolume *v, int all, Anatomy *a)
{
  RootVoxels l = {NULL, NULL};
  RootSection *s = NULL;
  CordMiddle middle = {NULL, NULL};
  int *member = NULL, n_section = 0;
  Trace t = {.v = v, .middle = &middle};
  PetscErrorCode ierr = root_voxels_create(v, &l);
  if (!ierr) ierr = root_sections(v, &l, all, &n_section, &s, &member);
  if (!ierr) ierr = cord_middle_create(v, &middle);
  if (!ierr) ierr = mem_alloc(l.start[all + 1] - l.start[all], sizeof *t.strand_of, &t.strand_of);
  if (!ierr) {
    t.at = l.at + l.start[all], t.member = member;
    ierr = trace(&t, l.start[all + 1] - l.start[all]);
  }
  if (!ierr) ierr = root_trace_names(&t, l.start[all + 1] - l.start[all], a);
  free(t.strand_of), free(t.strand), free(t.live);
  cord_middle_free(&middle);
  root_voxels_free(&l);
  free(s), free(member);
  return ierr;
}
