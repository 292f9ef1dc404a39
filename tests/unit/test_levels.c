/* Levels along the cord, against numbers worked out by hand. */
#include "seg_fixture.h"

#include "cauda/levels.h"

enum { N = 24, NZ = 40 };
static const double STEP[3] = {0.5, 0.5, 2.0};

static int quiet_setup(void **state)
{
  progress_configure(true, false);
  return setup(state) || chdir(folder);
}

typedef int (*Label)(int i, int j, int k);

/* Slices are 2 mm apart in height, from 100 mm on. */
static void save(const char *path, Label label)
{
  const int n[3] = {N, N, NZ};
  const double affine[3][4] = {{STEP[0], 0, 0, -6}, {0, STEP[1], 0, -6}, {0, 0, STEP[2], 100}};
  static int16_t v[NZ * N * N];
  for (int at = 0; at < NZ * N * N; at++) v[at] = (int16_t)label(at % N, at / N % N, at / (N * N));
  assert_done(image_write_int16(path, n, affine, v, "test"));
}

/* A cord of four voxels a slice that runs aside by half a voxel a slice: 0.25 mm on 2 mm. */
static int cord(int i, int j, int k) { return (i - k / 2 == 1 || i - k / 2 == 2) && (j == 12 || j == 13); }
static int segments(int i, int j, int k) { return cord(i, j, k) ? k < 10 ? 22 : k < 25 ? 21 : 0 : 0; }
static int vertebrae(int i, int j, int k) { return j == 20 && i == 5 ? k < 6 ? 20 : k < 12 ? 19 : 0 : 0; }
static int discs(int i, int j, int k) { return j == 20 && i == 5 ? k == 30 ? 19 : k == 20 ? 20 : k == 14 ? 21 : 0 : 0; }
/* A root that leaves the cord at slices 30 to 33 and then keeps away from it. */
static int roots(int i, int j, int k)
{
  if (k < 20 || k > 33) return 0;
  return j == (k >= 30 ? 14 : 20) && i == k / 2 + 2 ? 3 : 0;
}

static LevelOptions with_table(const char *labels)
{
  FILE *s = fopen("table.yaml", "w");
  assert_non_null(s);
  fprintf(s, "source: test\nlabels:\n%s", labels);
  fclose(s);
  return (LevelOptions){.table = "./table.yaml", .folder = ""};
}

static const char *const SEGMENTS = "  - {value: 21, structure: L1}\n  - {value: 22, structure: L2}\n";
static const char *const VERTEBRAE =
    "  - {value: 19, structure: T12}\n  - {value: 20, structure: L1}\n  - {value: 21, structure: L2}\n";

enum { T12 = 19, L1 = 20, L2 = 21 };

static void heights_without_a_cord(void **state)
{
  (void)state;
  const LevelOptions o = with_table(SEGMENTS);
  Level l[LEVEL_COUNT];
  save("s.nii.gz", segments);
  assert_done(levels_of_segments("s.nii.gz", &o, l));
  assert_true(l[L1].found && l[L2].found && !l[T12].found);
  assert_near(l[L2].from_mm, 99, 1e-9); /* slices 0 .. 9, half a slice more on each side */
  assert_near(l[L2].to_mm, 119, 1e-9);
  assert_near(l[L2].length_mm, 20, 1e-9);
  assert_near(l[L1].middle_mm, 134, 1e-9);
}

static void places_along_a_leaning_cord(void **state)
{
  (void)state;
  LevelOptions o = with_table(SEGMENTS);
  Level l[LEVEL_COUNT];
  const double slant = hypot(2.0, 0.25) / 2.0;
  save("s.nii.gz", segments), save("c.nii.gz", cord);
  o.cord = "c.nii.gz";
  assert_done(levels_of_segments("s.nii.gz", &o, l));
  assert_near(l[L2].length_mm, 20 * slant, 0.1); /* the staircase of whole voxels is smoothed */
  assert_near(l[L1].length_mm, 30 * slant, 0.1);
  assert_near(l[L1].middle_mm - l[L2].middle_mm, 25 * slant, 0.1);
  assert_near(l[L1].middle_z_mm, 134, 0.1);
}

