/* The case file's keys, defaults, ranges and choices: all of them stand here and nowhere else (cases/README.md tells
 * the user about them). */
#include "case_file.h"

#include <string.h>

static const cyaml_schema_value_t real = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

/* ---- anatomy -------------------------------------------------------------------------------------------------- */

static const cyaml_schema_field_t outlines_keys[] = {KEY_PATH("cord", NEED, CaseOutlines, cord),
                                                     KEY_PATH("dura", NEED, CaseOutlines, dura), CYAML_FIELD_END};

static const cyaml_schema_field_t mask_keys[] = {
    KEY_NAME("structure", OPT, CaseMask, structure), KEY_PATH("table", OPT, CaseMask, table),
    KEY_PATH("file", NEED, CaseMask, file), KEY_REAL("threshold", OPT, CaseMask, threshold), CYAML_FIELD_END};
static const cyaml_schema_value_t mask = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, CaseMask, mask_keys)};

#define REPAIR(key, step) CYAML_FIELD_BOOL(key, OPT, CaseRepair, on[step])
static const cyaml_schema_field_t repair_keys[] = {REPAIR("crop", REPAIR_CROP),
                                                   REPAIR("overlaps", REPAIR_OVERLAPS),
                                                   REPAIR("fill", REPAIR_FILL),
                                                   REPAIR("dents", REPAIR_DENTS),
                                                   REPAIR("crumbs", REPAIR_CRUMBS),
                                                   REPAIR("flood", REPAIR_FLOOD),
                                                   REPAIR("wrong_labels", REPAIR_WRONG_LABELS),
                                                   REPAIR("bridge", REPAIR_BRIDGE),
                                                   REPAIR("thin", REPAIR_THIN),
                                                   REPAIR("smooth", REPAIR_SMOOTH),
                                                   CYAML_FIELD_END};
const char *repair_step_name(RepairStep step) { return repair_keys[step].key; }

static const cyaml_schema_field_t labels_keys[] = {
    KEY_PATH("file", OPT, CaseLabels, file),
    KEY_PATH("table", OPT, CaseLabels, table),
    CYAML_FIELD_SEQUENCE_COUNT("masks", CYAML_FLAG_POINTER | OPT, CaseLabels, masks, n_masks, &mask, 1, 1000),
    KEY_PATH("bids", OPT, CaseLabels, bids),
    KEY_NAME("orientation", OPT, CaseLabels, orientation),
    KEY_NAME("units", OPT, CaseLabels, units),
    CYAML_FIELD_MAPPING("repair", OPT, CaseLabels, repair, repair_keys),
    CYAML_FIELD_END};

