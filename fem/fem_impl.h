/* Inside fem/: elements, unknowns, assembly, solution. SI units, but for Mesh.xyz, which stays in mm and is read
 * through element_vertices() alone. */
#ifndef FEM_IMPL_H
#define FEM_IMPL_H

#include "cauda/fem.h"

#include <petscmat.h>

enum { FEM_GROUNDED = -1 }; /* in place of an unknown: the node is on the return, at 0 V */
enum { ELEMENT_NODES_MAX = 4 };

/* ---- elements ------------------------------------------------------------------------------------------- */

/* One row of the table of elements: what the order decides. */
typedef struct {
  int order;
  int n_node;
  /* Element matrix of -div(sigma grad u): x [4][3] m, sigma [6] S/m, K [n_node][n_node] S */
  PetscErrorCode (*stiffness)(const double x[4][3], const double sigma[6], double *K) CAUDA_CHECKED;
} Element;

/* element_find: the element of an order. Errors: PETSC_ERR_USER_INPUT if there is none. */
PetscErrorCode element_find(int order, const Element **out) CAUDA_CHECKED;

/* element_vertices: of tetrahedron t in m. The one place where mm become m. */
void element_vertices(const Mesh *m, TetId t, double x[4][3]);

/* p1_gradients: of the four barycentric coordinates, 1/m; returns the volume in m3 (signed; gradients are only set
 * where it is not zero). */
double p1_gradients(const double x[4][3], double gradient[4][3]);

/* p1_stiffness: element matrix of -div(sigma grad u) on one tetrahedron.
 *   x      [4][3] m    vertices, positive orientation
 *   sigma  [6] S/m     xx yy zz xy yz xz, positive definite
 *   K      [4][4] S    out; symmetric, rows sum to zero
 * Errors: PETSC_ERR_ARG_OUTOFRANGE if the volume is not positive.
 * Source: K_ij = volume grad(l_i) . sigma grad(l_j), exact for constant sigma; e.g. Ern and Guermond, Theory and
 * Practice of Finite Elements (2004), section 8.1. */
PetscErrorCode p1_stiffness(const double x[4][3], const double sigma[6], double *K) CAUDA_CHECKED;

/* ---- unknowns ------------------------------------------------------------------------------------------- */

/* Which unknown a node belongs to. All nodes of a contact are one unknown: so a contact is an equipotential, floats
 * where no current is given, and a unit current is an entry of 1 A in the right-hand side. Nodes on the return are
 * none. The lead's body needs nothing: no flux is the natural condition. Unknowns are in the order of their first
 * nodes. */
typedef struct {
  NodeId n_node;
  int32_t n_unknown;
  int32_t *unknown; /* [n_node], or FEM_GROUNDED */
  int n_contact;
  char (*contact)[CAUDA_NAME_MAX]; /* [n_contact], in the order of the mesh's groups */
  int32_t *contact_unknown;        /* [n_contact] */
  NodeId *contact_node;            /* [n_contact] the first node of each */
} DofMap;

/* dofs_create: Errors: PETSC_ERR_USER_INPUT for a mesh without contact or return, a contact without faces, a node
 * that two contacts (both named) or a contact and the return share, nodes that nothing joins to the return. */
PetscErrorCode dofs_create(const Mesh *m, DofMap **out) CAUDA_CHECKED;
void dofs_destroy(DofMap **d);

/* ---- assembly ------------------------------------------------------------------------------------------- */

/* stiffness_assemble: K of the whole mesh over the unknowns, grounded ones left out: symmetric positive definite,
 * PETSc AIJ over PETSC_COMM_WORLD, rows in contiguous pieces. Each rank holds the whole mesh and makes its own rows;
 * entries are summed in the order of the tetrahedra, so they do not depend on the number of ranks.
 * Errors: PETSC_ERR_ARG_OUTOFRANGE for a sigma that is not positive definite, or a volume that is not positive. */
PetscErrorCode stiffness_assemble(const Mesh *m, const double *sigma, const Element *e, const DofMap *d,
                                  Mat *out) CAUDA_CHECKED;

/* ---- solution ------------------------------------------------------------------------------------------- */

typedef struct {
  int iterations;  /* most over the right-hand sides */
  double residual; /* largest true |b - A x| / |b| */
} SolveStats;

/* solve_contacts: A x = e_source for each source at once: the one door for all right-hand sides of a mesh, so that
 * a block method may take this one's place.
 *   source  [n] unknown that 1 A enters by
 *   what    [n] its name, for messages
 *   x       [n][local rows of A] ohm, out
 * Errors: PETSC_ERR_NOT_CONVERGED, CAUDA_ERR_INTERRUPTED. */
PetscErrorCode solve_contacts(Mat A, const FieldOptions *o, int n, const int32_t *source, const char *const *what,
                              double *x, SolveStats *stats) CAUDA_CHECKED;

/* ---- checks --------------------------------------------------------------------------------------------- */

/* checks_probe: the unknown for the extra solve of the reciprocity check: of the node nearest to the middle of the
 * contacts among those on no group's face; -1 where there is none. */
PetscErrorCode checks_probe(const Mesh *m, const DofMap *d, int32_t *probe) CAUDA_CHECKED;

/* checks_certify: fills balance, symmetry, energy and reciprocity of a field whose potentials and impedance are set.
 *   probe     unknown from checks_probe
 *   at_probe  [n_contact] potential of each contact at 1 A into the probe, from its own solve */
PetscErrorCode checks_certify(const Mesh *m, const double *sigma, const Element *e, const DofMap *d, int32_t probe,
                              const double *at_probe, LeadField *f) CAUDA_CHECKED;

PetscErrorCode lead_field_create(int n_contact, NodeId n_node, LeadField **out) CAUDA_CHECKED;

#endif
