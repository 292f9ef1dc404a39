/* Things as bytes, and back. */
#include "cauda/pack.h"

#include <string.h>

PetscErrorCode pack_carry(Pack *p, void *what, size_t bytes)
{
  if (!bytes) return 0;
  if (p->reading) {
    PetscCheck(bytes <= p->n - p->at, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "what another process sent came in part only");
    memcpy(what, p->bytes + p->at, bytes);
    p->at += bytes;
    return 0;
  }
  PetscCall(mem_grow(p->n + bytes, 1, &p->room, &p->bytes));
  memcpy(p->bytes + p->n, what, bytes);
  p->n += bytes;
  return 0;
}

PetscErrorCode pack_carry_array(Pack *p, size_t count, size_t size, void *array)
{
  void **at = array;
  if (p->reading) PetscCall(mem_alloc(count, size, at));
  return pack_carry(p, *at, count * size);
}
