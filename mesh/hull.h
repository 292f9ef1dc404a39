/* Private to mesh: the side of the domain. */
#ifndef CAUDA_MESH_HULL_H
#define CAUDA_MESH_HULL_H

#include "tet_mesh.h"

/* hull_peel: removes the tetrahedra at the boundary whose vertices all lie on the body's side. The convex hull of points
 * on a cylinder is made of long thin triangles along its axis, with flat tetrahedra beneath; without those the side is
 * the well-shaped triangles under them. */
PetscErrorCode hull_peel(TetMesh *m) CAUDA_CHECKED;

#endif
