/* The convex problem of a search. Private to src/select. */
#ifndef CAUDA_SELECT_RELAX_H
#define CAUDA_SELECT_RELAX_H

#include "climb.h"

/* relax: from currents [n_contact] mA to those that make least of
 *
 *   mean over target fibres of h(1.05 - r I)  +  mu * mean over others of h(u - 0.95)
 *
 * with the goal's weights, h(x) = max(0, x) smoothed, r the row of the node at which a target fibre responds most at the
 * start, u the largest response of a fibre: convex in I. Within the limits of each contact, and the compliance voltage
 * (of all contacts, whether they carry current or not: on the safe side). Returns whether it has improved. */
PetscErrorCode relax(Climber *c, double mu, double *current_mA, bool *improved) CAUDA_CHECKED;

#endif
