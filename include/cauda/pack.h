/* Pack: data on their way to another process, in one order for both directions: what writes a thing also reads it. */
#ifndef CAUDA_PACK_H
#define CAUDA_PACK_H

#include "cauda/base.h"

typedef struct {
  bool reading;
  char *bytes;
  size_t n, at, room; /* n: that there are; at: read so far */
} Pack;

/* Errors: PETSC_ERR_FILE_UNEXPECTED where there is less to read than expected. */
PetscErrorCode pack_carry(Pack *p, void *what, size_t bytes) CAUDA_CHECKED;
/* An array of count things: made where it is read. `array` is the address of the pointer to it. */
PetscErrorCode pack_carry_array(Pack *p, size_t count, size_t size, void *array) CAUDA_CHECKED;

#endif
