/* Sets by number, the screen beside its plain twin, and sweeps that are interrupted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field_fixture.h"

#include <string.h>
#include <unistd.h>

static const FixtureSize size = FIELD_SIZE;

/* ---- generator ---------------------------------------------------------------------------------------------------- */

static int64_t count_of(const LeadModel *m, unsigned families, double step)
{
  Generator *g;
  assert_ok(generator_create(m, families, step, &g));
  int64_t n = generator_count(g);
  generator_destroy(&g);
  return n;
}

static void families_have_the_sets_they_should(void **state)
{
  LeadModel *m;
  (void)state;
  assert_ok(lead_model_read("specify-5-6-5", NULL, &m));
  assert_int_equal(count_of(m, 1 << MONOPOLES, 0.5), 16);
  assert_int_equal(count_of(m, 1 << BIPOLES, 0.5), 240);
  assert_int_equal(count_of(m, 1 << TRIPOLES, 0.5), 2 * 16 * 105);
  assert_int_equal(count_of(m, 1 << TRIPOLES, 0.25), 2 * 16 * 105 * 3);
  assert_int_equal(count_of(m, 1 << GUARDED, 0.25), 16 * 4);
  assert_int_equal(count_of(m, 1 << QUADRUPOLES, 0.5), 120 * 91);
  /* 5-6-5, shifted by half a pitch: each of the ten outer contacts has two of the middle beside it, and one across */
  assert_int_equal(count_of(m, 1 << STEERING, 0.5), 25 * 15);
  assert_int_equal(count_of(m, 3 << MONOPOLES, 0.5), 256);
  lead_model_destroy(&m);
}

static void every_set_is_a_set_of_its_own(void **state)
{
  LeadModel *m;
  (void)state;
  assert_ok(lead_model_read("octrode-compact", NULL, &m));
  for (int f = 0; f < FAMILIES; f++) {
    Generator *g;
    assert_ok(generator_create(m, 1U << f, 0.25, &g));
    int64_t n = generator_count(g);
    size_t width = (size_t)m->n_contacts + 1;
    double *all = malloc((size_t)n * width * sizeof *all);
    for (int64_t i = 0; i < n; i++) {
      double *s = all + (size_t)i * width, cathodic = 0.0, sum = 0.0;
      generator_set(g, i, s);
      for (size_t c = 0; c < width; c++) sum += s[c], cathodic += fmin(s[c], 0.0);
      assert_close(sum, 0.0, 1e-12);
      assert_close(cathodic, -1.0, 1e-12);
      for (int64_t k = 0; k < i; k++) assert_memory_not_equal(s, all + (size_t)k * width, width * sizeof *s);
    }
    free(all);
    generator_destroy(&g);
  }
  lead_model_destroy(&m);
}

static void names_tell_the_shares(void **state)
{
  LeadModel *m;
  char name[CAUDA_NAME_MAX];
  (void)state;
  assert_ok(lead_model_read("specify-5-6-5", NULL, &m));
  double f[17] = {-0.6, -0.4};
  f[16] = 1.0;
  set_name(m, f, name);
  assert_string_equal(name, "C01-60_C02-40_case+100");
  for (int i = 0; i < 16; i++) f[i] = -1.0 / 16.0;
  set_name(m, f, name);
  assert_true(strlen(name) < CAUDA_NAME_MAX && name[strlen(name) - 1] == '+');
  lead_model_destroy(&m);
}

/* ---- screen ------------------------------------------------------------------------------------------------------- */

