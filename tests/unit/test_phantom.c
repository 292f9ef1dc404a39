/* The phantom and made roots: sections, mirror symmetry, tubes apart from everything; the tables of an anatomy. */
#include "../../seg/phantom.h"
#include "../../seg/region_map.h"
#include "cauda/csv.h"
#include "cauda/seg.h"
#include "seg_fixture.h"

static Anatomy *phantom;

static int make_phantom(void **state)
{
  Case c = {0};
  CasePhantom p = {.model = (char *)"lumbosacral"};
  c.anatomy.phantom = &p;
  return setup(state) || anatomy_read(&c, "", &phantom);
}

static int drop_phantom(void **state)
{
  anatomy_destroy(&phantom);
  return teardown(state);
}

static void distance_to_an_ellipse_is_that_to_its_nearest_point(void **state)
{
  (void)state;
  Rng rng = rng_seed(3, 0);
  for (int trial = 0; trial < 200; trial++) {
    const double a = 0.5 + 8 * rng_uniform(&rng), b = a * (0.5 + rng_uniform(&rng));
    const double x = 24 * rng_uniform(&rng) - 12, y = 24 * rng_uniform(&rng) - 12;
    double best = HUGE_VAL;
    for (int i = 0; i < 20000; i++) {
      const double t = 2 * M_PI * i / 20000;
      best = fmin(best, hypot(x - a * cos(t), y - b * sin(t)));
    }
    assert_near(fabs(ellipse_distance(a, b, x, y)), best, 2e-3);
    assert_true((ellipse_distance(a, b, x, y) < 0) == (x * x / a / a + y * y / b / b < 1));
  }
}

static void the_cord_passes_through_its_segments_and_is_monotone_between(void **state)
{
  (void)state;
  PhantomModel *m;
  assert_done(phantom_model_read("lumbosacral", "", &m));
  double z = 0.0, a, b, below_a = 0.0;
  phantom_cord_axes(m, -3.0, &a, &b);
  assert_near(a, 0.5 * m->filum_diameter_mm, 1e-12);
  for (int i = m->n_segments - 1; i >= 0; i--) {
    const PhantomSegment *s = &m->segments[i];
    phantom_cord_axes(m, z + 0.5 * s->length_mm, &a, &b);
    assert_near(2 * a, s->transverse_mm, 1e-9);
    assert_near(2 * b, s->anteroposterior_mm, 1e-9);
    z += s->length_mm;
  }
  for (z = 0; z < 20; z += 0.1, below_a = a) { /* the conus */
    phantom_cord_axes(m, z, &a, &b);
    assert_true(a >= below_a);
  }
  phantom_model_destroy(&m);
}

static void the_phantom_is_its_own_mirror_image(void **state)
{
  (void)state;
  const DistanceGrid *g = phantom->grid;
  assert_int_equal(g->n[0] % 2, 1);
  assert_near(g->origin[0], -g->step[0] * (g->n[0] / 2), 1e-12);
  for (int k = 0; k < g->n[2]; k += 7)
    for (int j = 0; j < g->n[1]; j++)
      for (int i = 0; i < g->n[0] / 2; i++) {
        const size_t row = ((size_t)k * (size_t)g->n[1] + (size_t)j) * (size_t)g->n[0];
        const float *l = g->d + (row + (size_t)i) * (size_t)g->n_channel;
        const float *r = g->d + (row + (size_t)(g->n[0] - 1 - i)) * (size_t)g->n_channel;
        assert_memory_equal(l, r, sizeof *l * (size_t)g->n_channel);
      }
  assert_int_equal(phantom->n_root, 28);
  for (int i = 0; i < phantom->n_root; i += 2) {
    const Root *l = &phantom->root[i], *r = &phantom->root[i + 1];
    assert_true(l->side == 'L' && r->side == 'R' && l->ventral == r->ventral && l->n == r->n);
    assert_string_equal(l->segment, r->segment);
    for (int k = 0; k < l->n; k++) {
      assert_true(l->xyz[3 * k] == -r->xyz[3 * k] && r->xyz[3 * k] > 0.0);
      assert_true(l->xyz[3 * k + 1] == r->xyz[3 * k + 1] && l->xyz[3 * k + 2] == r->xyz[3 * k + 2]);
    }
  }
}

