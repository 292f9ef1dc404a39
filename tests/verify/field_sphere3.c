/* field_sphere3 FILE.msh REFINEMENTS: a mesh from elsewhere, three concentric shells whose regions are named white, bone
 * and body, against the series for shells. 1 A enters at one node of the outer surface and leaves at another, 90 degrees
 * off; the outer surface insulates. Prints for each order and refinement the relative error (L2), the topography (RDM)
 * and the magnitude (MAG) at the nodes of the innermost shell. Refinement halves every edge and draws the new nodes of
 * surfaces onto their spheres. */
#include "../../fem/bisect.h"
#include "../../fem/verify_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHELLS = 3, TERMS = 400 };
static const char *const NAMES[SHELLS] = {"white", "bone", "body"};
static const double SIGMA[SHELLS] = {0.33, 0.0042, 0.33};

typedef struct {
  double radius_mm[SHELLS];
  double gain[TERMS]; /* of the n-th term in the innermost shell, V a A at its surface */
} Series;

/* ---- the series ------------------------------------------------------------------------------------------------- */

/* In each shell V_n = a (r / R)^n + b (R / r)^(n + 1), R its outer radius; outward from (1, 0) in the innermost, V and
 * sigma V' go on through the surfaces. On the outermost sigma V' = (2n + 1) / (4 pi R^2): a point's 1 A as a series of
 * Legendre polynomials. */
static void series_make(Series *s)
{
  for (int n = 1; n < TERMS; n++) {
    double a = 1.0, b = 0.0, R = 1e-3 * s->radius_mm[0], scale = 1.0;
    for (int k = 0; k + 1 < SHELLS; k++) {
      double v = a + b, flux = SIGMA[k] * (n * a - (n + 1) * b) / R, next = 1e-3 * s->radius_mm[k + 1], q = R / next;
      double slope = flux / SIGMA[k + 1] * R; /* V' R at the inner side of the next shell */
      double rising = ((n + 1) * v + slope) / (2 * n + 1), falling = (n * v - slope) / (2 * n + 1);
      scale *= pow(q, n); /* a at the outer radius is rising / q^n: kept apart, so that it does not overflow */
      a = rising, b = falling * pow(q, 2 * n + 1);
      R = next;
    }
    s->gain[n] = scale * (2 * n + 1) / (4.0 * PETSC_PI * R * R) / (SIGMA[SHELLS - 1] * (n * a - (n + 1) * b) / R);
  }
}

/* V at p (mm) of 1 A entering at unit direction `in` and leaving at `out`. */
static double series_at(const Series *s, const double p[3], const double in[3], const double out[3])
{
  double r = v3_norm(p), v = 0.0, power = 1.0;
  double x[2] = {v3_dot(p, in) / r, v3_dot(p, out) / r}, before[2] = {1.0, 1.0}, now[2] = {x[0], x[1]};
  for (int n = 1; n < TERMS; n++) {
    power *= r / s->radius_mm[0];
    v += s->gain[n] * power * (now[0] - now[1]);
    for (int k = 0; k < 2; k++) {
      double next = ((2 * n + 1) * x[k] * now[k] - n * before[k]) / (n + 1);
      before[k] = now[k], now[k] = next;
    }
  }
  return v;
}

/* ---- the mesh --------------------------------------------------------------------------------------------------- */

/* Largest radius of each region: its outer sphere. */
static void radii(const Mesh *m, Series *s)
{
  for (int k = 0; k < SHELLS; k++) {
    int region = mesh_find_region(m, NAMES[k]);
    s->radius_mm[k] = 0.0;
    for (TetId t = 0; t < m->n_tet; t++)
      for (int i = 0; m->region[t] == region && i < 4; i++)
        s->radius_mm[k] = fmax(s->radius_mm[k], v3_norm(&m->xyz[3 * (size_t)m->tet[t][i]]));
  }
}

static bool larger(const void *context, const double *const x[4], TetId first)
{
  return v3_volume6(x[0], x[1], x[2], x[3]) > 1.001 / 8.0 * ((const double *)context)[first];
}

/* Nodes on a surface between shells, or on the outer one: of two regions, or beyond 99.9 % of the radius between chords
 * is not needed: a node of the outermost region that is on a face without a neighbour. */
static PetscErrorCode draw_to_spheres(const Series *s, Mesh *m)
{
  TetId(*adj)[4];
  PetscCall(mesh_neighbours(m, &adj));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      if (adj[t][f] >= 0 && m->region[adj[t][f]] == m->region[t]) continue;
      for (int i = 0; i < 3; i++) {
        double *x = &m->xyz[3 * (size_t)m->tet[t][MESH_FACE[f][i]]], r = v3_norm(x), best = s->radius_mm[0];
        for (int k = 1; k < SHELLS; k++)
          if (fabs(s->radius_mm[k] - r) < fabs(best - r)) best = s->radius_mm[k];
        v3_scale(best / r, x);
      }
    }
  free(adj);
  return 0;
}

static PetscErrorCode refine(const Series *s, Mesh **m)
{
  Mesh *fine;
  double *volume;
  PetscCall(mem_alloc((size_t)(*m)->n_tet, sizeof *volume, &volume));
  for (TetId t = 0; t < (*m)->n_tet; t++) volume[t] = 6.0 * mesh_tet_volume(*m, t);
  PetscCall(mesh_bisect(*m, larger, volume, NULL, &fine));
  free(volume);
  mesh_destroy(m);
  *m = fine;
  return draw_to_spheres(s, fine);
}

