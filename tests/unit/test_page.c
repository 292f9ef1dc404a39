/* report.html of small results: what must be in it, and what a hostile name must not bring about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/report/html.h"

#include "cauda/report.h"

#include <json-c/json.h>
#include <libxml/parser.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define assert_ok(call) assert_int_equal((call), 0)
#define EVIL "</script><script>alert('x')</script>"

static char folder[] = "/tmp/cauda-test-page-XXXXXX";

static void path_of(const char *name, char path[CAUDA_PATH_MAX]) { assert_ok(path_join(folder, name, path)); }

static void put(const char *name, const char *text)
{
  char path[CAUDA_PATH_MAX];
  path_of(name, path);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void drop(const char *name)
{
  char path[CAUDA_PATH_MAX];
  path_of(name, path);
  unlink(path);
}

static char *page(void)
{
  char path[CAUDA_PATH_MAX], *text;
  const char *const folders[] = {folder};
  path_of("report.html", path);
  assert_ok(report_page_write(1, folders, path));
  assert_ok(file_read_all(path, &text, NULL));
  return text;
}

static int count(const char *text, const char *what)
{
  int n = 0;
  for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) n++;
  return n;
}

/* Two sets, three roots of two fibres. `name` is the subject's, the set's and the tissue's. */
static void put_results(const char *name)
{
  json_object *quoted = json_object_new_string(name);
  const char *q = json_object_to_json_string_ext(quoted, JSON_C_TO_STRING_NOSLASHESCAPE);
  char text[8192];
  snprintf(
      text, sizeof text,
      "{\"version\":\"0\",\"name\":%s,\"command\":%s,\"fibers\":{\"tier\":%s,\"fibers\":6,\"roots\":3},"
      "\"field\":{\"unknowns\":10,\"residual\":1e-9},"
      "\"inputs\":[{\"path\":%s,\"sha256\":\"00\"}],\"conductivities\":{%s:{\"sigma_S_per_m\":1,\"source\":%s}},"
      "\"contacts\":{\"C01\":{\"impedance_unusual\":%s}},"
      "\"lead\":{\"side\":\"dorsal\",\"contacts\":[{\"name\":%s,\"lateral_mm\":-2,\"rostral_mm\":1,\"length_mm\":4},"
      "{\"name\":\"C02\",\"lateral_mm\":2,\"rostral_mm\":0,\"length_mm\":4}]},"
      "\"sets\":[{\"name\":\"one\",\"share\":{\"C02\":-1,\"case\":1}}],"
      "\"ranking\":[{\"rank\":1,\"set\":\"one\",\"target\":\"L1_L\",\"score\":0.5,\"score_at_mA\":2,\"target_"
      "recruited\":0.5,\"spill\":0.25,\"new_thing_mW\":7,"
      "\"limit\":%s},{\"rank\":2,\"set\":\"two\",\"target\":\"L1_L\",\"score\":0.25,\"score_at_mA\":null,\"target_"
      "recruited\":0.5,\"spill\":0.5}]}",
      q, q, q, q, q, q, q, q, q);
  put("report.json", text);
  put("fiber_thresholds.csv",
      "set,fiber,root,class,tier,diameter_um,threshold_mA,threshold_linear_mA,threshold_af_mA,site_s_mm,site\n"
      "one,0,L1_L_dorsal,Ia,mrg,10,1,1,1,5,root\none,1,L1_L_dorsal,Ia,mrg,10,2,1,1,5,root\n"
      "one,2,L1_R_dorsal,Ia,mrg,10,3,1,1,5,root\none,3,L1_R_dorsal,Ia,mrg,10,,1,1,5,root\n"
      "one,4,<b>_L_dorsal,Ia,mrg,10,3,1,1,5,root\none,5,<b>_L_dorsal,Ia,mrg,10,4,1,1,5,root\n"
      "two,0,L1_L_dorsal,Ia,mrg,10,1,1,1,5,root\ntwo,1,L1_L_dorsal,Ia,mrg,10,2,1,1,5,root\n"
      "two,2,L1_R_dorsal,Ia,mrg,10,3,1,1,5,root\ntwo,3,L1_R_dorsal,Ia,mrg,10,3,1,1,5,root\n"
      "two,4,<b>_L_dorsal,Ia,mrg,10,3,1,1,5,root\ntwo,5,<b>_L_dorsal,Ia,mrg,10,4,1,1,5,root\n");
  put("impedance.csv", "C01,<C02>\n1000,50\n50,900\n");
  json_object_put(quoted);
}

