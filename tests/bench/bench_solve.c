/* bench_solve: how time and memory of the field of 16 contacts grow with the mesh, from 125,000 to 2 million nodes, by
 * the block solver; each size in a process of its own.
 * bench_solve CELLS [tolerance] [order] [block|ml|gamg|hypre...]: times of unknowns, assembly, set-up and 16 contacts.
 * The mesh is a box of CELLS a side with a paddle over a dura of 0.3 mm (1 : 57 against the CSF) and a cord of 0.6 along
 * and 0.083 S/m across. */
#include "../../fem/fem_impl.h"
#include "../unit/mesh_fixture.h"

#include <math.h>
#include <petsctime.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_CONTACT = 16 };

static const MeshRegion REGIONS[] = {
    {"fat", TISSUE_FAT}, {"dura", TISSUE_DURA}, {"csf", TISSUE_CSF}, {"white", TISSUE_WHITE}};
static const double ALONG[] = {0.04, 0.03, 1.7, 0.6}, ACROSS[] = {0.04, 0.03, 1.7, 0.083};
static const MeshGroup SIDES[] = {{"paddle", GROUP_LEAD_BODY}, {"case", GROUP_RETURN}};

/* Height of the cells' layers: z in [-8, 8] before bending is 32 layers or a multiple: the two next to z = 0 are dura
 * (0.3 mm), the others grow with distance. */
static void layers_bend(double x[3])
{
  double z = x[2], inside = fmin(fabs(z), 0.5), rest = fabs(z) - inside;
  x[2] = copysign(0.6 * inside + 0.4 * rest + 0.05 * rest * rest, z);
  x[2] += 0.01 * x[0] * x[0];
}

static int region(const BoxSpec *s, const double c[3])
{
  (void)s;
  if (c[2] > 0.5 && c[2] < 3.0 && fabs(c[0]) < 6.0 && fabs(c[1]) < 16.0) return -1;
  return c[2] > 0.0 ? c[2] < 0.5 ? 1 : 0 : c[2] > -4.0 ? 2 : 3;
}

static int group(const BoxSpec *s, const double c[3], int axis, int sign)
{
  for (int a = 0; a < 3; a++)
    if (fabs(c[a]) >= s->high[a]) return N_CONTACT + 1;
  double y = c[1] + 16.0, x = fabs(c[0]) - 2.5;
  if (axis != 2 || sign < 0 || fabs(x) > 1.0 || fmod(y, 4.0) < 1.3) return N_CONTACT;
  return 2 * (int)(y / 4.0) + (c[0] > 0.0);
}

static Mesh *make(int n)
{
  static MeshGroup groups[N_CONTACT + 2];
  for (int i = 0; i < N_CONTACT; i++) {
    snprintf(groups[i].name, sizeof groups[i].name, "C%02d", i + 1);
    groups[i].kind = GROUP_CONTACT;
  }
  memcpy(groups + N_CONTACT, SIDES, sizeof SIDES);
  BoxSpec s = {{n, n, n}, {-10, -20, -8}, {10, 20, 8}, 4, N_CONTACT + 2, REGIONS, groups, region, group, layers_bend};
  Mesh *m = NULL;
  return fixture_mesh(&s, &m) ? NULL : m;
}

static double *tensors(const Mesh *m)
{
  double *sigma = malloc((size_t)m->n_tet * 6 * sizeof *sigma);
  for (TetId t = 0; sigma && t < m->n_tet; t++) {
    double a[3] = {0.1, 1.0, 0.2}, s = ACROSS[m->region[t]], more = ALONG[m->region[t]] - s;
    v3_normalise(a);
    for (int i = 0; i < 3; i++) {
      sigma[6 * (size_t)t + i] = s + more * a[i] * a[i];
      sigma[6 * (size_t)t + 3 + i] = more * a[i] * a[(i + 1) % 3];
    }
  }
  return sigma;
}

static double now(void)
{
  PetscLogDouble t = 0.0;
  (void)PetscTime(&t);
  return t;
}

