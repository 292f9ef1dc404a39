/* Rank 0 and the others. */
#include "ranks.h"

#include <stdlib.h>
#include <time.h>

typedef enum { ORDER_END, ORDER_SOLVE, ORDER_SWEEP } Order;

/* What the others must know before the arrays come. */
typedef struct {
  NodeId n_node;
  TetId n_tet;
  TriId n_tri;
  int n_region, n_group;
  int order;
  FieldSolver solver;
  double tolerance;
  ContactModel contact;
  double surface_impedance_ohm_m2;
  ReturnModel ret;
  char preconditioner[32];
} SolveHead;

static int comm_size(void)
{
  int n = 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &n);
  return n;
}

bool rank_is_first(void)
{
  int rank = 0;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank == 0;
}

/* Broadcast in pieces: a count in MPI is an int. */
PetscErrorCode ranks_share(void *data, size_t bytes)
{
  enum { PIECE = 1 << 30 };
  for (char *p = data; bytes;) {
    int n = bytes > PIECE ? PIECE : (int)bytes;
    PetscCallMPI(MPI_Bcast(p, n, MPI_BYTE, 0, PETSC_COMM_WORLD));
    p += n, bytes -= (size_t)n;
  }
  return 0;
}

static PetscErrorCode share_arrays(Mesh *m, double *sigma)
{
  PetscCall(ranks_share(m->xyz, (size_t)m->n_node * 3 * sizeof *m->xyz));
  PetscCall(ranks_share(m->tet, (size_t)m->n_tet * sizeof *m->tet));
  PetscCall(ranks_share(m->region, (size_t)m->n_tet * sizeof *m->region));
  PetscCall(ranks_share(m->tri, (size_t)m->n_tri * sizeof *m->tri));
  PetscCall(ranks_share(m->group, (size_t)m->n_tri * sizeof *m->group));
  PetscCall(ranks_share(m->regions, (size_t)m->n_region * sizeof *m->regions));
  PetscCall(ranks_share(m->groups, (size_t)m->n_group * sizeof *m->groups));
  PetscCall(ranks_share(sigma, (size_t)m->n_tet * 6 * sizeof *sigma));
  return 0;
}

/* As MPI_Bcast, but asleep while it waits: rank 0 may mesh for a minute on the same cores. */
static PetscErrorCode wait_for_order(Order *order)
{
  const struct timespec nap = {.tv_nsec = 5000000};
  MPI_Request request;
  int done = 0;
  PetscCallMPI(MPI_Ibcast(order, (int)sizeof *order, MPI_BYTE, 0, PETSC_COMM_WORLD, &request));
  while (!done) {
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (!done) nanosleep(&nap, NULL);
  }
  return 0;
}

static PetscErrorCode send_order(Order order)
{
  MPI_Request request;
  PetscCallMPI(MPI_Ibcast(&order, (int)sizeof order, MPI_BYTE, 0, PETSC_COMM_WORLD, &request));
  PetscCallMPI(MPI_Wait(&request, MPI_STATUS_IGNORE));
  return 0;
}

PetscErrorCode ranks_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out)
{
  if (comm_size() > 1) {
    SolveHead head = {.n_node = m->n_node,
                      .n_tet = m->n_tet,
                      .n_tri = m->n_tri,
                      .n_region = m->n_region,
                      .n_group = m->n_group,
                      .order = o->order,
                      .solver = o->solver,
                      .tolerance = o->tolerance,
                      .contact = o->contact,
                      .surface_impedance_ohm_m2 = o->surface_impedance_ohm_m2,
                      .ret = o->ret};
    snprintf(head.preconditioner, sizeof head.preconditioner, "%s", o->preconditioner);
    Mesh borrowed = *m; /* MPI_Bcast takes the sender's buffer as not const and only reads it */
    PetscCall(send_order(ORDER_SOLVE));
    PetscCall(ranks_share(&head, sizeof head));
    PetscCall(share_arrays(&borrowed, (double *)sigma));
  }
  PetscCall(field_solve(m, sigma, o, out));
  return 0;
}

static PetscErrorCode take_part_with(Mesh *m, const SolveHead *head, double *sigma)
{
  LeadField *f = NULL;
  FieldOptions o = {.order = head->order,
                    .solver = head->solver,
                    .tolerance = head->tolerance,
                    .preconditioner = head->preconditioner,
                    .contact = head->contact,
                    .surface_impedance_ohm_m2 = head->surface_impedance_ohm_m2,
                    .ret = head->ret};
  PetscCall(share_arrays(m, sigma));
  PetscCall(field_solve(m, sigma, &o, &f));
  lead_field_destroy(&f);
  return 0;
}

static PetscErrorCode take_part(void)
{
  SolveHead head;
  Mesh *m;
  double *sigma = NULL;
  PetscCall(ranks_share(&head, sizeof head));
  PetscCall(mesh_create(head.n_node, head.n_tet, head.n_tri, head.n_region, head.n_group, &m));
  PetscErrorCode ierr = mem_alloc((size_t)head.n_tet, 6 * sizeof *sigma, &sigma);
  if (!ierr) ierr = take_part_with(m, &head, sigma);
  free(sigma);
  mesh_destroy(&m);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode ranks_serve(void)
{
  for (;;) {
    Order order = ORDER_END;
    PetscCall(wait_for_order(&order));
    if (order == ORDER_END) return 0;
    PetscErrorCode ierr = order == ORDER_SWEEP ? ranks_follow_sweep() : take_part();
    /* What rank 0 met as well, it will tell; anything else only this rank knows of. */
    if (ierr != PETSC_ERR_NOT_CONVERGED && ierr != PETSC_ERR_USER_INPUT) PetscCall(ierr);
  }
}

PetscErrorCode ranks_call_to_sweep(void) { return send_order(ORDER_SWEEP); }

PetscErrorCode ranks_release(void)
{
  if (comm_size() > 1) PetscCall(send_order(ORDER_END));
  return 0;
}
