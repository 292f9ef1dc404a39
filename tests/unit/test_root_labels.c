/* Labels of roots, in all the ways in which they come: each root is found where it was drawn, and what was mended is
 * counted. */
#include "../../seg/labels.h"
#include "../../seg/root_voxels.h"
#include "label_noise.h"
#include "label_scene.h"

enum { CORD_LABEL = 1, CSF_LABEL = 2, ROOTS = 30, FIRST = 10 };
static const double CORD = 3.5, SAC = 8.0, RADIUS = 0.6, TOP = 10.0;
static const char *const NAMES[4] = {"L1_L_dorsal", "L1_R_dorsal", "L1_L_ventral", "L1_R_ventral"};

static int quiet_setup(void **state)
{
  progress_configure(true, false);
  return setup(state);
}

/* Four roots of one level that leave the cord at TOP and run down and outward. */
static void course(int root, double z, double xy[2])
{
  xy[0] = (root % 2 ? 1 : -1) * (2.6 + 0.1 * (TOP - z));
  xy[1] = (root / 2 ? 1 : -1) * (2.6 + 0.02 * (TOP - z));
}

static int root_at(const double p[3])
{
  for (int r = 0; p[2] < TOP && r < 4; r++) {
    double xy[2];
    course(r, p[2], xy);
    if (hypot(p[0] - xy[0], p[1] - xy[1]) < RADIUS) return r;
  }
  return -1;
}

static int around(const double p[3])
{
  const double r = hypot(p[0], p[1]);
  return r < CORD ? CORD_LABEL : r < SAC ? CSF_LABEL : 0;
}

/* A number of 0 .. 999 that belongs to a place. */
static int dice(const double p[3])
{
  const long i = lrint(p[0] * 40), j = lrint(p[1] * 40), k = lrint(p[2] * 40);
  return (int)(((i * 7349 + j * 9151 + k * 3571) % 1000 + 1000) % 1000);
}

static int single(const double p[3]) { return root_at(p) < 0 ? around(p) : FIRST + root_at(p); }
static int by_level(const double p[3]) { return root_at(p) < 0 ? around(p) : FIRST; }
static int all_as_one(const double p[3]) { return root_at(p) < 0 ? around(p) : ROOTS; }
static int half_in_mask(const double p[3]) { return root_at(p) < 0 ? around(p) : dice(p) < 500 ? ROOTS : single(p); }
static int one_wrong_in_twenty(const double p[3])
{
  const int r = root_at(p);
  return r < 0 ? around(p) : dice(p) < 50 ? FIRST + (r + 1) % 4 : FIRST + r;
}
static int drawn_into_the_cord(const double p[3])
{
  const bool sunk = p[2] > 4 && p[2] < TOP && hypot(fabs(p[0]) - 2.4, fabs(p[1]) - 2.4) < RADIUS;
  return sunk ? FIRST + (p[0] > 0) + 2 * (p[1] > 0) : single(p);
}
/* Holes in cord and sac, and a piece of cord by itself. */
static int with_holes(const double p[3])
{
  if (fabs(p[2]) < 3 && hypot(p[0], p[1]) < 1) return 0;
  if (fabs(p[2]) < 3 && hypot(p[0] - 5.8, p[1]) < 1) return 0;
  return hypot(p[0], p[1] - 6) < 1 ? CORD_LABEL : single(p);
}
static int with_a_gap(const double p[3]) { return root_at(p) == 0 && fabs(p[2]) < 3 ? around(p) : single(p); }

static const SceneGrid GRID = {{50, 50, 40}, {0.4, 0.4, 1.0}, {0}, {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}}};

static const char *const SINGLE_TABLE = "source: test\nlabels:\n  - {value: 1, structure: cord}\n"
                                        "  - {value: 2, structure: csf}\n  - {value: 10, structure: L1_L}\n"
                                        "  - {value: 11, structure: L1_R}\n  - {value: 12, structure: L1_L_ventral}\n"
                                        "  - {value: 13, structure: L1_R_ventral}\n  - {value: 30, structure: roots}\n";
