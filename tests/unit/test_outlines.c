/* Outlines and root lines to an anatomy: distances, areas, frame, caps, repairs, and complaints. */
#include "../../seg/loop.h"
#include "subject_fixture.h"

static void distances_of_a_circle_are_exact(void **state)
{
  (void)state;
  enum { N = 400, GRID = 61 };
  static double xy[N][2];
  static float d[GRID * GRID];
  const int count[2] = {GRID, GRID};
  const double origin[2] = {-6, -6}, step[2] = {0.2, 0.2};
  for (int i = 0; i < N; i++) xy[i][0] = 4.0 * cos(2 * M_PI * i / N), xy[i][1] = 4.0 * sin(2 * M_PI * i / N);
  assert_done(loop_raster(N, (const double(*)[2])xy, count, origin, step, d));
  for (int j = 0; j < GRID; j++)
    for (int i = 0; i < GRID; i++)
      assert_near(d[j * GRID + i], hypot(origin[0] + 0.2 * i, origin[1] + 0.2 * j) - 4.0, 1e-3);
}

/* slow twin: all edges, and the winding of the loop about the point */
static double slow_distance(int n, double (*xy)[2], const double p[2])
{
  double best = HUGE_VAL, turn = 0.0;
  for (int i = 0, j = n - 1; i < n; j = i++) {
    const double ex = xy[i][0] - xy[j][0], ey = xy[i][1] - xy[j][1], px = p[0] - xy[j][0], py = p[1] - xy[j][1];
    const double t = fmin(fmax((px * ex + py * ey) / (ex * ex + ey * ey), 0), 1);
    best = fmin(best, hypot(px - t * ex, py - t * ey));
    turn += atan2(py * (xy[i][0] - p[0]) - px * (xy[i][1] - p[1]), -px * (xy[i][0] - p[0]) - py * (xy[i][1] - p[1]));
  }
  return fabs(turn) > M_PI ? -best : best;
}

static void distances_of_random_stars_agree_with_the_slow_way(void **state)
{
  (void)state;
  enum { GRID = 24 };
  Rng rng = rng_seed(1, 0);
  for (int trial = 0; trial < 20; trial++) {
    double xy[64][2];
    float d[GRID * GRID];
    const int n = 3 + (int)(rng_uniform(&rng) * 60), count[2] = {GRID, GRID};
    const double origin[2] = {-5.03, -5.07}, step[2] = {0.43, 0.41};
    for (int i = 0; i < n; i++) {
      const double r = 1.0 + 3.0 * rng_uniform(&rng), t = 2 * M_PI * i / n;
      xy[i][0] = r * cos(t), xy[i][1] = r * sin(t);
    }
    assert_done(loop_raster(n, (const double(*)[2])xy, count, origin, step, d));
    for (int k = 0; k < GRID * GRID; k++) {
      const double p[2] = {origin[0] + step[0] * (k % GRID), origin[1] + step[1] * (k / GRID)};
      assert_near(d[k], slow_distance(n, xy, p), 1e-5);
    }
  }
}

static void a_synthetic_subject_keeps_its_areas(void **state)
{
  (void)state;
  const Subject s = plain_subject();
  Anatomy *a;
  assert_done(read_subject(&s, NULL, &a));
  for (double z = -12; z <= 18; z += 5) {
    assert_near(section_area(a, TISSUE_WHITE, z), M_PI * 4.5 * 3.5, 0.01 * M_PI * 4.5 * 3.5);
    assert_near(section_area(a, TISSUE_CSF, z), M_PI * 8.0 * 7.0, 0.01 * M_PI * 8.0 * 7.0);
  }
  assert_near(a->seen_z_max - a->seen_z_min, 40.0, 1e-9);
  assert_near(a->z_max - a->z_min, 50.0, 1e-9);
  assert_int_equal(a->n_root, 4);
  for (int i = 0; i < a->n_root; i++) {
    assert_good_root(a, &a->root[i], 0.5);
    assert_true((a->root[i].side == 'R') == (a->root[i].xyz[3 * a->root[i].entry] > 0.0));
  }
  assert_int_equal(anatomy_find_root(a, "L2_R"), 3);
  anatomy_destroy(&a);
}

