/* Private to mesh: the lead's surface as triangles, exact solid geometry by Gmsh's OpenCASCADE kernel. */
#ifndef CAUDA_MESH_LEAD_SURFACE_H
#define CAUDA_MESH_LEAD_SURFACE_H

#include "cauda/case.h"
#include "child.h"

typedef struct {
  int n_node;
  double *flat; /* [n_node][3] mm, lead coordinates */
  int n_tri;
  int (*tri)[3];
  int *part; /* [n_tri] contact's index, or n_contacts for the insulating body */
} LeadSurface;

/* lead_surface_start, lead_surface_finish: closed surface of the flat lead with each contact's outline in its edges; edges of
 * contact_edge_mm at the contacts, growing by `growth` mm a mm away from them. The areas of ring contacts are those of
 * the round ring. Errors: CAUDA_ERR_MESH with what Gmsh said. */
PetscErrorCode lead_surface_start(const LeadModel *m, double contact_edge_mm, double growth, Child **out) CAUDA_CHECKED;
PetscErrorCode lead_surface_finish(Child **c, const LeadModel *m, LeadSurface **out) CAUDA_CHECKED;
void lead_surface_destroy(LeadSurface **s);

/* The contact whose face lies at a point of the lead's surface, or n_contacts for the body. */
int lead_part_at(const LeadModel *m, const double flat[3]);

#endif
