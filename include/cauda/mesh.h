/* Mesh: tetrahedra with named regions, and named groups of boundary faces.
 *
 * Frame: the subject's RAS+ mm world. Node, tetrahedron and region ids count from 0. Every tetrahedron is positively
 * oriented (v3_volume6 of its vertices > 0). Nodes and tetrahedra of our own meshes are
 * in the order of mesh_reorder(), so that neighbours lie near one another in memory.
 * The metal contacts and the lead's body are holes: their faces are `tri`, grouped by name. */
#ifndef CAUDA_MESH_H
#define CAUDA_MESH_H

#include "cauda/anatomy.h"
#include "cauda/base.h"
#include "cauda/case.h"

typedef int32_t NodeId;
typedef int32_t TetId;
typedef int32_t TriId;

typedef struct {
  char name[CAUDA_NAME_MAX]; /* "csf", "L1_L_dorsal" */
  Tissue tissue;             /* TISSUE_ROOT for roots */
} MeshRegion;

typedef enum { GROUP_CONTACT, GROUP_LEAD_BODY, GROUP_RETURN } GroupKind;

typedef struct {
  char name[CAUDA_NAME_MAX]; /* "C01", "paddle", "case" (the outer boundary that is the return) */
  GroupKind kind;
} MeshGroup;

typedef struct {
  NodeId n_node;
  double *xyz; /* [n_node][3] mm */
  TetId n_tet;
  NodeId (*tet)[4];
  int16_t *region; /* [n_tet] index into regions */
  TriId n_tri;
  NodeId (*tri)[3]; /* boundary faces, outward from the tetrahedron they belong to */
  int16_t *group;   /* [n_tri] index into groups */
  int n_region;
  MeshRegion *regions;
  int n_group;
  MeshGroup *groups;
} Mesh;

PetscErrorCode mesh_create(NodeId n_node, TetId n_tet, TriId n_tri, int n_region, int n_group,
                           Mesh **out) CAUDA_CHECKED;
void mesh_destroy(Mesh **m);

/* mesh_check: ids in range, positive volumes, finite coordinates, every node used, each tri is a face of exactly one
 * tetrahedron. Errors: PETSC_ERR_PLIB with the first fault in words. For tests and after reading a file. */
PetscErrorCode mesh_check(const Mesh *m) CAUDA_CHECKED;

/* Face f of a tetrahedron lies opposite its vertex f; its vertices tet[MESH_FACE[f][0..2]] turn outward. */
extern const int MESH_FACE[4][3];

int mesh_find_region(const Mesh *m, const char *name); /* -1 if absent */
int mesh_find_group(const Mesh *m, const char *name);
double mesh_tet_volume(const Mesh *m, TetId t); /* mm3 */
double mesh_tri_area(const Mesh *m, TriId t);   /* mm2 */

/* mesh_neighbours: adj[t][f] is the tetrahedron across the face opposite vertex f of t, or -1. Caller frees.
 * Linear time (hashing). */
PetscErrorCode mesh_neighbours(const Mesh *m, TetId (**adj)[4]) CAUDA_CHECKED;

/* mesh_curve_order: the nodes along a curve that fills space: order [n_node], which the caller frees. Linear time. */
PetscErrorCode mesh_curve_order(const Mesh *m, NodeId **order) CAUDA_CHECKED;

/* mesh_reorder: nodes along that curve, tetrahedra by their first node on it, triangles as they come; *m is replaced. Linear
 * time. */
PetscErrorCode mesh_reorder(Mesh **m) CAUDA_CHECKED;

/* ---- files: Gmsh .msh 4.1 (binary written; 2.2 and 4.1, ASCII and binary read), through libgmsh in a child process,
 * so that a fault of the library cannot take this process along. Regions are physical volumes, groups physical
 * surfaces, by name. Written atomically. -------------------------------------------------------------------- */
PetscErrorCode mesh_write_msh(const Mesh *m, const char *path) CAUDA_CHECKED;
PetscErrorCode mesh_read_msh(const char *path, Mesh **out) CAUDA_CHECKED;

/* ---- point location: a tree of boxes; exact in the sense that a point inside the mesh is always found --------- */
typedef struct MeshLocator MeshLocator;
PetscErrorCode mesh_locator_create(const Mesh *m, MeshLocator **out) CAUDA_CHECKED; /* borrows m */
void mesh_locator_destroy(MeshLocator **l);
/* Tetrahedron that holds p (barycentric coordinates in w, sum 1), or -1 if p is outside by more than 1e-9 of the
 * tetrahedron's size. `hint`: a guess, or -1. Safe from several threads. */
TetId mesh_locate(const MeshLocator *l, const double p[3], TetId hint, double w[4]);

/* ---- quality ------------------------------------------------------------------------------------------------ */
typedef struct {
  char name[CAUDA_NAME_MAX];
  TetId tets;
  double volume_mm3;
  double shape_volume_mm3; /* of the implicit shape, by sampling; 0 where not known */
  int pieces;              /* connected through faces */
} RegionQuality;

typedef struct {
  double dihedral_min_deg, dihedral_max_deg;
  double dihedral_below_5_percent; /* of all dihedral angles */
  TetId inverted;
  int n_region;
  RegionQuality *regions;
  int n_contact;
  double *contact_area_mm2; /* [n_contact], in the order of the contact groups */
  char (*contact_name)[CAUDA_NAME_MAX];
  TriId leaks;     /* faces where epidural fat (or anything outside the dura) touches CSF, cord or grey matter */
  NodeId pinholes; /* nodes where they touch, or where CSF, cord or grey matter touch the lead: first-order elements
                    * conduct there */
} MeshQuality;

/* mesh_quality: everything but shape_volume_mm3. */
PetscErrorCode mesh_quality(const Mesh *m, MeshQuality **out) CAUDA_CHECKED;
void mesh_quality_destroy(MeshQuality **q);

#endif
