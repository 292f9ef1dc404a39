/* What a score is at one amplitude. Private to src/select. */
#ifndef CAUDA_SELECT_SCORE_INDEX_H
#define CAUDA_SELECT_SCORE_INDEX_H

#include "cauda/select.h"

typedef struct {
  double target, spill, sum; /* T, O, and the weighted sum that O is the mean of */
} Activation;

/* m [n_pool]: activations of the pools. */
Activation score_activation(const Goal *g, const double *m);

/* score_index: NULL for the window, which is not of one amplitude. */
typedef double (*ScoreIndex)(const Goal *g, const double *m);
ScoreIndex score_index(ScoreKind kind);

#endif
