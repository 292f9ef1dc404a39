/* Conjugate gradients for a block of right-hand sides B (n by m). With residual R = Q C, where the m by m matrix C is kept
 * apart so that Q stays well conditioned, M the multigrid's cycle, and S the triangle by which Q was made orthonormal:
 *
 *   Z = M Q, rho = Q'Z, P = Z + P rho_before^-1 S' rho, two = (P'AP)^-1 rho,
 *   X += P two C, Q -= A P two; where Q'Q = S'S is nearly singular: Q = Q S^-1, C = S C (else S = 1).
 *
 * Where the right-hand sides depend on each other, the same with all small matrices cut down to their diagonals: each
 * right-hand side by itself, in step. */
#include "block_cg.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 1000, RESTARTS_MAX = 20, SIZE = BLOCK_LANES_MAX * BLOCK_LANES_MAX };

/* Rounding lets the true residual end a little above the one that the iteration carries along. */
#define RESIDUAL_SLACK 4.0

/* Q is made orthonormal again when a column has less than this share (squared) that is not of the others. */
#define SKEW 1e-2

/* The residual is in single precision, and what it loses by rounding adds up. When it has fallen by this, it is made anew
 * from the solution, early enough for the iteration to go on undisturbed.
 * Source: van der Vorst, Ye, Residual replacement strategies for Krylov subspace iterative methods (2000). */
#define RENEW 1e-4

/* Search directions in single precision lose their way in the end: of a few unknowns all is known after as many iterations,
 * and on cells that are very long for their width convergence takes hundreds. If the residual grows by this, or has not
 * become smaller for so many iterations, it is made anew, and the iteration begins again. */
#define LOST 1e2
enum { STALLED = 40 };

/* [lanes][lanes], as the loops over rows take it. */
typedef double Small[SIZE] __attribute__((aligned(64)));
typedef float Narrow[SIZE] __attribute__((aligned(64)));

typedef struct {
  Block *s;
  BlockProblem *p;
  BlockLoads loads;
  bool coupled;
  Small C, rho, rho_before, S, gram;                       /* S: transposed */
  bool turned;                                             /* S is not 1 */
  double size[BLOCK_LANES_MAX], residual[BLOCK_LANES_MAX]; /* |b|; relative */
} Iteration;

static void to_narrow(const double *A, float *out)
{
  for (int i = 0; i < SIZE; i++) out[i] = (float)A[i];
}

static void set_diagonal(int lanes, double *A, double value)
{
  memset(A, 0, SIZE * sizeof *A);
  for (int i = 0; i < lanes; i++) A[i * lanes + i] = value;
}

/* A Gram matrix is symmetric but for rounding; of one without coupling only the diagonal counts. */
static void make_symmetric(const Iteration *t, double *A)
{
  int lanes = t->s->lanes;
  for (int i = 0; i < t->p->n; i++)
    for (int j = 0; j <= i; j++) {
      double mean = 0.5 * (A[i * lanes + j] + A[j * lanes + i]);
      A[i * lanes + j] = A[j * lanes + i] = t->coupled || i == j ? mean : 0.0;
    }
  for (int i = 0; !t->coupled && i < t->p->n; i++)
    if (A[i * lanes + i] == 0.0) A[i * lanes + i] = 1.0; /* a right-hand side that is solved exactly */
}

/* ---- the starting point --------------------------------------------------------------------------------------------- */

/* The residuals' sizes from Q'Q and C. */
static void residual_sizes(Iteration *t)
{
  int lanes = t->s->lanes, n = t->p->n;
  for (int c = 0; c < n; c++) {
    double sum = 0.0;
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) sum += t->C[i * lanes + c] * t->gram[i * lanes + j] * t->C[j * lanes + c];
    t->residual[c] = t->size[c] > 0.0 ? sqrt(fmax(sum, 0.0)) / t->size[c] : 0.0;
    if (isnan(sum)) t->residual[c] = NAN;
  }
}

/* Q = B - A X, from the vectors themselves; X is 0 at the start. */
static void residual_true(Iteration *t, bool start)
{
  Block *s = t->s;
  BlockJob job = {.op = BLOCK_TRUE,
                  .pieces = &s->grids.level[0].pieces,
                  .A = &s->A,
                  .X = start ? NULL : s->X,
                  .B = &t->loads,
                  .b = s->grids.level[0].b};
  if (!start) block_exchange(s, s->X, sizeof *s->X);
  block_do(s, &job, t->gram);
  set_diagonal(s->lanes, t->C, 1.0);
  residual_sizes(t);
}

