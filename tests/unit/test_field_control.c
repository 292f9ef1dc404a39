/* Voltage control, contacts that share an output, compliance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/fem_impl.h"
#include "fem_fixture.h"

#include <unistd.h>

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

/* ---- parameter sets ------------------------------------------------------------------------------------------- */

static PetscErrorCode read_sets(const char *text, SetTable **t)
{
  static const char *const names[4] = {"C01", "C02", "C03", "C04"};
  char path[64];
  snprintf(path, sizeof path, "/tmp/cauda-test-%d-sets.csv", (int)getpid());
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
  PetscErrorCode ierr = sets_read(path, 4, names, t);
  unlink(path);
  return ierr;
}

/* Potential of contact i in a set at 1 mA, V. */
static double potential_of(const Scene *s, const StimulationSet *set, int i)
{
  double v = 0.0;
  for (int j = 0; j < 4; j++) v += 1e-3 * s->f->impedance[4 * i + j] * set->fraction[j];
  return v;
}

static void sets_are_resolved(void **state)
{
  Scene s = scene_make();
  SetTable *t;
  (void)state;
  assert_ok(read_sets("set,C01,C02,C03,C04,case,control\n"
                      "plain,-1,0.5,0.5,,,\n"
                      "shared,-1,-1,1,,,single_source\n"
                      "beside_case,-1,,1,,1,single_source\n"
                      "volts,-2,,1,,,voltage\n"
                      "to_case,-2,,,,0,voltage\n",
                      &t));
  for (int again = 0; again < 2; again++) {
    assert_ok(sets_resolve(t, s.f));
    const StimulationSet *k = t->set;
    assert_true(k[0].fraction[0] == -1.0 && k[0].fraction[1] == 0.5 && k[0].fraction[4] == 0.0);
    assert_close(potential_of(&s, &k[1], 0), potential_of(&s, &k[1], 1), 1e-12);
    assert_close(k[1].fraction[0] + k[1].fraction[1], -1.0, 1e-12);
    assert_true(k[1].fraction[2] == 1.0 && k[1].fraction[3] == 0.0 && k[1].fraction[4] == 0.0);
    assert_close(potential_of(&s, &k[2], 2), 0.0, 1e-12);
    assert_close(k[2].fraction[2] + k[2].fraction[4], 1.0, 1e-12);
    assert_true(k[2].fraction[0] == -1.0 && k[2].fraction[2] > 0.0 && k[2].fraction[4] > 0.0);
    assert_close(k[3].amplitude_mA * (potential_of(&s, &k[3], 2) - potential_of(&s, &k[3], 0)), 3.0, 1e-9);
    assert_true(fabs(k[3].fraction[0] + 1.0) < 1e-12 && k[3].fraction[1] == 0.0);
    assert_close(k[4].amplitude_mA * potential_of(&s, &k[4], 0), -2.0, 1e-9);
    assert_close(k[4].fraction[4], 1.0, 1e-12);
  }
  sets_destroy(&t);
  scene_free(&s);
}

static void expect_no_sets(const char *row, const char *words)
{
  char text[256];
  SetTable *t;
  snprintf(text, sizeof text, "set,C01,C02,C03,C04,case,control,amplitude_mA\n%s\n", row);
  error_record_clear(&heard);
  assert_int_equal(read_sets(text, &t), PETSC_ERR_USER_INPUT);
  if (!strstr(heard.message, words)) fail_msg("found '%s', expected '%s'", heard.message, words);
}

static void wrong_control_is_told(void **state)
{
  (void)state;
  expect_no_sets("a,-1,1,,,,volts,", ":2: control is \"volts\"");
  expect_no_sets("a,-1,-1,,,,single_source,", "2 cathodes and 0 anodes");
  expect_no_sets("a,-1,,,,1,voltage,", "the case electrode of \"a\" is at 1 V");
  expect_no_sets("a,1,1,,,,voltage,", "all the same");
  expect_no_sets("a,1,2,,,,voltage,3", "voltages and an amplitude_mA");
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
      cmocka_unit_test(sets_are_resolved),
      cmocka_unit_test(wrong_control_is_told),
  };
  return cmocka_run_group_tests(tests, start, end);
}
