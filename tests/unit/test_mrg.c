/* The full cable model against its plain twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/fiber/search.h"
#include "axon_twin.h"

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static const double pi = 3.14159265358979323846;

/* One fibre in a batch of its own, with the potential outside of a point source beside its middle node. */
typedef struct {
  AxonModel model;
  Axon axon;
  GateTable *table;
  Batch *batch;
  int n_node;
  double *s, *outside, *node, *inside;
} Bench;

static void point_source(double *s, int n, double at_mm, double distance_mm, double *outside)
{
  for (int i = 0; i < n; i++) outside[i] = -1e3 / (4.0 * pi * 0.3 * hypot(s[i] - at_mm, distance_mm));
}

static Bench bench_make(const char *model, const char *geometry, double diameter_um, int n_node, double dt_ms)
{
  Bench b = {.n_node = n_node};
  assert_ok(axon_model_read(model, geometry, &b.model));
  assert_ok(axon_make(&b.model, diameter_um, dt_ms, &b.axon));
  assert_ok(gate_table_create(&b.model, dt_ms, &b.table));
  assert_ok(batch_create(&b.model, b.table, dt_ms, n_node, &b.batch));
  size_t n = (size_t)axon_size(&b.axon, n_node);
  b.s = calloc(n, sizeof(double)), b.outside = calloc(n, sizeof(double));
  b.node = calloc((size_t)n_node, sizeof(double));
  b.inside = calloc((size_t)n_node * 2 * AXON_HALF, sizeof(double));
  axon_places(&b.axon, n_node, b.s);
  return b;
}

static void bench_free(Bench *b)
{
  batch_destroy(&b->batch);
  gate_table_destroy(&b->table);
  free(b->s), free(b->outside), free(b->node), free(b->inside);
}

static void square(double *w, int from, int to, double height)
{
  for (int i = from; i < to; i++) w[i] = height;
}

static double worst_difference(Bench *b, const double *w, int n_step, double amplitude_mA, double *top)
{
  double amplitude[LANES] = {0}, worst = 0.0, *scaled = malloc((size_t)n_step * sizeof *scaled);
  double *v = malloc((size_t)n_step * b->n_node * sizeof *v), *watch = malloc((size_t)n_step * LANES * sizeof *watch);
  for (int t = 0; t < n_step; t++) scaled[t] = amplitude_mA * w[t];
  amplitude[3] = amplitude_mA;
  twin_run(&b->model.mrg, b->axon.diameter_um, b->n_node, b->axon.dt_ms, n_step, scaled, b->outside, -1, 0.0, v);
  *top = -100.0;
  for (int node = 2; node < b->n_node - 1; node += 6) {
    batch_run(b->batch, &(PulseSteps){n_step, (double *)w}, amplitude, n_step,
              &(BatchWatch){.watch_node = node, .watch = watch});
    for (int t = 0; t < n_step; t++) {
      double expected = v[t * b->n_node + node];
      worst = fmax(worst, fabs(watch[t * LANES + 3] - 80.0 - expected)), *top = fmax(*top, expected);
    }
  }
  free(scaled), free(v), free(watch);
  return worst;
}

static void the_batch_agrees_with_its_twin(void **state)
{
  enum { STEPS = 400, NODES = 51 };
  static const double diameter[] = {5.7, 10.0, 16.0}, amplitude[] = {0.95, 0.45, 0.31};
  double w[STEPS] = {0}, top, quiet;
  (void)state;
  square(w, 10, 50, 1.0), square(w, 60, 100, -1.0);
  for (int i = 0; i < 3; i++) {
    Bench b = bench_make("mrg", "table", diameter[i], NODES, 0.005);
    int n = axon_size(&b.axon, NODES);
    point_source(b.s, n, b.s[axon_node_at(&b.axon, 23)] + 0.1, 2.0, b.outside);
    b.outside[0] = b.outside[1], b.outside[n - 1] = b.outside[n - 2]; /* where the two differ in what lies beyond */
    axon_drive(&b.axon, NODES, b.outside, b.node, b.inside);
    batch_lane(b.batch, 3, &b.model, &b.axon, NODES, b.node, b.inside);
    double fires = worst_difference(&b, w, STEPS, amplitude[i], &top);
    double rests = worst_difference(&b, w, STEPS, 0.5 * amplitude[i], &quiet);
    print_message("%g um: %.1e mV in an action potential up to %.1f mV, %.1e mV below threshold\n", diameter[i], fires,
                  top, rests);
    assert_true(top > 10.0 && quiet < -30.0);
    assert_true(fires < 0.05 && rests < 0.01);
    bench_free(&b);
  }
}

