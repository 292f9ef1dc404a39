/* Private to seg: ventral roots where only the dorsal ones are annotated. */
#ifndef CAUDA_SEG_ROOTS_BESIDE_H
#define CAUDA_SEG_ROOTS_BESIDE_H

#include "cauda/anatomy.h"

/* Radius of a ventral root over that of the dorsal one. Half by the largest diameters of S1 (1.43 over 2.95 mm, six
 * cadavers), a little under 1 by Schalow 1985; between the two. */
static const double VENTRAL_RATIO = 0.7;

/* roots_make_beside: a ventral root beside each dorsal one that has no ventral partner. It leaves the cord at the same
 * height, on the ventrolateral side, keeps that distance ventrally of the dorsal root's course, joins it on the last
 * 20 mm before the dura and runs on beside it, ventrally. `made` marks it. The anatomy has its grid and its dorsal
 * roots, and is not finished. */
PetscErrorCode roots_make_beside(Anatomy *a) CAUDA_CHECKED;

#endif
