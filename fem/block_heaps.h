/* Heaps of strongly coupled unknowns: what the prolongation is made from. Private to fem/block_*. */
#ifndef FEM_BLOCK_HEAPS_H
#define FEM_BLOCK_HEAPS_H

#include "block.h"

/* Strong couplings of a row. In place of column j, ~j stands where j is in another block of rows or on another rank. */
typedef struct {
  const BlockEntry *begin, *end;
} Strong;

typedef struct {
  Strong *strong;    /* [n] */
  BlockEntry *entry; /* what they point to */
  double *kept;      /* [n] the diagonal, to which weak couplings are added */
  int32_t *heap;     /* [columns] of each unknown, or -1; others' heaps come after this rank's */
  int32_t n_heap;    /* of this rank */
  Halo *coarse;      /* of heaps; NULL on one process */
} BlockHeaps;

/* block_heaps_create: couplings are strong where their square is above threshold^2 times the product of both diagonal entries.
 * halo: of A, or NULL. Errors: PETSC_ERR_NOT_CONVERGED where A is not positive definite, on all ranks. */
PetscErrorCode block_heaps_create(const Csr *A, Halo *halo, double threshold, Team *team,
                                  BlockHeaps *out) CAUDA_CHECKED;
/* Frees all but the halo of heaps. */
void block_heaps_free(BlockHeaps *h);

#endif