static void shapes_nest_and_nothing_was_repaired(void **state)
{
  (void)state;
  assert_int_equal(phantom->n_repair, 0);
  double grey = 0, cord = 0;
  for (double y = -5; y <= 5; y += 0.1)
    for (double x = -6; x <= 6; x += 0.1) {
      const double p[3] = {x, y, 50};
      double d[TISSUE_COUNT];
      anatomy_distances(phantom, p, d);
      for (int t = TISSUE_BONE; t < TISSUE_GREY; t++) assert_true(d[t] < d[t + 1]);
      grey += d[TISSUE_GREY] < 0, cord += d[TISSUE_WHITE] < 0;
    }
  assert_true(grey > 0.28 * cord && grey < 0.42 * cord);
  /* fat is thicker behind than in front: the rays leave the sac and the fat at these heights */
  const double behind[3] = {0, -9.0, 50}, before[3] = {0, 10.0, 50};
  assert_int_equal(anatomy_region_at(phantom, behind), TISSUE_FAT);
  assert_int_equal(anatomy_region_at(phantom, before), TISSUE_BONE);
}

/* Distance from p to the piece ab. */
static double to_piece(const double p[3], const double a[3], const double b[3])
{
  double e[3], w[3], c[3];
  v3_sub(b, a, e), v3_sub(p, a, w);
  v3_axpy(a, fmin(fmax(v3_dot(w, e) / v3_dot(e, e), 0), 1), e, c);
  return sqrt(v3_distance2(p, c));
}

static double tubes_apart(const Root *r, const Root *s)
{
  double least = HUGE_VAL;
  for (int i = 0; i < r->n; i++)
    for (int k = 0; k + 1 < s->n; k++) {
      const double *p = r->xyz + 3 * i, *a = s->xyz + 3 * k;
      if (fabs(p[2] - a[2]) < 3.0) least = fmin(least, to_piece(p, a, a + 3) - r->radius[i] - s->radius[k]);
    }
  return least;
}

static void all_tubes_stay_apart_from_one_another(void **state)
{
  (void)state;
  for (int i = 0; i < phantom->n_root; i++)
    for (int j = 0; j < i; j++) {
      const double apart = tubes_apart(&phantom->root[i], &phantom->root[j]);
      if (apart < 0.15) print_error("%s and %s: %.3f mm\n", phantom->root[i].name, phantom->root[j].name, apart);
      assert_true(apart >= 0.15);
    }
}

static void tubes_stay_off_dura_and_cord_but_at_their_ends(void **state)
{
  (void)state;
  for (int i = 0; i < phantom->n_root; i++) {
    const Root *r = &phantom->root[i];
    int inside = 0; /* from here on the tube is inside the sac as a whole */
    while (anatomy_distance(phantom, TISSUE_CSF, r->xyz + 3 * inside) > -(r->radius[inside] + 0.15)) inside++;
    for (int k = inside; k < r->n; k++) {
      const double *p = r->xyz + 3 * k;
      assert_true(anatomy_distance(phantom, TISSUE_CSF, p) < -(r->radius[k] + 0.14));
      if (p[2] < r->xyz[3 * r->entry + 2] - 6.0)
        assert_true(anatomy_distance(phantom, TISSUE_WHITE, p) > r->radius[k] + 0.15);
    }
    assert_true(anatomy_distance(phantom, TISSUE_WHITE, r->xyz + 3 * (r->n - 1)) < -0.2);
    assert_true(r->xyz[2] < phantom->z_min || anatomy_distance(phantom, TISSUE_DURA, r->xyz) > 3.0);
    assert_true((r->xyz[3 * r->entry + 1] < 0.0) == !r->ventral);
  }
}

static void roots_run_smoothly_and_leave_where_they_should(void **state)
{
  (void)state;
  for (int i = 0; i < phantom->n_root; i++) {
    const Root *r = &phantom->root[i];
    for (int k = 1; k + 1 < r->n; k++) {
      double u[3], v[3];
      v3_sub(r->xyz + 3 * k, r->xyz + 3 * (k - 1), u);
      v3_sub(r->xyz + 3 * (k + 1), r->xyz + 3 * k, v);
      assert_true(v3_dot(u, v) > cos(25 * M_PI / 180) * v3_norm(u) * v3_norm(v));
    }
  }
  const Root *l1 = &phantom->root[anatomy_find_root(phantom, "L1_R_dorsal")];
  for (int k = 0; k + 1 < l1->n; k++) {
    const double *p = l1->xyz + 3 * k;
    if (anatomy_distance(phantom, TISSUE_CSF, p) > 0 && anatomy_distance(phantom, TISSUE_CSF, p + 3) <= 0)
      assert_near(p[2], 10.0, 3.0); /* the case file of the phantom: 10 mm above the tip */
  }
}

