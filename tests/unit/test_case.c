/* The case file and the data files: defaults, every kind of error with its line, the shipped files. */
#include "cauda/case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static ErrorRecord record;
static char folder[] = "/tmp/cauda-case-XXXXXX";
static char file[64];

static int setup(void **state)
{
  (void)state;
  if (PetscInitializeNoArguments() || error_record_install(&record) || !mkdtemp(folder)) return 1;
  snprintf(file, sizeof file, "%s/c.yaml", folder);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  unlink(file);
  rmdir(folder);
  return PetscFinalize();
}

static void write_file(const char *text, size_t length)
{
  unlink(file); /* a new file is faster than an emptied one */
  FILE *s = fopen(file, "wb");
  assert_non_null(s);
  assert_int_equal(fwrite(text, 1, length, s), length);
  assert_int_equal(fclose(s), 0);
}

static PetscErrorCode read_case(const char *text, Case **c)
{
  error_record_clear(&record);
  write_file(text, strlen(text));
  return case_read(file, c);
}

/* The message without the file's name: "12: unknown key ..." */
static const char *message(void)
{
  size_t n = strlen(file);
  return !strncmp(record.message, file, n) && record.message[n] == ':' ? record.message + n + 1 : record.message;
}

static void expect_error(const char *text, const char *expected)
{
  Case *c;
  assert_int_equal(read_case(text, &c), PETSC_ERR_USER_INPUT);
  assert_null(c);
  if (strncmp(message(), expected, strlen(expected)) != 0)
    fail_msg("found \"%s\", expected \"%s...\"", message(), expected);
}

static Case *expect_case(const char *text)
{
  Case *c;
  if (read_case(text, &c)) fail_msg("%s", record.message);
  return c;
}

#define OUTLINES "name: x\nanatomy:\n  outlines: {cord: a, dura: b}\n"
#define PHANTOM "name: x\nanatomy: {phantom: {}}\n"
#define LEAD PHANTOM "paddle: {model: specify-5-6-5, at: {root: L1}}\nsets: s.csv\n"

/* ---- defaults ------------------------------------------------------------------------------------------------ */

static void what_is_not_given_has_its_default(void **state)
{
  (void)state;
  Case *c = expect_case(PHANTOM);
  assert_string_equal(c->name, "x");
  assert_string_equal(c->anatomy.phantom->model, "lumbosacral");
  assert_string_equal(c->tissues_table, "default");
  assert_string_equal(c->folder, folder);
  assert_true(c->mesh.root_edge_mm == 0.3 && c->mesh.dura_edge_mm == 0.7 && c->mesh.contact_edge_mm == 0.4);
  assert_true(c->mesh.largest_edge_mm == 8 && c->mesh.growth == 0.4 && c->mesh.reach_mm == 6 && c->mesh.seed == 1);
  assert_true(c->field.order == 2 && c->field.tolerance == 1e-9);
  assert_string_equal(c->field.solver, "block");
  assert_string_equal(c->field.preconditioner, "ml");
  assert_string_equal(c->fibers.model, "mrg");
  assert_string_equal(c->fibers.geometry, "interpolated");
  assert_string_equal(c->fibers.populations, "human");
  assert_true(c->fibers.dt_us == 2 && c->fibers.tolerance == 0.01 && c->fibers.per_root == 50 && c->fibers.seed == 1);
  assert_string_equal(c->pulse.shape, "biphasic");
  assert_true(c->pulse.width_us == 300 && c->pulse.interphase_us == 50);
  assert_true(c->limits.charge_density_uC_per_cm2 == 30 && c->limits.compliance_V == 10);
  assert_true(c->limits.contact_mA == 25 && c->limits.shannon_k == 1.75);
  assert_true(c->anatomy.surround.epidural_fat_mm == 2.5 && c->anatomy.surround.bone_mm == 8);
  assert_true(c->anatomy.surround.body_radius_mm == 60 && c->anatomy.surround.extend_mm == 30);
  assert_true(c->anatomy.dura_thickness_mm == 0.3 && c->anatomy.root_radius_mm == 0.5);
  assert_true(!c->paddle && !c->rank && !c->sets && !c->anatomy.roots && !c->anatomy.labels);
  case_destroy(&c);
  assert_null(c);
  case_destroy(&c);
}

static void zero_is_not_the_same_as_not_given(void **state)
{
  (void)state;
  Case *c = expect_case(
      OUTLINES
      "  surround: {extend_mm: 0}\n"
      "paddle: {model: specify-5-6-5, at: {root: L1}, gap_mm: 0}\npulse: {interphase_us: 0}\nmesh: {seed: 0}\n");
  assert_true(c->paddle->gap_mm == 0 && c->pulse.interphase_us == 0 && c->mesh.seed == 0);
  assert_true(c->anatomy.surround.extend_mm == 0 && c->anatomy.surround.bone_mm == 8);
  case_destroy(&c);
  c = expect_case(LEAD);
  assert_true(c->paddle->gap_mm == 0);
  assert_string_equal(c->paddle->at.side, "dorsal");
  case_destroy(&c);
}

