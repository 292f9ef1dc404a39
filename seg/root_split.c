/* Labels that hold several roots (a level's left and right, its dorsal and ventral) split into them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"
#include "root_voxels.h"

/* A level has dorsal and ventral roots where each make up this share of its voxels beside the cord. */
static const double LEAST_SHARE = 0.15;
/* A voxel this near to where a root is expected belongs to it, even on the other side of the cord's middle. */
static const double GATE_MM = 2.0;

/* The middle of the cord by slice, in voxels; below its end that of the sac, moved as the cord's last middle was. */
typedef struct {
  double (*at)[2]; /* [n2] */
  bool *cord;      /* [n2] the slice has cord */
} Middle;

static bool centre_of_slice(const LabelVolume *v, const uint8_t *mask, int k, double at[2])
{
  const size_t width = (size_t)v->n[0], slice = width * (size_t)v->n[1];
  double n = 0.0;
  at[0] = at[1] = 0.0;
  for (size_t i = 0; i < slice; i++)
    if (mask[slice * (size_t)k + i]) at[0] += (double)(i % width), at[1] += (double)(i / width), n += 1.0;
  if (n > 0.0) at[0] /= n, at[1] /= n;
  return n > 0.0;
}

static PetscErrorCode middle_create(const LabelVolume *v, Middle *m)
{
  double off[2] = {0, 0};
  PetscCall(mem_alloc((size_t)v->n[2], sizeof *m->at, &m->at));
  PetscCall(mem_alloc((size_t)v->n[2], sizeof *m->cord, &m->cord));
  for (int k = v->n[2] - 1; k >= 0; k--) {
    double sac[2];
    const bool has_sac = centre_of_slice(v, v->mask[TISSUE_CSF], k, sac);
    m->cord[k] = centre_of_slice(v, v->mask[TISSUE_WHITE], k, m->at[k]);
    for (int e = 0; e < 2; e++) {
      if (m->cord[k] && has_sac)
        off[e] = m->at[k][e] - sac[e];
      else if (!m->cord[k])
        m->at[k][e] = has_sac ? sac[e] + off[e] : k + 1 < v->n[2] ? m->at[k + 1][e] : 0.5 * v->n[e];
    }
  }
  return 0;
}

static void middle_free(Middle *m) { free(m->at), free(m->cord); }

/* The number of a root of this name, a new one where it is the first. */
static PetscErrorCode number_of(LabelVolume *v, const LabelRoot *of, char side, bool ventral, int *number)
{
  LabelRoot r = {.side = side, .ventral = ventral};
  memcpy(r.segment, of->segment, sizeof r.segment);
  return labels_root_number(v, &r, number);
}

/* ---- left and right ---- */

static PetscErrorCode split_sides(LabelVolume *v, const Middle *m, const RootVoxels *l, int root, size_t *count)
{
  const LabelRoot of = v->root[root];
  LabelRoot half[2];
  int number[2];
  for (int s = 0; s < 2; s++) {
    half[s] = of;
    half[s].side = "LR"[s];
    PetscCall(labels_root_number(v, &half[s], &number[s]));
  }
  for (size_t i = l->start[root]; i < l->start[root + 1]; i++) {
    const size_t at = l->at[i], slice = (size_t)v->n[0] * (size_t)v->n[1];
    const bool right = (double)(at % (size_t)v->n[0]) >= m->at[at / slice][0];
    v->root_of[at] = (uint8_t)(number[right] + 1);
    ++*count;
  }
  return 0;
}

/* ---- dorsal and ventral ---- */

/* A root on its way down: where it was last seen. */
typedef struct {
  bool seen;
  int k;
  double at[2], slope[2]; /* voxels; a slice */
} Strand;

static void expect(const Strand *s, int k, double at[2])
{
  const double ahead = fmin(s->k - k, 5); /* not for ever */
  for (int e = 0; e < 2; e++) at[e] = s->at[e] + ahead * s->slope[e];
}

static double off_mm(const LabelVolume *v, const double a[2], double x, double y)
{
  return hypot((a[0] - x) * v->step[0], (a[1] - y) * v->step[1]);
}

/* Which of the two a voxel belongs to: the nearer one; before both were seen, by its side of the cord's middle. */
static int belongs(const LabelVolume *v, const Strand s[2], const Middle *m, int k, double x, double y)
{
  double d[2] = {HUGE_VAL, HUGE_VAL};
  const int side = y >= m->at[k][1];
  for (int e = 0; e < 2; e++) {
    double at[2];
    if (!s[e].seen) continue;
    expect(&s[e], k, at);
    d[e] = off_mm(v, at, x, y);
  }
  if (s[0].seen && s[1].seen) return d[1] < d[0];
  if (s[0].seen || s[1].seen) {
    const int known = s[1].seen;
    return d[known] < GATE_MM || side == known ? known : side;
  }
  return side;
}