/* ---- escaping ----------------------------------------------------------------------------------------------------- */

static void escaped(const char *text, bool as_json, char out[256])
{
  char *buffer;
  size_t n;
  FILE *s = open_memstream(&buffer, &n);
  if (as_json)
    html_json(s, text);
  else
    html_text(s, text);
  fclose(s);
  snprintf(out, 256, "%s", buffer);
  free(buffer);
}

static void text_is_escaped(void **state)
{
  (void)state;
  char out[256];
  escaped("<a href=\"x\" b='y'>&\x01\x7f", false, out);
  assert_string_equal(out, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;  ");
  escaped("{\"a\":\"</script>&\"}", true, out);
  assert_string_equal(out, "{\"a\":\"\\u003c/script\\u003e\\u0026\"}");
}

static void hostile_names_harm_nobody(void **state)
{
  (void)state;
  put_results("plain");
  char *plain = page();
  put_results(EVIL);
  char *evil = page();
  assert_null(strstr(evil, EVIL));
  assert_null(strstr(evil, "<script>alert"));
  assert_non_null(strstr(evil, "&lt;script&gt;alert"));
  static const char *const marks[] = {"<script", "</script", "<b>", "<C02>", "<table", "<svg"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    assert_int_equal(count(evil, marks[i]), count(plain, marks[i]));
  assert_null(strstr(plain, "<b>_L"));
  free(plain), free(evil);
}

/* ---- what is in it ------------------------------------------------------------------------------------------------ */

static void pictures_are_well_formed(void **state)
{
  (void)state;
  put_results("a & <b> \"c\"");
  char *text = page(), *end;
  int n = 0;
  for (char *at = text; (at = strstr(at, "<svg ")); at = end, n++) {
    end = strstr(at, "</svg>") + 6;
    xmlDoc *d = xmlReadMemory(at, (int)(end - at), NULL, NULL, XML_PARSE_NONET);
    assert_non_null(d);
    xmlFreeDoc(d);
  }
  assert_int_equal(n, 2 * 3 + 2); /* a map and two sides for each set, front, impedances */
  free(text);
}

static json_object *data_of(char *text)
{
  static const char mark[] = "id=\"cauda-data\">";
  char *begin = strstr(text, mark);
  assert_non_null(begin);
  begin += sizeof mark - 1;
  *strstr(begin, "</script>") = '\0';
  json_object *all = json_tokener_parse(begin);
  assert_non_null(all);
  return all;
}

/* What {type, n, z} holds: `size` bytes. */
static void unpacked(json_object *packed, void *out, size_t size)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *z = json_object_get_string(json_object_object_get(packed, "z"));
  unsigned char bytes[4096];
  size_t n = 0;
  uint32_t four = 0;
  int held = 0;
  for (; *z && *z != '='; z++) {
    four = four << 6 | (uint32_t)(strchr(digits, *z) - digits);
    held += 6;
    if (held >= 8) held -= 8, bytes[n++] = (unsigned char)(four >> held);
    assert_true(n < sizeof bytes);
  }
  uLongf room = size;
  assert_int_equal(uncompress(out, &room, bytes, n), Z_OK);
  assert_int_equal(room, size);
}

static void data_is_json(void **state)
{
  (void)state;
  put_results(EVIL);
  put("scene.json", "{\"n\":\"<&>\"}");
  char *text = page();
  json_object *all = data_of(text), *run, *sets;
  float mA[6];
  unsigned char root[12]; /* differences: low bytes, high bytes */
  json_object *one = json_object_array_get_idx(all, 0);
  assert_true(json_object_object_get_ex(one, "run", &run));
  assert_string_equal(json_object_get_string(json_object_object_get(run, "name")), EVIL);
  sets = json_object_object_get(run, "sets");
  assert_int_equal(json_object_array_length(sets), 2);
  unpacked(json_object_object_get(json_object_array_get_idx(sets, 0), "thresholds_mA"), mA, sizeof mA);
  for (int i = 0; i < 3; i++) assert_true(mA[i] == (float)i + 1.0F);
  assert_true(isinf(mA[3]));
  unpacked(json_object_object_get(run, "fiber_root"), root, sizeof root);
  static const unsigned char expected[12] = {0, 0, 1, 0, 1};
  assert_memory_equal(root, expected, sizeof root);
  assert_string_equal(json_object_get_string(json_object_array_get_idx(json_object_object_get(run, "targets"), 0)),
                      "L1_L_dorsal");
  json_object *scene = json_object_object_get(one, "scene");
  assert_string_equal(json_object_get_string(json_object_object_get(scene, "n")), "<&>");
  json_object_put(all);
  drop("scene.json");
  free(text);
}

/* Twelve sets: eight are drawn, four are packed for when they are chosen. */
static void every_set_can_be_chosen(void **state)
{
  (void)state;
  char rows[8192] =
      "set,fiber,root,class,tier,diameter_um,threshold_mA,threshold_linear_mA,threshold_af_mA,site_s_mm,site\n";
  for (int i = 0; i < 12; i++) {
    size_t n = strlen(rows);
    snprintf(rows + n, sizeof rows - n, "set%d,0,L1_L_dorsal,Ia,mrg,10,%d,1,1,5,root\n", i, i + 1);
  }
  put("report.json", "{\"name\":\"a\",\"fibers\":{},\"field\":{}}");
  put("fiber_thresholds.csv", rows);
  char *text = page();
  assert_int_equal(count(text, "<article class=\"set\""), 8);
  assert_int_equal(count(text, "<option>set"), 4);
  json_object *all = data_of(text);
  json_object *sets = json_object_object_get(json_object_object_get(json_object_array_get_idx(all, 0), "run"), "sets");
  assert_int_equal(json_object_array_length(sets), 12);
  for (size_t i = 0; i < 12; i++) {
    json_object *card = json_object_object_get(json_object_array_get_idx(sets, i), "card");
    assert_int_equal(card != NULL, i >= 8);
    if (!card) continue;
    char html[16384], name[64];
    const size_t size = (size_t)json_object_get_int64(json_object_object_get(card, "n"));
    assert_true(size < sizeof html);
    unpacked(card, html, size);
    html[size] = '\0';
    snprintf(name, sizeof name, "<article class=\"set\" data-set=\"set%zu\">", i);
    assert_ptr_equal(strstr(html, name), html);
    assert_int_equal(count(html, "<svg "), 2);
  }
  json_object_put(all);
  free(text);
}

static void whatever_is_ranked_is_a_column(void **state)
{
  (void)state;
  put_results("x");
  char *text = page();
  assert_non_null(strstr(text, ">new thing <span class=\"unit\">(mW)</span>"));
  assert_non_null(strstr(text, "data-v=\"7\""));
  assert_null(strstr(text, "nan"));
  assert_null(strstr(text, "inf\""));
  free(text);
}

/* What a sweep, a search and draws add to the report of a run. `name` is a set's and a target's. */
static void put_found(const char *name)
{
  char path[CAUDA_PATH_MAX];
  path_of("report.json", path);
  json_object *r = json_object_from_file(path), *q = json_object_new_string(name);
  const char *n = json_object_to_json_string_ext(q, JSON_C_TO_STRING_NOSLASHESCAPE);
  char text[4096];
  snprintf(
      text, sizeof text,
      "{\"screened\":500,\"device_cannot\":3,\"linear_best\":0.9,\"answer\":%s,\"ranking\":[{\"rank\":1,\"set\":%s,"
      "\"target\":\"L1_L\",\"score\":0.8,\"score_at_mA\":2,\"target_recruited\":0.9,\"spill\":0.1}]}",
      n, n);
  json_object_object_add(r, "sweep", json_tokener_parse(text));
  snprintf(text, sizeof text,
           "[{\"target\":\"L1_L\",\"answer\":%s,\"fewest_contacts\":\"few\",\"ranking\":["
           "{\"rank\":1,\"set\":%s,\"target\":\"L1_L\",\"score\":0.95,\"score_at_mA\":3,\"target_recruited\":0.96,"
           "\"spill\":0.01},{\"rank\":2,\"set\":\"few\",\"target\":\"L1_L\",\"score\":0.94,\"score_at_mA\":3,"
           "\"target_recruited\":0.95,\"spill\":0.01}]}]",
           n, n);
  json_object_object_add(r, "search", json_tokener_parse(text));
  snprintf(
      text, sizeof text,
      "{\"draws\":10,\"answer\":%s,\"sets\":[{\"set\":\"one\",\"score\":0.5,\"score_low\":0.4,\"score_median\":0.5,"
      "\"score_high\":0.625,\"first_probability\":0.75,\"rank_probability\":0.75,\"tied_with\":%s},{\"set\":\"two\","
      "\"score\":0.25,\"score_low\":null,\"score_median\":0.2,\"score_high\":0.3,\"first_probability\":0.25,"
      "\"rank_probability\":0.75,\"tied_with\":null}]}",
      n, n);
  json_object_object_add(r, "confidence", json_tokener_parse(text));
  assert_int_equal(json_object_to_file(path, r), 0);
  json_object_put(r), json_object_put(q);
  snprintf(text, sizeof text, "set,C01,C02,case,amplitude_mA,width_us\n%s,0,-1,1,2,300\nfew,-1,1,,3,300\n", name);
  put("sweep_sets.csv", text);
  put("search_sets.csv", text);
  put("pareto.csv", "target,set,amplitude_mA,target_recruited,spill\nL1_L,few,3,0.9,0.2\nL1_L,few,2,0.5,0.1\n"
                    "L2_L,few,2,0.5,0.1\n");
}

static void drop_found(void) { drop("sweep_sets.csv"), drop("search_sets.csv"), drop("pareto.csv"); }

static void what_was_found_stands_in_the_page(void **state)
{
  (void)state;
  put_results("x");
  char *before = page();
  put_found("found");
  char *text = page();
  static const char *const parts[] = {"id=\"sweep\"", "id=\"search\"", "id=\"confidence\"", "href=\"#search\""};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    assert_null(strstr(before, parts[i]));
    assert_non_null(strstr(text, parts[i]));
  }
  assert_int_equal(count(text, "<table class=\"ranking\">"), 3);
  /* maps: the sweep's, the best of the search, the fewest contacts; a front; ranges */
  assert_int_equal(count(text, "<svg ") - count(before, "<svg "), 3 + 1 + 1);
  assert_int_equal(count(text, "the front of the search</title>"), 2); /* beside the sets of the same target, too */
  assert_non_null(strstr(text, "data-v=\"0.625\""));                   /* the range is a column of the ranking */
  assert_non_null(strstr(text, "500 sets screened"));
  assert_null(strstr(text, "nan"));
  drop_found();
  free(before), free(text);
}

