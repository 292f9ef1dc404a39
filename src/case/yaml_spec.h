/* Yaml spec: tables of defaults, ranges and choices for the values of a mapping. A value that was not given gets the
 * default (libcyaml leaves it 0 or NULL); one that was is checked, and the message names its line. */
#ifndef CAUDA_SRC_CASE_YAML_SPEC_H
#define CAUDA_SRC_CASE_YAML_SPEC_H

#include "yaml_file.h"

#include <math.h>

typedef struct {
  const char *key;    /* path below the mapping: "surround.bone_mm" */
  size_t offset;      /* of a double, or of an int where `whole`, in the structure of the mapping */
  double fallback;    /* where the key is not given; NAN: the schema asks for it, or 0 stays */
  double least, most; /* HUGE_VAL: no limit */
  bool above;         /* `least` itself is out */
  bool whole;
} YamlNumber;

typedef struct {
  const char *key;
  size_t offset;          /* of a char * */
  const char *fallback;   /* NULL: the schema asks for it, or NULL stays */
  const char *choices[8]; /* NULL-terminated; none: any text */
  const char *note;       /* said behind the choices, or NULL */
} YamlText;

/* The mapping may be NULL (the section was not given): all get their defaults. `section` names the mapping in messages
 * (NULL: the whole file).
 * Errors: PETSC_ERR_USER_INPUT with the line. */
PetscErrorCode yaml_numbers(const YamlFile *f, const yaml_node_t *mapping, const char *section, int n,
                            const YamlNumber *spec, void *structure) CAUDA_CHECKED;
PetscErrorCode yaml_texts(const YamlFile *f, const yaml_node_t *mapping, const char *section, int n,
                          const YamlText *spec, void *structure) CAUDA_CHECKED;

/* Ranges, as the last four members of a YamlNumber. */
#define ABOVE(bound, top) bound, top, true, false
#define FROM(bound, top) bound, top, false, false
#define WHOLE_FROM(bound, top) bound, top, false, true

/* Keys of a schema: a file's name, a short name, a number; OPT or NEED. */
enum { OPT = CYAML_FLAG_OPTIONAL, NEED = CYAML_FLAG_DEFAULT };
#define KEY_PATH(key, need, S, member) CYAML_FIELD_STRING_PTR(key, need, S, member, 1, CAUDA_PATH_MAX - 1)
#define KEY_NAME(key, need, S, member) CYAML_FIELD_STRING_PTR(key, need, S, member, 1, CAUDA_NAME_MAX - 1)
#define KEY_REAL(key, need, S, member) CYAML_FIELD_FLOAT(key, need, S, member)
#define KEY_WHOLE(key, need, S, member) CYAML_FIELD_INT(key, need, S, member)

#define YAML_COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

/* ---- names ---------------------------------------------------------------------------------------------------- */

/* segment_number: C1 0, ... C8 7, T1 8, ... T12 19, L1 20, ... L5 24, S1 25, ... S5 29; -1 for any other text. */
int segment_number(const char *name);

/* root_name_valid: SEGMENT_SIDE or SEGMENT_SIDE_KIND, as in "L1_L" or "L1_L_dorsal". */
bool root_name_valid(const char *name);

/* structure_valid: what a mask or a label can show: a tissue or a root. */
#define STRUCTURES "cord, white, grey, csf, dura, fat, bone, body, roots"
bool structure_valid(const char *name);

/* file_name_valid: letters, digits, '.', '_', '-' ('+' and blanks inside, too), not starting with '.', shorter than
 * CAUDA_NAME_MAX: safe as a part of a file's name. */
bool file_name_valid(const char *name);

/* ---- Cauda's own data files ----------------------------------------------------------------------------------- */

/* data_resolve: a bare name NAME is KIND/NAME.yaml among Cauda's own data ("paddles", "tissues", ...); one with '/' or
 * ending in .yaml, .yml or .json is a path, relative to `folder`. Returns whether there is such a file; `out` holds
 * its path, or, where it is absent, what was looked for in words. */
bool data_resolve(const char *kind, const char *name, const char *folder, char out[CAUDA_PATH_MAX]);

/* The same for a reader. Errors: PETSC_ERR_FILE_OPEN. */
PetscErrorCode data_path(const char *kind, const char *name, const char *folder,
                         char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;
/* The same for a table that is a CSV; a path has a '/' in it or ends in .csv. Errors: PETSC_ERR_FILE_OPEN. */
PetscErrorCode data_path_csv(const char *kind, const char *name, const char *folder,
                             char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;

#endif
