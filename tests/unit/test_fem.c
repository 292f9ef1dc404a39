/* Elements, unknowns and the assembled matrix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/solve_petsc.h"
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

/* Dirichlet's integral over a tetrahedron: 6 volume a! b! c! d! / (a + b + c + d + 3)!. The matrix of second order is
 * made from means of products; here it is integrated by points (degree 2 needs four of them). */
static void second_order_matrix_is_the_integral(void **state)
{
  static const double far = 0.58541019662496845, near = 0.13819660112501051;
  const Element *e;
  Rng r = rng_seed(3, 0);
  (void)state;
  assert_ok(element_find(2, &e));
  for (int k = 0; k < 20; k++) {
    double x[4][3], g[4][3], K[100], expected[100] = {0}, flux[3], gradient[10][3];
    random_tet(&r, x);
    assert_ok(e->stiffness(x, TENSOR, K));
    double volume = p1_gradients(x, g);
    for (int q = 0; q < 4; q++) {
      double w[4];
      for (int i = 0; i < 4; i++) w[i] = i == q ? far : near;
      e->gradients(w, g, gradient);
      for (int i = 0; i < 100; i++) {
        tensor_times(TENSOR, gradient[i / 10], flux);
        expected[i] += 0.25 * volume * v3_dot(flux, gradient[i % 10]);
      }
    }
    for (int i = 0; i < 100; i++) assert_close(K[i], expected[i], 1e-12);
  }
}

/* At its own node a basis function is 1, at the others 0; they sum to 1; their gradients are what differences give. */
static void basis_functions_belong_to_their_nodes(void **state)
{
  (void)state;
  for (int order = 1; order <= 2; order++) {
    const Element *e;
    Rng r = rng_seed(4, 0);
    double x[4][3], g[4][3], N[10], ahead[10], behind[10], gradient[10][3];
    assert_ok(element_find(order, &e));
    for (int n = 0; n < e->n_node; n++) {
      double w[4] = {0};
      if (n < 4) w[n] = 1.0;
      if (n >= 4) w[ELEMENT_EDGE[n - 4][0]] = w[ELEMENT_EDGE[n - 4][1]] = 0.5;
      e->basis(w, N);
      for (int i = 0; i < e->n_node; i++) assert_close(N[i], i == n ? 1.0 : 0.0, 1e-15);
    }
    random_tet(&r, x);
    (void)p1_gradients(x, g);
    double w[4] = {0.1, 0.2, 0.3, 0.4}, sum = 0.0, h = 1e-5;
    e->basis(w, N);
    e->gradients(w, g, gradient);
    for (int i = 0; i < e->n_node; i++) sum += N[i];
    assert_close(sum, 1.0, 1e-14);
    for (int k = 0; k < 3; k++) {
      double up[4], down[4];
      for (int i = 0; i < 4; i++) up[i] = w[i] + h * g[i][k], down[i] = w[i] - h * g[i][k];
      e->basis(up, ahead), e->basis(down, behind);
      for (int i = 0; i < e->n_node; i++) assert_close(gradient[i][k], (ahead[i] - behind[i]) / (2 * h), 1e-8);
    }
  }
}

/* Against products of the basis functions summed over points inside the triangle (degree 4: six points). */
static void face_integrals_are_right(void **state)
{
  static const double a[2] = {0.445948490915965, 0.091576213509771}, weight[2] = {0.223381589678011, 0.109951743655322};
  (void)state;
  for (int order = 1; order <= 2; order++) {
    const Element *e;
    double M[36], load[6], mass[36] = {0}, line[6] = {0}, area = 2.5;
    assert_ok(element_find(order, &e));
    int n = e->n_face_node;
    e->face_mass(area, M);
    e->face_load(area, load);
    for (int q = 0; q < 6; q++) {
      double w[4] = {a[q / 3], a[q / 3], a[q / 3], 0.0}, N[10], on_face[6];
      w[q % 3] = 1.0 - 2.0 * a[q / 3];
      e->basis(w, N); /* the face opposite vertex 3 */
      for (int i = 0; i < 3; i++) on_face[i] = N[i];
      if (order == 2) on_face[3] = N[4], on_face[4] = N[5], on_face[5] = N[7];
      for (int i = 0; i < n; i++) line[i] += area * weight[q / 3] * on_face[i];
      for (int i = 0; i < n * n; i++) mass[i] += area * weight[q / 3] * on_face[i / n] * on_face[i % n];
    }
    for (int i = 0; i < n; i++) assert_close(load[i], line[i], 1e-12);
    for (int i = 0; i < n * n; i++) assert_close(M[i], mass[i], 1e-12);
  }
}

static void there_are_orders_one_and_two(void **state)
{
  const Element *e;
  (void)state;
  error_record_clear(&heard);
  assert_int_equal(element_find(3, &e), PETSC_ERR_USER_INPUT);
  assert_non_null(strstr(heard.message, "order 3"));
}

