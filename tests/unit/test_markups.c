/* 3D Slicer markups: what is read, and what is refused in words. */
#include "../../seg/markups.h"

#include "seg_fixture.h"

/* The file `text`, in which %s stands for the part that a test is about. */
static PetscErrorCode read_text(const char *text, const char *part, const char *coordinates, Markup **m)
{
  char path[CAUDA_PATH_MAX], whole[4096];
  snprintf(whole, sizeof whole, text, part);
  write_text("m.json", whole, path);
  return markup_read(path, coordinates, m);
}

static const char SYSTEM[] = "{\"markups\": [{\"type\": \"Fiducial\" %s, \"controlPoints\": "
                             "[{\"position\": [1, 2.5, -3e1]}]}]}";
static const char POINT[] = "{\"markups\": [{\"type\": \"Curve\",\n \"controlPoints\": "
                            "[{\"position\": [0, 0, 0]},\n {%s}]}]}";

static void assert_first(const char *system, const char *coordinates, double x, double y)
{
  Markup *m;
  assert_done(read_text(SYSTEM, system, coordinates, &m));
  assert_int_equal(m->n, 1);
  assert_int_equal(m->type, MARKUP_POINTS);
  assert_true(m->xyz[0][0] == x && m->xyz[0][1] == y && m->xyz[0][2] == -30.0);
  markup_destroy(&m);
  assert_null(m);
}

static void lps_turns_into_ras(void **state)
{
  (void)state;
  assert_first(", \"coordinateSystem\": \"LPS\"", NULL, -1, -2.5);
  assert_first(", \"coordinateSystem\": \"RAS\"", NULL, 1, 2.5);
  assert_first(", \"coordinateSystem\": 1", NULL, -1, -2.5);
  assert_first(", \"coordinateSystem\": \"0\"", NULL, 1, 2.5);
  assert_first("", NULL, -1, -2.5);
}

static void the_case_overrides_the_file(void **state)
{
  (void)state;
  assert_first(", \"coordinateSystem\": \"LPS\"", "RAS", 1, 2.5);
  assert_first(", \"coordinateSystem\": \"RAS\"", "LPS", -1, -2.5);
  assert_first(", \"coordinateSystem\": \"bananas\"", "LPS", -1, -2.5);
}

static void units_are_mm_in_either_form(void **state)
{
  (void)state;
  Markup *m;
  assert_first(", \"coordinateUnits\": \"mm\"", "RAS", 1, 2.5);
  assert_first(", \"coordinateUnits\": [\"mm\", \"UCUM\", \"millimeter\"]", "RAS", 1, 2.5);
  assert_complains(read_text(SYSTEM, ", \"coordinateUnits\": \"um\"", NULL, &m), "m.json", "\"um\"");
  assert_null(m);
}

static void files_that_are_no_markups_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *words;
  } bad[] = {{"", "m.json:1"},
             {"{\n\n\"markups\": [", "m.json:3: found the end of the file"},
             {"{\n\"markups\" oops", "m.json:2"},
             {"NIfTI", "expected JSON"},
             {"[]", "found no list \"markups\""},
             {"{}", "found no list \"markups\""},
             {"{\"markups\": 7}", "found no list \"markups\""},
             {"{\"markups\": []}", "found 0 markups"},
             {"{\"markups\": [{}, {}]}", "found 2 markups"},
             {"{\"markups\": [3]}", "no object"},
             {"{\"markups\": [{\"type\": \"Plane\"}]}", "type \"Plane\""},
             {"{\"markups\": [{}]}", "type \"nothing\""},
             {"{\"markups\": [{\"type\": \"Line\"}]}", "no control points"},
             {"{\"markups\": [{\"type\": \"Line\", \"controlPoints\": []}]}", "no control points"},
             {"{\"markups\": [{\"type\": \"Line\", \"controlPoints\": [3, null]}]}", "control point 1"},
             {"{\"markups\": [{\"type\": \"Line\", \"coordinateSystem\": \"IJK\"}]}", "\"IJK\""}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Markup *m;
    assert_complains(read_text("%s", bad[i].text, NULL, &m), bad[i].words, "m.json");
    assert_null(m);
  }
}

static void points_that_are_no_points_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"\"position\": [1, 2]",
                                    "\"position\": [1, 2, 3, 4]",
                                    "\"position\": \"here\"",
                                    "\"label\": \"F\"",
                                    "\"position\": [1, null, 3]",
                                    "\"position\": [1, \"2\", 3]",
                                    "\"position\": [1, NaN, 3]",
                                    "\"position\": [1, 2, -Infinity]",
                                    "\"position\": [1e300, 2, 3]",
                                    "\"position\": [1, 2, 3], \"positionStatus\": \"undefined\"",
                                    "\"position\": [1, 2, 3], \"positionStatus\": \"preview\""};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Markup *m;
    assert_complains(read_text(POINT, bad[i], NULL, &m), "control point 2", "m.json");
    assert_null(m);
  }
}

static void a_missing_file_is_named(void **state)
{
  (void)state;
  Markup *m = NULL;
  assert_complains(markup_read("/nowhere/at-all.json", NULL, &m), "at-all.json", NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lps_turns_into_ras),
      cmocka_unit_test(the_case_overrides_the_file),
      cmocka_unit_test(units_are_mm_in_either_form),
      cmocka_unit_test(files_that_are_no_markups_are_refused),
      cmocka_unit_test(points_that_are_no_points_are_refused),
      cmocka_unit_test(a_missing_file_is_named),
  };
  return cmocka_run_group_tests_name("markups", tests, setup, teardown);
}
