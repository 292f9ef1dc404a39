/* Thresholds of fibres by the full cable model, eight at a time. Private to src/fiber. */
#ifndef CAUDA_FIBER_SEARCH_H
#define CAUDA_FIBER_SEARCH_H

#include "batch.h"

/* A fibre, what the potential outside drives at 1 mA, and what is found. */
typedef struct {
  const Axon *axon;
  int n_node;
  const double *node, *inside; /* of axon_drive() */
  double guess_mA;             /* where the search begins, above 0 */
  double threshold_mA;         /* out: HUGE_VAL: does not fire up to largest_mA */
  int site;                    /* out: the node that fires first, at threshold; -1: none */
} SearchFiber;

typedef struct {
  const PulseSteps *pulse;
  double tolerance; /* the interval that holds the threshold is at last this share of it; its middle is taken */
  double largest_mA;
} SearchOptions;

/* A fibre fires when the action potential (an upward crossing of -30 mV) reaches a node near one of its ends, the fifth
 * from there (the third where there are fewer than 25 nodes). */
int search_detect_node(int n_node);

/* Where fibres come from and go to, one at a time. What take() gives need only last until the next call. */
typedef struct {
  void (*take)(void *context, int i, SearchFiber *fiber);
  void (*put)(void *context, int i, const SearchFiber *fiber);
  void *context;
} SearchQueue;

/* search_thresholds: bracket and bisection for n fibres in the lanes of `b`: one that is done makes room for the next.
 * Each fibre's result depends on itself only. Returns false where a signal came before all were done. */
bool search_thresholds(const SearchOptions *o, const AxonModel *m, Batch *b, int n, const SearchQueue *queue);

#endif
