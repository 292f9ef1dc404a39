/* Pulses as steps of the cable model. Private to src/fiber. */
#ifndef CAUDA_FIBER_PULSE_H
#define CAUDA_FIBER_PULSE_H

#include "cauda/case.h"

/* The mean of the waveform over each step, 1 in the first phase: no charge is lost where a phase ends within a step.
 * What follows the last step is 0. */
typedef struct {
  int n;
  double *w; /* [n] */
} PulseSteps;

/* pulse_steps: `width_us` stands before the pulse's own.
 * Errors: PETSC_ERR_USER_INPUT for a shape that is none, or samples that cannot be read. */
PetscErrorCode pulse_steps(const CasePulse *pulse, double width_us, double dt_us, PulseSteps *out) CAUDA_CHECKED;
void pulse_steps_free(PulseSteps *p);

#endif