static void edges_are_those_of_the_tetrahedra(void **state)
{
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  Space *s;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(space_create(m, 2, &s));
  bool *seen = calloc((size_t)s->n_node, sizeof *seen);
  for (TetId t = 0; t < m->n_tet; t++) {
    NodeId node[ELEMENT_NODES_MAX];
    space_nodes(s, t, node);
    for (int i = 0; i < 10; i++) seen[node[i]] = true;
    for (int e = 0; e < 6; e++) {
      NodeId a = m->tet[t][ELEMENT_EDGE[e][0]], b = m->tet[t][ELEMENT_EDGE[e][1]];
      assert_true(node[4 + e] >= m->n_node && node[4 + e] < s->n_node);
      assert_int_equal(s->edges->end[node[4 + e] - m->n_node], a > b ? a : b);
    }
  }
  for (NodeId n = 0; n < s->n_node; n++) assert_true(seen[n]);
  /* one missing edge: two nodes far apart */
  assert_int_equal(mesh_edge_find(s->edges, 0, m->n_node - 1), -1);
  free(seen);
  space_destroy(&s);
  mesh_destroy(&m);
}

/* Every node its own unknown, none grounded: the matrix before boundary conditions. */
static DofMap free_dofs(const Space *s)
{
  DofMap d = {.n_node = s->n_node,
              .n_unknown = s->n_node,
              .n_own = s->n_node,
              .unknown = malloc((size_t)s->n_node * sizeof(int32_t))};
  assert_non_null(d.unknown);
  for (NodeId n = 0; n < s->n_node; n++) d.unknown[n] = n;
  return d;
}

/* Coordinates of a node of the space, mm. */
static void node_place(const Space *s, NodeId n, double x[3])
{
  NodeId a = 0;
  if (n < s->mesh->n_node) {
    v3_copy(&s->mesh->xyz[3 * (size_t)n], x);
    return;
  }
  while (s->edges->start[a + 1] <= n - s->mesh->n_node) a++;
  const double *p = &s->mesh->xyz[3 * (size_t)a], *q = &s->mesh->xyz[3 * (size_t)s->edges->end[n - s->mesh->n_node]];
  for (int k = 0; k < 3; k++) x[k] = 0.5 * (p[k] + q[k]);
}

/* y = A v */
static void multiply(const Csr *A, const double *v, double *y)
{
  for (int32_t i = 0; i < A->n; i++) {
    y[i] = 0.0;
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) y[i] += A->value[k] * v[A->column[k]];
  }
}

/* What a matrix gives for polynomials: nothing for constants, and inside nothing for those that solve the equation:
 * linear ones, and in second order x y with a diagonal tensor. */
static void matrix_keeps_potentials(int order)
{
  static const double diagonal[6] = {0.6, 0.2, 1.1, 0, 0, 0};
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  Space *s;
  Csr A;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(mesh_check(m));
  assert_ok(space_create(m, order, &s));
  DofMap d = free_dofs(s);
  double *sigma = constant_sigma(m, order == 1 ? TENSOR : diagonal);
  double *v = calloc((size_t)s->n_node, sizeof *v), *y = calloc((size_t)s->n_node, sizeof *y);
  bool *face = calloc((size_t)s->n_node, sizeof *face);
  System system = {s, &d, sigma, NULL};
  assert_ok(stiffness_assemble(&system, &A));
  for (NodeId n = 0; n < s->n_node; n++) v[n] = 1.0;
  multiply(&A, v, y);
  for (NodeId n = 0; n < s->n_node; n++) assert_close(y[n], 0.0, 1e-15);
  for (NodeId n = 0; n < s->n_node; n++) {
    double x[3];
    node_place(s, n, x);
    v[n] = 3.0 - 2.0 * x[0] + x[1] + 0.5 * x[2] + (order == 2 ? 0.2 * x[0] * x[1] - 0.1 * x[1] * x[2] : 0.0);
  }
  multiply(&A, v, y);
  for (TriId t = 0; t < m->n_tri; t++) {
    NodeId node[FACE_NODES_MAX];
    space_face_nodes(s, t, node);
    for (int i = 0; i < s->element->n_face_node; i++) face[node[i]] = true;
  }
  for (NodeId n = 0; n < s->n_node; n++)
    if (!face[n]) assert_close(y[n], 0.0, 1e-14);
  csr_free(&A);
  space_destroy(&s);
  mesh_destroy(&m);
  free(d.unknown), free(sigma), free(v), free(y), free(face);
}

static void first_order_keeps_linear_potentials(void **state) { (void)state, matrix_keeps_potentials(1); }
static void second_order_keeps_products(void **state) { (void)state, matrix_keeps_potentials(2); }

/* A lead in a box with its unknowns and everything its matrix is made of. */
typedef struct {
  Mesh *m;
  double *sigma;
  Parts parts;
} Lead;

