/* Whose each vertex is: pieces of a curve that fills space, with as many tetrahedra about their vertices. */
#include "assemble.h"
#include "cauda/share.h"

#include <stdlib.h>
#include <string.h>

void share_plan_destroy(SharePlan **p)
{
  if (!*p) return;
  free((*p)->rank_of), free((*p)->owner), free((*p)->owner_of_group), free((*p)->contact_rank);
  free(*p);
  *p = NULL;
}

/* Tetrahedra about each vertex: the entries of its rows, and of those of edges that begin there, grow with them. */
static void weights_count(const Mesh *m, int32_t *weight)
{
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 4; i++) weight[m->tet[t][i]]++;
}

/* All nodes of a contact go where its first one on the curve is: its rows join them all. */
static void contacts_join(const Mesh *m, const NodeId *order, SharePlan *p)
{
  for (int c = 0; c < p->n_contact; c++) p->contact_rank[c] = -1;
  for (NodeId i = 0; i < m->n_node; i++) {
    NodeId n = order[i];
    if (p->owner[n] < 0) continue;
    if (p->contact_rank[p->owner[n]] < 0) p->contact_rank[p->owner[n]] = p->rank_of[n];
    p->rank_of[n] = p->contact_rank[p->owner[n]];
  }
}

static void curve_cut(const Mesh *m, const NodeId *order, const int32_t *weight, SharePlan *p)
{
  int64_t all = 4 * (int64_t)m->n_tet, before = 0;
  for (NodeId i = 0; i < m->n_node; i++) {
    NodeId n = order[i];
    int64_t rank = before * p->n_rank / all;
    p->rank_of[n] = (int32_t)(rank < p->n_rank ? rank : p->n_rank - 1);
    before += weight[n];
  }
  contacts_join(m, order, p);
}

static PetscErrorCode vertices_divide(const Mesh *m, SharePlan *p)
{
  NodeId *order = NULL;
  int32_t *weight;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *weight, &weight));
  weights_count(m, weight);
  PetscErrorCode ierr = mesh_curve_order(m, &order);
  if (!ierr) curve_cut(m, order, weight, p);
  free(order);
  free(weight);
  return ierr;
}

static NodeId pinned_node(const Mesh *m, const DofMap *d, const FieldOptions *o)
{
  NodeId n = 0;
  if (o->ret != RETURN_INSULATED) return -1;
  while (n < m->n_node && d->unknown[n] != FEM_GROUNDED) n++;
  return n;
}

static PetscErrorCode fill(const Mesh *m, const DofMap *d, const FieldOptions *o, SharePlan *p)
{
  size_t n = (size_t)m->n_node;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &p->n_rank));
  p->n_contact = d->n_contact;
  p->pinned = pinned_node(m, d, o);
  memcpy(p->middle_mm, d->middle_mm, sizeof p->middle_mm);
  PetscCall(mem_alloc(n, sizeof *p->rank_of, &p->rank_of));
  PetscCall(mem_alloc(n, sizeof *p->owner, &p->owner));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *p->owner_of_group, &p->owner_of_group));
  PetscCall(mem_alloc((size_t)p->n_contact, sizeof *p->contact_rank, &p->contact_rank));
  memcpy(p->owner, d->owner, n * sizeof *p->owner);
  for (int g = 0; g < m->n_group; g++) p->owner_of_group[g] = (int16_t)d->owner_of_group[g];
  PetscCall(checks_probe_node(m, &p->probe));
  return vertices_divide(m, p);
}

/* What is wrong with a mesh shows in first order, too. */
PetscErrorCode share_plan(const Mesh *m, const double *sigma, const FieldOptions *o, SharePlan **out)
{
  const Element *element;
  Parts parts;
  *out = NULL;
  PetscCall(element_find(o->order, &element));
  PetscCall(preconditioner_check(o->preconditioner));
  PetscCall(tensors_check(m, sigma));
  PetscCall(parts_create(m, sigma, 1, o, &parts));
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = fill(m, parts.dofs, o, *out);
  parts_free(&parts);
  if (ierr) share_plan_destroy(out);
  return ierr;
}
