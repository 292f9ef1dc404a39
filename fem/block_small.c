/* Small dense matrices of the block iteration, by rows. */
#include "block.h"

#include <math.h>

double small_cholesky(int m, int lanes, const double *A, double *L)
{
  double smallest = 1.0;
  for (int i = 0; i < m; i++)
    for (int j = 0; j <= i; j++) {
      double sum = A[i * lanes + j];
      for (int k = 0; k < j; k++) sum -= L[i * lanes + k] * L[j * lanes + k];
      if (i > j) {
        L[i * lanes + j] = sum / L[j * lanes + j];
        continue;
      }
      if (!(sum > 0.0) || !isfinite(sum)) return 0.0;
      smallest = fmin(smallest, sum / A[i * lanes + i]);
      L[i * lanes + i] = sqrt(sum);
    }
  return smallest;
}

void small_solve(int m, int lanes, const double *L, const double *B, double *X)
{
  for (int c = 0; c < m; c++) {
    for (int i = 0; i < m; i++) {
      double sum = B[i * lanes + c];
      for (int k = 0; k < i; k++) sum -= L[i * lanes + k] * X[k * lanes + c];
      X[i * lanes + c] = sum / L[i * lanes + i];
    }
    for (int i = m - 1; i >= 0; i--) {
      double sum = X[i * lanes + c];
      for (int k = i + 1; k < m; k++) sum -= L[k * lanes + i] * X[k * lanes + c];
      X[i * lanes + c] = sum / L[i * lanes + i];
    }
  }
}

void small_inverse_upper(int m, int lanes, const double *L, double *X)
{
  for (int c = 0; c < m; c++)
    for (int i = m - 1; i >= 0; i--) {
      double sum = i == c ? 1.0 : 0.0;
      for (int k = i + 1; k <= c; k++) sum -= L[k * lanes + i] * X[k * lanes + c];
      X[i * lanes + c] = i > c ? 0.0 : sum / L[i * lanes + i];
    }
}

void small_multiply(int m, int lanes, const double *A, const double *B, double *C)
{
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++) {
      double sum = 0.0;
      for (int k = 0; k < m; k++) sum += A[i * lanes + k] * B[k * lanes + j];
      C[i * lanes + j] = sum;
    }
}
