/* Elements, unknowns and the assembled matrix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/fem_impl.h"
#include "fem_fixture.h"

static const double TENSOR[6] = {0.6, 0.2, 1.1, 0.1, -0.15, 0.2};
static ErrorRecord heard;

static void random_tet(Rng *r, double x[4][3])
{
  do {
    for (int i = 0; i < 12; i++) x[i / 3][i % 3] = rng_uniform(r);
  } while (v3_volume6(x[0], x[1], x[2], x[3]) < 0.02);
}

static void element_is_symmetric_and_blind_to_constants(void **state)
{
  Rng r = rng_seed(1, 0);
  (void)state;
  for (int k = 0; k < 100; k++) {
    double x[4][3], K[16];
    random_tet(&r, x);
    assert_ok(p1_stiffness(x, TENSOR, K));
    for (int i = 0; i < 4; i++) {
      assert_close(K[4 * i] + K[4 * i + 1] + K[4 * i + 2] + K[4 * i + 3], 0.0, 1e-12);
      for (int j = 0; j < 4; j++) assert_true(K[4 * i + j] == K[4 * j + i]);
    }
  }
}

/* The power of a linear potential in the element is volume times g . sigma g. */
static void element_has_the_power_of_a_linear_potential(void **state)
{
  static const double g[3] = {0.7, -1.3, 0.4};
  double sg[3] = {TENSOR[0] * g[0] + TENSOR[3] * g[1] + TENSOR[5] * g[2],
                  TENSOR[3] * g[0] + TENSOR[1] * g[1] + TENSOR[4] * g[2],
                  TENSOR[5] * g[0] + TENSOR[4] * g[1] + TENSOR[2] * g[2]};
  Rng r = rng_seed(2, 0);
  (void)state;
  for (int k = 0; k < 100; k++) {
    double x[4][3], K[16], power = 0.0;
    random_tet(&r, x);
    assert_ok(p1_stiffness(x, TENSOR, K));
    for (int i = 0; i < 16; i++) power += K[i] * v3_dot(g, x[i / 4]) * v3_dot(g, x[i % 4]);
    assert_close(power, v3_dot(g, sg) * v3_volume6(x[0], x[1], x[2], x[3]) / 6.0, 1e-13);
  }
}

static void element_of_the_unit_tetrahedron(void **state)
{
  static const double x[4][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, unit[6] = {1, 1, 1, 0, 0, 0};
  static const double expected[16] = {3, -1, -1, -1, -1, 1, 0, 0, -1, 0, 1, 0, -1, 0, 0, 1};
  double K[16];
  (void)state;
  assert_ok(p1_stiffness(x, unit, K));
  for (int i = 0; i < 16; i++) assert_close(K[i], expected[i] / 6.0, 1e-15);
}

static void element_refuses_an_inverted_tetrahedron(void **state)
{
  static const double x[4][3] = {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}};
  double K[16];
  (void)state;
  assert_int_equal(p1_stiffness(x, TENSOR, K), PETSC_ERR_ARG_OUTOFRANGE);
}

static void no_element_of_order_two_yet(void **state)
{
  const Element *e;
  (void)state;
  error_record_clear(&heard);
  assert_int_equal(element_find(2, &e), PETSC_ERR_USER_INPUT);
  assert_non_null(strstr(heard.message, "order 2"));
}

/* Every node its own unknown, none grounded: the matrix before boundary conditions. */
static DofMap free_dofs(const Mesh *m)
{
  DofMap d = {.n_node = m->n_node, .n_unknown = m->n_node, .unknown = malloc((size_t)m->n_node * sizeof(int32_t))};
  assert_non_null(d.unknown);
  for (NodeId n = 0; n < m->n_node; n++) d.unknown[n] = n;
  return d;
}

/* y = A v for v [n_node] on all ranks; rows that lie elsewhere are left 0. */
static void multiply(Mat A, const double *v, double *y)
{
  Vec x, b;
  PetscInt begin, end;
  const PetscScalar *a;
  assert_ok(MatCreateVecs(A, &x, &b));
  assert_ok(VecGetOwnershipRange(x, &begin, &end));
  for (PetscInt i = begin; i < end; i++) assert_ok(VecSetValue(x, i, v[i], INSERT_VALUES));
  assert_ok(VecAssemblyBegin(x));
  assert_ok(VecAssemblyEnd(x));
  assert_ok(MatMult(A, x, b));
  assert_ok(VecGetArrayRead(b, &a));
  for (PetscInt i = begin; i < end; i++) y[i] = a[i - begin];
  assert_ok(VecRestoreArrayRead(b, &a));
  assert_ok(VecDestroy(&x));
  assert_ok(VecDestroy(&b));
}