/* Sets that share a place have their names one below the other; where 13 units are less by rounding, that once had no end. */
static void names_of_one_place_come_to_an_end(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], row[256];
  put_results("x");
  path_of("report.json", path);
  for (int percent = 0; percent <= 100; percent += 4) {
    json_object *r = json_object_from_file(path), *one = json_object_new_object(), *rows = json_object_new_array();
    for (int i = 0; i < 8; i++) {
      snprintf(row, sizeof row,
               "{\"rank\":1,\"set\":\"s%d\",\"target\":\"L1_L\",\"score\":0.5,\"score_at_mA\":1,"
               "\"target_recruited\":%g,\"spill\":0.3}",
               i, 0.01 * percent);
      json_object_array_add(rows, json_tokener_parse(row));
    }
    json_object_object_add(one, "target", json_object_new_string("L1_L"));
    json_object_object_add(one, "answer", json_object_new_string("all alike"));
    json_object_object_add(one, "ranking", rows);
    json_object *all = json_object_new_array();
    json_object_array_add(all, one);
    json_object_object_add(r, "search", all);
    assert_int_equal(json_object_to_file(path, r), 0);
    json_object_put(r);
    alarm(60);
    char *text = page();
    alarm(0);
    assert_non_null(strstr(text, ">s7</text>"));
    free(text);
  }
}

