/* A field anywhere: superposed, and at points within the elements. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <string.h>

#define A_PER_MA 1e-3

void field_superpose(const LeadField *f, const double *current_mA, double *v)
{
  memset(v, 0, (size_t)f->n_node * sizeof *v);
  for (int c = 0; c < f->n_contact; c++) {
    const double *u = f->potential + (size_t)c * (size_t)f->n_node;
    double current = A_PER_MA * current_mA[c];
    if (current == 0.0) continue;
    for (NodeId n = 0; n < f->n_node; n++) v[n] += current * u[n];
  }
}

/* The space that a field was solved in; it borrows the field's edges. */
static Space field_space(const Mesh *m, const LeadField *f)
{
  return (Space){.mesh = m, .element = f->edges ? &ELEMENT_P2 : &ELEMENT_P1, .edges = f->edges, .n_node = f->n_node};
}

int field_basis(const Mesh *m, const LeadField *f, TetId t, const double w[4], NodeId node[FIELD_BASIS_MAX],
                double weight[FIELD_BASIS_MAX])
{
  Space s = field_space(m, f);
  space_nodes(&s, t, node);
  s.element->basis(w, weight);
  return s.element->n_node;
}

static void at_tet(const Space *s, TetId t, const double *v, const double w[4], double *potential, double E[3])
{
  NodeId node[ELEMENT_NODES_MAX];
  double x[4][3], g[4][3], N[ELEMENT_NODES_MAX], gradient[ELEMENT_NODES_MAX][3];
  element_vertices(s->mesh, t, x);
  (void)p1_gradients(x, g);
  space_nodes(s, t, node);
  s->element->basis(w, N);
  s->element->gradients(w, g, gradient);
  *potential = 0.0;
  v3_set(E, 0.0, 0.0, 0.0);
  for (int i = 0; i < s->element->n_node; i++) {
    *potential += N[i] * v[node[i]];
    v3_axpy(E, -v[node[i]], gradient[i], E);
  }
}

PetscErrorCode field_at(const Mesh *m, const MeshLocator *l, const LeadField *f, const double *v, int n_point,
                        const double *xyz_mm, double *potential_V, double *E_V_per_m, int *region)
{
  Space s = field_space(m, f);
  TetId hint = -1;
  for (int i = 0; i < n_point; i++) {
    const double *p = xyz_mm + 3 * (size_t)i;
    double w[4], *E = E_V_per_m + 3 * (size_t)i;
    PetscCheck(isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "point %d: found (%g, %g, %g), expected finite coordinates", i + 1, p[0], p[1], p[2]);
    TetId t = mesh_locate(l, p, hint, w);
    region[i] = t < 0 ? -1 : m->region[t];
    potential_V[i] = NAN;
    v3_set(E, NAN, NAN, NAN);
    if (t < 0) continue;
    at_tet(&s, t, v, w, &potential_V[i], E);
    hint = t;
  }
  return 0;
}