static void follow(Strand *s, int k, const double centre[2])
{
  for (int e = 0; e < 2; e++) {
    const double slope = s->seen ? (centre[e] - s->at[e]) / (s->k - k) : 0.0;
    s->slope[e] = s->seen ? 0.6 * s->slope[e] + 0.4 * slope : 0.0;
    s->at[e] = centre[e];
  }
  s->seen = true, s->k = k;
}

/* From the top slice down; voxels ascend in the list. */
static void track(LabelVolume *v, const Middle *m, const size_t *at, size_t n, const int number[2])
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  Strand s[2] = {{.seen = false}, {.seen = false}};
  for (size_t last = n, first; last > 0; last = first) {
    const int k = (int)(at[last - 1] / slice);
    double sum[2][3] = {{0, 0, 0}, {0, 0, 0}};
    for (first = last; first > 0 && (int)(at[first - 1] / slice) == k;) {
      const size_t i = at[--first];
      const double x = (double)(i % w), y = (double)(i % slice / w);
      const int kind = belongs(v, s, m, k, x, y);
      v->root_of[i] = (uint8_t)(number[kind] + 1);
      sum[kind][0] += x, sum[kind][1] += y, sum[kind][2] += 1.0;
    }
    for (int e = 0; e < 2; e++) {
      const double centre[2] = {sum[e][0] / sum[e][2], sum[e][1] / sum[e][2]};
      if (sum[e][2] > 0.0) follow(&s[e], k, centre);
    }
  }
}

/* Shares of dorsal and ventral voxels in the slices with cord. */
static void shares(const LabelVolume *v, const Middle *m, const size_t *at, size_t n, double share[2])
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  double count[2] = {0, 0};
  for (size_t i = 0; i < n; i++) {
    const size_t k = at[i] / slice;
    if (m->cord[k]) count[(double)(at[i] % slice / w) >= m->at[k][1]] += 1.0;
  }
  for (int e = 0; e < 2; e++) share[e] = count[0] + count[1] > 0.0 ? count[e] / (count[0] + count[1]) : 0.0;
}

static PetscErrorCode split_kinds(LabelVolume *v, const Middle *m, const RootVoxels *l, int root, size_t *count)
{
  const LabelRoot of = v->root[root];
  const size_t *at = l->at + l->start[root], n = l->start[root + 1] - l->start[root];
  double share[2];
  int number[2];
  if (!n) return 0;
  shares(v, m, at, n, share);
  const bool only_dorsal = share[1] < LEAST_SHARE, only_ventral = !only_dorsal && share[0] < LEAST_SHARE;
  if (!only_ventral) PetscCall(number_of(v, &of, of.side, false, &number[0]));
  if (!only_dorsal) PetscCall(number_of(v, &of, of.side, true, &number[1]));
  if (only_dorsal || only_ventral) {
    for (size_t i = 0; i < n; i++) v->root_of[at[i]] = (uint8_t)(number[only_ventral] + 1);
    return 0;
  }
  track(v, m, at, n, number);
  *count += n;
  return 0;
}

static PetscErrorCode split_pass(LabelVolume *v, const Middle *m, bool sides, size_t *count)
{
  RootVoxels l = {NULL, NULL};
  const int n = v->n_root;
  PetscErrorCode ierr = root_voxels_create(v, &l);
  for (int r = 0; !ierr && r < n; r++) {
    if (v->root[r].any || !(sides ? !v->root[r].side : v->root[r].both_kinds)) continue;
    ierr = sides ? split_sides(v, m, &l, r, count) : split_kinds(v, m, &l, r, count);
  }
  root_voxels_free(&l);
  return ierr;
}

PetscErrorCode labels_split_levels(LabelVolume *v, Anatomy *a)
{
  Middle m = {NULL, NULL};
  size_t sides = 0, kinds = 0;
  PetscErrorCode ierr = middle_create(v, &m);
  if (!ierr) ierr = split_pass(v, &m, true, &sides);
  if (!ierr) ierr = split_pass(v, &m, false, &kinds);
  middle_free(&m);
  PetscCall(ierr);
  PetscCall(labels_note(a, "voxels of levels split into left and right by the cord's middle", sides, 0.0));
  return labels_note(a, "voxels of levels split into dorsal and ventral roots", kinds, 0.0);
}
