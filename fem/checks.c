/* Checks: what a right field must satisfy, computed from the element matrices before anything was eliminated or
 * merged, so that a fault of assembly or solver shows.
 *
 * With f = sum over tetrahedra of K_e V, f at a node is the current that enters the tissue there. So for contact j's
 * field: the return's f sums to -1 A, contact j's to 1 A, any other contact's to 0 (it floats); V . f, and what surface
 * impedances and the medium beyond the return take, is the power, which at 1 A equals Z_jj. Reciprocity: 1 A into a node p of the tissue, solved for by itself, gives each contact
 * the potential that its own field has at p. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>

/* Where current enters or leaves, one row a terminal (contacts, then the return), one column a field. */
typedef struct {
  int n;           /* contacts */
  double *current; /* [n + 1][n] A into the tissue */
  double *power;   /* [n] W, at 1 A */
} Balance;

PetscErrorCode checks_probe_node(const Mesh *m, NodeId *probe)
{
  bool *on_face;
  double middle[3], best = HUGE_VAL;
  *probe = -1; /* vertices come first among the nodes */
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *on_face, &on_face));
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; i < 3; i++) on_face[m->tri[t][i]] = true;
  contacts_middle(m, middle);
  for (NodeId n = 0; n < m->n_node; n++) {
    double distance2 = v3_distance2(middle, &m->xyz[3 * (size_t)n]);
    if (on_face[n] || distance2 >= best) continue;
    best = distance2;
    *probe = n;
  }
  free(on_face);
  return 0;
}

PetscErrorCode checks_probe(const Mesh *m, const DofMap *d, int32_t *probe)
{
  NodeId node;
  PetscCall(checks_probe_node(m, &node));
  *probe = node < 0 ? -1 : d->unknown[node];
  return 0;
}

static PetscErrorCode balance_alloc(int n_contact, Balance *b)
{
  b->n = n_contact;
  PetscCall(mem_alloc((size_t)b->n * (size_t)(b->n + 1), sizeof *b->current, &b->current));
  PetscCall(mem_alloc((size_t)b->n, sizeof *b->power, &b->power));
  return 0;
}

static void balance_free(Balance *b)
{
  free(b->current);
  free(b->power);
}

/* Adds a tetrahedron's share, in all fields. K [n][n]. */
static void balance_add(const System *s, TetId t, const LeadField *f, const double *K, Balance *b)
{
  NodeId node[ELEMENT_NODES_MAX];
  int n = s->space->element->n_node;
  space_nodes(s->space, t, node);
  for (int c = 0; c < b->n; c++) {
    const double *v = f->potential + (size_t)c * (size_t)f->n_node;
    for (int i = 0; i < n; i++) {
      double enters = 0.0;
      int owner = s->dofs->owner[node[i]], terminal = owner == OWNER_RETURN ? b->n : owner;
      for (int j = 0; j < n; j++) enters += K[n * i + j] * v[node[j]];
      b->power[c] += enters * v[node[i]];
      if (terminal >= 0) b->current[terminal * b->n + c] += enters;
    }
  }
}

/* Adds the power that a facet takes: in a contact's surface, or in what lies beyond the return. */
static void facet_add(const System *s, const Facet *facet, const LeadField *f, const double *K, Balance *b)
{
  NodeId node[FACE_NODES_MAX];
  int n_node = s->space->element->n_face_node, n = n_node + (facet->contact >= 0);
  space_face_nodes(s->space, facet->tri, node);
  for (int c = 0; c < b->n; c++) {
    double v[FACE_NODES_MAX + 1];
    for (int i = 0; i < n_node; i++) v[i] = f->potential[(size_t)c * (size_t)f->n_node + (size_t)node[i]];
    if (facet->contact >= 0) v[n_node] = f->impedance[facet->contact * b->n + c];
    for (int i = 0; i < n * n; i++) b->power[c] += v[i / n] * K[i] * v[i % n];
  }
}

/* Whose a cell is, says its first vertex. */
static bool is_mine(const System *s, int64_t cell)
{
  const Mesh *m = s->space->mesh;
  return dofs_mine(s->dofs, cell < m->n_tet ? m->tet[cell][0] : m->tri[s->facets->facet[cell - m->n_tet].tri][0]);
}

/* Over the cells of all ranks. */
static PetscErrorCode balance_sum(const System *s, const LeadField *f, Balance *b)
{
  int64_t n_tet = s->space->mesh->n_tet, n = system_cells(s);
  for (int64_t k = 0; k < n; k++) {
    double K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
    if (!is_mine(s, k)) continue;
    PetscCall(system_matrix(s, k, K));
    if (k < n_tet)
      balance_add(s, (TetId)k, f, K, b);
    else
      facet_add(s, &s->facets->facet[k - n_tet], f, K, b);
  }
  if (s->dofs->mine) sum_over_ranks(b->n * (b->n + 1), b->current);
  if (s->dofs->mine) sum_over_ranks(b->n, b->power);
  return 0;
}

static double relative_difference(double a, double b)
{
  double size = fmax(fabs(a), fabs(b));
  return size > 0.0 ? fabs(a - b) / size : 0.0;
}

static void balance_judge(const Balance *b, LeadField *f)
{
  f->balance = f->energy = f->symmetry = 0.0;
  for (int c = 0; c < b->n; c++) {
    for (int t = 0; t <= b->n; t++) {
      double expected = t == c ? 1.0 : t == b->n ? -1.0 : 0.0;
      f->balance = fmax(f->balance, fabs(b->current[t * b->n + c] - expected));
    }
    f->energy = fmax(f->energy, relative_difference(b->power[c], f->impedance[c * b->n + c]));
    for (int i = 0; i < c; i++) {
      double z = f->impedance[i * b->n + c], zt = f->impedance[c * b->n + i];
      if (z + zt != 0.0) f->symmetry = fmax(f->symmetry, 2.0 * fabs(z - zt) / fabs(z + zt));
    }
  }
}

/* The rank that has the probe judges. */
static void reciprocity_judge(const DofMap *d, int32_t probe, const double *at_probe, LeadField *f)
{
  NodeId p = 0;
  f->reciprocity = 0.0;
  if (probe < 0) return;
  while (d->unknown[p] != probe) p++;
  for (int c = 0; c < f->n_contact; c++) {
    double own = f->potential[(size_t)c * (size_t)f->n_node + (size_t)p];
    f->reciprocity = fmax(f->reciprocity, relative_difference(own, at_probe[c]));
  }
}

PetscErrorCode checks_certify(const System *s, int32_t probe, const double *at_probe, LeadField *f)
{
  Balance b = {0};
  PetscErrorCode ierr = balance_alloc(f->n_contact, &b);
  if (!ierr) ierr = balance_sum(s, f, &b);
  if (!ierr) balance_judge(&b, f);
  if (!ierr) reciprocity_judge(s->dofs, probe, at_probe, f);
  if (!ierr && s->dofs->mine) sum_over_ranks(1, &f->reciprocity);
  balance_free(&b);
  return ierr;
}
