/* The phantom's dimensions (cases/phantoms/). */
#include "cauda/case.h"
#include "yaml_spec.h"

#include <string.h>

static const cyaml_schema_field_t segment_keys[] = {
    KEY_NAME("name", NEED, PhantomSegment, name),
    KEY_REAL("length_mm", NEED, PhantomSegment, length_mm),
    KEY_REAL("transverse_mm", NEED, PhantomSegment, transverse_mm),
    KEY_REAL("anteroposterior_mm", NEED, PhantomSegment, anteroposterior_mm),
    KEY_REAL("exit_below_tip_mm", OPT, PhantomSegment, exit_below_tip_mm),
    KEY_REAL("exit_angle_deg", OPT, PhantomSegment, exit_angle_deg),
    KEY_REAL("dorsal_radius_mm", OPT, PhantomSegment, dorsal_radius_mm),
    KEY_REAL("ventral_radius_mm", OPT, PhantomSegment, ventral_radius_mm),
    KEY_PATH("source", OPT, PhantomSegment, source),
    CYAML_FIELD_END};
static const cyaml_schema_value_t segment = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, PhantomSegment, segment_keys)};

static const cyaml_schema_field_t phantom_keys[] = {
    KEY_PATH("source", NEED, PhantomModel, source),
    KEY_REAL("filum_diameter_mm", NEED, PhantomModel, filum_diameter_mm),
    KEY_REAL("grey_fraction", NEED, PhantomModel, grey_fraction),
    KEY_REAL("sac_transverse_mm", NEED, PhantomModel, sac_transverse_mm),
    KEY_REAL("sac_anteroposterior_mm", NEED, PhantomModel, sac_anteroposterior_mm),
    KEY_REAL("dorsal_csf_mm", NEED, PhantomModel, dorsal_csf_mm),
    KEY_REAL("dura_thickness_mm", NEED, PhantomModel, dura_thickness_mm),
    KEY_REAL("dorsal_fat_mm", NEED, PhantomModel, dorsal_fat_mm),
    KEY_REAL("ventral_fat_mm", NEED, PhantomModel, ventral_fat_mm),
    KEY_REAL("lateral_fat_mm", NEED, PhantomModel, lateral_fat_mm),
    KEY_REAL("bone_mm", NEED, PhantomModel, bone_mm),
    KEY_REAL("body_radius_mm", NEED, PhantomModel, body_radius_mm),
    KEY_REAL("below_tip_mm", NEED, PhantomModel, below_tip_mm),
    CYAML_FIELD_SEQUENCE_COUNT("segments", CYAML_FLAG_POINTER, PhantomModel, segments, n_segments, &segment, 2, 30),
    CYAML_FIELD_END};
static const cyaml_schema_value_t phantom_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, PhantomModel, phantom_keys)};

static const YamlNumber phantom_numbers[] = {
    {"filum_diameter_mm", offsetof(PhantomModel, filum_diameter_mm), NAN, ABOVE(0, 10)},
    {"grey_fraction", offsetof(PhantomModel, grey_fraction), NAN, FROM(0.1, 0.9)},
    {"sac_transverse_mm", offsetof(PhantomModel, sac_transverse_mm), NAN, ABOVE(0, 100)},
    {"sac_anteroposterior_mm", offsetof(PhantomModel, sac_anteroposterior_mm), NAN, ABOVE(0, 100)},
    {"dorsal_csf_mm", offsetof(PhantomModel, dorsal_csf_mm), NAN, ABOVE(0, 50)},
    {"dura_thickness_mm", offsetof(PhantomModel, dura_thickness_mm), NAN, ABOVE(0, 5)},
    {"dorsal_fat_mm", offsetof(PhantomModel, dorsal_fat_mm), NAN, ABOVE(0, 50)},
    {"ventral_fat_mm", offsetof(PhantomModel, ventral_fat_mm), NAN, ABOVE(0, 50)},
    {"lateral_fat_mm", offsetof(PhantomModel, lateral_fat_mm), NAN, ABOVE(0, 50)},
    {"bone_mm", offsetof(PhantomModel, bone_mm), NAN, ABOVE(0, 100)},
    {"body_radius_mm", offsetof(PhantomModel, body_radius_mm), NAN, ABOVE(0, 500)},
    {"below_tip_mm", offsetof(PhantomModel, below_tip_mm), NAN, ABOVE(0, 500)},
};
static const YamlNumber segment_numbers[] = {
    {"length_mm", offsetof(PhantomSegment, length_mm), NAN, ABOVE(0, 200)},
    {"transverse_mm", offsetof(PhantomSegment, transverse_mm), NAN, ABOVE(0, 50)},
    {"anteroposterior_mm", offsetof(PhantomSegment, anteroposterior_mm), NAN, ABOVE(0, 50)},
    {"exit_below_tip_mm", offsetof(PhantomSegment, exit_below_tip_mm), 0, FROM(-500, 500)},
    {"exit_angle_deg", offsetof(PhantomSegment, exit_angle_deg), 0, FROM(1, 89)},
    {"dorsal_radius_mm", offsetof(PhantomSegment, dorsal_radius_mm), 0, FROM(0, 5)},
    {"ventral_radius_mm", offsetof(PhantomSegment, ventral_radius_mm), 0, FROM(0, 5)},
};

