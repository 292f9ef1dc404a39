/* Private to mesh: the lead's triangles, recognised in a mesh by their corners. */
#ifndef CAUDA_MESH_LEAD_FACES_H
#define CAUDA_MESH_LEAD_FACES_H

#include "lead_surface.h"
#include "tet_mesh.h"

typedef struct LeadFaces LeadFaces;

/* lead_faces_create: `xyz` [surface->n_node][3] are the lead's nodes in the local frame, to the bit as they were
 * meshed. surface NULL: no lead, no faces. */
PetscErrorCode lead_faces_create(const TetMesh *m, const LeadSurface *surface, const double *xyz,
                                 LeadFaces **out) CAUDA_CHECKED;
void lead_faces_destroy(LeadFaces **f);

/* The contact, or n_contacts for the lead's body, of the face with these points; -1 if it is not one of the lead's. */
int lead_face_part(const LeadFaces *f, const int point[3]);

/* lead_mark: gives the tetrahedra inside the lead the region INSIDE_LEAD: all that can be reached from its middle without crossing
 * one of its faces. Errors: CAUDA_ERR_MESH if that leads outside (a face of the lead is missing). */
PetscErrorCode lead_mark(TetMesh *m, const LeadFaces *f, const Scene *s) CAUDA_CHECKED;
/* lead_carve: removes them. */
PetscErrorCode lead_carve(TetMesh *m) CAUDA_CHECKED;

#endif
