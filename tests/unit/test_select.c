/* Recruitment, scores, limits and ranking on small tables that can be checked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cauda/csv.h"
#include "cauda/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static const double NEVER = HUGE_VAL;

/* ---- three roots of four fibres, three sets ------------------------------------------------------------------- */

static const char *const ROOTS[] = {"L1_L_dorsal", "L1_R_dorsal", "L2_L_dorsal"};
static const char *const SETS[] = {"good", "poor", "dead"};

static ThresholdTable *small_table(void)
{
  static const double mA[3][12] = {
      {1, 2, 3, 4, 3.5, 6, 7, 8, 9, 10, 11, 12}, /* all of L1_L at 4 mA, where one of L1_R's four is active */
      {2, 4, 6, 8, 1, 2, 3, 4, 5, 6, 7, 7.5},    /* the right side first */
      {NEVER, NEVER, NEVER, NEVER, 5, 6, 7, 8, NEVER, NEVER, NEVER, NEVER}};
  ThresholdTable *t = NULL;
  assert_ok(thresholds_create(3, 12, 3, 1, &t));
  strcpy(t->tier, "linear"), strcpy(t->fiber_class[0], "Ia");
  for (int i = 0; i < 3; i++) strcpy(t->set[i], SETS[i]), strcpy(t->root[i], ROOTS[i]);
  for (int i = 0; i < 12; i++) t->fiber_root[i] = i / 4, t->diameter_um[i] = 10 + 0.1 * i;
  for (int i = 0; i < 36; i++) t->threshold_mA[i] = t->threshold_af_mA[i] = mA[i / 12][i % 12];
  return t;
}

/* Two contacts of 6 mm2 */
static LeadContact contacts[] = {{"C01", {0, 0}, 4, 1.5}, {"C02", {0, 0}, 4, 1.5}};
static const LeadModel LEAD = {.kind = "paddle", .n_contacts = 2, .contacts = contacts};
static const double IMPEDANCE[] = {500, 100, 100, 400};
static double cathode_case[] = {-1, 0, 1}, bipole[] = {-1, 1, 0};
static StimulationSet set_rows[] = {{.name = "good", .fraction = bipole},
                                    {.name = "poor", .fraction = cathode_case},
                                    {.name = "dead", .fraction = cathode_case}};
static const SetTable SET_TABLE = {2, 3, set_rows};

static CaseRank rank = {"L1_L", "selectivity"};
static Case plain_case(void)
{
  return (Case){.rank = &rank,
                .pulse = {"biphasic", 300, 0},
                .limits = {.charge_density_uC_per_cm2 = 300, .compliance_V = 100, .contact_mA = 25, .shannon_k = 9}};
}

/* ---- recruitment ---------------------------------------------------------------------------------------------- */

static void recruitment_counts_fibers(void **state)
{
  ThresholdTable *t = small_table();
  (void)state;
  assert_close(recruited(t, 0, 0, -1, 0.99), 0.0, 0);
  assert_close(recruited(t, 0, 0, -1, 1.0), 0.25, 0);
  assert_close(recruited(t, 0, 0, 0, 3.9), 0.75, 0);
  assert_close(recruited(t, 1, 2, -1, 7.4), 0.75, 0);
  assert_close(recruitment_level(t, 0, 0, -1, 0.1), 1.0, 0);
  assert_close(recruitment_level(t, 0, 0, -1, 0.5), 2.0, 0);
  assert_close(recruitment_level(t, 0, 0, -1, 0.9), 4.0, 0);
  assert_true(recruitment_level(t, 2, 2, -1, 0.1) == HUGE_VAL);
  assert_close(recruitment_level(t, 1, 2, -1, 0.75), 7.0, 0);
  thresholds_destroy(&t);
}

static void recruitment_never_falls(void **state)
{
  Rng r = rng_seed(1, 1);
  ThresholdTable *t = small_table();
  (void)state;
  for (int i = 0; i < 36; i++) t->threshold_mA[i] = 10.0 * rng_uniform(&r);
  for (int root = 0; root < 3; root++)
    for (double a = 0.0, before = 0.0; a < 11.0; a += 0.05) {
      double now = recruited(t, 0, root, -1, a);
      assert_true(now >= before && now <= 1.0);
      before = now;
    }
  for (double level = 0.05; level <= 1.0; level += 0.05)
    assert_true(recruited(t, 0, 1, -1, recruitment_level(t, 0, 1, -1, level)) >= level - 1e-12);
  thresholds_destroy(&t);
}

