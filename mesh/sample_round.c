/* Turns in chunks. */
#include "sample_round.h"

#include <stdlib.h>

/* Turns of a chunk, and chunks of a generation that are wanted at least; chunks of a batch are every APART-th; at most BATCH of
 * them. */
enum { CHUNK = 32, CHUNKS_WANTED = 64, APART = 8, BATCH = 64, BITS = 10 };

void proposal_add(Proposal *out, const Candidate *c)
{
  if (out->n < CANDIDATES_MAX) out->c[out->n++] = *c;
}

static bool in_the_way(const Candidate *there, const Candidate *c)
{
  const double d = there->p.on == c->p.on ? c->own : c->other;
  return v3_distance2(there->p.p, c->p.p) < d * d;
}

bool proposal_crowded(const Sampler *s, const Proposal *out, const Candidate *c)
{
  for (int i = 0; i < out->n; i++)
    if (in_the_way(&out->c[i], c)) return true;
  return point_store_crowded(s->store, c->p.p, c->p.on, c->p.edge, c->own, c->other);
}

/* Takes what still fits of those that might_meet() what came to the store since they were proposed, and all others. */
typedef bool (*MightMeet)(const void *context, const Candidate *c);

static PetscErrorCode take(Sampler *s, const Proposal *proposal, MightMeet might_meet, const void *context)
{
  bool taken = false;
  for (int k = 0; k < proposal->n; k++) {
    const Candidate *c = &proposal->c[k];
    if (c->after && !taken) continue;
    taken = (!c->after && !might_meet(context, c)) ||
            !point_store_crowded(s->store, c->p.p, c->p.on, c->p.edge, c->own, c->other);
    if (taken) PetscCall(point_store_add(s->store, &c->p));
  }
  return 0;
}

static bool always(const void *context, const Candidate *c)
{
  (void)context, (void)c;
  return true;
}

PetscErrorCode sample_take(Sampler *s, const Proposal *proposal) { return take(s, proposal, always, NULL); }

/* ---- what meets ---------------------------------------------------------------------------------------------------- */

static void measure(Proposal *out)
{
  out->extent = (Extent){{HUGE_VAL, HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL}};
  for (int i = 0; i < out->n; i++)
    for (int k = 0; k < 3; k++) {
      out->extent.lo[k] = lesser(out->extent.lo[k], out->c[i].p.p[k]);
      out->extent.hi[k] = greater(out->extent.hi[k], out->c[i].p.p[k]);
    }
}

static bool overlap(const Extent *a, const double lo[3], const double hi[3])
{
  bool all = true;
  for (int k = 0; k < 3; k++) all = all && a->lo[k] <= hi[k] && lo[k] <= a->hi[k];
  return all;
}

/* The proposals of a batch, all made against the same store, and number of the one that is being taken. */
typedef struct {
  const Proposal *proposal;
  int n;
} Taken;

static bool meets_taken(const void *context, const Candidate *c)
{
  const Taken *t = context;
  const double reach = greater(c->own, c->other);
  double lo[3], hi[3];
  for (int k = 0; k < 3; k++) lo[k] = c->p.p[k] - reach, hi[k] = c->p.p[k] + reach;
  for (int i = 0; i < t->n; i++)
    if (overlap(&t->proposal[i].extent, lo, hi)) return true;
  return false;
}

/* Each proposal of a batch knew the store as it was before: it need be asked again only where others of the batch may have come
 * in its way. */
static PetscErrorCode take_batch(Sampler *s, const Proposal *proposal, int n)
{
  for (Taken t = {proposal, 0}; t.n < n; t.n++) PetscCall(take(s, &proposal[t.n], meets_taken, &t));
  return 0;
}

/* ---- the order of turns -------------------------------------------------------------------------------------------- */

typedef struct {
  uint64_t key;
  int64_t turn;
} Turn;

/* Morton's curve in cells of the domain's box. */
static uint64_t morton(const Scene *s, const double p[3])
{
  const Anatomy *a = s->anatomy;
  const double r = a->surround.body_radius_mm, side = greater(2 * r, a->z_max - a->z_min) / (1 << BITS);
  const double lo[3] = {a->axis_xy[0] - r, a->axis_xy[1] - r, a->z_min};
  uint64_t key = 0;
  uint32_t c[3];
  for (int k = 0; k < 3; k++) c[k] = (uint32_t)lesser(greater((p[k] - lo[k]) / side, 0.0), (1 << BITS) - 1.0);
  for (int b = BITS - 1; b >= 0; b--)
    for (int k = 2; k >= 0; k--) key = key << 1 | (c[k] >> b & 1U);
  return key;
}

static int by_key(const void *a, const void *b)
{
  const Turn *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->turn < y->turn ? -1 : x->turn > y->turn;
}

/* ---- batches ------------------------------------------------------------------------------------------------------ */

typedef struct {
  Sampler *s;
  Propose propose;
  const void *context;
  const SamplePoint *point;
  const Turn *turn;   /* [n] into point */
  int64_t n, chunk;   /* turns; turns of a chunk */
  int64_t first;      /* chunk of the batch, every APART-th after it */
  Proposal *proposal; /* [BATCH] */
} BatchWork;

