/* The lead field as a file, its superposition, its values at points, and the tensors it was made with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/fem_impl.h"
#include "fem_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static ErrorRecord heard;
static const char HASH[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* A field of n contacts with values that are different everywhere. */
static LeadField *made(int n, NodeId n_node)
{
  LeadField *f;
  assert_ok(lead_field_create(n, n_node, &f));
  for (int c = 0; c < n; c++) {
    snprintf(f->contact[c], sizeof f->contact[c], "C%02d", c + 1);
    for (NodeId i = 0; i < n_node; i++) f->potential[(size_t)c * (size_t)n_node + (size_t)i] = sin(c + 0.1 * i);
    for (int k = 0; k < n; k++) f->impedance[c * n + k] = 100.0 / (1.0 + abs(c - k));
  }
  f->order = 1, f->tolerance = 1e-8, f->unknowns = 12345, f->iterations = 42, f->residual = 9e-9;
  f->balance = 1e-9, f->symmetry = 2e-9, f->reciprocity = 3e-9, f->energy = 4e-9;
  return f;
}

static void path_here(char path[64], const char *name)
{
  snprintf(path, 64, "/tmp/cauda-test-%d-%s", (int)getpid(), name);
}

static void what_is_written_is_read(void **state)
{
  char path[64];
  LeadField *f = made(3, 100000), *g;
  double *sigma = calloc(6 * 1000, sizeof *sigma);
  (void)state;
  path_here(path, "a.h5");
  assert_ok(lead_field_write(f, sigma, 1000, HASH, path));
  assert_ok(lead_field_read(path, HASH, &g));
  assert_int_equal(g->n_contact, 3);
  assert_int_equal(g->n_node, 100000);
  assert_memory_equal(g->potential, f->potential, 300000 * sizeof *f->potential);
  assert_memory_equal(g->impedance, f->impedance, 9 * sizeof *f->impedance);
  assert_memory_equal(g->contact, f->contact, 3 * sizeof *f->contact);
  assert_true(g->order == 1 && g->tolerance == 1e-8 && g->unknowns == 12345 && g->iterations == 42);
  assert_true(g->residual == 9e-9 && g->balance == 1e-9 && g->symmetry == 2e-9 && g->reciprocity == 3e-9);
  assert_true(g->energy == 4e-9);
  lead_field_destroy(&g);
  assert_ok(lead_field_read(path, NULL, &g));
  lead_field_destroy(&g);
  assert_null(g);
  lead_field_destroy(&f);
  free(sigma);
  unlink(path);
}

/* Second order: the edges come back, and with them the values anywhere. */
static void a_second_order_field_is_read_with_its_edges(void **state)
{
  char path[64];
  BoxSpec spec = bar_spec();
  Mesh *m;
  LeadField *f = NULL, *g;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  double *sigma = constant_sigma(m, (const double[6]){0.5, 0.5, 0.5, 0, 0, 0});
  FieldOptions o = tight();
  o.order = 2;
  assert_ok(field_solve(m, sigma, &o, &f));
  path_here(path, "d.h5");
  assert_ok(lead_field_write(f, sigma, m->n_tet, HASH, path));
  assert_ok(lead_field_read(path, HASH, &g));
  assert_int_equal(g->n_node, f->n_node);
  assert_int_equal(g->edges->n_edge, f->edges->n_edge);
  assert_int_equal(g->edges->n_node, m->n_node);
  assert_memory_equal(g->edges->start, f->edges->start, ((size_t)m->n_node + 1) * sizeof(EdgeId));
  assert_memory_equal(g->edges->end, f->edges->end, (size_t)f->edges->n_edge * sizeof(NodeId));
  assert_memory_equal(g->potential, f->potential, (size_t)f->n_node * sizeof(double));
  lead_field_destroy(&f), lead_field_destroy(&g);
  mesh_destroy(&m);
  free(sigma);
  unlink(path);
}