static Lead lead_make(FieldOptions o)
{
  BoxSpec spec = lead_spec(1);
  Lead l;
  assert_ok(fixture_mesh(&spec, &l.m));
  l.sigma = lead_sigma(l.m);
  assert_ok(parts_create(l.m, l.sigma, o.order, &o, &l.parts));
  return l;
}

static void lead_free(Lead *l)
{
  parts_free(&l->parts);
  mesh_destroy(&l->m);
  free(l->sigma);
}

static void matrix_is_laid_out_exactly(void **state)
{
  (void)state;
  for (int k = 0; k < 6; k++) {
    FieldOptions o = tight();
    o.order = k % 2 + 1, o.contact = (ContactModel)(k / 2), o.surface_impedance_ohm_m2 = 1e-3;
    o.ret = (ReturnModel)(k / 2);
    Lead l = lead_make(o);
    Operator op = {.A = {.n = 0}};
    PetscMatrices view;
    PetscBool symmetric;
    assert_ok(stiffness_assemble(&l.parts.system, &op.A));
    assert_int_equal(op.A.n, l.parts.dofs->n_unknown);
    assert_int_equal(op.A.n_column, op.A.n);
    for (int32_t i = 0; i < op.A.n; i++)
      for (int32_t j = op.A.start[i] + 1; j < op.A.start[i + 1]; j++) assert_true(op.A.column[j - 1] < op.A.column[j]);
    assert_ok(petsc_view(&op, &view));
    assert_ok(MatIsSymmetric(view.A, 1e-12, &symmetric));
    assert_true(symmetric);
    petsc_free(&view);
    operator_free(&op);
    lead_free(&l);
  }
}

/* P' A P is the first-order matrix: its space lies within that of second order. */
static void levels_fit_together(void **state)
{
  (void)state;
  for (int k = 0; k < 3; k++) {
    FieldOptions o = tight();
    Operator op;
    PetscMatrices view;
    Mat product;
    PetscReal norm, difference;
    o.order = 2, o.contact = (ContactModel)k, o.surface_impedance_ohm_m2 = 1e-3, o.ret = (ReturnModel)k;
    Lead l = lead_make(o);
    assert_ok(parts_operator(&l.parts, &o, &op));
    assert_ok(petsc_view(&op, &view));
    assert_ok(MatPtAP(view.A, view.prolongation, MAT_INITIAL_MATRIX, 1.0, &product));
    assert_ok(MatNorm(view.A1, NORM_FROBENIUS, &norm));
    assert_ok(MatAXPY(product, -1.0, view.A1, DIFFERENT_NONZERO_PATTERN));
    assert_ok(MatNorm(product, NORM_FROBENIUS, &difference));
    assert_true(difference < 1e-12 * norm);
    assert_ok(MatDestroy(&product));
    petsc_free(&view);
    operator_free(&op);
    lead_free(&l);
  }
}

static void contacts_are_one_unknown_each(void **state)
{
  (void)state;
  for (int order = 1; order <= 2; order++) {
    FieldOptions o = tight();
    o.order = order;
    Lead l = lead_make(o);
    const DofMap *d = l.parts.dofs;
    assert_int_equal(d->n_contact, 4);
    assert_string_equal(d->contact[3], "C04");
    for (TriId t = 0; t < l.m->n_tri; t++) {
      NodeId node[FACE_NODES_MAX];
      space_face_nodes(l.parts.space, t, node);
      for (int i = 0; i < l.parts.space->element->n_face_node; i++) {
        int g = l.m->group[t], c = g == 4 ? 3 : g < 3 ? g : -1;
        if (c >= 0) assert_int_equal(d->unknown[node[i]], d->contact_unknown[c]);
        if (g == 5) assert_int_equal(d->unknown[node[i]], FEM_GROUNDED);
      }
    }
    lead_free(&l);
  }
}

static void expect_fault(const Mesh *m, const char *words)
{
  FieldOptions o = tight();
  Space *s;
  DofMap *d;
  error_record_clear(&heard);
  assert_ok(space_create(m, 1, &s));
  assert_int_equal(dofs_create(s, &o, &d), PETSC_ERR_USER_INPUT);
  assert_null(d);
  space_destroy(&s);
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
      cmocka_unit_test(second_order_matrix_is_the_integral),
      cmocka_unit_test(basis_functions_belong_to_their_nodes),
      cmocka_unit_test(face_integrals_are_right),
      cmocka_unit_test(there_are_orders_one_and_two),
      cmocka_unit_test(edges_are_those_of_the_tetrahedra),
      cmocka_unit_test(first_order_keeps_linear_potentials),
      cmocka_unit_test(second_order_keeps_products),
      cmocka_unit_test(matrix_is_laid_out_exactly),
      cmocka_unit_test(levels_fit_together),
      cmocka_unit_test(contacts_are_one_unknown_each),
      cmocka_unit_test(faults_of_the_groups_are_named),
      cmocka_unit_test(a_piece_without_return_is_named),
  };
  return cmocka_run_group_tests(tests, start, end);
}
