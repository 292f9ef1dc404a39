/* Private to seg: the lines of an array [n2][n1][n0] along one axis, in bundles that lie side by side in memory. */
#ifndef CAUDA_SEG_LINES_H
#define CAUDA_SEG_LINES_H

#include "cauda/base.h"

enum { LINES_BUNDLE = 16 };

/* Values of a bundle, the first of all its lines, then the second: loops over a bundle have a length that is known. */
typedef double LineValues[LINES_BUNDLE];

size_t lines_count(const int n[3], int axis);

/* lines_load: lines first .. first + LINES_BUNDLE - 1 along `axis`; beyond the last line that one again.
 *   v  [n[axis]], out */
void lines_load(const float *d, const int n[3], int axis, size_t first, LineValues *v);
/* lines_store: the same back, but for what lies beyond the last line. */
void lines_store(const LineValues *v, const int n[3], int axis, size_t first, float *d);

/* Makes line bundle v [n] from line bundle `from`. */
typedef void (*LineWork)(const void *context, const LineValues *from, LineValues *v);

/* lines_each: work on all lines of `from` (n) along `axis`, into `to` (m, which differs from n in that axis only; the same
 * array will do where it does not differ), by n_thread threads (as team_create). The result does not depend on them. */
PetscErrorCode lines_each(const float *from, const int n[3], const int m[3], int axis, int n_thread, LineWork work,
                          const void *context, float *to) CAUDA_CHECKED;

#endif
