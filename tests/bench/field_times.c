/* field_times OUT DIR [ORDER] [TOLERANCE] [REPEATS]: the field of all contacts (of uniform current) on the mesh of a run
 * (its mesh.msh and leadfield.h5), by Cauda's own solver and by PETSc's, in one process; times from when mesh and
 * conductivities are in memory, medians over the repeats. The problem and the answer go into DIR as plain arrays, for
 * bench_dolfinx.py. */
#include "../../fem/fem_impl.h"
#include "../verify/run_arrays.h"

#include <petsctime.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { REPEATS_MAX = 15 };

typedef struct {
  Mesh *m;
  double *sigma; /* [n_tet][6] */
  Parts parts;
  Functionals *f;
  Source *source;
  double *x; /* [n][n_unknown] */
  int n;
} Problem;

static double now(void)
{
  PetscLogDouble t = 0.0;
  (void)PetscTime(&t);
  return t;
}

/* Of all threads. */
static double processor_s(void) { return (double)clock() / CLOCKS_PER_SEC; }

static PetscErrorCode problem_read(const char *folder, Problem *p)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, "mesh.msh", path));
  PetscCall(mesh_read_msh(path, &p->m));
  PetscCall(path_join(folder, "leadfield.h5", path));
  return read_sigma(path, (size_t)p->m->n_tet, &p->sigma);
}

/* ---- times --------------------------------------------------------------------------------------------------------- */

static PetscErrorCode solve_once(const FieldOptions *o, Problem *p, double t[3], SolveStats *stats)
{
  Operator op;
  t[0] = now();
  PetscCall(parts_create(p->m, p->sigma, o->order, o, &p->parts));
  PetscCall(functionals_create(p->parts.space, p->parts.dofs, o, &p->f));
  PetscCall(parts_operator(&p->parts, o, &op));
  t[1] = now();
  p->n = p->parts.dofs->n_contact;
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->source, &p->source));
  for (int c = 0; c < p->n; c++) p->source[c] = (Source){c, -1, p->parts.dofs->contact[c], 0.0};
  PetscCall(mem_alloc((size_t)p->n * (size_t)p->parts.dofs->n_unknown, sizeof *p->x, &p->x));
  PetscCall(solve_sources(&op, o, p->f, p->n, p->source, p->x, stats));
  t[2] = now();
  operator_free(&op);
  return 0;
}

static void forget(Problem *p)
{
  functionals_destroy(&p->f);
  parts_free(&p->parts);
  free(p->source);
  free(p->x);
}

static int ascending(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

static double median(int n, double *v)
{
  qsort(v, (size_t)n, sizeof *v, ascending);
  return v[n / 2];
}

/* Leaves the last repeat's problem and answer in p. */
static PetscErrorCode measure(const FieldOptions *o, int repeats, Problem *p)
{
  double assembly[REPEATS_MAX], solve[REPEATS_MAX], all[REPEATS_MAX], cpu[REPEATS_MAX];
  SolveStats stats;
  struct rusage use;
  for (int r = 0; r < repeats; r++) {
    double t[3] = {0.0}, cpu0 = processor_s();
    if (r) forget(p);
    PetscCall(solve_once(o, p, t, &stats));
    assembly[r] = t[1] - t[0], solve[r] = t[2] - t[1], all[r] = t[2] - t[0];
    cpu[r] = processor_s() - cpu0;
  }
  getrusage(RUSAGE_SELF, &use);
  printf("cauda-%s,%d,%.3f,%.3f,%.3f,%.3f,%d,%.1e,%ld\n", o->solver == SOLVER_PETSC ? o->preconditioner : "block",
         (int)p->parts.dofs->n_unknown, median(repeats, assembly), median(repeats, solve), median(repeats, all),
         median(repeats, cpu), stats.iterations, stats.residual, use.ru_maxrss / 1024);
  fflush(stdout);
  return 0;
}

/* ---- arrays -------------------------------------------------------------------------------------------------------- */

/* Each contact's load and potential at the nodes. */
static PetscErrorCode dump_fields(const char *folder, const Problem *p)
{
  const DofMap *d = p->parts.dofs;
  size_t n_node = (size_t)p->m->n_node;
  double *load, *v;
  PetscCall(mem_alloc((size_t)p->n * n_node, sizeof *load, &load));
  PetscCall(mem_alloc((size_t)p->n * n_node, sizeof *v, &v));
  int32_t *node;
  PetscCall(mem_alloc((size_t)d->n_unknown, sizeof *node, &node));
  for (NodeId n = 0; n < p->m->n_node; n++)
    if (d->unknown[n] >= 0) node[d->unknown[n]] = n;
  for (int c = 0; c < p->n; c++) {
    for (int k = p->f->start[c]; k < p->f->start[c + 1]; k++)
      load[(size_t)c * n_node + (size_t)node[p->f->unknown[k]]] += p->f->value[k];
    for (size_t n = 0; n < n_node; n++)
      v[(size_t)c * n_node + n] =
          d->unknown[n] < 0 ? 0.0 : p->x[(size_t)c * (size_t)d->n_unknown + (size_t)d->unknown[n]];
  }
  PetscCall(dump(folder, "load_A.f8", (size_t)p->n * n_node, sizeof *load, load));
  PetscCall(dump(folder, "potential_ohm.f8", (size_t)p->n * n_node, sizeof *v, v));
  free(node);
  free(load);
  free(v);
  return 0;
}

static PetscErrorCode dump_problem(const char *folder, const Problem *p)
{
  size_t n_node = (size_t)p->m->n_node, n_tet = (size_t)p->m->n_tet;
  PetscCall(folder_create(folder));
  PetscCall(dump(folder, "xyz_mm.f8", 3 * n_node, sizeof(double), p->m->xyz));
  PetscCall(dump(folder, "tet.i4", n_tet, sizeof *p->m->tet, p->m->tet));
  PetscCall(dump(folder, "sigma_S_per_m.f8", 6 * n_tet, sizeof(double), p->sigma));
  PetscCall(dump(folder, "unknown.i4", n_node, sizeof(int32_t), p->parts.dofs->unknown));
  return dump_fields(folder, p);
}

static PetscErrorCode work(int argc, char **argv)
{
  Problem p = {.m = NULL};
  PetscCheck(argc >= 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "usage: field_times OUT DIR [ORDER] [TOLERANCE] [REPEATS]");
  FieldOptions o = {.order = argc > 3 ? atoi(argv[3]) : 1,
                    .tolerance = argc > 4 ? atof(argv[4]) : 1e-8,
                    .preconditioner = "ml",
                    .contact = CONTACT_UNIFORM};
  int repeats = argc > 5 ? atoi(argv[5]) : 3;
  if (repeats < 1 || repeats > REPEATS_MAX) repeats = 3;
  PetscCall(problem_read(argv[1], &p));
  o.solver = SOLVER_PETSC;
  PetscCall(measure(&o, 1, &p));
  forget(&p);
  o.solver = SOLVER_BLOCK;
  PetscCall(measure(&o, repeats, &p));
  if (o.order == 1) PetscCall(dump_problem(argv[2], &p));
  forget(&p);
  mesh_destroy(&p.m);
  free(p.sigma);
  return 0;
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  progress_configure(true, false);
  if (work(argc, argv)) return 1;
  return PetscFinalize();
}
