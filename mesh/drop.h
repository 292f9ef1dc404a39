/* Private to mesh: points that are taken out of the mesh again. */
#ifndef CAUDA_MESH_DROP_H
#define CAUDA_MESH_DROP_H

#include "tet_mesh.h"

/* drop_points: takes out of the mesh, one by one, the points that the store has dropped since they were set: each is pulled
 * onto the neighbour that leaves the best tetrahedra, of whatever regions. Where that would invert one, about every tenth
 * time, the point stays: others can be set beside it, and bettering moves or removes it. */
PetscErrorCode drop_points(TetMesh *m, const PointStore *store) CAUDA_CHECKED;

#endif
