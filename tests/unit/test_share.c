/* A field on a mesh that is divided among ranks is that of the whole mesh on one: every kind of contact and return, both
 * orders, both solvers. The test starts itself by mpirun, in which the same work is done by ranks that each have a part. */
#include "cauda/share.h"
#include "fem_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- in mpirun ----------------------------------------------------------------------------------------------------- */

static double difference(size_t n, const double *a, const double *b)
{
  double most = 0.0;
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) <= most)) most = fabs(a[i] - b[i]);
  return most;
}

static PetscErrorCode compare(const LeadField *a, const LeadField *b, double tolerance)
{
  size_t n = (size_t)a->n_contact;
  double size = fabs(a->impedance[0]);
  PetscCheck(a->n_node == b->n_node && a->unknowns == b->unknowns && !a->edges == !b->edges, PETSC_COMM_SELF,
             PETSC_ERR_PLIB, "%d nodes, %ld unknowns, expected %d, %ld", (int)b->n_node, b->unknowns, (int)a->n_node,
             a->unknowns);
  for (int c = 0; c < a->n_contact; c++)
    PetscCheck(!strcmp(a->contact[c], b->contact[c]), PETSC_COMM_SELF, PETSC_ERR_PLIB, "contact %s", b->contact[c]);
  if (a->edges) {
    PetscCheck(!memcmp(a->edges->start, b->edges->start, ((size_t)a->edges->n_node + 1) * sizeof(EdgeId)) &&
                   !memcmp(a->edges->end, b->edges->end, (size_t)a->edges->n_edge * sizeof(NodeId)),
               PETSC_COMM_SELF, PETSC_ERR_PLIB, "edges differ");
  }
  double v = difference(n * (size_t)a->n_node, a->potential, b->potential) / size;
  double z = difference(n * n, a->impedance, b->impedance) / size;
  PetscCheck(v < tolerance && z < tolerance, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "potentials differ by %g, impedances by %g", v, z);
  PetscCheck(b->balance < 1e-7 && b->symmetry < 1e-7 && b->energy < 1e-7 && b->reciprocity < 1e-5, PETSC_COMM_SELF,
             PETSC_ERR_PLIB, "balance %g, symmetry %g, energy %g, reciprocity %g", b->balance, b->symmetry, b->energy,
             b->reciprocity);
  return 0;
}

static PetscErrorCode shared_field(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **whole,
                                   double **tensors)
{
  SharePlan *plan = NULL;
  MeshShare *s;
  LeadField *part;
  int rank, n_rank;
  double tets = 0.0;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &n_rank));
  if (!rank) PetscCall(share_plan(m, sigma, o, &plan));
  if (rank)
    PetscCall(share_receive(&s));
  else
    PetscCall(share_send(plan, m, sigma, &s));
  share_plan_destroy(&plan);
  for (TetId t = 0; t < s->mesh->n_tet; t++) tets += s->mine[s->mesh->tet[t][0]];
  share_sum(1, &tets);
  PetscCheck(tets == m->n_tet, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%g tetrahedra, expected %d", tets, (int)m->n_tet);
  PetscCheck(n_rank == 1 || m->n_tet < 1000 || s->mesh->n_tet < 0.9 * m->n_tet, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "rank %d has %d of %d", rank, (int)s->mesh->n_tet, (int)m->n_tet);
  PetscCall(share_solve(s, o, &part));
  PetscCall(share_gather(s, part, whole));
  PetscCall(share_gather_sigma(s, tensors));
  lead_field_destroy(&part);
  share_destroy(&s);
  return 0;
}

static PetscErrorCode one_model(const Mesh *m, const double *sigma, const FieldOptions *o, double tolerance)
{
  LeadField *whole, *expected;
  double *tensors;
  PetscCall(shared_field(m, sigma, o, &whole, &tensors));
  if (!whole) return 0;
  PetscCheck(!memcmp(tensors, sigma, (size_t)m->n_tet * 6 * sizeof *sigma), PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "tensors differ");
  PetscCall(field_solve(m, sigma, o, &expected));
  PetscCall(compare(expected, whole, tolerance));
  lead_field_destroy(&whole);
  lead_field_destroy(&expected);
  free(tensors);
  return 0;
}