static void ventral_roots_are_made_beside_dorsal_ones(void **state)
{
  (void)state;
  const Subject s = plain_subject();
  CaseOutlines o;
  Case c = subject_case(&o);
  Anatomy *plain, *a;
  assert_done(read_subject(&s, NULL, &plain));
  c.anatomy.ventral_roots = (char *)"made";
  assert_done(anatomy_read(&c, folder, &a));
  assert_int_equal(a->n_root, 8);
  for (int i = 0; i < 4; i++) {
    const Root *dorsal = &a->root[i], *r = &a->root[4 + i];
    assert_false(dorsal->made);
    assert_int_equal(dorsal->n, plain->root[i].n);
    assert_memory_equal(dorsal->xyz, plain->root[i].xyz, 3 * sizeof(double) * (size_t)dorsal->n);
    assert_true(r->made && r->ventral && r->side == dorsal->side);
    assert_string_equal(r->segment, dorsal->segment);
    assert_good_root(a, r, 0.7 * 0.5);
    const double *entry = r->xyz + 3 * r->entry, *other = dorsal->xyz + 3 * dorsal->entry;
    assert_true(entry[1] > 1.0 && (entry[0] > 0.0) == (r->side == 'R'));
    assert_near(entry[2], other[2], 1.0);
    for (int k = 0; k < r->n; k++) /* tubes that pass through one another would share a root's volume */
      assert_true(sqrt(v3_distance2(r->xyz + 3 * k, dorsal->xyz + 3 * k)) > 0.85);
  }
  anatomy_destroy(&plain), anatomy_destroy(&a);
}

static void moving_and_turning_the_subject_changes_nothing(void **state)
{
  (void)state;
  static const double poses[][5] = {
      {0, 0, 100, -50, -400}, {0.4, 0.3, 10, 20, 30}, {3.0, 0.2, 0, 0, 0}, {-1.2, 2.0, 5, 5, 5}};
  Subject s = plain_subject();
  Anatomy *a, *b;
  assert_done(read_subject(&s, NULL, &a));
  for (size_t i = 0; i < sizeof poses / sizeof *poses; i++) {
    const double *q = poses[i];
    s.pose = turned(q[0], q[1], q[2], q[3], q[4]);
    s.lps = i % 2;
    assert_done(read_subject(&s, NULL, &b));
    assert_same_anatomy(a, b, 1e-6);
    anatomy_destroy(&b);
  }
  anatomy_destroy(&a);
}

static void the_world_frame_leads_back_to_the_files(void **state)
{
  (void)state;
  Subject s = plain_subject();
  s.pose = turned(0.3, -0.2, 12, -7, 90);
  Anatomy *a;
  const double middle[3] = {0, 0, 0}, surface[3] = {4.5, 0, 4}; /* on the cord, in the subject's own axes */
  double w[3], p[3];
  assert_done(read_subject(&s, NULL, &a));
  rigid_apply(&s.pose, surface, w);
  rigid_apply_inverse(&a->world, w, p);
  assert_near(anatomy_distance(a, TISSUE_WHITE, p), 0.0, 0.02);
  rigid_apply(&s.pose, middle, w);
  rigid_apply_inverse(&a->world, w, p);
  assert_true(anatomy_distance(a, TISSUE_WHITE, p) < -3.0);
  anatomy_destroy(&a);
}

