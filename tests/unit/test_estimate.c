/* The error of a goal, estimated and true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/bisect.h"
#include "fem_fixture.h"

/* A second difference along y in the white matter, 4 mm below the lead. */
static double PLACES[9] = {-0.3, -5.2, -3.6, -0.2, -1.1, -3.7, -0.1, 3.1, -3.5};
static double WEIGHTS[3] = {1.0, -2.0, 1.0};
static const double CURRENTS[2][4] = {{-1.0, 0.6, 0.4, 0.0}, {-0.5, -0.5, 0.5, 0.5}};

static FieldGoal goal_of(int set)
{
  return (FieldGoal){.name = "a test", .n = 3, .xyz_mm = PLACES, .weight = WEIGHTS, .current_mA = CURRENTS[set]};
}

/* The lead's box without its bend: what is halved keeps its shape. */
static Mesh *box(void)
{
  BoxSpec spec = lead_spec(1);
  Mesh *m = NULL;
  spec.bend = NULL;
  assert_ok(fixture_mesh(&spec, &m));
  return m;
}

static bool longer_than(const void *context, const double *const x[4], TetId first)
{
  double longest = 0.0;
  (void)first;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++) longest = fmax(longest, v3_distance2(x[i], x[j]));
  return longest > *(const double *)context * *(const double *)context;
}

static double region_sigma[3][6] = {{1.7, 1.7, 1.7, 0, 0, 0}, {0.03, 0.03, 0.03, 0, 0, 0}, {0.1, 0.6, 0.1, 0, 0.02, 0}};

static double *sigma_of(const Mesh *m)
{
  double *sigma = malloc((size_t)m->n_tet * 6 * sizeof *sigma);
  assert_non_null(sigma);
  for (TetId t = 0; t < m->n_tet; t++) memcpy(sigma + 6 * (size_t)t, region_sigma[m->region[t]], 6 * sizeof *sigma);
  return sigma;
}

/* Values of both goals, and where `error` is given their estimates, on a mesh. */
static void solve(const Mesh *m, const FieldOptions *o, double value[2], double *error, double *indicator)
{
  const FieldGoal goal[2] = {goal_of(0), goal_of(1)};
  double *sigma = sigma_of(m), unused[2];
  LeadField *f;
  assert_ok(field_solve(m, sigma, o, &f));
  assert_ok(field_estimate(m, sigma, o, f, 2, goal, value, error ? error : unused, indicator));
  lead_field_destroy(&f);
  free(sigma);
}

static void is_near(double estimated, double true_error)
{
  print_message("estimated %g, true %g\n", estimated, true_error);
  assert_true(estimated * true_error > 0.0);
  assert_true(estimated / true_error > 0.5 && estimated / true_error < 2.0);
}

/* First order against second order on the same mesh, which is what its estimate looks at. */
static void first_order_holds(FieldOptions o)
{
  Mesh *m = box();
  double value[2], error[2], exact[2];
  solve(m, &o, value, error, NULL);
  o.order = 2;
  solve(m, &o, exact, NULL, NULL);
  for (int g = 0; g < 2; g++) is_near(error[g], exact[g] - value[g]);
  mesh_destroy(&m);
}

static void first_order_is_estimated(void **state)
{
  (void)state;
  first_order_holds(tight());
}

static void an_infinite_return_is_estimated(void **state)
{
  FieldOptions o = tight();
  (void)state;
  o.ret = RETURN_INFINITE;
  first_order_holds(o);
}

/* Second order against the same on the mesh halved. */
static void second_order_is_estimated(void **state)
{
  Mesh *m = box(), *fine;
  double longest = 0.9, value[2], error[2], exact[2];
  FieldOptions o = tight();
  (void)state;
  o.order = 2;
  assert_ok(mesh_bisect(m, longer_than, &longest, NULL, &fine));
  solve(m, &o, value, error, NULL);
  solve(fine, &o, exact, NULL, NULL);
  for (int g = 0; g < 2; g++) is_near(error[g], exact[g] - value[g]);
  mesh_destroy(&m);
  mesh_destroy(&fine);
}

/* The values are those of the potential, and doubled conductivities halve values and errors alike. */
static void values_and_errors_scale(void **state)
{
  Mesh *m = box();
  const FieldOptions o = tight();
  double value[2][2], error[2][2], *indicator[2];
  (void)state;
  for (int k = 0; k < 2; k++) {
    assert_ok(mem_alloc((size_t)m->n_tet, sizeof(double), &indicator[k]));
    solve(m, &o, value[k], error[k], indicator[k]);
    for (int r = 0; r < 18 && !k; r++) region_sigma[r / 6][r % 6] *= 2.0;
  }
  for (int r = 0; r < 18; r++) region_sigma[r / 6][r % 6] *= 0.5;
  for (int g = 0; g < 2; g++) {
    assert_close(value[1][g], 0.5 * value[0][g], 1e-6 * fabs(value[0][g]));
    assert_close(error[1][g], 0.5 * error[0][g], 1e-3 * fabs(error[0][g]));
  }
  double sum[2] = {0.0, 0.0}, expected = fabs(error[0][0] / value[0][0]) + fabs(error[0][1] / value[0][1]);
  for (TetId t = 0; t < m->n_tet; t++) sum[0] += indicator[0][t], sum[1] += fabs(indicator[1][t] - indicator[0][t]);
  assert_true(sum[0] > 0.5 * expected); /* parts of either sign count whole */
  assert_true(sum[1] < 1e-3 * sum[0]);
  for (int k = 0; k < 2; k++) free(indicator[k]);
  mesh_destroy(&m);
}

static int start(void **state)
{
  (void)state;
  return PetscInitializeNoArguments() ? -1 : 0;
}

static int end(void **state)
{
  (void)state;
  return PetscFinalize() ? -1 : 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_order_is_estimated),
      cmocka_unit_test(second_order_is_estimated),
      cmocka_unit_test(an_infinite_return_is_estimated),
      cmocka_unit_test(values_and_errors_scale),
  };
  return cmocka_run_group_tests(tests, start, end);
}
