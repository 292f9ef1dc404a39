/* The linear cable and what is made of it: response, calibration, thresholds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/fiber/calibrate.h"
#include "../../src/fiber/sample.h"
#include "../../src/fiber/search.h"
#include "cauda/fiber_share.h"
#include "mesh_fixture.h"

#include <pthread.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static const double pi = 3.14159265358979323846;

/* mV at unit current (1 mA) of a point source in 0.3 S/m */
static double point_source_mV(double distance_mm) { return 1e3 / (4.0 * pi * 0.3 * distance_mm); }

static MrgModel read_model(const char *geometry)
{
  MrgModel m;
  assert_ok(mrg_model_read(geometry, "", &m));
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
  assert_int_equal(mrg_model_read("cubic", "", &m), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
}

static void internodes_have_their_length(void **state)
{
  AxonModel m;
  Axon a;
  double s[23];
  (void)state;
  assert_ok(axon_model_read("mrg", "table", &m));
  assert_ok(axon_make(&m, 10.0, 0.005, &a));
  axon_places(&a, 3, s);
  assert_close(s[0], 0.0, 1e-12);
  assert_close(s[11], 1.15, 1e-12);
  assert_close(s[22], 2.30, 1e-12);
  assert_close(s[1], 0.002, 1e-12);
  for (int i = 1; i < 23; i++) assert_close(s[i] + s[22 - i], 2.30, 1e-12);
}

/* ---- linear cable --------------------------------------------------------------------------------------------- */

/* Polarisation of the middle node of a straight fibre beside a point source, gates frozen, after n_step steps. */
static double straight_polarisation(const AxonModel *m, double diameter_um, int n_node, double dt_ms, int n_step,
                                    double distance_mm, double current_mA)
{
  Axon a;
  GateTable *table;
  Batch *b;
  double amplitude[LANES] = {current_mA}, *w = malloc((size_t)n_step * sizeof *w);
  assert_ok(axon_make(m, diameter_um, dt_ms, &a));
  assert_ok(gate_table_create(m, dt_ms, &table));
  assert_ok(batch_create(m, table, dt_ms, n_node, &b));
  size_t n = (size_t)axon_size(&a, n_node), nodes = (size_t)n_node;
  double *v = calloc(n, sizeof *v), *node = calloc(nodes, sizeof *v),
         *inside = calloc(nodes * 2 * AXON_HALF, sizeof *v);
  axon_places(&a, n_node, v);
  for (size_t i = 0; i < n; i++) v[i] = -point_source_mV(hypot(v[i] - n_node / 2 * a.internode_mm, distance_mm));
  for (int i = 0; i < n_step; i++) w[i] = 1.0;
  axon_drive(&a, n_node, v, node, inside);
  batch_lane(b, 0, m, &a, n_node, node, inside);
  b->frozen = true;
  batch_run(b, &(PulseSteps){n_step, w}, amplitude, n_step, &(BatchWatch){0});
  double found = b->node[n_node / 2].v[0];
  batch_destroy(&b);
  gate_table_destroy(&table);
  free(v), free(node), free(inside), free(w);
  return found;
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
  double d, distance, width, current, expected, worst = 0.0;
  AxonModel m;
  (void)state;
  assert_ok(axon_model_read("mrg", "table", &m));
  open_reference("mrg_linear_predictor.csv", &stream);
  while (fgets(line, sizeof line, stream)) {
    if (sscanf(line, "%lf,%lf,%lf,%lf,%d,%lf", &d, &distance, &width, &current, &shape, &expected) != 6) continue;
    int n_step = (int)lround(width / 0.005);
    double found = straight_polarisation(&m, d, 101, 0.005, n_step, distance, current);
    if (fabs(found / expected - 1.0) > 0.01) print_error("%s found %g\n", line, found);
    worst = fmax(worst, fabs(found / expected - 1.0));
    rows++;
  }
  fclose(stream);
  print_message("%d polarisations, largest difference %.2f %%\n", rows, 100.0 * worst);
  assert_true(rows > 100 && worst < 0.01);
}

/* ---- calibration ---------------------------------------------------------------------------------------------- */

static PulseSteps steps_of(const char *shape, double width_us, double gap_us)
{
  CasePulse pulse = {.shape = (char *)shape, .width_us = width_us, .interphase_us = gap_us, .recharge_width_us = 2000};
  PulseSteps p;
  assert_ok(pulse_steps(&pulse, width_us, 5, &p));
  return p;
}

static void events_are_the_ends_of_phases(void **state)
{
  PulseEvent e[PULSE_EVENTS];
  (void)state;
  PulseSteps p = steps_of("biphasic", 300, 50);
  assert_int_equal(pulse_events(&p, e), 2);
  assert_true(e[0].step == 60 && e[0].sign == 1 && e[1].step == 130 && e[1].sign == -1);
  pulse_steps_free(&p);
  p = steps_of("monophasic", 212, 0);
  assert_int_equal(pulse_events(&p, e), 1);
  assert_true(e[0].step == 43 && e[0].sign == 1);
  assert_close(p.w[42], 0.4, 1e-12);
  pulse_steps_free(&p);
  p = steps_of("asymmetric", 200, 0);
  double charge = 0.0;
  for (int i = 0; i < p.n; i++) charge += p.w[i];
  assert_close(charge, 0.0, 1e-9);
  assert_true(pulse_events(&p, e) == 2 && e[1].step == 440);
  pulse_steps_free(&p);
}

static Calibration calibration_of(const char *shape, double width_us)
{
  AxonModel m;
  Calibration c;
  PulseSteps p = steps_of(shape, width_us, 50);
  assert_ok(axon_model_read("mrg", "interpolated", &m));
  assert_ok(calibrate(&m, &p, 0.005, 8, 16, 2, &c));
  pulse_steps_free(&p);
  return c;
}

/* Eight fields, near and far, along and across, straight and bent: one number a diameter fits all of them. */
static void the_predictor_fits_the_full_model(void **state)
{
  static const double width[] = {60, 100, 210, 300, 500};
  (void)state;
  for (int i = 0; i < 5; i++) {
    Calibration c = calibration_of("biphasic", width[i]);
    double worst[2] = {0, 0};
    for (int e = 0; e < 2; e++)
      for (int d = 0; d < c.n; d++) worst[e] = fmax(worst[e], c.spread[e][d]);
    print_message("%g us: thresholds of the first phase within %.1f %%, of the second %.1f %%\n", width[i],
                  100.0 * worst[0], 100.0 * worst[1]);
    assert_true(worst[0] < 0.06 && worst[1] < 0.12);
  }
}

static void critical_values_fall_with_width(void **state)
{
  double before = HUGE_VAL, reach, critical, second;
  (void)state;
  for (double w = 100; w <= 500; w += 100) {
    Calibration c = calibration_of("monophasic", w);
    calibration_at(&c, 0, 13.0, &reach, &critical, &second);
    assert_true(critical < before && second > 0.0);
    before = critical;
  }
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
  return (Case){.fibers = {.model = "mrg", .geometry = "interpolated", .dt_us = 5, .tolerance = 0.002},
                .pulse = {.shape = "biphasic", .width_us = 300}};
}

static void free_paths(FiberPath *p, int n)
{
  for (int i = 0; i < n; i++) free(p[i].xyz), free(p[i].s);
}

/* ---- the full model in a mesh, beside the same with exact potentials --------------------------------------------- */

typedef struct {
  const Axon *axon;
  int n_node;
  double *node, *inside, found;
} Exact;

static void take_exact(void *context, int i, SearchFiber *f)
{
  const Exact *e = context;
  (void)i;
  *f = (SearchFiber){.axon = e->axon, .n_node = e->n_node, .node = e->node, .inside = e->inside, .guess_mA = 1.0};
}

static void put_exact(void *context, int i, const SearchFiber *f)
{
  (void)i;
  ((Exact *)context)->found = f->threshold_mA;
}

static double exact_threshold(const Case *c, const FiberPath *p, const double at[3])
{
  AxonModel m;
  Axon a;
  GateTable *table;
  Batch *b;
  PulseSteps pulse;
  double dt_ms = 1e-3 * c->fibers.dt_us;
  assert_ok(axon_model_read("mrg", c->fibers.geometry, &m));
  assert_ok(axon_make(&m, p->diameter_um, dt_ms, &a));
  assert_ok(gate_table_create(&m, dt_ms, &table));
  assert_ok(pulse_steps(&c->pulse, c->pulse.width_us, c->fibers.dt_us, &pulse));
  double first = a.internode_mm * p->node_phase;
  Exact e = {.axon = &a, .n_node = 1 + (int)floor((p->s[p->n - 1] - first) / a.internode_mm)};
  assert_ok(batch_create(&m, table, dt_ms, e.n_node, &b));
  size_t n = (size_t)axon_size(&a, e.n_node), nodes = (size_t)e.n_node;
  double *v = calloc(n, sizeof *v);
  e.node = calloc(nodes, sizeof *v), e.inside = calloc(nodes * 2 * AXON_HALF, sizeof *v);
  axon_places(&a, e.n_node, v);
  for (size_t i = 0; i < n; i++) {
    double x[3] = {p->xyz[0], p->xyz[1], p->xyz[2] + first + v[i]};
    v[i] = -point_source_mV(sqrt(v3_distance2(x, at)));
  }
  axon_drive(&a, e.n_node, v, e.node, e.inside);
  SearchOptions o = {.pulse = &pulse, .tolerance = 1e-3, .largest_mA = 1e3};
  assert_true(search_thresholds(&o, &m, b, 1, &(SearchQueue){take_exact, put_exact, &e}));
  batch_destroy(&b);
  gate_table_destroy(&table);
  pulse_steps_free(&pulse);
  free(v), free(e.node), free(e.inside);
  return e.found;
}

/* ---- fibres in a field ------------------------------------------------------------------------------------------------ */

enum { PIECES_MAX = 16 };

typedef struct {
  int n, piece[PIECES_MAX];
} Pieces;

/* Those of `n` that leave `rest` when divided by `by`. */
static Pieces pieces_of(int n, int by, int rest)
{
  Pieces p = {.n = 0};
  for (int i = rest; i < n; i += by) p.piece[p.n++] = i;
  return p;
}

static int next_piece(void *context, int thread)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  Pieces *p = context;
  (void)thread;
  pthread_mutex_lock(&lock);
  int piece = p->n ? p->piece[--p->n] : -1;
  pthread_mutex_unlock(&lock);
  return piece;
}

