/* Inside fem/: elements, unknowns, assembly, solution. SI units, but for Mesh.xyz, which stays in mm and is read
 * through element_vertices() and face_vertices() alone. */
#ifndef FEM_IMPL_H
#define FEM_IMPL_H

#include "cauda/fem.h"
#include "csr.h"

enum { FEM_GROUNDED = -1 }; /* in place of an unknown: the node is at 0 V */
enum { ELEMENT_NODES_MAX = 10, FACE_NODES_MAX = 6 };

/* ---- elements ------------------------------------------------------------------------------------------- */

/* One row of the table of elements: what the order decides. Nodes: the vertices, then for order 2 the middles of the
 * edges in the order of ELEMENT_EDGE (of a face: FACE_EDGE). w: barycentric coordinates. */
typedef struct {
  int order;
  int n_node, n_face_node;
  /* Element matrix of -div(sigma grad u): x [4][3] m, sigma [6] S/m, K [n_node][n_node] S */
  PetscErrorCode (*stiffness)(const double x[4][3], const double sigma[6], double *K) CAUDA_CHECKED;
  void (*basis)(const double w[4], double *N);                                       /* N [n_node] */
  void (*gradients)(const double w[4], const double g[4][3], double (*gradient)[3]); /* g from p1_gradients; 1/m */
  /* On a face: integrals of products N_i N_j, and of N_i; area m2 */
  void (*face_mass)(double area, double *M); /* M [n_face_node][n_face_node] */
  void (*face_load)(double area, double *b); /* b [n_face_node] */
} Element;

extern const int ELEMENT_EDGE[6][2]; /* of a tetrahedron */
extern const int FACE_EDGE[3][2];    /* of a triangle */

/* element_find: the element of an order. Errors: PETSC_ERR_USER_INPUT if there is none. */
PetscErrorCode element_find(int order, const Element **out) CAUDA_CHECKED;

/* Vertices of tetrahedron t, and of boundary face t, in m. The two places where mm become m. */
void element_vertices(const Mesh *m, TetId t, double x[4][3]);
void face_vertices(const Mesh *m, TriId t, double x[3][3]);

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

/* A symmetric matrix of 4 x 4, each number once, so that row i finds its own without asking which half it is in: the
 * diagonal, what i has with i + 1 (the last with the first), and with i + 2. */
typedef struct {
  double own[4], next[4], across[2];
} Symmetric4;

void symmetric4_pack(const double full[16], Symmetric4 *out);
/* p1_stiffness_tets: p1_stiffness() of n tetrahedra of a mesh, K [n]. Errors: those of tet_check(). */
PetscErrorCode p1_stiffness_tets(const Mesh *m, const double *sigma, int32_t n, const TetId *tet,
                                 Symmetric4 *K) CAUDA_CHECKED;

/* Of a conductivity: is it positive definite? tet_check: Errors: PETSC_ERR_ARG_OUTOFRANGE, naming tetrahedron t, for a sigma
 * [n_tet][6] that is not, or a volume that is not positive. */
bool tensor_is_positive(const double sigma[6]);
PetscErrorCode tet_check(const Mesh *m, const double *sigma, TetId t) CAUDA_CHECKED;

/* In fem/element_p1.c and fem/element_p2.c. */
extern const Element ELEMENT_P1, ELEMENT_P2;

/* out = sigma v */
void tensor_times(const double sigma[6], const double v[3], double out[3]);

/* ---- space: a mesh and an element ------------------------------------------------------------------------ */

typedef struct {
  const Mesh *mesh; /* borrowed */
  const Element *element;
  MeshEdges *edges; /* NULL for order 1 */
  NodeId n_node;    /* of the mesh, and of edges */
} Space;

/* Errors: PETSC_ERR_USER_INPUT for an unknown order. */
PetscErrorCode space_create(const Mesh *m, int order, Space **out) CAUDA_CHECKED;
void space_destroy(Space **s);
void space_nodes(const Space *s, TetId t, NodeId node[ELEMENT_NODES_MAX]);
void space_face_nodes(const Space *s, TriId t, NodeId node[FACE_NODES_MAX]);

/* ---- unknowns ------------------------------------------------------------------------------------------- */

enum { OWNER_NONE = -1, OWNER_RETURN = -2 }; /* else the contact's index */

/* Which unknown a node belongs to. An equipotential contact is one unknown for all its nodes: it floats where no
 * current is given, and a unit current is an entry of 1 A in the right-hand side. A contact with a surface impedance
 * has an unknown for its metal, beside those of its nodes. Nodes on a grounded return have none; with an insulated
 * one, a single node of it has none (the potential is fixed there, and made right afterwards). The lead's body needs
 * nothing: no flux is the natural condition. Unknowns are in the order of their first nodes on a curve that fills space
 * (mesh_curve_order(); an edge's middle right after the vertex that the edge begins at), metals last. */
