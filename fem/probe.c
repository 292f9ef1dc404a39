/* What is left of the probe's own, coarser solve, weighted by the contacts' fields. With r = e - A x for the probe's
 * source e and what was found for it, x, and V a contact's field, b the contact's row:
 *
 *   V(probe) = V'e = V'A x + V'r = b'x + V'r
 *
 * where A V = b, which is what the comparison of both sides checks: the left one is the contact's field, the right one
 * comes from the other solve, to the accuracy of its tolerance times that of V (the adjoint correction: Pierce, Giles,
 * SIAM Review 42 (2000), 247-264). */
#include "fem_impl.h"

#include <stdlib.h>

/* r = e - A x */
static PetscErrorCode rest(const Operator *op, const Functionals *f, int32_t probe, const double *x, Vec in, Vec out)
{
  PetscInt n;
  PetscScalar *r;
  PetscCall(VecPlaceArray(in, x));
  PetscErrorCode ierr = MatMult(op->A, in, out);
  PetscCall(VecResetArray(in));
  PetscCall(ierr);
  PetscCall(VecGetLocalSize(out, &n));
  PetscCall(VecGetArray(out, &r));
  for (PetscInt i = 0; i < n; i++) r[i] = -r[i];
  r[probe] += 1.0;
  for (int k = f->start[f->n - 1]; k < f->start[f->n]; k++) r[f->unknown[k]] -= f->value[k];
  return VecRestoreArray(out, &r);
}

static PetscErrorCode add_products(int n, const double *V, Vec out, double *sum)
{
  PetscInt n_local;
  const PetscScalar *r;
  PetscCall(VecGetLocalSize(out, &n_local));
  PetscCall(VecGetArrayRead(out, &r));
  for (int c = 0; c < n; c++)
    for (PetscInt i = 0; i < n_local; i++) sum[c] += V[(size_t)c * (size_t)n_local + (size_t)i] * r[i];
  return VecRestoreArrayRead(out, &r);
}

static PetscErrorCode correct(const Operator *op, const Functionals *f, int32_t probe, const double *x, int n,
                              const double *V, Vec in, Vec out, double *at_probe)
{
  double *sum;
  PetscCall(rest(op, f, probe, x, in, out));
  PetscCall(mem_alloc((size_t)n, sizeof *sum, &sum));
  PetscErrorCode ierr = add_products(n, V, out, sum);
  for (int c = 0; c < n; c++) at_probe[c] += sum[c];
  free(sum);
  return ierr;
}

PetscErrorCode probe_correct(const Operator *op, const Functionals *f, int32_t probe, const double *x, int n,
                             const double *V, double *at_probe)
{
  Vec in = NULL, out = NULL;
  PetscErrorCode ierr = MatCreateVecs(op->A, &in, &out);
  if (!ierr) ierr = correct(op, f, probe, x, n, V, in, out, at_probe);
  (void)VecDestroy(&in);
  (void)VecDestroy(&out);
  return ierr;
}
