/* One VTK XML file being written: elements through libxml2, arrays appended at the end. Inside src/vtk/ only.
 *   VtkFile *f;
 *   vtk_open(path, "PolyData", &f), vtk_begin(f, "Points"), vtk_array(f, &a, n), vtk_end(f), ... vtk_finish(&f)
 * After an error: vtk_abandon(&f), and no file appears. */
#ifndef CAUDA_VTK_XML_H
#define CAUDA_VTK_XML_H

#include "cauda/vtk.h"

typedef struct VtkFile VtkFile;

PetscErrorCode vtk_open(const char *path, const char *kind, VtkFile **out) CAUDA_CHECKED;
PetscErrorCode vtk_finish(VtkFile **f) CAUDA_CHECKED;
void vtk_abandon(VtkFile **f);

PetscErrorCode vtk_begin(VtkFile *f, const char *element) CAUDA_CHECKED;
PetscErrorCode vtk_attribute(VtkFile *f, const char *name, int64_t value) CAUDA_CHECKED;
PetscErrorCode vtk_end(VtkFile *f) CAUDA_CHECKED;

/* vtk_array: n tuples, as a DataArray within the element begun last. */
PetscErrorCode vtk_array(VtkFile *f, const VtkArray *a, size_t n) CAUDA_CHECKED;
/* vtk_arrays: an element (PointData, CellData) and all its arrays. */
PetscErrorCode vtk_arrays(VtkFile *f, const char *element, int n_array, const VtkArray *a, size_t n) CAUDA_CHECKED;
/* vtk_names: the FieldData element and its tables of names. */
PetscErrorCode vtk_names(VtkFile *f, int n_names, const VtkNames *names) CAUDA_CHECKED;

#endif