/* The node nearest to a point of the outer surface. */
static NodeId nearest(const Mesh *m, const double p[3])
{
  NodeId best = 0;
  for (NodeId n = 1; n < m->n_node; n++)
    if (v3_distance2(&m->xyz[3 * (size_t)n], p) < v3_distance2(&m->xyz[3 * (size_t)best], p)) best = n;
  return best;
}

/* ---- one solution ------------------------------------------------------------------------------------------------ */

static void unit(const Mesh *m, NodeId n, double out[3])
{
  v3_copy(&m->xyz[3 * (size_t)n], out);
  v3_normalise(out);
}

/* Relative error, RDM = |v/|v| - e/|e|| and MAG = |v|/|e|, both freed of their means, over the innermost shell's
 * vertices. */
static PetscErrorCode judge(const Mesh *m, const Series *s, const double *v, NodeId from, NodeId to, double out[3])
{
  double in[3], away[3], mean[2] = {0, 0}, vv = 0.0, ee = 0.0, ve = 0.0, *e, count = 0.0;
  bool *inside;
  int region = mesh_find_region(m, NAMES[0]);
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *inside, &inside));
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *e, &e));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; m->region[t] == region && i < 4; i++) inside[m->tet[t][i]] = true;
  unit(m, from, in), unit(m, to, away);
  for (NodeId n = 0; n < m->n_node; n++) {
    if (!inside[n] || v3_norm(&m->xyz[3 * (size_t)n]) < 1e-6) inside[n] = false;
    if (!inside[n]) continue;
    e[n] = series_at(s, &m->xyz[3 * (size_t)n], in, away);
    mean[0] += v[n], mean[1] += e[n], count++;
  }
  for (NodeId n = 0; n < m->n_node; n++) {
    if (!inside[n]) continue;
    double a = v[n] - mean[0] / count, b = e[n] - mean[1] / count;
    vv += a * a, ee += b * b, ve += a * b;
  }
  out[0] = sqrt((vv - 2.0 * ve + ee) / ee);
  out[1] = sqrt(fmax(0.0, 2.0 - 2.0 * ve / sqrt(vv * ee)));
  out[2] = sqrt(vv / ee);
  free(inside), free(e);
  return 0;
}

static PetscErrorCode solve(const Mesh *m, int order, NodeId from, NodeId to, double **v)
{
  Space *space;
  bool *fixed;
  double *load, *sigma, of_region[8][6] = {{0}};
  for (int k = 0; k < SHELLS; k++)
    for (int i = 0; i < 3; i++) of_region[mesh_find_region(m, NAMES[k])][i] = SIGMA[k];
  PetscCall(space_create(m, order, &space));
  PetscCall(sigma_by_region(m, (const double(*)[6])of_region, &sigma));
  PetscCall(mem_alloc((size_t)space->n_node, sizeof *load, &load));
  PetscCall(mem_alloc((size_t)space->n_node, sizeof *fixed, &fixed));
  PetscCall(mem_alloc((size_t)space->n_node, sizeof **v, v));
  load[from] = 1.0, load[to] = -1.0;
  fixed[m->tet[0][0]] = true; /* at 0 V; the mean is taken off afterwards */
  PetscCall(dirichlet_solve(space, sigma, fixed, load, *v));
  space_destroy(&space);
  free(load), free(fixed), free(sigma);
  return 0;
}

static PetscErrorCode rows(const Mesh *m, const Series *s, int refinement)
{
  double radius = s->radius_mm[SHELLS - 1], px[3] = {radius, 0, 0}, py[3] = {0, radius, 0};
  NodeId from = nearest(m, px), to = nearest(m, py);
  for (int order = 1; order <= 2; order++) {
    double *v, found[3] = {0};
    PetscCall(solve(m, order, from, to, &v));
    PetscCall(judge(m, s, v, from, to, found));
    printf("refined %d P%d error %.5f RDM %.5f MAG %.5f (%d tetrahedra)\n", refinement, order, found[0], found[1],
           found[2], (int)m->n_tet);
    free(v);
  }
  return 0;
}

static PetscErrorCode work(int argc, char **argv)
{
  Mesh *m;
  Series s;
  PetscCheck(argc == 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "usage: field_sphere3 FILE.msh REFINEMENTS");
  progress_configure(true, false);
  PetscCall(mesh_read_msh(argv[1], &m));
  for (int k = 0; k < SHELLS; k++)
    PetscCheck(mesh_find_region(m, NAMES[k]) >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "no region %s", NAMES[k]);
  radii(m, &s);
  series_make(&s);
  printf("radii %g %g %g mm\n", s.radius_mm[0], s.radius_mm[1], s.radius_mm[2]);
  for (int i = 0; i <= atoi(argv[2]); i++) {
    if (i) PetscCall(refine(&s, &m));
    PetscCall(rows(m, &s, i));
  }
  mesh_destroy(&m);
  return 0;
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  PetscErrorCode ierr = work(argc, argv);
  if (ierr) return 2;
  return PetscFinalize() ? 2 : 0;
}
