/* The solution by PETSc: conjugate gradients with algebraic multigrid, set up once, then one right-hand side after
 * another. For second order the multigrid works on the first-order matrix of the same mesh, below one level of its own. */
#include "solve_petsc.h"

#include <petscksp.h>
#include <stdlib.h>
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
  Mat A;
  KSP ksp;
  Vec b, x, r;
  double size; /* |b| */
} Solver;

PetscErrorCode preconditioner_check(const char *name)
{
  for (size_t i = 0; i < sizeof RECIPES / sizeof RECIPES[0]; i++)
    if (!strcmp(RECIPES[i].name, name)) return 0;
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "field: found preconditioner %s, expected ml, hypre or gamg", name);
}

static PetscErrorCode recipe_apply(const char *name)
{
  PetscCall(preconditioner_check(name));
  for (size_t i = 0; i < sizeof RECIPES / sizeof RECIPES[0]; i++) {
    if (strcmp(RECIPES[i].name, name)) continue;
    for (const char *const(*o)[2] = RECIPES[i].option; (*o)[0]; o++) {
      PetscBool set;
      PetscCall(PetscOptionsHasName(NULL, NULL, (*o)[0], &set));
      if (!set) PetscCall(PetscOptionsSetValue(NULL, (*o)[0], (*o)[1]));
    }
  }
  return 0;
}

/* Two levels: symmetric Gauss-Seidel on the second-order matrix, and below it one cycle of the multigrid on the
 * first-order one. */
static PetscErrorCode two_levels(const PetscMatrices *m, const FieldOptions *o, const char *prefix, PC pc)
{
  KSP above, below;
  PC smoother, coarse;
  PetscCall(PCSetType(pc, PCMG));
  PetscCall(PCMGSetLevels(pc, 2, NULL));
  PetscCall(PCMGSetInterpolation(pc, 1, m->prolongation));
  PetscCall(PCMGGetSmoother(pc, 1, &above));
  PetscCall(KSPSetOperators(above, m->A, m->A));
  PetscCall(KSPSetType(above, KSPRICHARDSON));
  PetscCall(KSPSetTolerances(above, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT, 1));
  PetscCall(KSPGetPC(above, &smoother));
  PetscCall(PCSetType(smoother, PCSOR));
  PetscCall(PCMGGetCoarseSolve(pc, &below));
  PetscCall(KSPSetOperators(below, m->A1, m->A1));
  PetscCall(KSPSetOptionsPrefix(below, prefix));
  PetscCall(KSPSetType(below, KSPPREONLY));
  PetscCall(KSPGetPC(below, &coarse));
  PetscCall(PCSetType(coarse, o->preconditioner));
  return 0;
}

static PetscErrorCode solver_setup(const PetscMatrices *m, const FieldOptions *o, Solver *s)
{
  PC pc;
  char prefix[CAUDA_NAME_MAX];
  PetscCall(recipe_apply(o->preconditioner));
  snprintf(prefix, sizeof prefix, "field_%s_", o->preconditioner);
  s->A = m->A;
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)m->A), &s->ksp));
  PetscCall(KSPSetOptionsPrefix(s->ksp, m->prolongation ? "field_p2_" : prefix));
  PetscCall(KSPSetOperators(s->ksp, m->A, m->A));
  PetscCall(KSPSetType(s->ksp, KSPCG));
  PetscCall(KSPSetNormType(s->ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(s->ksp, o->tolerance, 0.0, PETSC_DEFAULT, ITERATIONS_MAX));
  PetscCall(KSPGetPC(s->ksp, &pc));
  if (m->prolongation)
    PetscCall(two_levels(m, o, prefix, pc));
  else
    PetscCall(PCSetType(pc, o->preconditioner));
  PetscCall(KSPSetFromOptions(s->ksp));
  PetscCall(MatCreateVecs(m->A, &s->x, &s->b));
  PetscCall(VecDuplicate(s->b, &s->r));
  PetscCall(KSPSetUp(s->ksp));
  return 0;
}

/* |b - A x| / |b| from the vectors themselves. */
static PetscErrorCode true_residual(Solver *s, double *residual)
{
  PetscReal norm;
  PetscCall(MatMult(s->A, s->x, s->r));
  PetscCall(VecAYPX(s->r, -1.0, s->b));
  PetscCall(VecNorm(s->r, NORM_2, &norm));
  *residual = s->size > 0.0 ? norm / s->size : norm;
  return 0;
}

