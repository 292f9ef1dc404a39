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

static CaseRank rank = {.target = "L1_L", .score = "selectivity", .others_weight = 1.0};
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

/* ---- goals ---------------------------------------------------------------------------------------------------- */

static Goal *goal_of(const CaseRank *r, int n, const char *const *names)
{
  char root[32][CAUDA_NAME_MAX];
  Goal *g;
  for (int i = 0; i < n; i++) strcpy(root[i], names[i]);
  assert_ok(goal_create(r, "", n, root, &g));
  return g;
}

static void others_are_other_segments_and_sides(void **state)
{
  static const char *const roots[] = {"L1_L_dorsal", "L1_L_ventral", "L1_R_dorsal", "L2_L_dorsal"};
  CaseRank r = {.target = "L1_L_dorsal", .others_weight = 1.0};
  Goal *g = goal_of(&r, 4, roots);
  (void)state;
  assert_close(g->wanted[0], 1.0, 0);
  assert_true(g->spared[0] == 0.0 && g->spared[1] == 0.0 && g->spared[2] == 1.0 && g->spared[3] == 1.0);
  assert_close(g->sum_spared, 2.0, 0);
  assert_true(g->mirror[0] == 2 && g->mirror[2] == 0 && g->mirror[3] == -1);
  assert_string_equal(g->label, "L1_L_dorsal");
  goal_destroy(&g);
}

static void weights_are_those_of_the_case(void **state)
{
  CaseWeight wanted[] = {{"L1_L", 3.0}, {"L1_R", 1.0}}, spared[] = {{"L2_L", 5.0}};
  CaseRank r = {.n_targets = 2, .targets = wanted, .n_avoid = 1, .avoid = spared, .others_weight = 0.5};
  static const char *const roots[] = {"L1_L", "L1_R", "L2_L", "L2_R"};
  Goal *g = goal_of(&r, 4, roots);
  (void)state;
  assert_close(g->wanted[0], 0.75, 0);
  assert_close(g->wanted[1], 0.25, 0);
  assert_close(g->spared[2], 5.0, 0);
  assert_close(g->spared[3], 0.5, 0);
  assert_string_equal(g->label, "L1_L + L1_R");
  goal_destroy(&g);
}

static void muscles_are_driven_by_dorsal_roots(void **state)
{
  static const char *const roots[] = {"L1_L_dorsal", "L2_L_dorsal", "L2_L_ventral", "L3_L_dorsal", "L1_R_dorsal"};
  CaseRank r = {.target = "iliopsoas_L", .muscles = "lumbosacral", .others_weight = 1.0};
  Goal *g = goal_of(&r, 5, roots);
  int p = 0;
  (void)state;
  while (strcmp(g->pool[p], "iliopsoas_L")) p++;
  assert_close(g->share[p * 5 + 0], 0.25, 1e-15); /* 0.25, 0.45, 0.30 of L1, L2, L3 */
  assert_close(g->share[p * 5 + 1], 0.45, 1e-15);
  assert_close(g->share[p * 5 + 2], 0.0, 0);
  assert_close(g->share[p * 5 + 3], 0.30, 1e-15);
  assert_int_equal(g->mirror[p], p + 1);
  assert_close(g->share[(p + 1) * 5 + 4], 1.0, 1e-15);                           /* all of it that is there */
  for (int i = 0; i < g->n_pool; i++) assert_null(strstr(g->pool[i], "soleus")); /* none of its roots is there */
  goal_destroy(&g);
}

static void targets_are_found_by_short_names(void **state)
{
  char root[3][CAUDA_NAME_MAX] = {"L1_L_dorsal", "L1_L_ventral", "L2_L_dorsal"};
  static char *const wrong[] = {"L1_L", "L9", "L2_L_d"};
  Goal *g;
  CaseRank r = {.target = "L2_L", .others_weight = 1.0};
  (void)state;
  assert_ok(goal_create(&r, "", 3, root, &g));
  assert_close(g->wanted[2], 1.0, 0);
  goal_destroy(&g);
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  for (int i = 0; i < 3; i++) {
    r.target = wrong[i];
    assert_int_equal(goal_create(&r, "", 3, root, &g), PETSC_ERR_USER_INPUT);
    assert_null(g);
  }
  ScoreKind kind;
  assert_int_equal(score_find("luck", &kind), PETSC_ERR_USER_INPUT);
  PetscPopErrorHandler();
}

