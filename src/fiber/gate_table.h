/* What a gate does in one time step, tabulated over the membrane potential: x <- keep x + add (exact for a potential
 * that stands still over the step). Private to src/fiber. */
#ifndef CAUDA_FIBER_GATE_TABLE_H
#define CAUDA_FIBER_GATE_TABLE_H

#include "axon.h"

enum { GATE_ROW = 4 * GATES, FLUX_ROW = 8, GATE_TABLE_ALIGN = 64 };

/* Straight lines between the rows are off by less than 2e-5 of the gate's range in a step of 5 us. */
typedef struct {
  int n;
  double low_mV, per_mV; /* of the first row, relative to the axon's rest_mV; rows a mV */
  double *gate;          /* [n][GATE_ROW] keep[4], add[4], and how much both rise to the next row; aligned */
  double *flux;          /* SENN: [n][FLUX_ROW] sodium, its slope, potassium, its slope; then their rises. Else NULL */
  void *block;
} GateTable;

PetscErrorCode gate_table_create(const AxonModel *m, double dt_ms, GateTable **out) CAUDA_CHECKED;
void gate_table_destroy(GateTable **t);

#endif
