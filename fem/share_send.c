/* A rank's part of the mesh: taken out of the whole on rank 0, and on its way. */
#include "share_impl.h"

#include <stdlib.h>
#include <string.h>

enum { TAG = 73, PIECE = 1 << 30 };

void share_destroy(MeshShare **s)
{
  if (!*s) return;
  mesh_destroy(&(*s)->mesh);
  free((*s)->sigma), free((*s)->node_of), free((*s)->tet_of), free((*s)->rank_of), free((*s)->owner);
  free((*s)->mine), free((*s)->edge), free((*s)->contact_rank);
  free(*s);
  *s = NULL;
}

/* How much there is, and what is the same for all. */
typedef struct {
  NodeId n_node, whole_node, probe, pinned;
  TetId n_tet, whole_tet;
  TriId n_tri;
  int32_t n_edge;
  int n_region, n_group, n_contact, rank;
  double middle_mm[3];
} Head;

static PetscErrorCode rooms_alloc(const Head *h, MeshShare *s)
{
  size_t n = (size_t)h->n_node;
  s->n_edge = h->n_edge, s->n_contact = h->n_contact, s->rank = h->rank;
  s->probe = h->probe, s->pinned = h->pinned, s->whole_node = h->whole_node, s->whole_tet = h->whole_tet;
  memcpy(s->middle_mm, h->middle_mm, sizeof s->middle_mm);
  PetscCall(mesh_create(h->n_node, h->n_tet, h->n_tri, h->n_region, h->n_group, &s->mesh));
  PetscCall(mem_alloc((size_t)h->n_tet, 6 * sizeof *s->sigma, &s->sigma));
  PetscCall(mem_alloc(n, sizeof *s->node_of, &s->node_of));
  PetscCall(mem_alloc((size_t)h->n_tet, sizeof *s->tet_of, &s->tet_of));
  PetscCall(mem_alloc(n, sizeof *s->rank_of, &s->rank_of));
  PetscCall(mem_alloc(n, sizeof *s->owner, &s->owner));
  PetscCall(mem_alloc(n, sizeof *s->mine, &s->mine));
  PetscCall(mem_alloc((size_t)h->n_edge, sizeof *s->edge, &s->edge));
  return mem_alloc((size_t)h->n_contact, sizeof *s->contact_rank, &s->contact_rank);
}

static PetscErrorCode share_create(const Head *h, MeshShare **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = rooms_alloc(h, *out);
  if (ierr) share_destroy(out);
  return ierr;
}

/* ---- taking it out of the whole ------------------------------------------------------------------------------------- */

typedef struct {
  const SharePlan *plan;
  const Mesh *m;
  const double *sigma;
  int rank;
  NodeId *here; /* [n_node] of the whole mesh: which node of the part, -1 if none */
} Cut;

static bool has_own(const Cut *c, int n, const NodeId *node)
{
  for (int i = 0; i < n; i++)
    if (c->plan->rank_of[node[i]] == c->rank) return true;
  return false;
}

static void nodes_number(const Cut *c, Head *h)
{
  for (NodeId n = 0; n < c->m->n_node; n++) c->here[n] = -1;
  for (TetId t = 0; t < c->m->n_tet; t++) {
    if (!has_own(c, 4, c->m->tet[t])) continue;
    h->n_tet++;
    for (int i = 0; i < 4; i++) c->here[c->m->tet[t][i]] = 0;
  }
  for (NodeId n = 0; n < c->m->n_node; n++)
    if (c->here[n] == 0) c->here[n] = h->n_node++;
}

/* The edges of a face of a contact or the return whose ends are both here, into `edge` if it is not NULL. */
static int face_edges(const Cut *c, TriId t, ShareEdge *edge)
{
  int n = 0, owner = c->plan->owner_of_group[c->m->group[t]];
  for (int i = 0; i < 3 && owner != OWNER_NONE; i++) {
    NodeId a = c->here[c->m->tri[t][FACE_EDGE[i][0]]], b = c->here[c->m->tri[t][FACE_EDGE[i][1]]];
    if (a < 0 || b < 0) continue;
    if (edge) edge[n] = (ShareEdge){a < b ? a : b, a < b ? b : a, owner};
    n++;
  }
  return n;
}

static Head head_of(const Cut *c)
{
  const SharePlan *p = c->plan;
  Head h = {.whole_node = c->m->n_node,
            .probe = p->probe,
            .pinned = p->pinned,
            .whole_tet = c->m->n_tet,
            .n_region = c->m->n_region,
            .n_group = c->m->n_group,
            .n_contact = p->n_contact,
            .rank = c->rank};
  memcpy(h.middle_mm, p->middle_mm, sizeof h.middle_mm);
  nodes_number(c, &h);
  for (TriId t = 0; t < c->m->n_tri; t++) {
    h.n_tri += has_own(c, 3, c->m->tri[t]);
    h.n_edge += face_edges(c, t, NULL);
  }
  return h;
}

static void nodes_take(const Cut *c, MeshShare *s)
{
  for (NodeId n = 0; n < c->m->n_node; n++) {
    NodeId to = c->here[n];
    if (to < 0) continue;
    memcpy(s->mesh->xyz + 3 * (size_t)to, c->m->xyz + 3 * (size_t)n, 3 * sizeof(double));
    s->node_of[to] = n;
    s->rank_of[to] = c->plan->rank_of[n];
    s->owner[to] = c->plan->owner[n];
    s->mine[to] = s->rank_of[to] == c->rank;
  }
}

