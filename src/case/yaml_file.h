/* Yaml file: strict reading of one YAML (or JSON) document into a structure, by a libcyaml schema.
 *
 * libcyaml fills and frees the structure, but it is generous: it reads "1.5abc" as 1.5, "maybe" as true, 010 as 8, and
 * knows no defaults. So the file is first parsed into libyaml's tree, which keeps the line of every node, and the tree
 * is checked against the very same schema (yaml_strict.c); the tree stays open, so that later checks of ranges and of
 * sense (yaml_spec.h and the readers) can name the line, too.
 *
 *   yaml_file_read(path, &schema, &file, &data);   all keys known, all values of the right kind
 *   yaml_numbers(...), yaml_texts(...)                     defaults and ranges
 *   if (...) return yaml_fail(file, node, "...");          anything else
 *   yaml_file_close(&file);  ...  yaml_data_free(&schema, data);
 *
 * Every message is "FILE:LINE: what was found; what was expected". */
#ifndef CAUDA_SRC_CASE_YAML_FILE_H
#define CAUDA_SRC_CASE_YAML_FILE_H

#include "cauda/base.h"

#include <cyaml/cyaml.h>
#include <yaml.h>

typedef struct {
  char path[CAUDA_PATH_MAX];
  yaml_document_t doc; /* aliases are refused, so the nodes are a tree */
  bool open;
} YamlFile;

/* yaml_file_read: `*data` gets the structure (free it with yaml_data_free), `*out` the open file.
 * Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT for bad YAML, an unknown, missing or repeated key, a value of the
 * wrong kind, a number that is not finite or too large, more than one document. Nothing is left to free on error. */
PetscErrorCode yaml_file_read(const char *path, const cyaml_schema_value_t *schema, YamlFile **out,
                              void *data) CAUDA_CHECKED;
void yaml_file_close(YamlFile **f);
void yaml_data_free(const cyaml_schema_value_t *schema, void *data);

/* Nodes. A path goes down from a mapping: "surround.bone_mm". NULL where there is no such node. */
yaml_node_t *yaml_root(const YamlFile *f);
yaml_node_t *yaml_find(const YamlFile *f, const yaml_node_t *mapping, const char *path);
yaml_node_t *yaml_item(const YamlFile *f, const yaml_node_t *sequence, int i);
yaml_node_t *yaml_node(const YamlFile *f, int id); /* libyaml's number of a node, from 1 */
int yaml_line(const yaml_node_t *n);               /* from 1 */
const char *yaml_text(const yaml_node_t *scalar);

/* yaml_fail: always PETSC_ERR_USER_INPUT, "FILE:LINE: " before the words (printf's own format: all of it works). */
PetscErrorCode yaml_fail(const YamlFile *f, const yaml_node_t *at, const char *fmt, ...)
    CAUDA_PRINTF(3, 4) CAUDA_CHECKED;

/* The strict check of a document against a schema (yaml_strict.c). */
PetscErrorCode yaml_check_strictly(const YamlFile *f, const cyaml_schema_value_t *schema) CAUDA_CHECKED;

/* number_parse: a finite decimal number and nothing else ("1e-3", "-2", ".5"; not "0x1p3", "inf", "1 mm"). */
bool number_parse(const char *text, double *value);

#endif