/* ---- scores --------------------------------------------------------------------------------------------------- */

static Score score_of(const ThresholdTable *t, int set, const CaseRank *r, ScoreKind kind, double largest, double step)
{
  Goal *g;
  Scorer *s;
  assert_ok(goal_create(r, "", t->n_root, t->root, &g));
  assert_ok(scorer_create(g, t->n_fiber, t->fiber_root, &s));
  scorer_take(s, t->threshold_mA + set * t->n_fiber, (Amplitudes){largest, step});
  Score best = scorer_best(s, kind);
  scorer_destroy(&s), goal_destroy(&g);
  return best;
}

static void assert_score(Score s, double value, double at_mA)
{
  assert_close(s.value, value, 1e-14);
  assert_close(s.at_mA, at_mA, 0);
}

static void scores_by_hand(void **state)
{
  ThresholdTable *t = small_table();
  (void)state;
  /* good: L1_L has 1/4, 2/4, 3/4, 1 at 1, 2, 3, 4 mA; L1_R one of four from 3.5 mA on; L2_L from 9 mA on */
  assert_score(score_of(t, 0, &rank, SCORE_SELECTIVITY, 50, 0), 1.0 - (0.25 + 0.0) / 2.0, 4.0);
  assert_score(score_of(t, 0, &rank, SCORE_SELECTIVITY, 2.5, 0), 0.5, 2.0); /* the amplitude ends early */
  assert_score(score_of(t, 0, &rank, SCORE_RATIO, 50, 0), 1.0, 2.0);        /* half of it, and nothing else */
  assert_score(score_of(t, 0, &rank, SCORE_DISTANCE, 50, 0), 1.0 - sqrt((0.0625 / 2.0) / 2.0), 4.0); /* 0.875 */
  assert_score(score_of(t, 0, &rank, SCORE_WINDOW, 50, 0), 3.5 / 4.0, 4.0);
  assert_score(score_of(t, 0, &rank, SCORE_LATERALITY, 50, 0), 1.0, 2.0);
  /* poor: at 8 mA all of L1_L, all of L1_R, all of L2_L; before that the others lead */
  assert_score(score_of(t, 1, &rank, SCORE_SELECTIVITY, 50, 0), 0.0, 0.0);
  assert_score(score_of(t, 1, &rank, SCORE_RATIO, 50, 0), 0.5 / (0.5 + 1.0 + 0.0), 4.0); /* at 8 mA: 1 / 3, as well */
  assert_score(score_of(t, 1, &rank, SCORE_WINDOW, 50, 0), 1.0 / 8.0, 8.0);
  assert_score(score_of(t, 1, &rank, SCORE_LATERALITY, 50, 0), 0.0, 0.0); /* -1/3 at 4 mA, 0 at 8 mA */
  /* at 2 mA 1/4 of L1_L and 2/4 of L1_R; as good at 6 mA with 3/4, 1 and 2/4 */
  assert_score(score_of(t, 1, &rank, SCORE_DISTANCE, 50, 0), 1.0 - sqrt((9.0 / 16.0 + (0.25 + 0.0) / 2) / 2), 2.0);
  /* dead: nothing of the target */
  assert_score(score_of(t, 2, &rank, SCORE_SELECTIVITY, 50, 0), 0.0, 0.0);
  assert_score(score_of(t, 2, &rank, SCORE_RATIO, 50, 0), 0.0, 0.0);
  assert_score(score_of(t, 2, &rank, SCORE_WINDOW, 50, 0), 0.0, 0.0);
  assert_score(score_of(t, 2, &rank, SCORE_DISTANCE, 50, 0), 1.0 - sqrt(0.5), 0.0);
  thresholds_destroy(&t);
}

static void amplitudes_are_steps_of_the_device(void **state)
{
  ThresholdTable *t = small_table();
  (void)state;
  /* steps of 1.5 mA: 1.5 (1/4), 3.0 (3/4), 4.5 (1, and one of L1_R) */
  assert_score(score_of(t, 0, &rank, SCORE_SELECTIVITY, 50, 1.5), 0.875, 4.5);
  assert_score(score_of(t, 0, &rank, SCORE_SELECTIVITY, 4.4, 1.5), 0.75, 3.0);
  assert_score(score_of(t, 0, &rank, SCORE_WINDOW, 50, 1.5), 3.5 / 4.5, 4.5);
  thresholds_destroy(&t);
}

