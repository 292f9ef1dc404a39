/* PETSc's side of the solution. Private to fem/solve*, fem/share_petsc.c and tests. */
#ifndef FEM_SOLVE_PETSC_H
#define FEM_SOLVE_PETSC_H

#include "fem_impl.h"

#include <petscmat.h>

/* An Operator as PETSc's matrices, of one process or divided among ranks. */
typedef struct {
  Mat A;
  Mat prolongation, A1; /* NULL for order 1 */
} PetscMatrices;

/* petsc_view: the rows of one process as they are: nothing is copied, and `out` is to be freed before op.
 * petsc_free: safe if zeroed. */
PetscErrorCode petsc_view(const Operator *op, PetscMatrices *out) CAUDA_CHECKED;
void petsc_free(PetscMatrices *m);

/* petsc_solve_sources, petsc_solve_vector: as solve_sources() and solve_vector(), on the ranks that A is on: x by the local
 * rows of A. Collective. */
PetscErrorCode petsc_solve_sources(const PetscMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                                   const Source *source, double *x, SolveStats *stats) CAUDA_CHECKED;
PetscErrorCode petsc_solve_vector(const PetscMatrices *m, const FieldOptions *o, const char *what, const double *b,
                                  double *x, SolveStats *stats) CAUDA_CHECKED;

#endif