static void expect_unreadable(const char *path, const char *hash, PetscErrorCode code, const char *words)
{
  LeadField *f;
  error_record_clear(&heard);
  assert_int_equal(lead_field_read(path, hash, &f), code);
  assert_null(f);
  if (!strstr(heard.message, words)) fail_msg("found '%s', expected '%s'", heard.message, words);
}

static void wrong_files_are_told_apart(void **state)
{
  char path[64], hash[sizeof HASH];
  LeadField *f = made(2, 20000);
  (void)state;
  path_here(path, "b.h5");
  expect_unreadable(path, NULL, PETSC_ERR_FILE_OPEN, "no such file");
  assert_ok(lead_field_write(f, NULL, 0, HASH, path));
  strcpy(hash, HASH), hash[0] = 'f';
  expect_unreadable(path, hash, PETSC_ERR_FILE_UNEXPECTED, "another mesh");
  FILE *s = fopen(path, "r+b"); /* one flipped byte among the potentials: the checksum finds it */
  assert_non_null(s);
  fseek(s, 200000, SEEK_SET);
  int byte = fgetc(s);
  fseek(s, 200000, SEEK_SET);
  fputc(byte ^ 1, s);
  fclose(s);
  expect_unreadable(path, HASH, PETSC_ERR_FILE_UNEXPECTED, "damaged");
  assert_int_equal(truncate(path, 100000), 0);
  expect_unreadable(path, HASH, PETSC_ERR_FILE_UNEXPECTED, "cut off");
  lead_field_destroy(&f);
  unlink(path);
}

/* The limit on file sizes stands in for a full disk. */
static void a_full_disk_leaves_the_old_file(void **state)
{
  char path[64];
  LeadField *f = made(2, 1000), *big = made(4, 100000), *g;
  struct rlimit before, small;
  (void)state;
  path_here(path, "c.h5");
  assert_ok(lead_field_write(f, NULL, 0, HASH, path));
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before, small.rlim_cur = 1000000;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  error_record_clear(&heard);
  PetscErrorCode code = lead_field_write(big, NULL, 0, HASH, path);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(code, PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(heard.message, "no space"));
  assert_ok(lead_field_read(path, HASH, &g));
  assert_int_equal(g->n_node, 1000);
  lead_field_destroy(&f), lead_field_destroy(&g), lead_field_destroy(&big);
  unlink(path);
}

static void an_impossible_folder_is_named(void **state)
{
  LeadField *f = made(1, 10);
  (void)state;
  error_record_clear(&heard);
  assert_int_equal(lead_field_write(f, NULL, 0, HASH, "/nowhere/at/all.h5"), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(heard.message, "/nowhere/at/all.h5"));
  lead_field_destroy(&f);
}

static void impedances_are_a_table(void **state)
{
  char path[64], *text;
  size_t length;
  LeadField *f = made(2, 10);
  (void)state;
  path_here(path, "z.csv");
  assert_ok(impedance_write_csv(f, path));
  assert_ok(file_read_all(path, &text, &length));
  assert_string_equal(text, "C01,C02\n100,50\n50,100\n");
  lead_field_destroy(&f);
  free(text);
  unlink(path);
}

static void currents_superpose_in_mA(void **state)
{
  static const double current[] = {-2.0, 0.0, 0.5};
  LeadField *f = made(3, 50);
  double v[50];
  (void)state;
  field_superpose(f, current, v);
  for (int i = 0; i < 50; i++) assert_close(v[i], -2e-3 * f->potential[i] + 0.5e-3 * f->potential[100 + i], 1e-16);
  lead_field_destroy(&f);
}