static void weighted_scores_by_hand(void **state)
{
  CaseWeight wanted[] = {{"L1_L", 3.0}, {"L2_L", 1.0}}, spared[] = {{"L1_R", 2.0}};
  CaseRank both = {.n_targets = 2, .targets = wanted, .others_weight = 1.0};
  CaseRank heavy = {.target = "L1_L", .n_avoid = 1, .avoid = spared, .others_weight = 1.0};
  ThresholdTable *t = small_table();
  (void)state;
  /* at 3 mA: 3/4 * 3/4 + 1/4 * 0 - 0; at 4 mA: 3/4 - 1/4 */
  assert_score(score_of(t, 0, &both, SCORE_SELECTIVITY, 50, 0), 9.0 / 16.0, 3.0);
  /* spill at 4 mA: (2 * 1/4 + 0) / 3 */
  assert_score(score_of(t, 0, &heavy, SCORE_SELECTIVITY, 50, 0), 1.0 - 0.5 / 3.0, 4.0);
  thresholds_destroy(&t);
}

static void muscle_scores_by_hand(void **state)
{
  CaseRank r = {.target = "iliopsoas_L", .muscles = "lumbosacral", .others_weight = 1.0};
  ThresholdTable *t = small_table();
  Goal *g;
  Scorer *s;
  double target, spill;
  (void)state;
  assert_ok(goal_create(&r, "", t->n_root, t->root, &g));
  assert_ok(scorer_create(g, t->n_fiber, t->fiber_root, &s));
  scorer_take(s, t->threshold_mA, (Amplitudes){50, 0});
  /* L1_L and L2_L stand for it with 0.25 and 0.45 of 0.70; at 10 mA L1_L has 1, L2_L 2/4, L1_R 1 */
  scorer_at(s, 10.0, &target, &spill);
  assert_close(target, (0.25 + 0.45 * 0.5) / 0.70, 1e-14);
  /* the others: iliopsoas_R by L1_R alone: 1; adductors_L and quadriceps_L by L2_L alone: 2/4 */
  assert_close(spill, (1.0 + 0.5 + 0.5) / 3.0, 1e-14);
  assert_close(scorer_level(s, 0, 0.25 / 0.70, 50), 4.0, 0); /* iliopsoas_L with all of L1_L */
  scorer_destroy(&s), goal_destroy(&g);
  thresholds_destroy(&t);
}

static void scores_do_not_depend_on_scale_or_names(void **state)
{
  static char *const names[] = {"S2_R_ventral", "T12_L", "x"};
  CaseRank other = {.target = "S2_R", .others_weight = 1.0};
  (void)state;
  for (int k = 0; k < SCORE_LATERALITY; k++) /* laterality asks the names for the other side */
    for (int set = 0; set < 3; set++) {
      ThresholdTable *t = small_table();
      Score before = score_of(t, set, &rank, (ScoreKind)k, 50, 0);
      for (int i = 0; i < 36; i++) t->threshold_mA[i] *= 0.125;
      for (int i = 0; i < 3; i++) strcpy(t->root[i], names[i]);
      Score after = score_of(t, set, &other, (ScoreKind)k, 50 * 0.125, 0);
      assert_close(before.value, after.value, 0);
      assert_close(0.125 * before.at_mA, after.at_mA, 0);
      thresholds_destroy(&t);
    }
}

/* The fast way of the scorer against counting. */
static void the_best_amplitude_is_the_best_of_all(void **state)
{
  Rng r = rng_seed(3, 1);
  ThresholdTable *t = small_table();
  (void)state;
  for (int trial = 0; trial < 200; trial++) {
    double best = 0.0;
    for (int i = 0; i < 12; i++) t->threshold_mA[i] = rng_uniform(&r) < 0.1 ? NEVER : ceil(8.0 * rng_uniform(&r)) / 2.0;
    for (double a = 0.0; a <= 3.0; a += 0.25)
      best = fmax(best, recruited(t, 0, 0, -1, a) - (recruited(t, 0, 1, -1, a) + recruited(t, 0, 2, -1, a)) / 2.0);
    assert_close(score_of(t, 0, &rank, SCORE_SELECTIVITY, 3.0, 0).value, best, 1e-14);
  }
  thresholds_destroy(&t);
}

