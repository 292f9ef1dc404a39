/* Scene: the anatomy with a lead laid on the dura. What is meshed is the scene. All in the anatomy's local frame. */
#ifndef CAUDA_SCENE_H
#define CAUDA_SCENE_H

#include "cauda/anatomy.h"
#include "cauda/case.h"
#include "cauda/mesh.h"
#include "cauda/stopwatch.h"

typedef struct LeadPose LeadPose; /* the bent lead: mesh/lead_pose.c */

/* Edges wanted besides those of the case: at most edge_mm(context, p) at p (local frame, mm). It must be as smooth as the
 * case's own: growing by `growth` mm a mm at most. NULL: none. */
typedef struct {
  double (*edge_mm)(const void *context, const double p[3]);
  const void *context;
} EdgeLimit;

typedef struct {
  Anatomy *anatomy;       /* borrowed; its roots have been moved off the lead */
  const LeadModel *model; /* borrowed; NULL without a lead */
  LeadPose *pose;
  double capsule_mm;       /* thickness of the scar around the lead, in place of what is outside the dura; 0: none */
  double yield_mm;         /* how far the dura was pushed in, at most; 0 if it was not */
  double yield_volume_mm3; /* CSF displaced */
  EdgeLimit limit;         /* may be set before it is meshed */
  Stopwatch *watch;        /* borrowed; NULL, or started by the caller: mesh_make adds the laps of its stages */
} Scene;

/* scene_create: lays the lead as the case says, and moves the roots of `a` that it would reach out of its way
 * (counted in a->repair). `m` is NULL without a lead.
 * Errors: PETSC_ERR_USER_INPUT if the lead would lie in the cord, outside the body or beyond the image. */
PetscErrorCode scene_create(const Case *c, Anatomy *a, const LeadModel *m, Scene **out) CAUDA_CHECKED;
void scene_destroy(Scene **s);

/* scene_distances: as anatomy_distances, with the dura and what it holds pushed away from the lead, and the distance
 * to the lead's body itself (HUGE_VAL without one) in *lead. */
void scene_distances(const Scene *s, const double p[3], double d[TISSUE_COUNT], double *lead);

/* The region at p, as anatomy_region_at; -1 inside the lead. */
int scene_region_at(const Scene *s, const double p[3]);

/* Where a contact's centre lies (local frame) and the lead's outward normal there (towards the cord for a paddle). */
void scene_contact_at(const Scene *s, int contact, double at[3], double normal[3]);

/* mesh_make: anatomy and lead to tetrahedra (mesh/make.c): sample, fill with TetGen, tag, repair, improve, order.
 * Deterministic. Regions: the tissues that occur, then all roots, then "encapsulation" where
 * the lead has scar around it. Groups: contacts in the lead's order, "paddle",
 * "case". Errors: CAUDA_ERR_MESH with what TetGen or Gmsh said, in words; PETSC_ERR_MEM. */
PetscErrorCode mesh_make(const Case *c, const Scene *s, Mesh **out) CAUDA_CHECKED;

/* mesh_anatomy: the shapes of cord, CSF and roots of a mesh from elsewhere, so that fibres know their way and tissues
 * their axes: the mesh in voxels, then as label maps (anatomy_from_voxels; `input` is the folder of anatomy.roots).
 * *out is NULL where the mesh has no cord or no CSF. mesh/voxelise.c
 * Errors: PETSC_ERR_USER_INPUT. */
PetscErrorCode mesh_anatomy(const Case *c, const char *input, const Mesh *m, Anatomy **out) CAUDA_CHECKED;

/* mesh_estimate: nodes and tetrahedra that mesh_make would make, without meshing: integral of the size function. */
PetscErrorCode mesh_estimate(const Case *c, const Scene *s, double *n_node, double *n_tet) CAUDA_CHECKED;

/* scene_shape_volumes: volume of each region of the scene in mm3 by sampling on a jittered grid;
 * volume[TISSUE_ROOT + n_root + 1], indexed like anatomy regions; the last is the scar around the lead. Relative error well below 0.5 % for every root. */
PetscErrorCode scene_shape_volumes(const Scene *s, double **volume_mm3) CAUDA_CHECKED;

#endif