static PetscErrorCode models(void)
{
  static const ContactModel contacts[] = {CONTACT_EQUIPOTENTIAL, CONTACT_IMPEDANCE, CONTACT_UNIFORM};
  static const ReturnModel returns[] = {RETURN_GROUNDED, RETURN_INFINITE, RETURN_INSULATED};
  BoxSpec spec = lead_spec(1);
  Mesh *m;
  PetscCall(fixture_mesh(&spec, &m));
  double *sigma = lead_sigma(m);
  for (int order = 1; order <= 2; order++)
    for (int c = 0; c < 3; c++)
      for (int r = 0; r < 3; r++) {
        FieldOptions o = tight();
        if (order == 2 && c != r) continue;
        o.order = order, o.contact = contacts[c], o.ret = returns[r], o.tolerance = 1e-10;
        if (contacts[c] == CONTACT_IMPEDANCE) o.surface_impedance_ohm_m2 = 1e-4;
        PetscCall(one_model(m, sigma, &o, 1e-8));
        o.solver = SOLVER_PETSC;
        if (c == r && r < 2) PetscCall(one_model(m, sigma, &o, 1e-8));
      }
  free(sigma);
  mesh_destroy(&m);
  return 0;
}

/* So small that a rank may have no vertex, or none of a level's unknowns. */
static PetscErrorCode two_cells(void)
{
  for (int order = 1; order <= 2; order++)
    for (int n = 1; n <= 3; n++) {
      BoxSpec spec = bar_spec();
      FieldOptions o = tight();
      Mesh *m;
      spec.n[0] = spec.n[1] = n, spec.n[2] = 2 * n, o.order = order;
      PetscCall(fixture_mesh(&spec, &m));
      double *sigma = constant_sigma(m, (const double[6]){1.0, 2.0, 1.5, 0.2, 0.0, 0.1});
      PetscCall(one_model(m, sigma, &o, 1e-8));
      free(sigma);
      mesh_destroy(&m);
    }
  return 0;
}

/* What cannot be reached, all ranks find at once. */
static PetscErrorCode beyond_reach(void)
{
  BoxSpec spec = lead_spec(1);
  FieldOptions o = tight();
  Mesh *m;
  LeadField *f = NULL;
  MeshShare *s;
  SharePlan *plan = NULL;
  int rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(fixture_mesh(&spec, &m));
  double *sigma = lead_sigma(m);
  o.tolerance = 1e-18;
  if (!rank) PetscCall(share_plan(m, sigma, &o, &plan));
  if (rank)
    PetscCall(share_receive(&s));
  else
    PetscCall(share_send(plan, m, sigma, &s));
  PetscErrorCode ierr = share_solve(s, &o, &f);
  PetscCheck(ierr == PETSC_ERR_NOT_CONVERGED && !f, PETSC_COMM_SELF, PETSC_ERR_PLIB, "error %d", (int)ierr);
  share_plan_destroy(&plan);
  share_destroy(&s);
  free(sigma);
  mesh_destroy(&m);
  return 0;
}

static int rank_main(void)
{
  ErrorRecord e;
  char text[CAUDA_MESSAGE_MAX];
  if (PetscInitialize(NULL, NULL, NULL, NULL) || error_record_install(&e)) return 2;
  progress_configure(true, false);
  PetscErrorCode ierr = two_cells();
  if (!ierr) ierr = models();
  if (!ierr) ierr = beyond_reach();
  if (ierr) {
    error_text(&e, ierr, text);
    fprintf(stderr, "%s\n", text);
    MPI_Abort(PETSC_COMM_WORLD, 1);
  }
  return PetscFinalize();
}

/* ---- the tests ----------------------------------------------------------------------------------------------------- */

static const char *program;

static void expect_ranks(int n)
{
  char command[4096];
  if (system("command -v mpirun >/dev/null 2>&1")) skip();
  snprintf(command, sizeof command,
           "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n %d '%s' rank 1>&2", n,
           program);
  assert_int_equal(system(command), 0);
}

static void two_ranks_are_as_one(void **state) { (void)state, expect_ranks(2); }
static void three_ranks_are_as_one(void **state) { (void)state, expect_ranks(3); }

int main(int argc, char **argv)
{
  if (argc > 1) return rank_main();
  program = argv[0];
  const struct CMUnitTest tests[] = {cmocka_unit_test(two_ranks_are_as_one), cmocka_unit_test(three_ranks_are_as_one)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
