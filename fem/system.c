/* What the matrix is made of: tetrahedra, then facets, each with its unknowns and its matrix. */
#include "fem_impl.h"

#include "cauda/vec3.h"

int64_t system_cells(const System *s) { return (int64_t)s->space->mesh->n_tet + (s->facets ? s->facets->n : 0); }

static const Facet *facet_at(const System *s, int64_t cell)
{
  return cell < s->space->mesh->n_tet ? NULL : &s->facets->facet[cell - s->space->mesh->n_tet];
}

int system_unknowns(const System *s, int64_t cell, int32_t unknown[ELEMENT_NODES_MAX])
{
  NodeId node[ELEMENT_NODES_MAX];
  const Facet *f = facet_at(s, cell);
  int n = f ? s->space->element->n_face_node : s->space->element->n_node;
  if (f)
    space_face_nodes(s->space, f->tri, node);
  else
    space_nodes(s->space, (TetId)cell, node);
  for (int i = 0; i < n; i++) unknown[i] = s->dofs->unknown[node[i]];
  if (f && f->contact >= 0) unknown[n++] = s->dofs->contact_unknown[f->contact];
  return n;
}

/* conductance times the integral of (V - U)^2, as a matrix over the face's nodes and U. */
static void facet_matrix(const System *s, const Facet *f, double *K)
{
  const Element *e = s->space->element;
  double x[3][3], a[3], b[3], n[3], M[FACE_NODES_MAX * FACE_NODES_MAX], load[FACE_NODES_MAX];
  int nf = e->n_face_node, size = f->contact >= 0 ? nf + 1 : nf;
  face_vertices(s->space->mesh, f->tri, x);
  v3_sub(x[1], x[0], a), v3_sub(x[2], x[0], b);
  v3_cross(a, b, n);
  double area = 0.5 * v3_norm(n), g = f->conductance;
  e->face_mass(area, M);
  e->face_load(area, load);
  for (int i = 0; i < nf; i++) {
    for (int j = 0; j < nf; j++) K[size * i + j] = g * M[nf * i + j];
    if (f->contact >= 0) K[size * i + nf] = K[size * nf + i] = -g * load[i];
  }
  if (f->contact >= 0) K[size * nf + nf] = g * area;
}

PetscErrorCode system_matrix(const System *s, int64_t cell, double *K)
{
  const Facet *f = facet_at(s, cell);
  double x[4][3];
  if (f) {
    facet_matrix(s, f, K);
    return 0;
  }
  element_vertices(s->space->mesh, (TetId)cell, x);
  return s->space->element->stiffness(x, s->sigma + 6 * (size_t)cell, K);
}
