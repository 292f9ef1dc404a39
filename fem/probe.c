/* What is left of the probe's own, coarser solve, weighted by the contacts' fields. With r = e - A x for the probe's
 * source e and what was found for it, x, and V a contact's field, b the contact's row:
 *
 *   V(probe) = V'e = V'A x + V'r = b'x + V'r
 *
 * where A V = b, which is what the comparison of both sides checks: the left one is the contact's field, the right one
 * comes from the other solve, to the accuracy of its tolerance times that of V (the adjoint correction: Pierce, Giles,
 * SIAM Review 42 (2000), 247-264). */
#include "fem_impl.h"

void probe_rest(const Csr *A, const Functionals *f, int32_t probe, const double *x, int n, const double *V,
                double *rest)
{
  size_t all = (size_t)A->n_column;
  for (int c = 0; c < n; c++) rest[c] = 0.0;
  for (int32_t i = 0; i < A->n; i++) {
    double r = i == probe ? 1.0 : 0.0;
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) r -= A->value[k] * x[A->column[k]];
    for (int c = 0; c < n; c++) rest[c] += V[(size_t)c * all + (size_t)i] * r;
  }
  for (int k = f->start[f->n - 1]; k < f->start[f->n]; k++)
    for (int c = 0; c < n; c++) rest[c] -= V[(size_t)c * all + (size_t)f->unknown[k]] * f->value[k];
}
