/* The full cable model: simulations a second on one core, by kind of code, beside its plain twin. 10 um, 61 nodes (661
 * compartments), 5 ms in steps of 5 us: the runs of tests/verify/neuron_compare.py.
 * Usage: bench_mrg */
#include "../../src/fiber/batch.h"
#include "../unit/axon_twin.h"

#include <stdio.h>
#include <time.h>

enum { NODES = 61, STEPS = 1000 };
static const double pi = 3.14159265358979323846, dt_ms = 0.005;

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
  AxonModel model;
  Axon axon;
  GateTable *table;
  Batch *batch;
  double w[STEPS], outside[NODES * AXON_PARTS_MAX], node[NODES], inside[NODES * 2 * AXON_HALF];
} Bench;

static PetscErrorCode bench_make(Bench *b)
{
  PetscCall(axon_model_read("mrg", "table", &b->model));
  PetscCall(axon_make(&b->model, 10.0, dt_ms, &b->axon));
  PetscCall(gate_table_create(&b->model, dt_ms, &b->table));
  PetscCall(batch_create(&b->model, b->table, dt_ms, NODES, &b->batch));
  axon_places(&b->axon, NODES, b->outside);
  for (int i = 0; i < axon_size(&b->axon, NODES); i++)
    b->outside[i] = -1e3 / (4.0 * pi * 0.3 * hypot(b->outside[i] - 30 * b->axon.internode_mm, 2.0));
  for (int i = 100; i < 140; i++) b->w[i] = 1.0;
  axon_drive(&b->axon, NODES, b->outside, b->node, b->inside);
  return 0;
}

/* Seconds for n simulations, each set up anew; the best of several tries where that is quick. */
static double time_batch(Bench *b, BatchCode code, int n)
{
  double amplitude[LANES], best = HUGE_VAL;
  for (int k = 0; k < LANES; k++) amplitude[k] = 0.3 + 0.05 * k;
  for (int try = 0; try < (n < 100 ? 10 : 2); try++) {
    double start = seconds();
    for (int done = 0; done < n; done += LANES) {
      batch_clear(b->batch);
      for (int k = 0; k < LANES && done + k < n; k++)
        batch_lane(b->batch, k, &b->model, &b->axon, NODES, b->node, b->inside);
      batch_run(b->batch, &(PulseSteps){STEPS, b->w}, amplitude, STEPS, &(BatchWatch){.code = code});
    }
    best = fmin(best, seconds() - start);
  }
  return best;
}

static double time_twin(const Bench *b)
{
  double *v = malloc(sizeof(double) * NODES * STEPS), start = seconds();
  twin_run(&b->model.mrg, 10.0, NODES, dt_ms, STEPS, b->w, b->outside, -1, 0.0, v);
  double all = seconds() - start;
  free(v);
  return all / 2.0; /* it settles for as many steps as it runs */
}

static PetscErrorCode bench(void)
{
  static const char *const name[] = {"best", "plain", "AVX2", "AVX-512"};
  static const int count[] = {1, 16, 1024};
  static Bench b;
  PetscCall(bench_make(&b));
  double twin = time_twin(&b);
  printf("plain twin: %.1f simulations a second\n", 1.0 / twin);
  for (int code = CODE_PLAIN; code <= CODE_AVX512; code++) {
    if (!batch_code_runs((BatchCode)code)) continue;
    double each = time_batch(&b, (BatchCode)code, 64) / 64;
    printf("%s: %.0f simulations a second, %.1f ns a node and step, %.0f times the twin\n", name[code], 1.0 / each,
           1e9 * each / (NODES * STEPS), twin / each);
  }
  for (int i = 0; i < 3; i++)
    printf("%d fibres: %.1f simulations a second\n", count[i], count[i] / time_batch(&b, CODE_BEST, count[i]));
  batch_destroy(&b.batch);
  gate_table_destroy(&b.table);
  return 0;
}

int main(int argc, char **argv)
{
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  PetscErrorCode code = bench();
  return PetscFinalize() || code;
}