typedef struct {
  NodeId n_node; /* of the space */
  int32_t n_unknown;
  int32_t *unknown; /* [n_node], or FEM_GROUNDED */
  int16_t *owner;   /* [n_node] the contact or return whose face the node is on, or OWNER_NONE */
  int n_contact;
  char (*contact)[CAUDA_NAME_MAX]; /* [n_contact], in the order of the mesh's groups */
  int32_t *contact_unknown;        /* [n_contact], -1 for contacts of uniform current */
  int *owner_of_group;             /* [mesh->n_group] */
  double middle_mm[3];             /* of the contacts */
  /* Of a mesh divided among ranks (share.h) one part: the first unknowns are this rank's own, the others' follow. */
  int32_t n_own;    /* else all */
  const bool *mine; /* [mesh->n_node] vertices whose unknowns are own ones; borrowed; NULL: all are, on one process */
} DofMap;

static inline bool dofs_mine(const DofMap *d, NodeId vertex) { return !d->mine || d->mine[vertex]; }
/* sum_over_ranks: added up over PETSC_COMM_WORLD, the same bits on each rank. */
void sum_over_ranks(int n, double *v);

/* dofs_create: Errors: PETSC_ERR_USER_INPUT for a mesh without contact or return, a contact without faces, a node
 * that two contacts (both named) or a contact and the return share, nodes that nothing joins to the return. */
PetscErrorCode dofs_create(const Space *s, const FieldOptions *o, DofMap **out) CAUDA_CHECKED;
void dofs_destroy(DofMap **d);
/* dofs_groups: names of the contacts, and of each group its contact, OWNER_RETURN or OWNER_NONE. */
PetscErrorCode dofs_groups(const Mesh *m, DofMap *d) CAUDA_CHECKED;
/* dofs_joined_check: in threads. Errors: PETSC_ERR_USER_INPUT for nodes that nothing joins to the return. */
PetscErrorCode dofs_joined_check(const Mesh *m, const DofMap *d) CAUDA_CHECKED;

/* ---- facets: boundary faces that carry current by themselves ------------------------------------------------ */

/* Current density out of the tissue: conductance (V - U), with U of the contact's metal, or 0. */
typedef struct {
  TriId tri;
  int contact;        /* -1: U is 0 */
  double conductance; /* S/m2 */
} Facet;

typedef struct {
  TriId n;
  Facet *facet;
} Facets;

/* facets_create: the faces of contacts with a surface impedance, and of an infinite return. */
PetscErrorCode facets_create(const Space *s, const DofMap *d, const FieldOptions *o, const double *sigma,
                             Facets **out) CAUDA_CHECKED;
void facets_destroy(Facets **f);

/* Middle of the contacts' nodes, mm. */
void contacts_middle(const Mesh *m, double middle[3]);

/* ---- system: what the matrix is made of, cell by cell ------------------------------------------------------ */

/* Cells are the tetrahedra, then the facets. */
typedef struct {
  const Space *space;
  const DofMap *dofs;
  const double *sigma;  /* [n_tet][6] S/m */
  const Facets *facets; /* NULL: none */
} System;

int64_t system_cells(const System *s);
/* Unknowns of a cell (FEM_GROUNDED for none); returns how many entries there are. */
int system_unknowns(const System *s, int64_t cell, int32_t unknown[ELEMENT_NODES_MAX]);
/* Matrix of a cell, [n][n], in the order of its unknowns. */
PetscErrorCode system_matrix(const System *s, int64_t cell, double *K) CAUDA_CHECKED;

/* ---- assembly ------------------------------------------------------------------------------------------- */

/* stiffness_assemble: the matrix of the system, S, grounded nodes left out: symmetric positive definite; rows of own
 * unknowns, columns of all, ascending within a row. Entries are summed in the order of the cells, so they depend neither
 * on threads nor on ranks. Caller frees it by csr_free().
 * Errors: PETSC_ERR_ARG_OUTOFRANGE for a sigma that is not positive definite, or a volume that is not positive. */
PetscErrorCode stiffness_assemble(const System *s, Csr *out) CAUDA_CHECKED;

/* prolongation_assemble: from the unknowns of first order to those of second order on the same mesh with the same
 * options: a potential that is linear in each tetrahedron, in the nodes of second order. Rows and columns as above. */
PetscErrorCode prolongation_assemble(const Space *fine_space, const DofMap *fine, const DofMap *coarse,
                                     Csr *out) CAUDA_CHECKED;

/* ---- functionals: where current enters, and what a contact's potential is ------------------------------------ */

/* Sparse rows over the unknowns: for contacts, then the return. A row is the right-hand side for 1 A into the contact;
 * its product with a solution is the contact's potential. The return's row has entries only where it is insulated (the
 * mean over it). On several ranks each has the entries of its own unknowns: products are to be added up. */
