/* What comparing segmentations found, as tables. */
#ifndef CAUDA_CLI_SEG_TABLES_H
#define CAUDA_CLI_SEG_TABLES_H

#include "seg_pairs.h"

/* Columns of a label's measures, in order. */
int seg_column_count(void);
const char *seg_column_name(int column);
double seg_column_value(const SegMeasure *m, int column); /* NAN where it has no meaning */

/* A mean over pairs or labels. */
typedef struct {
  int n;
  double mean, deviation; /* of the sample; NAN below two */
} SegMean;
/* seg_mean: of a column over the pairs, for one label (by name) or, NULL, over all labels but "mask"; of one subject, or
 * NULL for all. Without meaning counts as not there. */
SegMean seg_mean(const SegPairs *p, const char *label, const char *subject, int column);

/* seg_labels: names of all labels in order of appearance, "mask" last; the caller frees the array. The names are
 * borrowed from the pairs. */
PetscErrorCode seg_labels(const SegPairs *p, int *n, const char ***name) CAUDA_CHECKED;

void seg_print(const SegPairs *p, int n_label, const char *const *label); /* a table for people */
void seg_print_json(const SegPairs *p);

/* seg_write_tables: labels.csv, slices.csv, summary.csv and variation.csv (contents: README) into a folder. */
PetscErrorCode seg_write_tables(const SegPairs *p, int n_label, const char *const *label,
                                const char *folder) CAUDA_CHECKED;

/* seg_write_plot: Dice, mean surface distance and volume difference of each label as an SVG. */
PetscErrorCode seg_write_plot(const SegPairs *p, int n_label, const char *const *label, const char *path) CAUDA_CHECKED;

#endif
