/* The block solver's door: the hierarchy once, then the right-hand sides sixteen at a time. */
#include "block_cg.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 2048 }; /* a piece of work: stays in the cache while it is turned over */

static PetscErrorCode open(BlockMatrices *m, Block *s)
{
  PetscCall(team_create(halo_threads(m->halo), &s->team));
  PetscCall(block_grids_create(m, s->lanes, s->team, &s->grids));
  PetscCall(block_vector_by(s->team, s->A.n_column, s->lanes, sizeof *s->X, &s->X));
  PetscCall(block_vector_by(s->team, s->A.n_column, s->lanes, sizeof *s->P, &s->P));
  return block_vector(s->grids.level[0].pieces.n, s->lanes * s->lanes, sizeof *s->partial, &s->partial);
}

PetscErrorCode block_open(BlockMatrices *m, int lanes, Block *s)
{
  *s = (Block){.lanes = lanes, .kernel = block_kernel(BLOCK_CODE_BEST, lanes), .A = m->A};
  PetscErrorCode ierr = open(m, s);
  if (ierr) block_close(s);
  halo_destroy(&m->halo), halo_destroy(&m->halo_below);
  return ierr;
}

void block_close(Block *s)
{
  block_grids_free(&s->grids);
  team_destroy(&s->team);
  free(s->X);
  free(s->P);
  free(s->partial);
  *s = (Block){.lanes = 0};
}

/* Which part of all right-hand sides is at hand, for the progress. */
typedef struct {
  int first, n, all;
  double tolerance;
} Part;

static void show(const void *context, double residual)
{
  const Part *p = context;
  double done = residual > p->tolerance ? fmax(0.0, log(residual) / log(p->tolerance)) : 1.0;
  progress("solve", (p->first + p->n * done) / p->all);
}

static int lanes_for(int n) { return n <= 8 ? 8 : BLOCK_LANES_MAX; }

typedef struct {
  const Block *s;
  int n;
  double *x; /* [n][unknowns, and the halo] */
} Taking;

static void solution_piece(void *context, int piece, int thread)
{
  const Taking *t = context;
  size_t n = (size_t)t->s->A.n_column, lanes = (size_t)t->s->lanes;
  size_t begin = (size_t)piece * ROWS, end = begin + ROWS < n ? begin + ROWS : n;
  (void)thread;
  for (size_t c = 0; c < (size_t)t->n; c++)
    for (size_t i = begin; i < end; i++) t->x[c * n + i] = t->s->X[i * lanes + c];
}

static void solution_take(Block *s, int n, double *x)
{
  Taking t = {s, n, x};
  block_exchange(s, s->X, sizeof *s->X);
  team_run(s->team, (s->A.n_column + ROWS - 1) / ROWS, solution_piece, &t);
}

static PetscErrorCode solve_parts(Block *s, const FieldOptions *o, const Functionals *f, int n, const Source *source,
                                  double *x, SolveStats *stats)
{
  for (int first = 0; first < n; first += BLOCK_LANES_MAX) {
    Part part = {first, n - first < BLOCK_LANES_MAX ? n - first : BLOCK_LANES_MAX, n, o->tolerance};
    double tolerance = source_tolerance(o, &source[first]);
    for (int i = 1; i < part.n; i++) tolerance = fmin(tolerance, source_tolerance(o, &source[first + i]));
    part.tolerance = tolerance;
    BlockProblem p = {.functionals = f,
                      .n = part.n,
                      .source = source + first,
                      .tolerance = tolerance,
                      .progress = show,
                      .context = &part};
    s->lanes = lanes_for(part.n);
    s->kernel = block_kernel(BLOCK_CODE_BEST, s->lanes);
    PetscCall(block_cg(s, &p));
    if (p.iterations > stats->iterations) stats->iterations = p.iterations;
    if (tolerance <= o->tolerance) stats->residual = fmax(stats->residual, p.residual);
    solution_take(s, part.n, x + (size_t)first * (size_t)s->A.n_column);
  }
  return 0;
}

PetscErrorCode block_solve_sources(BlockMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                                   const Source *source, double *x, SolveStats *stats)
{
  Block s = {.lanes = 0};
  progress("solve", 0.0);
  PetscErrorCode ierr = block_open(m, lanes_for(n), &s);
  if (!ierr) ierr = solve_parts(&s, o, f, n, source, x, stats);
  block_close(&s);
  return ierr;
}
