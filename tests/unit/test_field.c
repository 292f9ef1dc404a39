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
static double bar_resistance(const double lower[6], const double upper[6])
{
  BoxSpec spec = bar_spec();
  Mesh *m;
  assert_ok(fixture_mesh(&spec, &m));
  double *sigma = constant_sigma(m, upper);
  for (TetId t = 0; t < m->n_tet; t++)
    if (m->region[t] == 0) memcpy(sigma + 6 * (size_t)t, lower, 6 * sizeof *sigma);
  LeadField *f = solve(m, sigma, tight());
  double r = f->impedance[0];
  assert_close(f->balance, 0.0, 1e-9);
  assert_close(f->energy, 0.0, 1e-9);
  lead_field_destroy(&f);
  mesh_destroy(&m);
  free(sigma);
  return r;
}

static void a_bar_has_the_resistance_of_a_bar(void **state)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0}, twice[6] = {1, 1, 1, 0, 0, 0};
  (void)state;
  double r = bar_resistance(s, s), expected = 12e-3 / (0.5 * 6e-6);
  assert_close(r, expected, 1e-8 * expected);
  assert_close(bar_resistance(twice, twice), r / 2.0, 1e-8 * r);
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
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  assert_int_equal(s.f->n_contact, 4);
  assert_string_equal(s.f->contact[3], "C04");
  assert_true(s.f->residual <= 2e-10);
  assert_true(s.f->balance < 1e-9);
  assert_true(s.f->symmetry < 1e-9);
  assert_true(s.f->energy < 1e-9);
  assert_true(s.f->reciprocity > 0.0 && s.f->reciprocity < 1e-9);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) /* a floating contact is never hotter than the driven one, and never below the return */
      assert_true(s.f->impedance[4 * i + j] > 0.0 && s.f->impedance[4 * i + j] <= s.f->impedance[5 * j]);
  scene_free(&s);
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
  static const char *const names[] = {"hypre", "gamg"};
  Scene s = lead_scene();
  (void)state;
  s.f = solve(s.m, s.sigma, tight());
  for (int k = 0; k < 2; k++) {
    FieldOptions o = tight();
    o.preconditioner = names[k];
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
  o.order = 2;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_USER_INPUT, "order 2");
  o = tight(), o.preconditioner = "lu";
  expect_fault(s.m, s.sigma, o, PETSC_ERR_USER_INPUT, "found preconditioner lu");
  o = tight(), o.tolerance = 1e-30;
  expect_fault(s.m, s.sigma, o, PETSC_ERR_NOT_CONVERGED, "did not converge for C01");
  assert_ok(PetscOptionsSetValue(NULL, "-field_ml_ksp_max_it", "2"));
  expect_fault(s.m, s.sigma, tight(), PETSC_ERR_NOT_CONVERGED, "after 2 iterations");
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
      cmocka_unit_test(an_anisotropic_bar_feels_its_axis_alone),
      cmocka_unit_test(layers_add_up),
      cmocka_unit_test(a_tube_converges_at_second_order),
      cmocka_unit_test(the_certificate_holds),
      cmocka_unit_test(contacts_are_equipotentials_and_the_return_is_at_zero),
      cmocka_unit_test(twice_the_conductivity_is_half_the_potential),
      cmocka_unit_test(wired_contacts_follow_from_the_impedances),
      cmocka_unit_test(preconditioners_agree),
      cmocka_unit_test(faults_are_said_in_words),
  };
  return cmocka_run_group_tests(tests, start, end);
}