static PetscErrorCode respond_all(FiberWork *w, int n_thread, FiberResponse **r)
{
  Pieces all = pieces_of(fiber_work_pieces(w), 1, 0);
  PetscErrorCode ierr = fiber_work_respond(w, all.n, all.piece, n_thread);
  if (!ierr) ierr = fiber_work_check(w);
  *r = ierr ? NULL : fiber_work_take_response(w);
  return ierr;
}

static PetscErrorCode activate_pieces(FiberWork *w, Pieces these, const FiberResponse *r, const FiberSets *sets,
                                      int n_thread, double *const *threshold_mA, double *const *site_s)
{
  double guess_mA[1024];
  fiber_guesses(r, sets, guess_mA);
  return fiber_work_activate(w, sets, guess_mA, (FiberQueue){next_piece, &these}, n_thread, threshold_mA, site_s);
}

static PetscErrorCode respond(const Case *c, const FiberSet *f, const Mesh *m, const LeadField *lf, double width_us,
                              int n_thread, FiberResponse **r)
{
  MeshLocator *l;
  FiberWork *w = NULL;
  PetscErrorCode ierr = mesh_locator_create(m, &l);
  *r = NULL;
  if (!ierr) ierr = fiber_work_create(c, f, m, l, lf, width_us, n_thread, &w);
  if (!ierr) ierr = respond_all(w, n_thread, r);
  fiber_work_destroy(&w);
  mesh_locator_destroy(&l);
  return ierr;
}

