/* Refinement by bisection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/bisect.h"
#include "fem_fixture.h"

/* Finer towards a point. */
static bool near_point(const void *context, const double *const x[4], TetId first)
{
  const double *p = context;
  double c[3] = {0, 0, 0}, longest = 0.0;
  (void)first;
  for (int i = 0; i < 4; i++) v3_axpy(c, 0.25, x[i], c);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++) longest = fmax(longest, sqrt(v3_distance2(x[i], x[j])));
  return longest > fmax(0.05, 0.4 * sqrt(v3_distance2(c, p)));
}

static double smallest_dihedral(const Mesh *m)
{
  MeshQuality *q;
  assert_ok(mesh_quality(m, &q));
  double smallest = q->dihedral_min_deg;
  mesh_quality_destroy(&q);
  return smallest;
}

static double volume_of(const Mesh *m, int region)
{
  double v = 0.0;
  for (TetId t = 0; t < m->n_tet; t++) v += m->region[t] == region ? mesh_tet_volume(m, t) : 0.0;
  return v;
}

static double area_of(const Mesh *m, int group)
{
  double a = 0.0;
  for (TriId t = 0; t < m->n_tri; t++) a += m->group[t] == group ? mesh_tri_area(m, t) : 0.0;
  return a;
}

static void a_point_is_approached(void **state)
{
  static const double at[3] = {-2.0, -3.0, 0.6}; /* by the first contact */
  BoxSpec spec = lead_spec(1);
  Mesh *m, *fine;
  TetId *first;
  (void)state;
  assert_ok(fixture_mesh(&spec, &m));
  assert_ok(mesh_bisect(m, near_point, at, &first, &fine));
  assert_ok(mesh_check(fine));
  assert_true(fine->n_tet > 2 * m->n_tet);
  for (TetId t = 0; t < fine->n_tet; t++) {
    const double *x[4];
    for (int i = 0; i < 4; i++) x[i] = fine->xyz + 3 * (size_t)fine->tet[t][i];
    assert_false(near_point(at, x, -1));
    assert_int_equal(fine->region[t], m->region[first[t]]);
  }
  for (int r = 0; r < 3; r++) assert_close(volume_of(fine, r), volume_of(m, r), 1e-9 * volume_of(m, r));
  for (int g = 0; g < 6; g++) assert_close(area_of(fine, g), area_of(m, g), 1e-9 * area_of(m, g));
  assert_true(smallest_dihedral(fine) > 0.3 * smallest_dihedral(m));
  free(first);
  mesh_destroy(&fine);
  mesh_destroy(&m);
}

static bool larger_than(const void *context, const double *const x[4], TetId first)
{
  (void)first;
  return v3_volume6(x[0], x[1], x[2], x[3]) > *(const double *)context;
}

/* Nothing wished, nothing done; everything wished, everything is halved and a field on it is the nearer to the truth. */
static void uniform_refinement_converges(void **state)
{
  static const double s[6] = {0.5, 0.5, 0.5, 0, 0, 0};
  BoxSpec spec = lead_spec(1);
  double z[3], huge = 1e9;
  (void)state;
  spec.bend = NULL;
  for (int k = 0; k < 3; k++) {
    Mesh *m, *fine;
    assert_ok(fixture_mesh(&spec, &m));
    double part = k ? 1.0001 / (k == 1 ? 8 : 64) : huge;
    assert_ok(mesh_bisect(m, larger_than, &part, NULL, &fine));
    if (k == 0) assert_int_equal(fine->n_tet, m->n_tet);
    if (k == 1) assert_int_equal(fine->n_tet, 8 * m->n_tet);
    double *sigma = constant_sigma(fine, s);
    FieldOptions o = tight();
    LeadField *f;
    assert_ok(field_solve(fine, sigma, &o, &f));
    z[k] = f->impedance[0];
    lead_field_destroy(&f);
    mesh_destroy(&fine), mesh_destroy(&m);
    free(sigma);
  }
  assert_true(z[1] > z[0] && z[2] > z[1] && z[1] - z[0] > 1.3 * (z[2] - z[1])); /* from below */
}

static int start(void **state)
{
  (void)state;
  progress_configure(true, false);
  return PetscInitialize(NULL, NULL, NULL, NULL);
}

static int end(void **state) { return (void)state, PetscFinalize(); }

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_point_is_approached),
      cmocka_unit_test(uniform_refinement_converges),
  };
  return cmocka_run_group_tests(tests, start, end);
}
