/* The reference on several ranks: the same rows as PETSc's matrices. */
#include "share_impl.h"
#include "solve_petsc.h"

#include <stdlib.h>
#include <string.h>

/* Columns by their numbers over all ranks, ascending in each row, as PETSc wants them. */
static PetscErrorCode entries_copy(const Csr *m, const Halo *columns, int32_t *column, double *value)
{
  for (int32_t i = 0; i < m->n; i++) {
    int32_t from = m->start[i], n = m->start[i + 1] - from;
    for (int32_t k = from; k < from + n; k++) column[k] = halo_global(columns, m->column[k]), value[k] = m->value[k];
    PetscCall(csr_sort_row((size_t)n, column + from, value + from));
  }
  return 0;
}

static PetscErrorCode matrix_make(const Csr *m, const Halo *columns, int32_t *column, double *value, Mat *out)
{
  PetscCall(entries_copy(m, columns, column, value));
  PetscCall(MatCreate(PETSC_COMM_WORLD, out));
  PetscCall(MatSetSizes(*out, m->n, columns->n_own, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetType(*out, MATMPIAIJ));
  return MatMPIAIJSetPreallocationCSR(*out, m->start, column, value);
}

static PetscErrorCode matrix_create(const Csr *m, const Halo *columns, Mat *out)
{
  int32_t *column = NULL;
  double *value = NULL;
  size_t n = (size_t)m->start[m->n];
  PetscErrorCode ierr = mem_alloc(n, sizeof *column, &column);
  if (!ierr) ierr = mem_alloc(n, sizeof *value, &value);
  if (!ierr) ierr = matrix_make(m, columns, column, value, out);
  free(column);
  free(value);
  return ierr;
}

static PetscErrorCode matrices_make(const BlockMatrices *m, PetscMatrices *out)
{
  PetscCall(matrix_create(&m->A, m->halo, &out->A));
  PetscCall(MatSetOption(out->A, MAT_SPD, PETSC_TRUE));
  if (!m->halo_below) return 0;
  PetscCall(matrix_create(&m->up, m->halo_below, &out->prolongation));
  PetscCall(matrix_create(&m->below, m->halo_below, &out->A1));
  return MatSetOption(out->A1, MAT_SPD, PETSC_TRUE);
}

/* From [n][own] to [n][own, then the halo], in place, the last first. */
static void solutions_widen(Halo *h, int n, double *x)
{
  size_t own = (size_t)h->n_own, all = own + (size_t)h->n_halo;
  for (int i = n - 1; i >= 0; i--) {
    memmove(x + (size_t)i * all, x + (size_t)i * own, own * sizeof *x);
    halo_exchange(h, x + (size_t)i * all, sizeof *x);
  }
}

PetscErrorCode share_petsc(const BlockMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                           const Source *source, double *x, SolveStats *stats)
{
  PetscMatrices matrices = {NULL, NULL, NULL};
  PetscErrorCode ierr = matrices_make(m, &matrices);
  if (!ierr) ierr = petsc_solve_sources(&matrices, o, f, n, source, x, stats);
  if (!ierr) solutions_widen(m->halo, n, x);
  petsc_free(&matrices);
  return ierr;
}
