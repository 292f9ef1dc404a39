/* The courses of fibres: in the right tissue, smooth, drawn as the populations say, the same for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/fiber/draw.h"
#include "../../src/fiber/route.h"
#include "cauda/fiber.h"
#include "cauda/vec3.h"

#include <stdlib.h>
#include <string.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static const double TOP = 40.0, BOTTOM = -60.0, RADIUS = 0.9;

/* ---- a straight cord of 9 x 7.6 mm in a sac of 17 x 15 mm, with a dorsal and a ventral L1 root on each side ------ */

static void shape_distances(const double p[3], float d[3])
{
  d[0] = (float)(8.0 * (hypot(p[0] / 8.5, p[1] / 7.5) - 1.0));
  d[1] = (float)(4.1 * (hypot(p[0] / 4.5, p[1] / 3.8) - 1.0));
  d[2] = (float)(hypot(p[0], p[1]) - 1.2);
}

static void make_grid(Anatomy *a)
{
  static const Tissue shown[] = {TISSUE_CSF, TISSUE_WHITE, TISSUE_GREY};
  static const int n[3] = {49, 49, 11};
  static const double origin[3] = {-12, -12, -60}, step[3] = {0.5, 0.5, 10};
  assert_ok(distance_grid_create(n, origin, step, shown, 3, &a->grid));
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) {
        double p[3] = {origin[0] + step[0] * i, origin[1] + step[1] * j, origin[2] + step[2] * k};
        shape_distances(p, a->grid->d + 3 * (((size_t)k * n[1] + j) * n[0] + i));
      }
}

/* From outside the dura, up along the cord, to the entry and half a millimetre on. */
static void make_root(Root *r, char side, bool ventral)
{
  enum { N = 60 };
  double mirror = side == 'L' ? -1.0 : 1.0, back = ventral ? 1.0 : -1.0;
  double out[3] = {mirror * 14.0, back * 2.0, -50.0}, along[3] = {mirror * 3.5, back * 6.0, -25.0};
  double near[3] = {mirror * 3.6, back * 5.0, -8.0}, in[3] = {mirror * 1.9, back * 2.6, 1.0};
  Chain c = {0};
  *r = (Root){.segment = "L1", .side = side, .ventral = ventral, .n = N};
  snprintf(r->name, sizeof r->name, "L1_%c_%s", side, ventral ? "ventral" : "dorsal");
  assert_ok(chain_add(&c, out));
  assert_ok(chain_bezier(&c, along, near, in, 0.5));
  r->xyz = calloc(N, 3 * sizeof(double)), r->radius = calloc(N, sizeof(double));
  for (int i = 0; i < N; i++) {
    v3_copy(c.xyz + 3 * (size_t)((c.n - 1) * i / (N - 1)), r->xyz + 3 * (size_t)i);
    r->radius[i] = RADIUS;
    float d[3];
    shape_distances(r->xyz + 3 * (size_t)i, d);
    if (d[1] > 0.0f) r->entry = i + 1;
  }
  chain_free(&c);
}

static Anatomy *make_anatomy(int n_root)
{
  Anatomy *a = NULL;
  assert_ok(anatomy_create(&a));
  make_grid(a);
  a->z_min = BOTTOM, a->z_max = TOP;
  a->seen_z_min = BOTTOM, a->seen_z_max = TOP;
  a->surround = (Surround){.dura_thickness_mm = 0.3, .epidural_fat_mm = 2.5, .bone_mm = 8, .body_radius_mm = 60};
  a->root = calloc((size_t)n_root, sizeof *a->root);
  a->n_root = n_root;
  for (int i = 0; i < n_root; i++) make_root(&a->root[i], i % 2 ? 'R' : 'L', i / 2);
  assert_ok(anatomy_finish(a));
  return a;
}

static FiberClass classes[] = {{"Ia", "dorsal", "lognormal", 13.0, 1.5, 8.0, 16.0, "test", HUGE_VAL},
                               {"alpha", "ventral", "normal", 12.0, 1.5, 8.0, 16.0, "test", HUGE_VAL},
                               {"II", "dorsal", "lognormal", 9.0, 1.5, 5.7, 12.0, "test", HUGE_VAL},
                               {"DC", "dorsal_column", "normal", 9.0, 1.5, 5.7, 12.0, "test", HUGE_VAL}};
