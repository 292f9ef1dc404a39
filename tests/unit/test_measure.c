/* Measures of overlap and distance, each against numbers worked out by hand. */
#include "seg_fixture.h"

#include "cauda/image.h"
#include "cauda/measure.h"

enum { N = 6, NZ = 3 };
static const double VOXEL[3] = {1.0, 2.0, 3.0};

/* A 6 x 6 x 3 image of voxels of 1 x 2 x 3 mm. */
typedef struct {
  int16_t v[NZ][N][N];
} Small;

static void save(const char *path, const Small *s)
{
  const int n[3] = {N, N, NZ};
  const double affine[3][4] = {{VOXEL[0], 0, 0, -3}, {0, VOXEL[1], 0, 4}, {0, 0, VOXEL[2], 10}};
  assert_done(image_write_int16(path, n, affine, &s->v[0][0][0], "test"));
}

static SegComparison *measured(const Small *a, const Small *b, const SegCompareOptions *o)
{
  const SegCompareOptions none = {0};
  SegComparison *c = NULL;
  save("a.nii.gz", a), save("b.nii.gz", b);
  assert_done(seg_compare("a.nii.gz", "b.nii.gz", o ? o : &none, &c));
  return c;
}

static const SegMeasure *label(const SegComparison *c, const char *name)
{
  for (int i = 0; i < c->n_label; i++)
    if (!strcmp(c->label[i].name, name)) return &c->label[i];
  fail_msg("no label %s", name);
  return NULL;
}

/* Two bars of 4 voxels in one slice, moved along x by one: three voxels are common. */
static void two_bars(Small *a, Small *b)
{
  memset(a, 0, sizeof *a), memset(b, 0, sizeof *b);
  for (int i = 0; i < 4; i++) a->v[1][2][i] = 7, b->v[1][2][i + 1] = 7;
}

static void overlap_is_as_counted_by_hand(void **state)
{
  Small a, b;
  (void)state;
  two_bars(&a, &b);
  SegComparison *c = measured(&a, &b, NULL);
  const SegMeasure *m = label(c, "7");
  assert_int_equal(c->n_label, 2); /* 7, and all as one */
  assert_int_equal(m->n_a, 4);
  assert_int_equal(m->n_both, 3);
  assert_near(m->dice, 2.0 * 3 / 8, 1e-15);
  assert_near(m->iou, 3.0 / 5, 1e-15);
  /* 108 voxels: 106 agree; by chance (4 * 4 + 104 * 104) / 108^2 would */
  const double agree = 106.0 / 108, chance = (16.0 + 104.0 * 104.0) / (108.0 * 108.0);
  assert_near(m->kappa, (agree - chance) / (1 - chance), 1e-14);
  assert_near(c->kappa, m->kappa, 1e-14); /* one label: all labels together are the same */
  assert_near(label(c, "mask")->dice, m->dice, 1e-15);
  seg_comparison_destroy(&c);
}

static void distances_are_in_mm_and_ranked(void **state)
{
  Small a, b;
  (void)state;
  two_bars(&a, &b);
  SegComparison *c = measured(&a, &b, NULL);
  const SegMeasure *m = label(c, "7");
  /* each way: 0, 0, 0, 1 mm; the 95th percentile lies at rank 2.85 of 0..3 */
  assert_near(m->distance_mean_mm, 2.0 / 8, 1e-14);
  assert_near(m->distance_95_mm, 0.85, 1e-14);
  seg_comparison_destroy(&c);
  b = (Small){{{{0}}}};
  for (int i = 0; i < 4; i++) b.v[2][4][i] = 7; /* two rows and a slice on: sqrt(4^2 + 3^2) = 5 mm everywhere */
  c = measured(&a, &b, NULL);
  assert_near(label(c, "7")->distance_mean_mm, 5.0, 1e-14);
  assert_near(label(c, "7")->distance_95_mm, 5.0, 1e-14);
  assert_near(label(c, "7")->dice, 0.0, 1e-15);
  seg_comparison_destroy(&c);
}

/* Only the surface counts: a block and the same block without its one inner voxel. */
static void only_surfaces_count_in_distances(void **state)
{
  Small a = {{{{0}}}}, b;
  (void)state;
  for (int k = 0; k < 3; k++)
    for (int j = 1; j < 4; j++)
      for (int i = 1; i < 4; i++) a.v[k][j][i] = 1;
  b = a;
  b.v[1][2][2] = 0;
  SegComparison *c = measured(&a, &b, NULL);
  assert_near(label(c, "1")->distance_mean_mm, 0.0, 1e-15); /* 26 surface voxels each */
  assert_near(label(c, "1")->dice, 2.0 * 26 / 53, 1e-15);
  seg_comparison_destroy(&c);
}

