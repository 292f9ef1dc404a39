/* Private to seg: curves as rows of points: resampling, ordering, smoothing. */
#ifndef CAUDA_SEG_CURVE_H
#define CAUDA_SEG_CURVE_H

#include "cauda/base.h"

double curve_length(int n, const double (*p)[3]);

/* curve_resample: points about `step` apart on a smooth curve through all n given ones (cubic pieces, tangents of the
 * parabola through three neighbours, centripetal parameter, so that no loops or overshoot appear between unevenly
 * spaced points). Closed: the last point joins the first, which is not repeated. Coinciding neighbours are allowed.
 *   out  [*n_out][3], owned by the caller; the ends (open) are kept exactly */
PetscErrorCode curve_resample(int n, const double (*p)[3], bool closed, double step, int *n_out,
                              double (**out)[3]) CAUDA_CHECKED;

/* curve_order: rows in any order to a path: sorted along `direction`, then shortened by reversals (2-opt) until no
 * reversal helps; heals swapped neighbours. O(n^2) a pass. */
void curve_order(int n, double (*p)[3], const double direction[3]);

/* curve_smooth: least sum of w * squared moves + weight * squared second differences, no point moved by more than
 * `limit`; ends move along, too. Weight 1 halves waves of 6 points. In a second pass what the first one took away is
 * smoothed in the same way and put back (twicing), so that bends keep their height.
 *   w  [n] > 0, or NULL: 1 */
PetscErrorCode curve_smooth(int n, double (*p)[3], const double *w, double weight, int passes,
                            double limit) CAUDA_CHECKED;

#endif
