/* Private to mesh: points proposed by many threads and taken in one order.
 *
 * A turn is a point that proposes neighbours. Turns are ordered along a curve that fills space and cut into chunks; those of a
 * chunk are made one after the other by one thread and know of one another. Chunks that lie apart are made at the same time,
 * against the store as it is; then their proposals are taken in order where they still fit, as nearly all do. What comes out
 * depends on the chunks and not on threads. */
#ifndef CAUDA_MESH_SAMPLE_ROUND_H
#define CAUDA_MESH_SAMPLE_ROUND_H

#include "cauda/team.h"
#include "sample.h"

/* Points of a grid at an interface. */
typedef struct {
  int64_t n;
  SamplePoint *at; /* [n] */
} Starts;

struct Sampler {
  const Sizing *z;
  PointStore *store;
  Team *team;
  uint64_t stream;          /* of random numbers: another one for each call below */
  Starts inside[IN_VOLUME]; /* by shape: where fronts may begin inside the domain */
};

typedef struct {
  SamplePoint p;
  double own, other; /* as point_store_crowded */
  bool after;        /* only if the one before was taken; it was not asked whether it is crowded */
} Candidate;

/* A box; empty where lo > hi. */
typedef struct {
  double lo[3], hi[3];
} Extent;

/* What a chunk has proposed so far. */
enum { CANDIDATES_MAX = 512 };
typedef struct {
  int n;
  Candidate c[CANDIDATES_MAX];
  Extent extent; /* of all candidates */
  Near near;     /* all within NEAR_EDGES edges of the point whose turn it is; a turn adds what it proposes */
} Proposal;
static const double NEAR_EDGES = 2.0;

/* Those beyond CANDIDATES_MAX are forgotten. */
void proposal_add(Proposal *out, const Candidate *c);
/* point_store_crowded, with what is proposed. */
bool proposal_crowded(const Sampler *s, const Proposal *out, const Candidate *c);

/* Proposes neighbours of `from`. Must be safe from several threads; `out` is the chunk's. */
typedef void (*Propose)(const void *context, const Sampler *s, const SamplePoint *from, Rng *rng, Proposal *out);
typedef bool (*HasTurn)(const void *context, const SamplePoint *p, int64_t number);

/* sample_spread: lets every point of the store from number `first` on for which has_turn() have a turn, then those set
 * meanwhile, until none is new. Errors: CAUDA_ERR_INTERRUPTED. */
PetscErrorCode sample_spread(Sampler *s, int64_t first, HasTurn has_turn, Propose propose,
                             const void *context) CAUDA_CHECKED;

/* sample_from: one turn for each of n points that need not be in the store. */
PetscErrorCode sample_from(Sampler *s, const SamplePoint *from, int64_t n, Propose propose,
                           const void *context) CAUDA_CHECKED;

/* Takes what still fits, in order. */
PetscErrorCode sample_take(Sampler *s, const Proposal *proposal) CAUDA_CHECKED;

#endif
