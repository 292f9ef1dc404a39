/* A mesh made finer where an indicator says that the error comes from. */
#include "bisect.h"
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>

/* Edges at most this much shorter at once; and not halved for less than this. */
static const double SHORTEST = 0.25, WORTH = 0.75;
enum { HALVINGS = 60 };

static double longest_edge_mm(const double *const x[4])
{
  double longest = 0.0;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++) longest = fmax(longest, v3_distance2(x[i], x[j]));
  return sqrt(longest);
}

static double edge_of(const Mesh *m, TetId t)
{
  const double *x[4];
  for (int i = 0; i < 4; i++) x[i] = m->xyz + 3 * (size_t)m->tet[t][i];
  return longest_edge_mm(x);
}

/* What is left of the indicator with edges times min(1, scale pull). Error goes with the edge to the power 2 order. */
static double left_over(TetId n, int order, const double *indicator, const double *pull, double scale)
{
  double sum = 0.0;
  for (TetId t = 0; t < n; t++) {
    double s = fmin(1.0, fmax(SHORTEST, scale * pull[t])), s2 = s * s;
    sum += indicator[t] * (order == 1 ? s2 : s2 * s2);
  }
  return sum;
}

/* wanted [n_tet] mm: the edges that leave `factor` of the indicator with the fewest tetrahedra. With g = indicator /
 * (volume edge^2p) that is edge = (constant / g)^(1 / (2p + 3)). Between tetrahedra and elements of the neighbourhood
 * indicators jump; what is nearly long enough is left as it is. */
static void edges_wanted(const Mesh *m, int order, const double *indicator, double factor, double *wanted)
{
  double all = 0.0, low = 1e-12, high = 1e12, most = 0.0;
  for (TetId t = 0; t < m->n_tet; t++) {
    double h = edge_of(m, t), g = indicator[t] / (mesh_tet_volume(m, t) * pow(h, 2.0 * order));
    wanted[t] = g > 0.0 ? pow(g, -1.0 / (2.0 * order + 3.0)) / h : HUGE_VAL;
    all += indicator[t];
    if (isfinite(wanted[t])) most = fmax(most, wanted[t]);
  }
  for (TetId t = 0; t < m->n_tet; t++) wanted[t] = isfinite(wanted[t]) ? wanted[t] / most : 1e12;
  for (int i = 0; i < HALVINGS; i++) {
    double middle = sqrt(low * high);
    if (left_over(m->n_tet, order, indicator, wanted, middle) > factor * all)
      high = middle;
    else
      low = middle;
  }
  for (TetId t = 0; t < m->n_tet; t++) {
    double s = fmax(SHORTEST, low * wanted[t]);
    wanted[t] = s < WORTH ? s * edge_of(m, t) : HUGE_VAL;
  }
}

static bool too_long(const void *context, const double *const x[4], TetId first)
{
  return longest_edge_mm(x) > ((const double *)context)[first] * (1.0 + 1e-9);
}

PetscErrorCode field_refine(const Mesh *m, int order, const double *indicator, double factor, Mesh **out)
{
  double *wanted;
  *out = NULL;
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *wanted, &wanted));
  edges_wanted(m, order, indicator, factor, wanted);
  PetscErrorCode ierr = mesh_bisect(m, too_long, wanted, NULL, out);
  free(wanted);
  if (!ierr) ierr = mesh_reorder(out);
  if (ierr) mesh_destroy(out);
  return ierr;
}
