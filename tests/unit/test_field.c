/* Fields with known answers, and the properties that every field has. Runs on any number of ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/fem_impl.h"
#include "fem_fixture.h"

static ErrorRecord heard;

static LeadField *solve(const Mesh *m, const double *sigma, FieldOptions o)
{
  LeadField *f;
  PetscErrorCode ierr = field_solve(m, sigma, &o, &f);
  if (ierr) fail_msg("%s", heard.message);
  return f;
}

/* Resistance of the bar with a tensor a region, ohm. */
static double bar_resistance_of(FieldOptions o, const double lower[6], const double upper[6])
{
  BoxSpec spec = bar_spec();
  Mesh *m;
  assert_ok(fixture_mesh(&spec, &m));
  double *sigma = constant_sigma(m, upper);
  for (TetId t = 0; t < m->n_tet; t++)
    if (m->region[t] == 0) memcpy(sigma + 6 * (size_t)t, lower, 6 * sizeof *sigma);
  LeadField *f = solve(m, sigma, o);
  double r = f->impedance[0];
  assert_close(f->balance, 0.0, 1e-9);
  assert_close(f->energy, 0.0, 1e-9);
  lead_field_destroy(&f);
  mesh_destroy(&m);
  free(sigma);
  return r;
}

static double bar_resistance(const double lower[6], const double upper[6])
{
  return bar_resistance_of(tight(), lower, upper);
}

static void a_bar_has_the_resistance_of_a_bar(void **state)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0}, twice[6] = {1, 1, 1, 0, 0, 0};
  (void)state;
  double r = bar_resistance(s, s), expected = 12e-3 / (0.5 * 6e-6);
  assert_close(r, expected, 1e-8 * expected);
  assert_close(bar_resistance(twice, twice), r / 2.0, 1e-8 * r);
}

/* Between two flat ends the current is uniform, whatever the contact's model: a surface impedance adds its own
 * resistance, and a uniform or insulated end changes nothing. */
static void a_bar_is_the_same_for_every_model(void **state)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0};
  double expected = 12e-3 / (0.5 * 6e-6), z = 3e-3;
  (void)state;
  for (int order = 1; order <= 2; order++)
    for (int contact = 0; contact < 3; contact++)
      for (int ret = 0; ret < 3; ret += 2) {
        FieldOptions o = tight();
        o.order = order, o.contact = (ContactModel)contact, o.surface_impedance_ohm_m2 = z, o.ret = (ReturnModel)ret;
        double more = contact == CONTACT_IMPEDANCE ? z / 6e-6 : 0.0;
        assert_close(bar_resistance_of(o, s, s), expected + more, 1e-8 * expected);
      }
}

static void an_anisotropic_bar_feels_its_axis_alone(void **state)
{
  static const double s[6] = {7.0, 0.01, 0.3, 0, 0, 0};
  double expected = 12e-3 / (0.3 * 6e-6);
  (void)state;
  assert_close(bar_resistance(s, s), expected, 1e-8 * expected);
}

static void layers_add_up(void **state)
{
  static const double csf[6] = {1.7, 1.7, 1.7, 0, 0, 0}, dura[6] = {0.03, 0.03, 0.03, 0, 0, 0};
  double expected = (4e-3 / 1.7 + 8e-3 / 0.03) / 6e-6;
  (void)state;
  assert_close(bar_resistance(csf, dura), expected, 1e-8 * expected);
}

/* A quarter of a tube: x is the radius, y the angle in degrees. */
static void tube_bend(double x[3])
{
  double r = x[0], angle = x[1] * PETSC_PI / 180.0;
  x[0] = r * cos(angle), x[1] = r * sin(angle);
}

static int tube_group(const BoxSpec *s, const double c[3], int axis, int sign)
{
  (void)axis, (void)sign;
  return c[0] <= s->low[0] ? 0 : c[0] >= s->high[0] ? 1 : -1;
}

