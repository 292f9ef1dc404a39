/* Solution: conjugate gradients with algebraic multigrid, set up once, then one right-hand side after another. */
#include "fem_impl.h"

#include <petscksp.h>
#include <string.h>

enum { ITERATIONS_MAX = 1000, RESTARTS_MAX = 2 };

/* Rounding lets the true residual end a little above the one that the iteration carries along. */
#define RESIDUAL_SLACK 2.0

/* Options of a preconditioner, unless the user set them (PETSC_OPTIONS="-field_..."). Measured on a quarter of a
 * million nodes with a thin, badly conducting layer and anisotropy: ML's threshold, which keeps weakly coupled nodes
 * out of one aggregate, saves a sixth of the iterations on well-shaped tetrahedra and half of them on stretched ones;
 * a second smoothing step saves fewer than it costs. */
typedef struct {
  const char *name;
  const char *option[6][2]; /* ends with NULL */
} Recipe;

static const Recipe RECIPES[] = {
    {"ml",
     {{"-field_ml_pc_ml_Threshold", "0.02"},
      {"-field_ml_pc_ml_maxCoarseSize", "500"},
      {"-field_ml_mg_levels_ksp_max_it", "1"}}},
    {"gamg",
     {{"-field_gamg_mg_levels_ksp_type", "richardson"},
      {"-field_gamg_mg_levels_ksp_max_it", "1"},
      {"-field_gamg_mg_levels_pc_type", "sor"}}},
    {"hypre",
     {{"-field_hypre_pc_hypre_type", "boomeramg"},
      {"-field_hypre_pc_hypre_boomeramg_strong_threshold", "0.5"},
      {"-field_hypre_pc_hypre_boomeramg_coarsen_type", "PMIS"},
      {"-field_hypre_pc_hypre_boomeramg_interp_type", "ext+i"},
      {"-field_hypre_pc_hypre_boomeramg_P_max", "4"}}},
};

typedef struct {
  KSP ksp;
  Vec b, x, r;
} Solver;

static PetscErrorCode recipe_apply(const char *name)
{
  for (size_t i = 0; i < sizeof RECIPES / sizeof RECIPES[0]; i++) {
    if (strcmp(RECIPES[i].name, name)) continue;
    for (const char *const(*o)[2] = RECIPES[i].option; (*o)[0]; o++) {
      PetscBool set;
      PetscCall(PetscOptionsHasName(NULL, NULL, (*o)[0], &set));
      if (!set) PetscCall(PetscOptionsSetValue(NULL, (*o)[0], (*o)[1]));
    }
    return 0;
  }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "field: found preconditioner %s, expected ml, hypre or gamg", name);
}

