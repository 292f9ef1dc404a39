/* The search on a made-up field: its parts, and what must hold of what it finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/select/climb.h"
#include "../../src/select/relax.h"
#include "field_fixture.h"

#include <string.h>

enum { STARTS = 6 };

/* A search, and the best simple sets that it begins with. */
typedef struct {
  Field f;
  Search s;
  double start[STARTS][17], simple;
  const double *starts[STARTS];
} Bench;

static void bench_make(Bench *b)
{
  SweepState *found;
  field_make(&b->f);
  assert_ok(sweep_state_create(STARTS, &found));
  assert_ok(sweep_run(&b->f.sweep, 2, NULL, "", found));
  for (int i = 0; i < STARTS; i++)
    generator_set(b->f.generator, found->best[i].number, b->start[i]), b->starts[i] = b->start[i];
  b->simple = found->best[0].score;
  sweep_state_destroy(&found);
  b->s =
      (Search){.c = b->f.c, .lead = b->f.lead, .impedance_ohm = b->f.ohm, .goal = b->f.goal, .fiber_root = b->f.root};
  b->s.screen = b->f.screen, b->s.width_us = 300.0, b->s.largest_mA = b->f.sweep.largest_mA;
  b->s.steps = 20, b->s.most_contacts = 16;
}

static void parts_keep_their_sums(void **state)
{
  Rng r = rng_seed(5, 1);
  double fraction[17], back[17];
  Parts p;
  (void)state;
  for (int trial = 0; trial < 500; trial++) {
    double sum = 0.0;
    for (int i = 0; i < 16; i++) sum += fraction[i] = rng_uniform(&r) < 0.4 ? 0.0 : rng_normal(&r);
    fraction[16] = -sum;
    int cathodic = 0, all = 0;
    parts_from(fraction, 17, 20, &p);
    for (int i = 0; i < 17; i++) {
      all += p.part[i], cathodic += p.part[i] < 0 ? -p.part[i] : 0;
      assert_true(p.part[i] * fraction[i] >= 0.0); /* no contact changes its sign */
    }
    assert_int_equal(all, 0);
    assert_int_equal(cathodic, 20);
  }
  double exact[17] = {-0.6, -0.4, 0.25, 0.75};
  parts_from(exact, 17, 20, &p);
  parts_shares(&p, 17, 20, back);
  for (int i = 0; i < 17; i++) assert_close(back[i], exact[i], 1e-15);
}

/* What differs little is screened as what it is. */
static void a_base_and_a_difference_are_a_set(void **state)
{
  Bench b;
  Screen *copy;
  double whole[42], sum[42], fraction[17];
  SparseSet set, difference = {.n = 3, .contact = {16, 2, 9}, .share = {1.0F, -0.1F, 0.1F}};
  (void)state;
  bench_make(&b);
  assert_ok(screen_copy(b.f.screen, &copy));
  screen_base(copy, b.start[0]);
  memcpy(fraction, b.start[0], sizeof fraction);
  fraction[2] -= 0.1, fraction[9] += 0.1;
  assert_true(sparse_set(16, fraction, &set));
  screen_sets(b.f.screen, SCREEN_BEST, 1, &set, whole);
  screen_sets(copy, SCREEN_BEST, 1, &difference, sum);
  int fired = 0;
  for (int i = 0; i < 42; i++) {
    if (isfinite(whole[i]) && isfinite(sum[i])) assert_close(whole[i], sum[i], 1e-5 * whole[i]), fired++;
  }
  assert_true(fired > 5);
  screen_destroy(&copy);
  field_free(&b.f);
}

static void a_climb_ends_where_no_exchange_gains(void **state)
{
  Bench b;
  Climber c;
  Parts p;
  (void)state;
  bench_make(&b);
  assert_ok(climber_create(&b.s, &c));
  parts_from(b.start[0], 17, 20, &p);
  double before = climb_value(&c, (Aim){0}, &p), value = climb(&c, (Aim){0}, 16, &p);
  assert_true(value >= before);
  for (int from = 0; from < 17; from++) /* by one part, looked at one by one */
    for (int to = 0; to < 17; to++) {
      Parts other = p;
      int sign = p.part[from] < 0 ? -1 : 1;
      if (to == from || !p.part[from] || p.part[to] * sign < 0) continue;
      other.part[from] -= sign, other.part[to] += sign;
      assert_true(climb_value(&c, (Aim){0}, &other) <= value + 1e-9);
    }
  climber_free(&c);
  field_free(&b.f);
}

static void relaxing_lowers_and_keeps_the_limits(void **state)
{
  Bench b;
  Climber c;
  double current[16], volt[2] = {0.0, 0.0};
  bool improved;
  (void)state;
  bench_make(&b);
  b.f.c->limits.compliance_V = 1.5; /* so that it binds */
  assert_ok(climber_create(&b.s, &c));
  for (int i = 0; i < 16; i++) current[i] = 0.5 * b.start[0][i];
  assert_ok(relax(&c, 1.0, current, &improved));
  assert_true(improved);
  for (int i = 0; i < 16; i++) {
    double v = 0.0;
    assert_true(fabs(current[i]) <= 6.0 * (1.0 + 1e-6)); /* 30 uC/cm2 */
    for (int j = 0; j < 16; j++) v += 1e-3 * b.f.ohm[16 * i + j] * current[j];
    volt[0] = fmin(volt[0], v), volt[1] = fmax(volt[1], v);
  }
  assert_true(volt[1] - volt[0] <= 1.5 + 1e-3);
  climber_free(&c);
  field_free(&b.f);
}

