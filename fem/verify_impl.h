/* Private to the verification in fem/: meshes, problems with given boundary values, and rows of the table. */
#ifndef FEM_VERIFY_IMPL_H
#define FEM_VERIFY_IMPL_H

#include "cauda/verify.h"
#include "fem_impl.h"

/* ---- rows --------------------------------------------------------------------------------------------------- */

/* verify_row: adds a row. NaN never holds. */
PetscErrorCode verify_row(VerifyTable *t, const char *test, const char *mesh, const char *quantity, double value,
                          VerifySense sense, double limit) CAUDA_CHECKED;

/* ---- blocks: meshes of cells in rows, bent by any map ---------------------------------------------------------- */

/* t: place in the block, 0..1 along each axis. */
typedef struct {
  int n[3]; /* cells */
  void (*place)(const void *context, const double t[3], double x_mm[3]);
  int (*region)(const void *context, const double t[3]);                     /* of a cell by its middle; NULL: 0 */
  int (*group)(const void *context, const double t[3], int axis, int upper); /* of an outer side by its middle; -1 */
  int n_region, n_group;
  const MeshRegion *regions;
  const MeshGroup *groups;
  const void *context;
} Block;

/* block_mesh: six tetrahedra a cell. */
PetscErrorCode block_mesh(const Block *b, Mesh **out) CAUDA_CHECKED;

/* ---- points and weights on a tetrahedron ------------------------------------------------------------------------ */

enum { TET_POINTS = 64 };
typedef struct {
  double w[TET_POINTS][4]; /* barycentric */
  double weight[TET_POINTS]; /* sum to 1 */
} TetPoints;

/* tet_points: exact for polynomials of degree 5. Gauss points on a cube that is folded onto the tetrahedron
 * (Stroud, Approximate Calculation of Multiple Integrals, 1971: conical product). */
void tet_points(TetPoints *q);

/* ---- problems with given values ---------------------------------------------------------------------------------- */

/* dirichlet_solve: div(sigma grad v) = -load, with v given at the fixed nodes.
 *   sigma  [n_tet][6] S/m
 *   fixed  [s->n_node]
 *   load   [s->n_node] A into each node (its integral with the basis function)
 *   v      [s->n_node] V: in, at the fixed nodes; out, at all
 * PETSC_COMM_WORLD, tolerance 1e-11. */
PetscErrorCode dirichlet_solve(const Space *s, const double *sigma, const bool *fixed, const double *load,
                               double *v) CAUDA_CHECKED;

/* Fixes the nodes on the faces of all groups of this kind: fixed [s->n_node]. */
void fix_group_nodes(const Space *s, GroupKind kind, bool *fixed);

/* Coordinates of every node of a space, m: x [s->n_node][3]. */
PetscErrorCode space_coordinates(const Space *s, double (**x)[3]) CAUDA_CHECKED;

/* One tensor for each region: sigma [n_tet][6] from of_region [n_region][6]. */
PetscErrorCode sigma_by_region(const Mesh *m, const double (*of_region)[6], double **sigma) CAUDA_CHECKED;

/* ---- tests ------------------------------------------------------------------------------------------------------ */

PetscErrorCode verify_manufactured(bool refined, VerifyTable *t) CAUDA_CHECKED;
PetscErrorCode verify_points(bool refined, VerifyTable *t) CAUDA_CHECKED;
PetscErrorCode verify_electrodes(bool refined, VerifyTable *t) CAUDA_CHECKED;
PetscErrorCode verify_cylinder(bool refined, VerifyTable *t) CAUDA_CHECKED;
PetscErrorCode verify_sphere(bool refined, VerifyTable *t) CAUDA_CHECKED;
PetscErrorCode verify_certificate(bool refined, VerifyTable *t) CAUDA_CHECKED;

#endif
