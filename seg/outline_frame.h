/* Private to seg: the local frame of a subject that is given by outlines and root lines. */
#ifndef CAUDA_SEG_OUTLINE_FRAME_H
#define CAUDA_SEG_OUTLINE_FRAME_H

#include "cauda/vec3.h"
#include "outline_set.h"
#include "roots_read.h"

/* outline_frame: local to RAS+, made from the data alone, so that it moves and turns with the subject:
 *   origin  mean of the loops' centroids
 *   z       the loops' common normal, rostral: the roots descend from their entries; without roots: superior
 *   x       from the left roots to the right ones; without roots: right
 * Errors: PETSC_ERR_USER_INPUT where the roots' names contradict the coordinates: left and right swapped (LPS called
 * RAS or the reverse), one level swapped against the others, or dorsal roots in front of the cord. */
PetscErrorCode outline_frame(const OutlineSet *cord, const OutlineSet *dura, int n_line, const RootLine *lines,
                             Rigid *world) CAUDA_CHECKED;

#endif