static void roots_that_are_too_thick_are_thinned(void **state)
{
  (void)state;
  PhantomModel *m;
  Anatomy *a;
  assert_done(phantom_model_read("lumbosacral", "", &m));
  for (int i = 0; i < m->n_segments; i++) m->segments[i].dorsal_radius_mm *= 3.5;
  assert_done(anatomy_create(&a));
  assert_done(phantom_build(m, a));
  assert_done(anatomy_finish(a));
  assert_true(a->n_repair > 0 && strstr(a->repair[0].what, "thinned"));
  for (int i = 0; i < a->n_root; i++) assert_true(a->root[i].radius[0] > 0.2);
  anatomy_destroy(&a);
  m->sac_anteroposterior_mm = 9.0;
  assert_done(anatomy_create(&a));
  assert_complains(phantom_build(m, a), "does not fit in its sac", NULL);
  anatomy_destroy(&a);
  phantom_model_destroy(&m);
}

/* ---- tables -------------------------------------------------------------------------------------------------- */

static void the_tables_tell_volumes_pieces_and_sections(void **state)
{
  (void)state;
  char regions[CAUDA_PATH_MAX], sections[CAUDA_PATH_MAX];
  CsvTable *t;
  assert_int_equal(path_join(folder, "regions.csv", regions) || path_join(folder, "sections.csv", sections), 0);
  assert_done(anatomy_write_tables(phantom, regions, sections));
  assert_done(csv_read(regions, &t));
  assert_int_equal(t->n_row, 7 + 28);
  double all = 0.0, length = phantom->z_max - phantom->z_min;
  for (int i = 0; i < t->n_row; i++) {
    double volume, pieces, holes;
    assert_done(csv_number(t, i, 1, &volume));
    assert_done(csv_number(t, i, 2, &pieces));
    assert_done(csv_number(t, i, 3, &holes));
    assert_true(pieces == 1 && holes == 0);
    all += volume;
  }
  assert_near(all, M_PI * 60 * 60 * length, 1.0);
  csv_destroy(&t);
  assert_done(csv_read(sections, &t));
  for (int i = 0; i < t->n_row; i++) {
    double z, area, a, b;
    assert_done(csv_number(t, i, 0, &z));
    assert_done(csv_number(t, i, 6, &area));
    assert_near(area, M_PI / 4 * 16.5 * 14.5, 0.5);
    assert_done(csv_number(t, i, 3, &a));
    assert_done(csv_number(t, i, 4, &b));
    assert_done(csv_number(t, i, 2, &area));
    if (z > 5) assert_near(area, M_PI / 4 * a * b, 0.06 * area);
  }
  csv_destroy(&t);
}

/* Two separate balls in a block, one of them hollow. */
static void pieces_and_holes_are_counted(void **state)
{
  (void)state;
  enum { N = 40 };
  static int16_t v[N * N * N];
  RegionMap m = {.n = {N, N, N}, .step = {1, 1, 1}, .v = v};
  Anatomy a = {.surround.body_radius_mm = 30, .z_min = 0, .z_max = N};
  RegionCount *c;
  double ball = 0.0;
  for (int k = 0; k < N; k++)
    for (int j = 0; j < N; j++)
      for (int i = 0; i < N; i++) {
        const double d = hypot(hypot(i - 10, j - 10), k - 10), e = hypot(hypot(i - 28, j - 28), k - 28);
        const bool first = d < 6 && d > 3, second = e < 7;
        v[(k * N + j) * N + i] = first || second ? TISSUE_CSF : TISSUE_BODY;
        ball += first || second;
      }
  assert_done(region_map_count(&m, &a, TISSUE_ROOT, &c));
  assert_int_equal(c[TISSUE_CSF].pieces, 2);
  assert_int_equal(c[TISSUE_CSF].holes, 1);
  assert_near(c[TISSUE_CSF].volume_mm3, ball, 1e-9);
  assert_int_equal(c[TISSUE_BODY].pieces, 2);
  assert_int_equal(c[TISSUE_BODY].holes, 2);
  free(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distance_to_an_ellipse_is_that_to_its_nearest_point),
      cmocka_unit_test(the_cord_passes_through_its_segments_and_is_monotone_between),
      cmocka_unit_test(the_phantom_is_its_own_mirror_image),
      cmocka_unit_test(shapes_nest_and_nothing_was_repaired),
      cmocka_unit_test(all_tubes_stay_apart_from_one_another),
      cmocka_unit_test(tubes_stay_off_dura_and_cord_but_at_their_ends),
      cmocka_unit_test(roots_run_smoothly_and_leave_where_they_should),
      cmocka_unit_test(roots_that_are_too_thick_are_thinned),
      cmocka_unit_test(the_tables_tell_volumes_pieces_and_sections),
      cmocka_unit_test(pieces_and_holes_are_counted),
  };
  return cmocka_run_group_tests_name("phantom", tests, make_phantom, drop_phantom);
}
