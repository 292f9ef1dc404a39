/* The matrix to be solved, and for second order the first-order one on the same mesh, which the preconditioner goes
 * down to: it is what the first would give through the prolongation, but cheaper made from the elements. */
#include "fem_impl.h"

static PetscErrorCode below_assemble(const System *s, const Space *space, const FieldOptions *o, Operator *op)
{
  DofMap *dofs = NULL;
  Facets *facets = NULL;
  PetscErrorCode ierr = dofs_create(space, o, &dofs);
  if (!ierr) ierr = facets_create(space, dofs, o, s->sigma, &facets);
  if (!ierr) ierr = prolongation_assemble(s->space, s->dofs, dofs, &op->prolongation);
  System below = {space, dofs, s->sigma, facets};
  if (!ierr) ierr = stiffness_assemble(&below, &op->A1);
  dofs_destroy(&dofs);
  facets_destroy(&facets);
  return ierr;
}

static PetscErrorCode below_create(const System *s, const FieldOptions *o, Operator *op)
{
  Space *space;
  PetscCall(space_create(s->space->mesh, 1, &space));
  PetscErrorCode ierr = below_assemble(s, space, o, op);
  space_destroy(&space);
  return ierr;
}

PetscErrorCode operator_create(const System *s, const FieldOptions *o, Operator *op)
{
  *op = (Operator){NULL, NULL, NULL};
  PetscErrorCode ierr = stiffness_assemble(s, &op->A);
  if (!ierr && s->space->element->order > 1) ierr = below_create(s, o, op);
  if (ierr) operator_free(op);
  return ierr;
}

void operator_free(Operator *op)
{
  (void)MatDestroy(&op->A);
  (void)MatDestroy(&op->prolongation);
  (void)MatDestroy(&op->A1);
}
