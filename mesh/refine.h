/* Private to mesh: more points where the dura is not whole, or a spike stands on a surface. */
#ifndef CAUDA_MESH_REFINE_H
#define CAUDA_MESH_REFINE_H

#include "tag.h"

/* refine_leaks: where a face joins what is outside the dura to what is inside it, sets a point on each face of the dura
 * beside it and drops the points in the volumes that reach across; where an edge joins points of two regions, or a point
 * inside the dura and the lead, sets a point where it passes the surface between them. *changed counts what was set and
 * dropped: the points are to be filled again if it is not 0. */
PetscErrorCode refine_leaks(const TetMesh *m, const Sizing *z, Team *team, PointStore *store,
                            int *changed) CAUDA_CHECKED;

#endif