static void cells_take(const Cut *c, MeshShare *s)
{
  TetId tet = 0;
  TriId tri = 0;
  int32_t edge = 0;
  for (TetId t = 0; t < c->m->n_tet; t++) {
    if (!has_own(c, 4, c->m->tet[t])) continue;
    for (int i = 0; i < 4; i++) s->mesh->tet[tet][i] = c->here[c->m->tet[t][i]];
    memcpy(s->sigma + 6 * (size_t)tet, c->sigma + 6 * (size_t)t, 6 * sizeof(double));
    s->mesh->region[tet] = c->m->region[t];
    s->tet_of[tet++] = t;
  }
  for (TriId t = 0; t < c->m->n_tri; t++) {
    edge += face_edges(c, t, s->edge + edge);
    if (!has_own(c, 3, c->m->tri[t])) continue;
    for (int i = 0; i < 3; i++) s->mesh->tri[tri][i] = c->here[c->m->tri[t][i]];
    s->mesh->group[tri++] = c->m->group[t];
  }
}

static PetscErrorCode part_take(const Cut *c, Head *h, MeshShare **out)
{
  *h = head_of(c);
  PetscCall(share_create(h, out));
  MeshShare *s = *out;
  nodes_take(c, s);
  cells_take(c, s);
  memcpy(s->contact_rank, c->plan->contact_rank, (size_t)h->n_contact * sizeof *s->contact_rank);
  memcpy(s->mesh->regions, c->m->regions, (size_t)h->n_region * sizeof *s->mesh->regions);
  memcpy(s->mesh->groups, c->m->groups, (size_t)h->n_group * sizeof *s->mesh->groups);
  return 0;
}

/* ---- on its way ---------------------------------------------------------------------------------------------------- */

/* To rank `to`, or from rank 0 where `to` is 0. A count of MPI is an int. */
static PetscErrorCode bytes_move(int to, void *data, size_t bytes)
{
  for (char *p = data; bytes;) {
    int n = bytes > PIECE ? PIECE : (int)bytes;
    if (to)
      PetscCallMPI(MPI_Send(p, n, MPI_BYTE, to, TAG, PETSC_COMM_WORLD));
    else
      PetscCallMPI(MPI_Recv(p, n, MPI_BYTE, 0, TAG, PETSC_COMM_WORLD, MPI_STATUS_IGNORE));
    p += n, bytes -= (size_t)n;
  }
  return 0;
}

static PetscErrorCode arrays_move(int to, MeshShare *s)
{
  const Mesh *m = s->mesh;
  size_t n_node = (size_t)m->n_node, n_tet = (size_t)m->n_tet, n_tri = (size_t)m->n_tri;
  PetscCall(bytes_move(to, m->xyz, n_node * 3 * sizeof *m->xyz));
  PetscCall(bytes_move(to, m->tet, n_tet * sizeof *m->tet));
  PetscCall(bytes_move(to, m->region, n_tet * sizeof *m->region));
  PetscCall(bytes_move(to, m->tri, n_tri * sizeof *m->tri));
  PetscCall(bytes_move(to, m->group, n_tri * sizeof *m->group));
  PetscCall(bytes_move(to, m->regions, (size_t)m->n_region * sizeof *m->regions));
  PetscCall(bytes_move(to, m->groups, (size_t)m->n_group * sizeof *m->groups));
  PetscCall(bytes_move(to, s->sigma, n_tet * 6 * sizeof *s->sigma));
  PetscCall(bytes_move(to, s->node_of, n_node * sizeof *s->node_of));
  PetscCall(bytes_move(to, s->tet_of, n_tet * sizeof *s->tet_of));
  PetscCall(bytes_move(to, s->rank_of, n_node * sizeof *s->rank_of));
  PetscCall(bytes_move(to, s->owner, n_node * sizeof *s->owner));
  PetscCall(bytes_move(to, s->mine, n_node * sizeof *s->mine));
  PetscCall(bytes_move(to, s->edge, (size_t)s->n_edge * sizeof *s->edge));
  return bytes_move(to, s->contact_rank, (size_t)s->n_contact * sizeof *s->contact_rank);
}

/* Rank 0's own part comes last, and stays. */
static PetscErrorCode parts_send(Cut *c, MeshShare **own)
{
  for (c->rank = c->plan->n_rank - 1; c->rank >= 0; c->rank--) {
    Head h;
    MeshShare *s;
    PetscCall(part_take(c, &h, &s));
    if (!c->rank) {
      *own = s;
      return 0;
    }
    PetscErrorCode ierr = bytes_move(c->rank, &h, sizeof h);
    if (!ierr) ierr = arrays_move(c->rank, s);
    share_destroy(&s);
    PetscCall(ierr);
  }
  return 0;
}

PetscErrorCode share_send(const SharePlan *p, const Mesh *m, const double *sigma, MeshShare **own)
{
  Cut c = {.plan = p, .m = m, .sigma = sigma};
  *own = NULL;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *c.here, &c.here));
  PetscErrorCode ierr = parts_send(&c, own);
  free(c.here);
  return ierr;
}

PetscErrorCode share_receive(MeshShare **out)
{
  Head h;
  PetscCall(bytes_move(0, &h, sizeof h));
  PetscCall(share_create(&h, out));
  PetscErrorCode ierr = arrays_move(0, *out);
  if (ierr) share_destroy(out);
  return ierr;
}

PetscErrorCode share_to_first(const void *data, size_t n, MPI_Datatype type)
{
  PetscCallMPI(MPI_Send(data, (int)n, type, 0, TAG, PETSC_COMM_WORLD));
  return 0;
}

PetscErrorCode share_from_rank(int rank, void *data, size_t n, MPI_Datatype type)
{
  PetscCallMPI(MPI_Recv(data, (int)n, type, rank, TAG, PETSC_COMM_WORLD, MPI_STATUS_IGNORE));
  return 0;
}
