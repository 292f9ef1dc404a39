/* Private to fem/assemble*, and what else looks at conductivities before it begins. */
#ifndef FEM_ASSEMBLE_H
#define FEM_ASSEMBLE_H

#include "fem_impl.h"

/* rows_of_system: stiffness_assemble() in the threads of a team. */
PetscErrorCode rows_of_system(const System *s, Team *team, Csr *out) CAUDA_CHECKED;

/* tensors_check: Errors: PETSC_ERR_ARG_OUTOFRANGE for a sigma that is not positive definite, or a volume that is not
 * positive. */
PetscErrorCode tensors_check(const Mesh *m, const double *sigma) CAUDA_CHECKED;

#endif
