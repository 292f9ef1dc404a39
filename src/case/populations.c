/* Fibre populations: diameters by class (cases/fibers/). */
#include "cauda/case.h"
#include "yaml_spec.h"

#include <math.h>
#include <string.h>

static const cyaml_schema_field_t class_keys[] = {KEY_NAME("name", NEED, FiberClass, name),
                                                  KEY_NAME("roots", NEED, FiberClass, roots),
                                                  KEY_NAME("distribution", NEED, FiberClass, distribution),
                                                  KEY_REAL("mean_um", NEED, FiberClass, mean_um),
                                                  KEY_REAL("sd_um", NEED, FiberClass, sd_um),
                                                  KEY_REAL("smallest_um", NEED, FiberClass, smallest_um),
                                                  KEY_REAL("largest_um", NEED, FiberClass, largest_um),
                                                  KEY_PATH("source", NEED, FiberClass, source),
                                                  KEY_REAL("column_mm", OPT, FiberClass, column_mm),
                                                  CYAML_FIELD_END};
static const cyaml_schema_value_t fiber_class = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, FiberClass, class_keys)};

static const cyaml_schema_field_t populations_keys[] = {CYAML_FIELD_SEQUENCE_COUNT("classes", CYAML_FLAG_POINTER,
                                                                                   FiberPopulations, classes, n_classes,
                                                                                   &fiber_class, 1, 100),
                                                        CYAML_FIELD_END};
static const cyaml_schema_value_t populations_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, FiberPopulations, populations_keys)};

static const YamlNumber class_numbers[] = {
    {"mean_um", offsetof(FiberClass, mean_um), NAN, ABOVE(0, 50)},
    {"sd_um", offsetof(FiberClass, sd_um), NAN, FROM(0, 20)},
    {"smallest_um", offsetof(FiberClass, smallest_um), NAN, ABOVE(0, 50)},
    {"largest_um", offsetof(FiberClass, largest_um), NAN, ABOVE(0, 50)},
    {"column_mm", offsetof(FiberClass, column_mm), HUGE_VAL, ABOVE(0, HUGE_VAL)},
};
static const YamlText class_texts[] = {
    {"roots", offsetof(FiberClass, roots), NULL, {"dorsal", "ventral", "dorsal_column"}, NULL},
    {"distribution", offsetof(FiberClass, distribution), NULL, {"normal", "lognormal"}, NULL},
};

static PetscErrorCode check_class(const YamlFile *f, const yaml_node_t *node, const FiberPopulations *p, int i)
{
  FiberClass *c = &p->classes[i];
  PetscCall(yaml_numbers(f, node, c->name, YAML_COUNT(class_numbers), class_numbers, c));
  PetscCall(yaml_texts(f, node, c->name, YAML_COUNT(class_texts), class_texts, c));
  if (!file_name_valid(c->name))
    return yaml_fail(f, node, "\"%s\" cannot be a class's name; expected letters, digits, '-' and '_'", c->name);
  if (c->smallest_um > c->mean_um || c->mean_um > c->largest_um)
    return yaml_fail(f, node, "the mean of \"%s\" is %g um; expected it between the smallest (%g) and largest (%g)",
                     c->name, c->mean_um, c->smallest_um, c->largest_um);
  if (isfinite(c->column_mm) && strcmp(c->roots, "dorsal"))
    return yaml_fail(f, node, "\"column_mm\" of \"%s\" has no use: only fibres of dorsal roots rise in the column",
                     c->name);
  for (int j = 0; j < i; j++)
    if (!strcmp(c->name, p->classes[j].name)) return yaml_fail(f, node, "there are two classes \"%s\"", c->name);
  return 0;
}

static PetscErrorCode check_populations(const YamlFile *f, const FiberPopulations *p)
{
  const yaml_node_t *list = yaml_find(f, yaml_root(f), "classes");
  for (int i = 0; i < p->n_classes; i++) PetscCall(check_class(f, yaml_item(f, list, i), p, i));
  return 0;
}

PetscErrorCode fiber_populations_read(const char *name_or_path, const char *folder, FiberPopulations **out)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *f;
  *out = NULL;
  PetscCall(data_path("fibers", name_or_path, folder, path));
  PetscCall(yaml_file_read(path, &populations_schema, &f, out));
  PetscErrorCode ierr = check_populations(f, *out);
  yaml_file_close(&f);
  if (ierr) fiber_populations_destroy(out);
  PetscCall(ierr);
  return 0;
}

void fiber_populations_destroy(FiberPopulations **p)
{
  yaml_data_free(&populations_schema, *p);
  *p = NULL;
}
