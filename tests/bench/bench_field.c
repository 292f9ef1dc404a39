/* bench_field OUT [ORDER] [TOLERANCE] [block|petsc...]: the field of all contacts on the mesh of a run (its mesh.msh and
 * leadfield.h5), by each way, in one process. Times from when mesh and conductivities are in memory. */
#include "../../fem/block.h"

#include <hdf5.h>
#include <petsctime.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static PetscErrorCode read_sigma(const char *folder, TetId n_tet, double **sigma)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, "leadfield.h5", path));
  PetscCall(mem_alloc((size_t)n_tet, 6 * sizeof **sigma, sigma));
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "sigma", H5P_DEFAULT);
  PetscCheck(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *sigma) >= 0, PETSC_COMM_SELF,
             PETSC_ERR_FILE_READ, "%s: no /sigma", path);
  H5Dclose(set);
  H5Fclose(file);
  return 0;
}

static double now(void)
{
  PetscLogDouble t = 0.0;
  if (getenv("BENCH_CPU")) return (double)clock() / CLOCKS_PER_SEC;
  (void)PetscTime(&t);
  return t;
}

static PetscErrorCode measure(const Mesh *m, const double *sigma, const FieldOptions *o, const char *name)
{
  Parts parts;
  Operator op;
  Functionals *f;
  SolveStats stats;
  Source source[64];
  double *x, t[5];
  struct rusage use;
  t[0] = now();
  PetscCall(parts_create(m, sigma, o->order, o, &parts));
  PetscCall(functionals_create(parts.space, parts.dofs, o, &f));
  t[1] = now();
  PetscCall(parts_operator(&parts, o, &op));
  t[2] = now();
  int n = parts.dofs->n_contact;
  for (int c = 0; c < n; c++) source[c] = (Source){c, -1, parts.dofs->contact[c], 0.0};
  PetscCall(mem_alloc((size_t)n * (size_t)parts.dofs->n_unknown, sizeof *x, &x));
  t[3] = now();
  PetscCall(solve_sources(&op, o, f, n, source, x, &stats));
  t[4] = now();
  getrusage(RUSAGE_SELF, &use);
  printf("%-6s %8d unknowns: numbering %.3f s, assembly %.3f s, set-up and %d solves %.3f s (%d iterations, residual "
         "%.1e); in all %.3f s, %ld MB\n",
         name, (int)parts.dofs->n_unknown, t[1] - t[0], t[2] - t[1], n, t[4] - t[3], stats.iterations, stats.residual,
         t[4] - t[0], use.ru_maxrss / 1024);
  free(x);
  operator_free(&op);
  functionals_destroy(&f);
  parts_free(&parts);
  return 0;
}

int main(int argc, char **argv)
{
  Mesh *m;
  double *sigma;
  char path[CAUDA_PATH_MAX];
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  progress_configure(true, false);
  if (argc < 2) return PetscFinalize();
  FieldOptions o = {
      .order = argc > 2 ? atoi(argv[2]) : 1, .tolerance = argc > 3 ? atof(argv[3]) : 1e-8, .preconditioner = "ml"};
  PetscCall(path_join(argv[1], "mesh.msh", path));
  PetscCall(mesh_read_msh(path, &m));
  PetscCall(read_sigma(argv[1], m->n_tet, &sigma));
  for (int i = 4; i < argc; i++) {
    o.solver = strcmp(argv[i], "petsc") ? SOLVER_BLOCK : SOLVER_PETSC;
    PetscCall(measure(m, sigma, &o, argv[i]));
  }
  free(sigma);
  mesh_destroy(&m);
  return PetscFinalize();
}