/* Weights, and a device that gives what the case does not. */
static void goals_and_devices_arrive(void **state)
{
  (void)state;
  Case *c = expect_case(LEAD "rank:\n  targets: [{name: L1_L, weight: 3}, {name: L2_L}]\n"
                             "  avoid: [{name: S1_L, weight: 0}]\n  others_weight: 0.5\n"
                             "limits: {device: intellis, contact_mA: 12}\n");
  assert_true(c->rank->n_targets == 2 && c->rank->targets[0].weight == 3 && c->rank->targets[1].weight == 1);
  assert_true(c->rank->n_avoid == 1 && c->rank->avoid[0].weight == 0 && c->rank->others_weight == 0.5);
  assert_true(c->limits.contact_mA == 12 && c->limits.total_mA == 25.5 && c->limits.compliance_V == 10);
  assert_true(c->limits.step_mA == 0.1 && c->limits.sources == 1 && c->limits.largest_width_us == 1000);
  case_destroy(&c);
}

/* The example of the design, less what is not there yet. */
static void everything_that_is_given_arrives(void **state)
{
  (void)state;
  Case *c = expect_case(
      "name: sub-03\nanatomy:\n  outlines: {cord: \"c_*.json\", dura: \"d_*.json\"}\n  roots: "
      "\"n_{root}_{side}.json\"\n"
      "  ganglia: \"g_{root}_{side}.json\"\n  dura_thickness_mm: 0.25\n  root_radius_mm: 0.4\n  coordinates: LPS\n"
      "  surround: {epidural_fat_mm: 2.25, bone_mm: 8.5, body_radius_mm: 61}\n"
      "tissues: {table: rado}\npaddle:\n  model: specify-5-6-5\n  at: {point_mm: [1, -2.5, 3e1]}\n  offset_mm: [-1, "
      "2]\n"
      "  rotation_deg: -4\nmesh: {root_edge_mm: 0.25, growth: 1, seed: 7}\n"
      "field: {order: 1, tolerance: 1.0E-6, solver: petsc, preconditioner: hypre}\n"
      "fibers: {model: linear, geometry: table, dt_us: 2.5, per_root: 9, seed: 3}\n"
      "pulse: {shape: monophasic, width_us: 210}\nsets: \"sets.csv\" # a comment\n"
      "rank: {target: L1_L, score: selectivity}\n"
      "limits: {charge_density_uC_per_cm2: 20, compliance_V: 9, contact_mA: 12, shannon_k: 1.5}\n");
  assert_string_equal(c->anatomy.outlines->dura, "d_*.json");
  assert_string_equal(c->anatomy.ganglia, "g_{root}_{side}.json");
  assert_string_equal(c->anatomy.coordinates, "LPS");
  assert_true(c->anatomy.dura_thickness_mm == 0.25 && c->anatomy.surround.epidural_fat_mm == 2.25);
  assert_true(c->paddle->at.n_point_mm == 3 && c->paddle->at.point_mm[1] == -2.5 && c->paddle->at.point_mm[2] == 30);
  assert_true(c->paddle->offset_mm[0] == -1 && c->paddle->offset_mm[1] == 2 && c->paddle->rotation_deg == -4);
  assert_true(c->mesh.growth == 1 && c->mesh.seed == 7 && c->field.tolerance == 1e-6);
  assert_true(c->fibers.dt_us == 2.5 && c->fibers.per_root == 9 && c->pulse.width_us == 210);
  assert_string_equal(c->rank->target, "L1_L");
  assert_true(c->limits.charge_density_uC_per_cm2 == 20 && c->limits.shannon_k == 1.5);
  case_destroy(&c);
}

static void json_is_yaml(void **state)
{
  (void)state;
  Case *c = expect_case("{\n\t\"name\": \"x\",\n\t\"anatomy\": {\"phantom\": {}},\n\t\"mesh\": {\"growth\": 0.5}\n}\n");
  assert_true(c->mesh.growth == 0.5);
  case_destroy(&c);
  c = expect_case("\xEF\xBB\xBFname: x\r\nanatomy: {phantom: {}}\r\n"); /* as Windows writes it */
  case_destroy(&c);
}

/* ---- errors --------------------------------------------------------------------------------------------------- */

static void keys_are_strict(void **state)
{
  (void)state;
  expect_error("name: x\nanatomy: {phantom: {}}\nmesh:\n  growth: 0.2\n  rooot_edge_mm: 1\n",
               "5: unknown key \"rooot_edge_mm\" in \"mesh\"; expected one of: root_edge_mm, dura_edge_mm, ");
  expect_error(PHANTOM "extra: 1\n", "3: unknown key \"extra\"; expected one of: name, anatomy, tissues, paddle, ");
  expect_error(PHANTOM "anatomy: {phantom: {}}\n", "3: \"anatomy\" is given twice in the file; first in line 2");
  expect_error(PHANTOM "mesh: {growth: 0.2,\n growth: 0.3}\n",
               "4: \"growth\" is given twice in \"mesh\"; first in line 3");
  expect_error("anatomy: {phantom: {}}\n", "1: the file has no \"name\", which is needed");
  expect_error(PHANTOM "paddle:\n  at: {root: L1}\n", "3: \"paddle\" has no \"model\", which is needed");
  expect_error(PHANTOM "mesh:\n", "3: \"mesh\" is empty where a mapping (keys and values) was expected");
  expect_error(PHANTOM "[a, b]: 3\n", "3: found a list or mapping as a key in the file");
  expect_error(
      "name: x\nanatomy:\n  labels:\n    masks:\n      - {structure: cord, file: a.nii}\n      - {structure: csf,\n"
      "         fille: b.nii}\n",
      "7: unknown key \"fille\" in entry 2 of \"masks\"");
}

