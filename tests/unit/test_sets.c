/* Parameter sets: what is read, in any order and dress, and what is refused. */
#include "cauda/case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static ErrorRecord record;
static char file[] = "/tmp/cauda-sets-XXXXXX";
static const char *const contact[] = {"C01", "C02", "C03"};

static int setup(void **state)
{
  (void)state;
  int fd = mkstemp(file);
  return PetscInitializeNoArguments() || error_record_install(&record) || fd < 0 || close(fd);
}

static int teardown(void **state)
{
  (void)state;
  unlink(file);
  return PetscFinalize();
}

static PetscErrorCode read_bytes(const char *text, size_t n, SetTable **t)
{
  unlink(file); /* a new file is faster than an emptied one */
  FILE *s = fopen(file, "wb");
  assert_non_null(s);
  assert_int_equal(fwrite(text, 1, n, s), n);
  assert_int_equal(fclose(s), 0);
  error_record_clear(&record);
  return sets_read(file, 3, contact, t);
}

static SetTable *expect_sets(const char *text)
{
  SetTable *t;
  if (read_bytes(text, strlen(text), &t)) fail_msg("%s", record.message);
  return t;
}

static void expect_error(const char *text, const char *expected)
{
  SetTable *t;
  assert_int_equal(read_bytes(text, strlen(text), &t), PETSC_ERR_USER_INPUT);
  assert_null(t);
  const char *found = record.message + strlen(file) + 1;
  assert_memory_equal(record.message, file, strlen(file));
  if (strncmp(found, expected, strlen(expected)) != 0) fail_msg("found \"%s\", expected \"%s...\"", found, expected);
}

static void check_sums(const SetTable *t)
{
  for (int s = 0; s < t->n_set; s++) {
    double sum = 0, cathodic = 0;
    for (int i = 0; i <= t->n_contact; i++) sum += t->set[s].fraction[i], cathodic += fmin(t->set[s].fraction[i], 0);
    assert_true(fabs(sum) < 1e-14 && fabs(cathodic + 1) < 1e-14);
  }
}

static void fractions_and_currents_are_told_apart(void **state)
{
  (void)state;
  SetTable *t =
      expect_sets("set,C01,C02,C03,case\na,-1,1,0,0\nb,-2.5,1,0,1.5\nc,-0.3333333,0.3333333,-0.6666667,0.6666667\n");
  assert_int_equal(t->n_set, 3);
  assert_int_equal(t->n_contact, 3);
  assert_true(t->set[0].amplitude_mA == 0 && t->set[1].amplitude_mA == 2.5 && t->set[2].amplitude_mA == 0);
  assert_true(t->set[1].fraction[0] == -1 && t->set[1].fraction[1] == 0.4 && t->set[1].fraction[3] == 0.6);
  assert_true(t->set[0].width_us == 0);
  check_sums(t);
  assert_int_equal(sets_find(t, "c"), 2);
  assert_int_equal(sets_find(t, "d"), -1);
  sets_destroy(&t);
  assert_null(t);
  sets_destroy(&t);
}

static void amplitude_and_width_are_optional(void **state)
{
  (void)state;
  SetTable *t = expect_sets("set,C01,C02,case,amplitude_mA,width_us\na,-1,1,0,3.5,210\nb,-1,0,1,,\nc,-4,4,0,,60\n");
  assert_true(t->set[0].amplitude_mA == 3.5 && t->set[0].width_us == 210);
  assert_true(t->set[1].amplitude_mA == 0 && t->set[1].width_us == 0);
  assert_true(t->set[2].amplitude_mA == 4 && t->set[2].width_us == 60 && t->set[2].fraction[0] == -1);
  check_sums(t);
  sets_destroy(&t);
}

/* The order of the columns, absent zeros, quotes, blanks, comments and line ends change nothing. */
static void the_dress_does_not_matter(void **state)
{
  (void)state;
  static const char *const same[] = {
      "set,C01,C02,C03,case\nleft a,-1,0.25,0,0.75\n",
      "set,C01,C02,C03,case\nleft a,-1,0.25,0,0.75",
      "case,C02,set,C01\n.75,+0.25,left a,-1.0\n",
      "\xEF\xBB\xBFset,C01,C02,C03,case\r\nleft a,-1,0.25,0,0.75\r\n\r\n",
      "set,C01,C02,C03,case\rleft a,-1,0.25,0,0.75\r",
      "# a, comment\n\nset , C01 ,C02,C03,\"case\"\n  # b\n\"left a\" ,\t-1, 2.5e-1 ,, \"0.75\" \n \n",
  };
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    SetTable *t = expect_sets(same[i]);
    assert_int_equal(t->n_set, 1);
    assert_string_equal(t->set[0].name, "left a");
    const double *f = t->set[0].fraction;
    assert_true(f[0] == -1 && f[1] == 0.25 && f[2] == 0 && f[3] == 0.75);
    sets_destroy(&t);
  }
}

#define HEAD "set,C01,C02,C03,case\n"