static const char *const LEVEL_TABLE = "source: test\nlabels:\n  - {value: 1, structure: cord}\n"
                                       "  - {value: 2, structure: csf}\n  - {value: 10, structure: L1}\n";

static Anatomy *read_scene(SceneLabel label, const char *table)
{
  LabelCase l;
  Anatomy *a = NULL;
  write_scene("roots.nii.gz", &GRID, label, NULL);
  label_case("roots.nii.gz", &l);
  write_text("table.yaml", table, l.table);
  assert_done(anatomy_read(&l.c, folder, &a));
  return a;
}

static int repaired(const Anatomy *a, const char *words)
{
  for (int i = 0; i < a->n_repair; i++)
    if (strstr(a->repair[i].what, words)) return a->repair[i].count;
  return 0;
}

/* Every root is there, within `tolerance` of its course in plane between the cord and the image's end. */
static void check_roots(const Anatomy *a, double tolerance)
{
  assert_int_equal(a->n_root, 4);
  for (int r = 0; r < 4; r++) {
    const int i = anatomy_find_root(a, NAMES[r]);
    assert_true(i >= 0);
    const Root *root = &a->root[i];
    for (int k = 0; k < root->n; k++) {
      double x[3], xy[2];
      rigid_apply(&a->world, root->xyz + 3 * k, x);
      if (x[2] > TOP - 4 || x[2] < -19.5) continue;
      course(r, x[2], xy);
      assert_near(hypot(x[0] - xy[0], x[1] - xy[1]), 0.0, tolerance);
    }
    assert_near(root->radius[root->n / 2], RADIUS, 0.08);
  }
}

static void single_labels_are_followed(void **state)
{
  (void)state;
  Anatomy *a = read_scene(single, SINGLE_TABLE);
  check_roots(a, 0.2);
  assert_int_equal(repaired(a, "wrong label"), 0);
  anatomy_destroy(&a);
}

/* Where roots are drawn into the cord, its surface runs on under them. */
static void roots_leave_no_dents_in_the_cord(void **state)
{
  (void)state;
  Anatomy *a = read_scene(drawn_into_the_cord, SINGLE_TABLE);
  double deepest = 0.0;
  for (int degree = 0; degree < 360; degree += 3)
    for (double z = 4.0; z < 9.0; z += 0.5) {
      const double x[3] = {CORD * cos(degree * M_PI / 180), CORD * sin(degree * M_PI / 180), z};
      double p[3];
      rigid_apply_inverse(&a->world, x, p);
      deepest = fmax(deepest, anatomy_distance(a, TISSUE_WHITE, p));
    }
  assert_near(deepest, 0.0, 0.25);
  assert_true(repaired(a, "sunk into the cord") > 10);
  anatomy_destroy(&a);
}

static void a_level_is_split_into_its_roots(void **state)
{
  (void)state;
  Anatomy *a = read_scene(by_level, LEVEL_TABLE);
  check_roots(a, 0.2);
  assert_true(repaired(a, "left and right") > 700);
  assert_int_equal(repaired(a, "left and right"), repaired(a, "dorsal and ventral"));
  anatomy_destroy(&a);
}

static void the_mask_of_all_roots_fills_up_single_ones(void **state)
{
  (void)state;
  Anatomy *a = read_scene(half_in_mask, SINGLE_TABLE);
  check_roots(a, 0.2);
  assert_true(repaired(a, "given to the root they join") > 300);
  anatomy_destroy(&a);
}

/* A repair that is left out is not made; what cannot go on without it is refused by name. */
static PetscErrorCode read_without(RepairStep step, SceneLabel label, Anatomy **out)
{
  LabelCase l;
  write_scene("roots.nii.gz", &GRID, label, NULL);
  label_case("roots.nii.gz", &l);
  write_text("table.yaml", SINGLE_TABLE, l.table);
  l.labels.left_out = 1U << step;
  error_record_clear(&record);
  return anatomy_read(&l.c, folder, out);
}

