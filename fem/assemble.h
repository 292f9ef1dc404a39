/* Rows of a matrix on their way to a solver. Private to fem/assemble*. */
#ifndef FEM_ASSEMBLE_H
#define FEM_ASSEMBLE_H

#include "csr.h"
#include "fem_impl.h"

_Static_assert(sizeof(PetscInt) == sizeof(int32_t), "PETSc's indices have 32 bits");

/* Rows [begin, end) of a matrix in compressed form; columns ascend within a row. */
typedef struct {
  PetscInt begin, end;
  PetscInt *start;  /* [end - begin + 1] */
  PetscInt *column; /* [start[end - begin]] */
  double *value;    /* same, S */
} Rows;

/* rows_of_system: start, column and value for the rows begin to end - 1. Entries are summed in the order of the cells, so
 * they depend neither on threads nor on ranks. */
PetscErrorCode rows_of_system(const System *s, Team *team, Rows *r) CAUDA_CHECKED;
/* The same for the prolongation from first to second order. */
PetscErrorCode rows_of_prolongation(const Space *s, const DofMap *fine, const DofMap *coarse, Rows *r) CAUDA_CHECKED;

/* rows_of_parts: the matrices of a field by this process's own unknowns, without PETSC; columns are all that it knows of.
 * For second order (`first`: the same in first order; else NULL) the prolongation and the first order's, too. Caller frees
 * them by csr_free(). own_rows: the same of a whole mesh, which makes `first` itself. */
PetscErrorCode rows_of_parts(const Parts *p, const Parts *first, Csr *A, Csr *up, Csr *below) CAUDA_CHECKED;
PetscErrorCode own_rows(const Parts *p, const FieldOptions *o, Csr *A, Csr *up, Csr *below) CAUDA_CHECKED;

/* tensors_check: Errors: PETSC_ERR_ARG_OUTOFRANGE for a sigma that is not positive definite, or a volume that is not
 * positive. */
PetscErrorCode tensors_check(const Mesh *m, const double *sigma) CAUDA_CHECKED;

#endif
