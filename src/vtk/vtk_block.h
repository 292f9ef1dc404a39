/* An array as VTK's zlib compressor stores it. Inside src/vtk/ only. */
#ifndef CAUDA_VTK_BLOCK_H
#define CAUDA_VTK_BLOCK_H

#include "cauda/base.h"

typedef struct {
  unsigned char *bytes; /* header and compressed blocks; free() */
  size_t size;
} VtkBlock;

/* vtk_compress: splits `size` bytes into blocks of 1 MiB and compresses each. */
PetscErrorCode vtk_compress(const void *data, size_t size, VtkBlock *out) CAUDA_CHECKED;

#endif
