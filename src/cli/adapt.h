/* Refinement until the estimated error of the roots' thresholds is what field.error asks for. */
#ifndef CAUDA_CLI_ADAPT_H
#define CAUDA_CLI_ADAPT_H

#include "root_errors.h"

/* adapt: estimates with the linear responses, refines w->mesh and solves again, writes mesh and field anew, as often as it
 * takes; says so where it cannot be done. Sets w->refined where it did; leaves w->thresholds by the predictor. */
PetscErrorCode adapt(Work *w) CAUDA_CHECKED;

#endif
