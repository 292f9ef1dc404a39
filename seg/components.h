/* Private to seg: connected pieces of masks, and holes. */
#ifndef CAUDA_SEG_COMPONENTS_H
#define CAUDA_SEG_COMPONENTS_H

#include "cauda/base.h"

/* Masks are [n2][n1][n0] of 0 and 1. */

/* components_label: numbers the pieces 1 .. *n_piece (voxels that share a corner belong together), 0 outside.
 *   piece  [n2][n1][n0], out;  size  [*n_piece + 1] voxels of each, owned by the caller */
PetscErrorCode components_label(const uint8_t *mask, const int n[3], int32_t *piece, int *n_piece,
                                size_t **size) CAUDA_CHECKED;

/* components_keep: leaves of `mask` the pieces that hold a voxel of `seed` (NULL: the largest piece).
 *   n_removed, voxels_removed  pieces and voxels taken away */
PetscErrorCode components_keep(uint8_t *mask, const uint8_t *seed, const int n[3], int *n_removed,
                               size_t *voxels_removed) CAUDA_CHECKED;

/* components_fill_slices: fills what a slice's border cannot reach from voxel face to voxel face. *n_filled adds up. */
PetscErrorCode components_fill_slices(uint8_t *mask, const int n[3], size_t *n_filled) CAUDA_CHECKED;

#endif
