/* Private to mesh: from tetrahedra that can be changed to a Mesh. */
#ifndef CAUDA_MESH_FINISH_H
#define CAUDA_MESH_FINISH_H

#include "cauda/team.h"
#include "lead_faces.h"

/* mesh_finish: nodes and tetrahedra in the order of mesh_reorder(), boundary faces in their groups
 * (contacts in the lead's order, "paddle", "case"), regions by name, world frame. */
PetscErrorCode mesh_finish(const TetMesh *t, const Scene *s, const LeadFaces *lead, Team *team,
                           Mesh **out) CAUDA_CHECKED;

#endif
