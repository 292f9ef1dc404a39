/* The error of a goal, estimated and true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../fem/bisect.h"
#include "cauda/team.h"
#include "fem_fixture.h"

/* A second difference along y in the white matter, 4 mm below the lead. */
static double PLACES[9] = {-0.3, -5.2, -3.6, -0.2, -1.1, -3.7, -0.1, 3.1, -3.5};
static double WEIGHTS[3] = {1.0, -2.0, 1.0};
static const double CURRENTS[2][4] = {{-1.0, 0.6, 0.4, 0.0}, {-0.5, -0.5, 0.5, 0.5}};

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

/* What two sets of currents make of the goal: its values, and what of them is estimated to be missing. */
typedef struct {
  double value[2], error[2];
} Answer;

static void ask(const Mesh *m, const MeshLocator *l, const double *sigma, const FieldOptions *o, const LeadField *f,
                Answer *a, double *indicator)
{
  double change[2][3][2], term[2], *v = malloc((size_t)f->n_node * sizeof *v), potential[3], E[9];
  int region[3];
  FieldGoal goal[2];
  assert_non_null(v);
  for (int g = 0; g < 2; g++)
    goal[g] = (FieldGoal){.name = "a test",
                          .current_mA = CURRENTS[g],
                          .n = 3,
                          .xyz_mm = PLACES,
                          .weight = WEIGHTS,
                          .change_V = change[g]};
  assert_ok(field_estimate(m, l, sigma, o, f, 2, goal, indicator));
  for (int g = 0; g < 2; g++) {
    field_superpose(f, CURRENTS[g], v);
    assert_ok(field_at(m, l, f, v, 3, PLACES, potential, E, region));
    a->value[g] = term[0] = term[1] = 0.0;
    for (int i = 0; i < 3; i++) a->value[g] += WEIGHTS[i] * potential[i];
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 2; k++) term[k] += WEIGHTS[i] * change[g][i][k];
    a->error[g] = field_series(term);
  }
  free(v);
}

static void solve(const Mesh *m, const FieldOptions *o, Answer *a, double *indicator)
{
  double *sigma = sigma_of(m);
  LeadField *f;
  MeshLocator *l;
  assert_ok(mesh_locator_create(m, &l));
  assert_ok(field_solve(m, sigma, o, &f));
  ask(m, l, sigma, o, f, a, indicator);
  mesh_locator_destroy(&l);
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
  Answer found, exact;
  solve(m, &o, &found, NULL);
  o.order = 2;
  solve(m, &o, &exact, NULL);
  for (int g = 0; g < 2; g++) is_near(found.error[g], exact.value[g] - found.value[g]);
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
  double longest = 0.9;
  Answer found, exact;
  FieldOptions o = tight();
  (void)state;
  o.order = 2;
  assert_ok(mesh_bisect(m, longer_than, &longest, NULL, &fine));
  solve(m, &o, &found, NULL);
  solve(fine, &o, &exact, NULL);
  for (int g = 0; g < 2; g++) is_near(found.error[g], exact.value[g] - found.value[g]);
  mesh_destroy(&m);
  mesh_destroy(&fine);
}

/* The values are those of the potential, and doubled conductivities halve values and errors alike. */
static void values_and_errors_scale(void **state)
{
  Mesh *m = box();
  const FieldOptions o = tight();
  double *indicator[2];
  Answer a[2];
  (void)state;
  for (int k = 0; k < 2; k++) {
    assert_ok(mem_alloc((size_t)m->n_tet, sizeof(double), &indicator[k]));
    solve(m, &o, &a[k], indicator[k]);
    for (int r = 0; r < 18 && !k; r++) region_sigma[r / 6][r % 6] *= 2.0;
  }
  for (int r = 0; r < 18; r++) region_sigma[r / 6][r % 6] *= 0.5;
  for (int g = 0; g < 2; g++) {
    assert_close(a[1].value[g], 0.5 * a[0].value[g], 1e-6 * fabs(a[0].value[g]));
    assert_close(a[1].error[g], 0.5 * a[0].error[g], 1e-3 * fabs(a[0].error[g]));
  }
  double sum[2] = {0.0, 0.0}, expected = 0.0;
  for (int g = 0; g < 2; g++) expected += fabs(a[0].error[g] / a[0].value[g]);
  for (TetId t = 0; t < m->n_tet; t++) sum[0] += indicator[0][t], sum[1] += fabs(indicator[1][t] - indicator[0][t]);
  assert_true(sum[0] > 0.5 * expected); /* parts of either sign count whole */
  assert_true(sum[1] < 1e-3 * sum[0]);
  for (int k = 0; k < 2; k++) free(indicator[k]);
  mesh_destroy(&m);
}

/* To the last bit, whatever the number of threads. */
static void threads_do_not_matter(void **state)
{
  Mesh *m = box();
  (void)state;
  for (int order = 1; order <= 2; order++) {
    Answer a[2];
    FieldOptions o = tight();
    o.order = order;
    for (int k = 0; k < 2; k++) {
      team_limit(1 + 2 * k);
      solve(m, &o, &a[k], NULL);
    }
    for (int g = 0; g < 2; g++) assert_true(a[0].error[g] == a[1].error[g]);
  }
  team_limit(0);
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
      cmocka_unit_test(first_order_is_estimated),        cmocka_unit_test(second_order_is_estimated),
      cmocka_unit_test(an_infinite_return_is_estimated), cmocka_unit_test(values_and_errors_scale),
      cmocka_unit_test(threads_do_not_matter),
  };
  return cmocka_run_group_tests(tests, start, end);
}