static void the_screen_is_the_predictor(void **state)
{
  enum { SETS = 200 };
  static SparseSet sets[SETS];
  static double fraction[SETS][17], threshold[4][SETS * 42];
  LeadModel *m;
  FiberResponse *r;
  Screen *s;
  Generator *g;
  Rng rng = rng_seed(1, 2);
  const double largest = 3.0;
  int fired = 0, silent = 0;
  (void)state;
  assert_ok(lead_model_read("specify-5-6-5", NULL, &m));
  assert_ok(fixture_responses(m, &size, &r));
  assert_ok(screen_create(r, largest, &s));
  assert_ok(generator_create(m, (1U << FAMILIES) - 1U, 0.25, &g));
  assert_true(screen_kept(s) > 0.05 && screen_kept(s) < 0.9); /* some nodes go, not all */
  for (int i = 0; i < SETS; i++) {
    generator_set(g, (int64_t)(rng_uniform(&rng) * (double)generator_count(g)), fraction[i]);
    assert_true(sparse_set(16, fraction[i], &sets[i]));
  }
  for (int code = SCREEN_BEST; code <= SCREEN_AVX512; code++)
    if (screen_code_runs((ScreenCode)code)) {
      screen_sets(s, (ScreenCode)code, SETS, sets, threshold[code]);
      assert_memory_equal(threshold[code], threshold[SCREEN_BEST], sizeof threshold[0]);
    }
  for (int i = 0; i < SETS * r->n_fiber; i++) {
    double site, twin = fiber_threshold(r, i % r->n_fiber, fraction[i / r->n_fiber], &site), v = threshold[0][i];
    if (twin > largest * (1.0 + 1e-5)) {
      assert_true(v == HUGE_VAL);
      silent++;
    } else if (twin < largest * (1.0 - 1e-5)) {
      assert_close(v, twin, 2e-6 * twin);
      fired++;
    }
  }
  assert_true(fired > 500 && silent > 500); /* both ways are tried */
  generator_destroy(&g), screen_destroy(&s), fiber_response_destroy(&r), lead_model_destroy(&m);
}

/* ---- sweep ---------------------------------------------------------------------------------------------------------- */

static void assert_same(const SweepState *a, const SweepState *b)
{
  assert_int_equal(a->n, b->n);
  assert_int_equal(a->done, b->done);
  assert_int_equal(a->refused, b->refused);
  for (int i = 0; i < a->n; i++) {
    assert_int_equal(a->best[i].number, b->best[i].number);
    assert_close(a->best[i].score, b->best[i].score, 0);
    assert_close(a->best[i].at_mA, b->best[i].at_mA, 0);
  }
}

static void threads_do_not_change_what_is_found(void **state)
{
  Field f;
  SweepState *found[3];
  (void)state;
  field_make(&f);
  for (int i = 0; i < 3; i++) {
    assert_ok(sweep_state_create(25, &found[i]));
    assert_ok(sweep_run(&f.sweep, 1 + i, NULL, "", found[i]));
    assert_same(found[0], found[i]);
  }
  assert_int_equal(found[0]->done, generator_count(f.generator));
  assert_int_equal(found[0]->n, 25);
  for (int i = 1; i < 25; i++) assert_true(found[0]->best[i].score <= found[0]->best[i - 1].score);
  for (int i = 0; i < 3; i++) sweep_state_destroy(&found[i]);
  field_free(&f);
}

/* The best that the sweep finds is the best there is, by the plain twins of screen and limits. */
static void the_best_is_found(void **state)
{
  Field f;
  SweepState *found;
  Scorer *s;
  double best = -2.0, threshold[42], fraction[17], site;
  (void)state;
  field_make(&f);
  assert_ok(sweep_state_create(1, &found));
  assert_ok(sweep_run(&f.sweep, 2, NULL, "", found));
  assert_ok(scorer_create(f.goal, 42, f.root, &s));
  for (int64_t n = 0; n < generator_count(f.generator); n++) {
    Reach r;
    generator_set(f.generator, n, fraction);
    for (int i = 0; i < 42; i++) threshold[i] = fiber_threshold(f.r, i, fraction, &site);
    set_reach(&f.c->limits, f.lead, fraction, 300.0, f.ohm, &r);
    scorer_take(s, threshold, (Amplitudes){r.largest_mA, 0.0});
    best = fmax(best, scorer_best(s, SCORE_SELECTIVITY).value);
  }
  assert_close(found->best[0].score, best, 1e-9);
  scorer_destroy(&s), sweep_state_destroy(&found);
  field_free(&f);
}