/* ---- limits --------------------------------------------------------------------------------------------------- */

static void reach_and_demand_by_hand(void **state)
{
  CaseLimits l = {.charge_density_uC_per_cm2 = 30, .contact_mA = 25, .compliance_V = 10, .shannon_k = 1.75};
  double split[] = {-0.5, -0.5, 1.0};
  Reach r;
  Demand d;
  (void)state;
  /* selectivity reference: 4 x 1.5 mm at 200 us: 30 uC/cm2 are 9.0 mA, k = 1.75 9.2 mA */
  set_reach(&l, &LEAD, cathode_case, 200, IMPEDANCE, &r);
  assert_close(r.at_mA[LIMIT_DENSITY], 9.0, 1e-12);
  assert_close(r.at_mA[LIMIT_SHANNON], 9.18, 0.01);
  assert_close(r.at_mA[LIMIT_CONTACT], 25.0, 0);
  assert_close(r.at_mA[LIMIT_COMPLIANCE], 20.0, 1e-12); /* 10 V over 500 ohm */
  assert_true(r.at_mA[LIMIT_TOTAL] == HUGE_VAL && r.first == LIMIT_DENSITY && r.contact[LIMIT_DENSITY] == 0);
  set_reach(&l, &LEAD, split, 200, IMPEDANCE, &r); /* two contacts carry half each */
  assert_close(r.largest_mA, 18.0, 1e-12);
  set_demand(&LEAD, split, 200, 4.0, IMPEDANCE, &d);
  assert_close(d.charge_uC, 0.4, 1e-15);
  assert_close(d.charge_density_uC_per_cm2, 0.4 / 0.06, 1e-12);
  assert_close(d.shannon_k, log10(0.4 / 0.06) + log10(0.4), 1e-12);
  assert_close(d.compliance_V, 4e-3 * 300, 1e-12); /* C01: (500 + 100) / 2 against 0 */
  assert_close(d.power_mW, 4 * 4 * (0.25 * 500 + 0.25 * 400 + 2 * 0.25 * 100) * 1e-3, 1e-12);
}

/* Each contact's current is a whole number of the device's steps; of one source, their sum. */
static void steps_are_those_of_every_contact(void **state)
{
  (void)state;
  const CaseLimits l = {.step_mA = 0.1};
  double one[4] = {-1.0, 1.0}, thirds[4] = {-1.0 / 3.0, -2.0 / 3.0, 1.0}, odd[4] = {-0.317, -0.683, 1.0};
  StimulationSet s = {.fraction = one};
  assert_float_equal(set_step_mA(&l, 3, &s, 10), 0.1, 1e-12);
  s.fraction = thirds;
  assert_float_equal(set_step_mA(&l, 3, &s, 10), 0.3, 1e-12);
  s.fraction = odd;
  assert_true(isinf(set_step_mA(&l, 3, &s, 2)));               /* up to 2 mA there is none */
  assert_float_equal(set_step_mA(&l, 3, &s, 100), 4.1, 1e-12); /* 1.2997 and 2.8003 */
  s.control = SET_SINGLE_SOURCE;
  assert_float_equal(set_step_mA(&l, 3, &s, 2), 0.1, 1e-12);
  s.control = SET_VOLTAGE;
  assert_float_equal(set_step_mA(&l, 3, &s, 2), 0.0, 0);
  assert_float_equal(set_step_mA(&(CaseLimits){.step_mA = 0.0}, 3, &s, 2), 0.0, 0);
}

static void devices_limit_what_the_case_does_not(void **state)
{
  DeviceModel *d;
  (void)state;
  assert_ok(device_model_read("intellis", NULL, &d));
  assert_close(d->contact_mA, 25.5, 0);
  assert_int_equal(d->sources, 1);
  assert_close(d->compliance_V, 0.0, 0); /* its file does not say */
  device_model_destroy(&d);
  CaseLimits l = {.sources = 1, .smallest_width_us = 60, .largest_width_us = 450};
  double three[] = {-0.5, -0.5, 1.0};
  StimulationSet s = {.fraction = three};
  char words[96];
  assert_true(set_impossible(&l, 2, &s, 300, words));
  assert_string_equal(words, "2 contacts of one sign need as many sources; the device has 1");
  s.control = SET_SINGLE_SOURCE;
  assert_false(set_impossible(&l, 2, &s, 300, words));
  assert_true(set_impossible(&l, 2, &s, 500, words));
  assert_string_equal(words, "pulse width 500 us > 450 us of the device");
}

