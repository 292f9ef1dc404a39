/* The matrix to be solved, and for second order the first-order one on the same mesh, which the preconditioner goes
 * down to: it is what the first would give through the prolongation, but cheaper made from the elements. */
#include "fem_impl.h"

static PetscErrorCode assemble(const System *s, const System *below, Operator *op)
{
  PetscCall(stiffness_assemble(s, &op->A));
  if (!below) return 0;
  PetscCall(prolongation_assemble(s->space, s->dofs, below->dofs, &op->up));
  return stiffness_assemble(below, &op->below);
}

PetscErrorCode operator_create(const System *s, const System *below, Operator *op)
{
  *op = (Operator){.A = {.n = 0}};
  PetscErrorCode ierr = assemble(s, below, op);
  if (ierr) operator_free(op);
  return ierr;
}

void operator_free(Operator *op) { csr_free(&op->A), csr_free(&op->up), csr_free(&op->below); }

/* ---- parts: what a field's matrix is made of --------------------------------------------------------------------- */

static PetscErrorCode parts_fill(const Mesh *m, const double *sigma, int order, const FieldOptions *o, Parts *p)
{
  PetscCall(space_create(m, order, &p->space));
  PetscCall(dofs_create(p->space, o, &p->dofs));
  PetscCall(facets_create(p->space, p->dofs, o, sigma, &p->facets));
  p->system = (System){p->space, p->dofs, sigma, p->facets};
  return 0;
}

PetscErrorCode parts_create(const Mesh *m, const double *sigma, int order, const FieldOptions *o, Parts *p)
{
  *p = (Parts){.space = NULL};
  PetscErrorCode ierr = parts_fill(m, sigma, order, o, p);
  if (ierr) parts_free(p);
  return ierr;
}

void parts_free(Parts *p)
{
  facets_destroy(&p->facets);
  dofs_destroy(&p->dofs);
  space_destroy(&p->space);
}

PetscErrorCode parts_operator(const Parts *p, const FieldOptions *o, Operator *op)
{
  Parts below = {.space = NULL};
  if (o->order == 1) return operator_create(&p->system, NULL, op);
  PetscErrorCode ierr = parts_create(p->space->mesh, p->system.sigma, 1, o, &below);
  if (!ierr) ierr = operator_create(&p->system, &below.system, op);
  parts_free(&below);
  return ierr;
}