static void repairs_can_be_left_out(void **state)
{
  (void)state;
  static const struct {
    RepairStep step;
    SceneLabel label;
    const char *words;
  } steps[] = {{REPAIR_CROP, single, "cut off"},
               {REPAIR_FILL, with_holes, "inside the dura filled"},
               {REPAIR_FILL, with_holes, "holes of the cord"},
               {REPAIR_DENTS, drawn_into_the_cord, "sunk into the cord"},
               {REPAIR_CRUMBS, with_holes, "separate pieces"},
               {REPAIR_FLOOD, half_in_mask, "given to the root they join"},
               {REPAIR_WRONG_LABELS, one_wrong_in_twenty, "wrong label"}};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    Anatomy *a = read_scene(steps[i].label, SINGLE_TABLE), *without = NULL;
    assert_true(repaired(a, steps[i].words) > 0);
    assert_done(read_without(steps[i].step, steps[i].label, &without));
    assert_int_equal(repaired(without, steps[i].words), 0);
    anatomy_destroy(&a), anatomy_destroy(&without);
  }
}

static void gaps_that_are_not_bridged_are_refused(void **state)
{
  (void)state;
  Anatomy *a = NULL;
  assert_int_equal(read_without(REPAIR_BRIDGE, with_a_gap, &a), PETSC_ERR_USER_INPUT);
  assert_non_null(strstr(record.message, "L1_L has 6 slices without voxels"));
  assert_done(read_without(REPAIR_BRIDGE, single, &a));
  anatomy_destroy(&a);
}

static void surfaces_that_are_not_smoothed_have_steps(void **state)
{
  (void)state;
  Anatomy *a = read_scene(single, SINGLE_TABLE), *raw = NULL;
  double rough[2] = {0, 0};
  assert_done(read_without(REPAIR_SMOOTH, single, &raw));
  for (int degree = 0; degree < 360; degree++) {
    const double x[3] = {SAC * cos(degree * M_PI / 180), SAC * sin(degree * M_PI / 180), 0.0};
    double p[3], q[3];
    rigid_apply_inverse(&a->world, x, p), rigid_apply_inverse(&raw->world, x, q);
    rough[0] += pow(anatomy_distance(a, TISSUE_CSF, p), 2) / 360,
        rough[1] += pow(anatomy_distance(raw, TISSUE_CSF, q), 2) / 360;
  }
  assert_true(sqrt(rough[0]) < 0.5 * sqrt(rough[1]));
  assert_true(sqrt(rough[0]) < 0.05); /* an eighth of a voxel */
  anatomy_destroy(&a), anatomy_destroy(&raw);
}

static void the_mask_of_all_roots_alone_is_refused(void **state)
{
  (void)state;
  LabelCase l;
  Anatomy *a = NULL;
  write_scene("roots.nii.gz", &GRID, all_as_one, NULL);
  label_case("roots.nii.gz", &l);
  write_text("table.yaml", SINGLE_TABLE, l.table);
  assert_complains(anatomy_read(&l.c, folder, &a), "nothing tells which roots they are", "roots.nii.gz");
  assert_null(a);
}

static int segments(const double p[3]) { return p[2] > 5 ? 1 : p[2] > -3 ? 2 : 3; }
/* A root that begins at the cord two segments below. */
static int one_left_out(const double p[3])
{
  return p[2] < -6 && hypot(p[0] + 2.6, p[1] + 2.6) < RADIUS ? ROOTS : all_as_one(p);
}
static int cut_short(const double p[3]) { return p[2] < -16 ? all_as_one(p) : around(p); }
static int hair(const double p[3])
{
  const int r = root_at(p);
  double xy[2];
  if (r < 0) return around(p);
  course(r, p[2], xy);
  return hypot(p[0] - xy[0], p[1] - xy[1]) < 0.3 ? ROOTS : CSF_LABEL;
}

/* The same with a map of the segments beside it: L1 where the roots leave the cord, L2 and L3 below. */
static PetscErrorCode read_traced(SceneLabel label, Anatomy **a)
{
  LabelCase l;
  CaseLevels levels = {.file = (char *)(uintptr_t) "levels.nii.gz",
                       .table = (char *)(uintptr_t) "./levels.yaml",
                       .from = (char *)(uintptr_t) "L1",
                       .to = (char *)(uintptr_t) "L1"};
  char path[CAUDA_PATH_MAX];
  write_scene("roots.nii.gz", &GRID, label, NULL);
  write_scene("levels.nii.gz", &GRID, segments, NULL);
  label_case("roots.nii.gz", &l);
  write_text("table.yaml", SINGLE_TABLE, l.table);
  write_text("levels.yaml",
             "source: test\nlabels:\n  - {value: 1, structure: L1}\n  - {value: 2, structure: L2}\n"
             "  - {value: 3, structure: L3}\n",
             path);
  snprintf(l.c.folder, sizeof l.c.folder, "%s", folder);
  l.c.anatomy.levels = &levels;
  return anatomy_read(&l.c, folder, a);
}