/* ---- ranking -------------------------------------------------------------------------------------------------- */

static Ranking *ranking_of(const Case *c, const ThresholdTable *t)
{
  Ranking *r;
  assert_ok(rank_sets(c, &LEAD, &SET_TABLE, t, IMPEDANCE, &r));
  return r;
}

static void ranking_by_hand(void **state)
{
  Case c = plain_case();
  ThresholdTable *t = small_table();
  Ranking *r = ranking_of(&c, t);
  const RankRow *row = r->row;
  (void)state;
  assert_string_equal(t->set[row[0].set], "good");
  assert_int_equal(row[0].rank, 1);
  assert_close(row[0].score, 0.875, 1e-12);
  assert_close(row[0].target, 1.0, 0);
  assert_close(row[0].spill, 0.125, 1e-15);
  assert_close(row[0].target_threshold_mA, 1.0, 0);
  assert_close(row[0].target_saturation_mA, 4.0, 0);
  assert_int_equal(row[0].first_other, 1);
  assert_close(row[0].first_other_threshold_mA, 3.5, 0);
  assert_close(row[0].margin, 3.5, 1e-12);
  assert_close(row[0].demand.charge_density_uC_per_cm2, 4.0 * 300.0 * 0.1 / 6.0, 1e-9); /* 1.2 uC on 0.06 cm2 */
  assert_close(row[0].demand.compliance_V, 4e-3 * (500 - 100 + 400 - 100), 1e-12);
  assert_string_equal(row[0].limit, "");
  assert_string_equal(row[0].tied_with, "");
  assert_int_equal(row[1].rank, 2); /* poor and dead: both 0 */
  assert_int_equal(row[2].rank, 2);
  assert_string_equal(t->set[row[1].set], "poor");
  assert_string_equal(row[1].tied_with, "dead");
  assert_string_equal(row[2].tied_with, "poor");
  assert_true(row[2].target_threshold_mA == HUGE_VAL && row[2].margin == HUGE_VAL);
  ranking_destroy(&r);
  thresholds_destroy(&t);
}

static void scores_are_taken_within_the_limits(void **state)
{
  ThresholdTable *t = small_table();
  (void)state;
  struct {
    CaseLimits limits;
    const char *nearest;
  } tight[] = {{{.charge_density_uC_per_cm2 = 19, .compliance_V = 100, .contact_mA = 25, .shannon_k = 9},
                "charge density at C01"}, /* 3.8 mA */
               {{.charge_density_uC_per_cm2 = 300, .compliance_V = 2.5, .contact_mA = 25, .shannon_k = 9},
                "compliance"}, /* 3.57 mA */
               {{.charge_density_uC_per_cm2 = 300, .compliance_V = 100, .contact_mA = 3.25, .shannon_k = 9},
                "contact current at C01"},
               {{.charge_density_uC_per_cm2 = 300, .compliance_V = 100, .contact_mA = 25, .shannon_k = 1.2},
                "Shannon k at C01"}}; /* 3.26 mA */
  for (int i = 0; i < 4; i++) {
    Case c = plain_case();
    c.limits = tight[i].limits;
    Ranking *r = ranking_of(&c, t);
    assert_string_equal(t->set[r->row[0].set], "good");
    assert_close(r->row[0].score, 0.75, 1e-15); /* three of four at 3 mA, and nothing else */
    assert_close(r->row[0].score_at_mA, 3.0, 0);
    assert_close(r->row[0].score_unlimited, 0.875, 1e-15);
    assert_close(r->row[0].unlimited_at_mA, 4.0, 0);
    assert_string_equal(r->row[0].nearest_words, tight[i].nearest);
    assert_close(r->row[0].nearest_share, 3.0 / r->row[0].largest_mA, 1e-15);
    assert_string_equal(r->row[0].limit, "");
    ranking_destroy(&r);
  }
  thresholds_destroy(&t);
}

