/* From the parts back to the whole, on rank 0: edges, then one contact's potentials after another. Each rank sends what is
 * its own: vertices, then the edges that begin at them, in its order. */
#include "share_impl.h"

#include <stdlib.h>
#include <string.h>

/* What rank 0 knows of a part: how many vertices, edges; of each vertex which one it is and how many edges begin there. */
typedef struct {
  int32_t n[2];
  NodeId *vertex;
  EdgeId *count;
} Part;

typedef struct {
  const MeshShare *s;
  const LeadField *field; /* of the part */
  int n_rank;
  Part own;
  double *v;  /* [vertices and edges] of the part's own nodes, in one contact's field */
  Part *part; /* [n_rank] on rank 0 */
  double *in; /* [most of a part] likewise */
  LeadField *whole;
} Gather;

static size_t numbers_of(const Part *p) { return (size_t)p->n[0] + (size_t)p->n[1]; }

static void gather_free(Gather *g)
{
  free(g->own.vertex), free(g->own.count), free(g->v), free(g->in);
  for (int r = 1; g->part && r < g->n_rank; r++) free(g->part[r].vertex), free(g->part[r].count);
  free(g->part);
}

static PetscErrorCode own_list(Gather *g)
{
  const MeshShare *s = g->s;
  const MeshEdges *e = g->field->edges;
  Part *p = &g->own;
  PetscCall(mem_alloc((size_t)s->mesh->n_node, sizeof *p->vertex, &p->vertex));
  PetscCall(mem_alloc((size_t)s->mesh->n_node, sizeof *p->count, &p->count));
  for (NodeId n = 0; n < s->mesh->n_node; n++) {
    if (!s->mine[n]) continue;
    p->vertex[p->n[0]] = s->node_of[n];
    p->count[p->n[0]++] = e ? e->start[n + 1] - e->start[n] : 0;
    p->n[1] += e ? e->start[n + 1] - e->start[n] : 0;
  }
  return mem_alloc(numbers_of(p), sizeof *g->v, &g->v);
}

static PetscErrorCode parts_send(const Gather *g)
{
  const Part *p = &g->own;
  PetscCall(share_to_first(p->n, 2, MPI_INT32_T));
  PetscCall(share_to_first(p->vertex, (size_t)p->n[0], MPI_INT32_T));
  return share_to_first(p->count, (size_t)p->n[0], MPI_INT32_T);
}

static PetscErrorCode parts_receive(Gather *g)
{
  size_t most = numbers_of(&g->own);
  PetscCall(mem_alloc((size_t)g->n_rank, sizeof *g->part, &g->part));
  g->part[0] = g->own;
  for (int r = 1; r < g->n_rank; r++) {
    Part *p = &g->part[r];
    PetscCall(share_from_rank(r, p->n, 2, MPI_INT32_T));
    PetscCall(mem_alloc((size_t)p->n[0], sizeof *p->vertex, &p->vertex));
    PetscCall(mem_alloc((size_t)p->n[0], sizeof *p->count, &p->count));
    PetscCall(share_from_rank(r, p->vertex, (size_t)p->n[0], MPI_INT32_T));
    PetscCall(share_from_rank(r, p->count, (size_t)p->n[0], MPI_INT32_T));
    if (numbers_of(p) > most) most = numbers_of(p);
  }
  return mem_alloc(most, sizeof *g->in, &g->in);
}

/* ---- edges ----------------------------------------------------------------------------------------------------------- */

static PetscErrorCode edges_alloc(Gather *g, MeshEdges *e)
{
  int64_t n = 0;
  e->n_node = g->s->whole_node;
  PetscCall(mem_alloc((size_t)e->n_node + 1, sizeof *e->start, &e->start));
  for (int r = 0; r < g->n_rank; r++)
    for (int32_t i = 0; i < g->part[r].n[0]; i++) e->start[g->part[r].vertex[i] + 1] = g->part[r].count[i];
  for (NodeId a = 0; a < e->n_node; a++) {
    n += e->start[a + 1];
    PetscCheck(n <= INT32_MAX - e->n_node, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "the mesh has too many edges for elements of second order; use field.order 1, or a coarser mesh");
    e->start[a + 1] = (EdgeId)n;
  }
  e->n_edge = (EdgeId)n;
  return mem_alloc((size_t)n, sizeof *e->end, &e->end);
}

/* The other ends of a part's edges, in its order, go where its vertices' edges begin. */
static void ends_place(const Part *p, const NodeId *end, MeshEdges *e)
{
  for (int32_t i = 0; i < p->n[0]; end += p->count[i++])
    memcpy(e->end + e->start[p->vertex[i]], end, (size_t)p->count[i] * sizeof *end);
}

