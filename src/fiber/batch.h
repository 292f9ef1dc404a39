/* Eight fibres of one model, in step: the full cable model. Private to src/fiber.
 * The usual way: batch_create(), then batch_lane() for some lanes, batch_run() as often as wanted, batch_clear(). */
#ifndef CAUDA_FIBER_BATCH_H
#define CAUDA_FIBER_BATCH_H

#include "gate_table.h"
#include "pulse.h"

enum { LANES = 8 };
typedef double PerLane[LANES] __attribute__((aligned(64)));

typedef struct {
  PerLane diagonal;    /* uS: all that does not change */
  PerLane coupling;    /* uS to the next node; 0 beyond a fibre's end */
  PerLane active;      /* 1: has channels; 0: passive, or beyond the fibre's end */
  PerLane drive;       /* nA at 1 mA */
  PerLane v;           /* mV above the axon's rest_mV */
  PerLane conductance; /* uS of the channels; within a step: what v(next) counts */
  PerLane current;     /* nA: conductance times where it turns; within a step: the rest of v */
  PerLane history;     /* nA from the internodes' modes */
  PerLane crossed;     /* step at which v first crossed -30 mV, from 1; BATCH_NEVER: not yet */
  double gate[LANES][GATES] __attribute__((aligned(64)));
} BatchNode;

#define BATCH_NEVER 1e30

typedef struct {
  PerLane exists;             /* 1 or 0 */
  PerLane jump_give[2];       /* nA, even and odd: what the modes' jump gives to the nodes */
  PerLane q[2][AXON_HALF];    /* modes; only the first n_mode of each parity are in use */
  PerLane jump[2][AXON_HALF]; /* of the modes when 1 mA is switched off */
} BatchInternode;

typedef struct {
  PerLane capacity, channel[AXON_CHANNELS], keep[2][AXON_HALF], give[2][AXON_HALF];
  PerLane rest_uS;                   /* of the channels, gates frozen at rest */
  PerLane rest_v, rest_q[AXON_HALF]; /* even modes of an axon at rest; the odd ones are 0 */
  double rest_gate[LANES][GATES];
  double dt_ms, crossing_mV, turn_mV[3]; /* relative to rest_mV: sodium, potassium, leak */
  AxonKind kind;
  const GateTable *table; /* borrowed */
  bool frozen;            /* gates stay as they are at rest: the linear cable; v is relative to rest then */
  int n_node_max, n_node; /* room; nodes of the longest lane */
  int n_mode[2];
  int lane_nodes[LANES];     /* 0: the lane is not in use */
  BatchNode *node;           /* [n_node_max] */
  BatchInternode *internode; /* [n_node_max - 1] */
  void *block;
} Batch;

/* batch_create: `table` must outlive the batch. */
PetscErrorCode batch_create(const AxonModel *m, const GateTable *table, double dt_ms, int n_node_max,
                            Batch **out) CAUDA_CHECKED;
void batch_destroy(Batch **b);
void batch_clear(Batch *b); /* no lane is in use */

/* batch_lane: puts a fibre into a lane, in the place of what was there.
 *   node [n_node] nA, inside [n_node - 1][2][AXON_HALF] nA: of axon_drive(), at 1 mA */
void batch_lane(Batch *b, int lane, const AxonModel *m, const Axon *a, int n_node, const double *node,
                const double *inside);

/* Which code: all give the same numbers. */
typedef enum { CODE_BEST, CODE_PLAIN, CODE_AVX2, CODE_AVX512 } BatchCode;
bool batch_code_runs(BatchCode code); /* on this machine */

/* What a run looks at. */
typedef struct {
  BatchCode code;
  bool (*stop)(const Batch *b, void *context); /* asked every few steps after the pulse; NULL: never stops early */
  void *context;
  int watch_node; /* v of this node after each step into watch[n_step][LANES]; watch NULL: none */
  double *watch;
} BatchWatch;

/* batch_run: from rest, at most n_step steps of the pulse times amplitude_mA of each lane. Leaves v and `crossed`. */
void batch_run(Batch *b, const PulseSteps *pulse, const double amplitude_mA[LANES], int n_step,
               const BatchWatch *watch);

/* The loop over the steps, by the width of the machine's registers (batch_narrow.c, batch_wide.c). */
typedef struct {
  Batch *batch;
  const PulseSteps *pulse;
  PerLane amplitude_mA;
  int n_step;
  const BatchWatch *watch;
} BatchJob;
void batch_steps_plain(const BatchJob *job);
void batch_steps_avx2(const BatchJob *job);
void batch_steps_avx512(const BatchJob *job);

#endif