/* Tables of a run that is no more are not taken for this one's. */
static void what_is_left_over_is_not_shown(void **state)
{
  (void)state;
  put_results("x");
  put_found("found");
  put_results("x");
  char *text = page();
  assert_null(strstr(text, "found"));
  assert_null(strstr(text, "id=\"search\""));
  drop_found();
  free(text);
}

static void hostile_finds_harm_nobody(void **state)
{
  (void)state;
  put_results("plain");
  put_found("plain");
  char *plain = page();
  put_results("plain");
  put_found(EVIL);
  char *evil = page();
  assert_null(strstr(evil, "<script>alert"));
  assert_int_equal(count(evil, "<script"), count(plain, "<script"));
  assert_int_equal(count(evil, "<svg"), count(plain, "<svg"));
  drop_found();
  free(plain), free(evil);
}

static void nothing_is_loaded_from_anywhere(void **state)
{
  (void)state;
  put_results("x");
  char *text = page();
  assert_non_null(strstr(text, "default-src 'none'"));
  assert_null(strstr(text, " src="));
  assert_null(strstr(text, "<link"));
  free(text);
}

/* Two results on one page: each part twice, each script and the style once. */
static void results_stand_side_by_side(void **state)
{
  (void)state;
  put_results("x");
  char *one = page(), path[CAUDA_PATH_MAX], *two;
  const char *const folders[] = {folder, folder};
  path_of("report.html", path);
  assert_ok(report_page_write(2, folders, path));
  assert_ok(file_read_all(path, &two, NULL));
  assert_int_equal(count(two, "<table class=\"ranking\">"), 2 * count(one, "<table class=\"ranking\">"));
  assert_int_equal(count(two, "<svg "), 2 * count(one, "<svg "));
  assert_int_equal(count(two, "<script"), count(one, "<script"));
  json_object *all = data_of(two);
  assert_int_equal(json_object_array_length(all), 2);
  json_object_put(all);
  free(one), free(two);
}

