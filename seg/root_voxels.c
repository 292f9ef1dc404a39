/* Voxels of roots as lists, and the sections they form. */
#include "root_voxels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Voxels of one root this near to one another in a slice belong together, whatever is missing between them. */
static const double TOGETHER_MM = 0.8;

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
  for (size_t i = 0; i < labels_voxels(v); i++)
    if (v->root_of[i]) out->start[v->root_of[i]]++;
  for (int r = 0; r < v->n_root; r++) out->start[r + 1] += out->start[r];
  ierr = mem_alloc(out->start[v->n_root], sizeof *out->at, &out->at);
  if (!ierr) ierr = mem_alloc((size_t)v->n_root + 1, sizeof *fill, &fill);
  if (!ierr) {
    memcpy(fill, out->start, ((size_t)v->n_root + 1) * sizeof *fill);
    for (size_t i = 0; i < labels_voxels(v); i++)
      if (v->root_of[i]) out->at[fill[v->root_of[i] - 1]++] = i;
  }
  free(fill);
  return ierr;
}

/* Of the ascending at[first .. last - 1], the first that is not below `least`. */
static size_t find_from(const size_t *at, size_t first, size_t last, size_t least)
{
  while (first < last) {
    const size_t mid = first + (last - first) / 2;
    if (at[mid] < least)
      first = mid + 1;
    else
      last = mid;
  }
  return first;
}

/* What a search through the voxels of one slice needs: at[first .. last - 1] are they. */
typedef struct {
  const LabelVolume *v;
  const size_t *at;
  size_t first, last;
  int reach[2];
  int *member;   /* the section of each voxel, -1 none yet */
  size_t *queue; /* room for all voxels of the slice */
} Search;

/* Gives voxel `start` and all that are joined to it the number of their section. */
static void gather_one(const Search *s, size_t start, int section)
{
  const size_t w = (size_t)s->v->n[0], slice = w * (size_t)s->v->n[1], base = s->at[start] / slice * slice;
  size_t n = 0;
  s->member[start] = section;
  s->queue[n++] = start;
  for (size_t i = 0; i < n; i++) {
    const int x = (int)(s->at[s->queue[i]] % w), y = (int)(s->at[s->queue[i]] % slice / w);
    const int left = x > s->reach[0] ? x - s->reach[0] : 0;
    const int right = x + s->reach[0] < s->v->n[0] ? x + s->reach[0] : s->v->n[0] - 1;
    for (int row = y > s->reach[1] ? y - s->reach[1] : 0; row <= y + s->reach[1] && row < s->v->n[1]; row++) {
      const size_t from = base + (size_t)row * w + (size_t)left, to = base + (size_t)row * w + (size_t)right;
      for (size_t q = find_from(s->at, s->first, s->last, from); q < s->last && s->at[q] <= to; q++) {
        if (s->member[q] >= 0) continue;
        s->member[q] = section;
        s->queue[n++] = q;
      }
    }
  }
}

/* Gives all voxels of a slice the number of their section. */
static void gather(const Search *s, int *n_section)
{
  for (size_t i = s->first; i < s->last; i++) s->member[i] = -1;
  for (size_t i = s->first; i < s->last; i++)
    if (s->member[i] < 0) gather_one(s, i, (*n_section)++);
}

static PetscErrorCode gather_slices(const LabelVolume *v, const size_t *at, size_t count, int *n_section, int *member)
{
  const size_t slice = (size_t)v->n[0] * (size_t)v->n[1];
  Search s = {.v = v, .at = at, .member = member};
  for (int e = 0; e < 2; e++) s.reach[e] = (int)fmax(1.0, TOGETHER_MM / v->step[e]);
  PetscCall(mem_alloc(count, sizeof *s.queue, &s.queue));
  for (; s.first < count; s.first = s.last) {
    s.last = find_from(at, s.first, count, (at[s.first] / slice + 1) * slice);
    gather(&s, n_section);
  }
  free(s.queue);
  return 0;
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
  *n = 0, *out = NULL, *member = NULL;
  if (!count) return 0;
  PetscCall(mem_alloc(count, sizeof **member, member));
  PetscErrorCode ierr = gather_slices(v, at, count, n, *member);
  if (!ierr) ierr = mem_alloc((size_t)*n, sizeof **out, out);
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
 * costs GAP each, ROOT_GAPS_MOST together: a long gap is bridged where more than that lies beyond it. */
static const double WORTH_MOST = 12.0, GAP = 0.3;
/* How far a root may run aside without cost: a voxel, and this much a millimetre of height. */
static const double ASIDE = 0.5;

double root_section_worth(const RootSection *s) { return fmin(WORTH_MOST, s->n); }

double root_section_way(const LabelVolume *v, const RootSection *a, const RootSection *b)
{
  const int slices = a->k - b->k;
  const double height = slices * v->step[2], off = hypot((a->x - b->x) * v->step[0], (a->y - b->y) * v->step[1]);
  const double free_way = fmax(v->step[0], v->step[1]) + ASIDE * height;
  const double aside = off / free_way;
  return aside * aside * aside + fmin(ROOT_GAPS_MOST, GAP * (slices - 1));
}

/* best[i]: of the chains that end at i; before[i]: the section above it, or -1. */
static void best_chains(const LabelVolume *v, int n, const RootSection *s, double *best, int *before)
{
  enum { LOOK_BACK = 2000 };
  for (int i = 0; i < n; i++) {
    best[i] = 0.0, before[i] = -1;
    for (int j = i - 1; j >= 0 && j >= i - LOOK_BACK; j--) {
      if (s[j].k == s[i].k) continue;
      const double value = best[j] - root_section_way(v, &s[j], &s[i]);
      if (value > best[i]) best[i] = value, before[i] = j;
    }
    best[i] += root_section_worth(&s[i]);
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