static const FiberPopulations populations = {4, classes};

static FiberSet *make_fibers(const Anatomy *a, int per_root, int seed)
{
  Case c = {.fibers = {.per_root = per_root, .seed = seed}};
  FiberSet *f = NULL;
  assert_ok(fibers_make(&c, a, &populations, &f));
  return f;
}

static Chain as_chain(const FiberPath *p) { return (Chain){.n = p->n, .xyz = p->xyz}; }

/* ---- courses -------------------------------------------------------------------------------------------------- */

static void paths_are_smooth_and_even(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 40, 1);
  assert_int_equal(f->n_fiber, 2 * 80 + 2 * 40 + 2 * 40);
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    Chain c = as_chain(p);
    assert_true(chain_tightest_bend(&c) > 0.99);
    for (int k = 1; k < p->n; k++) {
      double step = sqrt(v3_distance2(p->xyz + 3 * (size_t)k, p->xyz + 3 * (size_t)(k - 1)));
      assert_close(p->s[k] - p->s[k - 1], step, 1e-9);
      assert_true(step > 0.15 && step < 0.35);
    }
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void check_tissues(const Anatomy *a, const FiberPath *p)
{
  const Root *r = &a->root[p->root];
  for (int k = 0; k < p->n; k++) {
    const double *x = p->xyz + 3 * (size_t)k;
    bool in_cord = r->ventral ? p->s[k] < p->entry_s - 0.3 : p->s[k] > p->entry_s + 0.3;
    double d;
    if (in_cord)
      assert_true(anatomy_distance(a, TISSUE_WHITE, x) < 0.0);
    else if (fabs(p->s[k] - p->entry_s) > 1.0) {
      assert_int_equal(anatomy_nearest_root(a, x, 2.0, &d, NULL, NULL), p->root);
      assert_true(d < -0.05 * RADIUS);
    }
  }
}