/* Lanes of different diameters, lengths and amplitudes: each gives what it gives alone, by any code, bit by bit. */
static void lanes_and_codes_do_not_matter(void **state)
{
  enum { STEPS = 300, NODES = 41 };
  static const BatchCode code[] = {CODE_PLAIN, CODE_AVX2, CODE_AVX512};
  double w[STEPS] = {0}, together[3][LANES], alone, amplitude[LANES];
  (void)state;
  square(w, 0, 40, 1.0), square(w, 50, 90, -1.0);
  const PulseSteps pulse = {STEPS, w};
  Bench b[LANES];
  for (int k = 0; k < LANES; k++) {
    b[k] = bench_make("mrg", "interpolated", 6.0 + k, NODES - 3 * k, 0.005);
    amplitude[k] = 0.3 + 0.05 * k;
    point_source(b[k].s, axon_size(&b[k].axon, b[k].n_node), 9.0, 2.0, b[k].outside);
    axon_drive(&b[k].axon, b[k].n_node, b[k].outside, b[k].node, b[k].inside);
  }
  for (int c = 0; c < 3; c++) {
    batch_clear(b[0].batch);
    for (int k = 0; k < LANES; k++)
      batch_lane(b[0].batch, k, &b[k].model, &b[k].axon, b[k].n_node, b[k].node, b[k].inside);
    batch_run(b[0].batch, &pulse, amplitude, STEPS, &(BatchWatch){.code = code[c]});
    for (int k = 0; k < LANES; k++) together[c][k] = b[0].batch->node[15].v[k];
    if (!batch_code_runs(code[c])) print_message("this machine has no code %d\n", code[c]);
    assert_memory_equal(together[c], together[0], sizeof together[0]);
  }
  for (int k = 1; k < LANES; k++) {
    double one[LANES] = {amplitude[k]};
    batch_lane(b[k].batch, 0, &b[k].model, &b[k].axon, b[k].n_node, b[k].node, b[k].inside);
    batch_run(b[k].batch, &pulse, one, STEPS, &(BatchWatch){0});
    alone = b[k].batch->node[15].v[0];
    assert_true(alone == together[0][k]);
  }
  for (int k = 0; k < LANES; k++) bench_free(&b[k]);
}

static void rest_is_rest(void **state)
{
  (void)state;
  for (double d = 2.0; d <= 16.0; d += 2.0) {
    Bench b = bench_make("mrg", "interpolated", d, 31, 0.005);
    double w[1] = {0}, amplitude[LANES] = {0};
    batch_lane(b.batch, 0, &b.model, &b.axon, 31, b.node, b.inside);
    batch_run(b.batch, &(PulseSteps){1, w}, amplitude, 2000, &(BatchWatch){0});
    print_message("%g um rests at %.3f mV\n", d, b.axon.rest_mV - 80.0);
    assert_close(b.axon.rest_mV, 0.0, 1.0);
    assert_close(b.batch->node[15].v[0], b.axon.rest_mV, 2e-3);
    bench_free(&b);
  }
}

/* No amplitude up to 1 A, near or far, near a cathode or an anode, makes a number that is none. */
static void nothing_overflows(void **state)
{
  enum { STEPS = 200, NODES = 31 };
  static const char *const model[] = {"mrg", "senn"};
  double w[STEPS] = {0}, amplitude[LANES] = {1, 10, 100, 1000, -1, -10, -100, -1000};
  (void)state;
  square(w, 0, 40, 1.0), square(w, 50, 90, -1.0);
  for (int i = 0; i < 4; i++) {
    Bench b = bench_make(model[i / 2], "interpolated", 12.0, NODES, 0.005);
    point_source(b.s, axon_size(&b.axon, NODES), 15.0, i % 2 ? 0.2 : 5.0, b.outside);
    axon_drive(&b.axon, NODES, b.outside, b.node, b.inside);
    for (int k = 0; k < LANES; k++) batch_lane(b.batch, k, &b.model, &b.axon, NODES, b.node, b.inside);
    batch_run(b.batch, &(PulseSteps){STEPS, w}, amplitude, STEPS, &(BatchWatch){0});
    for (int n = 0; n < NODES; n++)
      for (int k = 0; k < LANES; k++) assert_true(isfinite(b.batch->node[n].v[k]) && fabs(b.batch->node[n].v[k]) < 1e6);
    bench_free(&b);
  }
}

/* Within a phase the modes take up a constant drive, at its end they lose it: a pulse cut into two of half the height on
 * top of each other, or moved, is the same pulse. */
static void drives_add_up_below_threshold(void **state)
{
  enum { STEPS = 120, NODES = 21 };
  double one[STEPS] = {0}, two[STEPS] = {0}, sum[STEPS] = {0}, v[3], amplitude[LANES] = {0.2};
  const double *w[] = {one, two, sum};
  (void)state;
  square(one, 0, 30, 1.0), square(two, 13, 70, -0.4);
  for (int i = 0; i < STEPS; i++) sum[i] = one[i] + two[i];
  Bench b = bench_make("mrg", "table", 10.0, NODES, 0.005);
  point_source(b.s, axon_size(&b.axon, NODES), 11.0, 2.0, b.outside);
  axon_drive(&b.axon, NODES, b.outside, b.node, b.inside);
  batch_lane(b.batch, 0, &b.model, &b.axon, NODES, b.node, b.inside);
  b.batch->frozen = true;
  for (int i = 0; i < 3; i++) {
    batch_run(b.batch, &(PulseSteps){STEPS, (double *)w[i]}, amplitude, 80, &(BatchWatch){0});
    v[i] = b.batch->node[9].v[0];
  }
  assert_true(fabs(v[2]) > 1e-3);
  assert_close(v[0] + v[1], v[2], 1e-9);
  bench_free(&b);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_batch_agrees_with_its_twin),
      cmocka_unit_test(lanes_and_codes_do_not_matter),
      cmocka_unit_test(rest_is_rest),
      cmocka_unit_test(nothing_overflows),
      cmocka_unit_test(drives_add_up_below_threshold),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
