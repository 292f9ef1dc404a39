/* Rows of thresholds.csv and recruitment.csv. Private to src/select. */
#ifndef CAUDA_SELECT_RECRUITMENT_H
#define CAUDA_SELECT_RECRUITMENT_H

#include "cauda/select.h"

enum { RECRUITMENT_STEPS = 200 }; /* of a curve */

void recruitment_put_level(double mA, double largest_mA, FILE *s); /* ",1.234"; "," above largest_mA */

/* muscle_rows: a row (or a curve) for each set and muscle of g: its name in the column root, "muscle" in class. */
PetscErrorCode muscle_rows(const ThresholdTable *t, const Goal *g, double largest_mA, bool curves,
                           FILE *s) CAUDA_CHECKED;

#endif