static PetscErrorCode solver_setup(Mat A, const FieldOptions *o, Solver *s)
{
  PC pc;
  char prefix[CAUDA_NAME_MAX];
  PetscCall(recipe_apply(o->preconditioner));
  snprintf(prefix, sizeof prefix, "field_%s_", o->preconditioner);
  PetscCall(KSPCreate(PETSC_COMM_WORLD, &s->ksp));
  PetscCall(KSPSetOptionsPrefix(s->ksp, prefix));
  PetscCall(KSPSetOperators(s->ksp, A, A));
  PetscCall(KSPSetType(s->ksp, KSPCG));
  PetscCall(KSPSetNormType(s->ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(s->ksp, o->tolerance, 0.0, PETSC_DEFAULT, ITERATIONS_MAX));
  PetscCall(KSPGetPC(s->ksp, &pc));
  PetscCall(PCSetType(pc, o->preconditioner));
  PetscCall(KSPSetFromOptions(s->ksp));
  PetscCall(MatCreateVecs(A, &s->x, &s->b));
  PetscCall(VecDuplicate(s->b, &s->r));
  PetscCall(KSPSetUp(s->ksp));
  return 0;
}

/* |b - A x| / |b| from the vectors themselves; |b| is 1. */
static PetscErrorCode true_residual(Mat A, Solver *s, double *residual)
{
  PetscReal norm;
  PetscCall(MatMult(A, s->x, s->r));
  PetscCall(VecAYPX(s->r, -1.0, s->b));
  PetscCall(VecNorm(s->r, NORM_2, &norm));
  *residual = norm;
  return 0;
}

/* Solves for s->b; starts again from what it has where the true residual lags behind the carried one. */
static PetscErrorCode solve_one(Mat A, double tolerance, const char *what, Solver *s, int *iterations, double *residual)
{
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscCall(VecSet(s->x, 0.0));
  *iterations = 0;
  for (int i = 0; i <= RESTARTS_MAX; i++) {
    PetscInt n;
    PetscCall(KSPSetInitialGuessNonzero(s->ksp, i ? PETSC_TRUE : PETSC_FALSE));
    PetscCall(KSPSolve(s->ksp, s->b, s->x));
    PetscCall(KSPGetIterationNumber(s->ksp, &n));
    PetscCall(KSPGetConvergedReason(s->ksp, &reason));
    PetscCall(true_residual(A, s, residual));
    *iterations += (int)n;
    if (reason < 0 || *residual <= RESIDUAL_SLACK * tolerance) break;
  }
  PetscCheck(*residual <= RESIDUAL_SLACK * tolerance, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the solver did not converge for %s: relative residual %.3g after %d iterations, expected %.3g "
             "(%s)",
             what, *residual, *iterations, tolerance, KSPConvergedReasons[reason]);
  return 0;
}

/* An interrupt may reach the ranks at different times; all of them stop at the same place. */
static PetscErrorCode interrupt_check(void)
{
  int here = signal_pending(), anywhere = 0;
  PetscCallMPI(MPI_Allreduce(&here, &anywhere, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD));
  PetscCheck(!anywhere, PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
  return 0;
}

static PetscErrorCode solve_source(Mat A, double tolerance, int32_t source, const char *what, double *x, Solver *s,
                                   SolveStats *stats)
{
  const PetscScalar *v;
  PetscInt n, begin, end;
  int iterations = 0;
  double residual = 0.0;
  PetscCall(VecGetOwnershipRange(s->b, &begin, &end));
  PetscCall(VecSet(s->b, 0.0));
  if (source >= begin && source < end) PetscCall(VecSetValue(s->b, source, 1.0, INSERT_VALUES));
  PetscCall(VecAssemblyBegin(s->b));
  PetscCall(VecAssemblyEnd(s->b));
  PetscCall(solve_one(A, tolerance, what, s, &iterations, &residual));
  if (iterations > stats->iterations) stats->iterations = iterations;
  if (residual > stats->residual) stats->residual = residual;
  PetscCall(VecGetLocalSize(s->x, &n));
  PetscCall(VecGetArrayRead(s->x, &v));
  memcpy(x, v, (size_t)n * sizeof *x);
  PetscCall(VecRestoreArrayRead(s->x, &v));
  return 0;
}

static PetscErrorCode solve_all(Mat A, const FieldOptions *o, int n, const int32_t *source, const char *const *what,
                                double *x, Solver *s, SolveStats *stats)
{
  PetscMPIInt rank;
  PetscInt n_local;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(MatGetLocalSize(A, &n_local, NULL));
  if (!rank) progress("solve", 0.0);
  PetscCall(solver_setup(A, o, s));
  for (int i = 0; i < n; i++) {
    PetscCall(interrupt_check());
    PetscCall(solve_source(A, o->tolerance, source[i], what[i], x + (size_t)i * (size_t)n_local, s, stats));
    if (!rank) progress("solve", (double)(i + 1) / n);
  }
  return 0;
}

PetscErrorCode solve_contacts(Mat A, const FieldOptions *o, int n, const int32_t *source, const char *const *what,
                              double *x, SolveStats *stats)
{
  Solver s = {NULL, NULL, NULL, NULL};
  *stats = (SolveStats){0, 0.0};
  PetscErrorCode ierr = solve_all(A, o, n, source, what, x, &s, stats);
  PetscErrorCode end = KSPDestroy(&s.ksp);
  if (!end) end = VecDestroy(&s.b);
  if (!end) end = VecDestroy(&s.x);
  if (!end) end = VecDestroy(&s.r);
  return ierr ? ierr : end;
}
