/* Private to mesh: which tetrahedra, of all? */
#ifndef CAUDA_MESH_TET_WHERE_H
#define CAUDA_MESH_TET_WHERE_H

#include "cauda/team.h"
#include "tet_mesh.h"

typedef bool (*TetTest)(const void *context, const TetMesh *m, int t);

/* tet_where: the tetrahedra for which test() holds, ascending; in threads. The caller frees *list. */
PetscErrorCode tet_where(const TetMesh *m, Team *team, TetTest test, const void *context, int *n,
                         int **list) CAUDA_CHECKED;

#endif
