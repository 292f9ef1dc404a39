/* A search at work: what its parts in src/cli share. */
#ifndef CAUDA_CLI_SEARCH_TASK_H
#define CAUDA_CLI_SEARCH_TASK_H

#include "work.h"

#include "cauda/search.h"

/* A target, and its sets among all: n_found that were found, then simple ones. */
typedef struct {
  CaseRank rank; /* borrows the case's */
  Goal *goal;
  SearchResult *found;
  double *simple;                  /* [n_simple][n_contact + 1] */
  int n_simple, first, n, n_found; /* sets first .. first + n - 1 */
  Ranking *ranking;
} SearchTarget;

typedef struct {
  Work *w;
  ScoreKind score;
  int *fiber_root;
  Screen *screen;
  Generator *generator;
  double width_us, largest_mA;
  int n_target;
  SearchTarget *target;
  SetTable *sets;
  ThresholdTable *thresholds;
} SearchTask;

/* search_answer: one target's ranking in words, and in the report. */
PetscErrorCode search_answer(SearchTask *t, const SearchTarget *g) CAUDA_CHECKED;
/* search_write: search.csv, search_sets.csv (each target's best, and the one with the fewest contacts), pareto.csv. */
PetscErrorCode search_write(SearchTask *t) CAUDA_CHECKED;

#endif
