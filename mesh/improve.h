/* Private to mesh: better tetrahedra.
 *
 * Quality is the smallest sine of a tetrahedron's dihedral angles. Each bad tetrahedron is offered, in turn: the removal
 * of one of its edges or faces, a better place for one of its vertices, the collapse of an edge. A change is taken only
 * if the worst tetrahedron it makes is better than the worst it replaces. Interfaces stay where they are, but for two
 * liberties: a flat tetrahedron whose vertices all lie on interfaces may change its region, and a vertex on one
 * interface may move along it. The lead and the domain's boundary do not move. */
#ifndef CAUDA_MESH_IMPROVE_H
#define CAUDA_MESH_IMPROVE_H

#include "cauda/team.h"
#include "lead_faces.h"

typedef struct {
  int passes;
  int edges_removed, faces_removed, moved, collapsed, retagged, slivers_dropped;
} ImproveReport;

/* One bad tetrahedron, of quality q. */
PetscErrorCode better_one(TetMesh *m, const Sizing *z, const LeadFaces *lead, int t, double q, Rng *rng,
                          ImproveReport *r, bool *done) CAUDA_CHECKED;

/* All of them, by a team: in slabs of the domain first, then alone. What comes out does not depend on the team. */
PetscErrorCode mesh_improve(TetMesh *m, const Sizing *z, const LeadFaces *lead, Team *team,
                            ImproveReport *r) CAUDA_CHECKED;

#endif
