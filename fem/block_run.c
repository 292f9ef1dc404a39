/* An operation over all pieces, by the team; and the sums of what they give, in an order that is always the same. */
#include "block.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, LARGE = 4 << 20 };

static PetscErrorCode room(int32_t n, int lanes, size_t size, size_t *all, void *out)
{
  size_t bytes = ((size_t)n * (size_t)lanes * size / PAGE + 1) * PAGE;
  void *p = aligned_alloc(PAGE, bytes);
  PetscCheck(p, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory: %zu bytes were asked for", bytes);
#ifdef MADV_HUGEPAGE
  if (bytes > LARGE) (void)madvise(p, bytes, MADV_HUGEPAGE);
#endif
  *all = bytes;
  memcpy(out, &p, sizeof p);
  return 0;
}

PetscErrorCode block_vector(int32_t n, int lanes, size_t size, void *out)
{
  size_t bytes;
  void *p;
  PetscCall(room(n, lanes, size, &bytes, &p));
  memset(p, 0, bytes);
  memcpy(out, &p, sizeof p);
  return 0;
}

typedef struct {
  char *at;
  size_t bytes;
} Zero;

static void zero_piece(void *context, int piece, int thread)
{
  const Zero *z = context;
  size_t from = (size_t)piece * LARGE, n = z->bytes - from < LARGE ? z->bytes - from : LARGE;
  (void)thread;
  memset(z->at + from, 0, n);
}

void block_zero(Team *team, void *v, size_t bytes)
{
  Zero z = {v, bytes};
  team_run(team, (int)((bytes + LARGE - 1) / LARGE), zero_piece, &z);
}

PetscErrorCode block_vector_by(Team *team, int32_t n, int lanes, size_t size, void *out)
{
  size_t bytes;
  void *p;
  PetscCall(room(n, lanes, size, &bytes, &p));
  block_zero(team, p, bytes);
  memcpy(out, &p, sizeof p);
  return 0;
}

typedef struct {
  const Block *block;
  const BlockJob *job;
} Run;

static void run_piece(void *context, int place, int thread)
{
  const Run *r = context;
  const BlockPieces *p = r->job->pieces;
  int piece = p->order[r->job->first + place];
  (void)thread;
  r->block->kernel(r->job, p->row[piece], p->row[piece + 1], piece);
}

void block_do_colour(Block *s, BlockJob *job, int colour)
{
  Run r = {s, job};
  job->first = job->pieces->of_colour[colour];
  team_run(s->team, job->pieces->of_colour[colour + 1] - job->first, run_piece, &r);
}

void block_sum(const Block *s, int n_piece, double *gram)
{
  int n = s->lanes * s->lanes;
  for (int i = 0; i < n; i++) gram[i] = 0.0;
  for (int p = 0; p < n_piece; p++)
    for (int i = 0; i < n; i++) gram[i] += s->partial[(size_t)p * (size_t)n + (size_t)i];
  halo_sum(s->grids.level[0].halo, n, gram);
}

void block_exchange(Block *s, void *v, size_t size)
{
  Halo *h = s->grids.level[0].halo;
  if (h) halo_exchange(h, v, (size_t)s->lanes * size);
}

void block_do(Block *s, BlockJob *job, double *gram)
{
  Run r = {s, job};
  job->first = 0;
  job->partial = s->partial;
  team_run(s->team, job->pieces->n, run_piece, &r);
  if (gram) block_sum(s, job->pieces->n, gram);
}
