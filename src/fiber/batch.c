/* Making and filling a batch. */
#include "batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };
static const double crossing_mV = -30.0;

static void set_turns(const AxonModel *m, Batch *b)
{
  double rest = axon_rest_mV(m);
  b->crossing_mV = crossing_mV - rest;
  b->turn_mV[0] = m->mrg.sodium_mV - rest, b->turn_mV[1] = m->mrg.potassium_mV - rest;
  b->turn_mV[2] = (m->kind == AXON_MRG ? m->mrg.leak_mV : m->senn.leak_mV) - rest;
}

PetscErrorCode batch_create(const AxonModel *m, const GateTable *table, double dt_ms, int n_node_max, Batch **out)
{
  size_t n = (size_t)n_node_max, bytes = n * (sizeof(BatchNode) + sizeof(BatchInternode)) + sizeof(Batch) + ALIGN;
  void *block;
  *out = NULL;
  PetscCall(mem_alloc(bytes, 1, &block));
  Batch *b = (Batch *)(((uintptr_t)block + ALIGN - 1) / ALIGN * ALIGN);
  b->block = block;
  b->node = (BatchNode *)(b + 1);
  b->internode = (BatchInternode *)(b->node + n);
  b->kind = m->kind;
  b->table = table;
  b->dt_ms = dt_ms;
  b->n_node_max = n_node_max;
  set_turns(m, b);
  batch_clear(b);
  *out = b;
  return 0;
}

void batch_destroy(Batch **b)
{
  if (*b) free((*b)->block);
  *b = NULL;
}

/* A lane without a fibre: every node by itself, with nothing that drives it. */
static void empty_lane(Batch *b, int lane)
{
  b->lane_nodes[lane] = 0;
  b->capacity[lane] = 1.0, b->rest_v[lane] = b->rest_uS[lane] = 0.0;
  for (int i = 0; i < AXON_CHANNELS; i++) b->channel[i][lane] = 0.0;
  for (int p = 0; p < 2; p++)
    for (int k = 0; k < AXON_HALF; k++) b->keep[p][k][lane] = b->give[p][k][lane] = 0.0;
  for (int k = 0; k < AXON_HALF; k++) b->rest_q[k][lane] = 0.0;
  memset(b->rest_gate[lane], 0, sizeof b->rest_gate[lane]);
  for (int i = 0; i < b->n_node_max; i++) {
    BatchNode *n = &b->node[i];
    n->diagonal[lane] = 1.0;
    n->coupling[lane] = n->active[lane] = n->drive[lane] = 0.0;
  }
  for (int i = 0; i < b->n_node_max - 1; i++) {
    BatchInternode *s = &b->internode[i];
    s->exists[lane] = s->jump_give[EVEN][lane] = s->jump_give[ODD][lane] = 0.0;
    for (int p = 0; p < 2; p++)
      for (int k = 0; k < AXON_HALF; k++) s->jump[p][k][lane] = 0.0;
  }
}

void batch_clear(Batch *b)
{
  for (int k = 0; k < LANES; k++) empty_lane(b, k);
  b->n_node = b->n_mode[EVEN] = b->n_mode[ODD] = 0;
}

static void set_axon(Batch *b, int lane, const AxonModel *m, const Axon *a)
{
  b->capacity[lane] = a->capacity_uS;
  b->rest_v[lane] = a->rest_mV, b->rest_uS[lane] = a->rest_uS;
  for (int i = 0; i < AXON_CHANNELS; i++) b->channel[i][lane] = a->channel[i];
  for (int p = 0; p < 2; p++) {
    if (a->n_mode[p] > b->n_mode[p]) b->n_mode[p] = a->n_mode[p];
    for (int k = 0; k < a->n_mode[p]; k++) b->keep[p][k][lane] = a->keep[p][k], b->give[p][k][lane] = a->give[p][k];
  }
  for (int k = 0; k < a->n_mode[EVEN]; k++) b->rest_q[k][lane] = 2.0 * a->rest_mV / (1.0 - a->keep[EVEN][k]);
  for (int i = 0; i < GATES; i++) b->rest_gate[lane][i] = gate_steady(axon_gates(m), i, axon_rest_mV(m) + a->rest_mV);
}

static void set_internode(BatchInternode *s, int lane, const Axon *a, const double *inside, double into[2])
{
  s->exists[lane] = 1.0;
  into[EVEN] = into[ODD] = 0.0;
  for (int p = 0; p < 2; p++) {
    const double *f = inside + p * AXON_HALF;
    for (int k = 0; k < a->n_mode[p]; k++) {
      double q = 0.0;
      for (int i = 0; i < AXON_HALF; i++) q += a->shape[p][k][i] * f[i];
      s->jump[p][k][lane] = q;
      s->jump_give[p][lane] += a->give[p][k] * q;
    }
    for (int i = 0; i < AXON_HALF; i++) into[p] += a->direct[p][i] * f[i];
  }
}

void batch_lane(Batch *b, int lane, const AxonModel *m, const Axon *a, int n_node, const double *node,
                const double *inside)
{
  if (b->lane_nodes[lane]) empty_lane(b, lane);
  b->lane_nodes[lane] = n_node;
  if (n_node > b->n_node) b->n_node = n_node;
  set_axon(b, lane, m, a);
  for (int i = 0; i < n_node; i++) {
    bool end = i == 0 || i == n_node - 1;
    BatchNode *n = &b->node[i];
    n->diagonal[lane] = a->capacity_uS + (end ? a->join_uS + a->end_uS : 2.0 * a->join_uS);
    n->coupling[lane] = i < n_node - 1 ? a->across_uS : 0.0;
    n->active[lane] = end ? 0.0 : 1.0;
    n->drive[lane] = node[i];
  }
  for (int i = 0; i < n_node - 1; i++) {
    double into[2] = {0.0, 0.0};
    if (a->n_part > 1) set_internode(&b->internode[i], lane, a, inside + (size_t)i * 2 * AXON_HALF, into);
    b->node[i].drive[lane] += into[EVEN] + into[ODD];
    b->node[i + 1].drive[lane] += into[EVEN] - into[ODD];
  }
}