static double tube_error(int n)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0};
  BoxSpec spec = {{4 * n, 4 * n, 2}, {1, 0, 0}, {5, 90, 3}, 2, 2, BAR_REGIONS, BAR_GROUPS, NULL, tube_group, tube_bend};
  double expected = log(5.0) / (0.5 * 3e-3 * PETSC_PI / 2.0);
  Mesh *m;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(mesh_check(m));
  double *sigma = constant_sigma(m, s);
  LeadField *f = solve(m, sigma, tight());
  double error = fabs(f->impedance[0] / expected - 1.0);
  lead_field_destroy(&f);
  mesh_destroy(&m);
  free(sigma);
  return error;
}

static void a_tube_converges_at_second_order(void **state)
{
  double coarse = tube_error(2), middle = tube_error(4), fine = tube_error(8);
  (void)state;
  assert_true(fine < 2e-3);
  assert_true(log2(coarse / middle) > 1.8 && log2(middle / fine) > 1.9);
}

/* ---- the lead --------------------------------------------------------------------------------------------------- */

typedef struct {
  Mesh *m;
  double *sigma;
  LeadField *f;
} Scene;

static Scene lead_scene(void)
{
  BoxSpec spec = lead_spec(1);
  Scene s;
  assert_ok(fixture_mesh(&spec, &s.m));
  s.sigma = lead_sigma(s.m);
  s.f = NULL;
  return s;
}

static void scene_free(Scene *s)
{
  lead_field_destroy(&s->f);
  mesh_destroy(&s->m);
  free(s->sigma);
}

static void the_certificate_holds(void **state)
{
  (void)state;
  for (int k = 0; k < 18; k++) {
    Scene s = lead_scene();
    FieldOptions o = tight();
    o.order = k % 2 + 1, o.contact = (ContactModel)(k / 2 % 3), o.ret = (ReturnModel)(k / 6);
    o.surface_impedance_ohm_m2 = 2e-4;
    s.f = solve(s.m, s.sigma, o);
    assert_int_equal(s.f->n_contact, 4);
    assert_string_equal(s.f->contact[3], "C04");
    assert_int_equal(s.f->order, o.order);
    assert_true((s.f->edges != NULL) == (o.order == 2));
    assert_true(s.f->residual <= 2e-10);
    assert_true(s.f->balance < 1e-8);
    assert_true(s.f->symmetry < 1e-8);
    assert_true(s.f->energy < 1e-8);
    assert_true(s.f->reciprocity > 0.0 && s.f->reciprocity < 1e-8);
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) /* a floating contact is never hotter than the driven one */
        assert_true(s.f->impedance[4 * i + j] <= s.f->impedance[5 * j]);
    for (int i = 0; o.ret != RETURN_INSULATED && i < 16; i++) /* and never below the return */
      assert_true(s.f->impedance[i] > 0.0);
    scene_free(&s);
  }
}

/* As a surface impedance goes to nothing the contact becomes an equipotential, as it grows the current uniform. */
static void a_surface_impedance_has_two_limits(void **state)
{
  static const double ends[2] = {1e-8, 1e2};
  (void)state;
  for (int k = 0; k < 4; k++) {
    Scene s = lead_scene();
    FieldOptions o = tight();
    double area = 0.0;
    for (TriId t = 0; t < s.m->n_tri; t++) area += s.m->group[t] == 0 ? 1e-6 * mesh_tri_area(s.m, t) : 0.0;
    o.order = k % 2 + 1, o.contact = k < 2 ? CONTACT_EQUIPOTENTIAL : CONTACT_UNIFORM, o.tolerance = 1e-11;
    s.f = solve(s.m, s.sigma, o);
    o.contact = CONTACT_IMPEDANCE, o.surface_impedance_ohm_m2 = ends[k / 2];
    LeadField *limit = solve(s.m, s.sigma, o);
    double own = limit->impedance[0] - ends[k / 2] / area;
    assert_close(own, s.f->impedance[0], 1e-3 * s.f->impedance[0]);
    assert_close(limit->impedance[1], s.f->impedance[1], 1e-4 * s.f->impedance[0]);
    lead_field_destroy(&limit);
    scene_free(&s);
  }
}

