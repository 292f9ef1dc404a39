/* The iteration of the block solver. Private to fem/block_*. */
#ifndef FEM_BLOCK_CG_H
#define FEM_BLOCK_CG_H

#include "block.h"

typedef struct {
  int n;              /* right-hand sides, at most the lanes */
  const double *load; /* [unknowns][lanes] as they are; or NULL: */
  const Functionals *functionals;
  const Source *source;
  const char *what; /* their name where they are loads, for messages */
  double tolerance;
  void (*progress)(const void *context, double residual); /* after each iteration; may be NULL */
  const void *context;
  int iterations;  /* out */
  double residual; /* out: largest, true, relative */
} BlockProblem;

/* block_loads_create: the right-hand sides of a problem of n unknowns; those that are given as they are stay the caller's. */
PetscErrorCode block_loads_create(const BlockProblem *p, int32_t n, int lanes, BlockLoads *out) CAUDA_CHECKED;
void block_loads_free(BlockLoads *l);

/* block_cg: s->X from nothing. Errors: PETSC_ERR_NOT_CONVERGED naming the right-hand side, CAUDA_ERR_INTERRUPTED. */
PetscErrorCode block_cg(Block *s, BlockProblem *p) CAUDA_CHECKED;

#endif