static void the_search_finds_more_than_it_began_with(void **state)
{
  Bench b;
  SearchResult *r, *again;
  (void)state;
  bench_make(&b);
  assert_ok(search_run(&b.s, STARTS, b.starts, 2, &r));
  assert_ok(search_run(&b.s, STARTS, b.starts, 1, &again));
  assert_true(r->found[0].score >= b.simple);
  assert_string_equal(r->found[0].why, "predicted");
  assert_int_equal(r->n, again->n);
  for (int i = 0; i < r->n; i++) {
    Reach reach;
    double sum = 0.0;
    assert_memory_equal(r->found[i].fraction, again->found[i].fraction,
                        17 * sizeof(double)); /* threads change nothing */
    for (int k = 0; k < 17; k++) sum += r->found[i].fraction[k];
    assert_close(sum, 0.0, 1e-12);
    set_reach(&b.f.c->limits, b.f.lead, r->found[i].fraction, 300.0, b.f.ohm, &reach);
    assert_true(r->found[i].at_mA <= reach.largest_mA * (1.0 + 1e-9));
    assert_true(r->found[i].score <= r->found[0].score + 1e-9);
  }
  assert_true(r->found[r->fewest].score >= 0.95 * r->found[0].score);
  assert_true(r->found[r->fewest].contacts <= r->found[0].contacts);
  search_result_destroy(&r), search_result_destroy(&again);
  field_free(&b.f);
}

static void no_more_contacts_than_asked_for(void **state)
{
  Bench b;
  SearchResult *r;
  (void)state;
  bench_make(&b);
  b.s.most_contacts = 3;
  assert_ok(search_run(&b.s, STARTS, b.starts, 2, &r));
  for (int i = 0; i < r->n; i++) assert_true(r->found[i].contacts <= 3);
  assert_true(r->found[0].score >= b.simple - 1e-9);
  search_result_destroy(&r);
  field_free(&b.f);
}

/* One source: no share is chosen, and no exchange of signs is better. */
static void one_source_is_searched_by_signs(void **state)
{
  Bench b;
  SearchResult *r, *again;
  double best = -1.0;
  (void)state;
  bench_make(&b);
  b.f.c->limits.sources = 1, b.s.wired = true;
  for (int i = 0; i < STARTS; i++) assert_ok(single_source_shares(16, b.f.ohm, b.start[i]));
  Climber c;
  assert_ok(climber_create(&b.s, &c));
  for (int i = 0; i < STARTS; i++) {
    Parts p;
    climb_parts(&b.s, b.start[i], &p);
    best = fmax(best, climb_value(&c, (Aim){0}, &p));
  }
  assert_ok(search_run(&b.s, STARTS, b.starts, 2, &r));
  assert_ok(search_run(&b.s, STARTS, b.starts, 1, &again));
  assert_int_equal(r->n, again->n);
  assert_true(r->found[0].score >= best);
  for (int i = 0; i < r->n; i++) {
    double own[17];
    assert_true(r->found[i].wired);
    memcpy(own, r->found[i].fraction, sizeof own);
    assert_memory_equal(own, again->found[i].fraction, sizeof own);
    assert_ok(single_source_shares(16, b.f.ohm, own)); /* by their signs alone */
    for (int k = 0; k < 17; k++) assert_close(own[k], r->found[i].fraction[k], 1e-9);
  }
  Parts p;
  climb_parts(&b.s, r->found[0].fraction, &p);
  for (int i = 0; i < 17; i++)
    for (int sign = -1; sign <= 1; sign++) {
      Parts other = p;
      other.part[i] = sign;
      if (parts_drive(&b.s, &other)) assert_true(climb_value(&c, (Aim){0}, &other) <= r->found[0].score + 1e-9);
    }
  climber_free(&c);
  search_result_destroy(&r), search_result_destroy(&again);
  field_free(&b.f);
}

/* A device with steps: every contact of what is found is on them, at an amplitude that the set may have. */
static void what_is_found_is_on_the_steps(void **state)
{
  Bench b;
  SearchResult *r;
  const double step = 0.1;
  (void)state;
  bench_make(&b);
  b.f.c->limits.step_mA = step;
  assert_ok(search_run(&b.s, STARTS, b.starts, 2, &r));
  assert_true(r->n > 3);
  assert_memory_equal(r->found[0].why, "predicted at ", 13);
  for (int i = 0; i < r->n; i++) {
    const Found *f = &r->found[i];
    StimulationSet set = {.fraction = f->fraction};
    double least = set_step_mA(&b.f.c->limits, 16, &set, 12.0), mA = 0.0;
    assert_int_equal(sscanf(strstr(f->why, " at "), " at %lf mA", &mA), 1);
    for (int k = 0; k < 16; k++) assert_close(remainder(f->fraction[k] * mA, step), 0.0, 1e-9);
    assert_close(remainder(mA, least), 0.0, 1e-9);
    assert_true(f->at_mA == 0.0 || fabs(f->at_mA - mA) < 1e-9);
  }
  assert_true(r->found[0].score > 0.9 * b.simple);
  search_result_destroy(&r);
  field_free(&b.f);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_keep_their_sums),
      cmocka_unit_test(a_base_and_a_difference_are_a_set),
      cmocka_unit_test(a_climb_ends_where_no_exchange_gains),
      cmocka_unit_test(relaxing_lowers_and_keeps_the_limits),
      cmocka_unit_test(the_search_finds_more_than_it_began_with),
      cmocka_unit_test(no_more_contacts_than_asked_for),
      cmocka_unit_test(one_source_is_searched_by_signs),
      cmocka_unit_test(what_is_found_is_on_the_steps),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
