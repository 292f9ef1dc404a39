/* Voltage control, contacts that share an output, compliance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/fem_impl.h"
#include "fem_fixture.h"

static ErrorRecord heard;

/* Four contacts of a bent box with a lead. */
typedef struct {
  Mesh *m;
  double *sigma;
  LeadField *f;
} Scene;

static Scene scene_make(void)
{
  BoxSpec spec = lead_spec(1);
  FieldOptions o = tight();
  Scene s;
  assert_ok(fixture_mesh(&spec, &s.m));
  s.sigma = lead_sigma(s.m);
  assert_ok(field_solve(s.m, s.sigma, &o, &s.f));
  return s;
}

static void scene_free(Scene *s)
{
  lead_field_destroy(&s->f);
  mesh_destroy(&s->m);
  free(s->sigma);
}

static void given_currents_stay(void **state)
{
  static const Drive drive[4] = {{DRIVE_CURRENT, -2.0, 0}, {DRIVE_CURRENT, 0.5, 0}, {DRIVE_CURRENT, 0.0, 0}, {0}};
  Scene s = scene_make();
  double i[4], v[4];
  (void)state;
  assert_ok(control_solve(s.f, drive, 0, NULL, true, i, v));
  assert_true(i[0] == -2.0 && i[1] == 0.5 && i[2] == 0.0 && i[3] == 0.0);
  for (int k = 0; k < 4; k++)
    assert_close(v[k], -2e-3 * s.f->impedance[4 * k] + 0.5e-3 * s.f->impedance[4 * k + 1], 1e-12);
  assert_close(control_compliance_V(s.f, i), fmax(0.0, v[1]) - v[0], 1e-12);
  scene_free(&s);
}

/* Voltages are kept, whether given to contacts against the return or among themselves; a contact may be given a current
 * beside them. */
static void voltages_are_kept(void **state)
{
  Drive drive[4] = {{DRIVE_VOLTAGE, -1.5, 0}, {DRIVE_VOLTAGE, 0.5, 0}, {DRIVE_CURRENT, 0.3, 0}, {0}};
  Scene s = scene_make();
  double i[4], v[4];
  (void)state;
  assert_ok(control_solve(s.f, drive, 0, NULL, true, i, v));
  assert_close(v[0], -1.5, 1e-12);
  assert_close(v[1], 0.5, 1e-12);
  assert_true(i[2] == 0.3 && i[3] == 0.0 && i[0] < 0.0 && i[1] > 0.0);
  drive[2].value = 0.0;
  assert_ok(control_solve(s.f, drive, 0, NULL, false, i, v));
  assert_close(v[1] - v[0], 2.0, 1e-12);
  assert_close(i[0] + i[1], 0.0, 1e-12);
  assert_close(control_compliance_V(s.f, i), 2.0, 1e-12);
  scene_free(&s);
}

/* Contacts wired to one output: one potential, all of its current, and the same field as when they are one contact of
 * the mesh. */
static void shared_outputs_split_by_impedance(void **state)
{
  static const Drive drive[4] = {{DRIVE_SHARED, 0.0, 0}, {DRIVE_SHARED, 0.0, 0}, {DRIVE_SHARED, 0.0, 1}, {0}};
  static const double output[2] = {-1.0, 1.0};
  Scene s = scene_make();
  double i[4], v[4], *both = calloc((size_t)s.m->n_node, sizeof *both);
  (void)state;
  assert_ok(control_solve(s.f, drive, 2, output, false, i, v));
  assert_close(v[0], v[1], 1e-12);
  assert_close(i[0] + i[1], -1.0, 1e-12);
  assert_close(i[2], 1.0, 1e-12);
  assert_true(i[0] < 0.0 && i[1] < 0.0 && fabs(i[0] - i[1]) > 1e-3);
  field_superpose(s.f, i, both);
  for (TriId t = 0; t < s.m->n_tri; t++)
    if (s.m->group[t] == 1) s.m->group[t] = 0;
  s.m->groups[1].kind = GROUP_LEAD_BODY;
  FieldOptions o = tight();
  LeadField *wired;
  assert_ok(field_solve(s.m, s.sigma, &o, &wired));
  for (NodeId n = 0; n < s.m->n_node; n++) {
    double one = 1e-3 * (wired->potential[(size_t)wired->n_node + (size_t)n] - wired->potential[n]);
    assert_close(both[n], one, 1e-9);
  }
  lead_field_destroy(&wired);
  free(both);
  scene_free(&s);
}

static void no_device_is_told(void **state)
{
  static const Drive wired[4] = {{DRIVE_SHARED, 0.0, 0}, {DRIVE_CURRENT, 1.0, 0}, {0}, {0}};
  static const Drive unbalanced[4] = {{DRIVE_CURRENT, -1.0, 0}, {DRIVE_CURRENT, 0.5, 0}, {0}, {0}};
  static const double output[2] = {-1.0, 0.5};
  Scene s = scene_make();
  double i[4], v[4];
  (void)state;
  assert_int_equal(control_solve(s.f, wired, 2, output, true, i, v), PETSC_ERR_USER_INPUT); /* nothing on output 1 */
  assert_int_equal(control_solve(s.f, unbalanced, 0, NULL, false, i, v), PETSC_ERR_USER_INPUT);
  assert_non_null(strstr(heard.message, "wired") ? heard.message : strstr(heard.message, "outputs"));
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
      cmocka_unit_test(given_currents_stay),
      cmocka_unit_test(voltages_are_kept),
      cmocka_unit_test(shared_outputs_split_by_impedance),
      cmocka_unit_test(no_device_is_told),
  };
  return cmocka_run_group_tests(tests, start, end);
}