/* An insulated return lets nothing out where a set's currents sum to zero: no node of it takes any current. */
static void an_insulated_return_takes_nothing_from_balanced_sets(void **state)
{
  Scene s = lead_scene();
  FieldOptions o = tight();
  (void)state;
  o.ret = RETURN_INSULATED;
  s.f = solve(s.m, s.sigma, o);
  size_t n = (size_t)s.f->n_node;
  double *into = calloc(n, sizeof *into), mean = 0.0;
  for (TetId t = 0; t < s.m->n_tet; t++) {
    double x[4][3], K[16];
    element_vertices(s.m, t, x);
    assert_ok(p1_stiffness(x, s.sigma + 6 * (size_t)t, K));
    for (int i = 0; i < 16; i++) {
      size_t j = (size_t)s.m->tet[t][i % 4];
      into[s.m->tet[t][i / 4]] += K[i] * (s.f->potential[j] - s.f->potential[n + j]);
    }
  }
  for (TriId t = 0; t < s.m->n_tri; t++)
    for (int i = 0; s.m->group[t] == 5 && i < 3; i++) {
      assert_close(into[s.m->tri[t][i]], 0.0, 1e-9);
      mean += s.f->potential[s.m->tri[t][i]] * mesh_tri_area(s.m, t);
    }
  assert_close(mean, 0.0, 1e-6);
  free(into);
  scene_free(&s);
}

/* What the mesh is cut off at matters less, the farther it is; the infinite return is nearer the truth. */
static void an_infinite_return_is_better_than_a_ground(void **state)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0};
  double z[3];
  Mesh *m;
  (void)state;
  for (int k = 0; k < 3; k++) { /* a small box grounded, infinite; a large one infinite */
    BoxSpec spec = lead_spec(1);
    FieldOptions o = tight();
    spec.bend = NULL;
    if (k == 2)
      for (int a = 0; a < 3; a++) spec.n[a] *= 3, spec.low[a] *= 3, spec.high[a] *= 3;
    assert_ok(fixture_mesh(&spec, &m));
    o.ret = k ? RETURN_INFINITE : RETURN_GROUNDED;
    double *sigma = constant_sigma(m, s);
    LeadField *f = solve(m, sigma, o);
    z[k] = f->impedance[1];
    lead_field_destroy(&f);
    mesh_destroy(&m);
    free(sigma);
  }
  assert_true(fabs(z[1] - z[2]) < 0.1 * fabs(z[0] - z[2]));
}

static void contacts_are_equipotentials_and_the_return_is_at_zero(void **state)
{
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  for (TriId t = 0; t < s.m->n_tri; t++)
    for (int c = 0; c < 4; c++)
      for (int i = 0; i < 3; i++) {
        int g = s.m->group[t], contact = g == 4 ? 3 : g;
        double v = s.f->potential[(size_t)c * (size_t)s.f->n_node + (size_t)s.m->tri[t][i]];
        if (g == 5) assert_true(v == 0.0);
        if (g != 5 && g != 3) assert_true(v == s.f->impedance[4 * contact + c]);
      }
  scene_free(&s);
}

static void twice_the_conductivity_is_half_the_potential(void **state)
{
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  for (size_t i = 0; i < 6 * (size_t)s.m->n_tet; i++) s.sigma[i] *= 2.0;
  LeadField *half = solve(s.m, s.sigma, tight());
  for (size_t i = 0; i < 4 * (size_t)s.m->n_node; i++)
    assert_close(2.0 * half->potential[i], s.f->potential[i], 1e-8 * s.f->impedance[0]);
  lead_field_destroy(&half);
  scene_free(&s);
}

