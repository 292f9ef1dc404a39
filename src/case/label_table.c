/* Label tables: what the values of an image stand for (cases/labels/). */
#include "cauda/case.h"
#include "yaml_spec.h"

#include <string.h>

static const cyaml_schema_field_t label_keys[] = {KEY_WHOLE("value", NEED, LabelEntry, value),
                                                  KEY_NAME("structure", NEED, LabelEntry, structure), CYAML_FIELD_END};
static const cyaml_schema_value_t label = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, LabelEntry, label_keys)};

static const cyaml_schema_field_t table_keys[] = {
    KEY_PATH("source", NEED, LabelTable, source),
    CYAML_FIELD_SEQUENCE_COUNT("labels", CYAML_FLAG_POINTER, LabelTable, labels, n_labels, &label, 1, 10000),
    CYAML_FIELD_END};
static const cyaml_schema_value_t table_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, LabelTable, table_keys)};

static PetscErrorCode check_label(const YamlFile *f, const yaml_node_t *node, const LabelTable *t, int i)
{
  const LabelEntry *e = &t->labels[i];
  bool ignored = !strcmp(e->structure, "ignore");
  if (!ignored && !structure_valid(e->structure) && segment_number(e->structure) < 0)
    return yaml_fail(f, node,
                     "\"%s\" is no structure; expected one of: " STRUCTURES
                     ", ignore, or a root such as L1_L, or a segment such as L1",
                     e->structure);
  if (e->value == 0 && !ignored)
    return yaml_fail(f, node, "the value 0 is \"%s\"; expected \"ignore\", for 0 is the background", e->structure);
  for (int j = 0; j < i; j++)
    if (t->labels[j].value == e->value) return yaml_fail(f, node, "the value %d is given twice", e->value);
  return 0;
}

static PetscErrorCode check_table(const YamlFile *f, const LabelTable *t)
{
  const yaml_node_t *list = yaml_find(f, yaml_root(f), "labels");
  for (int i = 0; i < t->n_labels; i++) PetscCall(check_label(f, yaml_item(f, list, i), t, i));
  return 0;
}

PetscErrorCode label_table_read(const char *name_or_path, const char *folder, LabelTable **out)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *f;
  *out = NULL;
  PetscCall(data_path("labels", name_or_path, folder, path));
  PetscCall(yaml_file_read(path, &table_schema, &f, out));
  PetscErrorCode ierr = check_table(f, *out);
  yaml_file_close(&f);
  if (ierr) label_table_destroy(out);
  PetscCall(ierr);
  return 0;
}

void label_table_destroy(LabelTable **t)
{
  yaml_data_free(&table_schema, *t);
  *t = NULL;
}
