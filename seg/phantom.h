/* Private to seg: the phantom from its dimensions. */
#ifndef CAUDA_SEG_PHANTOM_H
#define CAUDA_SEG_PHANTOM_H

#include "cauda/anatomy.h"
#include "cauda/case.h"

/* phantom_build: fills frame (world = local, origin at the cord's tip), grid, z-range, surround and roots of an
 * anatomy. Mirror-symmetric in x, exactly.
 * Errors: PETSC_ERR_USER_INPUT where the cord does not fit in the sac. */
PetscErrorCode phantom_build(const PhantomModel *m, Anatomy *a) CAUDA_CHECKED;

/* Half axes of the cord's ellipse at height z above its tip, mm: through the segments' dimensions at their middles by
 * a monotone cubic, down to the filum's below the tip. */
void phantom_cord_axes(const PhantomModel *m, double z, double *a, double *b);

/* Distance of (x, y) to an ellipse about the origin with half axes a along x and b along y, mm, negative inside. */
double ellipse_distance(double a, double b, double x, double y);

/* Distance to the grey matter's section (a butterfly of ventral horns, dorsal horns and commissure) in a cord of half
 * axes a and b whose grey matter is `fraction` as wide, mm, negative inside; +y is ventral. */
double butterfly_distance(double a, double b, double fraction, double x, double y);

#endif
