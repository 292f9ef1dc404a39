/* The made-up field with all that a sweep or a search of it needs, for cmocka's tests. */
#ifndef CAUDA_TESTS_FIELD_FIXTURE_H
#define CAUDA_TESTS_FIELD_FIXTURE_H

#include "screen_fixture.h"

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)
#define FIELD_SIZE                                                                                                     \
  {                                                                                                                    \
    6, 7, 60                                                                                                           \
  }

typedef struct {
  LeadModel *lead;
  FiberResponse *r;
  Goal *goal;
  Generator *generator;
  Screen *screen;
  Case *c;
  int root[42];
  double ohm[256];
  Sweep sweep;
} Field;

static inline void field_make(Field *f)
{
  static char target[] = "L2_L";
  static const FixtureSize size = FIELD_SIZE;
  char root[6][CAUDA_NAME_MAX];
  CaseRank rank = {.target = target, .others_weight = 1.0};
  assert_ok(lead_model_read("specify-5-6-5", NULL, &f->lead));
  assert_ok(case_defaults(&f->c));
  assert_ok(fixture_responses(f->lead, &size, &f->r));
  fixture_roots(&size, root, f->root);
  fixture_impedance(f->lead, f->ohm);
  assert_ok(goal_create(&rank, "", size.n_root, root, &f->goal));
  assert_ok(generator_create(f->lead, 1U << TRIPOLES | 1U << BIPOLES, 0.25, &f->generator));
  double largest = sweep_largest_mA(f->c, f->lead, 300.0);
  assert_close(largest, 12.0, 1e-9); /* 30 uC/cm2 on 6 mm2 in 300 us are 6 mA a contact */
  assert_ok(screen_create(f->r, largest, &f->screen));
  f->sweep = (Sweep){.c = f->c, .lead = f->lead, .impedance_ohm = f->ohm, .goal = f->goal, .fiber_root = f->root};
  f->sweep.screen = f->screen, f->sweep.generator = f->generator, f->sweep.width_us = 300.0,
  f->sweep.largest_mA = largest;
}

static inline void field_free(Field *f)
{
  generator_destroy(&f->generator), screen_destroy(&f->screen), goal_destroy(&f->goal), fiber_response_destroy(&f->r);
  lead_model_destroy(&f->lead), case_destroy(&f->c);
}

#endif
