/* Private to mesh: points set into tetrahedra that are there, Delaunay as far as the boundary lets them be.
 *
 * Bowyer's and Watson's way: the tetrahedra whose spheres hold the point give way to those between it and the faces around
 * them. Boundary faces stay. Threads work in slabs of the domain: one sets only points whose whole neighbourhood has all its
 * corners within its slab, and leaves the others for a second round of slabs between the first, then for one thread alone.
 * There are as many slabs for any number of threads, so the result does not depend on it. */
#ifndef CAUDA_MESH_INSERT_H
#define CAUDA_MESH_INSERT_H

#include "cauda/team.h"
#include "tet_mesh.h"

/* insert_points: sets the points of the store with these numbers; those outside the tetrahedra, or too near to others, are left
 * out. New tetrahedra have region 0. *left: how many were left out.
 * Errors: PETSC_ERR_MEM. CAUDA_ERR_INTERRUPTED. */
PetscErrorCode insert_points(TetMesh *m, const PointStore *store, const int64_t *sample, int n, Team *team,
                             int *left) CAUDA_CHECKED;

#endif
