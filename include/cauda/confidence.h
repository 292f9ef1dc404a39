/* Confidence: what draws of what is uncertain say about a ranking. */
#ifndef CAUDA_CONFIDENCE_H
#define CAUDA_CONFIDENCE_H

#include "cauda/select.h"

/* latin_hypercube: u[n][n_parameter] in (0, 1): each parameter has one draw in each of n equal parts of its range
 * (McKay, Beckman, Conover 1979). */
PetscErrorCode latin_hypercube(int n, int n_parameter, uint64_t seed, double *u) CAUDA_CHECKED;

typedef struct {
  double score;             /* of the case as it is */
  double low, median, high; /* over the draws */
  double first;             /* share of the draws in which it keeps the limits and no set is better */
  double holds;             /* share of the draws in which the set has the rank that it has in the case as it is */
  char tied_with[256];      /* sets of which neither is better in nine of ten draws */
} ConfidenceRow;

/* confidence_rows: rows [r->n] in the ranking's order, in a block the caller frees.
 *   score [n_draw][r->n] by RankRow.set; -HUGE_VAL: beyond a limit in that draw */
PetscErrorCode confidence_rows(const Ranking *r, int n_draw, const double *score, ConfidenceRow **out) CAUDA_CHECKED;
PetscErrorCode confidence_write_csv(const Ranking *r, const ConfidenceRow *rows, const char *path) CAUDA_CHECKED;
void confidence_sentence(const Ranking *r, const ConfidenceRow *rows, int n_draw, char *text, size_t room);

#endif