static void a_set_over_a_limit_ranks_last(void **state)
{
  ThresholdTable *t = small_table();
  Case c = plain_case();
  (void)state;
  c.limits.contact_mA = 5;
  set_rows[0].amplitude_mA = 6; /* "good" is asked for at 6 mA */
  Ranking *r = ranking_of(&c, t);
  assert_string_equal(t->set[r->row[2].set], "good");
  assert_int_equal(r->row[2].rank, 3);
  assert_string_equal(r->row[2].limit, "contact current 6 > 5 mA at C01");
  ranking_destroy(&r);
  set_rows[0].amplitude_mA = 0;
  thresholds_destroy(&t);
}

static void what_cannot_be_reached_says_so(void **state)
{
  ThresholdTable *t = small_table();
  Case c = plain_case();
  char words[1024];
  (void)state;
  c.limits.contact_mA = 0.9; /* the target begins at 1 mA */
  Ranking *r = ranking_of(&c, t);
  assert_false(r->reached);
  for (int i = 0; i < 3; i++)
    if (r->row[i].set == 0) assert_string_equal(r->row[i].limit, "contact current 1 > 0.9 mA at C01");
  rank_sentence(r, words, sizeof words);
  assert_string_equal(words,
                      "No set reaches L1_L_dorsal within the limits. good comes nearest: it would need 1 mA, and "
                      "contact current at C01 allows 0.9 mA.");
  ranking_destroy(&r);
  c.limits.contact_mA = 25;
  r = ranking_of(&c, t);
  assert_true(r->reached);
  rank_sentence(r, words, sizeof words);
  assert_string_equal(words, "Best for L1_L_dorsal is good. At 4 mA it recruits 100 % of L1_L_dorsal and 12 % of the "
                             "others on average (selectivity 0.875). The first other, L1_R_dorsal, begins at 3.5 mA. "
                             "Nearest limit: contact current at C01, 16 % of it used. Next is poor with 0.000.");
  ranking_destroy(&r);
  thresholds_destroy(&t);
}

static void equal_sets_are_tied_not_ordered_by_chance(void **state)
{
  Case c = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  memcpy(t->threshold_mA + 24, t->threshold_mA, 12 * sizeof(double)); /* "dead" is "good" now */
  t->threshold_mA[24 + 8] = 3.9; /* but for one fibre of another root: less than one of the target is worth */
  Ranking *r = ranking_of(&c, t);
  assert_int_equal(r->row[0].rank, 1);
  assert_int_equal(r->row[1].rank, 1);
  assert_int_equal(r->row[2].rank, 3);
  assert_string_equal(r->row[0].tied_with, "dead");
  assert_string_equal(r->row[1].tied_with, "good");
  assert_string_equal(r->row[2].tied_with, "");
  ranking_destroy(&r);
  thresholds_destroy(&t);
}

static void ranking_follows_the_amplitude_and_the_names(void **state)
{
  Case c = plain_case();
  ThresholdTable *t = small_table();
  Ranking *r = ranking_of(&c, t);
  (void)state;
  for (int i = 0; i < 36; i++) t->threshold_mA[i] *= 0.5;
  Ranking *s = ranking_of(&c, t);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(r->row[i].set, s->row[i].set);
    assert_int_equal(r->row[i].rank, s->row[i].rank);
    assert_close(r->row[i].score, s->row[i].score, 1e-12);
    assert_close(0.5 * r->row[i].demand.charge_density_uC_per_cm2, s->row[i].demand.charge_density_uC_per_cm2, 1e-12);
  }
  ranking_destroy(&r), ranking_destroy(&s);
  thresholds_destroy(&t);
}

/* ---- correlation ---------------------------------------------------------------------------------------------- */