/* Solves for s->b; starts again from what it has where the true residual lags behind the carried one. */
static PetscErrorCode solve_again(double tolerance, const char *what, Solver *s, int *iterations, double *residual)
{
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscCall(VecSet(s->x, 0.0));
  PetscCall(VecNorm(s->b, NORM_2, &s->size));
  *iterations = 0;
  for (int i = 0; i <= RESTARTS_MAX; i++) {
    PetscInt n;
    PetscCall(KSPSetTolerances(s->ksp, tolerance, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
    PetscCall(KSPSetInitialGuessNonzero(s->ksp, i ? PETSC_TRUE : PETSC_FALSE));
    PetscCall(KSPSolve(s->ksp, s->b, s->x));
    PetscCall(KSPGetIterationNumber(s->ksp, &n));
    PetscCall(KSPGetConvergedReason(s->ksp, &reason));
    PetscCall(true_residual(s, residual));
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
static PetscErrorCode interrupt_check(const Solver *s)
{
  int here = signal_pending(), anywhere = 0;
  PetscCallMPI(MPI_Allreduce(&here, &anywhere, 1, MPI_INT, MPI_MAX, PetscObjectComm((PetscObject)s->A)));
  PetscCheck(!anywhere, PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
  return 0;
}

/* Solves for s->b, into x [local rows]. */
static PetscErrorCode solve_one(double tolerance, const char *what, double *x, Solver *s, SolveStats *stats)
{
  const PetscScalar *v;
  PetscInt n;
  int iterations = 0;
  double residual = 0.0;
  PetscCall(interrupt_check(s));
  PetscCall(solve_again(tolerance, what, s, &iterations, &residual));
  if (iterations > stats->iterations) stats->iterations = iterations;
  if (residual > stats->residual) stats->residual = residual;
  PetscCall(VecGetLocalSize(s->x, &n));
  PetscCall(VecGetArrayRead(s->x, &v));
  memcpy(x, v, (size_t)n * sizeof *x);
  PetscCall(VecRestoreArrayRead(s->x, &v));
  return 0;
}

/* Adds `times` row i to b: each rank what it has of the row. */
static PetscErrorCode row_add(const Functionals *f, int i, double times, Vec b)
{
  PetscInt begin;
  PetscCall(VecGetOwnershipRange(b, &begin, NULL));
  for (int k = f->start[i]; k < f->start[i + 1]; k++)
    PetscCall(VecSetValue(b, begin + f->unknown[k], times * f->value[k], ADD_VALUES));
  return 0;
}

static PetscErrorCode source_set(const Functionals *f, const Source *source, Vec b)
{
  PetscInt begin;
  PetscCall(VecGetOwnershipRange(b, &begin, NULL));
  PetscCall(VecSet(b, 0.0));
  if (source->in >= 0)
    PetscCall(row_add(f, source->in, 1.0, b));
  else if (source->unknown >= 0)
    PetscCall(VecSetValue(b, begin + source->unknown, 1.0, ADD_VALUES));
  PetscCall(row_add(f, f->n - 1, -1.0, b));
  PetscCall(VecAssemblyBegin(b));
  PetscCall(VecAssemblyEnd(b));
  return 0;
}

static PetscErrorCode solve_all(const PetscMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                                const Source *source, double *x, Solver *s, SolveStats *stats)
{
  PetscInt n_local;
  PetscCall(MatGetLocalSize(m->A, &n_local, NULL));
  progress("solve", 0.0);
  PetscCall(solver_setup(m, o, s));
  for (int i = 0; i < n; i++) {
    PetscCall(source_set(f, &source[i], s->b));
    SolveStats other = {0, 0.0}; /* of a source with a tolerance of its own */
    double tolerance = source_tolerance(o, &source[i]);
    PetscCall(solve_one(tolerance, source[i].what, x + (size_t)i * (size_t)n_local, s,
                        tolerance > o->tolerance ? &other : stats));
    progress("solve", (double)(i + 1) / n);
  }
  return 0;
}

static PetscErrorCode solver_free(Solver *s)
{
  PetscErrorCode ierr = KSPDestroy(&s->ksp);
  if (!ierr) ierr = VecDestroy(&s->b);
  if (!ierr) ierr = VecDestroy(&s->x);
  if (!ierr) ierr = VecDestroy(&s->r);
  return ierr;
}

PetscErrorCode petsc_solve_sources(const PetscMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                                   const Source *source, double *x, SolveStats *stats)
{
  Solver s = {0};
  *stats = (SolveStats){0, 0.0};
  PetscErrorCode ierr = solve_all(m, o, f, n, source, x, &s, stats), end = solver_free(&s);
  return ierr ? ierr : end;
}

static PetscErrorCode solve_given(const PetscMatrices *m, const FieldOptions *o, const char *what, const double *b,
                                  double *x, Solver *s, SolveStats *stats)
{
  PetscScalar *v;
  PetscInt n;
  PetscCall(solver_setup(m, o, s));
  PetscCall(VecGetLocalSize(s->b, &n));
  PetscCall(VecGetArray(s->b, &v));
  memcpy(v, b, (size_t)n * sizeof *b);
  PetscCall(VecRestoreArray(s->b, &v));
  return solve_one(o->tolerance, what, x, s, stats);
}

PetscErrorCode petsc_solve_vector(const PetscMatrices *m, const FieldOptions *o, const char *what, const double *b,
                                  double *x, SolveStats *stats)
{
  Solver s = {0};
  *stats = (SolveStats){0, 0.0};
  PetscErrorCode ierr = solve_given(m, o, what, b, x, &s, stats), end = solver_free(&s);
  return ierr ? ierr : end;
}
