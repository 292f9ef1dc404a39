/* The full cable model against reference numbers: thresholds, strength and duration, velocities (an independent
 * implementation and NEURON), published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "axon_fixture.h"

#include <string.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

enum { CASES_MAX = 256 };

typedef struct {
  double width_us, dt_us, gap_us;
  bool biphasic;
} Drive;

typedef struct {
  int n;
  Drive drive[CASES_MAX];
  AxonCase c[CASES_MAX];
} Table;

static FILE *open_reference(const char *name)
{
  const char *shared = getenv("CAUDA_SHARED");
  char path[CAUDA_PATH_MAX];
  snprintf(path, sizeof path, "%s/reference/%s", shared ? shared : "../shared", name);
  FILE *stream = fopen(path, "r");
  if (stream) return stream;
  print_message("no %s (set CAUDA_SHARED)\n", path);
  skip();
  return NULL;
}

static bool same(const Drive *a, const Drive *b)
{
  return a->width_us == b->width_us && a->dt_us == b->dt_us && a->gap_us == b->gap_us && a->biphasic == b->biphasic;
}

/* All rows of a table, those of one pulse and step together; returns the largest relative difference. */
static double run_table(const AxonModel *m, Table *t, double tolerance)
{
  bool done[CASES_MAX] = {false};
  double worst = 0.0;
  for (int i = 0; i < t->n; i++) {
    AxonCase group[CASES_MAX];
    int from[CASES_MAX], n = 0;
    for (int j = i; j < t->n && !done[i]; j++)
      if (!done[j] && same(&t->drive[i], &t->drive[j])) from[n] = j, group[n++] = t->c[j];
    const Drive *d = &t->drive[i];
    char shape[16];
    snprintf(shape, sizeof shape, "%s", d->biphasic ? "biphasic" : "monophasic");
    CasePulse pulse = {.shape = shape, .width_us = d->width_us, .interphase_us = d->gap_us};
    assert_ok(fixture_thresholds(m, &pulse, d->dt_us, tolerance, n, group));
    for (int k = 0; k < n; k++) {
      double off = fabs(group[k].found / group[k].expected - 1.0);
      done[from[k]] = true;
      worst = fmax(worst, off);
      if (off > 0.01)
        print_error("%g um, %g mm, %g us %s, dt %g us: found %g, expected %g\n", group[k].diameter_um,
                    group[k].distance_mm, d->width_us, shape, d->dt_us, group[k].found, group[k].expected);
    }
  }
  return worst;
}

static AxonModel read_model(const char *model, const char *geometry)
{
  AxonModel m;
  assert_ok(axon_model_read(model, geometry, &m));
  return m;
}

static void thresholds_of_the_reference(void **state)
{
  static Table t;
  char line[512], shape[64];
  double d, distance, width, dt, offset, threshold;
  (void)state;
  FILE *stream = open_reference("mrg_reference_thresholds.csv");
  while (fgets(line, sizeof line, stream)) {
    if (sscanf(line, "%lf,%lf,%63[^,],%lf,%lf,%lf,%lf", &d, &distance, shape, &width, &dt, &offset, &threshold) != 7)
      continue;
    t.drive[t.n] = (Drive){1e3 * width, 1e3 * dt, 0, shape[0] == 'b'};
    t.c[t.n++] = (AxonCase){d, distance, 0.3, offset, 101, false, threshold, 0, 0};
  }
  fclose(stream);
  AxonModel m = read_model("mrg", "table");
  double worst = run_table(&m, &t, 0.002);
  print_message("%d thresholds, largest difference %.2f %%\n", t.n, 100.0 * worst);
  assert_true(t.n > 200 && worst < 0.01);
}

static void strength_and_duration_of_the_reference(void **state)
{
  static Table t;
  char line[512];
  double d, distance, sigma, width, dt, offset, threshold;
  int geometry, wave;
  (void)state;
  FILE *stream = open_reference("mrg_strength_duration.csv");
  while (fgets(line, sizeof line, stream)) {
    if (sscanf(line, "%lf,%d,%lf,%lf,%d,%lf,%lf,%lf,%lf", &d, &geometry, &distance, &sigma, &wave, &width, &dt, &offset,
               &threshold) != 9)
      continue;
    t.drive[t.n] = (Drive){1e3 * width, 1e3 * dt, 0, wave != 1};
    t.c[t.n++] = (AxonCase){d, distance, sigma, offset, 101, false, threshold, 0, 0};
  }
  fclose(stream);
  AxonModel m = read_model("mrg", "table");
  double worst = run_table(&m, &t, 0.002);
  print_message("%d thresholds, largest difference %.2f %%\n", t.n, 100.0 * worst);
  assert_true(t.n >= 60 && worst < 0.01);
}

/* The columns that matter, of 33: set, diameter, nodes, ..., source distance, source node, pulse, ..., dt, fine value. */
static void thresholds_of_neuron(void **state)
{
  static Table t;
  char line[1024];
  (void)state;
  FILE *stream = open_reference("neuron_thresholds.csv");
  while (fgets(line, sizeof line, stream)) {
    char *cell[40] = {NULL}, *rest = line;
    int n = 0;
    while (rest && n < 40) cell[n++] = strsep(&rest, ",");
    if (n < 27 || !strcmp(cell[0], "set") || !strcmp(cell[0], "active_ends")) continue;
    bool biphasic = !strncmp(cell[15], "biphasic", 8);
    t.drive[t.n] = (Drive){biphasic ? 300 : 200, 1e3 * atof(cell[18]), biphasic ? 50 : 0, biphasic};
    t.c[t.n++] = (AxonCase){atof(cell[1]), atof(cell[13]), 0.3, 0, atoi(cell[2]), false, atof(cell[26]), 0, 0};
  }
  fclose(stream);
  AxonModel m = read_model("mrg", "table");
  double worst = run_table(&m, &t, 0.001);
  print_message("%d thresholds of NEURON, largest difference %.2f %%\n", t.n, 100.0 * worst);
  assert_true(t.n >= 27 && worst < 0.01);
}

