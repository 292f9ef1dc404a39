/* The matrices of a field by this process's own rows, as the block solver takes them. */
#include "assemble.h"

#include <stdlib.h>

static void rows_take(Rows *r, int32_t n_column, Csr *out)
{
  *out = (Csr){.n = r->end, .n_column = n_column, .start = r->start, .column = r->column, .value = r->value};
  out->own[0] = r->start, out->own[1] = r->column, out->own[2] = r->value;
}

static PetscErrorCode system_take(const System *s, Csr *out)
{
  Rows r = {.end = s->dofs->n_own};
  Team *team;
  PetscCall(team_create(s->dofs->mine && !team_limited() ? 1 : 0, &team)); /* ranks have the processors already */
  PetscErrorCode ierr = rows_of_system(s, team, &r);
  team_destroy(&team);
  rows_take(&r, s->dofs->n_unknown, out);
  return ierr;
}

static PetscErrorCode levels_take(const Parts *p, const Parts *first, Csr *up, Csr *below)
{
  Rows r = {.end = p->dofs->n_own};
  PetscErrorCode ierr = rows_of_prolongation(p->space, p->dofs, first->dofs, &r);
  rows_take(&r, first->dofs->n_unknown, up);
  return ierr ? ierr : system_take(&first->system, below);
}

PetscErrorCode rows_of_parts(const Parts *p, const Parts *first, Csr *A, Csr *up, Csr *below)
{
  *A = *up = *below = (Csr){.n = 0};
  PetscErrorCode ierr = system_take(&p->system, A);
  return ierr || !first ? ierr : levels_take(p, first, up, below);
}

PetscErrorCode own_rows(const Parts *p, const FieldOptions *o, Csr *A, Csr *up, Csr *below)
{
  Parts first = {.space = NULL};
  bool second = p->space->element->order > 1;
  *A = *up = *below = (Csr){.n = 0};
  PetscErrorCode ierr = second ? parts_create(p->space->mesh, p->system.sigma, 1, o, &first) : 0;
  if (!ierr) ierr = rows_of_parts(p, second ? &first : NULL, A, up, below);
  parts_free(&first);
  return ierr;
}