static PetscErrorCode activate(const Case *c, const FiberSet *f, const Mesh *m, const LeadField *lf,
                               const FiberResponse *r, const FiberSets *sets, int n_thread, double *const *threshold_mA,
                               double *const *site_s)
{
  MeshLocator *l;
  FiberWork *w = NULL;
  PetscErrorCode ierr = mesh_locator_create(m, &l);
  if (!ierr) ierr = fiber_work_create(c, f, m, l, lf, sets->width_us, n_thread, &w);
  if (!ierr) ierr = activate_pieces(w, pieces_of(fiber_work_pieces(w), 1, 0), r, sets, n_thread, threshold_mA, site_s);
  fiber_work_destroy(&w);
  mesh_locator_destroy(&l);
  return ierr;
}

static void thresholds_in_a_mesh_are_those_of_the_exact_potential(void **state)
{
  static const double at[2][3] = {{0.2, 4.0, 22.0}, {-0.5, 6.5, 18.0}}, fraction[2][3] = {{-1, 0, 1}, {0, -1, 1}};
  static const double diameter[] = {8.0, 10.0, 13.0, 16.0};
  enum { N = 24 };
  FiberPath p[N];
  FiberSet f = {.n_fiber = N, .fiber = p};
  FiberResponse *r;
  Case c = plain_case();
  Rng rng = rng_seed(4, 4);
  double threshold[2][N], at_s[2][N], by_mesh = 0.0, by_tier = 0.0, site;
  const FiberSets sets = {2, (const double *const[]){fraction[0], fraction[1]}, 300, 100};
  (void)state;
  Mesh *m = bar(0.5, 44.0, 4.0);
  LeadField lf = point_sources(m, 2, at);
  for (int i = 0; i < N; i++)
    p[i] =
        straight_path(rng_uniform(&rng) - 0.5, rng_uniform(&rng) - 0.5, 0.5, 43.5, diameter[i % 4], rng_uniform(&rng));
  assert_ok(respond(&c, &f, m, &lf, 300, 0, &r));
  assert_ok(
      activate(&c, &f, m, &lf, r, &sets, 2, (double *[]){threshold[0], threshold[1]}, (double *[]){at_s[0], at_s[1]}));
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < N; i++) {
      by_mesh = fmax(by_mesh, fabs(threshold[k][i] / exact_threshold(&c, &p[i], at[k]) - 1.0));
      by_tier = fmax(by_tier, fabs(fiber_threshold(r, i, fraction[k], &site) / threshold[k][i] - 1.0));
      assert_close(p[i].xyz[2] + site, at[k][2], 1.5);
      assert_close(p[i].xyz[2] + at_s[k][i], at[k][2],
                   7.0); /* the second phase silences the nodes next to the source */
      assert_true(fiber_threshold_af(r, i, fraction[k], &site) > 0.0);
    }
  print_message("largest error by the mesh %.2f %%, of the predictor %.2f %%\n", 100.0 * by_mesh, 100.0 * by_tier);
  assert_true(by_mesh < 0.04 && by_tier < 0.1);
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
  assert_ok(respond(&c, &f, m, &lf, 300, 0, &r));
  double one = fiber_threshold(r, 0, (double[]){-1, 0, 0, 1}, &site);
  assert_close(fiber_threshold(r, 0, (double[]){-0.5, -0.5, 0, 1}, &site), one, 1e-9 * one);
  assert_close(fiber_threshold(r, 0, (double[]){-2, 0, 0, 2}, &site), 0.5 * one, 1e-9 * one);
  assert_true(fiber_threshold(r, 0, (double[]){1, 0, 0, -1}, &site) < HUGE_VAL);
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
  double threshold[3][2][N], site[3][2][N], fraction[2][CONTACTS + 1] = {{0, -1, 1}, {0, 0, 0, 0, -1, 0.5, 0.5}};
  const FiberSets sets = {2, (const double *const[]){fraction[0], fraction[1]}, 200, 50};
  (void)state;
  Mesh *m = bar(0.5, 30.0, 3.0);
  for (int k = 0; k < CONTACTS; k++) v3_set(at[k], 0.1 * k, 4.0, 2.5 * k);
  LeadField lf = point_sources(m, CONTACTS, at);
  for (int i = 0; i < N; i++) p[i] = straight_path(0.05 * i - 0.5, 0, 0.5, 29.5, 8.0 + 0.3 * i, 0.05 * i);
  for (int n = 0; n < 3; n++) {
    assert_ok(respond(&c, &f, m, &lf, 200, n + 1, &r[n]));
    assert_ok(activate(&c, &f, m, &lf, r[n], &sets, n + 1, (double *[]){threshold[n][0], threshold[n][1]},
                       (double *[]){site[n][0], site[n][1]}));
  }
  for (int n = 1; n < 3; n++)
    for (int i = 0; i < N; i++) {
      size_t bytes = sizeof(double) * (size_t)r[0]->n_node[i] * CONTACTS;
      assert_int_equal(r[n]->n_node[i], r[0]->n_node[i]);
      for (int e = 0; e < 2; e++) assert_memory_equal(r[n]->response[e][i], r[0]->response[e][i], bytes);
      assert_memory_equal(r[n]->second_difference[i], r[0]->second_difference[i], bytes);
    }
  for (int n = 1; n < 3; n++) {
    assert_memory_equal(threshold[n], threshold[0], sizeof threshold[0]);
    assert_memory_equal(site[n], site[0], sizeof site[0]);
  }
  for (int n = 0; n < 3; n++) fiber_response_destroy(&r[n]);
  free_paths(p, N);
  free(lf.potential);
  mesh_destroy(&m);
}

