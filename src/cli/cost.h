/* Cost: what a run would take, from the table cases/cost/model.csv. */
#ifndef CAUDA_CLI_COST_H
#define CAUDA_CLI_COST_H

#include "cauda/base.h"

typedef struct {
  double n_node, n_tet, n_unknown; /* unknown: nodes of the field's elements */
  int n_contact, n_fiber, n_set;
} CostSize;

/* Seconds by the clock. */
typedef struct {
  double seg_s, mesh_s, solve_s, fibers_s, memory_MB;
} Cost;

/* cost_estimate: with n_thread threads on as many processors that do nothing else. */
PetscErrorCode cost_estimate(const CostSize *size, int n_thread, Cost *out) CAUDA_CHECKED;

#endif
