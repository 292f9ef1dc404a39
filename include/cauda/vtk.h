/* Vtk: VTK XML files through libxml2: appended raw data, zlib-compressed, 64-bit headers, little endian. Written
 * atomically. Names carry their unit ("potential_V"). */
#ifndef CAUDA_VTK_H
#define CAUDA_VTK_H

#include "cauda/mesh.h"

typedef enum { VTK_FLOAT64, VTK_FLOAT32, VTK_INT32, VTK_INT16, VTK_INT64, VTK_UINT8 } VtkType;

typedef struct {
  const char *name;
  VtkType type;
  int n_component;
  const void *v; /* [n][n_component] */
} VtkArray;

/* A table of names that goes along as field data, e.g. region numbers to names. */
typedef struct {
  const char *name;
  int n;
  const char *const *text;
} VtkNames;

/* vtk_write_mesh: the tetrahedra as .vtu, with the cell array "region" (index) and the field data "region_names"
 * beside the arrays given, which are [n_node] and [n_tet]. */
PetscErrorCode vtk_write_mesh(const char *path, const Mesh *m, int n_point_data, const VtkArray *point_data,
                              int n_cell_data, const VtkArray *cell_data) CAUDA_CHECKED;

/* vtk_write_groups: contacts and lead body as triangles in a .vtp: cell array "group" (index), field data
 * "group_names". The return is the outside of the mesh itself and is left out. */
PetscErrorCode vtk_write_groups(const char *path, const Mesh *m) CAUDA_CHECKED;

typedef struct {
  int64_t n_point;
  const double *xyz; /* [n_point][3] mm */
  int64_t n_line;
  const int64_t *line_offset; /* [n_line + 1] into line_point */
  const int64_t *line_point;
  int64_t n_tri;
  const int32_t (*tri)[3];
  int n_point_data;
  const VtkArray *point_data;
  int n_cell_data;
  const VtkArray *cell_data; /* lines first, then triangles */
  int n_names;
  const VtkNames *names;
} VtkPoly;

PetscErrorCode vtk_write_poly(const char *path, const VtkPoly *p) CAUDA_CHECKED; /* .vtp */

/* vtk_write_collection: a .pvd that names files beside it; ParaView opens them together, a block each. */
PetscErrorCode vtk_write_collection(const char *path, int n, const char *const *file) CAUDA_CHECKED;

/* surfaces_write: each shape of the anatomy as a closed triangulated surface (marching tetrahedra on the implicit
 * shapes, in the world frame), normals outward, cut flat at the ends of the domain; cell data "region" with the names
 * in the field data "region_names": the tissues first, in the order of Tissue, then the roots.
 *   step_mm  of the grid; bone and fat get a coarser one, roots a finer one made for their radius */
PetscErrorCode surfaces_write(const Anatomy *a, double step_mm, const char *path) CAUDA_CHECKED;

/* surfaces_export: the same surfaces for programs other than ParaView, into a folder that exists, mm, RAS+:
 *   NAME.stl        binary, one a structure
 *   surfaces.obj    all of them, one object each
 *   precomputed/    Neuroglancer's legacy meshes (its coordinates are nm); ids from 1 on, named in its segment properties
 * Errors: those of surfaces_write(). */
PetscErrorCode surfaces_export(const Anatomy *a, double step_mm, const char *folder) CAUDA_CHECKED;

#endif
