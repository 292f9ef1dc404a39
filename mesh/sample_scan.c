/* Scanning in blocks: one that the interface cannot reach is passed over. */
#include "sample_scan.h"

#include <stdlib.h>

enum { SIDE = 8, ROW = SIDE + 1 };
/* Sampled distances may fall short of true ones by far less than this factor. */
static const double SLACK = 1.5;

typedef struct {
  int n;
  size_t room;
  double (*p)[3];
} Crossings;

typedef struct {
  const Scene *s;
  int shape, blocks[3];
  const ScanGrid *g;
  Crossings *found; /* [blocks] */
  int *error;       /* [blocks] */
} Scan;

static void grid_point(const ScanGrid *g, const int i[3], double p[3])
{
  for (int k = 0; k < 3; k++) p[k] = g->lo[k] + g->step * i[k];
}

static bool out_of_reach(const Scan *c, const int first[3])
{
  double p[3], middle[3];
  grid_point(c->g, first, p);
  for (int k = 0; k < 3; k++) middle[k] = p[k] + (c->g->n[k] > 1 ? 0.5 * (SIDE - 2) * c->g->step : 0.0);
  return fabs(interface_value(c->s, c->shape, middle)) > SLACK * 0.5 * sqrt(3.0) * SIDE * c->g->step;
}

static PetscErrorCode scan_block(const Scan *c, const int first[3], Crossings *out)
{
  bool inside[ROW][ROW][ROW]; /* from one point below the block on */
  double p[3];
  for (int z = 0; z < ROW; z++)
    for (int y = 0; y < ROW; y++)
      for (int x = 0; x < ROW; x++) {
        const int at[3] = {first[0] + x - 1, first[1] + y - 1, first[2] + z - 1};
        bool there = true;
        for (int k = 0; k < 3; k++) there = there && at[k] >= 0 && at[k] < c->g->n[k];
        if (!there) continue;
        grid_point(c->g, at, p);
        inside[z][y][x] = interface_value(c->s, c->shape, p) < 0.0;
        if (!x || !y || !z) continue;
        const bool crossed = (at[0] && inside[z][y][x] != inside[z][y][x - 1]) ||
                             (at[1] && inside[z][y][x] != inside[z][y - 1][x]) ||
                             (at[2] && inside[z][y][x] != inside[z - 1][y][x]);
        if (!crossed) continue;
        PetscCall(mem_grow((size_t)out->n + 1, sizeof *out->p, &out->room, &out->p));
        v3_copy(p, out->p[out->n++]);
      }
  return 0;
}

static void work(void *context, int piece, int thread)
{
  const Scan *c = context;
  const int first[3] = {piece % c->blocks[0] * SIDE, piece / c->blocks[0] % c->blocks[1] * SIDE,
                        piece / c->blocks[0] / c->blocks[1] * SIDE};
  (void)thread;
  if (!out_of_reach(c, first)) c->error[piece] = scan_block(c, first, &c->found[piece]);
}

static PetscErrorCode collect(const Scan *c, int n_block, int64_t *n, SamplePoint **at)
{
  int64_t all = 0;
  for (int b = 0; b < n_block; b++) {
    if (c->error[b]) return (PetscErrorCode)c->error[b];
    all += c->found[b].n;
  }
  PetscCall(mem_alloc((size_t)all, sizeof **at, at));
  for (int b = 0; b < n_block; b++)
    for (int i = 0; i < c->found[b].n; i++) v3_copy(c->found[b].p[i], (*at)[(*n)++].p);
  return 0;
}

PetscErrorCode sample_scan(Sampler *s, int shape, const ScanGrid *g, int64_t *n, SamplePoint **at)
{
  Scan c = {.s = s->z->s, .shape = shape, .g = g};
  *n = 0, *at = NULL;
  for (int k = 0; k < 3; k++) c.blocks[k] = (g->n[k] + SIDE - 1) / SIDE;
  const int n_block = c.blocks[0] * c.blocks[1] * c.blocks[2];
  PetscErrorCode ierr = mem_alloc((size_t)n_block, sizeof *c.found, &c.found);
  if (!ierr) ierr = mem_alloc((size_t)n_block, sizeof *c.error, &c.error);
  if (!ierr) {
    team_run(s->team, n_block, work, &c);
    ierr = collect(&c, n_block, n, at);
  }
  for (int b = 0; c.found && b < n_block; b++) free(c.found[b].p);
  free(c.found);
  free(c.error);
  return ierr;
}
