/* Private to seg: a NIfTI header that has been checked, and the affine it stands for. */
#ifndef CAUDA_SEG_IMAGE_HEADER_H
#define CAUDA_SEG_IMAGE_HEADER_H

#include <nifti2_io.h>
#include <zlib.h>

#include "cauda/base.h"

typedef struct {
  nifti_image *nim; /* native byte order; free with nifti_image_free() */
  bool swapped;     /* the data are of the other byte order */
  int64_t offset;   /* bytes from the file's start to the first voxel */
} ImageHeader;

/* image_header_read: reads the header at the stream's start; *position is where the stream stands afterwards.
 * Errors: PETSC_ERR_USER_INPUT: not a NIfTI, a pair of files, 4-D, a size or type that cannot be read. */
PetscErrorCode image_header_read(gzFile stream, const char *path, ImageHeader *out, int64_t *position) CAUDA_CHECKED;

/* image_header_affine: voxel index to RAS+ mm; orientation and units as in image_read(). */
PetscErrorCode image_header_affine(const nifti_image *nim, const char *path, const char *orientation, const char *units,
                                   double affine[3][4]) CAUDA_CHECKED;

/* image_stream_check: fails where the stream met damaged or missing data. */
PetscErrorCode image_stream_check(gzFile stream, const char *path) CAUDA_CHECKED;

#endif