static const cyaml_schema_field_t levels_keys[] = {KEY_PATH("file", NEED, CaseLevels, file),
                                                   KEY_PATH("table", NEED, CaseLevels, table),
                                                   KEY_NAME("from", OPT, CaseLevels, from),
                                                   KEY_NAME("to", OPT, CaseLevels, to),
                                                   CYAML_FIELD_BOOL("ventral", OPT, CaseLevels, ventral),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t phantom_keys[] = {KEY_PATH("model", OPT, CasePhantom, model), CYAML_FIELD_END};

static const cyaml_schema_field_t surround_keys[] = {
    KEY_REAL("epidural_fat_mm", OPT, CaseSurround, epidural_fat_mm), KEY_REAL("bone_mm", OPT, CaseSurround, bone_mm),
    KEY_REAL("body_radius_mm", OPT, CaseSurround, body_radius_mm), KEY_REAL("extend_mm", OPT, CaseSurround, extend_mm),
    CYAML_FIELD_END};

static const cyaml_schema_field_t anatomy_keys[] = {
    CYAML_FIELD_MAPPING_PTR("outlines", OPT, CaseAnatomy, outlines, outlines_keys),
    CYAML_FIELD_MAPPING_PTR("labels", OPT, CaseAnatomy, labels, labels_keys),
    CYAML_FIELD_MAPPING_PTR("levels", OPT, CaseAnatomy, levels, levels_keys),
    CYAML_FIELD_MAPPING_PTR("phantom", OPT, CaseAnatomy, phantom, phantom_keys),
    KEY_PATH("mesh", OPT, CaseAnatomy, mesh),
    KEY_PATH("roots", OPT, CaseAnatomy, roots),
    KEY_PATH("ganglia", OPT, CaseAnatomy, ganglia),
    KEY_REAL("root_radius_mm", OPT, CaseAnatomy, root_radius_mm),
    KEY_REAL("dura_thickness_mm", OPT, CaseAnatomy, dura_thickness_mm),
    KEY_NAME("ventral_roots", OPT, CaseAnatomy, ventral_roots),
    KEY_NAME("coordinates", OPT, CaseAnatomy, coordinates),
    CYAML_FIELD_MAPPING("surround", OPT, CaseAnatomy, surround, surround_keys),
    CYAML_FIELD_END};

/* ---- tissues -------------------------------------------------------------------------------------------------- */

#define CONDUCTIVITIES                                                                                                 \
  KEY_REAL("sigma_S_per_m", OPT, TissueEntry, sigma_S_per_m),                                                          \
      KEY_REAL("longitudinal_S_per_m", OPT, TissueEntry, longitudinal_S_per_m),                                        \
      KEY_REAL("transverse_S_per_m", OPT, TissueEntry, transverse_S_per_m),                                            \
      KEY_PATH("source", OPT, TissueEntry, source), CYAML_FIELD_END

static const cyaml_schema_field_t entry_keys[] = {CONDUCTIVITIES};
static const cyaml_schema_field_t root_entry_keys[] = {KEY_NAME("name", NEED, TissueEntry, name), CONDUCTIVITIES};
static const cyaml_schema_value_t root_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, TissueEntry, root_entry_keys)};

#define ENTRY(key, i) CYAML_FIELD_MAPPING_PTR(key, OPT, TissueFile, entry[i], entry_keys)
#define ENTRIES                                                                                                        \
  ENTRY("body", 0), ENTRY("bone", 1), ENTRY("fat", 2), ENTRY("dura", 3), ENTRY("csf", 4), ENTRY("white", 5),           \
      ENTRY("grey", 6), ENTRY("root", 7), ENTRY("encapsulation", 8),                                                   \
      CYAML_FIELD_SEQUENCE_COUNT("roots", CYAML_FLAG_POINTER | OPT, TissueFile, roots, n_roots, &root_entry, 1, 1000), \
      CYAML_FIELD_END

const char *const tissue_entry_name[TISSUE_ENTRIES] = {"body",  "bone", "fat",  "dura",         "csf",
                                                       "white", "grey", "root", "encapsulation"};

static const cyaml_schema_field_t tissues_keys[] = {KEY_PATH("table", OPT, TissueFile, table), ENTRIES};
static const cyaml_schema_field_t tissue_table_keys[] = {KEY_PATH("source", NEED, TissueFile, source), ENTRIES};
const cyaml_schema_value_t tissue_table_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, TissueFile, tissue_table_keys)};

/* ---- paddle and the rest -------------------------------------------------------------------------------------- */

static const cyaml_schema_field_t at_keys[] = {
    KEY_NAME("root", OPT, CaseAt, root), KEY_NAME("side", OPT, CaseAt, side),
    CYAML_FIELD_SEQUENCE_COUNT("point_mm", CYAML_FLAG_POINTER | OPT, CaseAt, point_mm, n_point_mm, &real, 3, 3),
    CYAML_FIELD_END};

static const cyaml_schema_field_t paddle_keys[] = {
    KEY_PATH("model", NEED, CasePaddle, model),
    CYAML_FIELD_MAPPING("at", NEED, CasePaddle, at, at_keys),
    CYAML_FIELD_SEQUENCE_FIXED("offset_mm", OPT, CasePaddle, offset_mm, &real, 2),
    KEY_REAL("rotation_deg", OPT, CasePaddle, rotation_deg),
    KEY_REAL("gap_mm", OPT, CasePaddle, gap_mm),
    KEY_REAL("encapsulation_mm", OPT, CasePaddle, encapsulation_mm),
    CYAML_FIELD_END};

