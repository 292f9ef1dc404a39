/* How far the mesh puts the thresholds of each root off. */
#ifndef CAUDA_CLI_ROOT_ERRORS_H
#define CAUDA_CLI_ROOT_ERRORS_H

#include "work.h"

/* root_errors: for each root the error of its threshold in the set that reaches it first, estimated from the fibres about
 * the median of that set (field_estimate). Fills w->errors, with field.error w->indicator, and the report. Needs
 * w->thresholds by the predictor, and what work_response() needs.
 *   r  the responses for pulses of width_us */
PetscErrorCode root_errors(Work *w, const FiberResponse *r, double width_us) CAUDA_CHECKED;

#endif
