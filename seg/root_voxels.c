/* Voxels of roots as lists, and the sections they form. */
#include "root_voxels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Voxels of one root this near to one another in a slice belong together, whatever is missing between them. */
static const double TOGETHER_MM = 0.8;

static size_t voxels(const LabelVolume *v) { return (size_t)v->n[0] * (size_t)v->n[1] * (size_t)v->n[2]; }

void root_voxels_free(RootVoxels *l)
{
  free(l->start), free(l->at);
  *l = (RootVoxels){NULL, NULL};
}

PetscErrorCode root_voxels_create(const LabelVolume *v, RootVoxels *out)
{
  size_t *fill = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)v->n_root + 2, sizeof *out->start, &out->start);
  if (ierr || !v->root_of) return ierr;
  for (size_t i = 0; i < voxels(v); i++)
    if (v->root_of[i]) out->start[v->root_of[i]]++;
  for (int r = 0; r < v->n_root; r++) out->start[r + 1] += out->start[r];
  ierr = mem_alloc(out->start[v->n_root], sizeof *out->at, &out->at);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof *fill, &fill);
  if (!ierr) {
    memcpy(fill, out->start, ((size_t)v->n_root + 1) * sizeof *fill);
    for (size_t i = 0; i < voxels(v); i++)
      if (v->root_of[i]) out->at[fill[v->root_of[i] - 1]++] = i;
  }
  free(fill);
  return ierr;
}

/* Gives all voxels of a slice (indices of the list first .. last - 1) the number of their section. */
static void gather(const LabelVolume *v, const size_t *at, size_t first, size_t last, int *n_section, int *member)
{
  const int w = v->n[0], h = v->n[1];
  const int reach[2] = {(int)fmax(1.0, TOGETHER_MM / v->step[0]), (int)fmax(1.0, TOGETHER_MM / v->step[1])};
  for (size_t i = first; i < last; i++) member[i] = -1;
  for (size_t i = first; i < last; i++) {
    if (member[i] >= 0) continue;
    member[i] = (*n_section)++;
    for (bool grown = true; grown;) { /* sections are small: a handful of voxels */
      grown = false;
      for (size_t p = first; p < last; p++) {
        if (member[p] != member[i]) continue;
        for (size_t q = i + 1; q < last; q++) {
          if (member[q] >= 0) continue;
          const int dx = abs((int)(at[p] % (size_t)w) - (int)(at[q] % (size_t)w));
          const int dy = abs((int)(at[p] / (size_t)w % (size_t)h) - (int)(at[q] / (size_t)w % (size_t)h));
          if (dx <= reach[0] && dy <= reach[1]) member[q] = member[i], grown = true;
        }
      }
    }
  }
}

static void measure(const LabelVolume *v, const size_t *at, size_t n, const int *member, RootSection *s)
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  for (size_t i = 0; i < n; i++) {
    RootSection *q = &s[member[i]];
    const double weight = v->root_weight ? (double)v->root_weight[at[i]] : 1.0;
    q->k = (int)(at[i] / slice);
    q->x += weight * (double)(at[i] % w), q->y += weight * (double)(at[i] % slice / w);
    q->n += weight;
    q->n_member++;
  }
}

static void flip(int n, RootSection *s, size_t n_member, int *member)
{
  for (int i = 0; i < n / 2; i++) {
    const RootSection t = s[i];
    s[i] = s[n - 1 - i], s[n - 1 - i] = t;
  }
  for (size_t i = 0; i < n_member; i++) member[i] = n - 1 - member[i];
  for (int i = 0; i < n; i++) s[i].x /= s[i].n, s[i].y /= s[i].n;
}

PetscErrorCode root_sections(const LabelVolume *v, const RootVoxels *l, int root, int *n, RootSection **out,
                             int **member)
{
  const size_t *at = l->at + l->start[root], count = l->start[root + 1] - l->start[root];
  const size_t slice = (size_t)v->n[0] * (size_t)v->n[1];
  *n = 0, *out = NULL, *member = NULL;
  if (!count) return 0;
  PetscCall(mem_alloc(count, sizeof **member, member));
  for (size_t first = 0, last; first < count; first = last) {
    for (last = first; last < count && at[last] / slice == at[first] / slice;) last++;
    gather(v, at, first, last, n, *member);
  }
  const PetscErrorCode ierr = mem_alloc((size_t)*n, sizeof **out, out);
  if (ierr) {
    free(*member);
    *member = NULL;
    return ierr;
  }
  measure(v, at, count, *member, *out);
  flip(*n, *out, count, *member);
  return 0;
}

/* ---- the chain ---- */

/* A voxel is worth 1, up to WORTH_MOST a section, so that a leak does not draw the line to it. A slice passed over
 * costs GAP each, GAPS_MOST together: a long gap is bridged where more than that lies beyond it. */
static const double WORTH_MOST = 12.0, GAP = 0.3, GAPS_MOST = 6.0;
/* How far a root may run aside without cost: a voxel, and this much a millimetre of height. */
static const double ASIDE = 0.5;

static double worth(const RootSection *s) { return fmin(WORTH_MOST, s->n); }

static double way(const LabelVolume *v, const RootSection *a, const RootSection *b)
{
  const int slices = a->k - b->k;
  const double height = slices * v->step[2], off = hypot((a->x - b->x) * v->step[0], (a->y - b->y) * v->step[1]);
  const double free_way = fmax(v->step[0], v->step[1]) + ASIDE * height;
  const double aside = off / free_way;
  return aside * aside * aside + fmin(GAPS_MOST, GAP * (slices - 1));
}

/* best[i]: of the chains that end at i; before[i]: the section above it, or -1. */
static void best_chains(const LabelVolume *v, int n, const RootSection *s, double *best, int *before)
{
  enum { LOOK_BACK = 2000 };
  for (int i = 0; i < n; i++) {
    best[i] = 0.0, before[i] = -1;
    for (int j = i - 1; j >= 0 && j >= i - LOOK_BACK; j--) {
      if (s[j].k == s[i].k) continue;
      const double value = best[j] - way(v, &s[j], &s[i]);
      if (value > best[i]) best[i] = value, before[i] = j;
    }
    best[i] += worth(&s[i]);
  }
}

PetscErrorCode root_chain(const LabelVolume *v, int n_section, const RootSection *s, int *n, int **chain)
{
  double *best = NULL;
  int *before = NULL, top = 0;
  *n = 0, *chain = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)n_section, sizeof *best, &best);
  if (!ierr) ierr = mem_alloc((size_t)n_section, sizeof *before, &before);
  if (!ierr) ierr = mem_alloc((size_t)n_section, sizeof **chain, chain);
  if (!ierr && n_section) {
    best_chains(v, n_section, s, best, before);
    for (int i = 1; i < n_section; i++)
      if (best[i] > best[top]) top = i;
    for (int i = top; i >= 0; i = before[i]) (*chain)[(*n)++] = i;
    for (int i = 0; i < *n / 2; i++) {
      const int t = (*chain)[i];
      (*chain)[i] = (*chain)[*n - 1 - i], (*chain)[*n - 1 - i] = t;
    }
  }
  free(best), free(before);
  return ierr;
}