static void fibers_lie_in_their_root_and_in_the_cord(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 40, 2);
  for (int i = 0; i < f->n_fiber; i++)
    if (f->fiber[i].course != COURSE_COLUMN) check_tissues(a, &f->fiber[i]);
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void afferents_rise_in_the_dorsal_column(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 20, 3);
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    const Root *r = &a->root[p->root];
    if (p->course != COURSE_AFFERENT) continue;
    const double *end = p->xyz + 3 * (size_t)(p->n - 1), *entry = r->xyz + 3 * (size_t)r->entry;
    assert_close(end[2], TOP, 1.5);
    assert_true(end[0] * entry[0] > 0.0 && fabs(end[0]) < fabs(entry[0]));
    double depth = -anatomy_distance(a, TISSUE_WHITE, end);
    assert_true(end[1] < 0.0 && depth > 0.4 && depth < 1.2);
    assert_true(anatomy_distance(a, TISSUE_DURA, p->xyz) > 0.0);
    assert_true(p->entry_s > 20.0 && p->s[p->n - 1] - p->entry_s > 30.0);
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void branches_may_be_followed_for_a_part(void **state)
{
  static FiberClass parts[] = {{"a", "dorsal", "normal", 10.0, 1.0, 8.0, 13.0, "test", 15.0},
                               {"b", "dorsal", "normal", 10.0, 1.0, 8.0, 13.0, "test", 500.0}};
  Case c = {.fibers = {.per_root = 5, .seed = 1}};
  FiberSet *f;
  (void)state;
  Anatomy *a = make_anatomy(2);
  assert_ok(fibers_make(&c, a, &(FiberPopulations){2, parts}, &f));
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    const Root *r = &a->root[p->root];
    double rise = p->xyz[3 * (size_t)(p->n - 1) + 2] - r->xyz[3 * (size_t)r->entry + 2];
    if (p->fiber_class == 0)
      assert_true(rise > 13.0 && rise < 18.0); /* from where the fibre itself enters */
    else
      assert_close(p->xyz[3 * (size_t)(p->n - 1) + 2], TOP, 1.5);
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void columns_have_fibers_of_their_own(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(2);
  FiberSet *f = make_fibers(a, 20, 3);
  int n[2] = {0, 0};
  assert_int_equal(f->n_root, 4);
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    if (p->course != COURSE_COLUMN) continue;
    double side = p->root == 2 ? -1.0 : 1.0;
    assert_string_equal(f->root_name[p->root], side < 0.0 ? "dorsal_column_L" : "dorsal_column_R");
    n[p->root - 2]++;
    assert_close(p->xyz[2], BOTTOM, 1.5);
    assert_close(p->xyz[3 * (size_t)(p->n - 1) + 2], TOP, 1.5);
    for (int k = 0; k < p->n; k++) {
      const double *x = p->xyz + 3 * (size_t)k;
      assert_true(side * x[0] > 0.0 && x[1] < 0.0 && fabs(x[0]) < 2.5);
      assert_true(anatomy_distance(a, TISSUE_WHITE, x) < 0.0 && anatomy_distance(a, TISSUE_GREY, x) > -0.05);
    }
    assert_int_equal(fiber_site(p, 10.0), SITE_COLUMN);
  }
  assert_int_equal(n[0], 20);
  assert_int_equal(n[1], 20);
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

/* Along a fibre: outside the dura, in the root, at the entry, in the cord, or the other way round. */
static void sites_have_names(void **state)
{
  static const FiberSite order[2][4] = {{SITE_FORAMEN, SITE_ROOT, SITE_ENTRY, SITE_COLUMN},
                                        {SITE_HORN, SITE_ENTRY, SITE_ROOT, SITE_FORAMEN}};
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 5, 3);
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    if (p->course == COURSE_COLUMN) continue;
    bool motor = p->course == COURSE_MOTOR;
    int at = 0;
    for (int k = 0; k < p->n; k++) {
      FiberSite site = fiber_site(p, p->s[k]);
      if (motor && k == 0 && site == SITE_ENTRY) at = 1; /* the horn is less than 2 mm deep */
      while (at < 4 && order[motor][at] != site) at++;
      assert_true(at < 4);
      bool outside = anatomy_distance(a, TISSUE_DURA, p->xyz + 3 * (size_t)k) > 0.2;
      if (outside) assert_int_equal(site, SITE_FORAMEN);
    }
    assert_int_equal(at, 3);
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void motor_fibers_come_from_the_horn(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 20, 3);
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    if (p->course != COURSE_MOTOR) continue;
    assert_true(anatomy_distance(a, TISSUE_WHITE, p->xyz) < -1.0);
    assert_true(anatomy_distance(a, TISSUE_DURA, p->xyz + 3 * (size_t)(p->n - 1)) > 0.0);
    assert_true(p->entry_s > 0.5 && p->entry_s < 6.0);
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void mirrored_roots_give_mirrored_courses(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  for (int kind = 0; kind < 2; kind++) {
    RootLine *left, *right;
    Chain l, r;
    RouteMarks l_marks, r_marks;
    RoutePlace place = {{0.3, 0.5}, 0.5, 0.7, HUGE_VAL}, mirrored = {{0.3, -0.5}, 0.5, 0.7, HUGE_VAL};
    assert_ok(root_line_create(a, &a->root[2 * kind], &left));
    assert_ok(root_line_create(a, &a->root[2 * kind + 1], &right));
    assert_ok(route_make(a, left, &place, &l, &l_marks));
    assert_ok(route_make(a, right, &mirrored, &r, &r_marks));
    assert_int_equal(l.n, r.n);
    assert_close(l_marks.entry_s, r_marks.entry_s, 1e-6);
    assert_close(l_marks.dura_s, r_marks.dura_s, 1e-6);
    for (int i = 0; i < l.n; i++) {
      assert_close(l.xyz[3 * i], -r.xyz[3 * i], 1e-6);
      assert_close(l.xyz[3 * i + 1], r.xyz[3 * i + 1], 1e-6);
      assert_close(l.xyz[3 * i + 2], r.xyz[3 * i + 2], 1e-6);
    }
    chain_free(&l), chain_free(&r);
    root_line_destroy(&left), root_line_destroy(&right);
  }
  anatomy_destroy(&a);
}

static void left_and_right_fibers_are_mirrored(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(4);
  FiberSet *f = make_fibers(a, 10, 6);
  int per_root[] = {20, 20, 10, 10, 10, 10}, left = 0;
  for (int kind = 0; kind < 3; kind++) {
    for (int i = 0; i < per_root[2 * kind]; i++) {
      const FiberPath *l = &f->fiber[left + i], *r = &f->fiber[left + per_root[2 * kind] + i];
      assert_true(l->diameter_um == r->diameter_um && l->node_phase == r->node_phase);
      assert_int_equal(l->n, r->n);
      for (int k = 0; k < l->n; k++) assert_close(l->xyz[3 * k], -r->xyz[3 * k], 1e-6);
    }
    left += 2 * per_root[2 * kind];
  }
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

static void frames_stand_across_and_do_not_twist(void **state)
{
  (void)state;
  Anatomy *a = make_anatomy(1);
  RootLine *l;
  assert_ok(root_line_create(a, &a->root[0], &l));
  for (int i = 0; i < l->line.n; i++) {
    double t[3];
    chain_direction(&l->line, i, t);
    assert_close(v3_dot(t, l->across[i][0]), 0.0, 1e-9);
    assert_close(v3_dot(t, l->across[i][1]), 0.0, 1e-9);
    assert_close(v3_norm(l->across[i][0]), 1.0, 1e-9);
    if (i) assert_true(v3_dot(l->across[i][0], l->across[i - 1][0]) > 0.98);
  }
  root_line_destroy(&l);
  anatomy_destroy(&a);
}

static void paths_are_in_world_coordinates(void **state)
{
  static const Rigid world = {{{0, -1, 0, 100}, {1, 0, 0, -20}, {0, 0, 1, 7}}};
  (void)state;
  Anatomy *a = make_anatomy(2);
  FiberSet *local = make_fibers(a, 3, 1);
  a->world = world;
  FiberSet *moved = make_fibers(a, 3, 1);
  for (int i = 0; i < local->n_fiber; i++)
    for (int k = 0; k < local->fiber[i].n; k++) {
      double x[3];
      rigid_apply(&world, local->fiber[i].xyz + 3 * (size_t)k, x);
      assert_close(v3_distance2(x, moved->fiber[i].xyz + 3 * (size_t)k), 0.0, 1e-18);
    }
  fibers_destroy(&local), fibers_destroy(&moved);
  anatomy_destroy(&a);
}

/* ---- draws ---------------------------------------------------------------------------------------------------- */

static void diameters_follow_the_population(void **state)
{
  enum { N = 400 };
  (void)state;
  Anatomy *a = make_anatomy(1);
  FiberSet *f = make_fibers(a, N, 5);
  double sum[4] = {0}, sum2[4] = {0}, phase = 0.0;
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    const FiberClass *c = &classes[p->fiber_class];
    assert_true(p->diameter_um >= c->smallest_um && p->diameter_um <= c->largest_um);
    assert_true(p->node_phase >= 0.0 && p->node_phase < 1.0);
    sum[p->fiber_class] += p->diameter_um, sum2[p->fiber_class] += p->diameter_um * p->diameter_um;
    phase += p->node_phase;
  }
  assert_int_equal(f->n_fiber, 4 * N);
  assert_close(sum[0] / N, 12.88, 0.02); /* a little under 13: the upper limit is nearer */
  assert_close(sum[2] / N, 8.88, 0.02);
  assert_close(sqrt(sum2[2] / N - sum[2] / N * sum[2] / N), 1.31, 0.03);
  assert_close(phase / f->n_fiber, 0.5, 0.001);
  fibers_destroy(&f);
  anatomy_destroy(&a);
}

/* Few fibres show the population, whatever the seed. */
static void draws_are_stratified(void **state)
{
  enum { N = 50 };
  const FiberClass *c = &classes[0];
  FiberDraw d[N];
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++) {
    Rng rng = rng_seed(seed, 1);
    double sum = 0.0, below = 0.0;
    int tenth[10] = {0}, depth[10] = {0};
    assert_ok(fiber_draws(c, N, &rng, d));
    for (int i = 0; i < N; i++) {
      sum += d[i].diameter_um, below += d[i].diameter_um < 12.0;
      tenth[(int)(10.0 * d[i].node_phase)]++, depth[(int)(10.0 * d[i].depth)]++;
    }
    assert_close(sum / N, 12.88, 0.03); /* independent draws: 0.2 */
    assert_close(below / N, 0.27, 0.021);
    for (int k = 0; k < 10; k++) assert_int_equal(tenth[k], N / 10), assert_int_equal(depth[k], N / 10);
  }
}

