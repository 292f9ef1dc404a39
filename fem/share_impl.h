/* Private to fem/share_*. */
#ifndef FEM_SHARE_IMPL_H
#define FEM_SHARE_IMPL_H

#include "block.h"
#include "cauda/share.h"

/* share_dofs: the unknowns of a part: own ones first, then those of the halo. Collective. Borrows s->mine. */
PetscErrorCode share_dofs(const MeshShare *s, const Space *space, const FieldOptions *o, DofMap **out,
                          Halo **halo) CAUDA_CHECKED;

/* share_petsc: the same system by PETSc's solver: x [n][own unknowns, then the halo]. Collective. */
PetscErrorCode share_petsc(const BlockMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                           const Source *source, double *x, SolveStats *stats) CAUDA_CHECKED;

/* n numbers to rank 0, and there from another one. */
PetscErrorCode share_to_first(const void *data, size_t n, MPI_Datatype type) CAUDA_CHECKED;
PetscErrorCode share_from_rank(int rank, void *data, size_t n, MPI_Datatype type) CAUDA_CHECKED;

#endif