static void repairs_are_made_but_those_left_out(void **state)
{
  (void)state;
  Case *c = NULL;
  assert_false(read_case("name: x\nanatomy: {labels: {file: a.nii, table: simple}}\n", &c));
  assert_int_equal(c->anatomy.labels->left_out, 0);
  case_destroy(&c);
  assert_false(read_case(
      "name: x\nanatomy:\n  labels: {file: a.nii, table: simple, repair: {smooth: false, crop: true}}\n", &c));
  assert_int_equal(c->anatomy.labels->left_out, 1 << REPAIR_SMOOTH);
  case_destroy(&c);
  expect_error("name: x\nanatomy:\n  labels: {file: a.nii, table: simple, repair: {smoth: false}}\n",
               "3: unknown key \"smoth\" in \"repair\"");
}

static void kinds_are_strict(void **state)
{
  (void)state;
  expect_error("name: x\nanatomy:\n  outlines: {cord: a, dura: b}\n  roots: 5\n",
               "4: \"roots\" in \"anatomy\" is a number (5) where a text was expected");
  expect_error(PHANTOM "mesh: {growth: fast}\n",
               "3: \"growth\" in \"mesh\" is a text (fast) where a number was expected");
  expect_error(PHANTOM "mesh: {growth: \"0.2\"}\n",
               "3: \"growth\" in \"mesh\" is a text (0.2) where a number was expected");
  expect_error(PHANTOM "mesh: {growth: 0.2mm}\n",
               "3: \"growth\" in \"mesh\" is a text (0.2mm) where a number was expected");
  expect_error(PHANTOM "mesh: {growth: 0x1p-2}\n", "3: \"growth\" in \"mesh\" is a text (0x1p-2) where a number was");
  expect_error(PHANTOM "mesh: {growth: 0,2}\n", "3: unknown key \"2\" in \"mesh\"");
  expect_error(PHANTOM "mesh: {growth: [0.2]}\n", "3: \"growth\" in \"mesh\" is a list where a number was expected");
  expect_error(PHANTOM "mesh: {growth: }\n", "3: \"growth\" in \"mesh\" is empty where a number was expected");
  expect_error(PHANTOM "mesh: {seed: 1.5}\n",
               "3: \"seed\" in \"mesh\" is a number (1.5) where a whole number was expected");
  expect_error(PHANTOM "mesh: {seed: 010}\n",
               "3: \"seed\" in \"mesh\" is 010; expected a whole number without leading zeros");
  expect_error(PHANTOM "mesh: {seed: 99999999999999999999}\n",
               "3: \"seed\" in \"mesh\" is 99999999999999999999; expected a whole");
  expect_error(PHANTOM "mesh: 5\n", "3: \"mesh\" is a number (5) where a mapping (keys and values) was expected");
  expect_error("name: x\nanatomy: {labels: {masks: {}}}\n",
               "2: \"masks\" in \"labels\" in \"anatomy\" is a mapping where a list");
  expect_error("name: x\nanatomy: {labels: {masks: 3}}\n",
               "2: \"masks\" in \"labels\" in \"anatomy\" is a number (3) where a list");
  expect_error("name: x\nanatomy: {labels: {masks: []}}\n",
               "2: \"masks\" in \"labels\" in \"anatomy\" has 0 entries; expected at least 1");
  expect_error(PHANTOM "paddle: {model: specify-5-6-5, at: {point_mm: [1, 2]}}\n",
               "3: \"point_mm\" in \"at\" in \"paddle\" has 2 entries; expected 3");
  expect_error(PHANTOM "paddle: {model: specify-5-6-5, at: {root: L1}, offset_mm: [1,\n  a]}\n",
               "4: entry 2 of \"offset_mm\" in \"paddle\" is a text (a) where a number was expected");
  expect_error("name: x\nanatomy:\n  labels: {masks: [{structure: cord, file: a}]}\n"
               "  levels: {file: a, table: pam50-spinal-levels, ventral: maybe}\n",
               "4: \"ventral\" in \"levels\" in \"anatomy\" is a text (maybe) where true or false was expected");
  expect_error("name: true\nanatomy: {phantom: {}}\n", "1: \"name\" is true or false (true) where a text was expected");
  expect_error("name: \"\\0\"\nanatomy: {phantom: {}}\n", "1: \"name\" is blank");
  expect_error("name: \"a\\0\"\nanatomy: {phantom: {}}\n", "1: \"name\" holds a control character");
  expect_error("- name\n", "1: the file is a list where a mapping (keys and values) was expected");
}

static void numbers_are_finite_and_in_range(void **state)
{
  (void)state;
  static const char *const endless[] = {"inf", "-inf", ".inf", "nan", ".NaN", "1e999", "-1e400", "1e-400", NULL};
  for (const char *const *v = endless; *v; v++) {
    char text[128], expected[128];
    snprintf(text, sizeof text, PHANTOM "mesh:\n  growth: %s\n", *v);
    snprintf(expected, sizeof expected, "4: \"growth\" in \"mesh\" is not a usable number (%s) where a number", *v);
    expect_error(text, expected);
  }
  expect_error(PHANTOM "mesh: {growth: 0}\n",
               "3: \"growth\" in \"mesh\" is 0; expected a number above 0 and at most 1");
  expect_error(PHANTOM "mesh: {growth: 1.01}\n", "3: \"growth\" in \"mesh\" is 1.01; expected");
  expect_error(PHANTOM "mesh: {root_edge_mm: -0.1}\n", "3: \"root_edge_mm\" in \"mesh\" is -0.1; expected");
  expect_error(PHANTOM "mesh: {root_edge_mm: 9}\n", "3: \"largest_edge_mm\" in \"mesh\" is 8, below another edge of 9");
  expect_error(PHANTOM "field: {tolerance: 0}\n",
               "3: \"tolerance\" in \"field\" is 0; expected a number above 0 and at most 0.01");
  expect_error(PHANTOM "field: {tolerance: 0.1}\n", "3: \"tolerance\" in \"field\" is 0.1; expected");
  expect_error(PHANTOM "fibers: {per_root: 0}\n",
               "3: \"per_root\" in \"fibers\" is 0; expected at least 1 and at most 100000");
  expect_error(PHANTOM "fibers:\n  dt_us: -5\n", "4: \"dt_us\" in \"fibers\" is -5; expected");
  expect_error(PHANTOM "pulse: {width_us: 0}\n", "3: \"width_us\" in \"pulse\" is 0; expected");
  expect_error(PHANTOM "limits: {contact_mA: 0}\n", "3: \"contact_mA\" in \"limits\" is 0; expected a number above 0");
  expect_error(OUTLINES "  surround:\n    bone_mm: 0\n",
               "5: \"bone_mm\" in \"anatomy.surround\" is 0; expected a number above 0 and at most 100");
}

