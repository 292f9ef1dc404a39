/* Root labels as they come to one connected course a root: overlaps, levels, the mask of all roots, wrong labels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"
#include "root_trace.h"
#include "root_voxels.h"

PetscErrorCode labels_root_number(LabelVolume *v, const LabelRoot *r, int *number)
{
  for (*number = 0; *number < v->n_root; ++*number) {
    const LabelRoot *q = &v->root[*number];
    if (!strcmp(q->segment, r->segment) && q->side == r->side && q->ventral == r->ventral &&
        q->both_kinds == r->both_kinds && q->any == r->any)
      return 0;
  }
  PetscCheck(v->n_root < LABEL_ROOTS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: more than %d different roots and levels are named", v->path, (int)LABEL_ROOTS_MAX);
  v->root[v->n_root++] = *r;
  return 0;
}

PetscErrorCode labels_note(Anatomy *a, const char *what, size_t count, double largest_mm)
{
  return anatomy_repair_note(a, what, (int)(count < INT32_MAX ? count : INT32_MAX), largest_mm);
}

static size_t count_of(const LabelVolume *v, int root)
{
  size_t n = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) n += v->root_of[i] == root + 1;
  return n;
}

/* Voxels that are still no certain root's go. */
static void drop_unknown(LabelVolume *v, int unknown, size_t *lost)
{
  for (size_t i = 0; i < labels_voxels(v); i++) {
    if (v->root_of[i] != unknown + 1) continue;
    v->root_of[i] = 0;
    ++*lost;
  }
}

/* ---- the mask of all roots ---- */

static PetscErrorCode use_mask(LabelVolume *v, int unknown, Anatomy *a)
{
  size_t given = 0, lost = 0, outside = 0;
  const size_t in_mask = count_of(v, unknown);
  bool named = false;
  for (size_t i = 0; i < labels_voxels(v) && !named; i++) named = v->root_of[i] && v->root_of[i] != unknown + 1;
  if (in_mask && !named) {
    PetscCheck(v->has_levels, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: %zu voxels are labelled \"roots\", and nothing tells which roots they are; expected labels by root "
               "(L1_L) or level (L1) beside the mask of all roots, or \"levels\": a map of the cord's segments, which "
               "name each root by where it leaves the cord",
               v->path, in_mask);
    return root_trace(v, unknown, a);
  }
  if (v->has_root_mask)
    for (size_t i = 0; i < labels_voxels(v); i++)
      outside += v->root_of[i] && v->root_of[i] != unknown + 1 && !(v->bits[i] & BIT_IN_ROOT_MASK);
  if (labels_repairs(v, REPAIR_FLOOD)) PetscCall(labels_flood_roots(v, unknown, &given));
  drop_unknown(v, unknown, &lost);
  PetscCall(labels_note(a, "voxels of the mask of all roots given to the root they join", given, 0.0));
  PetscCall(labels_note(a, "voxels of the mask of all roots that join no root left out", lost, 0.0));
  return labels_note(a, "root voxels outside the mask of all roots kept", outside, 0.0);
}

/* ---- wrong labels and crumbs ---- */

/* Marks what is not on a root's own course as unknown. */
static PetscErrorCode doubt_root(LabelVolume *v, const RootVoxels *l, int root, int unknown, size_t *doubted)
{
  RootSection *s = NULL;
  int *member = NULL, *chain = NULL, n = 0, m = 0;
  uint8_t *own = NULL;
  PetscErrorCode ierr = root_sections(v, l, root, &n, &s, &member);
  if (!ierr) ierr = root_chain(v, n, s, &m, &chain);
  if (!ierr) ierr = mem_alloc((size_t)n, 1, &own);
  for (int i = 0; !ierr && i < m; i++) own[chain[i]] = 1;
  for (size_t i = l->start[root]; !ierr && i < l->start[root + 1]; i++) {
    if (own[member[i - l->start[root]]]) continue;
    v->root_of[l->at[i]] = (uint8_t)(unknown + 1);
    ++*doubted;
  }
  free(s), free(member), free(chain), free(own);
  return ierr;
}

static PetscErrorCode doubt(LabelVolume *v, int unknown, size_t *doubted)
{
  RootVoxels l = {NULL, NULL};
  PetscErrorCode ierr = root_voxels_create(v, &l);
  for (int r = 0; !ierr && r < v->n_root; r++)
    if (r != unknown && l.start[r + 1] > l.start[r]) ierr = doubt_root(v, &l, r, unknown, doubted);
  root_voxels_free(&l);
  return ierr;
}

/* Single voxels of one root within another: most of their neighbours in the slice are the other's. */
static PetscErrorCode outvote(LabelVolume *v, size_t *changed)
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  uint8_t *before = NULL;
  PetscCall(mem_alloc(labels_voxels(v), 1, &before));
  memcpy(before, v->root_of, labels_voxels(v));
  for (size_t i = 0; i < labels_voxels(v); i++) {
    const int x = (int)(i % w), y = (int)(i % slice / w);
    uint8_t other = 0;
    int own = 0, votes = 0;
    if (!before[i]) continue;
    for (int dy = -1; dy <= 1; dy++)
      for (int dx = -1; dx <= 1; dx++) {
        if ((!dx && !dy) || x + dx < 0 || x + dx >= v->n[0] || y + dy < 0 || y + dy >= v->n[1]) continue;
        const uint8_t there = before[(ptrdiff_t)i + (ptrdiff_t)dy * (ptrdiff_t)w + dx];
        if (there == before[i]) own++;
        if (!there || there == before[i]) continue;
        votes = there == other ? votes + 1 : votes == 0 ? 1 : votes - 1; /* the majority, if there is one */
        if (votes == 1) other = there;
      }
    if (own || votes < 2) continue;
    v->root_of[i] = other;
    ++*changed;
  }
  free(before);
  return 0;
}

static PetscErrorCode mend(LabelVolume *v, int unknown, Anatomy *a)
{
  size_t doubted = 0, given = 0, lost = 0, outvoted = 0;
  PetscCall(outvote(v, &outvoted));
  PetscCall(doubt(v, unknown, &doubted));
  PetscCall(labels_flood_roots(v, unknown, &given));
  drop_unknown(v, unknown, &lost);
  PetscCall(labels_note(a, "root voxels with a wrong label given to the root about them", given + outvoted, 0.0));
  return labels_note(a, "root voxels off their root's course left out", lost, 0.0);
}

PetscErrorCode labels_repair_roots(LabelVolume *v, Anatomy *a)
{
  const LabelRoot any = {.any = true};
  int unknown;
  if (!v->root_of) return 0;
  PetscCall(labels_root_number(v, &any, &unknown));
  PetscCheck(
      !v->n_root_overlap || labels_repairs(v, REPAIR_OVERLAPS), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: %zu voxels have the labels of several roots, and \"repair\" leaves overlaps as they are; expected one "
      "root a voxel",
      v->path, v->n_root_overlap);
  PetscCall(labels_note(a, "voxels of several roots given to the one they join", v->n_root_overlap, 0.0));
  PetscCall(labels_split_levels(v, a));
  PetscCall(use_mask(v, unknown, a));
  return labels_repairs(v, REPAIR_WRONG_LABELS) ? mend(v, unknown, a) : 0;
}
