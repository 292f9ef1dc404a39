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

/* ---- edges of a mesh: what second-order elements have nodes in the middle of --------------------------------- */
typedef int32_t EdgeId;

typedef struct {
  NodeId n_node;
  EdgeId n_edge;
  EdgeId *start; /* [n_node + 1] edges start[a] to start[a + 1] - 1 join node a to a later one */
  NodeId *end;   /* [n_edge] which one, ascending for each a */
} MeshEdges;

PetscErrorCode mesh_edges_create(const Mesh *m, MeshEdges **out) CAUDA_CHECKED;
void mesh_edges_destroy(MeshEdges **e);
/* The edge between two nodes, in any order; -1 if there is none. */
EdgeId mesh_edge_find(const MeshEdges *e, NodeId a, NodeId b);

/* ---- the lead field ------------------------------------------------------------------------------------------- */

/* What a contact's surface is. With an impedance the metal's potential U and the tissue's differ: sigma dV/dn =
 * (U - V) / z (the complete electrode model: Somersalo, Cheney, Isaacson 1992); z = 0 is the equipotential, z to
 * infinity the uniform current, where a contact's potential is the tissue's mean over it. */
typedef enum { CONTACT_EQUIPOTENTIAL, CONTACT_IMPEDANCE, CONTACT_UNIFORM } ContactModel;

/* What the return (group "case") is. Grounded: 0 V. Infinite: as if the tissue there went on for ever, sigma dV/dn =
 * -sigma V (n . r) / r2 with r from the middle of the contacts, which is exact for a point source in a homogeneous
 * medium. Insulated: the current that sets return through `case` leaves evenly over it, and none leaves where a set's
 * contacts balance among themselves; potentials are against the mean over it. */
typedef enum { RETURN_GROUNDED, RETURN_INFINITE, RETURN_INSULATED } ReturnModel;

/* How the equations are solved: all contacts at once by Cauda's own multigrid, or one after the other by PETSc. */
typedef enum { SOLVER_BLOCK, SOLVER_PETSC } FieldSolver;

typedef struct {
  int order;        /* of the elements: 1 or 2 */
  double tolerance; /* relative residual, preconditioned problem checked by the true residual */
  FieldSolver solver;
  const char *
      preconditioner; /* of PETSc's solver: "ml", "hypre", "gamg"; for order 2 that of the first-order level below it */
  ContactModel contact;
  double surface_impedance_ohm_m2; /* for CONTACT_IMPEDANCE: above 0 */
  ReturnModel ret;
} FieldOptions;

/* field_options: as the case says. Borrows its texts. */
FieldOptions field_options(const CaseField *c);

/* The potential of each contact at unit current: 1 A into the tissue at the contact, 1 A out at the return; all other
 * contacts float (no net current); the lead's body insulates. */
