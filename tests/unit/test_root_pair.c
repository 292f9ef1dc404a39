/* The dorsal and the ventral root of a level with one label for both: each voxel goes to the root that it was drawn for,
 * with gaps, strays, and where the two touch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../seg/curve.h"
#include "../../seg/root_pair.h"
#include "seg_fixture.h"

enum { WIDE = 60, HIGH = 80, CORD_BELOW = 60 };

typedef struct {
  LabelVolume v;
  double middle[HIGH][2];
  bool cord[HIGH];
  uint8_t of[HIGH * WIDE * WIDE]; /* 0 none, 1 dorsal, 2 ventral, 3 a stray */
} Scene;

/* Two roots that come down from the cord's two sides, `apart` voxels from each other at the lower end. */
static void root_middle(int kind, int k, double apart, double at[2])
{
  const double t = (double)(HIGH - 1 - k) / (HIGH - 1), half = 8.0 + t * (0.5 * apart - 8.0);
  at[0] = 20.0 + 15.0 * t;
  at[1] = 30.0 + (kind ? half : -half) + 6.0 * t;
}

static Scene *draw(double apart)
{
  Scene *s;
  assert_done(mem_alloc(1, sizeof *s, &s));
  s->v = (LabelVolume){.n = {WIDE, WIDE, HIGH}, .step = {0.4, 0.4, 1.0}, .n_root = 1};
  assert_done(mem_alloc(sizeof s->of, 1, &s->v.root_of));
  for (int k = 0; k < HIGH; k++) {
    s->middle[k][0] = s->middle[k][1] = 30.0, s->cord[k] = k >= CORD_BELOW;
    for (int i = 0; i < WIDE * WIDE; i++)
      for (int kind = 0; kind < 2; kind++) {
        double at[2];
        root_middle(kind, k, apart, at);
        if (hypot(i % WIDE - at[0], i / WIDE - at[1]) < 1.6) s->of[k * WIDE * WIDE + i] = (uint8_t)(kind + 1);
      }
  }
  return s;
}

/* Share of the roots' voxels that were given to the wrong one. */
static double wrong_share(Scene *s)
{
  RootVoxels l = {NULL, NULL};
  uint8_t *kind = NULL;
  double wrong = 0.0, all = 0.0;
  for (size_t i = 0; i < sizeof s->of; i++) s->v.root_of[i] = s->of[i] != 0;
  assert_done(root_voxels_create(&s->v, &l));
  assert_done(mem_alloc(l.start[1], 1, &kind));
  assert_done(root_pair_split(&s->v, &l, 0, (const double(*)[2])s->middle, s->cord, kind));
  for (size_t i = 0; i < l.start[1]; i++) {
    const int truth = s->of[l.at[i]] - 1;
    if (truth < 2) all += 1.0, wrong += kind[i] != truth;
  }
  root_voxels_free(&l);
  free(kind), free(s->v.root_of), free(s);
  return wrong / all;
}

static void each_voxel_goes_to_its_root(void **state)
{
  (void)state;
  assert_near(wrong_share(draw(14.0)), 0.0, 0.0);
}

/* Strays above both roots and beside them, in the cord's middle, and slices that a root lacks. */
static void strays_and_gaps_do_not_lead_astray(void **state)
{
  (void)state;
  Scene *s = draw(14.0);
  Rng r = rng_seed(5, 5);
  for (size_t i = 0; i < sizeof s->of; i++) {
    const int k = (int)(i / (WIDE * WIDE));
    if (s->of[i] && rng_uniform(&r) < 0.2) s->of[i] = 0;
    if (s->of[i] == 2 && ((k > 40 && k < 52) || k > 75)) s->of[i] = 0;
    if (s->of[i] == 1 && k < 6) s->of[i] = 0;
    if (!s->of[i] && rng_uniform(&r) < 2e-4) s->of[i] = 3;
  }
  assert_true(wrong_share(s) < 0.01);
}

/* Two discs of 3 voxels whose middles are 3 apart are one section for their last third. */
static void touching_roots_are_cut_between_them(void **state)
{
  (void)state;
  assert_true(wrong_share(draw(3.0)) < 0.02);
}

static void a_lone_root_stays_whole(void **state)
{
  (void)state;
  Scene *s = draw(14.0);
  for (size_t i = 0; i < sizeof s->of; i++)
    if (s->of[i] == 2) s->of[i] = 0;
  assert_near(wrong_share(s), 0.0, 0.0);
}

/* ---- smoothing ---- */

enum { POINTS = 40 };

static void noisy(double p[POINTS][3], double w[POINTS])
{
  Rng r = rng_seed(7, 1);
  for (int i = 0; i < POINTS; i++) {
    w[i] = 0.1 + rng_uniform(&r);
    v3_set(p[i], sin(0.2 * i) + 0.1 * rng_normal(&r), 0.1 * rng_normal(&r), i);
  }
}

/* Second difference at point i, 0 at the ends. */
static double bend(const double (*p)[3], int i, int e)
{
  return i < 1 || i > POINTS - 2 ? 0.0 : p[i - 1][e] - 2.0 * p[i][e] + p[i + 1][e];
}

/* At the least of a sum of squares its gradient is 0. */
static void smoothing_finds_the_least(void **state)
{
  (void)state;
  static const double WEIGHT = 50.0;
  double p[POINTS][3], q[POINTS][3], w[POINTS];
  noisy(p, w);
  memcpy(q, p, sizeof p);
  assert_done(curve_smooth(POINTS, p, w, WEIGHT, 1, 1e9));
  for (int i = 0; i < POINTS; i++)
    for (int e = 0; e < 3; e++) {
      double gradient = w[i] * (p[i][e] - q[i][e]);
      for (int k = i > 0 ? i - 1 : 0; k <= i + 1; k++)
        gradient += WEIGHT * (k == i ? -2.0 : 1.0) * bend((const double(*)[3])p, k, e);
      assert_near(gradient, 0.0, 1e-9);
    }
}

static double error_of(int passes)
{
  double p[POINTS][3], w[POINTS], sum = 0.0;
  noisy(p, w);
  for (int i = 0; i < POINTS; i++) p[i][0] = sin(0.2 * i);
  assert_done(curve_smooth(POINTS, p, NULL, 500.0, passes, 1e9));
  for (int i = 5; i < POINTS - 5; i++) sum += pow(p[i][0] - sin(0.2 * i), 2);
  return sqrt(sum / (POINTS - 10));
}

static void a_second_pass_keeps_bends(void **state)
{
  (void)state;
  assert_true(error_of(2) < 0.6 * error_of(1));
}

static void no_point_moves_beyond_the_limit(void **state)
{
  (void)state;
  double p[POINTS][3], q[POINTS][3], w[POINTS], most = 0.0;
  noisy(p, w);
  memcpy(q, p, sizeof p);
  assert_done(curve_smooth(POINTS, p, w, 1e6, 2, 0.05));
  for (int i = 0; i < POINTS; i++) most = fmax(most, sqrt(v3_distance2(p[i], q[i])));
  assert_near(most, 0.05, 1e-12);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_voxel_goes_to_its_root),         cmocka_unit_test(strays_and_gaps_do_not_lead_astray),
      cmocka_unit_test(touching_roots_are_cut_between_them), cmocka_unit_test(a_lone_root_stays_whole),
      cmocka_unit_test(smoothing_finds_the_least),           cmocka_unit_test(a_second_pass_keeps_bends),
      cmocka_unit_test(no_point_moves_beyond_the_limit),
  };
  return cmocka_run_group_tests_name("root pair", tests, setup, teardown);
}