/* Two contacts wired together are one: at U = 1 V each, the currents follow from the impedances. */
static void wired_contacts_follow_from_the_impedances(void **state)
{
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  const double *z = s.f->impedance;
  double det = z[0] * z[5] - z[1] * z[4], conductance = (z[5] + z[0] - z[1] - z[4]) / det;
  for (TriId t = 0; t < s.m->n_tri; t++)
    if (s.m->group[t] == 1) s.m->group[t] = 0;
  s.m->groups[1].kind = GROUP_LEAD_BODY;
  LeadField *wired = solve(s.m, s.sigma, tight());
  assert_int_equal(wired->n_contact, 3);
  assert_close(wired->impedance[0], 1.0 / conductance, 1e-8 / conductance);
  lead_field_destroy(&wired);
  scene_free(&s);
}

static void preconditioners_agree(void **state)
{
  static const char *const names[] = {"ml", "hypre", "gamg"};
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  for (int k = 0; k < 3; k++) {
    FieldOptions o = tight();
    o.solver = SOLVER_PETSC, o.preconditioner = names[k];
    LeadField *other = solve(s.m, s.sigma, o);
    for (size_t i = 0; i < 4 * (size_t)s.m->n_node; i++)
      assert_close(other->potential[i], s.f->potential[i], 1e-8 * s.f->impedance[0]);
    lead_field_destroy(&other);
  }
  scene_free(&s);
}

static void expect_fault(const Mesh *m, const double *sigma, FieldOptions o, PetscErrorCode code, const char *words)
{
  LeadField *f;
  error_record_clear(&heard);
  assert_int_equal(field_solve(m, sigma, &o, &f), code);
  assert_null(f);
  if (!strstr(heard.message, words)) fail_msg("found '%s', expected '%s'", heard.message, words);
}

static void faults_are_said_in_words(void **state)
{
  Scene s = lead_scene();
  FieldOptions o = tight();
  (void)state;
  o.order = 3;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_USER_INPUT, "order 3");
  o = tight(), o.contact = CONTACT_IMPEDANCE, o.surface_impedance_ohm_m2 = -1.0;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_USER_INPUT, "surface impedance of -1");
  o = tight(), o.solver = SOLVER_PETSC, o.preconditioner = "lu";
  expect_fault(s.m, s.sigma, o, PETSC_ERR_USER_INPUT, "found preconditioner lu");
  o = tight(), o.tolerance = 1e-30;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_NOT_CONVERGED, "did not converge for C0");
  o.solver = SOLVER_PETSC;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_NOT_CONVERGED, "did not converge for C01");
  assert_ok(PetscOptionsSetValue(NULL, "-field_ml_ksp_max_it", "2"));
  o = tight(), o.solver = SOLVER_PETSC;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_NOT_CONVERGED, "after 2 iterations");
  assert_ok(PetscOptionsClearValue(NULL, "-field_ml_ksp_max_it"));
  s.sigma[6 * 17 + 1] = -1.0;
  expect_fault(s.m, s.sigma, tight(), PETSC_ERR_ARG_OUTOFRANGE, "tetrahedron 17");
  scene_free(&s);
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
      cmocka_unit_test(a_bar_has_the_resistance_of_a_bar),
      cmocka_unit_test(a_bar_is_the_same_for_every_model),
      cmocka_unit_test(an_anisotropic_bar_feels_its_axis_alone),
      cmocka_unit_test(layers_add_up),
      cmocka_unit_test(a_tube_converges_at_second_order),
      cmocka_unit_test(the_certificate_holds),
      cmocka_unit_test(a_surface_impedance_has_two_limits),
      cmocka_unit_test(an_insulated_return_takes_nothing_from_balanced_sets),
      cmocka_unit_test(an_infinite_return_is_better_than_a_ground),
      cmocka_unit_test(contacts_are_equipotentials_and_the_return_is_at_zero),
      cmocka_unit_test(twice_the_conductivity_is_half_the_potential),
      cmocka_unit_test(wired_contacts_follow_from_the_impedances),
      cmocka_unit_test(preconditioners_agree),
      cmocka_unit_test(faults_are_said_in_words),
  };
  return cmocka_run_group_tests(tests, start, end);
}
