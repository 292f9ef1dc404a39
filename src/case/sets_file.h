/* A table of parameter sets while it is read. Private to src/case. */
#ifndef CAUDA_CASE_SETS_FILE_H
#define CAUDA_CASE_SETS_FILE_H

#include "cauda/case.h"
#include "cauda/csv.h"

struct SetsFile {
  CsvFile csv;
  int n_contact;
  const char *const *contact;
  int n_column;
  int *meaning; /* [n_column] */
};

PetscErrorCode sets_read_header(SetsFile *c) CAUDA_CHECKED;
/* sets_read_row: into a set that is all 0. What it takes of memory is its own, whether it fails or not. */
PetscErrorCode sets_read_row(const SetsFile *c, const CsvRow *row, StimulationSet *s) CAUDA_CHECKED;

#endif
