/* How much the size of a structure varies where it should not: between sessions of one subject, between sites. */
#ifndef CAUDA_CLI_SEG_VARIATION_H
#define CAUDA_CLI_SEG_VARIATION_H

#include "seg_pairs.h"

/* Coefficients of variation: deviation of the sample over its mean, %. NAN where there are not two to compare. */
typedef struct {
  int n_subject;           /* with two sessions at least */
  double sessions_percent; /* of a subject's sessions, mean over these subjects */
  int n_site;
  double sites_percent; /* of the sites' means */
} SegVariation;

/* seg_variation: of a label's volume, or mean cross-section (`area`), in A or in B (`second`). A pair without session
 * is a session of its own; pairs without site belong to none. */
SegVariation seg_variation(const SegPairs *p, const char *label, bool second, bool area);

#endif
