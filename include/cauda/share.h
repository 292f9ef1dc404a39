/* Share: a mesh divided among the ranks of an MPI program, and the field on it. Rank 0 has the mesh, cuts it and sends each
 * rank its part; from then on nobody needs the whole. The answer comes back to rank 0 piece by piece.
 *
 *   rank 0: share_plan(), [tell the others], share_send(), [let go of the mesh], share_solve(), share_gather(), share_destroy()
 *   others:                                  share_receive(),                    share_solve(), share_gather(), share_destroy()
 *
 * A rank has the unknowns of its own vertices, which are consecutive on a curve that fills space, and those of edges that
 * begin there; so of a contact's nodes all or none. It has every tetrahedron with one of its vertices: what its rows of the
 * matrix are made of. Tetrahedra at the border are on two ranks or more, and count for that of their first vertex.
 * All functions but share_plan() and share_destroy() are collective over PETSC_COMM_WORLD. */
#ifndef CAUDA_SHARE_H
#define CAUDA_SHARE_H

#include "cauda/fem.h"

/* What rank 0 decides before anything is sent. */
typedef struct {
  int n_rank, n_contact;
  int32_t *rank_of; /* [n_node] whose a vertex is */
  int16_t *owner;   /* [n_node] contact or return that a vertex is on, as DofMap in fem_impl.h */
  int16_t *owner_of_group;
  int32_t *contact_rank; /* [n_contact] */
  NodeId probe,
      pinned; /* -1: none. Where reciprocity is checked; where the potential is held if the return is insulated */
  double middle_mm[3]; /* of the contacts */
} SharePlan;

typedef struct {
  NodeId a, b; /* a < b */
  int32_t owner;
} ShareEdge;

/* A rank's part. Nodes and tetrahedra are in the whole mesh's order. */
typedef struct {
  Mesh *mesh;            /* faces: those with one of this rank's vertices */
  double *sigma;         /* [n_tet][6] S/m */
  NodeId *node_of;       /* [n_node] in the whole mesh, ascending */
  TetId *tet_of;         /* [n_tet] likewise */
  int32_t *rank_of;      /* [n_node] */
  int16_t *owner;        /* [n_node] */
  bool *mine;            /* [n_node] whether rank_of is this rank */
  int32_t n_edge;        /* edges on faces of contacts and return between nodes that are here */
  ShareEdge *edge;       /* [n_edge] may name one twice, and edges that no tetrahedron here has */
  int32_t *contact_rank; /* [n_contact] */
  int n_contact, rank;
  NodeId probe, pinned; /* in the whole mesh */
  NodeId whole_node;    /* nodes of the whole mesh */
  TetId whole_tet;
  double middle_mm[3];
} MeshShare;

/* share_plan: questions the whole mesh, so that no rank finds a fault of it later. Errors: as field_solve(). */
PetscErrorCode share_plan(const Mesh *m, const double *sigma, const FieldOptions *o, SharePlan **out) CAUDA_CHECKED;
void share_plan_destroy(SharePlan **p);

PetscErrorCode share_send(const SharePlan *p, const Mesh *m, const double *sigma, MeshShare **own) CAUDA_CHECKED;
PetscErrorCode share_receive(MeshShare **out) CAUDA_CHECKED;
void share_destroy(MeshShare **s);

/* share_solve: the field on a rank's part of the mesh: nodes are the part's; impedances, checks and numbers are of the
 * whole. Errors: PETSC_ERR_NOT_CONVERGED and CAUDA_ERR_INTERRUPTED on all ranks; PETSC_ERR_MEM on one alone. */
PetscErrorCode share_solve(const MeshShare *s, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;

/* share_gather: the field on the whole mesh, on rank 0; NULL on the others. */
PetscErrorCode share_gather(const MeshShare *s, const LeadField *part, LeadField **whole) CAUDA_CHECKED;
/* share_gather_sigma: the whole mesh's tensors likewise: [whole_tet][6]; caller frees. */
PetscErrorCode share_gather_sigma(const MeshShare *s, double **sigma) CAUDA_CHECKED;

/* What a solution on several ranks took. */
enum { SHARE_MB, SHARE_PEAK_MB, SHARE_NODES, SHARE_TETS, SHARE_NUMBERS };
typedef struct {
  int n_rank;
  double share_s, solve_s, gather_s; /* to divide the mesh and send it; to solve; to put the field together */
  double (
      *of_rank)[SHARE_NUMBERS]; /* [n_rank] memory with the part, before it is solved; peak of the process; its part */
} ShareEffort;

/* share_sum: numbers of all ranks added up, the same bits on each. */
void share_sum(int n, double *v);

#endif
