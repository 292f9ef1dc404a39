/* The solvers' door: rows go to the block solver as they are, and to PETSc as views of them. */
#include "block.h"
#include "solve_petsc.h"

_Static_assert(sizeof(PetscInt) == sizeof(int32_t), "PETSc's indices have 32 bits");

/* PETSc does not write to the arrays. */
static PetscErrorCode matrix_view(const Csr *m, Mat *out)
{
  return MatCreateSeqAIJWithArrays(PETSC_COMM_SELF, m->n, m->n_column, (PetscInt *)m->start, (PetscInt *)m->column,
                                   (PetscScalar *)m->value, out);
}

static PetscErrorCode views_make(const Operator *op, PetscMatrices *out)
{
  PetscCall(matrix_view(&op->A, &out->A));
  PetscCall(MatSetOption(out->A, MAT_SPD, PETSC_TRUE));
  if (!op->below.start) return 0;
  PetscCall(matrix_view(&op->up, &out->prolongation));
  PetscCall(matrix_view(&op->below, &out->A1));
  return MatSetOption(out->A1, MAT_SPD, PETSC_TRUE);
}

PetscErrorCode petsc_view(const Operator *op, PetscMatrices *out)
{
  *out = (PetscMatrices){NULL, NULL, NULL};
  PetscErrorCode ierr = views_make(op, out);
  if (ierr) petsc_free(out);
  return ierr;
}

void petsc_free(PetscMatrices *m)
{
  (void)MatDestroy(&m->A);
  (void)MatDestroy(&m->prolongation);
  (void)MatDestroy(&m->A1);
}

double source_tolerance(const FieldOptions *o, const Source *s)
{
  return s->tolerance > o->tolerance ? s->tolerance : o->tolerance;
}

static PetscErrorCode sources_by_petsc(const Operator *op, const FieldOptions *o, const Functionals *f, int n,
                                       const Source *source, double *x, SolveStats *stats)
{
  PetscMatrices m;
  PetscCall(petsc_view(op, &m));
  PetscErrorCode ierr = petsc_solve_sources(&m, o, f, n, source, x, stats);
  petsc_free(&m);
  return ierr;
}

PetscErrorCode solve_sources(const Operator *op, const FieldOptions *o, const Functionals *f, int n,
                             const Source *source, double *x, SolveStats *stats)
{
  BlockMatrices m = {.A = op->A, .up = op->up, .below = op->below};
  *stats = (SolveStats){0, 0.0};
  if (o->solver == SOLVER_PETSC) return sources_by_petsc(op, o, f, n, source, x, stats);
  return block_solve_sources(&m, o, f, n, source, x, stats);
}

PetscErrorCode solve_vector(const Operator *op, const FieldOptions *o, const char *what, const double *b, double *x,
                            SolveStats *stats)
{
  PetscMatrices m;
  PetscCall(petsc_view(op, &m));
  PetscErrorCode ierr = petsc_solve_vector(&m, o, what, b, x, stats);
  petsc_free(&m);
  return ierr;
}