/* Q = Q rotation */
static void rotate(Iteration *t, const double *rotation)
{
  Block *s = t->s;
  BlockJob job = {
      .op = BLOCK_ROTATE, .pieces = &s->grids.level[0].pieces, .b = s->grids.level[0].b, .rotation = rotation};
  block_do(s, &job, NULL);
}

/* Each column of Q to length 1. */
static void columns_scale(Iteration *t)
{
  int lanes = t->s->lanes;
  Small one = {0};
  for (int i = 0; i < t->p->n; i++) {
    double size = sqrt(t->gram[i * lanes + i]);
    t->C[i * lanes + i] = size;
    one[i * lanes + i] = size > 0.0 ? 1.0 / size : 0.0;
  }
  rotate(t, one);
  for (int i = 0; i < t->p->n; i++)
    for (int j = 0; j < t->p->n; j++) t->gram[i * lanes + j] *= one[i * lanes + i] * one[j * lanes + j];
}

/* Makes Q orthonormal where it is skew; false where its columns depend on each other. */
static bool orthonormalise(Iteration *t)
{
  int lanes = t->s->lanes, n = t->p->n;
  Small L = {0}, up = {0}, C;
  t->turned = false;
  if (!t->coupled) return true;
  double share = small_cholesky(n, lanes, t->gram, L);
  if (share > SKEW) return true;
  if (!(share > 1e-12)) return false;
  small_inverse_upper(n, lanes, L, up);
  rotate(t, up);
  memcpy(C, t->C, sizeof C);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0.0;
      for (int k = i; k < n; k++) sum += L[k * lanes + i] * C[k * lanes + j];
      t->C[i * lanes + j] = sum;
    }
  memcpy(t->S, L, sizeof L);
  return t->turned = true;
}

/* ---- an iteration ------------------------------------------------------------------------------------------------------ */

/* P = Z + P rho_before^-1 S' rho; false where that cannot be computed. */
static bool turn(Iteration *t, bool first)
{
  Block *s = t->s;
  int lanes = s->lanes, n = t->p->n;
  Small L = {0}, right = {0}, beta = {0};
  Narrow narrow;
  if (!first) {
    if (!(small_cholesky(n, lanes, t->rho_before, L) > 0.0)) return false;
    if (t->turned)
      small_multiply(n, lanes, t->S, t->rho, right);
    else
      memcpy(right, t->rho, sizeof right);
    small_solve(n, lanes, L, right, beta);
  }
  to_narrow(beta, narrow);
  BlockJob job = {
      .op = BLOCK_TURN, .pieces = &s->grids.level[0].pieces, .x = s->grids.level[0].x, .P = s->P, .turn = narrow};
  block_do(s, &job, NULL);
  memcpy(t->rho_before, t->rho, sizeof t->rho);
  return true;
}

/* X += P two C, Q -= A P two. */
static bool step(Iteration *t)
{
  Block *s = t->s;
  int lanes = s->lanes, n = t->p->n;
  const BlockLevel *l = &s->grids.level[0];
  Small gamma, L = {0}, one = {0}, two = {0};
  Narrow narrow;
  BlockJob times = {.op = BLOCK_TIMES, .pieces = &l->pieces, .smoother = &l->smoother, .P = s->P, .x = l->x};
  BlockJob update = {
      .op = BLOCK_UPDATE, .pieces = &l->pieces, .P = s->P, .x = l->x, .X = s->X, .b = l->b, .one = one, .two = narrow};
  block_exchange(s, s->P, sizeof *s->P);
  block_do(s, &times, gamma);
  make_symmetric(t, gamma);
  if (!(small_cholesky(n, lanes, gamma, L) > 0.0)) return false;
  small_solve(n, lanes, L, t->rho, two);
  small_multiply(n, lanes, two, t->C, one);
  to_narrow(two, narrow);
  block_do(s, &update, t->gram);
  residual_sizes(t);
  return true;
}

/* The largest residual. */
static double worst(const Iteration *t, int *which)
{
  double value = 0.0;
  for (int c = 0; c < t->p->n; c++)
    if (!(t->residual[c] <= value)) value = t->residual[c], *which = c;
  return value;
}

