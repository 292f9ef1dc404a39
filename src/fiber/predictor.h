/* The linear predictor for one fibre. Private to src/fiber. */
#ifndef CAUDA_FIBER_PREDICTOR_H
#define CAUDA_FIBER_PREDICTOR_H

#include "calibrate.h"
#include "cell.h"

/* A membrane, a pulse and a time step: what all fibres share. */
typedef struct {
  AxonModel model;
  PulseSteps pulse;
  GateTable *table;
  double dt_ms;
} Bench;

/* bench_open: as the case's fibers and pulse say, with phases of width_us. bench_close: safe after an error, too. */
PetscErrorCode bench_open(const Case *c, double width_us, Bench *out) CAUDA_CHECKED;
void bench_close(Bench *b);

PetscErrorCode response_create(int n_fiber, int n_contact, int n_event, FiberResponse **out) CAUDA_CHECKED;

/* Nodes that do not count: at an end where a fibre is cut off, and where a motor fibre begins. */
enum { CUT_NODES = 3, HORN_NODES = 1 };

/* predictor_respond: fills the rows of one fibre in `r`. */
PetscErrorCode predictor_respond(const Bench *bench, const Calibration *calibration, int fiber, Cell *c,
                                 FiberResponse *r) CAUDA_CHECKED;

/* predictor_row: the response of one node after `step` of the pulse to each of the cell's contacts: row[n_contact], in the
 * units of predictor_respond() times `critical_mV`. */
PetscErrorCode predictor_row(const Bench *bench, int step, double reach, int node, Cell *c, double *row) CAUDA_CHECKED;

#endif
