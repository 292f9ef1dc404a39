/* Labels that hold several roots (a level's left and right, its dorsal and ventral) split into them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cord_middle.h"
#include "root_pair.h"

/* A level has dorsal and ventral roots where each make up this share of its voxels beside the cord. */
static const double LEAST_SHARE = 0.15;

/* The number of a root of this name, a new one where it is the first. */
static PetscErrorCode number_of(LabelVolume *v, const LabelRoot *of, char side, bool ventral, int *number)
{
  LabelRoot r = {.side = side, .ventral = ventral};
  memcpy(r.segment, of->segment, sizeof r.segment);
  return labels_root_number(v, &r, number);
}

/* ---- left and right ---- */

static PetscErrorCode split_sides(LabelVolume *v, const CordMiddle *m, const RootVoxels *l, int root, size_t *count)
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

/* Shares of dorsal and ventral voxels in the slices with cord. */
static void shares(const LabelVolume *v, const CordMiddle *m, const size_t *at, size_t n, double share[2])
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  double count[2] = {0, 0};
  for (size_t i = 0; i < n; i++) {
    const size_t k = at[i] / slice;
    if (m->cord[k]) count[(double)(at[i] % slice / w) >= m->at[k][1]] += 1.0;
  }
  for (int e = 0; e < 2; e++) share[e] = count[0] + count[1] > 0.0 ? count[e] / (count[0] + count[1]) : 0.0;
}

static PetscErrorCode split_pair(LabelVolume *v, const CordMiddle *m, const RootVoxels *l, int root,
                                 const int number[2])
{
  const size_t *at = l->at + l->start[root], n = l->start[root + 1] - l->start[root];
  uint8_t *kind = NULL;
  PetscCall(mem_alloc(n, 1, &kind));
  const PetscErrorCode ierr = root_pair_split(v, l, root, (const double(*)[2])m->at, m->cord, kind);
  for (size_t i = 0; !ierr && i < n; i++) v->root_of[at[i]] = (uint8_t)(number[kind[i]] + 1);
  free(kind);
  return ierr;
}

static PetscErrorCode split_kinds(LabelVolume *v, const CordMiddle *m, const RootVoxels *l, int root, size_t *count)
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
  *count += n;
  return split_pair(v, m, l, root, number);
}

static PetscErrorCode split_pass(LabelVolume *v, const CordMiddle *m, bool sides, size_t *count)
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
  CordMiddle m;
  size_t sides = 0, kinds = 0;
  PetscErrorCode ierr = cord_middle_create(v, &m);
  if (!ierr) ierr = split_pass(v, &m, true, &sides);
  if (!ierr) ierr = split_pass(v, &m, false, &kinds);
  cord_middle_free(&m);
  PetscCall(ierr);
  PetscCall(labels_note(a, "voxels of levels split into left and right by the cord's middle", sides, 0.0));
  return labels_note(a, "voxels of levels split into dorsal and ventral roots", kinds, 0.0);
}