static PetscErrorCode ends_receive(Gather *g)
{
  MeshEdges *e;
  PetscCall(mem_alloc(1, sizeof *e, &g->whole->edges));
  e = g->whole->edges;
  PetscCall(edges_alloc(g, e));
  NodeId *end = (NodeId *)g->in;
  for (int r = 1; r < g->n_rank; r++) {
    PetscCall(share_from_rank(r, end, (size_t)g->part[r].n[1], MPI_INT32_T));
    ends_place(&g->part[r], end, e);
  }
  return 0;
}

/* Of this part, in the whole mesh's numbers. */
static void own_ends(const Gather *g, NodeId *end)
{
  const MeshShare *s = g->s;
  const MeshEdges *e = g->field->edges;
  for (NodeId n = 0; n < s->mesh->n_node; n++)
    for (EdgeId k = e->start[n]; s->mine[n] && k < e->start[n + 1]; k++) *end++ = s->node_of[e->end[k]];
}

static PetscErrorCode edges_gather(Gather *g)
{
  NodeId *end = (NodeId *)g->v;
  own_ends(g, end);
  if (g->s->rank) return share_to_first(end, (size_t)g->own.n[1], MPI_INT32_T);
  PetscCall(ends_receive(g));
  own_ends(g, end);
  ends_place(&g->own, end, g->whole->edges);
  return 0;
}

/* ---- potentials ---------------------------------------------------------------------------------------------------- */

static void own_potentials(const Gather *g, int contact)
{
  const MeshShare *s = g->s;
  const MeshEdges *e = g->field->edges;
  const double *v = g->field->potential + (size_t)contact * (size_t)g->field->n_node;
  double *vertex = g->v, *edge = g->v + g->own.n[0];
  for (NodeId n = 0; n < s->mesh->n_node; n++) {
    if (!s->mine[n]) continue;
    *vertex++ = v[n];
    for (EdgeId k = e ? e->start[n] : 0; e && k < e->start[n + 1]; k++) *edge++ = v[s->mesh->n_node + k];
  }
}

static void potentials_place(const Part *p, const double *v, int contact, LeadField *f)
{
  double *to = f->potential + (size_t)contact * (size_t)f->n_node;
  const double *edge = v + p->n[0];
  for (int32_t i = 0; i < p->n[0]; i++) {
    to[p->vertex[i]] = v[i];
    if (!f->edges) continue;
    memcpy(to + f->edges->n_node + f->edges->start[p->vertex[i]], edge, (size_t)p->count[i] * sizeof *edge);
    edge += p->count[i];
  }
}

static PetscErrorCode potentials_gather(Gather *g, int contact)
{
  own_potentials(g, contact);
  if (g->s->rank) return share_to_first(g->v, numbers_of(&g->own), MPI_DOUBLE);
  potentials_place(&g->own, g->v, contact, g->whole);
  for (int r = 1; r < g->n_rank; r++) {
    PetscCall(share_from_rank(r, g->in, numbers_of(&g->part[r]), MPI_DOUBLE));
    potentials_place(&g->part[r], g->in, contact, g->whole);
  }
  return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

/* All but potentials and edges, which are the part's. */
static PetscErrorCode whole_create(Gather *g)
{
  const LeadField *part = g->field;
  int64_t n = g->s->whole_node;
  for (int r = 0; r < g->n_rank; r++) n += g->part[r].n[1];
  PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many edges");
  PetscCall(lead_field_create(part->n_contact, (NodeId)n, &g->whole));
  LeadField *f = g->whole;
  double *potential = f->potential, *impedance = f->impedance;
  char(*contact)[CAUDA_NAME_MAX] = f->contact;
  memcpy(impedance, part->impedance, (size_t)(f->n_contact * f->n_contact) * sizeof *impedance);
  memcpy(contact, part->contact, (size_t)f->n_contact * sizeof *contact);
  *f = *part;
  f->n_node = (NodeId)n, f->potential = potential, f->impedance = impedance, f->contact = contact, f->edges = NULL;
  return 0;
}

static PetscErrorCode gather(Gather *g)
{
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &g->n_rank));
  PetscCall(own_list(g));
  if (g->s->rank)
    PetscCall(parts_send(g));
  else
    PetscCall(parts_receive(g));
  if (!g->s->rank) PetscCall(whole_create(g));
  if (g->field->edges) PetscCall(edges_gather(g));
  for (int c = 0; c < g->field->n_contact; c++) PetscCall(potentials_gather(g, c));
  return 0;
}

PetscErrorCode share_gather(const MeshShare *s, const LeadField *part, LeadField **whole)
{
  Gather g = {.s = s, .field = part};
  PetscErrorCode ierr = gather(&g);
  gather_free(&g);
  if (ierr) lead_field_destroy(&g.whole);
  *whole = g.whole;
  return ierr;
}