static bool has_root(const PhantomSegment *s) { return s->dorsal_radius_mm > 0.0 || s->ventral_radius_mm > 0.0; }

static PetscErrorCode check_fit(const YamlFile *f, const yaml_node_t *node, const PhantomModel *m,
                                const PhantomSegment *s)
{
  if (s->transverse_mm >= m->sac_transverse_mm)
    return yaml_fail(f, node, "the cord of %s is %g mm wide; expected less than the sac's %g mm", s->name,
                     s->transverse_mm, m->sac_transverse_mm);
  if (s->anteroposterior_mm + m->dorsal_csf_mm >= m->sac_anteroposterior_mm)
    return yaml_fail(f, node, "the cord of %s (%g mm deep) and the dorsal CSF (%g mm) do not fit the sac's %g mm",
                     s->name, s->anteroposterior_mm, m->dorsal_csf_mm, m->sac_anteroposterior_mm);
  return 0;
}

/* Above: the segment before it, or NULL. `last_exit`: of the roots before it. */
static PetscErrorCode check_segment(const YamlFile *f, const yaml_node_t *node, const PhantomModel *m, int i,
                                    double *last_exit)
{
  PhantomSegment *s = &m->segments[i];
  int number = segment_number(s->name), above = i ? segment_number(s[-1].name) : number - 1;
  PetscCall(yaml_numbers(f, node, s->name, YAML_COUNT(segment_numbers), segment_numbers, s));
  if (number < 0) return yaml_fail(f, node, "\"%s\" is no segment; expected C1 to S5", s->name);
  if (number != above + 1)
    return yaml_fail(f, node, "%s follows %s; expected the segments in order, rostral to caudal", s->name, s[-1].name);
  PetscCall(check_fit(f, node, m, s));
  if (!has_root(s)) return 0;
  if (!yaml_find(f, node, "exit_below_tip_mm") || !yaml_find(f, node, "exit_angle_deg"))
    return yaml_fail(f, node, "%s has roots; \"exit_below_tip_mm\" and \"exit_angle_deg\" are needed", s->name);
  if (s->exit_below_tip_mm <= *last_exit)
    return yaml_fail(f, node, "the root of %s leaves above that of the segment before it", s->name);
  *last_exit = s->exit_below_tip_mm;
  return 0;
}

static PetscErrorCode check_phantom(const YamlFile *f, PhantomModel *m)
{
  const yaml_node_t *root = yaml_root(f), *list = yaml_find(f, root, "segments");
  double last_exit = -HUGE_VAL;
  PetscCall(yaml_numbers(f, root, NULL, YAML_COUNT(phantom_numbers), phantom_numbers, m));
  for (int i = 0; i < m->n_segments; i++) PetscCall(check_segment(f, yaml_item(f, list, i), m, i, &last_exit));
  return 0;
}

PetscErrorCode phantom_model_read(const char *name_or_path, const char *folder, PhantomModel **out)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *f;
  *out = NULL;
  PetscCall(data_path("phantoms", name_or_path, folder, path));
  PetscCall(yaml_file_read(path, &phantom_schema, &f, out));
  PetscErrorCode ierr = check_phantom(f, *out);
  yaml_file_close(&f);
  if (ierr) phantom_model_destroy(out);
  PetscCall(ierr);
  return 0;
}

void phantom_model_destroy(PhantomModel **m)
{
  yaml_data_free(&phantom_schema, *m);
  *m = NULL;
}