static void the_mask_of_all_roots_is_named_by_levels(void **state)
{
  (void)state;
  Anatomy *a = NULL;
  assert_done(read_traced(all_as_one, &a));
  check_roots(a, 0.2);
  assert_true(repaired(a, "named by where") > 700);
  assert_int_equal(repaired(a, "does not begin at the cord"), 0);
  anatomy_destroy(&a);
  assert_complains(read_traced(cut_short, &a), "none begins at the cord", "roots.nii.gz");
  assert_complains(read_traced(one_left_out, &a), "no dorsal root", "within segment L2 on the left");
  assert_complains(read_traced(hair, &a), "cannot be told from their neighbours", "roots.nii.gz");
}

static void wrong_labels_are_set_right(void **state)
{
  (void)state;
  Anatomy *a = read_scene(one_wrong_in_twenty, SINGLE_TABLE);
  check_roots(a, 0.2);
  assert_true(repaired(a, "wrong label") > 30);
  anatomy_destroy(&a);
}

static void gaps_are_bridged_and_counted(void **state)
{
  (void)state;
  Anatomy *a = read_scene(with_a_gap, SINGLE_TABLE);
  check_roots(a, 0.2);
  assert_int_equal(repaired(a, "bridged"), 6);
  anatomy_destroy(&a);
}

/* The share of a voxel of 1.6 mm that the roots of number r fill. */
static float share(int r, const double p[3], double width)
{
  enum { FINE = 12 };
  int n = 0;
  for (int i = 0; i < FINE * FINE; i++) {
    const double q[3] = {p[0] + width * ((i % FINE + 0.5) / FINE - 0.5), p[1] + width * ((i / FINE + 0.5) / FINE - 0.5),
                         p[2]};
    n += root_at(q) == r;
  }
  return (float)n / (FINE * FINE);
}

/* Roots of 1.2 mm in voxels of 1.6 mm: as maps of probabilities they are found to half a voxel. */
static void thin_roots_come_from_probabilities(void **state)
{
  (void)state;
  const SceneGrid g = {{14, 14, 40}, {1.6, 1.6, 1.0}, {0}, NOT_MOVED};
  LabelCase l;
  CaseMask mask[4];
  char names[4][32], paths[CAUDA_PATH_MAX];
  Anatomy *a = NULL;
  double affine[3][4];
  int16_t v[14 * 14 * 40];
  scene_affine(&g, affine);
  for (int r = 0; r < 4; r++) {
    for (int i = 0; i < 14 * 14 * 40; i++) {
      double p[3];
      scene_point(&g, i % 14, i / 14 % 14, i / 196, p);
      v[i] = (int16_t)lrintf(1000.0f * share(r, p, 1.6));
    }
    snprintf(names[r], sizeof names[r], "root%d.nii.gz", r);
    assert_done(path_join(folder, names[r], paths));
    assert_done(image_write_int16(paths, g.n, (const double(*)[4])affine, v, "test"));
    mask[r] = (CaseMask){.structure = (char *)(uintptr_t)NAMES[r], .file = names[r], .threshold = 500};
  }
  write_scene("around.nii.gz", &g, around, NULL);
  label_case("around.nii.gz", &l);
  l.labels.n_masks = 4, l.labels.masks = mask;
  assert_done(anatomy_read(&l.c, folder, &a));
  check_roots(a, 0.8);
  anatomy_destroy(&a);
}

