/* Refinement by bisection of longest edges. */
#ifndef FEM_BISECT_H
#define FEM_BISECT_H

#include "cauda/mesh.h"

/* Whether a tetrahedron is to be divided: its vertices, mm, and the tetrahedron of the first mesh that it is a part
 * of. */
typedef bool (*BisectWish)(const void *context, const double *const x[4], TetId first);

/* mesh_bisect: divides tetrahedra until none is wished to be, and those beside them as far as faces must match. Regions
 * and groups stay with the parts. Each division halves the longest edge of all tetrahedra around it, after those that
 * have a longer one (Rivara's longest-edge paths), so angles stay bounded. Deterministic.
 *   first_of  [out->n_tet] the tetrahedron of m that each is a part of; may be NULL. Caller frees.
 * Errors: PETSC_ERR_MEM; PETSC_ERR_SUP beyond 2^31 tetrahedra. */
PetscErrorCode mesh_bisect(const Mesh *m, BisectWish wish, const void *context, TetId **first_of,
                           Mesh **out) CAUDA_CHECKED;

#endif
