/* An array as VTK's zlib compressor stores it: how many blocks, the size of a block before compression, that of the last
 * if it is shorter (else 0), the compressed sizes, all as 64-bit numbers; then the blocks. */
#include "vtk_block.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK = 1 << 20, HEADER_NUMBERS = 3 };

static PetscErrorCode deflate_blocks(const unsigned char *data, size_t size, size_t n_block, uint64_t *header,
                                     VtkBlock *b)
{
  size_t at = (HEADER_NUMBERS + n_block) * sizeof *header;
  for (size_t i = 0; i < n_block; i++) {
    size_t begin = i * BLOCK, length = size - begin < BLOCK ? size - begin : BLOCK;
    uLongf packed = b->size - at;
    int status = compress2(b->bytes + at, &packed, data + begin, length, Z_BEST_SPEED);
    PetscCheck(status == Z_OK, PETSC_COMM_SELF, status == Z_MEM_ERROR ? PETSC_ERR_MEM : PETSC_ERR_LIB,
               "zlib could not compress %zu bytes (status %d)", length, status);
    header[HEADER_NUMBERS + i] = packed;
    at += packed;
  }
  memcpy(b->bytes, header, (HEADER_NUMBERS + n_block) * sizeof *header);
  b->size = at;
  return 0;
}

PetscErrorCode vtk_compress(const void *data, size_t size, VtkBlock *out)
{
  size_t n_block = (size + BLOCK - 1) / BLOCK;
  uint64_t *header;
  *out = (VtkBlock){NULL, 0};
  PetscCall(mem_alloc(HEADER_NUMBERS + n_block, sizeof *header, &header));
  header[0] = n_block, header[1] = BLOCK, header[2] = size % BLOCK;
  out->size = (HEADER_NUMBERS + n_block) * sizeof *header + n_block * compressBound(BLOCK);
  PetscErrorCode code = mem_alloc(out->size, 1, &out->bytes);
  if (!code) code = deflate_blocks(data, size, n_block, header, out);
  if (!code) { /* give back what compression saved; if that fails the larger piece still serves */
    unsigned char *smaller = realloc(out->bytes, out->size);
    if (smaller) out->bytes = smaller;
  } else {
    free(out->bytes);
    out->bytes = NULL;
  }
  free(header);
  PetscCall(code);
  return 0;
}
