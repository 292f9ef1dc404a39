/* Layered shapes meshed by Cauda's own mesher, with a point source beside them. Private to the verification. */
#ifndef FEM_VERIFY_LAYERED_H
#define FEM_VERIFY_LAYERED_H

#include "verify_impl.h"

#include "cauda/csv.h"
#include "cauda/scene.h"

/* The distance to a shape of radius `radius` at p (local frame). */
typedef double (*ShapeDistance)(const double p[3], double radius);

/* Layers about an axis or a point, by radius: cord, CSF, dura, fat, bone. */
typedef struct {
  const char *name;
  ShapeDistance distance;
  double cord_mm, csf_mm, dura_mm, fat_mm, bone_mm;
  double half_length_mm; /* of the domain along z */
  double body_mm;        /* radius of the domain; more than bone_mm: what is beyond the bone is left out of the mesh */
  int grid_z;            /* points of the grid along z: 2 for prisms */
  double grid_step_mm;
  double source_mm[3];   /* in the fat */
  const char *reference; /* among Cauda's data */
} Layers;

/* Conductivities, S/m, of the layers in a case of the reference table. */
typedef struct {
  const char *name;
  double cord_across, cord_along, csf, dura, fat, bone;
} LayerCase;

/* verify_layered: the cases of the table on one mesh, elements of an order: a row for each with the largest relative
 * error, and two with its topography (RDM) and magnitude (MAG) over the points.
 *   scale  of the case's default edges
 *   limit  of the largest error; 0: it is told */
PetscErrorCode verify_layered(const Layers *l, int n_case, const LayerCase *cases, int order, double scale,
                              double limit, VerifyTable *t) CAUDA_CHECKED;

/* layers_mesh: by Cauda's mesher. */
PetscErrorCode layers_mesh(const Layers *l, const Case *c, EdgeLimit limit, Anatomy **a, Mesh **m) CAUDA_CHECKED;

#endif
