/* Private to seg: the voxels of labelled roots, root by root, and the sections they form in the slices. */
#ifndef CAUDA_SEG_ROOT_VOXELS_H
#define CAUDA_SEG_ROOT_VOXELS_H

#include "labels.h"

/* Voxels by root: those of root r are at[start[r]] .. at[start[r + 1] - 1], ascending. */
typedef struct {
  size_t *start; /* [v->n_root + 1] */
  size_t *at;    /* index in the volume */
} RootVoxels;

PetscErrorCode root_voxels_create(const LabelVolume *v, RootVoxels *out) CAUDA_CHECKED;
void root_voxels_free(RootVoxels *l);

/* One section of a root: voxels of a slice that lie near one another. */
typedef struct {
  int k;           /* slice */
  double x, y;     /* middle, voxels */
  double n;        /* voxels, or the sum of their weights */
  size_t n_member; /* voxels */
} RootSection;

/* root_sections: of one root from the top slice down; member[i] is the section of its i-th voxel (in the list's order).
 * Both are owned by the caller. */
PetscErrorCode root_sections(const LabelVolume *v, const RootVoxels *l, int root, int *n, RootSection **out,
                             int **member) CAUDA_CHECKED;

/* What a section is worth to a root's course, in voxels, and what the way from one down to another costs: what lies
 * aside, and gaps, these at most ROOT_GAPS_MOST. */
static const double ROOT_GAPS_MOST = 6.0;
double root_section_worth(const RootSection *s);
double root_section_way(const LabelVolume *v, const RootSection *a, const RootSection *b);

/* root_chain: which sections are the root's own: at most one a slice, from the top down, so that their voxels are many
 * and the ways between them short and without gaps (the largest sum of voxels less the cost of the ways, found exactly
 * by dynamic programming). What is left out are other roots' voxels with a wrong label, and crumbs.
 *   chain  [n] indices of sections from the top down, owned by the caller */
PetscErrorCode root_chain(const LabelVolume *v, int n_section, const RootSection *s, int *n, int **chain) CAUDA_CHECKED;

#endif