/* ---- scores --------------------------------------------------------------------------------------------------- */

static void scores_by_hand(void **state)
{
  double score, at;
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(score_best("selectivity", t, 0, 0, 50, &score, &at)); /* 1 - (1/4 + 0)/2 at 4 mA */
  assert_close(score, 0.875, 1e-12);
  assert_close(at, 4.0, 0);
  assert_ok(score_best("selectivity", t, 1, 0, 50, &score,
                       &at)); /* 1/4 - (2/4)/2 = 0 at 2 mA, and so on: 0 as with no current */
  assert_close(score, 0.0, 1e-12);
  assert_close(at, 0.0, 0);
  assert_ok(score_best("selectivity", t, 0, 0, 2.5, &score, &at)); /* the curve ends early */
  assert_close(score, 0.5, 1e-12);
  assert_ok(score_best("window", t, 0, 0, 50, &score, &at)); /* 3.5 / 4 */
  assert_close(score, 0.875, 1e-12);
  assert_close(at, 4.0, 0);
  assert_ok(score_best("window", t, 2, 0, 50, &score, &at));
  assert_close(score, 0.0, 0);
  assert_ok(score_best("ratio", t, 0, 0, 50, &score, &at)); /* 2 of 4 and nothing else, at 2 mA */
  assert_close(score, 1.0, 1e-12);
  assert_close(at, 2.0, 0);
  assert_ok(score_best("distance", t, 0, 0, 50, &score, &at)); /* at 4 mA: sqrt((0 + (1/16)/2) / 2) = 1/8 */
  assert_close(score, 0.875, 1e-12);
  thresholds_destroy(&t);
}

static void others_are_other_segments_and_sides(void **state)
{
  ThresholdTable *t = small_table();
  (void)state;
  assert_false(is_other(t, 0, 0));
  assert_true(is_other(t, 0, 1) && is_other(t, 0, 2));
  strcpy(t->root[1], "L1_L_ventral");
  assert_false(is_other(t, 0, 1));
  double score, at;
  assert_ok(score_best("selectivity", t, 0, 0, 50, &score, &at));
  assert_close(score, 1.0, 1e-12);
  thresholds_destroy(&t);
}

static void scores_do_not_depend_on_scale_or_names(void **state)
{
  static const char *const kind[] = {"selectivity", "window", "ratio", "distance"};
  (void)state;
  for (int k = 0; k < 4; k++)
    for (int set = 0; set < 3; set++) {
      double score, at, again, at_again;
      ThresholdTable *t = small_table();
      assert_ok(score_best(kind[k], t, set, 0, 50, &score, &at));
      for (int i = 0; i < 36; i++) t->threshold_mA[i] *= 0.1;
      strcpy(t->root[0], "S2_R_ventral"), strcpy(t->root[1], "T12_L"), strcpy(t->root[2], "x");
      assert_ok(score_best(kind[k], t, set, 0, 5, &again, &at_again));
      assert_close(score, again, 1e-12);
      assert_close(0.1 * at, at_again, 1e-12);
      thresholds_destroy(&t);
    }
}

/* ---- ranking -------------------------------------------------------------------------------------------------- */

