/* The linear double cable and what is made of it: response, critical polarisation, thresholds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/fiber/critical.h"
#include "../../src/fiber/mrg.h"
#include "../../src/fiber/sample.h"
#include "mesh_fixture.h"

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static const double pi = 3.14159265358979323846;

/* mV at unit current (1 mA) of a point source in 0.3 S/m */
static double point_source_mV(double distance_mm) { return 1e3 / (4.0 * pi * 0.3 * distance_mm); }

static MrgModel read_model(const char *geometry)
{
  MrgModel m;
  assert_ok(mrg_model_read(geometry, &m));
  return m;
}

/* ---- geometry ------------------------------------------------------------------------------------------------- */

static void table_is_exact_where_the_diameter_is_in_it(void **state)
{
  MrgModel m = read_model("table");
  MrgGeometry g;
  (void)state;
  assert_ok(mrg_geometry(&m, 12.8, &g));
  assert_close(g.axon_um, 9.2, 1e-12);
  assert_close(g.node_um, 4.2, 1e-12);
  assert_close(g.internode_um, 1350.0, 1e-9);
  assert_close(g.flut_um, 54.0, 1e-12);
  assert_close(g.lamellae, 135.0, 1e-12);
  assert_ok(mrg_geometry(&m, 9.35, &g));
  assert_close(g.internode_um, 1075.0, 1e-9);
}

static void formulas_are_near_the_table(void **state)
{
  MrgModel table = read_model("table"), formula = read_model("interpolated");
  (void)state;
  for (double d = 7.3; d <= 16.0; d += 0.1) {
    MrgGeometry a, b;
    assert_ok(mrg_geometry(&table, d, &a));
    assert_ok(mrg_geometry(&formula, d, &b));
    assert_true(fabs(a.internode_um / b.internode_um - 1.0) < 0.05);
    assert_true(fabs(a.axon_um / b.axon_um - 1.0) < 0.05);
    assert_true(fabs(a.node_um / b.node_um - 1.0) < 0.06);
  }
}

