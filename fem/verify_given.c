/* Problems with given values on the boundary and given sources: the same elements, matrix and solver as a case's. */
#include "verify_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void tet_points(TetPoints *q)
{
  static const double x[4] = {-0.86113631159405258, -0.33998104358485626, 0.33998104358485626, 0.86113631159405258};
  static const double g[4] = {0.34785484513745386, 0.65214515486254614, 0.65214515486254614, 0.34785484513745386};
  for (int n = 0; n < TET_POINTS; n++) {
    double a = 0.5 * (1.0 + x[n / 16]), b = 0.5 * (1.0 + x[n / 4 % 4]), c = 0.5 * (1.0 + x[n % 4]);
    double u = a, v = (1.0 - a) * b, w = (1.0 - a) * (1.0 - b) * c;
    q->w[n][0] = 1.0 - u - v - w, q->w[n][1] = u, q->w[n][2] = v, q->w[n][3] = w;
    q->weight[n] = 6.0 * 0.125 * g[n / 16] * g[n / 4 % 4] * g[n % 4] * (1.0 - a) * (1.0 - a) * (1.0 - b);
  }
}

void fix_group_nodes(const Space *s, GroupKind kind, bool *fixed)
{
  const Mesh *m = s->mesh;
  for (TriId t = 0; t < m->n_tri; t++) {
    NodeId node[FACE_NODES_MAX];
    if (m->groups[m->group[t]].kind != kind) continue;
    space_face_nodes(s, t, node);
    for (int i = 0; i < s->element->n_face_node; i++) fixed[node[i]] = true;
  }
}

PetscErrorCode space_coordinates(const Space *s, double (**out)[3])
{
  double(*x)[3];
  NodeId vertices = s->mesh->n_node;
  PetscCall(mem_alloc((size_t)s->n_node, sizeof *x, &x));
  for (NodeId n = 0; n < vertices; n++)
    for (int k = 0; k < 3; k++) x[n][k] = 1e-3 * s->mesh->xyz[3 * (size_t)n + (size_t)k];
  for (NodeId a = 0; s->edges && a < vertices; a++)
    for (EdgeId e = s->edges->start[a]; e < s->edges->start[a + 1]; e++)
      for (int k = 0; k < 3; k++) x[vertices + e][k] = 0.5 * (x[a][k] + x[s->edges->end[e]][k]);
  *out = x;
  return 0;
}

PetscErrorCode sigma_by_region(const Mesh *m, const double (*of_region)[6], double **sigma)
{
  PetscCall(mem_alloc((size_t)m->n_tet, 6 * sizeof **sigma, sigma));
  for (TetId t = 0; t < m->n_tet; t++) memcpy(*sigma + 6 * (size_t)t, of_region[m->region[t]], 6 * sizeof **sigma);
  return 0;
}

/* Unknowns: the nodes that are not fixed. */
static PetscErrorCode dofs_free_nodes(const bool *fixed, NodeId n_node, DofMap **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  DofMap *d = *out;
  d->n_node = n_node;
  PetscErrorCode ierr = mem_alloc((size_t)n_node, sizeof *d->unknown, &d->unknown);
  for (NodeId n = 0; !ierr && n < n_node; n++) d->unknown[n] = fixed[n] ? FEM_GROUNDED : d->n_unknown++;
  d->n_own = d->n_unknown;
  if (ierr) dofs_destroy(out);
  return ierr;
}

/* b = load - K v_fixed, over the unknowns. */
static PetscErrorCode right_side(const System *s, const bool *fixed, const double *load, const double *v, double *b)
{
  double K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
  NodeId node[ELEMENT_NODES_MAX];
  int n = s->space->element->n_node;
  for (NodeId i = 0; i < s->space->n_node; i++)
    if (!fixed[i]) b[s->dofs->unknown[i]] = load[i];
  for (TetId t = 0; t < s->space->mesh->n_tet; t++) {
    bool any = false;
    space_nodes(s->space, t, node);
    for (int i = 0; i < n; i++) any |= fixed[node[i]];
    if (!any) continue;
    PetscCall(system_matrix(s, t, K));
    for (int i = 0; i < n; i++)
      for (int j = 0; !fixed[node[i]] && j < n; j++)
        if (fixed[node[j]]) b[s->dofs->unknown[node[i]]] -= K[n * i + j] * v[node[j]];
  }
  return 0;
}

typedef struct {
  DofMap *dofs, *below_dofs;
  Space *below_space;
  Operator op;
  double *b, *x;
} Given;

static PetscErrorCode given_solve(const Space *s, const double *sigma, const bool *fixed, const double *load, double *v,
                                  Given *g)
{
  const FieldOptions o = {.order = s->element->order, .tolerance = 1e-11, .preconditioner = "ml"};
  SolveStats stats;
  PetscCall(dofs_free_nodes(fixed, s->n_node, &g->dofs));
  System system = {s, g->dofs, sigma, NULL}, below = system;
  if (s->element->order > 1) {
    PetscCall(space_create(s->mesh, 1, &g->below_space));
    PetscCall(dofs_free_nodes(fixed, s->mesh->n_node, &g->below_dofs));
    below.space = g->below_space, below.dofs = g->below_dofs;
  }
  PetscCall(operator_create(&system, s->element->order > 1 ? &below : NULL, &g->op));
  PetscCall(mem_alloc((size_t)g->dofs->n_unknown, sizeof *g->b, &g->b));
  PetscCall(mem_alloc((size_t)g->dofs->n_unknown, sizeof *g->x, &g->x));
  PetscCall(right_side(&system, fixed, load, v, g->b));
  PetscCall(solve_vector(&g->op, &o, "a verification", g->b, g->x, &stats));
  for (NodeId n = 0; n < s->n_node; n++)
    if (!fixed[n]) v[n] = g->x[g->dofs->unknown[n]];
  return 0;
}

PetscErrorCode dirichlet_solve(const Space *s, const double *sigma, const bool *fixed, const double *load, double *v)
{
  Given g = {.b = NULL};
  PetscErrorCode ierr = given_solve(s, sigma, fixed, load, v, &g);
  dofs_destroy(&g.dofs);
  dofs_destroy(&g.below_dofs);
  space_destroy(&g.below_space);
  operator_free(&g.op);
  free(g.b);
  free(g.x);
  return ierr;
}
