/* A run from rest, by the code that this machine runs fastest. */
#include "batch.h"

#include <string.h>

bool batch_code_runs(BatchCode code)
{
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (code == CODE_AVX512) return __builtin_cpu_supports("avx512f");
  if (code == CODE_AVX2) return __builtin_cpu_supports("avx2");
#endif
  return code == CODE_BEST || code == CODE_PLAIN;
}

/* The resting node's channels: those of the first step are needed before there is one. */
static void rest_channels(const Batch *b, BatchNode *n)
{
  for (int k = 0; k < LANES; k++) {
    const double *x = b->rest_gate[k];
    double sodium = b->channel[0][k] * x[GATE_M] * x[GATE_M] * x[GATE_M] * x[GATE_H] +
                    b->channel[1][k] * x[GATE_P] * x[GATE_P] * x[GATE_P];
    double potassium = b->channel[2][k] * x[GATE_S], leak = b->channel[3][k];
    n->conductance[k] = n->active[k] * (sodium + potassium + leak);
    n->current[k] = n->active[k] * (sodium * b->turn_mV[0] + potassium * b->turn_mV[1] + leak * b->turn_mV[2]);
    if (b->kind == AXON_SENN) n->conductance[k] = n->current[k] = 0.0; /* at rest no current flows */
  }
}

static void settle_node(const Batch *b, int i, BatchNode *n)
{
  memset(n->history, 0, sizeof n->history);
  memcpy(n->gate, b->rest_gate, sizeof n->gate);
  rest_channels(b, n);
  for (int k = 0; k < LANES; k++) {
    n->v[k] = i < b->lane_nodes[k] && !b->frozen ? b->rest_v[k] : 0.0;
    n->crossed[k] = BATCH_NEVER;
    if (b->frozen) n->conductance[k] = n->active[k] * b->rest_uS[k], n->current[k] = 0.0;
  }
}

/* At rest: modes filled by the nodes' resting potential. */
static void settle(Batch *b)
{
  for (int i = 0; i < b->n_node; i++) settle_node(b, i, &b->node[i]);
  for (int i = 0; i < b->n_node - 1; i++) {
    BatchInternode *s = &b->internode[i];
    memset(s->q, 0, sizeof s->q);
    if (b->frozen) continue;
    memcpy(s->q[EVEN], b->rest_q, sizeof b->rest_q);
    for (int k = 0; k < LANES; k++) {
      double give = 0.0;
      for (int m = 0; m < b->n_mode[EVEN]; m++) give += b->give[EVEN][m][k] * b->rest_q[m][k];
      b->node[i].history[k] += s->exists[k] * give, b->node[i + 1].history[k] += s->exists[k] * give;
    }
  }
}

/* Registers of eight are no use where the last four lanes are empty. */
static BatchCode best_code(const Batch *b)
{
  bool wide = false;
  for (int k = LANES / 2; k < LANES; k++) wide |= b->lane_nodes[k] > 0;
  if (wide && batch_code_runs(CODE_AVX512)) return CODE_AVX512;
  return batch_code_runs(CODE_AVX2) ? CODE_AVX2 : CODE_PLAIN;
}

void batch_run(Batch *b, const PulseSteps *pulse, const double amplitude_mA[LANES], int n_step, const BatchWatch *watch)
{
  BatchJob job = {.batch = b, .pulse = pulse, .n_step = n_step, .watch = watch};
  BatchCode code = watch->code == CODE_BEST ? best_code(b) : watch->code;
  memcpy(job.amplitude_mA, amplitude_mA, sizeof job.amplitude_mA);
  settle(b);
#if defined(__x86_64__)
  if (code == CODE_AVX512 && batch_code_runs(code)) return batch_steps_avx512(&job);
  if (code == CODE_AVX2 && batch_code_runs(code)) return batch_steps_avx2(&job);
#endif
  batch_steps_plain(&job);
}
