/* The real subject's outlines and roots. */
#include "../../seg/markups.h"
#include "../../seg/outline_set.h"
#include "subject_fixture.h"

static Case sub03_case(CaseOutlines *o)
{
  Case c = subject_case(o);
  *o = (CaseOutlines){.cord = (char *)"sub-03_cord_*.json", .dura = (char *)"sub-03_dura_*.json"};
  c.anatomy.roots = (char *)"sub-03_nerveroots_{root}_{side}.json";
  c.anatomy.ganglia = (char *)"sub-03_ganglions_{root}_{side}.json";
  c.anatomy.surround.extend_mm = 10;
  return c;
}

static void sub03_becomes_whole(void **state)
{
  (void)state;
  char input[CAUDA_PATH_MAX];
  CaseOutlines o;
  Case c = sub03_case(&o);
  Anatomy *a;
  shared_data("sub-03", input);
  assert_done(anatomy_read(&c, input, &a));
  assert_int_equal(a->n_root, 14);
  for (int i = 0; i < a->n_root; i++) assert_good_root(a, &a->root[i], 0.5);
  for (int i = 0; i < a->n_root; i++)
    for (int j = 0; j < i; j++)
      for (int k = 0; k < a->root[i].n; k++)
        for (int l = 0; l < a->root[j].n; l++)
          assert_true(v3_distance2(a->root[i].xyz + 3 * k, a->root[j].xyz + 3 * l) > 0.3 * 0.3);
  assert_int_equal(repairs(a, "continued straight"), 10); /* L3 to S2 */
  assert_true(repairs(a, "moved inside the dura") > 0);
  assert_true(anatomy_find_root(a, "L1_L") >= 0);
  anatomy_destroy(&a);
}

/* The loops' areas against the annotated polygons: a smooth curve through n points of an oval holds more than the
 * polygon, by up to 1 - sin(2 pi / n) n / (2 pi). */
static void sub03_keeps_its_areas(void **state)
{
  (void)state;
  char input[CAUDA_PATH_MAX], pattern[] = "sub-03_cord_*.json";
  CaseOutlines o;
  Case c = sub03_case(&o);
  Anatomy *a;
  OutlineSet *cord;
  shared_data("sub-03", input);
  assert_done(anatomy_read(&c, input, &a));
  assert_done(outline_set_read("cord", pattern, input, NULL, &cord));
  assert_int_equal(cord->n, 66);
  for (int i = 0; i < cord->n; i += 5) {
    const Outline *l = &cord->loop[i];
    double p[3];
    rigid_apply_inverse(&a->world, l->centroid, p);
    const double round = 2 * M_PI / l->markup->n / sin(2 * M_PI / l->markup->n),
                 area = section_area(a, TISSUE_WHITE, p[2]);
    assert_true(area > 0.97 * l->area - 0.15);
    assert_true(area < 1.03 * round * l->area + 0.15);
  }
  outline_set_destroy(&cord);
  anatomy_destroy(&a);
}

static void copy_turned(const char *input, const char *name, const Rigid *pose)
{
  char path[CAUDA_PATH_MAX];
  Markup *m;
  assert_int_equal(path_join(input, name, path), 0);
  assert_done(markup_read(path, NULL, &m));
  for (int i = 0; i < m->n; i++) rigid_apply(pose, m->xyz[i], m->xyz[i]);
  assert_int_equal(path_join(folder, name, path), 0);
  write_markup(path, markup_type_name(m->type), false, m->n, (const double(*)[3])m->xyz);
  markup_destroy(&m);
}

static void sub03_turned_in_space_is_the_same(void **state)
{
  (void)state;
  static const char *const root[] = {"L1", "L2", "L3", "L4", "L5", "S1", "S2"};
  char input[CAUDA_PATH_MAX], name[64];
  CaseOutlines o;
  Case c = sub03_case(&o);
  Anatomy *a, *b;
  const Rigid pose = turned(0.5, -0.7, 30, 400, -20);
  shared_data("sub-03", input);
  nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  assert_int_equal(folder_create(folder), 0);
  for (int i = 1; i <= 66; i++) snprintf(name, sizeof name, "sub-03_cord_%d.json", i), copy_turned(input, name, &pose);
  for (int i = 1; i <= 80; i++) snprintf(name, sizeof name, "sub-03_dura_%d.json", i), copy_turned(input, name, &pose);
  for (int i = 0; i < 14; i++) {
    snprintf(name, sizeof name, "sub-03_nerveroots_%s_%c.json", root[i / 2], "LR"[i % 2]);
    copy_turned(input, name, &pose);
    snprintf(name, sizeof name, "sub-03_ganglions_%s_%c.json", root[i / 2], "LR"[i % 2]);
    copy_turned(input, name, &pose);
  }
  assert_done(anatomy_read(&c, input, &a));
  assert_done(anatomy_read(&c, folder, &b));
  assert_same_anatomy(a, b, 1e-6);
  anatomy_destroy(&a), anatomy_destroy(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sub03_becomes_whole),
      cmocka_unit_test(sub03_keeps_its_areas),
      cmocka_unit_test(sub03_turned_in_space_is_the_same),
  };
  return cmocka_run_group_tests_name("sub-03", tests, setup, teardown);
}
