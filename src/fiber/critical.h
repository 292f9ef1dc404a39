/* Critical polarisation of the linear predictor. Private to src/fiber. */
#ifndef CAUDA_FIBER_CRITICAL_H
#define CAUDA_FIBER_CRITICAL_H

#include "cauda/case.h"

enum { CRITICAL_MAX = 32 };

/* For one pulse, at each diameter of the table. */
typedef struct {
  int n;
  double diameter_um[CRITICAL_MAX];          /* ascending */
  double critical_mV[CRITICAL_MAX];          /* polarisation */
  double second_difference_mV[CRITICAL_MAX]; /* activating function */
} Critical;

/* critical_read: cases/fibers/mrg_critical_polarisation.csv at width_us (linear in log width between the table's widths,
 * the nearest one beyond them, with a note). */
PetscErrorCode critical_read(const CasePulse *pulse, double width_us, Critical *out) CAUDA_CHECKED;

/* Linear in the diameter, constant beyond the table. */
void critical_at(const Critical *c, double diameter_um, double *critical_mV, double *second_difference_mV);

#endif