static void rank_correlations_by_hand(void **state)
{
  const double x[] = {1, 2, 3, 4}, y[] = {10, 30, 20, 40}, back[] = {4, 3, 2, 1}, same[] = {5, 5, 5, 5},
               tie[] = {1, 1, 2, 3};
  double work[8];
  (void)state;
  assert_close(spearman(4, x, y, work), 1.0 - 6.0 * 2.0 / (4 * 15), 1e-15); /* 1 - 6 sum d^2 / (n (n^2 - 1)) */
  assert_close(kendall(4, x, y), (5.0 - 1.0) / 6.0, 1e-15);
  assert_close(spearman(4, x, back, work), -1.0, 1e-15);
  assert_close(kendall(4, x, back), -1.0, 1e-15);
  assert_true(isnan(spearman(4, x, same, work)) && isnan(kendall(4, x, same)));
  assert_close(spearman(4, x, tie, work), 4.5 / sqrt(5.0 * 4.5), 1e-15); /* ranks 1.5 1.5 3 4 */
  assert_close(kendall(4, x, tie), 5.0 / sqrt(6.0 * 5.0), 1e-15);
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
  t->threshold_mA[3] = 1.0 / 3.0, t->site_s_mm[7] = 0.1, t->site[7] = SITE_ENTRY;
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
  assert_memory_equal(t->site, u->site, 36 * sizeof *t->site);
  assert_memory_equal(t->diameter_um, u->diameter_um, 12 * sizeof(double));
  assert_memory_equal(t->fiber_root, u->fiber_root, 12 * sizeof(int));
  thresholds_destroy(&t), thresholds_destroy(&u);
}

