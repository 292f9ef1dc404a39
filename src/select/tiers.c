/* How far the tiers are apart. */
#include "cauda/select.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

PetscErrorCode tiers_compare(const ThresholdTable *t, double *median, double *percentile_95)
{
  size_t cells = (size_t)t->n_set * (size_t)t->n_fiber, n = 0;
  double *off;
  PetscCall(mem_alloc(cells, sizeof *off, &off));
  for (size_t i = 0; i < cells; i++)
    if (isfinite(t->threshold_mA[i]) && isfinite(t->threshold_linear_mA[i]))
      off[n++] = fabs(t->threshold_linear_mA[i] / t->threshold_mA[i] - 1.0);
  if (n) qsort(off, n, sizeof *off, ascending);
  *median = n ? off[n / 2] : 0.0;
  *percentile_95 = n ? off[(size_t)(0.95 * (double)(n - 1))] : 0.0;
  free(off);
  return 0;
}
