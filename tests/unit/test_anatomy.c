/* The anatomy answers what was put into it. */
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scene_fixture.h"

static void known_distances(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(false, &a), 0);
  Rng rng = rng_seed(1, 1);
  for (int i = 0; i < 2000; i++) {
    const double phi = 2 * M_PI * rng_uniform(&rng), r = 18 * rng_uniform(&rng), z = 48 * (rng_uniform(&rng) - 0.5);
    const double p[3] = {r * cos(phi), r * sin(phi), z};
    double d[TISSUE_COUNT];
    anatomy_distances(a, p, d);
    /* a linear interpolant misses a circle by at most step^2 / 8r, and the tip of the cone at the axis by more */
    const double miss = r > 1.0 ? 0.5 * 0.5 / (4 * r) : 0.4;
    assert_true(fabs(d[TISSUE_WHITE] - (r - 3.5)) < miss);
    assert_true(fabs(d[TISSUE_CSF] - (r - 7.0)) < miss);
    assert_true(fabs(d[TISSUE_DURA] - (r - 7.3)) < miss);
    assert_true(fabs(d[TISSUE_FAT] - (r - 9.8)) < miss);
    assert_true(fabs(d[TISSUE_BONE] - (r - 14.8)) < miss);
    assert_true(fabs(d[TISSUE_BODY] - (r - 22.0)) < 1e-9);
    assert_true(d[TISSUE_ROOT] > 1e3 && d[TISSUE_GREY] > 1e3);
  }
  anatomy_destroy(&a);
}

static void one_region_everywhere(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  const double at[][3] = {{0, 0, 0},  {5, 0, 0},  {0, 7.15, 0}, {0, 8.5, 0},
                          {12, 0, 0}, {0, 20, 0}, {0, 23, 0},   {0, 0, 25}};
  const int region[] = {TISSUE_WHITE, TISSUE_CSF, TISSUE_DURA, TISSUE_FAT, TISSUE_BONE, TISSUE_BODY, 0, 0};
  for (int i = 0; i < 8; i++) assert_int_equal(anatomy_region_at(a, at[i]), region[i]);
  for (int r = 0; r < 2; r++)
    for (int k = 4; k < a->root[r].n; k++)
      assert_int_equal(anatomy_region_at(a, a->root[r].xyz + 3 * k), TISSUE_ROOT + r);
  anatomy_destroy(&a);
}

/* slow twin: every piece of every root */
static int nearest_by_search(const Anatomy *a, const double p[3], double *best)
{
  int root = -1;
  *best = DBL_MAX;
  for (int r = 0; r < a->n_root; r++)
    for (int i = 0; i + 1 < a->root[r].n; i++) {
      const double *u = a->root[r].xyz + 3 * i;
      double e[3], w[3], c[3];
      v3_sub(u + 3, u, e), v3_sub(p, u, w);
      const double t = fmin(fmax(v3_dot(w, e) / v3_dot(e, e), 0), 1);
      v3_axpy(u, t, e, c);
      const double d = sqrt(v3_distance2(p, c)) - a->root[r].radius[i];
      if (d < *best) *best = d, root = r;
    }
  return root;
}

static void nearest_root_is_nearest(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  Rng rng = rng_seed(2, 1);
  for (int i = 0; i < 5000; i++) {
    double p[3], slow, fast = 0, t;
    int segment;
    for (int k = 0; k < 3; k++) p[k] = 50 * (rng_uniform(&rng) - 0.5);
    const int want = nearest_by_search(a, p, &slow), got = anatomy_nearest_root(a, p, 100, &fast, &segment, &t);
    assert_int_equal(want, got);
    assert_true(fabs(slow - fast) < 1e-12);
    const int near = anatomy_nearest_root(a, p, 2.0, &fast, NULL, NULL);
    assert_int_equal(near, slow < 2.0 ? want : -1);
  }
  anatomy_destroy(&a);
}

static void fibre_axes(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  const double centre[3] = {1, 1, 3};
  double axis[3];
  anatomy_fiber_axis(a, TISSUE_WHITE, centre, axis);
  assert_true(fabs(fabs(axis[2]) - 1.0) < 1e-6);
  anatomy_fiber_axis(a, TISSUE_CSF, centre, axis);
  assert_true(v3_norm(axis) == 0.0);
  const double *p = a->root[0].xyz + 3 * 10;
  double along[3];
  v3_sub(p + 3, p, along);
  v3_normalise(along);
  anatomy_fiber_axis(a, TISSUE_ROOT, p, axis);
  assert_true(fabs(v3_dot(axis, along)) > 0.99);
  anatomy_destroy(&a);
}

static void roots_by_name(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  assert_int_equal(anatomy_find_root(a, "L1_L_dorsal"), 0);
  assert_int_equal(anatomy_find_root(a, "L1_R"), 1);
  assert_int_equal(anatomy_find_root(a, "L2_L"), -1);
  assert_int_equal(anatomy_find_root(a, "L1"), -2); /* left or right? */
  anatomy_destroy(&a);
}

static void a_bare_cord_widens_the_dura(void **state)
{
  Anatomy *a = NULL;
  (void)state;
  assert_int_equal(fixture_anatomy(false, &a), 0);
  /* a bump of the cord through the sac */
  const DistanceGrid *g = a->grid;
  for (int k = 0, at = 0; k < g->n[2]; k++)
    for (int j = 0; j < g->n[1]; j++)
      for (int i = 0; i < g->n[0]; i++, at += 2) {
        const double p[3] = {g->origin[0] + 0.5 * i - 6.5, g->origin[1] + 0.5 * j, g->origin[2] + 0.5 * k};
        g->d[at + 1] = (float)fmin((double)g->d[at + 1], v3_norm(p) - 2.0);
      }
  assert_int_equal(anatomy_finish(a), 0);
  assert_true(a->n_repair > 0);
  for (double x = 0; x < 10; x += 0.01) {
    double d[TISSUE_COUNT];
    const double p[3] = {x, 0, 0};
    anatomy_distances(a, p, d);
    assert_true(d[TISSUE_CSF] <= d[TISSUE_WHITE] - 0.24);
  }
  anatomy_destroy(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_distances),         cmocka_unit_test(one_region_everywhere),
      cmocka_unit_test(nearest_root_is_nearest), cmocka_unit_test(fibre_axes),
      cmocka_unit_test(roots_by_name),           cmocka_unit_test(a_bare_cord_widens_the_dura),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