static void damaged_threshold_files_are_errors(void **state)
{
  static const char *const header =
      "set,fiber,root,class,tier,diameter_um,threshold_mA,threshold_linear_mA,threshold_af_mA,site_s_mm,site\n";
  static const char *const body[] = {
      "",
      "a,0,L1_L,Ia,linear,10,1,1,1,0,root\na,1,L1_L,Ia,linear,10,x,1,1,0,root\n",
      "a,0,L1_L,Ia,linear,10,1,1,1,0,root\na,1,L1_L,Ia,linear,10,1,1,1,0,root\nb,0,L1_L,Ia,linear,10,1,1,1,0,root\n",
      "a,0,L1_L,Ia,linear,10,1,1,1,0,root\nb,0,L2_L,Ia,linear,10,1,1,1,0,root\n",
      "a,0,L1_L,Ia,linear,10,1,1,1\n",
      "a,0,L1_L,Ia,linear,10,1,1,1,0,knee\n",
      "a,0,L1_L,Ia,linear,10,-1,1,1,0,root\n",
      "a,0,L1_L,Ia,linear,1,1,1,1,0,root\nb,0,L1_L,Ia,linear,1,1,1,1,0,root\na,0,L1_L,Ia,linear,1,1,1,1,0,root\n"};
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
  assert_ok(threshold_levels_write_csv(t, NULL, 7.0, in_folder("levels.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 9);
  assert_close(cell(c, 0, "threshold_50_mA"), 2.0, 0);
  assert_close(cell(c, 0, "n_fibers"), 4.0, 0);
  assert_string_equal(word(c, 0, "class"), "Ia");
  assert_string_equal(word(c, 1, "threshold_90_mA"), ""); /* 8 mA lies beyond 7 */
  assert_string_equal(word(c, 6, "threshold_10_mA"), "");
  csv_destroy(&c);
  assert_ok(recruitment_write_csv(t, NULL, 10.0, in_folder("curves.csv", path)));
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
  assert_ok(threshold_levels_write_csv(t, NULL, 7.0, in_folder("levels.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 3);
  assert_string_equal(word(c, 2, "class"), "all");
  assert_close(cell(c, 0, "threshold_90_mA"), 2.0, 0);
  assert_close(cell(c, 1, "threshold_10_mA"), 3.0, 0);
  assert_close(cell(c, 2, "threshold_50_mA"), 2.0, 0);
  csv_destroy(&c);
  thresholds_destroy(&t);
}

/* A muscle of L1_L and L2_L, half each: fibres at 1, 2, 3, 4 and 9, 10, 11, 12 mA, an eighth of it each. */
static void muscles_are_recruited_by_their_roots(void **state)
{
  char path[CAUDA_PATH_MAX];
  char pool[1][CAUDA_NAME_MAX] = {"psoas_L"};
  double share[] = {0.5, 0.0, 0.5};
  const Goal g = {.n_pool = 1, .n_root = 3, .pool = pool, .share = share};
  CsvTable *c;
  ThresholdTable *t = small_table();
  (void)state;
  assert_ok(threshold_levels_write_csv(t, &g, 20.0, in_folder("levels.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 9 + 3);
  assert_string_equal(word(c, 9, "root"), "psoas_L");
  assert_string_equal(word(c, 9, "class"), "muscle");
  assert_close(cell(c, 9, "n_fibers"), 8.0, 0);
  assert_close(cell(c, 9, "threshold_10_mA"), 1.0, 0);
  assert_close(cell(c, 9, "threshold_50_mA"), 4.0, 0);
  assert_close(cell(c, 9, "threshold_90_mA"), 12.0, 0);
  assert_string_equal(word(c, 11, "threshold_10_mA"), ""); /* never */
  csv_destroy(&c);
  assert_ok(recruitment_write_csv(t, &g, 20.0, in_folder("curves.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, (9 + 3) * 201);
  assert_close(cell(c, 9 * 201 + 20, "recruited"), 0.25, 1e-9);
  assert_close(cell(c, 9 * 201 + 105, "recruited"), 0.75, 1e-9);
  assert_close(cell(c, 9 * 201 + 200, "recruited"), 1.0, 1e-9);
  csv_destroy(&c);
  thresholds_destroy(&t);
}

static void ranking_file_and_print(void **state)
{
  char path[CAUDA_PATH_MAX], line[256], *text;
  size_t length;
  CsvTable *c = NULL;
  Case k = plain_case();
  ThresholdTable *t = small_table();
  (void)state;
  strcpy(t->set[1], "a-set-with-a-name-that-is-too-long-for-a-line"), strcpy(set_rows[1].name, t->set[1]);
  set_rows[0].amplitude_mA = 30;
  Ranking *r = ranking_of(&k, t);
  assert_ok(rank_write_csv(r, in_folder("ranking.csv", path)));
  assert_ok(csv_read(path, &c));
  assert_int_equal(c->n_row, 3);
  assert_string_equal(word(c, 2, "limit"), "contact current 30 > 25 mA at C01");
  assert_string_equal(word(c, 0, "target"), "L1_L_dorsal");
  assert_string_equal(word(c, 1, "target_threshold_mA"), "");
  assert_close(cell(c, 2, "selectivity"), 0.875, 1e-6);
  csv_destroy(&c);
  assert_ok(file_read_all(path, &text, &length));
  assert_null(strstr(text, "inf"));
  assert_null(strstr(text, "nan"));
  free(text);
  FILE *f = tmpfile();
  assert_ok(rank_print(r, f));
  rewind(f);
  while (fgets(line, sizeof line, f)) assert_true(strlen(line) <= 81);
  fclose(f);
  strcpy(set_rows[1].name, "poor"), set_rows[0].amplitude_mA = 0;
  ranking_destroy(&r);
  thresholds_destroy(&t);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recruitment_counts_fibers),
      cmocka_unit_test(recruitment_never_falls),
      cmocka_unit_test(others_are_other_segments_and_sides),
      cmocka_unit_test(weights_are_those_of_the_case),
      cmocka_unit_test(muscles_are_driven_by_dorsal_roots),
      cmocka_unit_test(targets_are_found_by_short_names),
      cmocka_unit_test(scores_by_hand),
      cmocka_unit_test(amplitudes_are_steps_of_the_device),
      cmocka_unit_test(weighted_scores_by_hand),
      cmocka_unit_test(muscle_scores_by_hand),
      cmocka_unit_test(scores_do_not_depend_on_scale_or_names),
      cmocka_unit_test(the_best_amplitude_is_the_best_of_all),
      cmocka_unit_test(reach_and_demand_by_hand),
      cmocka_unit_test(steps_are_those_of_every_contact),
      cmocka_unit_test(devices_limit_what_the_case_does_not),
      cmocka_unit_test(ranking_by_hand),
      cmocka_unit_test(scores_are_taken_within_the_limits),
      cmocka_unit_test(a_set_over_a_limit_ranks_last),
      cmocka_unit_test(what_cannot_be_reached_says_so),
      cmocka_unit_test(equal_sets_are_tied_not_ordered_by_chance),
      cmocka_unit_test(ranking_follows_the_amplitude_and_the_names),
      cmocka_unit_test(rank_correlations_by_hand),
      cmocka_unit_test(thresholds_come_back_from_their_file),
      cmocka_unit_test(damaged_threshold_files_are_errors),
      cmocka_unit_test(level_and_curve_files_hold_what_was_asked),
      cmocka_unit_test(several_classes_get_a_row_for_all),
      cmocka_unit_test(muscles_are_recruited_by_their_roots),
      cmocka_unit_test(ranking_file_and_print),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
  return PetscFinalize() || failed;
}
