/* The SENN fibre against Reilly's values (as the tests of ExSONIC have them): 21 nodes, a point electrode one internode
 * from the middle one, 3 ohm m. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "axon_fixture.h"

#define assert_ok(call) assert_int_equal((call), 0)
#define assert_near(found, expected, share) assert_true(fabs((found) / (expected)-1.0) <= (share))

static const double sigma = 1.0 / 3.0;

static AxonModel read_model(void)
{
  AxonModel m;
  assert_ok(axon_model_read("senn", "interpolated", &m));
  return m;
}

static double threshold(double diameter_um, double width_us, double dt_us, bool anode)
{
  AxonModel m = read_model();
  char shape[] = "monophasic";
  CasePulse pulse = {.shape = shape, .width_us = width_us};
  AxonCase c = {.diameter_um = diameter_um, .distance_mm = 0.1 * diameter_um, .n_node = 21};
  c.sigma_S_per_m = anode ? -sigma : sigma;
  assert_ok(fixture_thresholds(&m, &pulse, dt_us, 0.002, 1, &c));
  return c.found;
}

static void reillys_thresholds(void **state)
{
  (void)state;
  double rheobase = threshold(20, 1000, 1, false), at_100 = threshold(20, 100, 1, false);
  double at_10 = threshold(20, 10, 0.2, false);
  print_message("20 um: rheobase %.4f mA (0.36), 100 us %.4f mA (0.68), 10 us %.2f times the rheobase (9.44)\n",
                rheobase, at_100, at_10 / rheobase);
  assert_near(rheobase, 0.36, 0.03);
  assert_near(at_100, 0.68, 0.03);
  assert_near(at_100 / rheobase, 1.89, 0.03);
  assert_near(at_10 / rheobase, 9.44, 0.03);
}

static void thinner_fibers(void **state)
{
  (void)state;
  double rheobase = threshold(10, 10000, 5, false), charge_nC = threshold(10, 1, 0.1, false);
  print_message("10 um: rheobase %.4f mA (0.18), least charge %.2f nC (15.9), ratio %.1f us (92.3)\n", rheobase,
                charge_nC, charge_nC / rheobase);
  assert_near(rheobase, 0.18, 0.03);
  assert_near(charge_nC, 15.9, 0.03);
  assert_near(charge_nC / rheobase, 92.3, 0.03);
}

static void anodes_need_more(void **state)
{
  (void)state;
  assert_near(threshold(10, 10, 0.2, true) / threshold(10, 10, 0.2, false), 4.66, 0.03);
  assert_near(threshold(10, 1000, 1, true) / threshold(10, 1000, 1, false), 5.53, 0.03);
  assert_near(threshold(20, 10000, 5, true) / threshold(20, 10000, 5, false), 5.6, 0.03);
}

static void spikes_run_at_43_m_per_s(void **state)
{
  enum { NODES = 41, STEPS = 4000 };
  static double w[STEPS], watch[STEPS * LANES];
  double node[NODES] = {0}, inside[NODES * 2 * AXON_HALF] = {0}, amplitude[LANES] = {5.0}, top = 0.0;
  AxonModel m = read_model();
  Axon a;
  GateTable *table;
  Batch *b;
  (void)state;
  for (int i = 0; i < 100; i++) w[i] = 1.0;
  node[3] = 1.0;
  assert_ok(axon_make(&m, 20, 0.001, &a));
  assert_ok(gate_table_create(&m, 0.001, &table));
  assert_ok(batch_create(&m, table, 0.001, NODES, &b));
  batch_lane(b, 0, &m, &a, NODES, node, inside);
  batch_run(b, &(PulseSteps){STEPS, w}, amplitude, STEPS, &(BatchWatch){.watch_node = 20, .watch = watch});
  for (int i = 0; i < STEPS; i++) top = fmax(top, watch[i * LANES]);
  double velocity = 20 * a.internode_mm / (0.001 * (b->node[32].crossed[0] - b->node[12].crossed[0]));
  print_message("%.1f m/s (43), spike %.1f mV (105 to 120)\n", velocity, top);
  assert_near(velocity, 43.0, 0.03);
  assert_true(top > 105.0 && top < 120.0);
  batch_destroy(&b);
  gate_table_destroy(&table);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reillys_thresholds),
      cmocka_unit_test(thinner_fibers),
      cmocka_unit_test(anodes_need_more),
      cmocka_unit_test(spikes_run_at_43_m_per_s),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
