/* What is drawn for the fibres of a root. Private to src/fiber. */
#ifndef CAUDA_FIBER_DRAW_H
#define CAUDA_FIBER_DRAW_H

#include "cauda/case.h"

typedef struct {
  double diameter_um;
  double node_phase;     /* 0..1 */
  double radius;         /* 0..1, so that equal shares of a disc's area are equally likely */
  double angle;          /* radians */
  double lateral, depth; /* 0..1 */
} FiberDraw;

/* fiber_draws: n fibres of a class, by Latin hypercube sampling (McKay, Beckman, Conover 1979): each quantity's
 * distribution is cut into n parts of equal probability, one for each fibre, in an order of its own. So 50 fibres show
 * the same population whatever the seed, which 50 independent draws do not. The diameter's mean and deviation are those
 * before its range is cut.
 * Errors: PETSC_ERR_USER_INPUT for a class with no diameters in its range. */
PetscErrorCode fiber_draws(const FiberClass *c, int n, Rng *rng, FiberDraw *out) CAUDA_CHECKED;

#endif
