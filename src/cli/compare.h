/* What the parts of `cauda compare` share. */
#ifndef CAUDA_CLI_COMPARE_H
#define CAUDA_CLI_COMPARE_H

#include "cauda/csv.h"
#include "cauda/fem.h"
#include "cauda/mesh.h"

#include <json-c/json.h>

/* What is printed: a name, a number, and where it is found. */
typedef struct {
  bool json;
  json_object *rows;
} CompareTable;

/* One of the two results. */
typedef struct {
  char folder[CAUDA_PATH_MAX];
  Mesh *mesh;
  LeadField *field;
} CompareSide;

void compare_told(CompareTable *t, const char *what, double value, const char *where);

/* compare_fields: largest differences of impedances and potentials; the latter at nodes of A with fibres about them, where
 * the meshes lie in the same place. same: the contacts of b in the order of a's. */
PetscErrorCode compare_fields(const CompareSide *a, const CompareSide *b, const int *same,
                              CompareTable *t) CAUDA_CHECKED;

/* compare_tables: thresholds and rankings of two folders; what one of them lacks is said. */
PetscErrorCode compare_tables(const char *a, const char *b, CompareTable *t) CAUDA_CHECKED;

/* compare_places: where each contact lies by the cord of its subject, side by side: the segment whose roots enter nearest
 * in height, how far rostral of them, and the angle about the cord (0 dorsal, to the subject's right). Says nothing of a
 * mesh without cord or roots. */
PetscErrorCode compare_places(const Mesh *a, const Mesh *b, CompareTable *t) CAUDA_CHECKED;

/* compare_order: scores of the sets that both rankings have, side by side, and their rank correlations (Spearman's rho,
 * Kendall's tau-b); compare_thresholds: the same correlations for the median thresholds of all roots in all sets. */
PetscErrorCode compare_order(const CsvTable *a, const CsvTable *b, CompareTable *t) CAUDA_CHECKED;
PetscErrorCode compare_thresholds(const CsvTable *a, const CsvTable *b, CompareTable *t) CAUDA_CHECKED;

#endif
