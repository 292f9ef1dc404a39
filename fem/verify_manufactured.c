/* Manufactured solutions: a potential is chosen, the source that it needs is computed from the equation, and the solver
 * is asked for the potential back. The mesh is bent, the tensor full and different along each axis, so that a swapped
 * axis or a transposed Jacobian shows. */
#include "verify_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>

/* A solution: value, gradient (1/m), and load = -div(sigma grad u), at x in m; region counts where sigma jumps. */
typedef struct {
  const char *name;
  double sigma[2][6];
  double (*value)(const double x[3], int region, double gradient[3], double *load);
  void (*place)(const void *context, const double t[3], double x_mm[3]);
} Solution;

#define TENSOR                                                                                                         \
  {                                                                                                                    \
    0.6, 0.2, 1.1, 0.1, -0.15, 0.2                                                                                     \
  }
static const double tensor[6] = TENSOR;

/* k . sigma k, written out: the solver's own product is under test. */
static double form(const double s[6], const double k[3])
{
  return s[0] * k[0] * k[0] + s[1] * k[1] * k[1] + s[2] * k[2] * k[2] +
         2.0 * (s[3] * k[0] * k[1] + s[4] * k[1] * k[2] + s[5] * k[0] * k[2]);
}

/* Two waves: sin(k x + p) has the load (k . sigma k) sin(k x + p). */
static double waves(const double x[3], int region, double gradient[3], double *load)
{
  static const double k[2][3] = {{2.1, -1.3, 3.4}, {-0.8, 2.9, 1.7}}, phase[2] = {0.4, 1.1}, size[2] = {1.0, 0.6};
  double u = 0.0;
  (void)region;
  *load = 0.0;
  v3_set(gradient, 0.0, 0.0, 0.0);
  for (int i = 0; i < 2; i++) {
    double at = v3_dot(k[i], x) + phase[i];
    u += size[i] * sin(at);
    *load += size[i] * form(tensor, k[i]) * sin(at);
    v3_axpy(gradient, size[i] * cos(at), k[i], gradient);
  }
  return u;
}

/* sigma is s diag(1, 2, 1/2) with s = 1 below x = 1/2 and 40 above. u = (1 + sin(2 (x - 1/2)) / s) w(y, z) and its flux
 * through the plane, 2 cos(0) w, are the same on both sides. */
static double jump(const double x[3], int region, double gradient[3], double *load)
{
  double s = region ? 40.0 : 1.0, wave = sin(2.0 * (x[0] - 0.5)), u = 1.0 + wave / s;
  double sy = sin(2.0 * x[1] + 0.3), cz = cos(1.5 * x[2]), w = sy * cz;
  gradient[0] = 2.0 * cos(2.0 * (x[0] - 0.5)) / s * w;
  gradient[1] = u * 2.0 * cos(2.0 * x[1] + 0.3) * cz;
  gradient[2] = -u * 1.5 * sy * sin(1.5 * x[2]);
  *load = 4.0 * wave * w + s * u * w * (2.0 * 4.0 + 0.5 * 2.25);
  return u * w;
}

/* The unit cube in mm, bent. */
static void bent(const void *context, const double t[3], double x[3])
{
  (void)context;
  x[0] = 1e3 * (t[0] + 0.10 * t[1] * t[2] - 0.05 * t[1] * t[1]);
  x[1] = 1e3 * (t[1] + 0.08 * sin(3.0 * t[0]) * t[2]);
  x[2] = 1e3 * (t[2] - 0.07 * t[0] * t[1] + 0.05 * t[0] * t[0]);
}

/* The same, but the plane t = 1/2 along x stays a plane. */
static void bent_beside_plane(const void *context, const double t[3], double x[3])
{
  bent(context, t, x);
  x[0] = 1e3 * (t[0] + 0.3 * (t[0] - 0.5) * (t[1] - 0.5) * t[2]);
}

static const Solution solutions[] = {
    {"manufactured, anisotropic", {TENSOR, TENSOR}, waves, bent},
    {"manufactured, jump 1:40", {{1, 2, 0.5, 0, 0, 0}, {40, 80, 20, 0, 0, 0}}, jump, bent_beside_plane},
};

static int half(const void *context, const double t[3]) { return (void)context, t[0] > 0.5; }

static int all_sides(const void *context, const double t[3], int axis, int upper)
{
  (void)context, (void)t, (void)axis, (void)upper;
  return 0;
}

static PetscErrorCode cube(const Solution *s, int n, Mesh **out)
{
  static const MeshRegion regions[] = {{"csf", TISSUE_CSF}, {"fat", TISSUE_FAT}};
  static const MeshGroup groups[] = {{"case", GROUP_RETURN}};
  Block b = {.n = {n, n, n},
             .place = s->place,
             .region = half,
             .group = all_sides,
             .n_region = 2,
             .n_group = 1,
             .regions = regions,
             .groups = groups};
  return block_mesh(&b, out);
}

/* ---- one mesh ---------------------------------------------------------------------------------------------------- */

typedef struct {
  Mesh *m;
  Space *space;
  double *sigma, *v, *load, (*x)[3];
  bool *fixed;
  TetPoints q;
} Trial;

static void point_at(const double x[4][3], const double w[4], double p[3])
{
  v3_set(p, 0.0, 0.0, 0.0);
  for (int i = 0; i < 4; i++) v3_axpy(p, w[i], x[i], p);
}