static void entries_of_roots(void **state)
{
  (void)state;
  LevelOptions o = with_table("  - {value: 3, structure: T12_L}\n");
  Level l[LEVEL_COUNT];
  save("r.nii.gz", roots), save("c.nii.gz", cord);
  assert_done(levels_of_segments("r.nii.gz", &o, l));
  assert_near(l[T12].length_mm, 28, 1e-9); /* all of it: no cord was given */
  o.cord = "c.nii.gz";
  assert_done(levels_of_segments("r.nii.gz", &o, l));
  assert_near(l[T12].length_mm, 8, 0.3);
  assert_near(l[T12].middle_z_mm, 163, 0.3);
}

static void vertebrae_and_discs(void **state)
{
  (void)state;
  LevelOptions o = with_table(VERTEBRAE);
  Level l[LEVEL_COUNT];
  save("v.nii.gz", vertebrae), save("d.nii.gz", discs);
  assert_done(levels_of_vertebrae("v.nii.gz", &o, l));
  assert_near(l[L1].middle_mm, 105, 1e-9);
  assert_near(l[T12].length_mm, 12, 1e-9);
  o.discs = true;
  assert_done(levels_of_vertebrae("d.nii.gz", &o, l));
  assert_near(l[T12].from_mm, 140, 1e-9); /* from disc T12/L1 to disc T11/T12 */
  assert_near(l[T12].to_mm, 160, 1e-9);
  assert_near(l[L1].middle_mm, 134, 1e-9);
  assert_false(l[L2].found); /* the disc below it is not there */
}

static void agreement_by_hand(void **state)
{
  (void)state;
  const double d[4] = {1, 2, 3, 6};
  const Agreement a = agreement_of(4, d);
  assert_near(a.bias, 3, 1e-12);
  assert_near(a.deviation, sqrt(14.0 / 3), 1e-12);
  assert_near(a.upper, 3 + 1.96 * sqrt(14.0 / 3), 1e-12);
  assert_true(isnan(agreement_of(1, d).lower) && isnan(agreement_of(0, d).bias));
}

static int nothing(int i, int j, int k) { return (void)i, (void)j, (void)k, 0; }

static void faults_are_named(void **state)
{
  (void)state;
  LevelOptions o = with_table(SEGMENTS);
  Level l[LEVEL_COUNT];
  save("s.nii.gz", nothing);
  assert_complains(levels_of_segments("s.nii.gz", &o, l), "shows no level", "s.nii.gz");
  save("s.nii.gz", segments), save("c.nii.gz", nothing);
  o.cord = "c.nii.gz";
  assert_complains(levels_of_segments("s.nii.gz", &o, l), "expected a mask of the cord", "c.nii.gz");
}

/* The template's segments have the lengths that are counted in its file. */
static void the_templates_segments(void **state)
{
  (void)state;
  static const double length[7] = {17.0, 13.0, 11.5, 10.5, 8.0, 7.0, 7.5};
  char pam50[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX], cord_path[CAUDA_PATH_MAX];
  Level l[LEVEL_COUNT];
  shared_data("pam50", pam50);
  assert_done(path_join(pam50, "PAM50_spinal_levels.nii.gz", path));
  assert_done(path_join(pam50, "PAM50_cord.nii.gz", cord_path));
  const LevelOptions o = {.table = "pam50-spinal-levels", .folder = "", .cord = cord_path, .units = "mm"};
  assert_done(levels_of_segments(path, &o, l));
  for (int i = 0; i < 7; i++) assert_near(l[L1 + i].length_mm, length[i], 0.5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heights_without_a_cord), cmocka_unit_test(places_along_a_leaning_cord),
      cmocka_unit_test(entries_of_roots),       cmocka_unit_test(vertebrae_and_discs),
      cmocka_unit_test(agreement_by_hand),      cmocka_unit_test(faults_are_named),
      cmocka_unit_test(the_templates_segments),
  };
  return cmocka_run_group_tests_name("levels", tests, quiet_setup, teardown);
}
