/* The time steps of a batch. Each: the nodes' tridiagonal system forward (Thomas), then backward, and with each node's
 * new potential its gates, its channels and the modes of the internode behind it. `o` is the first of LANE_WIDTH lanes.
 * Included by the files that compile it for one kind of machine. Private to src/fiber. */
#ifndef CAUDA_FIBER_BATCH_KERNEL_H
#define CAUDA_FIBER_BATCH_KERNEL_H

#include "batch.h"
#include "lanes.h"

#include <string.h>

enum { ASK_EVERY = 20 };

/* Place of each lane's potential in the table: row, and how far on to the next. */
ALWAYS_INLINE void look_up(const GateTable *t, const Lanes *v, LaneIndex *row, Lanes *on)
{
  const Lanes first = {0}, last = first + (t->n - 1.001);
  Lanes place = (*v - t->low_mV) * t->per_mV;
  LaneMask below = ~(place > first), above = place > last; /* what is no number counts as below */
  lanes_select(&below, &first, &place);
  lanes_select(&above, &last, &place);
  *row = __builtin_convertvector(place, LaneIndex);
  *on = place - __builtin_convertvector(*row, Lanes);
}

ALWAYS_INLINE void move_gates(const GateTable *t, const LaneIndex *row, const Lanes *on, Four gate[LANE_WIDTH])
{
  for (int k = 0; k < LANE_WIDTH; k++) {
    const Four *r = (const Four *)(t->gate + (size_t)(*row)[k] * GATE_ROW);
    double f = (*on)[k];
    gate[k] = (r[0] + f * r[2]) * gate[k] + (r[1] + f * r[3]);
  }
}

ALWAYS_INLINE void mrg_channels(const Batch *b, int o, const Lanes x[GATES], BatchNode *n)
{
  Lanes sodium = *of(b->channel[0], o) * x[GATE_M] * x[GATE_M] * x[GATE_M] * x[GATE_H] +
                 *of(b->channel[1], o) * x[GATE_P] * x[GATE_P] * x[GATE_P];
  Lanes potassium = *of(b->channel[2], o) * x[GATE_S], leak = *of(b->channel[3], o), active = *of(n->active, o);
  *at(n->conductance, o) = active * (sodium + potassium + leak);
  *at(n->current, o) = active * (sodium * b->turn_mV[0] + potassium * b->turn_mV[1] + leak * b->turn_mV[2]);
}

/* The currents are no straight lines: a tangent at the present potential stands for them. */
ALWAYS_INLINE void senn_channels(const Batch *b, int o, const Lanes x[GATES], const LaneIndex *row, const Lanes *on,
                                 BatchNode *n)
{
  Four flux[LANE_WIDTH];
  Lanes f[4], v = *at(n->v, o), leak = *of(b->channel[3], o), active = *of(n->active, o);
  for (int k = 0; k < LANE_WIDTH; k++) {
    const Four *r = (const Four *)(b->table->flux + (size_t)(*row)[k] * FLUX_ROW);
    flux[k] = r[0] + (*on)[k] * r[1];
  }
  lanes_transpose(flux, f);
  Lanes sodium =
      *of(b->channel[0], o) * x[SENN_M] * x[SENN_M] * x[SENN_H] + *of(b->channel[1], o) * x[SENN_P] * x[SENN_P];
  Lanes potassium = *of(b->channel[2], o) * x[SENN_N] * x[SENN_N];
  Lanes slope = sodium * f[1] + potassium * f[3] + leak;
  Lanes current = sodium * f[0] + potassium * f[2] + leak * (v - b->turn_mV[2]);
  *at(n->conductance, o) = active * slope;
  *at(n->current, o) = active * (slope * v - current);
}

ALWAYS_INLINE void update_channels(const Batch *b, int o, BatchNode *n)
{
  LaneIndex row;
  Lanes on, x[GATES];
  Four *gate = (Four *)n->gate[o];
  look_up(b->table, at(n->v, o), &row, &on);
  move_gates(b->table, &row, &on, gate);
  lanes_transpose(gate, x);
  if (b->kind == AXON_MRG)
    mrg_channels(b, o, x, n);
  else
    senn_channels(b, o, x, &row, &on, n);
}

ALWAYS_INLINE void keep_channels(const Batch *b, int o, BatchNode *n)
{
  *at(n->conductance, o) = *at(n->active, o) * *of(b->rest_uS, o);
  *at(n->current, o) = (Lanes){0};
}

ALWAYS_INLINE void note_crossing(const Batch *b, int o, double step, BatchNode *n)
{
  Lanes now = (Lanes){0} + BATCH_NEVER, at_step = (Lanes){0} + step, threshold = (Lanes){0} + b->crossing_mV;
  LaneMask above = *at(n->v, o) > threshold;
  lanes_select(&above, &at_step, &now);
  LaneMask earlier = now < *at(n->crossed, o);
  lanes_select(&earlier, &now, at(n->crossed, o));
}