static void what_is_not_there_yet_says_so(void **state)
{
  (void)state;
  expect_error("name: x\nanatomy:\n  mesh: a.msh\npaddle: {model: specify-5-6-5, at: {root: L1}}\n",
               "4: \"paddle\" has no use with \"anatomy.mesh\"");
  expect_error("name: x\nanatomy:\n  mesh: a.msh\n  surround: {bone_mm: 3}\n", "4: \"surround\" has no use");
  expect_error("name: x\nanatomy:\n  mesh: a.msh\n  root_radius_mm: 0.4\n", "4: \"root_radius_mm\" is that of");
  expect_error("name: x\nanatomy:\n  mesh: a.msh\n  phantom: {}\n",
               "3: \"anatomy\" has several of outlines, labels, phantom and mesh");
  expect_error(PHANTOM "field: {order: 3}\n", "3: \"order\" in \"field\" is 3; expected");
  expect_error(PHANTOM "field: {contacts: impedance}\n", "3: \"contacts\" in \"field\" is impedance; expected");
  expect_error(PHANTOM "field: {surface_impedance_ohm_m2: 0.001}\n", "3: \"surface_impedance_ohm_m2\" has no use");
  expect_error(PHANTOM "field: {contacts: impedance, surface_impedance_ohm_m2: 0}\n",
               "3: \"surface_impedance_ohm_m2\" in \"field\" is 0; expected");
  expect_error(PHANTOM "field: {return: open}\n", "3: \"return\" in \"field\" is \"open\"; expected");
}

static void pulses_are_checked(void **state)
{
  (void)state;
  expect_error(PHANTOM "fibers: {model: mcg}\n", "3: \"model\" in \"fibers\" is \"mcg\"; expected one of: mrg, linear");
  expect_error(PHANTOM "pulse: {shape: sine}\n",
               "3: \"shape\" in \"pulse\" is \"sine\"; expected one of: monophasic, biphasic, asymmetric; a sampled");
  expect_error(PHANTOM "pulse: {recharge_width_us: 3}\n", "3: \"recharge_width_us\" is for the shape asymmetric");
  expect_error(PHANTOM "pulse: {shape: asymmetric}\n", "3: \"shape\" in \"pulse\" is asymmetric; expected \"recharge");
  expect_error(PHANTOM "pulse: {samples: a.csv, width_us: 3}\n", "3: \"width_us\" has no use beside \"samples\"");
  Case *c = expect_case(PHANTOM "pulse: {shape: asymmetric, width_us: 200, recharge_width_us: 2000}\n");
  assert_true(c->pulse.recharge_width_us == 2000 && c->pulse.width_us == 200);
  case_destroy(&c);
}

static void write_samples(const char *text)
{
  char path[CAUDA_PATH_MAX];
  assert_int_equal(path_join(folder, "pulse.csv", path), 0);
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
}

static void sampled_pulses_are_read(void **state)
{
  Case *c;
  (void)state;
  write_samples("time_us,height\n0,1\n200,0\n220,-0.5\n500,0\n");
  c = expect_case(PHANTOM "pulse: {samples: pulse.csv}\n");
  assert_int_equal(c->pulse.n_sample, 4);
  assert_true(c->pulse.width_us == 200 && c->pulse.time_us[2] == 220 && c->pulse.height[2] == -0.5);
  case_destroy(&c);
  static const char *const bad[] = {"time_us,height\n0,1\n",      "time_us,height\n0,1\n0,0\n",
                                    "time_us,height\n0,1\n9,1\n", "time_us,height\n0,0\n9,0\n",
                                    "time_us,height\n0,x\n9,0\n", "t,h\n0,1\n9,0\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    write_samples(bad[i]);
    assert_int_equal(read_case(PHANTOM "pulse: {samples: pulse.csv}\n", &c), PETSC_ERR_USER_INPUT);
    assert_non_null(strstr(record.message, "pulse.csv"));
  }
}