static PetscErrorCode time_parts(const Mesh *m, const double *sigma, const FieldOptions *o, const char *name)
{
  Parts parts;
  Operator op;
  Functionals *f;
  SolveStats stats;
  double t0 = now(), x;
  PetscCall(parts_create(m, sigma, o->order, o, &parts));
  PetscCall(functionals_create(parts.space, parts.dofs, o, &f));
  double t1 = now();
  PetscCall(parts_operator(&parts, o, &op));
  double t2 = now();
  PetscCall(solve_sources(&op, o, f, 0, NULL, &x, &stats));
  double t3 = now();
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%d unknowns, %d entries: unknowns %.2f s, assembly %.2f s; %s set-up %.2f s\n",
                        (int)parts.dofs->n_unknown, (int)op.A.start[op.A.n], t1 - t0, t2 - t1, name, t3 - t2));
  operator_free(&op);
  functionals_destroy(&f);
  parts_free(&parts);
  return 0;
}

static PetscErrorCode bench(const Mesh *m, const double *sigma, const FieldOptions *o, const char *name)
{
  LeadField *f;
  PetscLogDouble memory;
  PetscCall(time_parts(m, sigma, o, name));
  double t = now();
  PetscCall(field_solve(m, sigma, o, &f));
  t = now() - t;
  PetscCall(PetscMemoryGetCurrentUsage(&memory));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "%s, all: %.1f s, %d iterations, residual %.1e, balance %.1e, symmetry %.1e, reciprocity %.1e, "
                        "energy %.1e, Z11 %.2f ohm; %.0f MB\n",
                        name, t, f->iterations, f->residual, f->balance, f->symmetry, f->reciprocity, f->energy,
                        f->impedance[0], memory / 1e6));
  lead_field_destroy(&f);
  return 0;
}

/* One size, in a child: its memory is its own. */
static int measure_child(int cells, double tolerance, double *seconds, double *MB)
{
  int pipe_of[2];
  double t = 0.0;
  struct rusage use;
  if (pipe(pipe_of)) return 1;
  pid_t child = fork();
  if (!child) {
    LeadField *f;
    const FieldOptions o = {.order = 1, .tolerance = tolerance, .preconditioner = "ml"};
    PetscErrorCode ierr = PetscInitialize(NULL, NULL, NULL, NULL);
    progress_configure(true, false);
    Mesh *m = make(cells);
    double *sigma = tensors(m);
    double t0 = now();
    if (!ierr) ierr = field_solve(m, sigma, &o, &f);
    t = now() - t0;
    if (!ierr)
      printf("%9d nodes: %7.2f s, %d iterations, residual %.1e", (int)m->n_node, t, f->iterations, f->residual);
    fflush(stdout);
    _exit(ierr || write(pipe_of[1], &t, sizeof t) != sizeof t);
  }
  close(pipe_of[1]);
  bool ok = read(pipe_of[0], seconds, sizeof *seconds) == sizeof *seconds;
  close(pipe_of[0]);
  wait4(child, NULL, 0, &use);
  *MB = (double)use.ru_maxrss / 1024.0;
  return !ok;
}

static int growth(void)
{
  static const int cells[] = {50, 80, 130};
  double t[3], MB[3];
  for (int i = 0; i < 3; i++) {
    if (measure_child(cells[i], 1e-8, &t[i], &MB[i])) return 1;
    printf("; %.0f MB with the mesh\n", MB[i]);
    fflush(stdout);
  }
  double n = 3.0 * log((double)cells[2] / cells[0]);
  printf("from first to last: time grows as nodes^%.2f, memory as nodes^%.2f\n", log(t[2] / t[0]) / n,
         log(MB[2] / MB[0]) / n);
  return 0;
}

int main(int argc, char **argv)
{
  static const char *const all[] = {"block", "ml", "gamg", "hypre"};
  if (argc < 2) return growth();
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  progress_configure(true, false);
  FieldOptions o = {.order = argc > 3 ? atoi(argv[3]) : 1, .tolerance = argc > 2 ? atof(argv[2]) : 1e-8};
  Mesh *m = make(atoi(argv[1]));
  double *sigma = tensors(m);
  for (int i = 0; i < (argc > 4 ? argc - 4 : 4); i++) {
    const char *name = argc > 4 ? argv[4 + i] : all[i];
    o.solver = strcmp(name, "block") ? SOLVER_PETSC : SOLVER_BLOCK;
    o.preconditioner = o.solver == SOLVER_BLOCK ? "ml" : name;
    PetscCall(bench(m, sigma, &o, name));
  }
  free(sigma);
  mesh_destroy(&m);
  return PetscFinalize();
}