/* Names of files hold no part of a path. */
static void pictures_are_files(void **state)
{
  (void)state;
  static const char *const names[] = {"curves_one_left.svg", "curves_one_right.svg", "contacts_one.svg",
                                      "curves_two_left.svg", "curves_two_right.svg", "contacts_two.svg",
                                      "pareto.svg",          "impedance.svg"};
  char out[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX], part[CAUDA_NAME_MAX];
  put_results("x");
  path_of("pictures", out);
  assert_ok(report_pictures_write(folder, out));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_ok(path_join(out, names[i], path));
    xmlDoc *d = xmlReadFile(path, NULL, XML_PARSE_NONET);
    assert_non_null(d);
    xmlFreeDoc(d);
    unlink(path);
  }
  assert_int_equal(rmdir(out), 0);
  file_part("../a b/<c>", part);
  assert_string_equal(part, ".._a_b__c_");
}

static void little_makes_a_page_and_nothing_an_error(void **state)
{
  (void)state;
  drop("fiber_thresholds.csv"), drop("impedance.csv");
  put("report.json", "{\"name\":\"a\",\"fibers\":{},\"field\":{}}");
  free(page());
  put("report.json", "[1,");
  const char *const folders[] = {folder};
  char path[CAUDA_PATH_MAX];
  path_of("report.html", path);
  assert_ok(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  assert_int_equal(report_page_write(1, folders, path), PETSC_ERR_USER_INPUT);
  drop("report.json");
  assert_int_equal(report_page_write(1, folders, path), PETSC_ERR_FILE_OPEN);
  assert_ok(PetscPopErrorHandler());
}

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  static const char *const names[] = {"report.json", "report.html", "fiber_thresholds.csv", "impedance.csv"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) drop(names[i]);
  return rmdir(folder);
}

int main(int argc, char **argv)
{
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  progress_configure(true, false);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_is_escaped),
      cmocka_unit_test(hostile_names_harm_nobody),
      cmocka_unit_test(pictures_are_well_formed),
      cmocka_unit_test(data_is_json),
      cmocka_unit_test(every_set_can_be_chosen),
      cmocka_unit_test(whatever_is_ranked_is_a_column),
      cmocka_unit_test(what_was_found_stands_in_the_page),
      cmocka_unit_test(names_of_one_place_come_to_an_end),
      cmocka_unit_test(what_is_left_over_is_not_shown),
      cmocka_unit_test(hostile_finds_harm_nobody),
      cmocka_unit_test(nothing_is_loaded_from_anywhere),
      cmocka_unit_test(results_stand_side_by_side),
      cmocka_unit_test(pictures_are_files),
      cmocka_unit_test(little_makes_a_page_and_nothing_an_error),
  };
  int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
  return PetscFinalize() || failed;
}
