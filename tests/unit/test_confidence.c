/* Draws and what follows from them, by hand; ranges of conductivities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cauda/confidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static void each_part_of_a_range_is_drawn_once(void **state)
{
  enum { N = 10, P = 3 };
  double u[N * P], again[N * P];
  (void)state;
  assert_ok(latin_hypercube(N, P, 4, u));
  assert_ok(latin_hypercube(N, P, 4, again));
  assert_memory_equal(u, again, sizeof u);
  for (int p = 0; p < P; p++) {
    int seen[N] = {0};
    for (int i = 0; i < N; i++) {
      assert_true(u[i * P + p] > 0.0 && u[i * P + p] < 1.0);
      seen[(int)(u[i * P + p] * N)]++;
    }
    for (int i = 0; i < N; i++) assert_int_equal(seen[i], 1);
  }
  int same = 0;
  for (int i = 0; i < N; i++) same += (int)(u[i * P] * N) == (int)(u[i * P + 1] * N);
  assert_true(same < N); /* parameters do not go together */
}

/* Three sets a, b, c in that order; five draws. */
static char names[3][CAUDA_NAME_MAX] = {"a", "b", "c"};
static RankRow rows[3] = {
    {.set = 0, .rank = 1, .score = 0.8}, {.set = 1, .rank = 2, .score = 0.6}, {.set = 2, .rank = 3}};
static const Ranking ranking = {.n = 3, .row = rows, .set = names};
static const double draws[15] = {0.8, 0.7, 0.1, /* */ 0.9, 0.5,       -HUGE_VAL, /* */ 0.5, 0.6,
                                 0.2, 0.7, 0.6, 0.1,       /* */ 0.6, 0.6,       0.0};

static void shares_by_hand(void **state)
{
  ConfidenceRow *c;
  char words[1024];
  (void)state;
  assert_ok(confidence_rows(&ranking, 5, draws, &c));
  assert_close(c[0].low, 0.5, 0);
  assert_close(c[0].median, 0.7, 0);
  assert_close(c[0].high, 0.9, 0);
  assert_close(c[0].first, 0.8, 1e-15); /* the third draw is b's; in the last they are equal */
  assert_close(c[0].holds, 0.8, 1e-15);
  assert_close(c[1].first, 0.4, 1e-15);
  assert_close(c[1].holds, 0.6, 1e-15); /* first twice */
  assert_close(c[2].holds, 1.0, 1e-15);
  assert_true(c[2].low == -HUGE_VAL && c[2].high == 0.2);
  assert_string_equal(c[0].tied_with, "b"); /* better in 3.5 of 5 */
  assert_string_equal(c[1].tied_with, "a");
  assert_string_equal(c[2].tied_with, "");
  confidence_sentence(&ranking, c, 5, words, sizeof words);
  assert_non_null(strstr(words, "a is first in 80 %"));
  assert_non_null(strstr(words, "cannot be told apart from b"));
  free(c);
}

static void the_order_of_draws_means_nothing(void **state)
{
  ConfidenceRow *c, *d;
  double turned[15];
  (void)state;
  for (int i = 0; i < 15; i++) turned[i] = draws[(14 - i) / 3 * 3 + i % 3];
  assert_ok(confidence_rows(&ranking, 5, draws, &c));
  assert_ok(confidence_rows(&ranking, 5, turned, &d));
  assert_memory_equal(c, d, 3 * sizeof *c);
  free(c), free(d);
}

static void ranges_are_those_of_the_tissues(void **state)
{
  Case *c;
  TissueRanges *r;
  static char bad_file[] = "/tmp/cauda-test-ranges.csv";
  static const char *const bad[] = {"dura,sigma,0.6,0.02,x", "dura,longitudinal,0.1,0.2,x", "bark,sigma,0.1,0.2,x",
                                    "white,sigma,0.1,0.2,x", "dura,colour,0.1,0.2,x"};
  FILE *f = fopen("/tmp/cauda-test-ranges.yaml", "w");
  (void)state;
  fputs("name: x\nanatomy: {phantom: {}}\n", f);
  fclose(f);
  assert_ok(case_read("/tmp/cauda-test-ranges.yaml", &c));
  assert_ok(tissue_ranges_read(c, &r));
  bool dura = false;
  for (int i = 0; i < r->n; i++)
    dura = dura ||
           (!strcmp(r->range[i].tissue, "dura") && r->range[i].low_S_per_m == 0.02 && r->range[i].high_S_per_m == 0.6);
  assert_true(dura);
  tissue_ranges_destroy(&r);
  free(c->confidence.conductivities);
  assert_ok(text_copy(bad_file, &c->confidence.conductivities));
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    f = fopen(bad_file, "w");
    fprintf(f, "tissue,quantity,low_S_per_m,high_S_per_m,source\n%s\n", bad[i]);
    fclose(f);
    assert_int_equal(tissue_ranges_read(c, &r), PETSC_ERR_USER_INPUT);
    assert_null(r);
  }
  PetscPopErrorHandler();
  case_destroy(&c);
  remove(bad_file), remove("/tmp/cauda-test-ranges.yaml");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_part_of_a_range_is_drawn_once),
      cmocka_unit_test(shares_by_hand),
      cmocka_unit_test(the_order_of_draws_means_nothing),
      cmocka_unit_test(ranges_are_those_of_the_tissues),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