static void diameters_out_of_range_are_errors(void **state)
{
  MrgModel m = read_model("interpolated");
  MrgGeometry g;
  (void)state;
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  assert_int_equal(mrg_geometry(&m, 16.5, &g), PETSC_ERR_USER_INPUT);
  assert_int_equal(mrg_geometry(&m, 1.5, &g), PETSC_ERR_USER_INPUT);
  assert_int_equal(mrg_model_read("cubic", &m), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
}

static void internodes_have_their_length(void **state)
{
  MrgModel m = read_model("table");
  MrgGeometry g;
  double s[23];
  (void)state;
  assert_ok(mrg_geometry(&m, 10.0, &g));
  cable_places(&m, &g, 3, s);
  assert_close(s[0], 0.0, 1e-12);
  assert_close(s[11], 1.15, 1e-12);
  assert_close(s[22], 2.30, 1e-12);
  assert_close(s[1], 0.002, 1e-12);
  for (int i = 1; i < 23; i++) assert_close(s[i] + s[22 - i], 2.30, 1e-12);
}

/* ---- cable ---------------------------------------------------------------------------------------------------- */

typedef struct {
  Cable *c;
  double *s, *outside, *node, *work;
  int n_node;
} Bench;

static Bench bench_make(const MrgModel *m, double diameter_um, int n_node, double dt_ms)
{
  Bench b = {.n_node = n_node};
  MrgGeometry g;
  assert_ok(mrg_geometry(m, diameter_um, &g));
  assert_ok(cable_create(m, &g, n_node, dt_ms, &b.c));
  size_t n = (size_t)b.c->n;
  b.s = calloc(n, sizeof(double)), b.outside = calloc(n * CABLE_LANES, sizeof(double));
  b.node = calloc((size_t)n_node * CABLE_LANES, sizeof(double)), b.work = calloc(4 * n * CABLE_LANES, sizeof(double));
  cable_places(m, &g, n_node, b.s);
  return b;
}

static void bench_free(Bench *b)
{
  cable_destroy(&b->c);
  free(b->s), free(b->outside), free(b->node), free(b->work);
}

/* The same cable without any cleverness: potentials inside and under the myelin themselves, a node's short circuit as a
 * large conductance, a dense matrix of 2 n, solved anew at each step. */
static void dense_polarise(const Cable *c, const MrgModel *m, const MrgGeometry *g, double dt_ms, int n_step,
                           const double *e, double *node)
{
  const int n = c->n, size = 2 * n;
  double *a = calloc((size_t)size * size, sizeof *a), *x = calloc(size, sizeof *x), *b = calloc(size, sizeof *b);
  double node_g = m->node_g_rest_S_per_cm2, layers = 2.0 * g->lamellae;
  double before_e = 0.0;
  for (int t = 0; t < n_step; t++) {
    memset(a, 0, (size_t)size * size * sizeof *a);
    for (int i = 0; i < n; i++) {
      static const int kind[] = {0, 1, 2, 3, 3, 3, 3, 3, 3, 2, 1};
      int k = kind[i % 11];
      double stin = (g->internode_um - 1.0 - 6.0 - 2.0 * g->flut_um) / 6.0;
      double length[] = {1.0, 3.0, g->flut_um, stin}, d[] = {g->node_um, g->node_um, g->axon_um, g->axon_um};
      double gm[] = {node_g, 1e-3, 1e-4, 1e-4}, area = pi * d[k] * length[k] * 1e-8;
      double my = pi * g->diameter_um * length[k] * 1e-8;
      double across = 1e6 * area * gm[k] + 1e3 * 2.0 * area / dt_ms, cm = 1e3 * 2.0 * area / dt_ms;
      double gmy = k ? 1e6 * 1e-3 / layers * my : 1e6, cmy = k ? 1e3 * 0.1 / layers * my / dt_ms : 0.0;
      double *u = a + (size_t)(2 * i) * size, *w = u + size;
      u[2 * i] += across, u[2 * i + 1] -= across;
      w[2 * i] -= across, w[2 * i + 1] += across + gmy + cmy;
      double charge = cm * (x[2 * i] - x[2 * i + 1]);
      b[2 * i] = charge;
      b[2 * i + 1] = -charge + gmy * e[i] + cmy * (e[i] + x[2 * i + 1] - before_e * e[i]);
      for (int j = i - 1; j <= i + 1; j += 2) {
        if (j < 0 || j >= n) continue;
        double gi = c->inner[i < j ? i : j], gp = c->outer[i < j ? i : j];
        u[2 * i] += gi, u[2 * j] -= gi;
        w[2 * i + 1] += gp, w[2 * j + 1] -= gp;
      }
    }
    for (int p = 0; p < size; p++)
      for (int r = p + 1; r < size; r++) {
        double f = a[(size_t)r * size + p] / a[(size_t)p * size + p];
        if (f == 0.0) continue;
        for (int k = p; k < size; k++) a[(size_t)r * size + k] -= f * a[(size_t)p * size + k];
        b[r] -= f * b[p];
      }
    for (int p = size - 1; p >= 0; p--) {
      for (int k = p + 1; k < size; k++) b[p] -= a[(size_t)p * size + k] * x[k] * 1.0;
      x[p] = b[p] / a[(size_t)p * size + p];
    }
    before_e = 1.0;
  }
  for (int i = 0; i < n; i += 11) node[i / 11] = x[2 * i] - x[2 * i + 1];
  free(a), free(x), free(b);
}

static void fast_cable_agrees_with_a_dense_one(void **state)
{
  MrgModel m = read_model("table");
  MrgGeometry g;
  double slow[5], e[45];
  (void)state;
  assert_ok(mrg_geometry(&m, 10.0, &g));
  Bench b = bench_make(&m, 10.0, 5, 0.01);
  for (int i = 0; i < b.c->n; i++) { /* flat at both ends, where the two differ in what lies beyond */
    double t = b.s[i] / b.s[b.c->n - 1];
    e[i] = -100.0 * pow(sin(pi * t), 4.0) * (1.0 + 0.5 * t);
    b.outside[i * CABLE_LANES + 5] = e[i];
  }
  e[0] = e[1], e[44] = e[43];
  b.outside[5] = e[0], b.outside[44 * CABLE_LANES + 5] = e[44];
  cable_polarise(b.c, 12, b.outside, b.node, b.work);
  dense_polarise(b.c, &m, &g, 0.01, 12, e, slow);
  for (int i = 0; i < 5; i++) assert_close(b.node[i * CABLE_LANES + 5], slow[i], 1e-4 * fabs(slow[2]));
  for (int i = 0; i < 5; i++) assert_true(b.node[i * CABLE_LANES] == 0.0);
  bench_free(&b);
}

static double straight_polarisation(Bench *b, int n_step, double distance_mm, double current_mA)
{
  int middle = b->n_node / 2;
  for (int i = 0; i < b->c->n; i++)
    b->outside[i * CABLE_LANES] = -current_mA * point_source_mV(hypot(b->s[i] - b->s[11 * middle], distance_mm));
  cable_polarise(b->c, n_step, b->outside, b->node, b->work);
  return b->node[middle * CABLE_LANES];
}

static Critical critical_of(const char *shape, double gap_us, double width_us)
{
  Critical c;
  CasePulse pulse = {.shape = (char *)shape, .width_us = width_us, .interphase_us = gap_us};
  assert_ok(critical_read(&pulse, width_us, &c));
  return c;
}

static double value_at(Critical c, double diameter_um)
{
  double v, second;
  critical_at(&c, diameter_um, &v, &second);
  assert_true(second > 0.0);
  return v;
}

static void open_reference(const char *name, FILE **stream)
{
  const char *shared = getenv("CAUDA_SHARED");
  char path[CAUDA_PATH_MAX];
  snprintf(path, sizeof path, "%s/reference/%s", shared ? shared : "../shared", name);
  *stream = fopen(path, "r");
  if (*stream) return;
  print_message("no %s (set CAUDA_SHARED)\n", path);
  skip();
}

static void linear_polarisation_of_the_reference_is_reproduced(void **state)
{
  FILE *stream = NULL;
  char line[512];
  int rows = 0, shape;
  double worst = 0.0;
  double d, distance, width, current, expected;
  MrgModel m = read_model("table");
  (void)state;
  open_reference("mrg_linear_predictor.csv", &stream);
  while (fgets(line, sizeof line, stream)) {
    if (sscanf(line, "%lf,%lf,%lf,%lf,%d,%lf", &d, &distance, &width, &current, &shape, &expected) != 6) continue;
    Bench b = bench_make(&m, d, 101, 0.005);
    double found = straight_polarisation(&b, (int)lround(width / 0.005), distance, current);
    if (fabs(found / expected - 1.0) > 0.01) print_error("%s found %g\n", line, found);
    assert_close(found / expected, 1.0, 0.01);
    double critical = value_at(critical_of(shape ? "monophasic" : "biphasic", 0, 1e3 * width), d);
    worst = fmax(worst, fabs(critical / found - 1.0)); /* of the threshold that the one number predicts */
    bench_free(&b);
    rows++;
  }
  fclose(stream);
  print_message("thresholds by the critical polarisation are off by at most %.1f %%\n", 100.0 * worst);
  assert_true(rows > 100 && worst < 0.2);
}

/* ---- critical polarisation ------------------------------------------------------------------------------------ */

static void critical_polarisation_is_that_of_the_table(void **state)
{
  (void)state;
  assert_close(value_at(critical_of("biphasic", 0, 300), 12.8), 11.9895, 1e-9);
  assert_close(value_at(critical_of("biphasic", 0, 200), 10.0), 14.4115, 1e-9);
  assert_close(value_at(critical_of("monophasic", 0, 500), 5.7), 7.3013, 1e-9);
  assert_close(value_at(critical_of("monophasic", 50, 500), 5.7), 7.3013, 1e-9);
  assert_close(value_at(critical_of("biphasic", 0, 200), 10.7), 0.75 * 14.4115 + 0.25 * 14.9280, 1e-9);
}

static void critical_polarisation_falls_with_width_and_clamps(void **state)
{
  (void)state;
  double before = HUGE_VAL;
  for (double w = 100; w <= 500; w += 10) {
    double v = value_at(critical_of("biphasic", 0, w), 13.0);
    assert_true(v < before);
    before = v;
  }
  progress_configure(true, false);
  assert_close(value_at(critical_of("biphasic", 0, 50), 13.0), value_at(critical_of("biphasic", 0, 100), 13.0), 1e-12);
  assert_close(value_at(critical_of("biphasic", 0, 900), 20.0), value_at(critical_of("biphasic", 0, 500), 16.0), 1e-12);
}

/* NEURON, 300 us biphasic with a gap of 50 us at 2 mm: 0.2993 mA; without a gap 0.3087, monophasic 0.2923. */
static void a_gap_lies_between_biphasic_and_monophasic(void **state)
{
  (void)state;
  double mono = value_at(critical_of("monophasic", 0, 300), 10.0), bi = value_at(critical_of("biphasic", 0, 300), 10.0);
  double gap = value_at(critical_of("biphasic", 50, 300), 10.0);
  assert_close((gap - mono) / (bi - mono), (0.2993 - 0.2923) / (0.3087 - 0.2923), 0.03);
  assert_close(value_at(critical_of("biphasic", 1e5, 300), 10.0), mono, 1e-9);
}

/* ---- fibres in a mesh ------------------------------------------------------------------------------------------ */

static const MeshRegion WHITE[] = {{"white", TISSUE_WHITE}};
static const MeshGroup OUTSIDE[] = {{"case", GROUP_RETURN}};

/* A bar along z with inner nodes moved about by a fifth of an edge. */
static Mesh *bar(double edge_mm, double length_mm, double width_mm)
{
  int along = (int)lround(length_mm / edge_mm), across = (int)lround(width_mm / edge_mm);
  BoxSpec s = {.n = {across, across, along},
               .low = {-width_mm / 2, -width_mm / 2, 0},
               .n_region = 1,
               .n_group = 1,
               .regions = WHITE,
               .groups = OUTSIDE};
  v3_set(s.high, width_mm / 2, width_mm / 2, length_mm);
  Rng r = rng_seed(3, 1);
  Mesh *m = NULL;
  assert_ok(fixture_mesh(&s, &m));
  for (NodeId i = 0; i < m->n_node; i++) {
    double *x = m->xyz + 3 * (size_t)i;
    if (fabs(x[0]) > 0.99 * s.high[0] || fabs(x[1]) > 0.99 * s.high[1] || x[2] < 1e-9 || x[2] > length_mm - 1e-9)
      continue;
    for (int k = 0; k < 3; k++) x[k] += 0.2 * edge_mm * (2.0 * rng_uniform(&r) - 1.0);
  }
  return m;
}

/* Each contact is a point source; potentials are exact at the nodes. */
static LeadField point_sources(const Mesh *m, int n, const double (*at)[3])
{
  LeadField f = {.n_contact = n, .n_node = m->n_node};
  f.potential = malloc((size_t)n * (size_t)m->n_node * sizeof *f.potential);
  for (int c = 0; c < n; c++)
    for (NodeId i = 0; i < m->n_node; i++)
      f.potential[(size_t)c * (size_t)m->n_node + (size_t)i] =
          point_source_mV(sqrt(v3_distance2(at[c], m->xyz + 3 * (size_t)i)));
  return f;
}

static FiberPath straight_path(double x, double y, double from, double to, double diameter_um, double phase)
{
  enum { N = 100 };
  FiberPath p = {.diameter_um = diameter_um, .node_phase = phase, .n = N};
  p.xyz = malloc(3 * N * sizeof *p.xyz), p.s = malloc(N * sizeof *p.s);
  for (int i = 0; i < N; i++) {
    v3_set(p.xyz + 3 * (size_t)i, x, y, from + (to - from) * i / (N - 1));
    p.s[i] = fabs(to - from) * i / (N - 1);
  }
  return p;
}

static Case plain_case(void)
{
  return (Case){.fibers = {.geometry = "interpolated", .dt_us = 5}, .pulse = {.shape = "biphasic", .width_us = 300}};
}

static void free_paths(FiberPath *p, int n)
{
  for (int i = 0; i < n; i++) free(p[i].xyz), free(p[i].s);
}

/* What the mesh does to the threshold: the same cable with exact potentials beside it. */
static double exact_threshold(const FiberPath *p, const double at[3], double critical_mV)
{
  MrgModel m = read_model("interpolated");
  MrgGeometry g;
  assert_ok(mrg_geometry(&m, p->diameter_um, &g));
  double first = 1e-3 * g.internode_um * p->node_phase, largest = 0.0;
  int n_node = 1 + (int)floor((p->s[p->n - 1] - first) / (1e-3 * g.internode_um));
  Bench b = bench_make(&m, p->diameter_um, n_node, 0.005);
  for (int i = 0; i < b.c->n; i++) {
    double x[3] = {p->xyz[0], p->xyz[1], p->xyz[2] + first + b.s[i]};
    b.outside[i * CABLE_LANES] = -point_source_mV(sqrt(v3_distance2(x, at)));
  }
  cable_polarise(b.c, 60, b.outside, b.node, b.work);
  for (int i = 3; i < n_node - 3; i++) largest = fmax(largest, b.node[i * CABLE_LANES]);
  bench_free(&b);
  return critical_mV / largest;
}

static void thresholds_in_a_mesh_are_those_of_the_exact_potential(void **state)
{
  static const double at[2][3] = {{0.2, 4.0, 22.0}, {-0.5, 6.5, 18.0}};
  static const double diameter[] = {8.0, 10.0, 13.0, 16.0};
  enum { N = 24 };
  FiberPath p[N];
  FiberSet f = {.n_fiber = N, .fiber = p};
  FiberResponse *r;
  Case c = plain_case();
  Rng rng = rng_seed(4, 4);
  double worst = 0.0;
  (void)state;
  Mesh *m = bar(0.5, 44.0, 4.0);
  LeadField lf = point_sources(m, 2, at);
  for (int i = 0; i < N; i++)
    p[i] =
        straight_path(rng_uniform(&rng) - 0.5, rng_uniform(&rng) - 0.5, 0.5, 43.5, diameter[i % 4], rng_uniform(&rng));
  assert_ok(fibers_respond(&c, &f, m, &lf, 300, 0, &r));
  for (int i = 0; i < N; i++)
    for (int k = 0; k < 2; k++) {
      double fraction[3] = {0, 0, 1}, site, found;
      fraction[k] = -1.0;
      found = fiber_threshold(r, i, fraction, &site);
      worst = fmax(worst, fabs(found / exact_threshold(&p[i], at[k], r->critical_mV[i]) - 1.0));
      assert_close(p[i].xyz[2] + site, at[k][2], 1.5);
      assert_true(fiber_threshold_af(r, i, fraction, &site) > 0.0);
    }
  print_message("largest error of a threshold by the mesh: %.2f %%\n", 100.0 * worst);
  assert_true(worst < 0.04);
  fiber_response_destroy(&r);
  free_paths(p, N);
  free(lf.potential);
  mesh_destroy(&m);
}

/* Amplitudes add: half the current from each of two equal contacts is the same as all of it from one; twice the
 * fractions, half the threshold. An anode alone needs more than a cathode. */
static void thresholds_are_linear_in_the_currents(void **state)
{
  static const double at[3][3] = {{0, 4, 20}, {0, 4, 20}, {0, 4.5, 26}};
  FiberPath p = straight_path(0, 0, 0.5, 43.5, 12.0, 0.3);
  FiberSet f = {.n_fiber = 1, .fiber = &p};
  FiberResponse *r;
  Case c = plain_case();
  double site;
  (void)state;
  Mesh *m = bar(0.5, 44.0, 3.0);
  LeadField lf = point_sources(m, 3, at);
  assert_ok(fibers_respond(&c, &f, m, &lf, 300, 0, &r));
  double one = fiber_threshold(r, 0, (double[]){-1, 0, 0, 1}, &site);
  assert_close(fiber_threshold(r, 0, (double[]){-0.5, -0.5, 0, 1}, &site), one, 1e-9 * one);
  assert_close(fiber_threshold(r, 0, (double[]){-2, 0, 0, 2}, &site), 0.5 * one, 1e-9 * one);
  assert_true(fiber_threshold(r, 0, (double[]){1, 0, 0, -1}, &site) > 2.0 * one);
  assert_true(fiber_threshold(r, 0, (double[]){-1, 1, 0, 0}, &site) > 1e6 * one);
  fiber_response_destroy(&r);
  free_paths(&p, 1);
  free(lf.potential);
  mesh_destroy(&m);
}

static void threads_do_not_matter(void **state)
{
  enum { N = 20, CONTACTS = 11 };
  double at[CONTACTS][3];
  FiberPath p[N];
  FiberSet f = {.n_fiber = N, .fiber = p};
  FiberResponse *r[3];
  Case c = plain_case();
  (void)state;
  Mesh *m = bar(0.5, 30.0, 3.0);
  for (int k = 0; k < CONTACTS; k++) v3_set(at[k], 0.1 * k, 4.0, 2.5 * k);
  LeadField lf = point_sources(m, CONTACTS, at);
  for (int i = 0; i < N; i++) p[i] = straight_path(0.05 * i - 0.5, 0, 0.5, 29.5, 8.0 + 0.3 * i, 0.05 * i);
  for (int n = 0; n < 3; n++) assert_ok(fibers_respond(&c, &f, m, &lf, 200, n + 1, &r[n]));
  for (int n = 1; n < 3; n++)
    for (int i = 0; i < N; i++) {
      size_t bytes = sizeof(double) * (size_t)r[0]->n_node[i] * CONTACTS;
      assert_int_equal(r[n]->n_node[i], r[0]->n_node[i]);
      assert_memory_equal(r[n]->polarisation[i], r[0]->polarisation[i], bytes);
      assert_memory_equal(r[n]->second_difference[i], r[0]->second_difference[i], bytes);
    }
  for (int n = 0; n < 3; n++) fiber_response_destroy(&r[n]);
  free_paths(p, N);
  free(lf.potential);
  mesh_destroy(&m);
}

/* A path that is cut near a source must not fire there before the whole one does. */
static void cut_ends_do_not_fire(void **state)
{
  static const double at[1][3] = {{0, 3.5, 20}};
  enum { N = 12 };
  FiberPath p[2 * N];
  FiberSet f = {.n_fiber = 2 * N, .fiber = p};
  FiberResponse *r;
  Case c = plain_case();
  double site, least = HUGE_VAL, fraction[] = {-1, 1};
  (void)state;
  Mesh *m = bar(0.5, 40.0, 3.0);
  LeadField lf = point_sources(m, 1, at);
  for (int i = 0; i < N; i++) {
    p[2 * i] = straight_path(0, 0, 0.5, 39.5, 12.0, 0.0);
    p[2 * i + 1] = straight_path(0, 0, 0.5, 16.0 + i, 12.0, 0.0);
  }
  assert_ok(fibers_respond(&c, &f, m, &lf, 300, 0, &r));
  for (int i = 0; i < N; i++)
    least = fmin(least, fiber_threshold(r, 2 * i + 1, fraction, &site) / fiber_threshold(r, 2 * i, fraction, &site));
  print_message("lowest threshold of a cut fibre: %.3f of the whole one's\n", least);
  assert_true(least > 0.95);
  fiber_response_destroy(&r);
  free_paths(p, 2 * N);
  free(lf.potential);
  mesh_destroy(&m);
}

static void paths_outside_the_mesh_are_errors(void **state)
{
  static const double at[1][3] = {{0, 3.5, 20}};
  FiberPath p[2] = {straight_path(0, 0, 0.5, 29.0, 12.0, 0.0), straight_path(0, 0, 5, 36.0, 12.0, 0.0)};
  FiberSet f = {.n_fiber = 2, .fiber = p};
  FiberResponse *r;
  Case c = plain_case();
  (void)state;
  Mesh *m = bar(0.5, 30.0, 3.0);
  LeadField lf = point_sources(m, 1, at);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  assert_int_equal(fibers_respond(&c, &f, m, &lf, 300, 0, &r), PETSC_ERR_USER_INPUT);
  assert_null(r);
  p[1].s[99] = 4.0, f.n_fiber = 1, f.fiber = p + 1; /* and one that is too short */
  assert_int_equal(fibers_respond(&c, &f, m, &lf, 300, 0, &r), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
  free_paths(p, 2);
  free(lf.potential);
  mesh_destroy(&m);
}

/* The local cubic keeps a cubic, whatever the place in the window. */
static void path_potential_keeps_cubics(void **state)
{
  enum { N = 60 };
  double v[2 * N], found[2];
  PathSamples p = {.n = N, .n_contact = 2, .step_mm = 0.2, .v = v};
  (void)state;
  for (int i = 0; i < N; i++) {
    double s = 0.2 * i;
    v[2 * i] = 1.0 + s - 0.5 * s * s + 0.1 * s * s * s, v[2 * i + 1] = 7.0;
  }
  for (double s = 0.0; s <= 0.2 * (N - 1); s += 0.037) {
    path_potential(&p, s, found);
    assert_close(found[0], 1.0 + s - 0.5 * s * s + 0.1 * s * s * s, 1e-8);
    assert_close(found[1], 7.0, 1e-9);
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table_is_exact_where_the_diameter_is_in_it),
      cmocka_unit_test(formulas_are_near_the_table),
      cmocka_unit_test(diameters_out_of_range_are_errors),
      cmocka_unit_test(internodes_have_their_length),
      cmocka_unit_test(fast_cable_agrees_with_a_dense_one),
      cmocka_unit_test(linear_polarisation_of_the_reference_is_reproduced),
      cmocka_unit_test(critical_polarisation_is_that_of_the_table),
      cmocka_unit_test(critical_polarisation_falls_with_width_and_clamps),
      cmocka_unit_test(a_gap_lies_between_biphasic_and_monophasic),
      cmocka_unit_test(thresholds_in_a_mesh_are_those_of_the_exact_potential),
      cmocka_unit_test(thresholds_are_linear_in_the_currents),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(cut_ends_do_not_fire),
      cmocka_unit_test(paths_outside_the_mesh_are_errors),
      cmocka_unit_test(path_potential_keeps_cubics),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
