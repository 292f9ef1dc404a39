/* The anatomy's closed surfaces in memory, for those who write them. Inside src/vtk/. */
#ifndef CAUDA_VTK_SURFACES_H
#define CAUDA_VTK_SURFACES_H

#include "march.h"

#include "cauda/vtk.h"

/* surfaces_make: see surfaces_write(); *s is zeroed before, and freed by the caller (surface_free), on errors, too. */
PetscErrorCode surfaces_make(const Anatomy *a, double step_mm, Surface *s) CAUDA_CHECKED;
void surface_free(Surface *s);

/* surfaces_names: of the regions, borrowed from the anatomy; the caller frees the array. */
PetscErrorCode surfaces_names(const Anatomy *a, int *n, const char ***name) CAUDA_CHECKED;

#endif