static void sense_is_checked(void **state)
{
  (void)state;
  expect_error("name: x\nanatomy: {roots: \"a{root}{side}\"}\n",
               "2: \"anatomy\" has none of outlines, labels, phantom and mesh");
  expect_error("name: x\nanatomy:\n  phantom: {}\n  outlines: {cord: a, dura: b}\n",
               "3: \"anatomy\" has several of outlines");
  expect_error("name: x\nanatomy:\n  phantom: {}\n  roots: \"a{root}{side}\"\n",
               "4: \"roots\" has no use beside a phantom");
  expect_error("name: x\nanatomy:\n  phantom: {}\n  surround: {bone_mm: 3}\n",
               "4: \"surround\" has no use beside a phantom");
  expect_error("name: x\nanatomy:\n  outlines: {cord: a, dura: b}\n  roots: \"a_{root}.json\"\n",
               "4: \"roots\" is \"a_{root}.json\"; expected a file name with {root} and {side} in it");
  expect_error("name: x\nanatomy: {labels: {file: a.nii}}\n", "2: \"labels\" has \"file\" without \"table\"");
  expect_error("name: x\nanatomy: {labels: {}}\n",
               "2: \"labels\" names no file; expected \"file\" and \"table\", \"masks\" or \"bids\"");
  expect_error("name: x\nanatomy:\n  labels:\n    masks:\n      - {file: a.nii}\n",
               "5: a file of \"masks\" has neither");
  expect_error("name: x\nanatomy:\n  labels:\n    masks:\n      - {file: a.nii, structure: cord, table: simple}\n",
               "5: a file of \"masks\" has both");
  expect_error("name: x\nanatomy:\n  labels:\n    masks:\n      - {file: a.nii, table: simple, threshold: 1}\n",
               "5: \"threshold\" has no use for a label map");
  expect_error(
      "name: x\nanatomy:\n  labels:\n    masks:\n    - {structure: cord, file: a}\n    - {structure: gray, file: b}\n",
      "6: \"gray\" is no structure; expected one of: cord, white, grey");
  expect_error(
      "name: x\nanatomy:\n  labels:\n    masks:\n    - {structure: cord, file: a}\n    - {structure: cord, file: b}\n",
      "6: there are two masks of \"cord\"");
  expect_error("name: x\nanatomy:\n  labels: {masks: [{structure: cord, file: a}]}\n"
               "  levels: {file: a, table: pam50-spinal-levels, from: S2, to: L1}\n",
               "4: \"levels\" goes from S2 to L1; expected the rostral one first");
  expect_error("name: a/b\nanatomy: {phantom: {}}\n", "1: \"name\" is \"a/b\"; expected letters");
  expect_error(PHANTOM "paddle:\n  model: specify-5-6-5\n  at: {side: dorsal}\n", "5: \"at\" has neither");
  expect_error(PHANTOM "paddle:\n  model: specify-5-6-5\n  at: {root: L9}\n",
               "5: \"root\" in \"at\" is \"L9\"; expected a segment");
  expect_error(PHANTOM "paddle:\n  model: specify-5-6-7\n  at: {root: L1}\n",
               "4: there is no \"specify-5-6-7\" among Cauda's paddles; expected octrode-compact, octrode-standard, "
               "octrode-subcompact, specify-5-6-5, or a path to a file");
  expect_error(PHANTOM "paddle:\n  model: ./mine.yaml\n  at: {root: L1}\n", "4: there is no file \"/tmp/cauda-case-");
  expect_error(PHANTOM "tissues:\n  table: nowhere\n",
               "4: there is no \"nowhere\" among Cauda's tissues; expected default, rado, or");
  expect_error(PHANTOM "sets: s.csv\n", "3: \"sets\" needs a \"paddle\"");
  expect_error(LEAD "rank: {target: iliopsoas}\n", "5: \"target\" in \"rank\" is \"iliopsoas\"; expected a root");
  expect_error(LEAD "rank: {score: ratio}\n", "5: \"rank\" has no \"target\"; expected either");
  expect_error(LEAD "rank: {target: L1_L, avoid: [{name: L2_L, weight: -1}]}\n", "5: \"weight\" in \"L2_L\" is -1");
  expect_error(LEAD "limits: {device: toaster}\n",
               "5: there is no \"toaster\" among Cauda's devices; expected activa-rc");
  expect_error(LEAD "rank: {target: L1_L, score: best}\n", "5: \"score\" in \"rank\" is \"best\"; expected one of: ");
  expect_error(LEAD "pulse: {shape: monophasic, interphase_us: 5}\n",
               "5: \"interphase_us\" has no use in a monophasic pulse");
}

static void broken_files_are_refused(void **state)
{
  (void)state;
  Case *c;
  expect_error("", "1: is empty; expected keys and values");
  expect_error("# nothing\n", "1: is empty");
  expect_error("name: x\nanatomy: {phantom: {}\nmesh: 1\n", "3: is no valid YAML: while parsing a flow mapping");
  expect_error("name: x\n\tanatomy: {}\n", "2: is no valid YAML: ");
  expect_error("name: x\nanatomy: {phantom: {}}\nsets: \x01\n",
               "3: is no valid YAML: control characters are not allowed");
  expect_error(PHANTOM "---\nname: y\n", "4: a second YAML document starts");
  expect_error("name: &a x\nanatomy: {phantom: {model: *a}}\n", "2: found an alias (*name)");
  expect_error("a: &a [*a]\n", "1: found an alias");
  char deep[60001];
  memset(deep, '[', 60000);
  memcpy(deep, "a: ", 3);
  deep[60000] = '\0';
  expect_error(deep, "1: is nested too deeply");
  assert_int_equal(case_read("/nowhere/x.yaml", &c), PETSC_ERR_FILE_OPEN);
  assert_null(c);
}