static const cyaml_schema_field_t mesh_keys[] = {KEY_REAL("root_edge_mm", OPT, CaseMesh, root_edge_mm),
                                                 KEY_REAL("dura_edge_mm", OPT, CaseMesh, dura_edge_mm),
                                                 KEY_REAL("contact_edge_mm", OPT, CaseMesh, contact_edge_mm),
                                                 KEY_REAL("largest_edge_mm", OPT, CaseMesh, largest_edge_mm),
                                                 KEY_REAL("growth", OPT, CaseMesh, growth),
                                                 KEY_REAL("reach_mm", OPT, CaseMesh, reach_mm),
                                                 KEY_WHOLE("seed", OPT, CaseMesh, seed),
                                                 CYAML_FIELD_END};

static const cyaml_schema_field_t field_keys[] = {
    KEY_WHOLE("order", OPT, CaseField, order),
    KEY_REAL("tolerance", OPT, CaseField, tolerance),
    KEY_NAME("solver", OPT, CaseField, solver),
    KEY_NAME("preconditioner", OPT, CaseField, preconditioner),
    KEY_NAME("contacts", OPT, CaseField, contacts),
    KEY_REAL("surface_impedance_ohm_m2", OPT, CaseField, surface_impedance_ohm_m2),
    KEY_NAME("return", OPT, CaseField, ret),
    KEY_REAL("error", OPT, CaseField, error),
    CYAML_FIELD_END};

static const cyaml_schema_field_t fibers_keys[] = {KEY_NAME("model", OPT, CaseFibers, model),
                                                   KEY_NAME("geometry", OPT, CaseFibers, geometry),
                                                   KEY_REAL("dt_us", OPT, CaseFibers, dt_us),
                                                   KEY_REAL("tolerance", OPT, CaseFibers, tolerance),
                                                   KEY_WHOLE("per_root", OPT, CaseFibers, per_root),
                                                   KEY_WHOLE("seed", OPT, CaseFibers, seed),
                                                   KEY_PATH("populations", OPT, CaseFibers, populations),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t pulse_keys[] = {KEY_NAME("shape", OPT, CasePulse, shape),
                                                  KEY_REAL("width_us", OPT, CasePulse, width_us),
                                                  KEY_REAL("interphase_us", OPT, CasePulse, interphase_us),
                                                  KEY_REAL("recharge_width_us", OPT, CasePulse, recharge_width_us),
                                                  KEY_PATH("samples", OPT, CasePulse, samples),
                                                  CYAML_FIELD_END};

static const cyaml_schema_field_t weight_keys[] = {KEY_NAME("name", NEED, CaseWeight, name),
                                                   KEY_REAL("weight", OPT, CaseWeight, weight), CYAML_FIELD_END};
static const cyaml_schema_value_t weight = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, CaseWeight, weight_keys)};

static const cyaml_schema_field_t rank_keys[] = {
    KEY_NAME("target", OPT, CaseRank, target),
    CYAML_FIELD_SEQUENCE_COUNT("targets", CYAML_FLAG_POINTER | OPT, CaseRank, targets, n_targets, &weight, 1, 100),
    CYAML_FIELD_SEQUENCE_COUNT("avoid", CYAML_FLAG_POINTER | OPT, CaseRank, avoid, n_avoid, &weight, 1, 100),
    KEY_REAL("others_weight", OPT, CaseRank, others_weight),
    KEY_PATH("muscles", OPT, CaseRank, muscles),
    KEY_NAME("score", OPT, CaseRank, score),
    CYAML_FIELD_END};

static const cyaml_schema_field_t limits_keys[] = {
    KEY_REAL("charge_density_uC_per_cm2", OPT, CaseLimits, charge_density_uC_per_cm2),
    KEY_REAL("compliance_V", OPT, CaseLimits, compliance_V),
    KEY_REAL("contact_mA", OPT, CaseLimits, contact_mA),
    KEY_REAL("shannon_k", OPT, CaseLimits, shannon_k),
    KEY_PATH("device", OPT, CaseLimits, device),
    CYAML_FIELD_END};