static void other_roots_and_runs_do_not_matter(void **state)
{
  (void)state;
  Anatomy *one = make_anatomy(1), *four = make_anatomy(4);
  FiberSet *a = make_fibers(one, 5, 9), *b = make_fibers(four, 5, 9), *other = make_fibers(one, 5, 10);
  for (int i = 0; i < 2 * 5; i++) {
    assert_int_equal(a->fiber[i].n, b->fiber[i].n);
    assert_memory_equal(a->fiber[i].xyz, b->fiber[i].xyz, 3 * sizeof(double) * (size_t)a->fiber[i].n);
    assert_true(a->fiber[i].diameter_um == b->fiber[i].diameter_um);
    assert_true(a->fiber[i].diameter_um != other->fiber[i].diameter_um);
  }
  fibers_destroy(&a), fibers_destroy(&b), fibers_destroy(&other);
  anatomy_destroy(&one), anatomy_destroy(&four);
}

static void impossible_populations_are_errors(void **state)
{
  static FiberClass narrow[] = {{"x", "dorsal", "normal", 10.0, 0.001, 12.0, 13.0, "test", HUGE_VAL}};
  static FiberClass none[] = {{"x", "ventral", "normal", 10.0, 1.0, 8.0, 13.0, "test", HUGE_VAL}};
  Case c = {.fibers = {.per_root = 2, .seed = 1}};
  FiberSet *f;
  (void)state;
  Anatomy *a = make_anatomy(1);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  assert_int_equal(fibers_make(&c, a, &(FiberPopulations){1, narrow}, &f), PETSC_ERR_USER_INPUT);
  assert_null(f);
  assert_int_equal(fibers_make(&c, a, &(FiberPopulations){1, none}, &f), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
  anatomy_destroy(&a);
}

/* ---- chains --------------------------------------------------------------------------------------------------- */

static void smoothing_rounds_a_corner(void **state)
{
  Chain c = {0};
  (void)state;
  for (int i = 0; i <= 40; i++)
    assert_ok(chain_add(&c, (double[3]){i < 20 ? 0.25 * i : 5.0, i < 20 ? 0 : 0.25 * (i - 20), 0}));
  assert_true(chain_tightest_bend(&c) < 0.2);
  chain_smooth(&c, 0, 1.0);
  assert_true(chain_tightest_bend(&c) >= 1.0);
  assert_close(c.xyz[3 * 40 + 1], 5.0, 1e-12);
  assert_true(hypot(c.xyz[3 * 20] - 5.0, c.xyz[3 * 20 + 1]) < 0.8);
  chain_free(&c);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(paths_are_smooth_and_even),
      cmocka_unit_test(fibers_lie_in_their_root_and_in_the_cord),
      cmocka_unit_test(afferents_rise_in_the_dorsal_column),
      cmocka_unit_test(branches_may_be_followed_for_a_part),
      cmocka_unit_test(columns_have_fibers_of_their_own),
      cmocka_unit_test(sites_have_names),
      cmocka_unit_test(motor_fibers_come_from_the_horn),
      cmocka_unit_test(mirrored_roots_give_mirrored_courses),
      cmocka_unit_test(left_and_right_fibers_are_mirrored),
      cmocka_unit_test(frames_stand_across_and_do_not_twist),
      cmocka_unit_test(paths_are_in_world_coordinates),
      cmocka_unit_test(diameters_follow_the_population),
      cmocka_unit_test(draws_are_stratified),
      cmocka_unit_test(other_roots_and_runs_do_not_matter),
      cmocka_unit_test(impossible_populations_are_errors),
      cmocka_unit_test(smoothing_rounds_a_corner),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
