/* How far two orders agree. */
#include "cauda/select.h"

#include <math.h>

/* Ranks from 1, ties sharing their mean. */
static void ranks_of(int n, const double *x, double *rank)
{
  for (int i = 0; i < n; i++) {
    int below = 0, same = 0;
    for (int k = 0; k < n; k++) below += x[k] < x[i], same += x[k] == x[i];
    rank[i] = below + 0.5 * (same + 1);
  }
}

double spearman(int n, const double *x, const double *y, double *work)
{
  double *a = work, *b = work + n, mean = 0.5 * (n + 1), ab = 0.0, aa = 0.0, bb = 0.0;
  ranks_of(n, x, a), ranks_of(n, y, b);
  for (int i = 0; i < n; i++)
    ab += (a[i] - mean) * (b[i] - mean), aa += (a[i] - mean) * (a[i] - mean), bb += (b[i] - mean) * (b[i] - mean);
  return aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : NAN;
}

double kendall(int n, const double *x, const double *y)
{
  double sum = 0.0, a = 0.0, b = 0.0;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++) {
      int p = (x[i] > x[k]) - (x[i] < x[k]), q = (y[i] > y[k]) - (y[i] < y[k]);
      sum += p * q, a += p != 0, b += q != 0;
    }
  return a > 0.0 && b > 0.0 ? sum / sqrt(a * b) : NAN;
}