static void load_fill(const Solution *s, Trial *k)
{
  const Element *e = k->space->element;
  for (TetId t = 0; t < k->m->n_tet; t++) {
    double x[4][3], g[4][3], N[ELEMENT_NODES_MAX], p[3], gradient[3], load;
    NodeId node[ELEMENT_NODES_MAX];
    element_vertices(k->m, t, x);
    double volume = p1_gradients(x, g);
    space_nodes(k->space, t, node);
    for (int n = 0; n < TET_POINTS; n++) {
      point_at(x, k->q.w[n], p);
      (void)s->value(p, k->m->region[t], gradient, &load);
      e->basis(k->q.w[n], N);
      for (int i = 0; i < e->n_node; i++) k->load[node[i]] += volume * k->q.weight[n] * load * N[i];
    }
  }
}

/* Relative errors of values (L2) and of gradients (the H1 seminorm). */
static void errors_measure(const Solution *s, const Trial *k, double error[2])
{
  const Element *e = k->space->element;
  double off[2] = {0.0, 0.0}, all[2] = {0.0, 0.0};
  for (TetId t = 0; t < k->m->n_tet; t++) {
    double x[4][3], g[4][3], N[ELEMENT_NODES_MAX], dN[ELEMENT_NODES_MAX][3], p[3], gradient[3], load;
    NodeId node[ELEMENT_NODES_MAX];
    element_vertices(k->m, t, x);
    double volume = p1_gradients(x, g);
    space_nodes(k->space, t, node);
    for (int n = 0; n < TET_POINTS; n++) {
      point_at(x, k->q.w[n], p);
      double u = s->value(p, k->m->region[t], gradient, &load), weight = volume * k->q.weight[n];
      all[0] += weight * u * u, all[1] += weight * v3_dot(gradient, gradient);
      e->basis(k->q.w[n], N);
      e->gradients(k->q.w[n], g, dN);
      for (int i = 0; i < e->n_node; i++) {
        u -= N[i] * k->v[node[i]];
        v3_axpy(gradient, -k->v[node[i]], dN[i], gradient);
      }
      off[0] += weight * u * u, off[1] += weight * v3_dot(gradient, gradient);
    }
  }
  for (int i = 0; i < 2; i++) error[i] = sqrt(off[i] / all[i]);
}

static PetscErrorCode trial_run(const Solution *s, int order, int n, Trial *k, double error[2])
{
  PetscCall(cube(s, n, &k->m));
  PetscCall(space_create(k->m, order, &k->space));
  PetscCall(sigma_by_region(k->m, s->sigma, &k->sigma));
  size_t nodes = (size_t)k->space->n_node;
  PetscCall(mem_alloc(nodes, sizeof *k->v, &k->v));
  PetscCall(mem_alloc(nodes, sizeof *k->load, &k->load));
  PetscCall(mem_alloc(nodes, sizeof *k->fixed, &k->fixed));
  PetscCall(space_coordinates(k->space, &k->x));
  tet_points(&k->q);
  fix_group_nodes(k->space, GROUP_RETURN, k->fixed);
  for (NodeId i = 0; i < k->space->n_node; i++) {
    double gradient[3], load;
    if (k->fixed[i]) k->v[i] = s->value(k->x[i], k->x[i][0] > 0.5, gradient, &load);
  }
  load_fill(s, k);
  PetscCall(dirichlet_solve(k->space, k->sigma, k->fixed, k->load, k->v));
  errors_measure(s, k, error);
  return 0;
}

static PetscErrorCode trial(const Solution *s, int order, int n, double error[2])
{
  Trial k = {.m = NULL};
  PetscErrorCode ierr = trial_run(s, order, n, &k, error);
  space_destroy(&k.space);
  mesh_destroy(&k.m);
  free(k.sigma), free(k.v), free(k.load), free(k.x), free(k.fixed);
  return ierr;
}

static PetscErrorCode orders(const Solution *s, int order, bool refined, VerifyTable *t)
{
  static const char *const quantity[2][2] = {{"error L2", "order L2"}, {"error H1", "order H1"}};
  static const double least[2][2] = {{1.9, 2.9}, {0.95, 1.9}};
  int n = (order == 1 ? 16 : 8) * (refined ? 2 : 1);
  double coarse[2], fine[2];
  char mesh[40];
  PetscCall(trial(s, order, n, coarse));
  PetscCall(trial(s, order, 2 * n, fine));
  snprintf(mesh, sizeof mesh, "P%d, %d and %d cells a side", order, n, 2 * n);
  for (int i = 0; i < 2; i++) {
    PetscCall(verify_row(t, s->name, mesh, quantity[i][0], fine[i], VERIFY_TOLD, 0.0));
    PetscCall(
        verify_row(t, s->name, mesh, quantity[i][1], log2(coarse[i] / fine[i]), VERIFY_AT_LEAST, least[i][order - 1]));
  }
  return 0;
}

PetscErrorCode verify_manufactured(bool refined, VerifyTable *t)
{
  for (size_t i = 0; i < sizeof solutions / sizeof solutions[0]; i++)
    for (int order = 1; order <= 2; order++) PetscCall(orders(&solutions[i], order, refined, t));
  return 0;
}
