/* What the sampler of points stands on: its store beside a search through all points, gradients beside differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../mesh/walls.h"
#include "scene_fixture.h"

enum { N_POINT = 4000, N_QUESTION = 20000 };

/* Graded: edges from 0.1 mm in one corner to 1.2 mm. */
static double edge_at(const double p[3]) { return 0.1 + 0.1 * (p[0] + 2.0); }

static void random_point(Rng *r, double p[3])
{
  for (int k = 0; k < 3; k++) p[k] = 9.0 * rng_uniform(r) - 2.0;
}

static bool crowded_by_search(const PointStore *s, const double p[3], int on, double own, double other)
{
  for (int64_t i = 0; i < point_store_count(s); i++) {
    const SamplePoint *q = point_store_at(s, i);
    const double d = q->on == on ? own : other;
    if (q->edge > 0.0 && v3_distance2(q->p, p) < d * d) return true;
  }
  return false;
}

static PointStore *filled_store(void)
{
  PointStore *s;
  Rng r = rng_seed(3, 0);
  assert_int_equal(point_store_create(&s), 0);
  for (int i = 0; i < N_POINT; i++) {
    SamplePoint p = {.on = (int16_t)(i % 2 ? IN_VOLUME : TISSUE_CSF), .region = -1};
    random_point(&r, p.p);
    p.edge = edge_at(p.p);
    assert_int_equal(point_store_add(s, &p), 0);
  }
  for (int i = 0; i < N_POINT; i += 7) point_store_drop(s, i);
  return s;
}

static void the_store_finds_neighbours(void **state)
{
  PointStore *s = filled_store();
  Rng r = rng_seed(4, 0);
  int crowded = 0;
  (void)state;
  for (int i = 0; i < N_QUESTION; i++) {
    double p[3];
    random_point(&r, p);
    const double edge = edge_at(p), own = 0.8 * edge * rng_uniform(&r), other = 0.7 * edge * rng_uniform(&r);
    const bool expected = crowded_by_search(s, p, IN_VOLUME, own, other);
    assert_int_equal(point_store_crowded(s, p, IN_VOLUME, edge, own, other), expected);
    crowded += expected;
  }
  assert_true(crowded > N_QUESTION / 10 && crowded < 9 * N_QUESTION / 10);
  point_store_destroy(&s);
}

static void neighbourhoods_are_whole(void **state)
{
  PointStore *s = filled_store();
  Rng r = rng_seed(5, 0);
  static Near near;
  (void)state;
  for (int i = 0; i < N_QUESTION / 40; i++) {
    double p[3];
    int n = 0;
    random_point(&r, p);
    const double radius = edge_at(p);
    for (int64_t k = 0; k < point_store_count(s); k++)
      n += point_store_at(s, k)->edge > 0.0 && v3_distance2(point_store_at(s, k)->p, p) < radius * radius;
    point_store_near(s, p, edge_at(p), radius, &near);
    assert_int_equal(near.n, n < NEAR_MAX ? n : NEAR_MAX);
    assert_int_equal(near_crowded(&near, p, IN_VOLUME, radius, radius), n > 0);
  }
  point_store_destroy(&s);
}

static void gradients_are_differences(void **state)
{
  const double h = 1e-4;
  Anatomy *a;
  Rng r = rng_seed(6, 0);
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  for (int i = 0; i < 4000; i++) {
    const int shape = TISSUE_BODY + i % (TISSUE_WHITE - TISSUE_BODY + 1);
    const double p[3] = {44 * rng_uniform(&r) - 22, 44 * rng_uniform(&r) - 22, 60 * rng_uniform(&r) - 30};
    double g[3], cell = 1.0;
    for (int k = 0; k < 3; k++) { /* away from the faces of the grid's cells, where the gradient jumps */
      const double u = (p[k] - a->grid->origin[k]) / a->grid->step[k];
      cell = fmin(cell, fabs(u - rint(u)));
    }
    if (cell < 0.01) continue;
    assert_true(fabs(anatomy_shell_gradient(a, (Tissue)shape, p, g) - anatomy_distance(a, (Tissue)shape, p)) < 1e-12);
    for (int k = 0; k < 3; k++) {
      double lo[3], hi[3];
      v3_copy(p, lo), v3_copy(p, hi);
      lo[k] -= h, hi[k] += h;
      const double d = anatomy_distance(a, (Tissue)shape, hi) - anatomy_distance(a, (Tissue)shape, lo);
      assert_true(fabs(d / (2 * h) - g[k]) < 1e-3);
    }
  }
  anatomy_destroy(&a);
}

/* How far q is from the nearest interface that can be seen there: inside a root its own. */
static double nearest_interface(const Anatomy *a, const double q[3])
{
  double d[TISSUE_COUNT], nearest = HUGE_VAL;
  anatomy_distances(a, q, d);
  for (int t = TISSUE_BODY; t <= TISSUE_GREY && d[TISSUE_ROOT] > 0.0; t++) nearest = fmin(nearest, fabs(d[t]));
  return fmin(nearest, fabs(d[TISSUE_ROOT]));
}

/* Half a millimetre away interfaces bend by less than this; few roots bend more. Where another root is nearer than the one that was
 * near before, it is not known. */
static void walls_are_where_interfaces_are(void **state)
{
  const double reach = 1.2, bend = 0.1;
  Anatomy *a;
  Rng r = rng_seed(8, 0);
  int asked = 0, too_near = 0;
  (void)state;
  assert_int_equal(fixture_anatomy(true, &a), 0);
  for (int i = 0; i < 40000; i++) {
    const double p[3] = {24 * rng_uniform(&r) - 12, 24 * rng_uniform(&r) - 12, 60 * rng_uniform(&r) - 30};
    double step[3], q[3];
    Walls w;
    for (int k = 0; k < 3; k++) step[k] = rng_uniform(&r) - 0.5;
    v3_scale(0.5 / v3_norm(step), step);
    v3_axpy(p, 1.0, step, q);
    const double nearest = nearest_interface(a, q);
    const int here = anatomy_nearest_root(a, p, 3.0, NULL, NULL, NULL),
              there = anatomy_nearest_root(a, q, 3.0, NULL, NULL, NULL);
    if (nearest > 0.6 || here != there) continue;
    walls_look(a, p, reach, &w);
    asked++;
    assert_true(walls_near(&w, step, nearest + bend));
    too_near += nearest > bend && walls_near(&w, step, nearest - bend);
  }
  assert_true(asked > 1000 && too_near < asked / 200);
  anatomy_destroy(&a);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_store_finds_neighbours),
      cmocka_unit_test(neighbourhoods_are_whole),
      cmocka_unit_test(gradients_are_differences),
      cmocka_unit_test(walls_are_where_interfaces_are),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