/* PyFibers' own tests: 13 nodes, 0.1 mm from a source in 10 S/m, dt 1 us; and a current of 1 ms into the middle node. */
static void published_values(void **state)
{
  char biphasic[] = "biphasic", monophasic[] = "monophasic";
  CasePulse pulse = {.shape = biphasic, .width_us = 200}, inject = {.shape = monophasic, .width_us = 1000};
  AxonCase outside = {5.7, 0.1, 10.0, 0, 13, false, 0.2691, 0, 0}, inside = {5.7, 1, 1, 0, 13, true, 0.1558, 0, 0};
  AxonModel m = read_model("mrg", "table");
  (void)state;
  assert_ok(fixture_thresholds(&m, &pulse, 1, 0.001, 1, &outside));
  assert_ok(fixture_thresholds(&m, &inject, 1, 0.001, 1, &inside));
  print_message("5.7 um: %.5f mA (-0.26910), %.4f nA (0.1558)\n", outside.found, inside.found);
  assert_close(outside.found / 0.26910, 1.0, 0.01);
  assert_close(inside.found / 0.1558, 1.0, 0.01);
}

/* When a watched node crosses -30 mV, in steps, between two of them by a straight line. */
static double crossing_step(const double *watch, int n_step)
{
  for (int t = 1; t < n_step; t++) {
    double before = watch[(t - 1) * LANES] - 50.0, now = watch[t * LANES] - 50.0;
    if (before <= 0.0 && now > 0.0) return t - now / (now - before);
  }
  return 0.0;
}

/* Velocity between nodes 20 and 45 of 61, a current into node 5. */
static double velocity(const AxonModel *m, double diameter_um, double dt_us)
{
  enum { NODES = 61 };
  double w[200], node[NODES] = {0}, amplitude[LANES] = {5.0}, at[2];
  Axon a;
  GateTable *table;
  Batch *b;
  assert_ok(axon_make(m, diameter_um, 1e-3 * dt_us, &a));
  assert_ok(gate_table_create(m, 1e-3 * dt_us, &table));
  assert_ok(batch_create(m, table, 1e-3 * dt_us, NODES, &b));
  int n_step = (int)lround(NODES * a.internode_mm / diameter_um / 3.0 * 1e3 / dt_us);
  double *inside = calloc((size_t)NODES * 2 * AXON_HALF, sizeof *inside);
  double *watch = calloc((size_t)n_step * LANES, sizeof *watch);
  for (int i = 0; i < 200; i++) w[i] = i < (int)lround(100.0 / dt_us);
  node[5] = 1.0;
  batch_lane(b, 0, m, &a, NODES, node, inside);
  for (int i = 0; i < 2; i++) {
    batch_run(b, &(PulseSteps){200, w}, amplitude, n_step, &(BatchWatch){.watch_node = i ? 45 : 20, .watch = watch});
    at[i] = crossing_step(watch, n_step);
  }
  batch_destroy(&b);
  gate_table_destroy(&table);
  free(inside), free(watch);
  return 25.0 * a.internode_mm / (1e-3 * (at[1] - at[0]) * dt_us);
}

static void check_velocities(const char *file, int column_1us)
{
  char line[512];
  double worst = 0.0;
  int rows = 0;
  FILE *stream = open_reference(file);
  AxonModel m = read_model("mrg", "table");
  while (fgets(line, sizeof line, stream)) {
    double x[5];
    int n = sscanf(line, "%lf,%lf,%lf,%lf,%lf", &x[0], &x[1], &x[2], &x[3], &x[4]);
    if (n <= column_1us) continue;
    double at5 = velocity(&m, x[0], 5), at1 = velocity(&m, x[0], 1);
    if (fabs(at5 / x[1] - 1.0) > 0.01 || fabs(at1 / x[column_1us] - 1.0) > 0.01)
      print_error("%g um: found %g and %g m/s: %s", x[0], at5, at1, line);
    worst = fmax(worst, fmax(fabs(at5 / x[1] - 1.0), fabs(at1 / x[column_1us] - 1.0)));
    rows++;
  }
  fclose(stream);
  print_message("%s: %d diameters, largest difference %.2f %%\n", file, rows, 100.0 * worst);
  assert_true(rows >= 9 && worst < 0.01);
}

static void velocities_of_the_reference(void **state)
{
  (void)state;
  check_velocities("mrg_conduction_velocity.csv", 2);
}

static void velocities_of_neuron(void **state)
{
  (void)state;
  check_velocities("neuron_velocities.csv", 3);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(thresholds_of_the_reference), cmocka_unit_test(strength_and_duration_of_the_reference),
      cmocka_unit_test(thresholds_of_neuron),        cmocka_unit_test(published_values),
      cmocka_unit_test(velocities_of_the_reference), cmocka_unit_test(velocities_of_neuron),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
