/* Case file: what schema.c, tissues.c, check.c and case.c share. */
#ifndef CAUDA_SRC_CASE_CASE_FILE_H
#define CAUDA_SRC_CASE_CASE_FILE_H

#include "cauda/case.h"
#include "yaml_spec.h"

/* Conductivities as they stand in a file: a table of cases/tissues/, or the case's own "tissues". */
enum { TISSUE_ENTRIES = 9, TISSUE_ENTRIES_NEEDED = 8 /* a case without a capsule needs no encapsulation */ };
extern const char *const tissue_entry_name[TISSUE_ENTRIES]; /* "body" ... "root", "encapsulation" */

typedef struct {
  char *table;                        /* the case only */
  char *source;                       /* a table only */
  TissueEntry *entry[TISSUE_ENTRIES]; /* NULL where not given; without a name */
  int n_roots;
  TissueEntry *roots; /* single roots, by name */
} TissueFile;

/* What libcyaml fills: the case, and beside it what the public structure holds in another form. */
typedef struct {
  Case c; /* first: a Case * of case_read() is a CaseFile * */
  TissueFile tissues;
} CaseFile;

extern const cyaml_schema_value_t case_schema, tissue_table_schema;

/* case_complete: defaults, ranges and choices (schema.c). */
PetscErrorCode case_complete(const YamlFile *f, CaseFile *cf) CAUDA_CHECKED;

/* case_complete_defaults: as if no key had been given. */
PetscErrorCode case_complete_defaults(CaseFile *cf) CAUDA_CHECKED;

/* case_check: what makes sense together (check.c). */
PetscErrorCode case_check(const YamlFile *f, const Case *c) CAUDA_CHECKED;

/* limits_complete: what the case does not say of its limits, from its device's file, if it names one (devices.c). */
PetscErrorCode limits_complete(const YamlFile *f, CaseFile *cf) CAUDA_CHECKED;

/* tissues_merge: the table with the case's entries before it, into c->tissues (tissues.c). */
PetscErrorCode tissues_merge(const YamlFile *f, CaseFile *cf) CAUDA_CHECKED;
void tissues_free(Case *c);

#endif