/* Wherever a wrong key stands in a long file, its line is the one that is named. */
static void lines_are_right_wherever_the_fault_is(void **state)
{
  (void)state;
  static const char *const lines[] = {"# a comment\n",
                                      "name: x\n",
                                      "\n",
                                      "anatomy:\n",
                                      "  outlines:\n",
                                      "    cord: a\n",
                                      "    dura: b\n",
                                      "  surround:\n",
                                      "    bone_mm: 8\n",
                                      "tissues:\n",
                                      "  table: >-\n",
                                      "    default\n",
                                      "  csf:\n",
                                      "    source: >-\n",
                                      "      a text of\n",
                                      "      two lines\n",
                                      "    sigma_S_per_m: 1.7\n",
                                      "paddle:\n",
                                      "  model: specify-5-6-5\n",
                                      "  at:\n",
                                      "    root: L1\n",
                                      "mesh:\n",
                                      "  growth: 0.2\n",
                                      "sets: s.csv\n"};
  enum { N = sizeof lines / sizeof *lines };
  char text[2048], expected[64];
  for (int at = 0; at <= N; at++) {
    int number = 1;
    const char *next = at < N ? lines[at] : "";
    size_t indent = strspn(next, " ");
    if (at == 11 || at == 14 || at == 15) continue; /* within a text of several lines */
    *text = '\0';
    for (int i = 0; i <= N; i++) {
      if (i == at) sprintf(text + strlen(text), "%.*szzz: 1\n", (int)indent, "      ");
      if (i < N) strcat(text, lines[i]);
      number += i < at;
    }
    snprintf(expected, sizeof expected, "%d: unknown key \"zzz\"", number);
    expect_error(text, expected);
  }
}

/* No prefix and no changed byte of a case file does more harm than a message. */
static void damaged_files_do_no_harm(void **state)
{
  (void)state;
  static const char text[] =
      LEAD "mesh: {growth: 0.2, seed: 3}\ntissues: {csf: {sigma_S_per_m: 1.7}}\nrank: {target: L1_L}\n";
  char copy[sizeof text];
  Rng r = rng_seed(1, 0);
  for (int i = 0; i < 3000; i++) {
    size_t n = sizeof text - 1;
    memcpy(copy, text, n);
    if (i < (int)n)
      n = (size_t)i;
    else
      for (int k = 0; k < 1 + i % 3; k++)
        copy[rng_next(&r) % n] = (char)(i % 2 ? rng_next(&r) % 256 : (uint64_t) "[]{}:,-&*#\"\n 0."[rng_next(&r) % 15]);
    Case *c;
    error_record_clear(&record);
    write_file(copy, n);
    PetscErrorCode ierr = case_read(file, &c);
    assert_true(ierr == 0 || ierr == PETSC_ERR_USER_INPUT || ierr == PETSC_ERR_FILE_OPEN);
    assert_true((ierr == 0) == (c != NULL));
    case_destroy(&c);
  }
}

/* ---- tissues -------------------------------------------------------------------------------------------------- */

static void overrides_stand_before_the_table(void **state)
{
  (void)state;
  Case *c = expect_case(
      PHANTOM "tissues:\n  table: default\n  dura: {sigma_S_per_m: 0.6, source: mine}\n"
              "  white: {longitudinal_S_per_m: 0.7, transverse_S_per_m: 0.1}\n"
              "  root: {sigma_S_per_m: 0.2}\n"
              "  roots:\n  - {name: L1_L, sigma_S_per_m: 0.3}\n  - {name: L2_L_dorsal, sigma_S_per_m: 0.4}\n");
  assert_int_equal(c->n_tissues, 11);
  assert_true(case_tissue(c, "dura")->sigma_S_per_m == 0.6);
  assert_string_equal(case_tissue(c, "dura")->source, "mine");
  assert_true(case_tissue(c, "csf")->sigma_S_per_m == 1.7);
  assert_true(case_tissue(c, "cord") == case_tissue(c, "white"));
  assert_true(case_tissue(c, "white")->longitudinal_S_per_m == 0.7 && case_tissue(c, "white")->sigma_S_per_m == 0);
  assert_true(case_tissue(c, "L1_L_dorsal")->sigma_S_per_m == 0.3 &&
              case_tissue(c, "L1_L_ventral")->sigma_S_per_m == 0.3);
  assert_true(case_tissue(c, "L2_L_dorsal")->sigma_S_per_m == 0.4 &&
              case_tissue(c, "L2_L_ventral")->sigma_S_per_m == 0.2);
  assert_true(case_tissue(c, "S2_R")->sigma_S_per_m == 0.2);
  assert_null(case_tissue(c, "liver"));
  case_destroy(&c);
}

static void conductivities_are_checked(void **state)
{
  (void)state;
  expect_error(PHANTOM "tissues:\n  csf:\n    sigma_S_per_m: -1.7\n",
               "5: \"sigma_S_per_m\" in \"csf\" is -1.7; expected a number above 0");
  expect_error(PHANTOM "tissues:\n  fat: {sigma_S_per_m: 0}\n",
               "4: \"sigma_S_per_m\" in \"fat\" is 0; expected a number above 0");
  expect_error(PHANTOM "tissues:\n  white: {longitudinal_S_per_m: 1}\n",
               "4: \"white\" needs either \"sigma_S_per_m\" or both");
  expect_error(PHANTOM "tissues:\n  white: {sigma_S_per_m: 1, transverse_S_per_m: 1}\n", "4: \"white\" needs either");
  expect_error(PHANTOM "tissues:\n  csf: {longitudinal_S_per_m: 1, transverse_S_per_m: 1}\n",
               "4: \"csf\" has no fibre direction");
  expect_error(PHANTOM "tissues:\n  cfs: {sigma_S_per_m: 1}\n",
               "4: unknown key \"cfs\" in \"tissues\"; expected one of: table, body, ");
  expect_error(PHANTOM "tissues:\n  roots:\n  - {name: L1, sigma_S_per_m: 1}\n", "5: \"L1\" is no root's name");
  expect_error(PHANTOM "tissues: {table: c.yaml}\n", "1: unknown key \"name\"; expected one of: source, body, bone");
}