static const cyaml_schema_value_t word = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, CAUDA_NAME_MAX - 1)};
static const cyaml_schema_field_t sweep_keys[] = {
    CYAML_FIELD_SEQUENCE_COUNT("generate", CYAML_FLAG_POINTER | OPT, CaseSweep, generate, n_generate, &word, 1, 6),
    KEY_PATH("sets", OPT, CaseSweep, sets),
    KEY_REAL("step", OPT, CaseSweep, step),
    CYAML_FIELD_SEQUENCE_COUNT("widths_us", CYAML_FLAG_POINTER | OPT, CaseSweep, widths_us, n_widths, &real, 1, 100),
    KEY_WHOLE("keep", OPT, CaseSweep, keep),
    CYAML_FIELD_END};

static const cyaml_schema_field_t search_keys[] = {
    CYAML_FIELD_SEQUENCE_COUNT("targets", CYAML_FLAG_POINTER | OPT, CaseSearch, targets, n_targets, &word, 1, 100),
    KEY_WHOLE("contacts", OPT, CaseSearch, contacts), KEY_REAL("step", OPT, CaseSearch, step), CYAML_FIELD_END};

static const cyaml_schema_field_t confidence_keys[] = {
    KEY_WHOLE("samples", OPT, CaseConfidence, samples),
    KEY_WHOLE("meshes", OPT, CaseConfidence, meshes),
    KEY_PATH("conductivities", OPT, CaseConfidence, conductivities),
    CYAML_FIELD_SEQUENCE_FIXED("shift_mm", OPT, CaseConfidence, shift_mm, &real, 2),
    KEY_REAL("rotation_deg", OPT, CaseConfidence, rotation_deg),
    KEY_REAL("fat_mm", OPT, CaseConfidence, fat_mm),
    KEY_REAL("csf_mm", OPT, CaseConfidence, csf_mm),
    KEY_REAL("gap_mm", OPT, CaseConfidence, gap_mm),
    CYAML_FIELD_END};

static const cyaml_schema_field_t case_keys[] = {
    KEY_NAME("name", NEED, CaseFile, c.name),
    CYAML_FIELD_MAPPING("anatomy", NEED, CaseFile, c.anatomy, anatomy_keys),
    CYAML_FIELD_MAPPING("tissues", OPT, CaseFile, tissues, tissues_keys),
    CYAML_FIELD_MAPPING_PTR("paddle", OPT, CaseFile, c.paddle, paddle_keys),
    CYAML_FIELD_MAPPING("mesh", OPT, CaseFile, c.mesh, mesh_keys),
    CYAML_FIELD_MAPPING("field", OPT, CaseFile, c.field, field_keys),
    CYAML_FIELD_MAPPING("fibers", OPT, CaseFile, c.fibers, fibers_keys),
    CYAML_FIELD_MAPPING("pulse", OPT, CaseFile, c.pulse, pulse_keys),
    KEY_PATH("sets", OPT, CaseFile, c.sets),
    CYAML_FIELD_MAPPING_PTR("rank", OPT, CaseFile, c.rank, rank_keys),
    CYAML_FIELD_MAPPING("limits", OPT, CaseFile, c.limits, limits_keys),
    CYAML_FIELD_MAPPING("sweep", OPT, CaseFile, c.sweep, sweep_keys),
    CYAML_FIELD_MAPPING("search", OPT, CaseFile, c.search, search_keys),
    CYAML_FIELD_MAPPING("confidence", OPT, CaseFile, c.confidence, confidence_keys),
    CYAML_FIELD_END};
const cyaml_schema_value_t case_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, CaseFile, case_keys)};

/* ---- defaults, ranges, choices -------------------------------------------------------------------------------- */

#define IN_CASE(member) offsetof(CaseFile, c.member)

