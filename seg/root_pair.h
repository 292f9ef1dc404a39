/* Private to seg: the dorsal and the ventral root of a level that has one label for both. */
#ifndef CAUDA_SEG_ROOT_PAIR_H
#define CAUDA_SEG_ROOT_PAIR_H

#include "root_voxels.h"

/* root_pair_split: which voxels are the dorsal root's (0) and which the ventral one's (1). Two courses are laid through
 * the sections of the label, which together hold the most voxels at the least cost of ways and gaps (as root_chain(),
 * for both at once, and exact: dynamic programming over pairs of sections, the last ones among the last 40). In slices
 * with cord a voxel counts full for the root on whose side of the cord's middle it lies, below only the courses tell.
 * Where the two touch, both run in one section, which is cut between them. A voxel of no course goes to the nearer one.
 *   middle [v->n[2]][2] of the cord, voxels;  cord [v->n[2]] whether a slice has some
 *   kind   [voxels of the root, in the list's order], out */
PetscErrorCode root_pair_split(const LabelVolume *v, const RootVoxels *l, int root, const double (*middle)[2],
                               const bool *cord, uint8_t *kind) CAUDA_CHECKED;

#endif