/* ---- data files ----------------------------------------------------------------------------------------------- */

static void the_paddle_is_what_its_maker_says(void **state)
{
  (void)state;
  LeadModel *m;
  assert_int_equal(lead_model_read("specify-5-6-5", ".", &m), 0);
  assert_int_equal(m->n_contacts, 16);
  double top = -HUGE_VAL, bottom = HUGE_VAL, sum[2] = {0, 0};
  for (int i = 0; i < 16; i++) {
    char name[32];
    const double *at = m->contacts[i].at_mm;
    snprintf(name, sizeof name, "C%02d", i + 1);
    assert_string_equal(m->contacts[i].name, name);
    assert_true(fabs(lead_contact_area_mm2(m, i) - 6.0) < 1e-12);
    assert_true(at[0] == (i < 5 ? -2.5 : i < 11 ? 0 : 2.5));
    if (i != 0 && i != 5 && i != 11) assert_true(fabs(at[1] - m->contacts[i - 1].at_mm[1] + 8.5) < 1e-12);
    top = fmax(top, at[1] + 2), bottom = fmin(bottom, at[1] - 2);
    sum[0] += at[0], sum[1] += at[1];
  }
  assert_true(fabs(top - bottom - 46.5) < 1e-12 && fabs(sum[0]) < 1e-12 && fabs(sum[1]) < 1e-12);
  lead_model_destroy(&m);
  assert_null(m);
}

static void percutaneous_leads_are_round(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    double span;
  } lead[] = {{"octrode-standard", 66}, {"octrode-compact", 52}, {"octrode-subcompact", 34.5}};
  for (size_t i = 0; i < 3; i++) {
    LeadModel *m;
    assert_int_equal(lead_model_read(lead[i].name, ".", &m), 0);
    assert_int_equal(m->n_contacts, 8);
    assert_true(m->width_mm == 1.3 && m->thickness_mm == 1.3);
    assert_true(fabs(m->contacts[0].at_mm[1] - m->contacts[7].at_mm[1] + 3 - lead[i].span) < 1e-9);
    assert_true(fabs(lead_contact_area_mm2(m, 0) - M_PI * 1.3 * 3) < 1e-9);
    lead_model_destroy(&m);
  }
}

#define BODY "name: x\nmaker: y\nsource: z\nkind: paddle\nlength_mm: 20\nwidth_mm: 8\nthickness_mm: 2\ncontacts:\n"
#define CONTACT(name, x, y) "  - {name: " name ", at_mm: [" x ", " y "], length_mm: 4, width_mm: 2}\n"

static void expect_lead_error(const char *text, const char *expected)
{
  LeadModel *m;
  error_record_clear(&record);
  write_file(text, strlen(text));
  assert_int_equal(lead_model_read("c.yaml", folder, &m), PETSC_ERR_USER_INPUT);
  assert_null(m);
  if (strncmp(message(), expected, strlen(expected)) != 0)
    fail_msg("found \"%s\", expected \"%s...\"", message(), expected);
}

static void impossible_leads_are_refused(void **state)
{
  (void)state;
  expect_lead_error(BODY CONTACT("C01", "0", "0") CONTACT("C02", "1", "3"),
                    "10: contacts \"C01\" and \"C02\" touch or overlap");
  expect_lead_error(BODY CONTACT("C01", "0", "0") CONTACT("C02", "0", "4"), "10: contacts \"C01\" and \"C02\" touch");
  expect_lead_error(BODY CONTACT("C01", "0", "0") CONTACT("C01", "0", "6"), "10: there are two contacts \"C01\"");
  expect_lead_error(BODY CONTACT("C01", "0", "8"), "9: contact \"C01\" reaches over the edge of the body");
  expect_lead_error(BODY CONTACT("C01", "3.5", "0"), "9: contact \"C01\" reaches over the edge");
  expect_lead_error(BODY CONTACT("case", "0", "0"), "9: \"case\" cannot be a contact's name");
  expect_lead_error(BODY "  - {name: C01, at_mm: [0, 0], length_mm: 4}\n", "9: contact \"C01\" has no \"width_mm\"");
  expect_lead_error(BODY "  []\n", "8: \"contacts\" has 0 entries; expected at least 1");
  expect_lead_error("name: x\nmaker: y\nsource: z\nkind: percutaneous\nlength_mm: 20\nwidth_mm: 3\ncontacts:\n" CONTACT(
                        "C01", "0", "0"),
                    "1: a percutaneous lead needs \"diameter_mm\"");
  expect_lead_error("name: x\nmaker: y\nsource: z\nkind: cuff\nlength_mm: 20\ncontacts:\n" CONTACT("C01", "0", "0"),
                    "4: \"kind\" is \"cuff\"; expected one of: paddle, percutaneous");
}

