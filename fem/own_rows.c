/* The matrices of a field on one process, as the block solver takes them. */
#include "assemble.h"

#include <stdlib.h>

static void rows_take(Rows *r, int32_t n_column, Csr *out)
{
  *out = (Csr){.n = r->end, .n_column = n_column, .start = r->start, .column = r->column, .value = r->value};
  out->own[0] = r->start, out->own[1] = r->column, out->own[2] = r->value;
}

static PetscErrorCode system_take(const System *s, Csr *out)
{
  int32_t n = s->dofs->n_unknown;
  Rows r = {.end = n, .n_global = n};
  Team *team;
  PetscCall(team_create(0, &team));
  PetscErrorCode ierr = rows_of_system(s, team, &r);
  team_destroy(&team);
  rows_take(&r, n, out);
  return ierr;
}

static PetscErrorCode levels_take(const Parts *p, const Parts *first, Csr *up, Csr *below)
{
  Rows r = {.end = p->dofs->n_unknown, .n_global = p->dofs->n_unknown};
  PetscErrorCode ierr = rows_of_prolongation(p->space, p->dofs, first->dofs, &r);
  rows_take(&r, first->dofs->n_unknown, up);
  return ierr ? ierr : system_take(&first->system, below);
}

PetscErrorCode own_rows(const Parts *p, const FieldOptions *o, Csr *A, Csr *up, Csr *below)
{
  Parts first = {.space = NULL};
  *A = *up = *below = (Csr){.n = 0};
  PetscErrorCode ierr = system_take(&p->system, A);
  if (ierr || p->space->element->order == 1) return ierr;
  ierr = parts_create(p->space->mesh, p->system.sigma, 1, o, &first);
  if (!ierr) ierr = levels_take(p, &first, up, below);
  parts_free(&first);
  return ierr;
}