/* The second of two processes does every other piece, without the field. */
static PetscErrorCode do_half_elsewhere(FiberWork *w, FiberWork *copy, const FiberSets *sets, int n_contact,
                                        double *const *threshold_mA, double *const *site_s, FiberResponse **r)
{
  int n = fiber_work_pieces(w);
  char *bytes;
  size_t length;
  Pieces here = pieces_of(n, 2, 0), there = pieces_of(n, 2, 1);
  assert_int_equal(fiber_work_pieces(copy), n);
  assert_int_equal(fiber_work_contacts(copy), n_contact);
  for (int i = 0; i < there.n; i++) {
    PetscCall(fiber_samples_pack(w, there.piece[i], 2, &bytes, &length));
    PetscErrorCode ierr = fiber_samples_unpack(copy, there.piece[i], bytes, length);
    free(bytes);
    PetscCall(ierr);
  }
  PetscCall(fiber_work_respond(w, here.n, here.piece, 1));
  PetscCall(fiber_work_respond(copy, there.n, there.piece, 2));
  PetscCall(fiber_work_check(w));
  for (int i = 0; i < there.n; i++) {
    PetscCall(fiber_responses_pack(copy, there.piece[i], &bytes, &length));
    PetscErrorCode ierr = fiber_responses_unpack(w, there.piece[i], bytes, length);
    free(bytes);
    PetscCall(ierr);
  }
  *r = fiber_work_take_response(w);
  PetscCall(activate_pieces(w, here, *r, sets, 1, threshold_mA, site_s));
  return activate_pieces(copy, there, *r, sets, 2, threshold_mA, site_s);
}

