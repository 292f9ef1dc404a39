/* Private to mesh: a better place for a point. */
#ifndef CAUDA_MESH_IMPROVE_MOVE_H
#define CAUDA_MESH_IMPROVE_MOVE_H

#include "tet_mesh.h"

/* Moves point p so that the worst of the tetrahedra around it gets better: along its
 * interface if it was sampled on one and still lies on one, anywhere if not; points of the lead and the boundary stay. Says whether it moved. */
bool move_point(TetMesh *m, const Sizing *z, int p, Rng *rng);

#endif