typedef struct {
  int n_contact;
  char (*contact)[CAUDA_NAME_MAX];
  NodeId n_node;     /* of the elements: the mesh's nodes, then for order 2 one in the middle of each edge */
  double *potential; /* [n_contact][n_node] ohm (V per A) */
  MeshEdges *edges;  /* node m->n_node + e is in the middle of edge e; NULL for order 1 */
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

/* field_solve: on this process alone, in threads, whatever others there are; on several: cauda/share.h.
 * Errors: PETSC_ERR_NOT_CONVERGED with the contact's name and the residual reached; PETSC_ERR_USER_INPUT for a mesh
 * without contact or return, contacts that touch, a part that nothing joins to the return, an unknown preconditioner
 * or order, a surface impedance that is not positive; CAUDA_ERR_INTERRUPTED. PETSc options of the solver begin with -field_ml_, -field_gamg_, -field_hypre_. */
PetscErrorCode field_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;
void lead_field_destroy(LeadField **f);

/* leadfield.h5 (HDF5): /potential [n_contact][n_node] float64 ohm, /impedance, /contact (names), /sigma [n_tet][6], for
 * order 2 /edge [n_edge][2] (the nodes that the later ones of /potential lie between), attributes: the checks, tolerance, order, sha256 of the mesh file. Written atomically, by rank 0 (no other need
 * call it). sigma may be NULL. Takes memory for the whole file while it writes. */
PetscErrorCode lead_field_write(const LeadField *f, const double *sigma, TetId n_tet, const char *mesh_sha256,
                                const char *path) CAUDA_CHECKED;
/* Errors: PETSC_ERR_FILE_UNEXPECTED if it does not belong to the mesh with this hash (NULL: not checked). */
PetscErrorCode lead_field_read(const char *path, const char *mesh_sha256, LeadField **out) CAUDA_CHECKED;
PetscErrorCode impedance_write_csv(const LeadField *f, const char *path) CAUDA_CHECKED;

/* ---- error of what is made of a field -------------------------------------------------------------------------- */

/* Something that depends on the potential of a set of currents at some places, and does so linearly. */
typedef struct {
  const char *name;
  const double *current_mA; /* [n_contact] of the set */
  int n;
  double *xyz_mm; /* [n][3] world */
  double *weight; /* [n] 1/V: what the potentials count in the goal; they sum to 0 (a constant potential does nothing
                           * to nerves). NULL where no indicator is asked for */
  double (*change_V)[2]; /* [n] out: by how much the potential is estimated to be too small, to the first and to the
                           * second term; NaN at places beyond the mesh */
} FieldGoal;

/* field_estimate: how far potentials are from those of the exact solution on the mesh's shapes. Functions of one order more
 * (edges for first order, edges and faces for second) answer the residual of each set's field, the elements' own functions
 * answer those, and so on: hierarchical functions as in Bank and Smith, SIAM J. Numer. Anal. 30 (1993) 921. Two loose
 * solutions a set. Errors of the shapes themselves are not in it. For the indicator one more solution a goal, which weighs
 * them: Becker and Rannacher, Acta Numerica 10 (2001) 1.
 *   goal       [n_goal]; change_V is filled. What a goal makes of it, term by term, goes into field_series()
 *   indicator  [n_tet] sum over the goals of what each tetrahedron adds to |error / value|; may be NULL
 * Not collective: by the rank that calls it alone, in threads; always by the block solver. */
PetscErrorCode field_estimate(const Mesh *m, const MeshLocator *l, const double *sigma, const FieldOptions *o,
                              const LeadField *f, int n_goal, FieldGoal *goal, double *indicator) CAUDA_CHECKED;

/* field_series: what terms that go on as the first two do sum up to. */
double field_series(const double term[2]);

/* field_refine: tetrahedra are halved where the indicator is large, so that about `factor` of its sum is left with as few
 * of them as can be (for smooth solutions). Nodes and tetrahedra as by mesh_reorder(). */
PetscErrorCode field_refine(const Mesh *m, int order, const double *indicator, double factor, Mesh **out) CAUDA_CHECKED;

/* ---- control: currents from what a device does ------------------------------------------------------------------ */

/* How a contact is driven. Current: `value` mA into the tissue (0: it floats). Voltage: `value` V. Shared: it is wired
 * to output `output` of the device together with others; they have one potential and split its current by impedance. */
typedef enum { DRIVE_CURRENT, DRIVE_VOLTAGE, DRIVE_SHARED } DriveKind;

typedef struct {
  DriveKind kind;
  double value;
  int output;
} Drive;

/* control_solve: the currents and potentials of all contacts, from the impedance matrix alone.
 *   drive         [n_contact]
 *   output_mA     [n_output] current of each output
 *   has_return    the return is connected: voltages are against it, and it takes what is missing; else nothing flows
 *                 there, and voltages are against one another
 *   current_mA    [n_contact] out, into the tissue
 *   potential_V   [n_contact] out, against the return
 * Errors: PETSC_ERR_USER_INPUT where that is no device: an output without contact, currents that do not sum to zero
 * without return. */
PetscErrorCode control_solve(const LeadField *f, const Drive *drive, int n_output, const double *output_mA,
                             bool has_return, double *current_mA, double *potential_V) CAUDA_CHECKED;

/* control_compliance_V: the largest difference of potential between contacts that carry current, and the return where
 * it does: what the device must be able to give. */
double control_compliance_V(const LeadField *f, const double *current_mA);

/* sets_resolve: the shares (and for voltages the amplitude) of sets that are not given as currents. May be called
 * again. Errors: PETSC_ERR_USER_INPUT naming the set. */
PetscErrorCode sets_resolve(SetTable *t, const LeadField *f) CAUDA_CHECKED;
/* single_source_shares: the same for one set, of which only the signs count: fraction [n_contact + 1], the case last. */
PetscErrorCode single_source_shares(int n_contact, const double *impedance_ohm, double *fraction) CAUDA_CHECKED;

/* field_superpose: potential in V at each node of the elements for currents in mA (contact order; what is missing flows
 * to the return): v[f->n_node], of which the first are the mesh's. */
void field_superpose(const LeadField *f, const double *current_mA, double *v);

/* field_basis: what each node of the elements counts in the potential at a point: of tetrahedron t, barycentric
 * coordinates w. Fills node[] (indices into a row of `potential`) and weight[], and returns how many there are (4 or
 * 10). This is how a potential is to be sampled, whatever the order. */
enum { FIELD_BASIS_MAX = 10 };
int field_basis(const Mesh *m, const LeadField *f, TetId t, const double w[4], NodeId node[FIELD_BASIS_MAX],
                double weight[FIELD_BASIS_MAX]);

/* field_at: potential (V) and field (V/m, -grad V of the elements) at points, world mm, of v [f->n_node] in V.
 * `region` gets the region's index, -1 where the point is in no tetrahedron (then potential and field are NaN in
 * memory and empty in files). */
PetscErrorCode field_at(const Mesh *m, const MeshLocator *l, const LeadField *f, const double *v, int n_point,
                        const double *xyz_mm, double *potential_V, double *E_V_per_m, int *region) CAUDA_CHECKED;

#endif