static const YamlNumber case_numbers[] = {
    {"anatomy.root_radius_mm", IN_CASE(anatomy.root_radius_mm), 0.5, ABOVE(0, 5)},
    {"anatomy.dura_thickness_mm", IN_CASE(anatomy.dura_thickness_mm), 0.3, ABOVE(0, 5)},
    {"anatomy.surround.epidural_fat_mm", IN_CASE(anatomy.surround.epidural_fat_mm), 2.5, ABOVE(0, 50)},
    {"anatomy.surround.bone_mm", IN_CASE(anatomy.surround.bone_mm), 8, ABOVE(0, 100)},
    {"anatomy.surround.body_radius_mm", IN_CASE(anatomy.surround.body_radius_mm), 60, ABOVE(0, 500)},
    {"anatomy.surround.extend_mm", IN_CASE(anatomy.surround.extend_mm), 30, FROM(0, 500)},
    {"mesh.root_edge_mm", IN_CASE(mesh.root_edge_mm), 0.3, ABOVE(0, 20)},
    {"mesh.dura_edge_mm", IN_CASE(mesh.dura_edge_mm), 0.7, ABOVE(0, 20)},
    {"mesh.contact_edge_mm", IN_CASE(mesh.contact_edge_mm), 0.4, ABOVE(0, 20)},
    {"mesh.largest_edge_mm", IN_CASE(mesh.largest_edge_mm), 8, ABOVE(0, 100)},
    {"mesh.growth", IN_CASE(mesh.growth), 0.4, ABOVE(0, 1)},
    {"mesh.reach_mm", IN_CASE(mesh.reach_mm), 6, FROM(0, HUGE_VAL)},
    {"mesh.seed", IN_CASE(mesh.seed), 1, WHOLE_FROM(0, HUGE_VAL)},
    {"field.order", IN_CASE(field.order), 2, WHOLE_FROM(1, 2)},
    {"field.surface_impedance_ohm_m2", IN_CASE(field.surface_impedance_ohm_m2), 0, ABOVE(0, HUGE_VAL)},
    {"field.error", IN_CASE(field.error), 0, ABOVE(0, 0.5)},
    {"field.tolerance", IN_CASE(field.tolerance), 1e-9, ABOVE(0, 1e-2)},
    {"fibers.dt_us", IN_CASE(fibers.dt_us), 2, ABOVE(0, 100)},
    {"fibers.tolerance", IN_CASE(fibers.tolerance), 0.01, ABOVE(0, 0.5)},
    {"fibers.per_root", IN_CASE(fibers.per_root), 50, WHOLE_FROM(1, 100000)},
    {"fibers.seed", IN_CASE(fibers.seed), 1, WHOLE_FROM(0, HUGE_VAL)},
    {"pulse.width_us", IN_CASE(pulse.width_us), 300, ABOVE(0, 100000)},
    {"pulse.interphase_us", IN_CASE(pulse.interphase_us), 50, FROM(0, 100000)},
    {"pulse.recharge_width_us", IN_CASE(pulse.recharge_width_us), 0, ABOVE(0, 1000000)},
    {"limits.charge_density_uC_per_cm2", IN_CASE(limits.charge_density_uC_per_cm2), 30, ABOVE(0, HUGE_VAL)},
    {"limits.compliance_V", IN_CASE(limits.compliance_V), 10, ABOVE(0, HUGE_VAL)},
    {"limits.contact_mA", IN_CASE(limits.contact_mA), 25, ABOVE(0, HUGE_VAL)},
    {"sweep.step", IN_CASE(sweep.step), 0.25, ABOVE(0, 0.5)},
    {"sweep.keep", IN_CASE(sweep.keep), 20, WHOLE_FROM(1, 10000)},
    {"search.step", IN_CASE(search.step), 0.05, ABOVE(0, 0.5)},
    {"search.contacts", IN_CASE(search.contacts), 0, WHOLE_FROM(1, 1000)},
    {"confidence.samples", IN_CASE(confidence.samples), 8, WHOLE_FROM(2, 10000)},
    {"confidence.meshes", IN_CASE(confidence.meshes), 2, WHOLE_FROM(1, 1000)},
    {"confidence.rotation_deg", IN_CASE(confidence.rotation_deg), 3, FROM(0, 90)},
    {"confidence.fat_mm", IN_CASE(confidence.fat_mm), 1, FROM(0, 20)},
    {"confidence.csf_mm", IN_CASE(confidence.csf_mm), 1.1, FROM(0, 5)},
    {"confidence.gap_mm", IN_CASE(confidence.gap_mm), 0, FROM(0, 10)},
    {"limits.shannon_k", IN_CASE(limits.shannon_k), 1.75, FROM(-10, 10)},
};