static void processes_do_not_matter(void **state)
{
  enum { N = 60 };
  static const double at[2][3] = {{0, 3.5, 15}, {0.3, 5, 20}};
  FiberPath p[N];
  FiberSet f = {.n_fiber = N, .fiber = p};
  FiberResponse *r[2];
  FiberWork *w, *copy;
  MeshLocator *l;
  Case c = plain_case();
  char *bytes;
  size_t length;
  double threshold[2][2][N], site[2][2][N], fraction[2][3] = {{0, -1, 1}, {-1, 1, 0}};
  const FiberSets sets = {2, (const double *const[]){fraction[0], fraction[1]}, 200, 50};
  (void)state;
  Mesh *m = bar(0.5, 30.0, 3.0);
  LeadField lf = point_sources(m, 2, at);
  for (int i = 0; i < N; i++) p[i] = straight_path(0.02 * i - 0.6, 0, 0.5, 29.5, 8.0 + 0.1 * i, 0.016 * i);
  p[7].course = COURSE_MOTOR;
  assert_ok(respond(&c, &f, m, &lf, 200, 1, &r[0]));
  assert_ok(activate(&c, &f, m, &lf, r[0], &sets, 1, (double *[]){threshold[0][0], threshold[0][1]},
                     (double *[]){site[0][0], site[0][1]}));
  assert_ok(mesh_locator_create(m, &l));
  assert_ok(fiber_work_create(&c, &f, m, l, &lf, 200, 1, &w));
  assert_ok(fiber_work_pack(w, &bytes, &length));
  assert_int_equal(fiber_work_unpack(bytes, length - 1, &copy), PETSC_ERR_FILE_UNEXPECTED);
  assert_null(copy);
  assert_ok(fiber_work_unpack(bytes, length, &copy));
  free(bytes);
  assert_ok(do_half_elsewhere(w, copy, &sets, 2, (double *[]){threshold[1][0], threshold[1][1]},
                              (double *[]){site[1][0], site[1][1]}, &r[1]));
  for (int i = 0; i < N; i++) {
    size_t bytes_of = sizeof(double) * (size_t)r[0]->n_node[i] * 2;
    assert_int_equal(r[1]->n_node[i], r[0]->n_node[i]);
    assert_int_equal(r[1]->first_node[i], r[0]->first_node[i]);
    for (int e = 0; e < r[0]->n_event; e++) assert_memory_equal(r[1]->response[e][i], r[0]->response[e][i], bytes_of);
    assert_memory_equal(r[1]->second_difference[i], r[0]->second_difference[i], bytes_of);
  }
  assert_memory_equal(threshold[1], threshold[0], sizeof threshold[0]);
  assert_memory_equal(site[1], site[0], sizeof site[0]);
  for (int k = 0; k < 2; k++) fiber_response_destroy(&r[k]);
  fiber_work_destroy(&w), fiber_work_destroy(&copy);
  mesh_locator_destroy(&l);
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
  assert_ok(respond(&c, &f, m, &lf, 300, 0, &r));
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
  assert_int_equal(respond(&c, &f, m, &lf, 300, 0, &r), PETSC_ERR_USER_INPUT);
  assert_null(r);
  p[1].s[99] = 4.0, f.n_fiber = 1, f.fiber = p + 1; /* and one that is too short */
  assert_int_equal(respond(&c, &f, m, &lf, 300, 0, &r), PETSC_ERR_USER_INPUT);
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
      cmocka_unit_test(linear_polarisation_of_the_reference_is_reproduced),
      cmocka_unit_test(events_are_the_ends_of_phases),
      cmocka_unit_test(the_predictor_fits_the_full_model),
      cmocka_unit_test(critical_values_fall_with_width),
      cmocka_unit_test(thresholds_in_a_mesh_are_those_of_the_exact_potential),
      cmocka_unit_test(thresholds_are_linear_in_the_currents),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(processes_do_not_matter),
      cmocka_unit_test(cut_ends_do_not_fire),
      cmocka_unit_test(paths_outside_the_mesh_are_errors),
      cmocka_unit_test(path_potential_keeps_cubics),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
