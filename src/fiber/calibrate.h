/* The linear predictor's numbers, found by the full model. Private to src/fiber.
 *
 * The polarisation that a fibre has when a phase of the pulse ends, all gates frozen at rest, is linear in the contacts'
 * currents. How much of it a fibre needs to fire depends on its shape along the fibre: where the neighbours are
 * depolarised, too, less will do. So what counts is not the polarisation p of one node but that of its neighbourhood,
 *
 *   p(0) + r (p(-1) + p(1)) + r^4 (p(-2) + p(2)),
 *
 * and a fibre fires when that reaches a critical value. r and the critical value are fitted, for each diameter, phase,
 * pulse and model, to thresholds of the full model in eight fields (near and far, over a node and between two, along and
 * across bipoles, a straight and a bent fibre). */
#ifndef CAUDA_FIBER_CALIBRATE_H
#define CAUDA_FIBER_CALIBRATE_H

#include "batch.h"

enum { CALIBRATE_DIAMETERS = 7, PULSE_EVENTS = 2 };

/* When a fibre may begin to fire: at the end of the stronger phase of each sign. */
typedef struct {
  int step; /* of the pulse, after which the phase is over */
  int sign; /* +1: a phase as the first one is meant; -1: a reversed one */
} PulseEvent;

int pulse_events(const PulseSteps *p, PulseEvent event[PULSE_EVENTS]);

typedef struct {
  int n_event, n;
  PulseEvent event[PULSE_EVENTS];
  double diameter_um[CALIBRATE_DIAMETERS];               /* [n] ascending */
  double reach[PULSE_EVENTS][CALIBRATE_DIAMETERS];       /* r */
  double critical_mV[PULSE_EVENTS][CALIBRATE_DIAMETERS]; /* HUGE_VAL: this phase does not excite */
  double spread[PULSE_EVENTS][CALIBRATE_DIAMETERS];      /* largest relative error among the fields it is fitted to */
  double second_difference_mV[CALIBRATE_DIAMETERS];      /* activating function at threshold of a source at 2 mm */
} Calibration;

/* calibrate: for diameters from `low_um` to `high_um`, on n_thread threads. */
PetscErrorCode calibrate(const AxonModel *m, const PulseSteps *pulse, double dt_ms, double low_um, double high_um,
                         int n_thread, Calibration *out) CAUDA_CHECKED;

/* Linear in the diameter. */
void calibration_at(const Calibration *c, int event, double diameter_um, double *reach, double *critical_mV,
                    double *second_difference_mV);

/* What a node's neighbourhood counts: p[node * stride] and two on each side, fewer at the ends. */
double neighbourhood(const double *p, int node, int n_node, int stride, double reach);

#endif