static void matrix_keeps_constants_and_linear_potentials(void **state)
{
  BoxSpec spec = lead_spec(1);
  const Element *e;
  Mesh *m;
  Mat A;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(mesh_check(m));
  assert_ok(element_find(1, &e));
  DofMap d = free_dofs(m);
  double *sigma = constant_sigma(m, TENSOR), *v = calloc((size_t)m->n_node, sizeof *v);
  double *y = calloc((size_t)m->n_node, sizeof *y);
  bool *face = calloc((size_t)m->n_node, sizeof *face);
  assert_ok(stiffness_assemble(m, sigma, e, &d, &A));
  for (NodeId n = 0; n < m->n_node; n++) v[n] = 1.0;
  multiply(A, v, y);
  for (NodeId n = 0; n < m->n_node; n++) assert_close(y[n], 0.0, 1e-16);
  for (NodeId n = 0; n < m->n_node; n++) v[n] = 3.0 - 2.0 * m->xyz[3 * n] + m->xyz[3 * n + 1] + 0.5 * m->xyz[3 * n + 2];
  multiply(A, v, y);
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; i < 3; i++) face[m->tri[t][i]] = true;
  for (NodeId n = 0; n < m->n_node; n++)
    if (!face[n]) assert_close(y[n], 0.0, 1e-15);
  assert_ok(MatDestroy(&A));
  mesh_destroy(&m);
  free(d.unknown), free(sigma), free(v), free(y), free(face);
}

static void matrix_is_laid_out_exactly(void **state)
{
  BoxSpec spec = lead_spec(1);
  const Element *e;
  Mesh *m;
  DofMap *d;
  Mat A;
  MatInfo info;
  PetscBool symmetric;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(element_find(1, &e));
  assert_ok(dofs_create(m, &d));
  double *sigma = lead_sigma(m);
  assert_ok(stiffness_assemble(m, sigma, e, d, &A));
  assert_ok(MatGetInfo(A, MAT_LOCAL, &info));
  assert_true(info.mallocs == 0 && info.nz_unneeded == 0);
  assert_ok(MatIsSymmetric(A, 1e-15, &symmetric));
  assert_true(symmetric);
  assert_ok(MatDestroy(&A));
  dofs_destroy(&d);
  mesh_destroy(&m);
  free(sigma);
}

static void contacts_are_one_unknown_each(void **state)
{
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  DofMap *d;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(dofs_create(m, &d));
  assert_int_equal(d->n_contact, 4);
  assert_string_equal(d->contact[3], "C04");
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; i < 3; i++) {
      int g = m->group[t], c = g == 4 ? 3 : g < 3 ? g : -1;
      if (c >= 0) assert_int_equal(d->unknown[m->tri[t][i]], d->contact_unknown[c]);
      if (g == 5) assert_int_equal(d->unknown[m->tri[t][i]], FEM_GROUNDED);
    }
  for (int c = 0; c < 4; c++) assert_int_equal(d->unknown[d->contact_node[c]], d->contact_unknown[c]);
  dofs_destroy(&d);
  mesh_destroy(&m);
}

static void expect_fault(const Mesh *m, const char *words)
{
  DofMap *d;
  error_record_clear(&heard);
  assert_int_equal(dofs_create(m, &d), PETSC_ERR_USER_INPUT);
  assert_null(d);
  if (!strstr(heard.message, words)) fail_msg("found '%s', expected '%s'", heard.message, words);
}

static void faults_of_the_groups_are_named(void **state)
{
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  TriId t = 0;
  while (m->group[t] != 1) t++;
  for (TriId k = 0; k < m->n_tri; k++)
    if (m->group[k] == 0) memcpy(m->tri[t], m->tri[k], sizeof m->tri[t]);
  expect_fault(m, "contact C01 touches contact C02");
  m->group[t] = 5;
  expect_fault(m, "contact C01 touches the return electrode");
  m->groups[5].kind = GROUP_LEAD_BODY;
  expect_fault(m, "no return");
  for (int g = 0; g < m->n_group; g++) m->groups[g].kind = GROUP_RETURN;
  expect_fault(m, "no contact");
  mesh_destroy(&m);
}

static int split_region(const BoxSpec *s, const double c[3]) { return (void)s, c[2] > 6.0 && c[2] < 7.0 ? -1 : 0; }

static void a_piece_without_return_is_named(void **state)
{
  BoxSpec spec = bar_spec();
  Mesh *m;
  (void)state;
  spec.region = split_region;
  assert_ok(fixture_mesh(&spec, &m));
  expect_fault(m, "not joined to the return");
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
      cmocka_unit_test(element_is_symmetric_and_blind_to_constants),
      cmocka_unit_test(element_has_the_power_of_a_linear_potential),
      cmocka_unit_test(element_of_the_unit_tetrahedron),
      cmocka_unit_test(element_refuses_an_inverted_tetrahedron),
      cmocka_unit_test(no_element_of_order_two_yet),
      cmocka_unit_test(matrix_keeps_constants_and_linear_potentials),
      cmocka_unit_test(matrix_is_laid_out_exactly),
      cmocka_unit_test(contacts_are_one_unknown_each),
      cmocka_unit_test(faults_of_the_groups_are_named),
      cmocka_unit_test(a_piece_without_return_is_named),
  };
  return cmocka_run_group_tests(tests, start, end);
}