static void a_linear_potential_has_its_field_everywhere(void **state)
{
  static const double at[] = {0.3, 0.4, 5.1, 1.9, 2.7, 11.5, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0};
  BoxSpec spec = bar_spec();
  Mesh *m;
  MeshLocator *l;
  double potential[4], E[12];
  int region[4];
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(mesh_locator_create(m, &l));
  LeadField f = {.n_node = m->n_node, .order = 1};
  double *v = malloc((size_t)m->n_node * sizeof *v);
  for (NodeId n = 0; n < m->n_node; n++) v[n] = 1.0 + 2e-3 * m->xyz[3 * n] - 5e-3 * m->xyz[3 * n + 2];
  assert_ok(field_at(m, l, &f, v, 4, at, potential, E, region));
  for (int i = 0; i < 3; i++) {
    assert_close(potential[i], 1.0 + 2e-3 * at[3 * i] - 5e-3 * at[3 * i + 2], 1e-13);
    assert_close(E[3 * i], -2.0, 1e-10); /* V/m */
    assert_close(E[3 * i + 1], 0.0, 1e-10);
    assert_close(E[3 * i + 2], 5.0, 1e-10);
    assert_int_equal(region[i], at[3 * i + 2] < 4.0 ? 0 : 1);
  }
  assert_true(region[3] == -1 && isnan(potential[3]) && isnan(E[9]));
  mesh_locator_destroy(&l);
  mesh_destroy(&m);
  free(v);
}

/* A quadratic potential is a second-order field's own: values and gradients are exact anywhere. */
static void a_quadratic_potential_is_exact_in_second_order(void **state)
{
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  Space *space;
  MeshLocator *l;
  Rng r = rng_seed(5, 0);
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(space_create(m, 2, &space));
  assert_ok(mesh_locator_create(m, &l));
  LeadField f = {.n_contact = 1, .n_node = space->n_node, .order = 2, .edges = space->edges};
  double *v = malloc((size_t)f.n_node * sizeof *v);
  for (TetId t = 0; t < m->n_tet; t++) {
    NodeId node[FIELD_BASIS_MAX];
    space_nodes(space, t, node);
    for (int i = 0; i < 10; i++) {
      const double *p = &m->xyz[3 * (size_t)m->tet[t][i < 4 ? i : ELEMENT_EDGE[i - 4][0]]];
      const double *q = &m->xyz[3 * (size_t)m->tet[t][i < 4 ? i : ELEMENT_EDGE[i - 4][1]]];
      double x = 0.5 * (p[0] + q[0]), y = 0.5 * (p[1] + q[1]), z = 0.5 * (p[2] + q[2]);
      v[node[i]] = 1.0 + x * x - 0.5 * x * y + 2.0 * z * z - z;
    }
  }
  f.potential = v;
  for (int k = 0; k < 200; k++) {
    double at[3] = {14 * rng_uniform(&r) - 7, 18 * rng_uniform(&r) - 9, 4 * rng_uniform(&r) - 5}, w[4], weight[10];
    double potential, E[3], sum = 0.0, x = at[0], y = at[1], z = at[2];
    NodeId node[FIELD_BASIS_MAX];
    int region;
    TetId t = mesh_locate(l, at, -1, w);
    if (t < 0) continue;
    double expected = 1.0 + x * x - 0.5 * x * y + 2.0 * z * z - z;
    assert_ok(field_at(m, l, &f, v, 1, at, &potential, E, &region));
    assert_close(potential, expected, 1e-10);
    assert_close(E[0], -1e3 * (2.0 * x - 0.5 * y), 1e-6);
    assert_close(E[1], -1e3 * (-0.5 * x), 1e-6);
    assert_close(E[2], -1e3 * (4.0 * z - 1.0), 1e-6);
    int n = field_basis(m, &f, t, w, node, weight);
    assert_int_equal(n, 10);
    for (int i = 0; i < n; i++) sum += weight[i] * f.potential[node[i]];
    assert_close(sum, expected, 1e-10);
  }
  free(v);
  mesh_locator_destroy(&l);
  space_destroy(&space);
  mesh_destroy(&m);
}

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