static void ranking_by_hand(void **state)
{
  RankRow *r;
  Case c = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(rank_sets(&c, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
  assert_string_equal(t->set[r[0].set], "good");
  assert_int_equal(r[0].rank, 1);
  assert_close(r[0].score, 0.875, 1e-12);
  assert_close(r[0].target_threshold_mA, 1.0, 0);
  assert_close(r[0].target_saturation_mA, 4.0, 0);
  assert_int_equal(r[0].first_other, 1);
  assert_close(r[0].first_other_threshold_mA, 3.5, 0);
  assert_close(r[0].margin, 3.5, 1e-12);
  assert_close(r[0].charge_density_uC_per_cm2, 4.0 * 300.0 * 0.1 / 6.0, 1e-9); /* 1.2 uC on 0.06 cm2 */
  assert_close(r[0].compliance_V, 4e-3 * (500 - 100 + 400 - 100), 1e-12);
  assert_string_equal(r[0].limit, "");
  assert_string_equal(r[0].tied_with, "");
  assert_int_equal(r[1].rank, 2); /* poor and dead: both 0 */
  assert_int_equal(r[2].rank, 2);
  assert_string_equal(t->set[r[1].set], "poor");
  assert_string_equal(r[1].tied_with, "dead");
  assert_string_equal(r[2].tied_with, "poor");
  assert_true(r[2].target_threshold_mA == HUGE_VAL && r[2].margin == HUGE_VAL);
  free(r);
  thresholds_destroy(&t);
}

static void a_set_over_a_limit_ranks_last(void **state)
{
  RankRow *r;
  ThresholdTable *t = small_table();
  (void)state;
  struct {
    CaseLimits limits;
    const char *words;
  } over[] = {{{19, 100, 25, 9}, "charge density 20 > 19 uC/cm2 at C01"},
              {{300, 2, 25, 9}, "compliance 2.8 > 2 V"},
              {{300, 100, 3, 9}, "contact current 4 > 3 mA at C01"},
              {{300, 100, 25, 1.2}, "Shannon k 1.38 > 1.2 at C01"}};
  for (int i = 0; i < 4; i++) {
    Case c = plain_case();
    c.limits = over[i].limits;
    assert_ok(rank_sets(&c, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
    assert_string_equal(t->set[r[2].set], "good");
    assert_int_equal(r[2].rank, 3);
    assert_string_equal(r[2].limit, over[i].words);
    free(r);
  }
  thresholds_destroy(&t);
}

static void equal_sets_are_tied_not_ordered_by_chance(void **state)
{
  RankRow *r;
  Case c = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  memcpy(t->threshold_mA + 24, t->threshold_mA, 12 * sizeof(double)); /* "dead" is "good" now */
  t->threshold_mA[24 + 8] = 3.9; /* but for one fibre of another root: less than one of the target is worth */
  assert_ok(rank_sets(&c, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
  assert_int_equal(r[0].rank, 1);
  assert_int_equal(r[1].rank, 1);
  assert_int_equal(r[2].rank, 3);
  assert_string_equal(r[0].tied_with, "dead");
  assert_string_equal(r[1].tied_with, "good");
  assert_string_equal(r[2].tied_with, "");
  free(r);
  thresholds_destroy(&t);
}

static void ranking_follows_the_amplitude_and_the_names(void **state)
{
  RankRow *r, *s;
  Case c = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(rank_sets(&c, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
  for (int i = 0; i < 36; i++) t->threshold_mA[i] *= 0.5;
  assert_ok(rank_sets(&c, &LEAD, &SET_TABLE, t, IMPEDANCE, &s));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(r[i].set, s[i].set);
    assert_int_equal(r[i].rank, s[i].rank);
    assert_close(r[i].score, s[i].score, 1e-12);
    assert_close(0.5 * r[i].charge_density_uC_per_cm2, s[i].charge_density_uC_per_cm2, 1e-12);
  }
  free(r), free(s);
  thresholds_destroy(&t);
}

static void targets_are_found_by_short_names(void **state)
{
  int root;
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(thresholds_find_root(t, "L2_L", &root));
  assert_int_equal(root, 2);
  strcpy(t->root[1], "L1_L_ventral");
  assert_ok(thresholds_find_root(t, "L1_L_ventral", &root));
  assert_int_equal(root, 1);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  assert_int_equal(thresholds_find_root(t, "L1_L", &root), PETSC_ERR_USER_INPUT);
  assert_int_equal(thresholds_find_root(t, "L9", &root), PETSC_ERR_USER_INPUT);
  double score, at;
  assert_int_equal(score_best("luck", t, 0, 0, 50, &score, &at), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
  thresholds_destroy(&t);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/cauda-test-select-XXXXXX";

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  static const char *const name[] = {"fibers.csv", "levels.csv", "curves.csv", "ranking.csv"};
  char path[CAUDA_PATH_MAX];
  (void)state;
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, name[i]);
    unlink(path);
  }
  return rmdir(folder);
}

static const char *in_folder(const char *name, char path[CAUDA_PATH_MAX])
{
  snprintf(path, CAUDA_PATH_MAX, "%s/%s", folder, name);
  return path;
}

static void thresholds_come_back_from_their_file(void **state)
{
  char path[CAUDA_PATH_MAX];
  ThresholdTable *t = small_table(), *u;
  (void)state;
  t->threshold_mA[3] = 1.0 / 3.0, t->site_s_mm[7] = 0.1;
  assert_ok(thresholds_write(t, in_folder("fibers.csv", path)));
  assert_ok(thresholds_read(path, &u));
  assert_int_equal(u->n_set, 3);
  assert_int_equal(u->n_root, 3);
  assert_int_equal(u->n_class, 1);
  assert_string_equal(u->tier, "linear");
  for (int i = 0; i < 3; i++) assert_string_equal(u->root[i], ROOTS[i]), assert_string_equal(u->set[i], SETS[i]);
  assert_memory_equal(t->threshold_mA, u->threshold_mA, 36 * sizeof(double));
  assert_memory_equal(t->threshold_linear_mA, u->threshold_linear_mA, 36 * sizeof(double));
  assert_memory_equal(t->threshold_af_mA, u->threshold_af_mA, 36 * sizeof(double));
  assert_memory_equal(t->site_s_mm, u->site_s_mm, 36 * sizeof(double));
  assert_memory_equal(t->diameter_um, u->diameter_um, 12 * sizeof(double));
  assert_memory_equal(t->fiber_root, u->fiber_root, 12 * sizeof(int));
  thresholds_destroy(&t), thresholds_destroy(&u);
}

static void damaged_threshold_files_are_errors(void **state)
{
  static const char *const header =
      "set,fiber,root,class,tier,diameter_um,threshold_mA,threshold_linear_mA,threshold_af_mA,site_s_mm\n";
  static const char *const body[] = {
      "",
      "a,0,L1_L,Ia,linear,10,1,1,1,0\na,1,L1_L,Ia,linear,10,x,1,1,0\n",
      "a,0,L1_L,Ia,linear,10,1,1,1,0\na,1,L1_L,Ia,linear,10,1,1,1,0\nb,0,L1_L,Ia,linear,10,1,1,1,0\n",
      "a,0,L1_L,Ia,linear,10,1,1,1,0\nb,0,L2_L,Ia,linear,10,1,1,1,0\n",
      "a,0,L1_L,Ia,linear,10,1,1,1\n",
      "a,0,L1_L,Ia,linear,10,-1,1,1,0\n",
      "a,0,L1_L,Ia,linear,1,1,1,1,0\nb,0,L1_L,Ia,linear,1,1,1,1,0\na,0,L1_L,Ia,linear,1,1,1,1,0\n"};
  char path[CAUDA_PATH_MAX];
  ThresholdTable *t;
  (void)state;
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  for (size_t i = 0; i < sizeof body / sizeof *body; i++) {
    FILE *f = fopen(in_folder("fibers.csv", path), "w");
    fprintf(f, "%s%s", header, body[i]);
    fclose(f);
    assert_int_equal(thresholds_read(path, &t), PETSC_ERR_USER_INPUT);
    assert_null(t);
  }
  PetscPopErrorHandler();
}

static double cell(const CsvTable *c, int row, const char *column)
{
  int k;
  double v;
  assert_ok(csv_column(c, column, &k));
  assert_ok(csv_number(c, row, k, &v));
  return v;
}

static const char *word(const CsvTable *c, int row, const char *column)
{
  int k;
  assert_ok(csv_column(c, column, &k));
  return csv_text(c, row, k);
}

static void level_and_curve_files_hold_what_was_asked(void **state)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *c;
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(threshold_levels_write_csv(t, 7.0, in_folder("levels.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 9);
  assert_close(cell(c, 0, "threshold_50_mA"), 2.0, 0);
  assert_close(cell(c, 0, "n_fibers"), 4.0, 0);
  assert_string_equal(word(c, 0, "class"), "Ia");
  assert_string_equal(word(c, 1, "threshold_90_mA"), ""); /* 8 mA lies beyond 7 */
  assert_string_equal(word(c, 6, "threshold_10_mA"), "");
  csv_destroy(&c);
  assert_ok(recruitment_write_csv(t, 10.0, in_folder("curves.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 9 * 201);
  assert_close(cell(c, 0, "amplitude_mA"), 0.0, 0);
  assert_close(cell(c, 200, "amplitude_mA"), 10.0, 0);
  for (int i = 0; i < 201; i++) assert_close(cell(c, i, "recruited"), recruited(t, 0, 0, -1, 0.05 * i), 1e-6);
  csv_destroy(&c);
  thresholds_destroy(&t);
}

static void several_classes_get_a_row_for_all(void **state)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *c;
  ThresholdTable *t = NULL;
  (void)state;
  assert_ok(thresholds_create(1, 4, 1, 2, &t));
  strcpy(t->tier, "linear"), strcpy(t->set[0], "s"), strcpy(t->root[0], "L1_L_dorsal");
  strcpy(t->fiber_class[0], "Ia"), strcpy(t->fiber_class[1], "II");
  for (int i = 0; i < 4; i++) t->fiber_class_of[i] = i / 2, t->threshold_mA[i] = i + 1;
  assert_ok(threshold_levels_write_csv(t, 7.0, in_folder("levels.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 3);
  assert_string_equal(word(c, 2, "class"), "all");
  assert_close(cell(c, 0, "threshold_90_mA"), 2.0, 0);
  assert_close(cell(c, 1, "threshold_10_mA"), 3.0, 0);
  assert_close(cell(c, 2, "threshold_50_mA"), 2.0, 0);
  csv_destroy(&c);
  thresholds_destroy(&t);
}

static void ranking_file_and_print(void **state)
{
  char path[CAUDA_PATH_MAX], line[256], *text;
  size_t length;
  RankRow *r;
  CsvTable *c = NULL;
  Case k = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  k.limits.charge_density_uC_per_cm2 = 19;
  strcpy(t->set[1], "a-set-with-a-name-that-is-too-long-for-a-line"), strcpy(set_rows[1].name, t->set[1]);
  assert_ok(rank_sets(&k, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
  assert_ok(rank_write_csv(r, t, "L1_L", in_folder("ranking.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 3);
  assert_int_equal(c->n_column, 14);
  assert_string_equal(word(c, 2, "limit"), "charge density 20 > 19 uC/cm2 at C01");
  assert_string_equal(word(c, 0, "target"), "L1_L_dorsal");
  assert_string_equal(word(c, 1, "target_threshold_mA"), "");
  csv_destroy(&c);
  assert_ok(file_read_all(path, &text, &length));
  assert_null(strstr(text, "inf"));
  assert_null(strstr(text, "nan"));
  free(text);
  FILE *f = tmpfile();
  assert_ok(rank_print(r, t, "L1_L", f));
  rewind(f);
  while (fgets(line, sizeof line, f)) assert_true(strlen(line) <= 81);
  fclose(f);
  strcpy(set_rows[1].name, "poor");
  free(r);
  thresholds_destroy(&t);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recruitment_counts_fibers),
      cmocka_unit_test(recruitment_never_falls),
      cmocka_unit_test(scores_by_hand),
      cmocka_unit_test(others_are_other_segments_and_sides),
      cmocka_unit_test(scores_do_not_depend_on_scale_or_names),
      cmocka_unit_test(ranking_by_hand),
      cmocka_unit_test(a_set_over_a_limit_ranks_last),
      cmocka_unit_test(equal_sets_are_tied_not_ordered_by_chance),
      cmocka_unit_test(ranking_follows_the_amplitude_and_the_names),
      cmocka_unit_test(targets_are_found_by_short_names),
      cmocka_unit_test(thresholds_come_back_from_their_file),
      cmocka_unit_test(damaged_threshold_files_are_errors),
      cmocka_unit_test(level_and_curve_files_hold_what_was_asked),
      cmocka_unit_test(several_classes_get_a_row_for_all),
      cmocka_unit_test(ranking_file_and_print),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
  return PetscFinalize() || failed;
}
