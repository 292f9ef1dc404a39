/* From labels as they come to filled, nested shapes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "components.h"
#include "labels.h"

enum { BIT_CORD = 1 << TISSUE_WHITE | 1 << TISSUE_GREY, BIT_CSF = 1 << TISSUE_CSF, BIT_DURA = 1 << TISSUE_DURA };

/* "csf (12 voxels), root (3 voxels)" or "nothing". */
static void describe(const LabelVolume *v, char *text, size_t room)
{
  size_t count[TISSUE_COUNT] = {0}, used = 0, roots = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) {
    for (int t = TISSUE_BODY; t < TISSUE_ROOT; t++) count[t] += v->bits[i] >> t & 1;
    roots += v->root_of && v->root_of[i];
  }
  count[TISSUE_ROOT] = roots;
  snprintf(text, room, "nothing");
  for (int t = 0; t < TISSUE_COUNT; t++)
    if (count[t] && used < room)
      used += (size_t)snprintf(text + used, room - used, "%s%s (%zu voxels)", used ? ", " : "",
                               t == TISSUE_WHITE ? "cord" : tissue_name((Tissue)t), count[t]);
}

/* ---- slices ---- */

/* Which bits mean the inside of the dura: those of CSF, or of the dura where there are none. 0: neither. */
static uint8_t sac_bits(const LabelVolume *v)
{
  uint8_t all = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) all |= v->bits[i];
  return all & BIT_CSF ? BIT_CSF : all & BIT_DURA;
}

static bool any_in_slice(const LabelVolume *v, int k, uint8_t bits)
{
  const size_t slice = (size_t)v->n[0] * (size_t)v->n[1];
  const uint8_t *b = v->bits + slice * (size_t)k;
  for (size_t i = 0; i < slice; i++)
    if (b[i] & bits) return true;
  return false;
}

/* The run of slices with the sac that has most of the cord. Below the cord's end the sac alone goes on. */
static void main_run(const LabelVolume *v, uint8_t sac, int *first, int *last, int *with_cord)
{
  int best = 0, n = 0, start = 0;
  for (int k = 0; k <= v->n[2]; k++) {
    if (k < v->n[2] && any_in_slice(v, k, sac)) {
      n += any_in_slice(v, k, BIT_CORD);
      continue;
    }
    if (n > best) best = n, *first = start, *last = k - 1;
    n = 0, start = k + 1;
  }
  *with_cord = best;
}

static PetscErrorCode choose_slices(LabelVolume *v, Anatomy *a, uint8_t *sac)
{
  char found[512];
  int first = 0, last = -1, with_cord = 0, lost = 0;
  bool cord = false;
  *sac = sac_bits(v);
  for (int k = 0; k < v->n[2] && !cord; k++) cord = any_in_slice(v, k, BIT_CORD);
  describe(v, found, sizeof found);
  PetscCheck(cord && *sac, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: no %s is labelled; expected the cord and the CSF (or the dura), found %s", v->path,
             cord   ? "CSF"
             : *sac ? "cord"
                    : "cord and no CSF",
             found);
  main_run(v, *sac, &first, &last, &with_cord);
  PetscCheck(with_cord, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: cord and CSF are never labelled in the same slice; found %s", v->path, found);
  for (int k = 0; k < v->n[2]; k++) lost += (k < first || k > last) && any_in_slice(v, k, BIT_CORD | *sac);
  PetscCall(
      labels_note(a, "slices left out where cord and CSF are not both labelled", (size_t)lost, lost * v->step[2]));
  const int lo[3] = {0, 0, first}, m[3] = {v->n[0], v->n[1], last - first + 1};
  return labels_window(v, lo, m);
}

/* ---- masks ---- */

static PetscErrorCode mask_of(const LabelVolume *v, uint8_t bits, const uint8_t *with, uint8_t **out)
{
  PetscCall(mem_alloc(labels_voxels(v), 1, out));
  for (size_t i = 0; i < labels_voxels(v); i++) (*out)[i] = (v->bits[i] & bits) || (with && with[i]);
  return 0;
}

static PetscErrorCode count_overlaps(const LabelVolume *v, Anatomy *a)
{
  size_t several = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) {
    const unsigned b = v->bits[i];
    const int kinds = ((b & BIT_CORD) != 0) + ((b & BIT_CSF) != 0) + ((b & BIT_DURA) != 0) +
                      ((b >> TISSUE_FAT & 1) != 0) + ((b >> TISSUE_BONE & 1) != 0);
    several += kinds > 1;
  }
  PetscCheck(
      !several || labels_repairs(v, REPAIR_OVERLAPS), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: %zu voxels have the labels of several structures, and \"repair\" leaves overlaps as they are; expected "
      "one label a voxel",
      v->path, several);
  return labels_note(a, "voxels with several labels, of which the inner one counts", several, 0.0);
}