static void faults_are_named_with_their_line(void **state)
{
  (void)state;
  expect_error("set,C01,C04,case\na,-1,1,0\n", "1: unknown contact or column \"C04\"; expected set, C01 to C03, case");
  expect_error("set,C01,C01,case\na,-1,1,0\n", "1: the column \"C01\" is there twice");
  expect_error("C01,C02\n-1,1\n", "1: there is no column \"set\"");
  expect_error("set;C01;C02\na;-1;1\n", "1: the columns are separated by semicolons");
  expect_error(HEAD "a,-1,1,0\n", "2: the row has 4 values; expected 5");
  expect_error(HEAD "# x\n\na,-1,1,0,0,0\n", "4: the row has 6 values; expected 5");
  expect_error(HEAD "a,-1,1,0,0\nb,-1,one,0,0\n", "3: \"one\" in column C02 is no number");
  expect_error(HEAD "a,-1,nan,0,0\n", "2: \"nan\" in column C02 is no number");
  expect_error(HEAD "a,-1,inf,0,0\n", "2: \"inf\" in column C02 is no number");
  expect_error(HEAD "a,-1,1e999,0,0\n", "2: \"1e999\" in column C02 is no number");
  expect_error(HEAD "a,-1,0x1,0,0\n", "2: \"0x1\" in column C02 is no number");
  expect_error(HEAD "a,-1,1 mA,0,0\n", "2: \"1 mA\" in column C02 is no number");
  expect_error(HEAD "a,-1,0.9,0,0\n", "2: the entries of \"a\" sum to -0.1; expected 0");
  expect_error(HEAD "a,-1,0.5,0,0.50001\n", "2: the entries of \"a\" sum to 1e-05; expected 0");
  expect_error(HEAD "a,0,0,0,0\n", "2: the set \"a\" has no cathode");
  expect_error(HEAD "a,1,0,0,0\n", "2: the set \"a\" has no cathode");
  expect_error(HEAD "a,-1,1,0,0\n\"a\",-1,1,0,0\n", "3: the set \"a\" is there twice");
  expect_error(HEAD ",-1,1,0,0\n", "2: \"\" cannot be a set's name");
  expect_error(HEAD "../a,-1,1,0,0\n", "2: \"../a\" cannot be a set's name");
  expect_error(HEAD "\"a\n", "2: a quote (\") is opened and never closed");
  expect_error(HEAD "\"a\"b,-1,1,0,0\n", "2: found text behind a closing quote");
  expect_error(HEAD "\"a\nb\",-1,1,0,0\nc,-1,2,0,0\n", "2: \"a\nb\" cannot be a set's name");
  expect_error(HEAD "a,-1,1,0,0\nb,\"-\n1\",1,0,0\n", "3: \"-\n1\" in column C01 is no number");
  expect_error("set,C01,case,amplitude_mA\na,-2,2,3\n", "2: the cathodes of \"a\" sum to -2 beside an amplitude_mA");
  expect_error("set,C01,case,amplitude_mA\na,-1,1,-3\n",
               "2: amplitude_mA is -3; expected a number above 0, or nothing");
  expect_error("set,C01,case,width_us\na,-1,1,0\n", "2: width_us is 0; expected a number above 0");
  expect_error("", " is empty; expected a header");
  expect_error(HEAD, " there is no set in it");
}

static void files_that_are_no_text_are_refused(void **state)
{
  (void)state;
  SetTable *t;
  assert_int_equal(read_bytes("set,C01\0,case\n", 14, &t), PETSC_ERR_USER_INPUT);
  assert_null(t);
  assert_int_equal(sets_read("/nowhere.csv", 3, contact, &t), PETSC_ERR_FILE_OPEN);
  assert_null(t);
}

/* Random currents that balance: fractions times amplitude are the currents. */
static void currents_come_back(void **state)
{
  (void)state;
  Rng r = rng_seed(3, 0);
  for (int k = 0; k < 200; k++) {
    double mA[4] = {0}, cathodic = 0;
    char text[256];
    for (int i = 0; i < 3; i++) mA[i] = rng_normal(&r), mA[3] -= mA[i];
    for (int i = 0; i < 4; i++) cathodic -= fmin(mA[i], 0);
    snprintf(text, sizeof text, HEAD "a,%.17g,%.17g,%.17g,%.17g\n", mA[0], mA[1], mA[2], mA[3]);
    SetTable *t = expect_sets(text);
    assert_true(fabs(t->set[0].amplitude_mA - cathodic) < 1e-12);
    for (int i = 0; i < 4; i++) assert_true(fabs(t->set[0].fraction[i] * cathodic - mA[i]) < 1e-12);
    check_sums(t);
    sets_destroy(&t);
  }
}

static void damaged_files_do_no_harm(void **state)
{
  (void)state;
  static const char text[] = "set,C01,\"C02\",case\r\na,-1,\"1\",0\n# x\nb,-2,1,1\n";
  Rng r = rng_seed(1, 0);
  for (int i = 0; i < 3000; i++) {
    char copy[sizeof text];
    size_t n = sizeof text - 1;
    SetTable *t;
    memcpy(copy, text, sizeof text);
    if (i < (int)n)
      n = (size_t)i;
    else
      copy[rng_next(&r) % n] = (char)(i % 2 ? rng_next(&r) % 256 : (uint64_t) "\",\n\r #0-"[rng_next(&r) % 8]);
    PetscErrorCode ierr = read_bytes(copy, n, &t);
    assert_true(ierr == 0 || ierr == PETSC_ERR_USER_INPUT);
    if (t) check_sums(t);
    sets_destroy(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fractions_and_currents_are_told_apart),
      cmocka_unit_test(amplitude_and_width_are_optional),
      cmocka_unit_test(the_dress_does_not_matter),
      cmocka_unit_test(faults_are_named_with_their_line),
      cmocka_unit_test(files_that_are_no_text_are_refused),
      cmocka_unit_test(currents_come_back),
      cmocka_unit_test(damaged_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