/* Q = (B - A X) C^-1 instead of what the iteration has carried along, which goes on as it was. */
static void residual_renew(Iteration *t)
{
  int lanes = t->s->lanes, n = t->p->n;
  Small C, transposed = {0}, back = {0}, other = {0};
  memcpy(C, t->C, sizeof C);
  residual_true(t, false);
  memcpy(t->C, C, sizeof C);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) transposed[j * lanes + i] = C[i * lanes + j];
  small_inverse_upper(n, lanes, transposed, back);
  rotate(t, back);
  small_multiply(n, lanes, t->gram, back, other);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0.0;
      for (int k = 0; k <= i; k++) sum += back[k * lanes + i] * other[k * lanes + j];
      t->gram[i * lanes + j] = sum;
    }
}

/* C is upper triangular; false where it cannot be inverted: a right-hand side is solved exactly. */
static bool can_renew(const Iteration *t)
{
  for (int i = 0; i < t->p->n; i++)
    if (!(t->C[i * t->s->lanes + i] > 0.0)) return false;
  return true;
}

/* Iterates from the residual in Q until all are below the tolerance; false where the block came to an end before. */
static bool iterate(Iteration *t, PetscErrorCode *ierr)
{
  Block *s = t->s;
  int which = 0, since = 0;
  double fresh = worst(t, &which), least = fresh;
  columns_scale(t);
  for (bool first = true; t->p->iterations < ITERATIONS_MAX; first = false) {
    if (worst(t, &which) <= t->p->tolerance) return true;
    if (halo_any(s->grids.level[0].halo, signal_pending())) *ierr = CAUDA_ERR_INTERRUPTED;
    if (*ierr || !orthonormalise(t)) return false;
    block_cycle(s, t->rho);
    make_symmetric(t, t->rho);
    if (!turn(t, first) || !step(t)) return false;
    t->p->iterations++;
    since = worst(t, &which) < least ? 0 : since + 1;
    if (worst(t, &which) > LOST * least || since > STALLED) return true;
    least = fmin(least, worst(t, &which));
    if (worst(t, &which) < RENEW * fresh && worst(t, &which) > t->p->tolerance && can_renew(t)) {
      residual_renew(t);
      fresh = worst(t, &which);
    }
    if (t->p->progress) t->p->progress(t->p->context, worst(t, &which));
  }
  return true;
}

static PetscErrorCode solve(Iteration *t)
{
  Block *s = t->s;
  PetscErrorCode ierr = 0;
  int which = 0;
  block_zero(s->team, s->X, (size_t)s->A.n * (size_t)s->lanes * sizeof *s->X);
  block_zero(s->team, s->P, (size_t)s->A.n * (size_t)s->lanes * sizeof *s->P);
  for (int c = 0; c < t->p->n; c++) t->size[c] = 1.0;
  residual_true(t, true);
  for (int c = 0; c < t->p->n; c++) t->size[c] = t->residual[c], t->residual[c] = t->residual[c] > 0.0 ? 1.0 : 0.0;
  for (int i = 0; i <= RESTARTS_MAX; i++) {
    bool through = iterate(t, &ierr);
    PetscCall(ierr);
    residual_true(t, false);
    if (worst(t, &which) <= RESIDUAL_SLACK * t->p->tolerance || t->p->iterations >= ITERATIONS_MAX) break;
    if (!through) t->coupled = false;
  }
  t->p->residual = worst(t, &which);
  PetscCheck(t->p->residual <= RESIDUAL_SLACK * t->p->tolerance, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the solver did not converge for %s: relative residual %.3g after %d iterations, expected %.3g "
             "(`field: {solver: petsc}` is another way)",
             t->p->load ? t->p->what : t->p->source[which].what, t->p->residual, t->p->iterations, t->p->tolerance);
  return 0;
}

PetscErrorCode block_cg(Block *s, BlockProblem *p)
{
  Iteration t = {.s = s, .p = p, .coupled = p->n > 1};
  p->iterations = 0;
  PetscCall(block_loads_create(p, s->A.n, s->lanes, &t.loads));
  PetscErrorCode ierr = solve(&t);
  block_loads_free(&t.loads);
  return ierr;
}