/* Random volumes whose roots are levels, or the mask of all roots, end in an anatomy or in a reason. */
static void random_volumes_pass_or_are_refused(void **state)
{
  (void)state;
  int done = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    NoiseVolume o;
    LabelCase l;
    Anatomy *a = NULL;
    char path[CAUDA_PATH_MAX];
    assert_done(noise_volume(seed, &o));
    assert_done(path_join(folder, "noise.nii.gz", path));
    assert_done(image_write_int16(path, o.n, (const double(*)[4])o.affine, o.v, "noise"));
    free(o.v);
    label_case("noise.nii.gz", &l);
    write_text("table.yaml",
               seed % 2 ? "source: test\nlabels:\n  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n"
                          "  - {value: 3, structure: L2}\n  - {value: 4, structure: L3_ventral}\n"
                          "  - {value: 5, structure: fat}\n  - {value: 6, structure: L4_L}\n"
                          "  - {value: 10, structure: L1}\n  - {value: 11, structure: roots}\n"
                        : "source: test\nlabels:\n  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n"
                          "  - {value: 3, structure: roots}\n  - {value: 4, structure: dura}\n"
                          "  - {value: 5, structure: L1}\n  - {value: 6, structure: L1_R}\n"
                          "  - {value: 10, structure: L1_L}\n  - {value: 11, structure: L2_dorsal}\n",
               l.table);
    const PetscErrorCode ierr = anatomy_read(&l.c, folder, &a);
    done += !ierr, refused += ierr != 0;
    if (ierr) assert_int_equal(error_exit_status(ierr), 1);
    if (ierr) assert_true(record.message[0] != 0);
    for (int r = 0; a && r < a->n_root; r++)
      for (int i = 0; i < 3 * a->root[r].n; i++) assert_true(isfinite(a->root[r].xyz[i]));
    error_record_clear(&record);
    anatomy_destroy(&a);
  }
  assert_true(done > 0 && refused > 0);
}

static int everywhere_cord(const double p[3]) { return around(p) == CORD_LABEL && root_at(p) < 0; }
static int everywhere_csf(const double p[3]) { return around(p) == CSF_LABEL; }
static int only_roots(const double p[3]) { return root_at(p) < 0 ? 0 : FIRST + root_at(p); }

static void a_folder_of_derivatives_is_understood(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX];
  LabelCase l;
  Anatomy *a = NULL;
  assert_done(path_join(folder, "bids/anat", path));
  assert_done(folder_create(path));
  write_scene("bids/anat/sub-1_T2w_label-SC_mask.nii.gz", &GRID, everywhere_cord, NULL);
  write_scene("bids/anat/sub-1_T2w_label-CSF_mask.nii.gz", &GRID, everywhere_csf, NULL);
  write_scene("bids/anat/sub-1_T2w_label-roots_dseg.nii.gz", &GRID, only_roots, NULL);
  write_scene("bids/anat/sub-1_T2w_label-lesion_mask.nii.gz", &GRID, everywhere_csf, NULL); /* left out */
  write_text("bids/label-roots_dseg.tsv",
             "index\tcolor\tname\n10\t#f00\tL1_L\n11\t#0f0\tL1_R\n12\t#00f\tL1_L_ventral\n13\t#ff0\tL1_R_ventral\n",
             path);
  label_case(NULL, &l);
  l.labels.table = NULL;
  l.labels.bids = "bids/anat";
  assert_done(anatomy_read(&l.c, folder, &a));
  check_roots(a, 0.2);
  anatomy_destroy(&a);
  write_scene("bids/anat/sub-1_T2w_seg.nii.gz", &GRID, everywhere_cord, NULL);
  assert_complains(anatomy_read(&l.c, folder, &a), "show the same structures", "label-SC_mask");
  l.labels.bids = "nowhere";
  assert_complains(anatomy_read(&l.c, folder, &a), "no such folder", "nowhere");
}