static void the_cord_ends_in_a_round_cap_inside_the_image(void **state)
{
  (void)state;
  Subject s = plain_subject();
  s.cord_first = 5; /* 10 mm above the image's end */
  CaseOutlines o;
  Case c = subject_case(&o);
  Anatomy *a;
  c.anatomy.roots = c.anatomy.ganglia = NULL;
  write_subject(&s);
  assert_done(anatomy_read(&c, folder, &a));
  const double last = a->seen_z_min + 10.0;
  assert_near(section_area(a, TISSUE_WHITE, last), M_PI * 4.5 * 3.5, 0.6);
  assert_true(section_area(a, TISSUE_WHITE, last - 2.0) < 0.85 * M_PI * 4.5 * 3.5);
  assert_true(section_area(a, TISSUE_WHITE, last - 2.0) > 0.3 * M_PI * 4.5 * 3.5);
  assert_true(section_area(a, TISSUE_WHITE, last - 3.6) < 0.01);
  assert_near(section_area(a, TISSUE_WHITE, a->z_max), M_PI * 4.5 * 3.5, 0.6); /* a prism at the other end */
  anatomy_destroy(&a);
}

static void gaps_are_bridged_and_counted(void **state)
{
  (void)state;
  Subject s = plain_subject();
  s.cord_gap = 5.0;
  Anatomy *a;
  assert_done(read_subject(&s, NULL, &a));
  assert_int_equal(repairs(a, "gaps between outlines bridged"), 1);
  assert_near(section_area(a, TISSUE_WHITE, 0.0), M_PI * 4.5 * 3.5, 0.6);
  anatomy_destroy(&a);
}

static void swapped_sides_are_found_by_the_names(void **state)
{
  (void)state;
  Anatomy *a = NULL;
  Subject s = plain_subject();
  assert_complains(read_subject(&s, "RAS", &a), "left and right are swapped", "coordinates");
  s.lps = false;
  assert_complains(read_subject(&s, "LPS", &a), "left and right are swapped", "coordinates");
  s.swap_names = true;
  assert_complains(read_subject(&s, NULL, &a), "left and right are swapped", "root_L1_L.json");
  s.mirrored = true;
  assert_done(read_subject(&s, NULL, &a)); /* swapped twice is right again */
  anatomy_destroy(&a);
  /* front and back exchanged: the dorsal roots would lie in front of the cord */
  s = plain_subject();
  s.pose.m[1][1] = -1.0;
  assert_complains(read_subject(&s, NULL, &a), "in front of its centre", NULL);
  /* one level alone */
  s = plain_subject();
  CaseOutlines o;
  Case c = subject_case(&o);
  write_subject(&s);
  char l[CAUDA_PATH_MAX], r[CAUDA_PATH_MAX], t[CAUDA_PATH_MAX];
  assert_int_equal(
      path_join(folder, "root_L2_L.json", l) || path_join(folder, "root_L2_R.json", r) || path_join(folder, "t", t), 0);
  assert_int_equal(rename(l, t) || rename(r, l) || rename(t, r), 0);
  assert_complains(anatomy_read(&c, folder, &a), "L2", "unlike the other levels");
}

static void a_mirrored_subject_is_the_mirror_image(void **state)
{
  (void)state;
  Subject s = plain_subject();
  Anatomy *a, *b;
  assert_done(read_subject(&s, NULL, &a));
  s.mirrored = s.swap_names = true;
  assert_done(read_subject(&s, NULL, &b));
  for (int i = 0; i < a->n_root; i++) {
    const Root *p = &a->root[i], *q = &b->root[i ^ 1];
    assert_int_equal(p->n, q->n);
    for (int k = 0; k < p->n; k++) {
      assert_near(p->xyz[3 * k], -q->xyz[3 * k], 1e-4);
      assert_near(p->xyz[3 * k + 2], q->xyz[3 * k + 2], 1e-4);
    }
  }
  anatomy_destroy(&a), anatomy_destroy(&b);
}

/* Replaces the dura's outline in one plane by n points, and expects words. */
static void assert_bad_loop(const char *type, int n, double (*p)[3], const char *words)
{
  Subject s = plain_subject();
  CaseOutlines o;
  Case c = subject_case(&o);
  Anatomy *a = NULL;
  write_subject(&s);
  put(&s, "dura_0.json", type, n, p);
  assert_complains(anatomy_read(&c, folder, &a), words, "dura_0.json");
  assert_null(a);
}

