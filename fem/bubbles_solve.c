/* What is done with bubbles: the loops in threads, and the solution of their system. */
#include "bubbles.h"

#include <stdlib.h>

PetscErrorCode bubbles_vector(const Bubbles *b, Team *team, float **out)
{
  return block_vector_by(team, b->n, BUBBLE_LANES, sizeof **out, out);
}

void bubbles_clear(const Bubbles *b, Team *team, float *v)
{
  block_zero(team, v, (size_t)b->n * BUBBLE_LANES * sizeof *v);
}

typedef struct {
  const BubblesJob *job;
  const BlockPieces *pieces;
  int first;
  BubblesKernel kernel;
} Run;

static void run_piece(void *context, int place, int thread)
{
  const Run *r = context;
  int piece = r->pieces->order[r->first + place];
  (void)thread;
  r->kernel(r->job, r->pieces->row[piece], r->pieces->row[piece + 1], piece);
}

/* Colour by colour: each number is added to in the order of colours, whoever does it. */
void bubbles_do(const BubblesJob *job, const BlockPieces *pieces, Team *team)
{
  Run r = {.job = job, .pieces = pieces, .kernel = bubbles_kernel()};
  for (int c = 0; c < pieces->n_colour; c++) {
    r.first = pieces->of_colour[c];
    team_run(team, pieces->of_colour[c + 1] - r.first, run_piece, &r);
  }
}

void bubbles_residual(const Bubbles *b, Team *team, double *v, float *r)
{
  BubblesJob job = {.op = BUBBLES_RESIDUAL, .bubbles = b, .v = v, .r = r};
  bubbles_do(&job, &b->tets, team);
}

void bubbles_pull(const Bubbles *b, Team *team, float *y, double *load)
{
  BubblesJob job = {.op = BUBBLES_PULL, .bubbles = b, .x = y, .load = load};
  bubbles_do(&job, &b->tets, team);
}

/* ---- conjugate gradients ---------------------------------------------------------------------------------------------- */

/* An operation over rows; sum [BUBBLE_LANES] of what the pieces give, in their order. */
static void over_rows(BubblesJob *job, BubblesOp op, Team *team, double *sum)
{
  const BlockPieces *rows = &job->bubbles->rows;
  job->op = op;
  bubbles_do(job, rows, team);
  if (!sum) return;
  for (int c = 0; c < BUBBLE_LANES; c++) {
    sum[c] = 0.0;
    for (int p = 0; p < rows->n; p++) sum[c] += job->partial[p * BUBBLE_LANES + c];
  }
}

static void ratio(const double *above, const double *below, float *out)
{
  for (int c = 0; c < BUBBLE_LANES; c++) out[c] = below[c] > 0.0 ? (float)(above[c] / below[c]) : 0.0F;
}

static void iterate(BubblesJob *job, int steps, Team *team)
{
  double size[BUBBLE_LANES], next[BUBBLE_LANES], along[BUBBLE_LANES];
  over_rows(job, BUBBLES_SIZE, team, size);
  for (int i = 0; i < steps; i++) {
    over_rows(job, BUBBLES_TURN, team, NULL);
    job->op = BUBBLES_MULTIPLY;
    bubbles_do(job, &job->bubbles->tets, team);
    over_rows(job, BUBBLES_ALONG, team, along);
    ratio(size, along, job->one);
    over_rows(job, BUBBLES_STEP, team, next);
    ratio(next, size, job->one);
    for (int c = 0; c < BUBBLE_LANES; c++) size[c] = next[c];
  }
}

PetscErrorCode bubbles_solve(const Bubbles *b, Team *team, int steps, float *r, float *y)
{
  BubblesJob job = {.bubbles = b, .r = r, .y = y};
  PetscErrorCode ierr = bubbles_vector(b, team, &job.x);
  if (!ierr) ierr = bubbles_vector(b, team, &job.q);
  if (!ierr) ierr = block_vector(b->rows.n, BUBBLE_LANES, sizeof *job.partial, &job.partial);
  if (!ierr) iterate(&job, steps, team);
  free(job.x), free(job.q), free(job.partial);
  return ierr;
}