static void names_of_roots_and_levels(void **state)
{
  (void)state;
  LabelRoot r;
  assert_true(label_root_parse("L1", &r) && !r.side && r.both_kinds);
  assert_true(label_root_parse("C8_ventral", &r) && !r.side && r.ventral && !r.both_kinds);
  assert_true(label_root_parse("S2_R", &r) && r.side == 'R' && !r.ventral && !r.both_kinds);
  assert_true(label_root_parse("T12_L_ventral", &r) && r.side == 'L' && r.ventral);
  assert_true(label_root_parse("roots", &r) && r.any);
  static const char *const bad[] = {"L6", "L1_X", "L1_L_lateral", "cord", "", "L", "L1_"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(label_root_parse(bad[i], &r) && *bad[i]);
}

/* The chain is the root's own course, whatever lies beside it. */
static void the_chain_leaves_strays_out(void **state)
{
  (void)state;
  LabelVolume v = {.n = {50, 50, 40}, .step = {0.4, 0.4, 1.0}};
  RootSection s[42];
  int n = 0, *chain = NULL;
  for (int k = 0; k < 40; k++) s[k] = (RootSection){39 - k, 20 + 0.2 * k, 20, 6, 6};
  s[40] = s[10], s[40].x = 40, s[40].n = 2; /* beside */
  s[41] = s[20], s[41].y = 5, s[41].n = 3;
  for (int i = 40; i < 42; i++) /* sections come from the top down */
    for (int j = i; j > 0 && s[j].k > s[j - 1].k; j--) {
      const RootSection t = s[j];
      s[j] = s[j - 1], s[j - 1] = t;
    }
  assert_done(root_chain(&v, 42, s, &n, &chain));
  assert_int_equal(n, 40);
  for (int i = 0; i < n; i++) assert_near(s[chain[i]].n, 6, 0);
  free(chain);
}

/* What the data's description says of the template: 7,534 voxels between cord and CSF in z 55 .. 259 without a label,
 * 869 with both. */
static void the_templates_gap_and_overlap_are_found(void **state)
{
  (void)state;
  CaseMask mask[2] = {{.structure = "cord", .file = "PAM50_cord.nii.gz", .threshold = 0.5},
                      {.structure = "csf", .file = "PAM50_csf.nii.gz", .threshold = 0.5}};
  CaseLabels labels = {.n_masks = 2, .masks = mask, .units = "mm"};
  Case c;
  char pam50[CAUDA_PATH_MAX];
  LabelVolume *v = NULL;
  Anatomy *a = NULL;
  size_t gap = 0, at = 0;
  memset(&c, 0, sizeof c);
  c.anatomy.labels = &labels;
  shared_data("pam50", pam50);
  assert_done(anatomy_create(&a));
  assert_done(labels_read(&c, pam50, &v));
  assert_done(labels_shapes(v, a));
  assert_int_equal(repaired(a, "several labels"), 869);
  for (int k = 0; k < v->n[2]; k++)
    for (int i = 0; i < v->n[0] * v->n[1]; i++, at++)
      gap += v->mask[TISSUE_CSF][at] && !v->bits[at] && k + v->first >= 55 && k + v->first <= 259;
  assert_int_equal(gap, 7534);
  assert_true(repaired(a, "unlabelled") >= 7534);
  labels_destroy(&v);
  anatomy_destroy(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_labels_are_followed),
      cmocka_unit_test(roots_leave_no_dents_in_the_cord),
      cmocka_unit_test(repairs_can_be_left_out),
      cmocka_unit_test(gaps_that_are_not_bridged_are_refused),
      cmocka_unit_test(surfaces_that_are_not_smoothed_have_steps),
      cmocka_unit_test(a_level_is_split_into_its_roots),
      cmocka_unit_test(the_mask_of_all_roots_fills_up_single_ones),
      cmocka_unit_test(the_mask_of_all_roots_alone_is_refused),
      cmocka_unit_test(the_mask_of_all_roots_is_named_by_levels),
      cmocka_unit_test(wrong_labels_are_set_right),
      cmocka_unit_test(gaps_are_bridged_and_counted),
      cmocka_unit_test(thin_roots_come_from_probabilities),
      cmocka_unit_test(a_folder_of_derivatives_is_understood),
      cmocka_unit_test(random_volumes_pass_or_are_refused),
      cmocka_unit_test(names_of_roots_and_levels),
      cmocka_unit_test(the_chain_leaves_strays_out),
      cmocka_unit_test(the_templates_gap_and_overlap_are_found),
  };
  return cmocka_run_group_tests_name("root labels", tests, quiet_setup, teardown);
}
