/* Rows of a matrix on their way to PETSc. Private to fem/assemble*. */
#ifndef FEM_ASSEMBLE_H
#define FEM_ASSEMBLE_H

#include "csr.h"
#include "fem_impl.h"

_Static_assert(sizeof(PetscInt) == sizeof(int32_t), "PETSc's indices have 32 bits");

/* Rows [begin, end) of a matrix in compressed form; columns ascend within a row. */
typedef struct {
  PetscInt begin, end, n_global;
  PetscInt *start;  /* [end - begin + 1] */
  PetscInt *column; /* [start[end - begin]], global */
  double *value;    /* same, S */
} Rows;

/* rows_of_system: start, column and value for the rows begin to end - 1. Entries are summed in the order of the cells, so
 * they depend neither on threads nor on ranks. */
PetscErrorCode rows_of_system(const System *s, Team *team, Rows *r) CAUDA_CHECKED;
/* The same for the prolongation from first to second order. */
PetscErrorCode rows_of_prolongation(const Space *s, const DofMap *fine, const DofMap *coarse, Rows *r) CAUDA_CHECKED;

/* own_rows: the matrices of a field on this process alone, whatever others there are, without PETSC: for second order
 * the prolongation and the first order's, too. Caller frees them by csr_free(). */
PetscErrorCode own_rows(const Parts *p, const FieldOptions *o, Csr *A, Csr *up, Csr *below) CAUDA_CHECKED;

#endif