/* An anatomy whose cord runs along its z, turned in space. */
static Anatomy *turned_anatomy(void)
{
  Anatomy *a;
  double c = cos(0.7), s = sin(0.7);
  Rigid world = {{{1, 0, 0, 5}, {0, c, -s, -7}, {0, s, c, 11}}};
  assert_ok(anatomy_create(&a));
  a->world = world;
  a->n_axis = 2;
  assert_ok(mem_alloc(6, sizeof *a->axis, &a->axis));
  a->axis[2] = -100.0, a->axis[5] = 100.0;
  return a;
}

static TissueEntry entries[] = {{.name = "csf", .sigma_S_per_m = 1.7},
                                {.name = "dura", .sigma_S_per_m = 0.03},
                                {.name = "white", .longitudinal_S_per_m = 0.6, .transverse_S_per_m = 0.083}};

static void tensors_follow_the_cord(void **state)
{
  BoxSpec spec = lead_spec(1);
  Case c = {.n_tissues = 3, .tissues = entries};
  Anatomy *a = turned_anatomy();
  Mesh *m;
  double *sigma, axis[3] = {0.0, -sin(0.7), cos(0.7)};
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(conductivity_assign(&c, a, m, &sigma));
  for (TetId t = 0; t < m->n_tet; t++) {
    const double *s = sigma + 6 * (size_t)t;
    bool white = m->region[t] == 2;
    double across = white ? 0.083 : m->region[t] == 1 ? 0.03 : 1.7, more = white ? 0.6 - across : 0.0;
    for (int i = 0; i < 3; i++) {
      assert_close(s[i], across + more * axis[i] * axis[i], 1e-12);
      assert_close(s[3 + i], more * axis[i] * axis[(i + 1) % 3], 1e-12);
    }
  }
  anatomy_destroy(&a);
  mesh_destroy(&m);
  free(sigma);
}

static void expect_no_tensor(const Case *c, const Anatomy *a, const Mesh *m, const char *words)
{
  double *sigma;
  error_record_clear(&heard);
  assert_int_equal(conductivity_assign(c, a, m, &sigma), PETSC_ERR_USER_INPUT);
  assert_null(sigma);
  if (!strstr(heard.message, words)) fail_msg("found '%s', expected '%s'", heard.message, words);
}

static void tissues_without_a_value_are_named(void **state)
{
  BoxSpec spec = lead_spec(1);
  TissueEntry wrong[3];
  Case c = {.n_tissues = 3, .tissues = wrong};
  Anatomy *a = turned_anatomy();
  Mesh *m;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  memcpy(wrong, entries, sizeof wrong);
  expect_no_tensor(&c, NULL, m, "white: found longitudinal");
  wrong[1].sigma_S_per_m = -0.03;
  expect_no_tensor(&c, a, m, "dura: found sigma_S_per_m -0.03");
  wrong[1] = entries[1], wrong[1].longitudinal_S_per_m = wrong[1].transverse_S_per_m = 1.0;
  expect_no_tensor(&c, a, m, "it has no fibres");
  wrong[1] = entries[1], wrong[2].transverse_S_per_m = 0.0;
  expect_no_tensor(&c, a, m, "transverse_S_per_m 0");
  c.n_tissues = 2;
  expect_no_tensor(&c, a, m, "region white");
  anatomy_destroy(&a);
  mesh_destroy(&m);
}

static int start(void **state)
{
  (void)state;
  progress_configure(true, false);
  return PetscInitialize(NULL, NULL, NULL, NULL) || error_record_install(&heard);
}

static int end(void **state) { return (void)state, PetscFinalize(); }

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(a_second_order_field_is_read_with_its_edges),
      cmocka_unit_test(wrong_files_are_told_apart),
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(an_impossible_folder_is_named),
      cmocka_unit_test(impedances_are_a_table),
      cmocka_unit_test(currents_superpose_in_mA),
      cmocka_unit_test(a_linear_potential_has_its_field_everywhere),
      cmocka_unit_test(a_quadratic_potential_is_exact_in_second_order),
      cmocka_unit_test(tensors_follow_the_cord),
      cmocka_unit_test(tissues_without_a_value_are_named),
  };
  return cmocka_run_group_tests(tests, start, end);
}