static void label_tables_are_read_and_checked(void **state)
{
  (void)state;
  LabelTable *t;
  assert_int_equal(label_table_read("pam50-spinal-levels", ".", &t), 0);
  assert_int_equal(t->n_labels, 30);
  for (int i = 0; i < 30; i++) assert_int_equal(t->labels[i].value, i + 1);
  assert_string_equal(t->labels[20].structure, "L1");
  assert_string_equal(t->labels[26].structure, "S2");
  label_table_destroy(&t);
  static const char *const names[] = {
      "cauda",      "simple",       "pam50-rootlets",    "rootletseg",       "sct-discs",
      "sct-levels", "sct-rootlets", "sct-spinal-levels", "totalsegmentator", "totalsegmentator-vertebrae"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_int_equal(label_table_read(names[i], ".", &t), 0);
    label_table_destroy(&t);
  }
  static const char *const bad[][2] = {
      {"source: x\nlabels:\n- {value: 1, structure: liver}\n", "3: \"liver\" is no structure"},
      {"source: x\nlabels:\n- {value: 1, structure: csf}\n- {value: 1, structure: dura}\n",
       "4: the value 1 is given twice"},
      {"source: x\nlabels:\n- {value: 0, structure: csf}\n", "3: the value 0 is \"csf\""},
      {"source: x\nlabels:\n- {value: 1.5, structure: csf}\n",
       "3: \"value\" in entry 1 of \"labels\" is a number (1.5) where a whole"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    error_record_clear(&record);
    write_file(bad[i][0], strlen(bad[i][0]));
    assert_int_equal(label_table_read(file, "", &t), PETSC_ERR_USER_INPUT);
    assert_memory_equal(message(), bad[i][1], strlen(bad[i][1]));
  }
}

static void the_phantom_is_whole(void **state)
{
  (void)state;
  PhantomModel *m;
  double length = 0;
  assert_int_equal(phantom_model_read("lumbosacral", ".", &m), 0);
  assert_int_equal(m->n_segments, 12);
  assert_string_equal(m->segments[0].name, "T11");
  assert_string_equal(m->segments[11].name, "S5");
  for (int i = 0; i < 12; i++) {
    bool root = i >= 2 && i <= 8;
    length += m->segments[i].length_mm;
    assert_true((m->segments[i].dorsal_radius_mm > 0) == root && (m->segments[i].ventral_radius_mm > 0) == root);
  }
  assert_true(fabs(length - 124.2) < 0.1); /* the table's height of T11's border above the tip */
  phantom_model_destroy(&m);
}

static void fibre_classes_are_read_and_checked(void **state)
{
  (void)state;
  FiberPopulations *p;
  assert_int_equal(fiber_populations_read("human", ".", &p), 0);
  assert_int_equal(p->n_classes, 2);
  assert_string_equal(p->classes[0].name, "Ia");
  assert_true(p->classes[0].mean_um == 13 && p->classes[1].mean_um == 12);
  fiber_populations_destroy(&p);
  static const char bad[] = "classes:\n- {name: a, roots: dorsal, distribution: normal, mean_um: 20, sd_um: 1,\n"
                            "   smallest_um: 8, largest_um: 16, source: x}\n";
  error_record_clear(&record);
  write_file(bad, sizeof bad - 1);
  assert_int_equal(fiber_populations_read(file, "", &p), PETSC_ERR_USER_INPUT);
  assert_memory_equal(message(), "2: the mean of \"a\" is 20 um", 27);
}

static void the_shipped_cases_are_valid(void **state)
{
  (void)state;
  static const char *const names[] = {"demo", "sub-03", "pam50"};
  for (size_t i = 0; i < 3; i++) {
    char name[64], path[CAUDA_PATH_MAX];
    Case *c;
    LeadModel *m;
    SetTable *t;
    snprintf(name, sizeof name, "%s/case.yaml", names[i]);
    assert_int_equal(data_find(name, path), 0);
    error_record_clear(&record);
    if (case_read(path, &c)) fail_msg("%s", record.message);
    assert_string_equal(c->name, names[i]);
    assert_int_equal(lead_model_read(c->paddle->model, c->folder, &m), 0);
    const char *contact[64];
    for (int k = 0; k < m->n_contacts; k++) contact[k] = m->contacts[k].name;
    assert_int_equal(path_join(c->folder, c->sets, path), 0);
    if (sets_read(path, m->n_contacts, contact, &t)) fail_msg("%s", record.message);
    assert_int_equal(t->n_set, i ? 4 : 8);
    sets_destroy(&t), lead_model_destroy(&m), case_destroy(&c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_given_has_its_default),
      cmocka_unit_test(zero_is_not_the_same_as_not_given),
      cmocka_unit_test(goals_and_devices_arrive),
      cmocka_unit_test(everything_that_is_given_arrives),
      cmocka_unit_test(json_is_yaml),
      cmocka_unit_test(keys_are_strict),
      cmocka_unit_test(repairs_are_made_but_those_left_out),
      cmocka_unit_test(kinds_are_strict),
      cmocka_unit_test(numbers_are_finite_and_in_range),
      cmocka_unit_test(what_is_not_there_yet_says_so),
      cmocka_unit_test(pulses_are_checked),
      cmocka_unit_test(sampled_pulses_are_read),
      cmocka_unit_test(sense_is_checked),
      cmocka_unit_test(broken_files_are_refused),
      cmocka_unit_test(lines_are_right_wherever_the_fault_is),
      cmocka_unit_test(damaged_files_do_no_harm),
      cmocka_unit_test(overrides_stand_before_the_table),
      cmocka_unit_test(conductivities_are_checked),
      cmocka_unit_test(the_paddle_is_what_its_maker_says),
      cmocka_unit_test(percutaneous_leads_are_round),
      cmocka_unit_test(impossible_leads_are_refused),
      cmocka_unit_test(label_tables_are_read_and_checked),
      cmocka_unit_test(the_phantom_is_whole),
      cmocka_unit_test(fibre_classes_are_read_and_checked),
      cmocka_unit_test(the_shipped_cases_are_valid),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
