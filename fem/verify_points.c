/* A point source in an unbounded medium, put into a node of a block that is fine there; the exact potential is given on
 * the outside. The source is 1 mA, as it would be in a case: nothing of the solution is known to the solver inside. */
#include "verify_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>

/* Half the block's side, and how much finer its middle is; nearer than this the mesh cannot follow the source. */
static const double HALF_MM = 10.0, GRADING = 3.0, NEAR_MM = 2.0;
static const double CURRENT_A = 1e-3;

typedef struct {
  const char *name;
  double sigma[2][6];
  double (*exact)(const double x[3], double plane); /* V at x, m */
} Medium;

typedef struct {
  double plane; /* mm: the boundary between the two regions, z of it; the source is in the upper one */
} Place;

#define ACROSS 0.083
#define ALONG 0.6
/* 0.083 across and 0.6 S/m along (1, 2, 2) / 3 */
#define FIBRE(i, j) ((ALONG - ACROSS) * (i) * (j) / 9.0)
#define FIBRES                                                                                                         \
  {                                                                                                                    \
    ACROSS + FIBRE(1, 1), ACROSS + FIBRE(2, 2), ACROSS + FIBRE(2, 2), FIBRE(1, 2), FIBRE(2, 2), FIBRE(1, 2)            \
  }

/* V = I / (4 pi sqrt(det) sqrt(x . sigma^-1 x)): with u the fibre axis, det = across^2 along, and x . sigma^-1 x =
 * (|x|^2 - (x.u)^2) / across + (x.u)^2 / along. Source: Nicholson 1967. */
static double anisotropic(const double x[3], double plane)
{
  static const double u[3] = {1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0};
  double a = v3_dot(x, u), across = v3_dot(x, x) - a * a;
  (void)plane;
  return CURRENT_A / (4.0 * PETSC_PI * ACROSS * sqrt(ALONG) * sqrt(across / ACROSS + a * a / ALONG));
}

/* 1.7 above, 0.04 S/m below: in the source's medium there is an image of strength k behind the plane, beyond it the
 * source looks like one in the mean of both: the method of images. */
#define UPPER 1.7
#define LOWER 0.04
static double half_spaces(const double x[3], double plane)
{
  double image[3] = {x[0], x[1], x[2] - 2.0 * plane}, k = (UPPER - LOWER) / (UPPER + LOWER), r = v3_norm(x);
  if (x[2] < plane) return CURRENT_A / (2.0 * PETSC_PI * (UPPER + LOWER) * r);
  return CURRENT_A / (4.0 * PETSC_PI * UPPER) * (1.0 / r + k / v3_norm(image));
}

static const Medium media[] = {
    {"point, anisotropic", {FIBRES, FIBRES}, anisotropic},
    {"point, two half-spaces", {{LOWER, LOWER, LOWER, 0, 0, 0}, {UPPER, UPPER, UPPER, 0, 0, 0}}, half_spaces},
};

static double graded(double t) { return HALF_MM * sinh(GRADING * (2.0 * t - 1.0)) / sinh(GRADING); }

static void place(const void *context, const double t[3], double x[3])
{
  (void)context;
  for (int k = 0; k < 3; k++) x[k] = graded(t[k]);
}

static int above(const void *context, const double t[3]) { return graded(t[2]) > ((const Place *)context)->plane; }

static int all_sides(const void *context, const double t[3], int axis, int upper)
{
  (void)context, (void)t, (void)axis, (void)upper;
  return 0;
}

/* The layer of nodes that lies nearest to 2 mm below the source. */
static double layer_below(int n)
{
  int best = 0;
  for (int i = 0; i < n; i++)
    if (fabs(graded((double)i / n) + NEAR_MM) < fabs(graded((double)best / n) + NEAR_MM)) best = i;
  return graded((double)best / n);
}

typedef struct {
  Mesh *m;
  Space *space;
  double *sigma, *v, *load, (*x)[3];
  bool *fixed;
} Trial;

static PetscErrorCode trial_run(const Medium *medium, int order, int n, Trial *k, double *error)
{
  static const MeshRegion regions[] = {{"fat", TISSUE_FAT}, {"csf", TISSUE_CSF}};
  static const MeshGroup groups[] = {{"case", GROUP_RETURN}};
  Place where = {layer_below(n)};
  Block b = {{n, n, n}, place, above, all_sides, 2, 1, regions, groups, &where};
  PetscCall(block_mesh(&b, &k->m));
  PetscCall(space_create(k->m, order, &k->space));
  PetscCall(sigma_by_region(k->m, medium->sigma, &k->sigma));
  size_t nodes = (size_t)k->space->n_node;
  PetscCall(mem_alloc(nodes, sizeof *k->v, &k->v));
  PetscCall(mem_alloc(nodes, sizeof *k->load, &k->load));
  PetscCall(mem_alloc(nodes, sizeof *k->fixed, &k->fixed));
  PetscCall(space_coordinates(k->space, &k->x));
  fix_group_nodes(k->space, GROUP_RETURN, k->fixed);
  for (NodeId i = 0; i < k->space->n_node; i++)
    if (k->fixed[i]) k->v[i] = medium->exact(k->x[i], 1e-3 * where.plane);
  k->load[k->m->n_node / 2] = CURRENT_A; /* the node in the middle of an even block */
  PetscCall(dirichlet_solve(k->space, k->sigma, k->fixed, k->load, k->v));
  *error = 0.0;
  for (NodeId i = 0; i < k->space->n_node; i++) {
    double exact = medium->exact(k->x[i], 1e-3 * where.plane);
    if (v3_norm(k->x[i]) > 1e-3 * NEAR_MM) *error = fmax(*error, fabs(k->v[i] / exact - 1.0));
  }
  return 0;
}

static PetscErrorCode trial(const Medium *medium, int order, int n, double *error)
{
  Trial k = {.m = NULL};
  PetscErrorCode ierr = trial_run(medium, order, n, &k, error);
  space_destroy(&k.space);
  mesh_destroy(&k.m);
  free(k.sigma), free(k.v), free(k.load), free(k.x), free(k.fixed);
  return ierr;
}

PetscErrorCode verify_points(bool refined, VerifyTable *t)
{
  for (size_t i = 0; i < sizeof media / sizeof media[0]; i++)
    for (int order = 1; order <= 2; order++) {
      int n = (order == 1 ? 40 : 20) * (refined ? 2 : 1);
      char mesh[40];
      double coarse, fine;
      PetscCall(trial(&media[i], order, n, &coarse));
      PetscCall(trial(&media[i], order, 2 * n, &fine));
      snprintf(mesh, sizeof mesh, "P%d, %d and %d cells a side", order, n, 2 * n);
      PetscCall(verify_row(t, media[i].name, mesh, "largest beyond 2 mm", fine, VERIFY_AT_MOST, 0.005));
      PetscCall(verify_row(t, media[i].name, mesh, "order", log2(coarse / fine), VERIFY_TOLD, 0.0));
    }
  return 0;
}
