/* Image: a 3-D NIfTI volume as floats, with the one affine Cauda trusts. */
#ifndef CAUDA_IMAGE_H
#define CAUDA_IMAGE_H

#include "cauda/base.h"

typedef struct {
  int n[3];            /* voxels along i, j, k */
  double affine[3][4]; /* voxel index (centre of voxel) to RAS+ mm */
  float *v;            /* [n2][n1][n0]; scl_slope and scl_inter applied; finite (NaN and infinity are read as 0) */
  size_t n_nan;        /* how many were NaN or infinite */
  char path[CAUDA_PATH_MAX];
} Image;

/* image_read: a NIfTI-1 or NIfTI-2 file, .nii or .nii.gz, any byte order, any integer or real type of 8 to 64 bits.
 * nifti_clib reads the header; the data are read to the end of the file, so that a missing or damaged part is found.
 *   orientation  NULL, "sform" or "qform": which to trust where both are set and disagree by more than 0.05 of a
 *                voxel at a corner, beyond the rounding of the qform's quaternion; where they agree the sform counts
 *   units        NULL, "mm", "um" or "m" where the header does not say (an unknown unit is an error without it)
 * Errors: PETSC_ERR_FILE_OPEN, PETSC_ERR_USER_INPUT in words: not a NIfTI, truncated, complex or RGB, not 3-D
 * (trailing dimensions of length 1 are fine), no orientation, sform and qform that disagree, a sheared (an angle
 * between axes off by more than 0.1 deg) or singular affine, too large (2^31 voxels). */
PetscErrorCode image_read(const char *path, const char *orientation, const char *units, Image **out) CAUDA_CHECKED;
void image_destroy(Image **im);

/* image_reorient: permutes and flips axes so that i runs to the right, j to anterior, k to superior, as near as
 * the affine allows; values are not resampled. The axes are right-handed then. */
PetscErrorCode image_reorient(Image *im) CAUDA_CHECKED;

/* image_check_same_grid: tells of it where a corner of one lies more than a thousandth of a voxel from that of the other.
 * Errors: PETSC_ERR_USER_INPUT where the two have different sizes, or a corner lies a quarter of a voxel off. */
PetscErrorCode image_check_same_grid(const Image *a, const Image *b) CAUDA_CHECKED;

/* image_write_int16: writes labels as .nii.gz, both codes set, units mm. v is [n2][n1][n0]; the affine's axes are
 * at right angles. Errors: PETSC_ERR_FILE_WRITE; PETSC_ERR_USER_INPUT for more than 32767 voxels along an axis. */
PetscErrorCode image_write_int16(const char *path, const int n[3], const double affine[3][4], const int16_t *v,
                                 const char *description) CAUDA_CHECKED;
/* image_write_float32: the same for numbers. */
PetscErrorCode image_write_float32(const char *path, const int n[3], const double affine[3][4], const float *v,
                                   const char *description) CAUDA_CHECKED;

#endif