static const YamlText case_texts[] = {
    {"anatomy.ventral_roots", IN_CASE(anatomy.ventral_roots), "annotated", {"annotated", "made"}, NULL},
    {"anatomy.coordinates", IN_CASE(anatomy.coordinates), NULL, {"LPS", "RAS"}, NULL},
    {"confidence.conductivities", IN_CASE(confidence.conductivities), "conductivities", {NULL}, NULL},
    {"tissues.table", offsetof(CaseFile, tissues.table), "default", {NULL}, NULL},
    {"field.solver", IN_CASE(field.solver), "block", {"block", "petsc"}, NULL},
    {"field.preconditioner", IN_CASE(field.preconditioner), "ml", {"ml", "hypre", "gamg"}, NULL},
    {"field.contacts", IN_CASE(field.contacts), "equipotential", {"equipotential", "impedance", "uniform"}, NULL},
    {"field.return", IN_CASE(field.ret), "grounded", {"grounded", "infinite", "insulated"}, NULL},
    {"fibers.model", IN_CASE(fibers.model), "mrg", {"mrg", "linear", "senn"}, NULL},
    {"fibers.geometry", IN_CASE(fibers.geometry), "interpolated", {"table", "interpolated", "small"}, NULL},
    {"fibers.populations", IN_CASE(fibers.populations), "human", {NULL}, NULL},
    {"pulse.shape",
     IN_CASE(pulse.shape),
     "biphasic",
     {"monophasic", "biphasic", "asymmetric"},
     "a sampled pulse has \"samples\" instead"},
};

static const YamlText phantom_texts[] = {{"model", offsetof(CasePhantom, model), "lumbosacral", {NULL}, NULL}};

static const YamlText labels_texts[] = {
    {"orientation", offsetof(CaseLabels, orientation), NULL, {"sform", "qform"}, NULL},
    {"units", offsetof(CaseLabels, units), NULL, {"mm", "um", "m"}, NULL},
};
static const YamlNumber mask_numbers[] = {{"threshold", offsetof(CaseMask, threshold), 0.5, FROM(0, HUGE_VAL)}};

static const YamlText levels_texts[] = {{"from", offsetof(CaseLevels, from), "L1", {NULL}, NULL},
                                        {"to", offsetof(CaseLevels, to), "S2", {NULL}, NULL}};
enum { LEVELS_VENTRAL = true };

static const YamlText at_texts[] = {{"side", offsetof(CaseAt, side), "dorsal", {"dorsal", "ventral"}, NULL}};
static const YamlNumber paddle_numbers[] = {
    {"rotation_deg", offsetof(CasePaddle, rotation_deg), 0, FROM(-360, 360)},
    {"gap_mm", offsetof(CasePaddle, gap_mm), 0.0, FROM(0, 20)},
    {"encapsulation_mm", offsetof(CasePaddle, encapsulation_mm), 0.0, ABOVE(0, 5)},
};

static const YamlText rank_texts[] = {{"score",
                                       offsetof(CaseRank, score),
                                       "selectivity",
                                       {"selectivity", "ratio", "distance", "window", "laterality"},
                                       NULL}};
static const YamlNumber rank_numbers[] = {{"others_weight", offsetof(CaseRank, others_weight), 1.0, FROM(0, 1000)}};
static const YamlNumber target_numbers[] = {{"weight", offsetof(CaseWeight, weight), 1.0, ABOVE(0, 1000)}};
static const YamlNumber avoid_numbers[] = {{"weight", offsetof(CaseWeight, weight), 1.0, FROM(0, 1000)}};

static const double shift_mm[2] = {1.0, 2.0}; /* of the lead, where confidence.shift_mm is not given */

static void complete_repair(const YamlFile *f, const yaml_node_t *node, CaseLabels *l)
{
  for (int i = 0; i < REPAIR_COUNT; i++) {
    if (!yaml_find(f, node, repair_keys[i].key)) l->repair.on[i] = true;
    if (!l->repair.on[i]) l->left_out |= 1U << i;
  }
}