/* How many of the voxels within `reach` in the slice lie in the mask; *n: of how many that are no root's. */
static int around(const LabelVolume *v, const uint8_t *mask, size_t at, const int reach[2], int *n)
{
  const int x = (int)(at % (size_t)v->n[0]), y = (int)(at / (size_t)v->n[0] % (size_t)v->n[1]);
  int inside = 0;
  *n = 0;
  for (int j = -reach[1]; j <= reach[1]; j++)
    for (int i = -reach[0]; i <= reach[0]; i++) {
      if (x + i < 0 || x + i >= v->n[0] || y + j < 0 || y + j >= v->n[1]) continue;
      const size_t there = (size_t)((ptrdiff_t)at + (ptrdiff_t)j * v->n[0] + i);
      if (!mask[there] && v->root_of[there]) continue;
      inside += mask[there];
      ++*n;
    }
  return inside;
}

/* Root voxels with the shape about them belong to it; those farther along do not. */
static PetscErrorCode add_roots_inside(const LabelVolume *v, uint8_t *mask, size_t *added)
{
  const double around_mm = 1.5;
  const int reach[2] = {(int)fmax(1, rint(around_mm / v->step[0])), (int)fmax(1, rint(around_mm / v->step[1]))};
  uint8_t *before = NULL;
  PetscCall(mem_alloc(labels_voxels(v), 1, &before));
  memcpy(before, mask, labels_voxels(v));
  for (size_t i = 0; i < labels_voxels(v); i++) {
    int n = 0;
    if (!v->root_of[i] || mask[i] || 2 * around(v, before, i, reach, &n) <= n) continue;
    mask[i] = 1;
    ++*added;
  }
  free(before);
  return 0;
}

/* The cord: its largest piece, without holes, and without the dents that roots leave where they are drawn into it. */
static PetscErrorCode make_cord(LabelVolume *v, Anatomy *a)
{
  int pieces = 0;
  size_t lost = 0, filled = 0, sunk = 0;
  PetscCall(mask_of(v, BIT_CORD, NULL, &v->mask[TISSUE_WHITE]));
  if (labels_repairs(v, REPAIR_CRUMBS)) PetscCall(components_keep(v->mask[TISSUE_WHITE], NULL, v->n, &pieces, &lost));
  PetscCall(labels_note(a, "voxels of the cord in separate pieces left out", lost,
                        cbrt((double)lost * v->step[0] * v->step[1] * v->step[2])));
  if (v->root_of && labels_repairs(v, REPAIR_DENTS)) PetscCall(add_roots_inside(v, v->mask[TISSUE_WHITE], &sunk));
  PetscCall(labels_note(a, "root voxels sunk into the cord counted as cord, too", sunk, 0.0));
  if (labels_repairs(v, REPAIR_FILL)) PetscCall(components_fill_slices(v->mask[TISSUE_WHITE], v->n, &filled));
  return labels_note(a, "voxels in holes of the cord filled", filled, 0.0);
}

/* A dura that was drawn as a wall, not as a filled sac, encloses more than it covers of the unlabelled. */
static bool is_wall(const LabelVolume *v, const uint8_t *filled, const uint8_t *cord)
{
  size_t wall = 0, enclosed = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) {
    wall += (v->bits[i] & BIT_DURA) != 0;
    enclosed += filled[i] && !cord[i] && !(v->bits[i] & BIT_DURA) && !(v->root_of && v->root_of[i]);
  }
  return 10 * enclosed > wall;
}