static void bad_outlines_are_refused_in_words(void **state)
{
  (void)state;
  double p[LOOP][3];
  ellipse(8, 7, 0.5, -20, p);
  assert_bad_loop("Curve", LOOP, p, "closed");
  ellipse(8, 7, 0.5, -20, p);
  assert_bad_loop("ClosedCurve", 2, p, "at least 3");
  ellipse(8, 7, 0.5, -20, p);
  p[7][2] += 1.5;
  assert_bad_loop("ClosedCurve", LOOP, p, "plane");
  ellipse(8, 7, 0.5, -18, p);
  assert_bad_loop("ClosedCurve", LOOP, p, "in one plane");
  ellipse(8, 7, 0.5, -20, p);
  for (int i = 0; i < LOOP; i++) p[i][2] = -20 + 0.2 * p[i][0];
  assert_bad_loop("ClosedCurve", LOOP, p, "turned by");
  ellipse(8, 7, 0.5, -20, p);
  for (int i = 0; i < 2; i++) { /* a figure of eight */
    const double x = p[3][i];
    p[3][i] = p[9][i], p[9][i] = x;
  }
  assert_bad_loop("ClosedCurve", LOOP, p, "crosses itself");
  for (int i = 0; i < LOOP; i++) v3_set(p[i], i, 0, -20);
  assert_bad_loop("ClosedCurve", LOOP, p, "");
}

static void missing_files_are_named(void **state)
{
  (void)state;
  Subject s = plain_subject();
  CaseOutlines o;
  Case c = subject_case(&o);
  Anatomy *a = NULL;
  write_subject(&s);
  o.cord = (char *)"chord_*.json";
  assert_complains(anatomy_read(&c, folder, &a), "chord_*.json", folder);
  c = subject_case(&o);
  c.anatomy.roots = (char *)"none_{root}_{side}.json";
  assert_complains(anatomy_read(&c, folder, &a), "none_{root}_{side}.json", folder);
  c = subject_case(&o);
  c.anatomy.roots = (char *)"root_L1_{side}.json";
  assert_complains(anatomy_read(&c, folder, &a), "{root}", "anatomy.roots");
  c = subject_case(&o);
  c.anatomy.ganglia = (char *)"no_{root}_{side}.json";
  assert_complains(anatomy_read(&c, folder, &a), "ganglia", folder);
}

static void a_root_that_never_reaches_the_cord_is_refused(void **state)
{
  (void)state;
  Subject s = plain_subject();
  CaseOutlines o;
  Case c = subject_case(&o);
  Anatomy *a = NULL;
  double p[5][3];
  char path[CAUDA_PATH_MAX];
  s.cord_first = 12; /* the cord ends 4 mm above the middle */
  write_subject(&s);
  for (int i = 0; i < 5; i++) v3_set(p[i], 2.0, -3.0, -6.0 - 2.0 * i);
  assert_int_equal(path_join(folder, "root_L2_R.json", path), 0);
  write_markup(path, "Curve", true, 5, (const double(*)[3])p);
  assert_complains(anatomy_read(&c, folder, &a), "never reaches the cord", "root_L2_R.json");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_of_a_circle_are_exact),
      cmocka_unit_test(distances_of_random_stars_agree_with_the_slow_way),
      cmocka_unit_test(a_synthetic_subject_keeps_its_areas),
      cmocka_unit_test(ventral_roots_are_made_beside_dorsal_ones),
      cmocka_unit_test(moving_and_turning_the_subject_changes_nothing),
      cmocka_unit_test(the_world_frame_leads_back_to_the_files),
      cmocka_unit_test(the_cord_ends_in_a_round_cap_inside_the_image),
      cmocka_unit_test(gaps_are_bridged_and_counted),
      cmocka_unit_test(swapped_sides_are_found_by_the_names),
      cmocka_unit_test(a_mirrored_subject_is_the_mirror_image),
      cmocka_unit_test(bad_outlines_are_refused_in_words),
      cmocka_unit_test(missing_files_are_named),
      cmocka_unit_test(a_root_that_never_reaches_the_cord_is_refused),
  };
  return cmocka_run_group_tests_name("outlines", tests, setup, teardown);
}