/* Where no set reaches the target within the limits, the one that comes nearest is first. */
static void the_nearest_is_found_where_none_reaches(void **state)
{
  Field f;
  SweepState *found;
  double nearest = 0.0, fraction[17], site;
  (void)state;
  field_make(&f);
  f.c->limits.compliance_V = 0.01;
  assert_ok(sweep_state_create(1, &found));
  assert_ok(sweep_run(&f.sweep, 2, NULL, "", found));
  for (int64_t n = 0; n < generator_count(f.generator); n++) {
    double threshold = HUGE_VAL; /* 10 % of seven fibres is the first */
    Reach r;
    generator_set(f.generator, n, fraction);
    for (int i = 0; i < 42; i++)
      if (f.goal->wanted[f.root[i]] > 0.0) threshold = fmin(threshold, fiber_threshold(f.r, i, fraction, &site));
    set_reach(&f.c->limits, f.lead, fraction, 300.0, f.ohm, &r);
    if (threshold <= f.sweep.largest_mA) nearest = fmax(nearest, r.largest_mA / threshold);
  }
  assert_true(nearest < 1.0);
  assert_close(found->best[0].score, nearest - 1.0, 1e-6);
  assert_close(found->best[0].at_mA, 0.0, 0);
  sweep_state_destroy(&found);
  field_free(&f);
}

static void an_interrupted_sweep_goes_on(void **state)
{
  char path[] = "/tmp/cauda-test-sweep-XXXXXX";
  Field f;
  SweepState *whole, *half, *again;
  (void)state;
  close(mkstemp(path));
  field_make(&f);
  assert_ok(sweep_state_create(10, &whole));
  assert_ok(sweep_state_create(10, &half));
  assert_ok(sweep_state_create(10, &again));
  assert_ok(sweep_run(&f.sweep, 2, NULL, "", whole));
  /* as if it had been killed: the best of all are there already, but not all pieces count as done */
  assert_ok(sweep_run(&f.sweep, 2, path, "key", half));
  half->done = 2048;
  assert_ok(sweep_state_write(path, "key", half));
  assert_ok(sweep_state_read(path, "key", again));
  assert_same(half, again);
  assert_ok(sweep_run(&f.sweep, 2, path, "key", again));
  assert_same(whole, again);
  assert_ok(sweep_state_read(path, "another key", again)); /* another case: anew */
  assert_true(again->n == 0 && again->done == 0);
  sweep_state_destroy(&whole), sweep_state_destroy(&half), sweep_state_destroy(&again);
  field_free(&f);
  unlink(path);
}

/* Sets of a device with one source: contacts of one sign have one potential, those of the case 0. */
static void one_source_shares_by_impedance(void **state)
{
  Field f;
  SweepState *found;
  int wired = 0;
  (void)state;
  field_make(&f);
  f.c->limits.sources = 1;
  for (int64_t n = 0; n < generator_count(f.generator); n += 37) {
    double fraction[17], volt[3] = {NAN, 0.0, NAN}, sum = 0.0;
    bool here;
    StimulationSet set = {.fraction = fraction};
    assert_ok(sweep_set(&f.sweep, n, &set, &here));
    wired += set.control == SET_SINGLE_SOURCE;
    if (fraction[16] != 0.0) volt[fraction[16] < 0.0 ? 0 : 2] = 0.0;
    for (int i = 0; i < 16; i++) {
      double v = 0.0, *pole = &volt[fraction[i] < 0.0 ? 0 : 2];
      for (int k = 0; k < 16; k++) v += f.ohm[16 * i + k] * fraction[k];
      sum += fmin(fraction[i], 0.0);
      if (fraction[i] == 0.0) continue;
      if (isnan(*pole) || set.control == SET_CURRENT) *pole = v;
      assert_close(v, *pole, 1e-9 * 600.0);
    }
    assert_close(sum + fmin(fraction[16], 0.0), -1.0, 1e-12);
  }
  assert_true(wired > 20);
  assert_ok(sweep_state_create(10, &found));
  assert_ok(sweep_run(&f.sweep, 2, NULL, "", found));
  assert_int_equal(found->refused, 0);
  sweep_state_destroy(&found);
  field_free(&f);
}

