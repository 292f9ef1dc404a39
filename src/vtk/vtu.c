/* Tetrahedra as a VTK unstructured grid. */
#include "vtk_xml.h"

#include <stdlib.h>
#include <string.h>

enum { VTK_TETRA = 10 };

static PetscErrorCode write_cells(VtkFile *f, const Mesh *m)
{
  size_t n = (size_t)m->n_tet;
  int64_t *offset;
  uint8_t *type;
  PetscCall(mem_alloc(n, sizeof *offset, &offset));
  PetscErrorCode code = mem_alloc(n, sizeof *type, &type);
  if (code) free(offset);
  PetscCall(code);
  for (size_t i = 0; i < n; i++) offset[i] = 4 * ((int64_t)i + 1);
  memset(type, VTK_TETRA, n);
  code = vtk_array(f, &(VtkArray){"connectivity", VTK_INT32, 1, m->tet}, 4 * n);
  if (!code) code = vtk_array(f, &(VtkArray){"offsets", VTK_INT64, 1, offset}, n);
  if (!code) code = vtk_array(f, &(VtkArray){"types", VTK_UINT8, 1, type}, n);
  free(offset), free(type);
  PetscCall(code);
  return 0;
}

static PetscErrorCode write_region_names(VtkFile *f, const Mesh *m)
{
  const char **text;
  PetscCall(mem_alloc((size_t)m->n_region, sizeof *text, &text));
  for (int r = 0; r < m->n_region; r++) text[r] = m->regions[r].name;
  PetscErrorCode code = vtk_names(f, 1, &(VtkNames){"region_names", m->n_region, text});
  free(text);
  PetscCall(code);
  return 0;
}

static PetscErrorCode write_grid(VtkFile *f, const Mesh *m, int n_point_data, const VtkArray *point_data,
                                 int n_cell_data, const VtkArray *cell_data)
{
  size_t n_node = (size_t)m->n_node, n_tet = (size_t)m->n_tet;
  PetscCall(write_region_names(f, m));
  PetscCall(vtk_begin(f, "Piece"));
  PetscCall(vtk_attribute(f, "NumberOfPoints", m->n_node));
  PetscCall(vtk_attribute(f, "NumberOfCells", m->n_tet));
  PetscCall(vtk_arrays(f, "PointData", n_point_data, point_data, n_node));
  PetscCall(vtk_begin(f, "CellData"));
  PetscCall(vtk_array(f, &(VtkArray){"region", VTK_INT16, 1, m->region}, n_tet));
  for (int i = 0; i < n_cell_data; i++) PetscCall(vtk_array(f, &cell_data[i], n_tet));
  PetscCall(vtk_end(f));
  PetscCall(vtk_arrays(f, "Points", 1, &(VtkArray){"Points", VTK_FLOAT64, 3, m->xyz}, n_node));
  PetscCall(vtk_begin(f, "Cells"));
  PetscCall(write_cells(f, m));
  PetscCall(vtk_end(f));
  PetscCall(vtk_end(f));
  return 0;
}

PetscErrorCode vtk_write_mesh(const char *path, const Mesh *m, int n_point_data, const VtkArray *point_data,
                              int n_cell_data, const VtkArray *cell_data)
{
  VtkFile *f;
  PetscCall(vtk_open(path, "UnstructuredGrid", &f));
  PetscErrorCode code = write_grid(f, m, n_point_data, point_data, n_cell_data, cell_data);
  if (code)
    vtk_abandon(&f);
  else
    code = vtk_finish(&f);
  PetscCall(code);
  return 0;
}
