/* Private to seg: roots of a mask that holds them all, told apart and named. */
#ifndef CAUDA_SEG_ROOT_TRACE_H
#define CAUDA_SEG_ROOT_TRACE_H

#include "labels.h"

/* root_trace: follows each root of the mask (voxels of root `all`) from the top slice down, all of them at once, and
 * names it by the segment, the side and the half (dorsal, ventral) of the cord where it leaves that. A root that comes
 * into view away from the cord keeps no name: its voxels are left out, as are pieces of less than 5 mm. Both counts are
 * noted. Shapes and v->segment are set.
 * Errors: PETSC_ERR_USER_INPUT where roots have too few voxels to be told from their neighbours, where no root begins at
 * the cord within a segment, or none within one between two others, and for what cannot be roots (1000 pieces side by
 * side). */
PetscErrorCode root_trace(LabelVolume *v, int all, Anatomy *a) CAUDA_CHECKED;

#endif