/* Sets of a list, some at a time, are looked at as those of the generator. */
static void a_list_is_swept_as_what_is_generated(void **state)
{
  Field f;
  SweepState *whole, *parts;
  SetTable *t;
  (void)state;
  field_make(&f);
  int n = (int)generator_count(f.generator), done = 0;
  assert_ok(sweep_state_create(10, &whole));
  assert_ok(sweep_state_create(10, &parts));
  assert_ok(sweep_run(&f.sweep, 2, NULL, "", whole));
  for (int some = 700; done < n; done += some, some = 1500) {
    Sweep part = f.sweep;
    assert_ok(sets_create(16, done + some < n ? some : n - done, &t));
    for (int i = 0; i < t->n_set; i++) generator_set(f.generator, done + i, t->set[i].fraction);
    part.list = t, part.first = done;
    assert_ok(sweep_run(&part, 2, NULL, "", parts));
    sets_destroy(&t);
  }
  assert_same(whole, parts);
  sweep_state_destroy(&whole), sweep_state_destroy(&parts);
  field_free(&f);
}

/* A set belongs to the pulse width that it names; one that names none, to those of the case. */
static void a_list_has_pulse_widths(void **state)
{
  Field f;
  SetTable *t;
  const double width[3] = {0.0, 300.0, 210.0};
  const bool expected[2][3] = {{true, true, false}, {false, true, false}};
  (void)state;
  field_make(&f);
  assert_ok(sets_create(16, 3, &t));
  for (int i = 0; i < 3; i++) t->set[i].fraction[i] = -1.0, t->set[i].fraction[16] = 1.0, t->set[i].width_us = width[i];
  f.sweep.list = t, f.sweep.first = 100;
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 3; i++) {
      double fraction[17];
      StimulationSet set = {.fraction = fraction};
      bool here;
      f.sweep.named_only = k == 1;
      assert_ok(sweep_set(&f.sweep, 100 + i, &set, &here));
      assert_int_equal(here, expected[k][i]);
      assert_true(set.fraction == fraction && fraction[i] == -1.0);
    }
  sets_destroy(&t);
  field_free(&f);
}

/* What goes to another process finds there what it finds here: generated sets, and those of a list. */
static void a_packed_sweep_is_the_sweep(void **state)
{
  Field f;
  SetTable *t;
  (void)state;
  field_make(&f);
  f.c->limits.sources = 1;
  assert_ok(sets_create(16, 200, &t));
  for (int i = 0; i < 200; i++) generator_set(f.generator, 30 * i, t->set[i].fraction);
  for (int k = 0; k < 2; k++) {
    SweepState *here, *there;
    SweepCopy *copy;
    char *bytes;
    size_t n;
    f.sweep.list = k ? t : NULL;
    assert_ok(sweep_pack(&f.sweep, &bytes, &n));
    assert_ok(sweep_unpack(bytes, n, &copy));
    assert_ok(sweep_state_create(10, &here));
    assert_ok(sweep_state_create(10, &there));
    assert_ok(sweep_run(&f.sweep, 2, NULL, "", here));
    assert_ok(sweep_run(sweep_of(copy), 1, NULL, "", there));
    assert_same(here, there);
    sweep_copy_destroy(&copy);
    assert_ok(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
    assert_int_equal(sweep_unpack(bytes, n / 2, &copy), PETSC_ERR_FILE_UNEXPECTED); /* cut off */
    assert_ok(PetscPopErrorHandler());
    assert_null(copy);
    free(bytes);
    sweep_state_destroy(&here), sweep_state_destroy(&there);
  }
  sets_destroy(&t);
  field_free(&f);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(families_have_the_sets_they_should),
      cmocka_unit_test(every_set_is_a_set_of_its_own),
      cmocka_unit_test(names_tell_the_shares),
      cmocka_unit_test(the_screen_is_the_predictor),
      cmocka_unit_test(threads_do_not_change_what_is_found),
      cmocka_unit_test(the_best_is_found),
      cmocka_unit_test(the_nearest_is_found_where_none_reaches),
      cmocka_unit_test(an_interrupted_sweep_goes_on),
      cmocka_unit_test(one_source_shares_by_impedance),
      cmocka_unit_test(a_list_is_swept_as_what_is_generated),
      cmocka_unit_test(a_list_has_pulse_widths),
      cmocka_unit_test(a_packed_sweep_is_the_sweep),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