static void sizes_and_centres_slice_by_slice(void **state)
{
  Small a = {{{{0}}}}, b = {{{{0}}}};
  (void)state;
  a.v[0][1][1] = a.v[0][1][2] = 5; /* centre (1.5, 1) */
  a.v[1][1][1] = 5;
  b.v[1][3][1] = b.v[1][3][2] = 5; /* centre (1.5, 3) */
  b.v[2][0][0] = 5;
  SegComparison *c = measured(&a, &b, NULL);
  const SegMeasure *m = label(c, "5");
  assert_near(m->volume_a_mm3, 18.0, 1e-12);
  assert_near(m->volume_b_mm3, 18.0, 1e-12);
  assert_int_equal(m->slices_a, 2);
  assert_int_equal(m->slices_both, 1);
  assert_near(m->area_difference_mm2, 2.0, 1e-12); /* 4 less 2 mm2 in the one slice of both */
  assert_near(m->area_mean_a_mm2, 3.0, 1e-12);
  assert_near(m->centre_mean_mm, hypot(0.5, 4.0), 1e-12);
  assert_int_equal(c->n_slice, 6); /* three of label 5, three of all */
  assert_near(c->slice[1].z_mm, 13.0, 1e-12);
  assert_true(isnan(c->slice[0].centre_distance_mm));
  seg_comparison_destroy(&c);
}

/* Labels 1 and 2 exchanged: no label agrees, the mask of all does. */
static void exchanged_labels_are_one_mask_still(void **state)
{
  Small a = {{{{0}}}}, b = {{{{0}}}};
  (void)state;
  for (int i = 0; i < 3; i++) a.v[0][0][i] = 1, a.v[0][1][i] = 2, b.v[0][0][i] = 2, b.v[0][1][i] = 1;
  SegComparison *c = measured(&a, &b, NULL);
  assert_near(label(c, "1")->dice, 0.0, 1e-15);
  assert_near(label(c, "mask")->dice, 1.0, 1e-15);
  assert_near(label(c, "mask")->kappa, 1.0, 1e-14);
  const double agree = 102.0 / 108, chance = (102.0 * 102.0 + 2 * 9.0) / (108.0 * 108.0);
  assert_near(c->kappa, (agree - chance) / (1 - chance), 1e-14);
  seg_comparison_destroy(&c);
}

static void a_missing_label_has_no_distance(void **state)
{
  Small a = {{{{0}}}}, b = {{{{0}}}};
  const SegCompareOptions none = {0};
  SegComparison *c = NULL;
  (void)state;
  a.v[1][1][1] = 4;
  c = measured(&a, &b, NULL);
  assert_near(label(c, "4")->dice, 0.0, 1e-15);
  assert_true(isnan(label(c, "4")->distance_mean_mm));
  assert_true(isnan(label(c, "4")->centre_mean_mm));
  seg_comparison_destroy(&c);
  save("a.nii.gz", &b);
  assert_complains(seg_compare("a.nii.gz", "b.nii.gz", &none, &c), "nothing is labelled", "b.nii.gz");
}

/* Left and right of the cord's middle, and names from a table in which two values are one structure. */
static void sides_by_the_cord_and_names_by_the_table(void **state)
{
  Small a = {{{{0}}}}, cord = {{{{0}}}};
  const SegCompareOptions o = {.table = "./t.yaml", .cord = "cord.nii.gz", .folder = ""};
  (void)state;
  cord.v[1][2][2] = cord.v[1][2][3] = 1; /* middle at 2.5 */
  a.v[1][1][1] = 6, a.v[1][1][5] = 6, a.v[1][0][5] = 8, a.v[0][0][0] = 9;
  save("cord.nii.gz", &cord);
  FILE *s = fopen("t.yaml", "w");
  assert_non_null(s);
  fputs("source: test\nlabels:\n  - {value: 6, structure: C6}\n  - {value: 8, structure: C6}\n"
        "  - {value: 9, structure: ignore}\n",
        s);
  fclose(s);
  SegComparison *c = measured(&a, &a, &o);
  assert_int_equal(c->n_label, 3);
  assert_int_equal(label(c, "C6_L")->n_a, 1);
  assert_int_equal(label(c, "C6_R")->n_a, 2);
  assert_int_equal(label(c, "mask")->n_a, 3);
  seg_comparison_destroy(&c);
}

static void other_grids_are_refused(void **state)
{
  const int n[3] = {N, N, NZ};
  const double moved[3][4] = {{VOXEL[0], 0, 0, -3}, {0, VOXEL[1], 0, 4.3}, {0, 0, VOXEL[2], 10}};
  const SegCompareOptions none = {0};
  Small a = {{{{0}}}};
  SegComparison *c = NULL;
  (void)state;
  a.v[0][0][0] = 1;
  save("a.nii.gz", &a);
  assert_done(image_write_int16("b.nii.gz", n, moved, &a.v[0][0][0], "test"));
  assert_complains(seg_compare("a.nii.gz", "b.nii.gz", &none, &c), "lie apart by up to 0.300 voxels", NULL);
  assert_null(c);
}

static int setup_here(void **state) { return setup(state) || chdir(folder); }

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(overlap_is_as_counted_by_hand),
      cmocka_unit_test(distances_are_in_mm_and_ranked),
      cmocka_unit_test(only_surfaces_count_in_distances),
      cmocka_unit_test(sizes_and_centres_slice_by_slice),
      cmocka_unit_test(exchanged_labels_are_one_mask_still),
      cmocka_unit_test(a_missing_label_has_no_distance),
      cmocka_unit_test(sides_by_the_cord_and_names_by_the_table),
      cmocka_unit_test(other_grids_are_refused),
  };
  return cmocka_run_group_tests_name("measure", tests, setup_here, teardown);
}
