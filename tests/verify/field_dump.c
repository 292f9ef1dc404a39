/* field_dump DIR [1|2|OUT]: writes a mesh, its tensors and the potentials that Cauda found into DIR as plain arrays, for
 * another code to solve again. With OUT, a folder that `cauda run` filled, its mesh.msh and leadfield.h5; else a box
 * with a lead that is solved here with elements of that order, by as many ranks as there are. */
#include "../../fem/fem_impl.h"
#include "../unit/fem_fixture.h"
#include "cauda/share.h"
#include "run_arrays.h"

typedef struct {
  Mesh *m;
  double *sigma; /* [n_tet][6] */
  LeadField *f;
} Solved;

/* The field stays NULL on all ranks but the first. */
static PetscErrorCode solve_shared(const FieldOptions *o, Solved *s)
{
  SharePlan *plan = NULL;
  MeshShare *share;
  LeadField *part;
  PetscMPIInt rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (!rank) PetscCall(share_plan(s->m, s->sigma, o, &plan));
  PetscCall(rank ? share_receive(&share) : share_send(plan, s->m, s->sigma, &share));
  share_plan_destroy(&plan);
  PetscCall(share_solve(share, o, &part));
  PetscCall(share_gather(share, part, &s->f));
  lead_field_destroy(&part);
  share_destroy(&share);
  return 0;
}

static PetscErrorCode solve_box(int order, Solved *s)
{
  PetscMPIInt size;
  BoxSpec spec = lead_spec(2);
  FieldOptions o = tight();
  PetscCall(fixture_mesh(&spec, &s->m));
  s->sigma = lead_sigma(s->m);
  PetscCheck(s->sigma, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory");
  o.tolerance = 1e-11, o.order = order;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  return size == 1 ? field_solve(s->m, s->sigma, &o, &s->f) : solve_shared(&o, s);
}

static PetscErrorCode read_run(const char *folder, Solved *s)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, "mesh.msh", path));
  PetscCall(mesh_read_msh(path, &s->m));
  PetscCall(path_join(folder, "leadfield.h5", path));
  PetscCall(lead_field_read(path, NULL, &s->f));
  return read_sigma(path, (size_t)s->m->n_tet, &s->sigma);
}

/* owner [n_node]: the contact a node belongs to, -1 on the return, -2 elsewhere */
static PetscErrorCode dump_owners(const char *folder, const Solved *s)
{
  const FieldOptions o = tight();
  Space *space;
  DofMap *d;
  int32_t *owner;
  PetscCall(space_create(s->m, s->f->order, &space));
  PetscCall(dofs_create(space, &o, &d));
  PetscCall(mem_alloc((size_t)d->n_node, sizeof *owner, &owner));
  for (NodeId n = 0; n < d->n_node; n++)
    owner[n] = d->owner[n] == OWNER_RETURN ? -1 : d->owner[n] == OWNER_NONE ? -2 : d->owner[n];
  PetscCall(dump(folder, "owner.i4", (size_t)d->n_node, sizeof *owner, owner));
  dofs_destroy(&d);
  space_destroy(&space);
  free(owner);
  return 0;
}

/* edge [n_edge][2]: the nodes that those beyond the mesh's lie between */
static PetscErrorCode dump_edges(const char *folder, const MeshEdges *e)
{
  NodeId(*ends)[2];
  PetscCall(mem_alloc((size_t)e->n_edge, sizeof *ends, &ends));
  for (NodeId a = 0; a < e->n_node; a++)
    for (EdgeId i = e->start[a]; i < e->start[a + 1]; i++) ends[i][0] = a, ends[i][1] = e->end[i];
  PetscCall(dump(folder, "edge.i4", (size_t)e->n_edge, sizeof *ends, ends));
  free(ends);
  return 0;
}

static PetscErrorCode dump_all(const char *folder, const Solved *s)
{
  size_t n_node = (size_t)s->m->n_node, n_tet = (size_t)s->m->n_tet, n = (size_t)s->f->n_contact;
  PetscCall(folder_create(folder));
  PetscCall(dump(folder, "xyz_mm.f8", 3 * n_node, sizeof(double), s->m->xyz));
  PetscCall(dump(folder, "tet.i4", n_tet, sizeof *s->m->tet, s->m->tet));
  PetscCall(dump(folder, "sigma_S_per_m.f8", 6 * n_tet, sizeof(double), s->sigma));
  PetscCall(dump(folder, "potential_ohm.f8", n * (size_t)s->f->n_node, sizeof(double), s->f->potential));
  PetscCall(dump(folder, "impedance_ohm.f8", n * n, sizeof(double), s->f->impedance));
  if (s->f->edges) PetscCall(dump_edges(folder, s->f->edges));
  return dump_owners(folder, s);
}

static PetscErrorCode work(int argc, char **argv)
{
  Solved s = {NULL, NULL, NULL};
  PetscMPIInt rank;
  PetscCheck(argc == 2 || argc == 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "usage: field_dump DIR [1|2|OUT]");
  const int order = argc == 2 || !strcmp(argv[2], "1") ? 1 : !strcmp(argv[2], "2") ? 2 : 0;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  progress_configure(true, false);
  if (order)
    PetscCall(solve_box(order, &s));
  else
    PetscCall(read_run(argv[2], &s));
  if (!rank) PetscCall(dump_all(argv[1], &s));
  lead_field_destroy(&s.f);
  mesh_destroy(&s.m);
  free(s.sigma);
  return 0;
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  PetscErrorCode ierr = work(argc, argv);
  if (ierr) return 2;
  return PetscFinalize() ? 2 : 0;
}