static PetscErrorCode complete_labels(const YamlFile *f, const yaml_node_t *node, CaseLabels *l)
{
  complete_repair(f, yaml_find(f, node, "repair"), l);
  PetscCall(yaml_texts(f, node, "labels", YAML_COUNT(labels_texts), labels_texts, l));
  for (int i = 0; i < l->n_masks; i++)
    PetscCall(yaml_numbers(f, yaml_item(f, yaml_find(f, node, "masks"), i),
                           l->masks[i].structure ? l->masks[i].structure : "masks", YAML_COUNT(mask_numbers),
                           mask_numbers, &l->masks[i]));
  return 0;
}

static PetscErrorCode complete_levels(const YamlFile *f, const yaml_node_t *node, CaseLevels *l)
{
  if (!yaml_find(f, node, "ventral")) l->ventral = LEVELS_VENTRAL;
  return yaml_texts(f, node, "levels", YAML_COUNT(levels_texts), levels_texts, l);
}

static PetscErrorCode complete_paddle(const YamlFile *f, const yaml_node_t *node, CasePaddle *p)
{
  PetscCall(yaml_numbers(f, node, "paddle", YAML_COUNT(paddle_numbers), paddle_numbers, p));
  return yaml_texts(f, yaml_find(f, node, "at"), "at", YAML_COUNT(at_texts), at_texts, &p->at);
}

static PetscErrorCode complete_weights(const YamlFile *f, const yaml_node_t *list, const YamlNumber *numbers, int n,
                                       CaseWeight *w)
{
  for (int i = 0; i < n; i++) PetscCall(yaml_numbers(f, yaml_item(f, list, i), w[i].name, 1, numbers, &w[i]));
  return 0;
}

static PetscErrorCode complete_rank(const YamlFile *f, const yaml_node_t *node, CaseRank *r)
{
  PetscCall(complete_weights(f, yaml_find(f, node, "targets"), target_numbers, r->n_targets, r->targets));
  PetscCall(complete_weights(f, yaml_find(f, node, "avoid"), avoid_numbers, r->n_avoid, r->avoid));
  PetscCall(yaml_numbers(f, node, "rank", YAML_COUNT(rank_numbers), rank_numbers, r));
  return yaml_texts(f, node, "rank", YAML_COUNT(rank_texts), rank_texts, r);
}

PetscErrorCode case_complete(const YamlFile *f, CaseFile *cf)
{
  const yaml_node_t *root = yaml_root(f), *anatomy = yaml_find(f, root, "anatomy");
  CaseAnatomy *a = &cf->c.anatomy;
  PetscCall(yaml_numbers(f, root, NULL, YAML_COUNT(case_numbers), case_numbers, cf));
  PetscCall(yaml_texts(f, root, NULL, YAML_COUNT(case_texts), case_texts, cf));
  if (a->phantom) PetscCall(yaml_texts(f, yaml_find(f, anatomy, "phantom"), "phantom", 1, phantom_texts, a->phantom));
  if (a->labels) PetscCall(complete_labels(f, yaml_find(f, anatomy, "labels"), a->labels));
  if (a->levels) PetscCall(complete_levels(f, yaml_find(f, anatomy, "levels"), a->levels));
  if (cf->c.paddle) PetscCall(complete_paddle(f, yaml_find(f, root, "paddle"), cf->c.paddle));
  if (!yaml_find(f, root, "confidence.shift_mm")) memcpy(cf->c.confidence.shift_mm, shift_mm, sizeof shift_mm);
  if (cf->c.rank) PetscCall(complete_rank(f, yaml_find(f, root, "rank"), cf->c.rank));
  return 0;
}

PetscErrorCode case_complete_defaults(CaseFile *cf)
{
  PetscCall(yaml_numbers(NULL, NULL, NULL, YAML_COUNT(case_numbers), case_numbers, cf));
  return yaml_texts(NULL, NULL, NULL, YAML_COUNT(case_texts), case_texts, cf);
}
