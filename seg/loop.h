/* Private to seg: closed loops in a plane, and signed distances to them. */
#ifndef CAUDA_SEG_LOOP_H
#define CAUDA_SEG_LOOP_H

#include "cauda/base.h"

double loop_area(int n, const double (*xy)[2]); /* positive counter-clockwise */

/* loop_crossing: true where two edges that are not neighbours touch or cross; *i, *j are their first points. */
bool loop_crossing(int n, const double (*xy)[2], int *i, int *j);

/* loop_raster: signed distances (negative inside, by the even-odd rule) of a grid's points to a polygon.
 *   xy      [n][2] mm, closed by itself, n >= 3
 *   count, origin, step   the grid's points along x and y, mm
 *   d       [count[1]][count[0]] mm, out
 * Errors: PETSC_ERR_MEM. Cost: about 0.2 us a point. */
PetscErrorCode loop_raster(int n, const double (*xy)[2], const int count[2], const double origin[2],
                           const double step[2], float *d) CAUDA_CHECKED;

/* distance_cap: closes a prism of section distance d (mm), whose deepest point lies `inradius` inside, by a rounded
 * end that begins at height 0: the distance at height h > 0 beyond it (a half sphere where the section is a disc). */
double distance_cap(double d, double inradius, double h);

#endif