static void gather_near(const BatchWork *b, const SamplePoint *from, Proposal *out)
{
  const double reach = NEAR_EDGES * from->edge;
  point_store_near(b->s->store, from->p, from->edge, reach, &out->near);
  for (int i = 0; i < out->n; i++)
    if (v3_distance2(out->c[i].p.p, from->p) < reach * reach) near_add(&out->near, out->c[i].p.p, out->c[i].p.on);
}

static void run_chunk(void *context, int piece, int thread)
{
  BatchWork *b = context;
  Proposal *out = &b->proposal[piece];
  const int64_t begin = (b->first + (int64_t)piece * APART) * b->chunk;
  const int64_t end = begin + b->chunk < b->n ? begin + b->chunk : b->n;
  (void)thread;
  out->n = 0;
  for (int64_t i = begin; i < end; i++) {
    const int64_t turn = b->turn[i].turn;
    Rng rng = rng_seed((uint64_t)b->s->z->mesh.seed, b->s->stream << 40 | (uint64_t)turn);
    gather_near(b, &b->point[turn], out);
    b->propose(b->context, b->s, &b->point[turn], &rng, out);
  }
  measure(out);
}

static PetscErrorCode run_turns(BatchWork *b, const Turn *turn, int64_t n)
{
  b->turn = turn, b->n = n;
  b->chunk = n / CHUNKS_WANTED < 1 ? 1 : n / CHUNKS_WANTED < CHUNK ? n / CHUNKS_WANTED : CHUNK;
  const int64_t n_chunk = (n + b->chunk - 1) / b->chunk;
  for (int64_t start = 0; start < APART; start++) {
    for (b->first = start; b->first < n_chunk; b->first += BATCH * APART) {
      const int64_t left = (n_chunk - b->first + APART - 1) / APART;
      const int n_piece = (int)(left < BATCH ? left : BATCH);
      team_run(b->s->team, n_piece, run_chunk, b);
      PetscCall(take_batch(b->s, b->proposal, n_piece));
    }
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while setting the points");
  }
  return 0;
}

typedef struct {
  size_t n_room;
  Turn *turn;
  SamplePoint *point; /* copies: the store's own move while it grows */
  size_t point_room;
} Turns;

static PetscErrorCode order_turns(const Sampler *s, const SamplePoint *point, int64_t n, Turns *t)
{
  PetscCall(mem_grow((size_t)n, sizeof *t->turn, &t->n_room, &t->turn));
  for (int64_t i = 0; i < n; i++) t->turn[i] = (Turn){morton(s->z->s, point[i].p), i};
  if (n) qsort(t->turn, (size_t)n, sizeof *t->turn, by_key);
  return 0;
}

/* The points with a turn from number `seen` of the store on. */
static PetscErrorCode gather_turns(const Sampler *s, int64_t seen, HasTurn has_turn, const void *context, Turns *t,
                                   int64_t *n)
{
  const int64_t end = point_store_count(s->store);
  *n = 0;
  PetscCall(mem_grow((size_t)(end - seen), sizeof *t->point, &t->point_room, &t->point));
  for (int64_t i = seen; i < end; i++)
    if (has_turn(context, point_store_at(s->store, i), i)) t->point[(*n)++] = *point_store_at(s->store, i);
  return 0;
}

static PetscErrorCode generations(BatchWork *b, int64_t first, HasTurn has_turn, Turns *t)
{
  for (int64_t seen = first, n; seen < point_store_count(b->s->store);) {
    PetscCall(gather_turns(b->s, seen, has_turn, b->context, t, &n));
    PetscCall(order_turns(b->s, t->point, n, t));
    seen = point_store_count(b->s->store);
    b->s->stream++;
    b->point = t->point;
    PetscCall(run_turns(b, t->turn, n));
  }
  return 0;
}

PetscErrorCode sample_spread(Sampler *s, int64_t first, HasTurn has_turn, Propose propose, const void *context)
{
  BatchWork b = {.s = s, .propose = propose, .context = context};
  Turns t = {0};
  PetscErrorCode ierr = mem_alloc(BATCH, sizeof *b.proposal, &b.proposal);
  if (!ierr) ierr = generations(&b, first, has_turn, &t);
  free(t.turn);
  free(t.point);
  free(b.proposal);
  return ierr;
}

PetscErrorCode sample_from(Sampler *s, const SamplePoint *from, int64_t n, Propose propose, const void *context)
{
  BatchWork b = {.s = s, .propose = propose, .context = context, .point = from};
  Turns t = {0};
  s->stream++;
  PetscErrorCode ierr = mem_alloc(BATCH, sizeof *b.proposal, &b.proposal);
  if (!ierr) ierr = order_turns(s, from, n, &t);
  if (!ierr) ierr = run_turns(&b, t.turn, n);
  free(t.turn);
  free(b.proposal);
  return ierr;
}
