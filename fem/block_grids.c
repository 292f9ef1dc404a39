/* The levels of the multigrid, and a cycle through them for all right-hand sides. */
#include "block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_MAX = 400 };                   /* unknowns of the last level */
static const double strong_coupling = 0.04; /* 0.02 has smaller levels, but takes an iteration in ten more */

/* ---- levels ---------------------------------------------------------------------------------------------------------- */

static void level_free(BlockLevel *l)
{
  block_pieces_free(&l->pieces);
  block_smoother_free(&l->smoother);
  block_transfer_free(&l->transfer);
  free(l->b);
  free(l->x);
  halo_destroy(&l->halo);
}

void block_grids_free(BlockGrids *g)
{
  for (int i = 0; i < g->n_level; i++) level_free(&g->level[i]);
  block_dense_free(g);
  *g = (BlockGrids){.n_level = 0};
}

/* The smoother of A; its place in g is taken even where it fails, so that all is freed, the halo with it. */
static PetscErrorCode level_create(const Csr *A, Halo **halo, int lanes, Team *team, BlockGrids *g)
{
  PetscCheck(g->n_level < BLOCK_LEVELS_MAX, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the solver's levels do not get smaller (%d of them, %d unknowns left)", g->n_level, (int)A->n);
  BlockLevel *l = &g->level[g->n_level++];
  *l = (BlockLevel){.n = A->n, .halo = *halo};
  *halo = NULL;
  PetscCall(block_pieces_create(A->n, A, team, &l->pieces));
  PetscCall(block_smoother_create(A, &l->pieces, team, &l->smoother));
  PetscCall(block_vector_by(team, A->n_column, lanes, sizeof(float), &l->b));
  return block_vector_by(team, A->n_column, lanes, sizeof(float), &l->x);
}

/* The matrix below A: up' A up. */
static PetscErrorCode level_below(const Csr *A, int lanes, Csr *up, Team *team, BlockLevel *l, Csr *out)
{
  Halo *none;
  Csr down;
  PetscCall(block_prolongation(A, NULL, strong_coupling, team, up, &none));
  PetscCall(block_transfer_create(up, &l->pieces, lanes, team, &l->transfer));
  PetscErrorCode ierr = csr_transpose(up, team, &down);
  if (!ierr) ierr = block_product(&down, A, &l->transfer.up, up->n_column, true, team, out);
  csr_free(&down);
  return ierr;
}

/* The same on several ranks. */
static PetscErrorCode level_below_all(const Csr *A, int lanes, Csr *up, Team *team, BlockLevel *l, Csr *out,
                                      Halo **next)
{
  Halo *coarse;
  PetscCall(block_prolongation(A, l->halo, strong_coupling, team, up, &coarse));
  PetscErrorCode ierr = block_galerkin(A, l->halo, coarse, team, up, out, next);
  halo_destroy(&coarse);
  PetscCall(ierr);
  return block_transfer_create(up, &l->pieces, lanes, team, &l->transfer);
}

/* All levels from A down; one at least, which holds the vectors. Takes the halo. */
static PetscErrorCode levels_create(const Csr *A, Halo *halo, int lanes, Team *team, BlockGrids *g)
{
  Csr here = *A, own = {.n = 0};
  PetscErrorCode ierr = 0;
  while (!ierr && (block_rows_of_all(&here, halo) > DENSE_MAX || !g->n_level)) {
    Csr up = {.n = 0}, next = {.n = 0};
    ierr = level_create(&here, &halo, lanes, team, g);
    BlockLevel *l = &g->level[g->n_level - 1];
    if (!ierr && l->halo)
      ierr = level_below_all(&here, lanes, &up, team, l, &next, &halo);
    else if (!ierr)
      ierr = level_below(&here, lanes, &up, team, l, &next);
    csr_free(&up);
    csr_free(&own);
    here = own = next;
  }
  if (!ierr)
    ierr = block_dense_create(&here, halo, lanes, g);
  else
    halo_destroy(&halo);
  csr_free(&own);
  return ierr;
}

static PetscErrorCode first_given(BlockMatrices *m, int lanes, Team *team, BlockGrids *g)
{
  PetscCall(level_create(&m->A, &m->halo, lanes, team, g));
  return block_transfer_create(&m->up, &g->level[0].pieces, lanes, team, &g->level[0].transfer);
}

PetscErrorCode block_grids_create(BlockMatrices *m, int lanes, Team *team, BlockGrids *g)
{
  bool second = m->up.start != NULL;
  Halo **halo = second ? &m->halo_below : &m->halo, *first;
  *g = (BlockGrids){.n_level = 0};
  PetscErrorCode ierr = second ? first_given(m, lanes, team, g) : 0;
  first = ierr ? NULL : *halo;
  if (!ierr) *halo = NULL;
  if (!ierr) ierr = levels_create(second ? &m->below : &m->A, first, lanes, team, g);
  if (ierr) block_grids_free(g);
  halo_destroy(&m->halo), halo_destroy(&m->halo_below);
  return ierr;
}

/* ---- a cycle ------------------------------------------------------------------------------------------------------------ */

/* One colour after another, forwards or backwards. */
static void sweep(Block *s, BlockOp op, const BlockLevel *l)
{
  BlockJob job = {
      .op = op, .pieces = &l->pieces, .smoother = &l->smoother, .b = l->b, .x = l->x, .partial = s->partial};
  int n = l->pieces.n_colour;
  for (int i = 0; i < n; i++) block_do_colour(s, &job, op == BLOCK_FORWARD ? i : n - 1 - i);
}

/* The residual's part on the next level. */
static void restrict_to(Block *s, const BlockLevel *l, float *b)
{
  const BlockTransfer *t = &l->transfer;
  BlockJob shares = {.op = BLOCK_RESTRICT, .pieces = &l->pieces, .smoother = &l->smoother, .x = l->x, .transfer = t};
  BlockJob collect = {.op = BLOCK_GATHER, .pieces = &t->below, .rows = &t->collect, .in = t->share, .out = b};
  block_do(s, &shares, NULL);
  block_do(s, &collect, NULL);
}

static void exchange(Block *s, Halo *h, float *v)
{
  if (h) halo_exchange(h, v, (size_t)s->lanes * sizeof *v);
}

static void cycle_at(Block *s, int depth, double *gram)
{
  BlockGrids *g = &s->grids;
  BlockLevel *l = &g->level[depth];
  bool last = depth + 1 == g->n_level;
  Halo *below = last ? g->dense_halo : l[1].halo;
  float *b = !last ? l[1].b : below ? g->last_b : g->dense_b, *x = !last ? l[1].x : below ? g->last_x : g->dense_x;
  BlockJob correct = {.op = BLOCK_ADD, .pieces = &l->pieces, .rows = &l->transfer.up, .in = x, .out = l->x};
  sweep(s, BLOCK_FORWARD, l);
  exchange(s, l->halo, l->x);
  restrict_to(s, l, b);
  if (below) halo_collect(below, b, s->lanes);
  if (last)
    block_dense_solve(g, s->lanes);
  else
    cycle_at(s, depth + 1, NULL);
  if (!last) exchange(s, below, x);
  block_do(s, &correct, NULL);
  exchange(s, l->halo, l->x);
  sweep(s, gram ? BLOCK_BACKWARD_GRAM : BLOCK_BACKWARD, l);
  if (gram) block_sum(s, l->pieces.n, gram);
}

void block_cycle(Block *s, double *gram) { cycle_at(s, 0, gram); }
