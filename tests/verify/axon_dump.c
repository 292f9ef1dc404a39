/* axon_dump: for each fibre on standard input a line on standard output: its threshold by the full cable model, and the
 * potential of one node at 1.2 times that, for another code to do the same.
 * In: NAME DIAMETER_UM NODES DT_US WATCHED_NODE STEPS, N and N heights of the pulse (one a step), then the potential
 * outside at each compartment at 1 mA, mV. Out: NAME THRESHOLD_MA and STEPS times mV. */
#include "../../src/fiber/search.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  char name[64];
  double diameter_um, dt_ms, *outside, *node, *inside, *watch, threshold_mA;
  int n_node, watched, n_step;
  PulseSteps pulse;
  AxonModel model;
  Axon axon;
} Fiber;

static void take(void *context, int i, SearchFiber *f)
{
  Fiber *one = context;
  (void)i;
  *f = (SearchFiber){
      .axon = &one->axon, .n_node = one->n_node, .node = one->node, .inside = one->inside, .guess_mA = 1.0};
}

static void put(void *context, int i, const SearchFiber *f)
{
  (void)i;
  ((Fiber *)context)->threshold_mA = f->threshold_mA;
}

static bool read_numbers(int n, double *v)
{
  for (int i = 0; i < n; i++)
    if (scanf("%lf", &v[i]) != 1) return false;
  return true;
}

static PetscErrorCode read_fiber(Fiber *f)
{
  PetscCall(axon_make(&f->model, f->diameter_um, f->dt_ms, &f->axon));
  size_t n = (size_t)axon_size(&f->axon, f->n_node);
  PetscCall(mem_alloc((size_t)f->pulse.n, sizeof(double), &f->pulse.w));
  PetscCall(mem_alloc(n, sizeof(double), &f->outside));
  PetscCall(mem_alloc((size_t)f->n_node, sizeof(double), &f->node));
  PetscCall(mem_alloc((size_t)f->n_node * 2 * AXON_HALF, sizeof(double), &f->inside));
  PetscCall(mem_alloc((size_t)f->n_step * LANES, sizeof(double), &f->watch));
  PetscCheck(read_numbers(f->pulse.n, f->pulse.w) && read_numbers((int)n, f->outside), PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT, "fibre %s: expected %d heights and %zu potentials", f->name, f->pulse.n, n);
  axon_drive(&f->axon, f->n_node, f->outside, f->node, f->inside);
  return 0;
}

static PetscErrorCode solve(Fiber *f)
{
  GateTable *table;
  Batch *b;
  double amplitude[LANES] = {0};
  PetscCall(gate_table_create(&f->model, f->dt_ms, &table));
  PetscCall(batch_create(&f->model, table, f->dt_ms, f->n_node, &b));
  SearchOptions o = {.pulse = &f->pulse, .tolerance = 5e-4, .largest_mA = 1e4};
  PetscCheck(search_thresholds(&o, &f->model, b, 1, &(SearchQueue){take, put, f}), PETSC_COMM_SELF,
             CAUDA_ERR_INTERRUPTED, "interrupted");
  amplitude[0] = 1.2 * f->threshold_mA;
  batch_lane(b, 0, &f->model, &f->axon, f->n_node, f->node, f->inside);
  if (isfinite(f->threshold_mA))
    batch_run(b, &f->pulse, amplitude, f->n_step, &(BatchWatch){.watch_node = f->watched, .watch = f->watch});
  batch_destroy(&b);
  gate_table_destroy(&table);
  return 0;
}

static void print(const Fiber *f)
{
  printf("%s %.8g", f->name, f->threshold_mA);
  for (int t = 0; t < f->n_step; t++) printf(" %.5f", f->watch[t * LANES] + axon_rest_mV(&f->model));
  putchar('\n');
}

static PetscErrorCode dump(void)
{
  Fiber f = {0};
  double dt_us;
  PetscCall(axon_model_read("mrg", "table", &f.model));
  while (scanf("%63s %lf %d %lf %d %d %d", f.name, &f.diameter_um, &f.n_node, &dt_us, &f.watched, &f.n_step,
               &f.pulse.n) == 7) {
    f.dt_ms = 1e-3 * dt_us;
    PetscCall(read_fiber(&f));
    PetscCall(solve(&f));
    print(&f);
    free(f.outside), free(f.node), free(f.inside), free(f.watch);
    pulse_steps_free(&f.pulse);
  }
  return 0;
}

int main(int argc, char **argv)
{
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  PetscErrorCode code = dump();
  return PetscFinalize() || code;
}
