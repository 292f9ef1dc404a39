/* Place_try: what a place of the lead is worth: meshed and solved there, the best simple set for each target. */
#ifndef CAUDA_CLI_PLACE_TRY_H
#define CAUDA_CLI_PLACE_TRY_H

#include "work.h"

/* The best of the monopoles, bipoles, tripoles, guarded and steering sets within the limits, by the linear predictor. */
typedef struct {
  double score, at_mA;         /* the case's score (selectivity where it names none) */
  char shares[CAUDA_NAME_MAX]; /* set_name() */
} Tried;

/* place_try: the case with another paddle, from the anatomy on; writes no file. Costs a mesh and a solution.
 *   w       the case's own; its anatomy is there
 *   target  [n] roots of the anatomy
 *   out     [n]
 * Errors: PETSC_ERR_USER_INPUT where the lead cannot lie there, or the device can drive none of the sets; those of meshing. */
PetscErrorCode place_try(Work *w, CasePaddle *paddle, int n, const int *target, Tried *out) CAUDA_CHECKED;

#endif