typedef struct {
  int n;      /* rows */
  int *start; /* [n + 1] */
  int32_t *unknown;
  double *value;
} Functionals;

PetscErrorCode functionals_create(const Space *s, const DofMap *d, const FieldOptions *o,
                                  Functionals **out) CAUDA_CHECKED;
void functionals_destroy(Functionals **f);
/* Row i times x [n_own]. */
double functional_at(const Functionals *f, int i, const double *x);

/* ---- solution ------------------------------------------------------------------------------------------- */

/* The matrix, and for order 2 the level below it: by own rows, where the mesh is divided among ranks. */
typedef struct {
  Csr A;
  Csr up, below; /* prolongation from first order, and its matrix; no rows for order 1 */
} Operator;

/* below: for second order the same system in first order; else NULL. operator_free(): safe if zeroed. */
PetscErrorCode operator_create(const System *s, const System *below, Operator *out) CAUDA_CHECKED;
void operator_free(Operator *op);

/* Parts: everything that a field's matrix is made of. */
typedef struct {
  Space *space;
  DofMap *dofs;
  Facets *facets;
  System system; /* of them */
} Parts;

PetscErrorCode parts_create(const Mesh *m, const double *sigma, int order, const FieldOptions *o,
                            Parts *out) CAUDA_CHECKED;
void parts_free(Parts *p);
/* parts_operator: of a whole mesh: makes the system in first order itself. */
PetscErrorCode parts_operator(const Parts *p, const FieldOptions *o, Operator *out) CAUDA_CHECKED;

/* A right-hand side: 1 A in by row `in` of the functionals (or unknown `unknown` where `in` is -1), out by the
 * return's row. */
typedef struct {
  int in;
  int32_t unknown;  /* where `in` is -1: an own one; -1 where it is another rank's */
  const char *what; /* its name, for messages */
  double tolerance; /* 0: the field's; a larger one will do for this one */
} Source;

typedef struct {
  int iterations;  /* most over the right-hand sides */
  double residual; /* largest true |b - A x| / |b| among those with the field's tolerance */
} SolveStats;

/* solve_sources: A x = b for each source on one process: by the block solver, or by PETSc.
 *   x  [n][rows of A] ohm, out
 * Errors: PETSC_ERR_NOT_CONVERGED, CAUDA_ERR_INTERRUPTED. */
PetscErrorCode solve_sources(const Operator *op, const FieldOptions *o, const Functionals *f, int n,
                             const Source *source, double *x, SolveStats *stats) CAUDA_CHECKED;

/* What a source is solved to: its own tolerance, if that is larger than the field's. */
double source_tolerance(const FieldOptions *o, const Source *s);

/* solve_vector: A x = b for one right-hand side, by PETSc: b A, x V, [rows of A]. Errors: as solve_sources(). */
PetscErrorCode solve_vector(const Operator *op, const FieldOptions *o, const char *what, const double *b, double *x,
                            SolveStats *stats) CAUDA_CHECKED;

/* Errors: PETSC_ERR_USER_INPUT for an unknown name. */
PetscErrorCode preconditioner_check(const char *name) CAUDA_CHECKED;

/* ---- checks --------------------------------------------------------------------------------------------- */

/* Of the relative residual of the probe's solve: what is left is corrected for, see probe.c. */
#define PROBE_TOLERANCE 1e-4

/* checks_probe: the unknown for the extra solve of the reciprocity check: of the mesh's node nearest to the middle of
 * the contacts among those on no group's face, which checks_probe_node() finds; -1 where there is none. */
PetscErrorCode checks_probe_node(const Mesh *m, NodeId *probe) CAUDA_CHECKED;
PetscErrorCode checks_probe(const Mesh *m, const DofMap *d, int32_t *probe) CAUDA_CHECKED;

/* checks_certify: fills balance, symmetry, energy and reciprocity of a field whose potentials and impedance are set.
 *   probe     unknown from checks_probe; -1 where it is another rank's
 *   at_probe  [n_contact] potential of each contact at 1 A into the probe, from its own solve */
PetscErrorCode checks_certify(const System *s, int32_t probe, const double *at_probe, LeadField *f) CAUDA_CHECKED;

/* probe_rest: what the probe's solution x leaves of its residual, as each of the n contacts' fields V weights it, ohm: to be
 * added to what x gives at the contact. Where A's rows are divided among ranks, each has the part of its own.
 *   x [columns of A], V [n][columns of A] ohm, rest [n] out */
void probe_rest(const Csr *A, const Functionals *f, int32_t probe, const double *x, int n, const double *V,
                double *rest);

PetscErrorCode lead_field_create(int n_contact, NodeId n_node, LeadField **out) CAUDA_CHECKED;

#endif