static PetscErrorCode note_filled(const LabelVolume *v, Anatomy *a, const uint8_t *sac)
{
  size_t unlabelled = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) unlabelled += sac[i] && !v->bits[i] && !(v->root_of && v->root_of[i]);
  return labels_note(a, "unlabelled voxels inside the dura filled", unlabelled, 0.0);
}

/* The inside of the dura: what is labelled so, the cord, roots between, and holes; the pieces that touch the cord. */
static PetscErrorCode make_sac(LabelVolume *v, Anatomy *a, uint8_t bits)
{
  const uint8_t *cord = v->mask[TISSUE_WHITE];
  const bool fill = labels_repairs(v, REPAIR_FILL);
  uint8_t *sac = NULL;
  int pieces = 0;
  size_t lost = 0, filled = 0, inside = 0;
  PetscCall(mask_of(v, bits, cord, &v->mask[TISSUE_CSF]));
  sac = v->mask[TISSUE_CSF];
  if (fill || bits == BIT_DURA) PetscCall(components_fill_slices(sac, v->n, &filled));
  if (bits == BIT_DURA && is_wall(v, sac, cord))
    for (size_t i = 0; i < labels_voxels(v); i++) sac[i] = sac[i] && (cord[i] || !(v->bits[i] & BIT_DURA));
  if (v->root_of) PetscCall(add_roots_inside(v, sac, &inside));
  if (fill) PetscCall(components_fill_slices(sac, v->n, &filled));
  if (labels_repairs(v, REPAIR_CRUMBS)) PetscCall(components_keep(sac, cord, v->n, &pieces, &lost));
  PetscCall(labels_note(a, "voxels of CSF apart from the cord left out", lost, 0.0));
  return note_filled(v, a, sac);
}

/* An outer shape (the body is always a cylinder, whatever is labelled so): what it holds, what was labelled, and holes; none where nothing was labelled. */
static PetscErrorCode make_outer(LabelVolume *v, Tissue t, const uint8_t *inner)
{
  const uint8_t bit = (uint8_t)(1u << t);
  size_t filled = 0, labelled = 0;
  for (size_t i = 0; i < labels_voxels(v); i++) labelled += (v->bits[i] & bit) != 0;
  if (!labelled) return 0;
  PetscCall(mask_of(v, bit, inner, &v->mask[t]));
  return components_fill_slices(v->mask[t], v->n, &filled);
}

static PetscErrorCode make_grey(LabelVolume *v)
{
  size_t some = 0;
  PetscCall(mask_of(v, 1 << TISSUE_GREY, NULL, &v->mask[TISSUE_GREY]));
  for (size_t i = 0; i < labels_voxels(v); i++) some += v->mask[TISSUE_GREY][i] &= v->mask[TISSUE_WHITE][i];
  if (some) return 0;
  free(v->mask[TISSUE_GREY]);
  v->mask[TISSUE_GREY] = NULL;
  return 0;
}

/* The cord's map may come in two: white and grey. */
static void join_soft(LabelVolume *v)
{
  float *white = v->soft[TISSUE_WHITE], *grey = v->soft[TISSUE_GREY];
  for (size_t i = 0; white && grey && i < labels_voxels(v); i++) white[i] = fmaxf(white[i], grey[i]);
}

PetscErrorCode labels_shapes(LabelVolume *v, Anatomy *a)
{
  uint8_t sac = 0;
  PetscCall(choose_slices(v, a, &sac));
  PetscCall(count_overlaps(v, a));
  PetscCall(make_cord(v, a));
  PetscCall(make_sac(v, a, sac));
  PetscCall(make_grey(v));
  const uint8_t *inner = v->mask[TISSUE_CSF];
  for (Tissue t = TISSUE_DURA; t >= TISSUE_BONE; t--) {
    PetscCall(make_outer(v, t, inner));
    if (v->mask[t]) inner = v->mask[t];
  }
  if (sac == BIT_DURA && v->mask[TISSUE_DURA] &&
      !memcmp(v->mask[TISSUE_DURA], v->mask[TISSUE_CSF], labels_voxels(v))) { /* a filled sac: its wall is an offset */
    free(v->mask[TISSUE_DURA]);
    v->mask[TISSUE_DURA] = NULL;
  }
  join_soft(v);
  return 0;
}