/* One parity of an internode's modes; `sum` is what they give to the nodes in the next step. */
ALWAYS_INLINE void move_modes(const Batch *b, int o, int parity, const Lanes *both, PerLane q[AXON_HALF], Lanes *sum)
{
  Lanes total = {0};
  for (int k = 0; k < b->n_mode[parity]; k++) {
    Lanes x = *of(b->keep[parity][k], o) * *at(q[k], o) + *both;
    *at(q[k], o) = x;
    total += *of(b->give[parity][k], o) * x;
  }
  *sum = total;
}

ALWAYS_INLINE void move_internode(const Batch *b, int o, BatchNode *left, BatchNode *right, BatchInternode *s)
{
  Lanes both = *at(left->v, o) + *at(right->v, o), exists = *at(s->exists, o), even, odd;
  move_modes(b, o, EVEN, &both, s->q[EVEN], &even);
  both = *at(left->v, o) - *at(right->v, o);
  move_modes(b, o, ODD, &both, s->q[ODD], &odd);
  *at(left->history, o) = exists * (even + odd);
  *at(right->history, o) += exists * (even - odd);
}

ALWAYS_INLINE void forward(Batch *b, int o, const Lanes *pulse_mA)
{
  Lanes behind = {0}, rest = {0}, coupling = {0}, capacity = *at(b->capacity, o);
  for (int i = 0; i < b->n_node; i++) {
    BatchNode *n = &b->node[i];
    Lanes diagonal = *at(n->diagonal, o) + *at(n->conductance, o) - coupling * behind;
    Lanes right = capacity * *at(n->v, o) + *at(n->current, o) + *at(n->history, o) + *pulse_mA * *at(n->drive, o) +
                  coupling * rest;
    Lanes inverse = 1.0 / diagonal;
    coupling = *at(n->coupling, o);
    behind = *at(n->conductance, o) = coupling * inverse;
    rest = *at(n->current, o) = right * inverse;
  }
}

ALWAYS_INLINE void backward(Batch *b, int o, double step)
{
  Lanes after = {0};
  for (int i = b->n_node - 1; i >= 0; i--) {
    BatchNode *n = &b->node[i];
    after = *at(n->v, o) = *at(n->current, o) + *at(n->conductance, o) * after;
    if (b->frozen) {
      keep_channels(b, o, n);
    } else {
      note_crossing(b, o, step, n);
      update_channels(b, o, n);
    }
    *at(n->history, o) = (Lanes){0};
    if (i < b->n_node - 1 && b->n_mode[EVEN] > 0) move_internode(b, o, n, n + 1, &b->internode[i]);
  }
}

/* What the modes hold of a constant drive becomes theirs to lose when the pulse falls, and the reverse. */
ALWAYS_INLINE void jump(Batch *b, int o, const Lanes *fall_mA)
{
  for (int i = 0; i < b->n_node - 1; i++) {
    BatchInternode *s = &b->internode[i];
    for (int p = 0; p < 2; p++)
      for (int k = 0; k < b->n_mode[p]; k++) *at(s->q[p][k], o) += *fall_mA * *at(s->jump[p][k], o);
    *at(b->node[i].history, o) += *fall_mA * (*at(s->jump_give[EVEN], o) + *at(s->jump_give[ODD], o));
    *at(b->node[i + 1].history, o) += *fall_mA * (*at(s->jump_give[EVEN], o) - *at(s->jump_give[ODD], o));
  }
}

ALWAYS_INLINE bool in_use(const Batch *b, int o)
{
  bool used = false;
  for (int k = 0; k < LANE_WIDTH; k++) used |= b->lane_nodes[o + k] > 0;
  return used;
}

ALWAYS_INLINE void run_steps(const BatchJob *job)
{
  Batch *b = job->batch;
  const PulseSteps *pulse = job->pulse;
  const BatchWatch *watch = job->watch;
  double before = 0.0;
  for (int t = 0; t < job->n_step; t++) {
    double w = t < pulse->n ? pulse->w[t] : 0.0;
    for (int o = 0; o < LANES; o += LANE_WIDTH) {
      if (!in_use(b, o)) continue;
      Lanes amplitude = *of(job->amplitude_mA, o), now = w * amplitude, fall = (before - w) * amplitude;
      if (w != before) jump(b, o, &fall);
      forward(b, o, &now);
      backward(b, o, t + 1);
    }
    before = w;
    if (watch->watch) memcpy(watch->watch + (size_t)t * LANES, b->node[watch->watch_node].v, sizeof(PerLane));
    if (watch->stop && (t + 1) % ASK_EVERY == 0 && t + 1 >= pulse->n && watch->stop(b, watch->context)) return;
  }
}

#endif
