/* Fem: potentials of the contacts on a mesh. Quasi-static: div(sigma grad V) = 0.
 * Inside fem/ everything is SI (m, S/m, V, A); the conversion from mm is made once, where the mesh comes in. */
#ifndef CAUDA_FEM_H
#define CAUDA_FEM_H

#include "cauda/case.h"
#include "cauda/mesh.h"

/* conductivity_assign: a symmetric tensor for each tetrahedron, S/m: [n_tet][6] xx yy zz xy yz xz, world frame.
 * Tissues with longitudinal and transverse values follow the fibre axis of the anatomy at the centroid.
 * Errors: PETSC_ERR_USER_INPUT if a region has no tissue entry, or one that is not positive. Caller frees. */
PetscErrorCode conductivity_assign(const Case *c, const Anatomy *a, const Mesh *m, double **sigma) CAUDA_CHECKED;

typedef struct {
  int order;                  /* 1 */
  double tolerance;           /* relative residual, preconditioned problem checked by the true residual */
  const char *preconditioner; /* "ml", "hypre", "gamg" */
} FieldOptions;

/* The potential of each contact at unit current: 1 A into the tissue at the contact, 1 A out at the return (outer
 * boundary, 0 V); all other contacts float (one potential each, no net current); the lead's body insulates. */
typedef struct {
  int n_contact;
  char (*contact)[CAUDA_NAME_MAX];
  NodeId n_node;
  double *potential; /* [n_contact][n_node] ohm (V per A) */
  double *impedance; /* [n_contact][n_contact] ohm: potential of contact i at unit current of contact j */
  int order;         /* of the elements */
  double tolerance;  /* that was asked for */
  long unknowns;
  int iterations;     /* most over the contacts */
  double residual;    /* largest relative true residual */
  double balance;     /* largest |current - expected| at the return (-1 A), the contact (1 A) and the floating contacts
                      * (0), by the elements' fluxes (reaction forces) */
  double symmetry;    /* largest |Zij - Zji| / |Zij + Zji| * 2 */
  double reciprocity; /* largest relative difference of V_i(at j) by two independent ways, see fem/checks.c */
  double energy;      /* largest relative difference of the dissipated power and V I */
} LeadField;

/* field_solve: collective over PETSC_COMM_WORLD; each rank holds the whole mesh and assembles its own rows; the
 * result is whole on every rank.
 * Errors: PETSC_ERR_NOT_CONVERGED with the contact's name and the residual reached; PETSC_ERR_USER_INPUT for a mesh
 * without contact or return, contacts that touch, a part that nothing joins to the return, an unknown preconditioner
 * or order; CAUDA_ERR_INTERRUPTED. PETSc options of the solver begin with -field_ml_, -field_gamg_, -field_hypre_. */
PetscErrorCode field_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;
void lead_field_destroy(LeadField **f);

/* leadfield.h5 (HDF5): /potential [n_contact][n_node] float64 ohm, /impedance, /contact (names), /sigma [n_tet][6],
 * attributes: the checks, tolerance, order, sha256 of the mesh file. Written atomically, by rank 0 (no other need
 * call it). sigma may be NULL. Takes memory for the whole file while it writes. */
PetscErrorCode lead_field_write(const LeadField *f, const double *sigma, TetId n_tet, const char *mesh_sha256,
                                const char *path) CAUDA_CHECKED;
/* Errors: PETSC_ERR_FILE_UNEXPECTED if it does not belong to the mesh with this hash (NULL: not checked). */
PetscErrorCode lead_field_read(const char *path, const char *mesh_sha256, LeadField **out) CAUDA_CHECKED;
PetscErrorCode impedance_write_csv(const LeadField *f, const char *path) CAUDA_CHECKED;

/* field_superpose: potential in V at each node for currents in mA (contact order; what is missing flows to the
 * return): v[n_node]. */
void field_superpose(const LeadField *f, const double *current_mA, double *v);

/* field_at: potential (V) and field (V/m, -grad V of the P1 element) at points, world mm. `tissue` gets the region's
 * name, "outside" where the point is in no tetrahedron (then potential and field are NaN in memory and empty in
 * files). */
PetscErrorCode field_at(const Mesh *m, const MeshLocator *l, const double *v, int n_point, const double *xyz_mm,
                        double *potential_V, double *E_V_per_m, int *region) CAUDA_CHECKED;

#endif
