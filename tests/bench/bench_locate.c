/* Point location: the tree and the walk against a search through all tetrahedra.
 * Usage: bench_locate [CUBES_A_SIDE]   (default 70: 2 million tetrahedra) */
#include "../unit/box_mesh.h"

#include <time.h>

enum { N_LOOKUP = 1000000, N_SEARCH = 20 };

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void random_point(Rng *r, double p[3])
{
  for (int k = 0; k < 3; k++) p[k] = 100.0 * rng_uniform(r);
}

static double time_tree(const MeshLocator *l)
{
  Rng r = rng_seed(1, 0);
  double p[3], w[4], start = seconds();
  for (int i = 0; i < N_LOOKUP; i++) {
    random_point(&r, p);
    if (mesh_locate(l, p, -1, w) < 0) printf("a point was lost\n");
  }
  return (seconds() - start) / N_LOOKUP;
}

/* Along a line in steps of a twentieth of an edge, as along a fibre. */
static double time_walk(const MeshLocator *l, double edge)
{
  TetId t = -1;
  double p[3] = {50.1, 49.3, 0.01}, w[4], start = seconds();
  for (int i = 0; i < N_LOOKUP; i++) {
    p[2] += edge / 20.0;
    if (p[2] > 99.99) p[2] = 0.01;
    t = mesh_locate(l, p, t, w);
    if (t < 0) printf("a point was lost\n");
  }
  return (seconds() - start) / N_LOOKUP;
}

static double time_search(const Mesh *m)
{
  Rng r = rng_seed(1, 0);
  double start = seconds(), p[3];
  for (int i = 0; i < N_SEARCH; i++) {
    bool found = false;
    random_point(&r, p);
    for (TetId t = 0; t < m->n_tet && !found; t++) {
      found = true;
      for (int f = 0; f < 4 && found; f++) {
        const double *a = m->xyz + 3 * (size_t)m->tet[t][MESH_FACE[f][0]];
        const double *b = m->xyz + 3 * (size_t)m->tet[t][MESH_FACE[f][1]];
        const double *c = m->xyz + 3 * (size_t)m->tet[t][MESH_FACE[f][2]];
        found = v3_volume6(a, b, c, p) <= 0.0;
      }
    }
    if (!found) printf("a point was lost\n");
  }
  return (seconds() - start) / N_SEARCH;
}

static PetscErrorCode bench(int cubes)
{
  const MeshRegion white = {"white", TISSUE_WHITE};
  const BoxPlan plan = {cubes, 100.0, 1, &white, NULL};
  Mesh *m;
  MeshLocator *l;
  PetscCall(box_mesh(&plan, &m));
  double start = seconds();
  PetscCall(mesh_locator_create(m, &l));
  double made = seconds() - start, tree = time_tree(l), walk = time_walk(l, 100.0 / cubes), search = time_search(m);
  printf("%d tetrahedra: tree made in %.2f s; %.2f us a lookup by the tree, %.2f us by walking, %.0f us by search "
         "(%.0f times the tree)\n",
         m->n_tet, made, 1e6 * tree, 1e6 * walk, 1e6 * search, search / tree);
  mesh_locator_destroy(&l);
  mesh_destroy(&m);
  return 0;
}

int main(int argc, char **argv)
{
  int cubes = argc > 1 ? atoi(argv[1]) : 70;
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  PetscErrorCode code = bench(cubes);
  return PetscFinalize() || code;
}
