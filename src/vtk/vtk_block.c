/* An array as VTK's zlib compressor stores it: how many blocks, the size of a block before compression, that of the last
 * if it is shorter (else 0), the compressed sizes, all as 64-bit numbers; then the blocks. */
#include "vtk_block.h"

#include "cauda/team.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK = 1 << 20, HEADER_NUMBERS = 3 };

/* Blocks are compressed each into a place of its own that is large enough, then moved together. */
typedef struct {
  const unsigned char *data;
  size_t size, bound;
  unsigned char *room;
  uint64_t *packed; /* [blocks] bytes */
} Deflation;

static PetscErrorCode deflate_block(void *context, int i)
{
  const Deflation *q = context;
  const size_t begin = (size_t)i * BLOCK, length = q->size - begin < BLOCK ? q->size - begin : BLOCK;
  uLongf packed = q->bound;
  const int status = compress2(q->room + (size_t)i * q->bound, &packed, q->data + begin, length, Z_BEST_SPEED);
  PetscCheck(status == Z_OK, PETSC_COMM_SELF, status == Z_MEM_ERROR ? PETSC_ERR_MEM : PETSC_ERR_LIB,
             "zlib could not compress %zu bytes (status %d)", length, status);
  q->packed[i] = packed;
  return 0;
}

static PetscErrorCode deflate_blocks(const unsigned char *data, size_t size, size_t n_block, uint64_t *header,
                                     VtkBlock *b)
{
  const size_t first = (HEADER_NUMBERS + n_block) * sizeof *header, bound = compressBound(BLOCK);
  Deflation q = {data, size, bound, b->bytes + first, header + HEADER_NUMBERS};
  PetscCall(parallel_run(NULL, (int)n_block, 0, deflate_block, &q));
  size_t at = 0;
  for (size_t i = 0; i < n_block; at += q.packed[i++]) memmove(q.room + at, q.room + i * bound, q.packed[i]);
  memcpy(b->bytes, header, first);
  b->size = first + at;
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
