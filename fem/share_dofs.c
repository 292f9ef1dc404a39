/* The unknowns of a rank's part of the mesh: its own in the order of the curve, as on one process; then the halo, those of
 * nodes that others have. What number such a one has its owner is asked for, by the nodes of the whole mesh. */
#include "share_impl.h"

#include <stdlib.h>

/* An unknown of another rank. By its vertex (low and high are the same), by the ends of its edge, or for the one of a
 * contact: low -1, high the contact. */
typedef struct {
  NodeId low, high; /* in the whole mesh */
} Key;

typedef struct {
  Key key;
  int rank;
  NodeId node;    /* here; of a contact any */
  int32_t global; /* its number over all ranks */
} Other;

typedef struct {
  const MeshShare *s;
  const Space *space;
  const FieldOptions *o;
  DofMap *d;
  size_t n, room;
  Other *other; /* [n] */
} Work;

static void owners_set(const Work *w)
{
  const MeshShare *s = w->s;
  DofMap *d = w->d;
  for (NodeId n = 0; n < s->mesh->n_node; n++) d->owner[n] = s->owner[n];
  for (NodeId n = s->mesh->n_node; n < d->n_node; n++) d->owner[n] = OWNER_NONE;
  for (int32_t k = 0; k < s->n_edge && w->space->edges; k++) {
    EdgeId e = mesh_edge_find(w->space->edges, s->edge[k].a, s->edge[k].b);
    if (e >= 0) d->owner[s->mesh->n_node + e] = (int16_t)s->edge[k].owner;
  }
}

static bool is_grounded(const Work *w, NodeId n)
{
  if (w->d->owner[n] != OWNER_RETURN) return false;
  if (w->o->ret == RETURN_INSULATED) return n < w->s->mesh->n_node && w->s->node_of[n] == w->s->pinned;
  return w->o->ret == RETURN_GROUNDED;
}

static bool is_merged(const Work *w, NodeId n) { return w->d->owner[n] >= 0 && w->o->contact == CONTACT_EQUIPOTENTIAL; }

static void own_number(const Work *w, NodeId n)
{
  DofMap *d = w->d;
  int32_t *merged = is_merged(w, n) ? &d->contact_unknown[d->owner[n]] : NULL;
  if (is_grounded(w, n))
    d->unknown[n] = FEM_GROUNDED;
  else if (!merged || *merged < 0)
    d->unknown[n] = d->n_own++;
  else
    d->unknown[n] = *merged;
  if (merged) *merged = d->unknown[n];
}

static PetscErrorCode own_number_all(const Work *w)
{
  const MeshShare *s = w->s;
  const MeshEdges *edges = w->space->edges;
  DofMap *d = w->d;
  NodeId *order;
  for (int c = 0; c < d->n_contact; c++) d->contact_unknown[c] = -1;
  PetscCall(mesh_curve_order(s->mesh, &order));
  for (NodeId i = 0; i < s->mesh->n_node; i++) {
    NodeId n = order[i];
    if (!s->mine[n]) continue;
    own_number(w, n);
    for (EdgeId e = edges ? edges->start[n] : 0; edges && e < edges->start[n + 1]; e++)
      own_number(w, s->mesh->n_node + e);
  }
  free(order);
  for (int c = 0; w->o->contact == CONTACT_IMPEDANCE && c < d->n_contact; c++)
    if (s->contact_rank[c] == s->rank) d->contact_unknown[c] = d->n_own++;
  return 0;
}

/* ---- those of others ----------------------------------------------------------------------------------------------- */

static PetscErrorCode other_add(Work *w, NodeId n, int rank, Key key)
{
  DofMap *d = w->d;
  if (is_grounded(w, n)) {
    d->unknown[n] = FEM_GROUNDED;
    return 0;
  }
  if (is_merged(w, n)) {
    if (d->contact_unknown[d->owner[n]] == -2) return 0; /* is asked for already */
    d->contact_unknown[d->owner[n]] = -2;
    key = (Key){-1, d->owner[n]};
  }
  PetscCall(mem_grow(w->n + 1, sizeof *w->other, &w->room, &w->other));
  w->other[w->n++] = (Other){key, rank, n, 0};
  return 0;
}

static PetscErrorCode others_list(Work *w)
{
  const MeshShare *s = w->s;
  const MeshEdges *edges = w->space->edges;
  for (NodeId n = 0; n < s->mesh->n_node; n++) {
    if (s->mine[n]) continue;
    PetscCall(other_add(w, n, s->rank_of[n], (Key){s->node_of[n], s->node_of[n]}));
    for (EdgeId e = edges ? edges->start[n] : 0; edges && e < edges->start[n + 1]; e++)
      PetscCall(other_add(w, s->mesh->n_node + e, s->rank_of[n], (Key){s->node_of[n], s->node_of[edges->end[e]]}));
  }
  return 0;
}

static int by_node(const void *a, const void *b)
{
  NodeId p = *(const NodeId *)a, q = *(const NodeId *)b;
  return (p > q) - (p < q);
}

static NodeId node_here(const MeshShare *s, NodeId whole)
{
  const NodeId *found = bsearch(&whole, s->node_of, (size_t)s->mesh->n_node, sizeof whole, by_node);
  return found ? (NodeId)(found - s->node_of) : -1;
}

/* The own unknown that another rank asks for; -1 if there is none. */
static int32_t own_by_key(const Work *w, Key k)
{
  if (k.low < 0) return w->d->contact_unknown[k.high];
  NodeId low = node_here(w->s, k.low), high = node_here(w->s, k.high);
  if (low < 0 || high < 0) return -1;
  if (low == high) return w->d->unknown[low];
  EdgeId e = mesh_edge_find(w->space->edges, low, high);
  return e < 0 ? -1 : w->d->unknown[w->s->mesh->n_node + e];
}

/* Questions and answers between all ranks. count [4][ranks]: asked of each, and where; asked by each, likewise. */
typedef struct {
  int n_rank, *count;
  Key *ask, *asked;
  int32_t *answer, *told, *begin;
} Talk;

static void talk_free(Talk *t)
{
  free(t->count), free(t->ask), free(t->asked), free(t->answer), free(t->told), free(t->begin);
}

static PetscErrorCode talk_begin(const Work *w, Talk *t)
{
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &t->n_rank));
  PetscCall(mem_alloc((size_t)t->n_rank, 4 * sizeof *t->count, &t->count));
  PetscCall(mem_alloc((size_t)t->n_rank + 1, sizeof *t->begin, &t->begin));
  PetscCall(mem_alloc(w->n, sizeof *t->ask, &t->ask));
  PetscCall(mem_alloc(w->n, sizeof *t->told, &t->told));
  PetscCallMPI(MPI_Allgather(&w->d->n_own, 1, MPI_INT32_T, t->begin + 1, 1, MPI_INT32_T, PETSC_COMM_WORLD));
  for (int r = 0; r < t->n_rank; r++) t->begin[r + 1] += t->begin[r];
  for (size_t k = 0; k < w->n; k++) t->count[w->other[k].rank]++;
  int *ask = t->count, *ask_at = ask + t->n_rank, *asked = ask + 2 * t->n_rank, *asked_at = ask + 3 * t->n_rank;
  PetscCallMPI(MPI_Alltoall(ask, 1, MPI_INT, asked, 1, MPI_INT, PETSC_COMM_WORLD));
  for (int r = 1; r < t->n_rank; r++)
    ask_at[r] = ask_at[r - 1] + ask[r - 1], asked_at[r] = asked_at[r - 1] + asked[r - 1];
  size_t n = (size_t)(asked_at[t->n_rank - 1] + asked[t->n_rank - 1]);
  PetscCall(mem_alloc(n, sizeof *t->asked, &t->asked));
  return mem_alloc(n, sizeof *t->answer, &t->answer);
}

static int by_rank(const void *a, const void *b)
{
  const Other *p = a, *q = b;
  if (p->rank != q->rank) return p->rank - q->rank;
  if (p->key.low != q->key.low) return p->key.low < q->key.low ? -1 : 1;
  return (p->key.high > q->key.high) - (p->key.high < q->key.high);
}

static PetscErrorCode others_ask(Work *w, Talk *t)
{
  if (w->n) qsort(w->other, w->n, sizeof *w->other, by_rank);
  PetscCall(talk_begin(w, t));
  int *ask = t->count, *ask_at = ask + t->n_rank, *asked = ask + 2 * t->n_rank, *asked_at = ask + 3 * t->n_rank;
  for (size_t k = 0; k < w->n; k++) t->ask[k] = w->other[k].key;
  PetscCallMPI(MPI_Alltoallv(t->ask, ask, ask_at, MPI_2INT, t->asked, asked, asked_at, MPI_2INT, PETSC_COMM_WORLD));
  for (int k = 0; k < asked_at[t->n_rank - 1] + asked[t->n_rank - 1]; k++) t->answer[k] = own_by_key(w, t->asked[k]);
  PetscCallMPI(
      MPI_Alltoallv(t->answer, asked, asked_at, MPI_INT32_T, t->told, ask, ask_at, MPI_INT32_T, PETSC_COMM_WORLD));
  for (size_t k = 0; k < w->n; k++) {
    PetscCheck(t->told[k] >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "rank %d does not know the unknown of nodes %d and %d",
               w->other[k].rank, (int)w->other[k].key.low, (int)w->other[k].key.high);
    w->other[k].global = t->begin[w->other[k].rank] + t->told[k];
  }
  return 0;
}

static int by_global(const void *a, const void *b)
{
  const Other *p = a, *q = b;
  return (p->global > q->global) - (p->global < q->global);
}

static PetscErrorCode others_number(Work *w, Halo **halo)
{
  DofMap *d = w->d;
  int32_t *global, n = (int32_t)w->n;
  PetscCall(mem_alloc(w->n, sizeof *global, &global));
  if (n) qsort(w->other, w->n, sizeof *w->other, by_global);
  for (int32_t k = 0; k < n; k++) {
    const Other *other = &w->other[k];
    global[k] = other->global;
    if (other->key.low < 0)
      d->contact_unknown[other->key.high] = d->n_own + k;
    else
      d->unknown[other->node] = d->n_own + k;
  }
  d->n_unknown = d->n_own + n;
  for (NodeId i = 0; i < d->n_node; i++)
    if (is_merged(w, i)) d->unknown[i] = d->contact_unknown[d->owner[i]];
  PetscErrorCode ierr = halo_create(d->n_own, n, global, halo);
  free(global);
  return ierr;
}

static PetscErrorCode fill(Work *w, Halo **halo)
{
  const Mesh *m = w->s->mesh;
  DofMap *d = w->d;
  Talk talk = {0};
  d->n_node = w->space->n_node;
  for (int i = 0; i < 3; i++) d->middle_mm[i] = w->s->middle_mm[i];
  d->mine = w->s->mine;
  PetscCall(mem_alloc((size_t)d->n_node, sizeof *d->unknown, &d->unknown));
  PetscCall(mem_alloc((size_t)d->n_node, sizeof *d->owner, &d->owner));
  PetscCall(dofs_groups(m, d));
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *d->contact_unknown, &d->contact_unknown));
  owners_set(w);
  PetscCall(own_number_all(w));
  PetscCall(others_list(w));
  PetscErrorCode ierr = others_ask(w, &talk);
  talk_free(&talk);
  return ierr ? ierr : others_number(w, halo);
}

PetscErrorCode share_dofs(const MeshShare *s, const Space *space, const FieldOptions *o, DofMap **out, Halo **halo)
{
  Work w = {.s = s, .space = space, .o = o};
  *halo = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  w.d = *out;
  PetscErrorCode ierr = fill(&w, halo);
  free(w.other);
  if (ierr) dofs_destroy(out), halo_destroy(halo);
  return ierr;
}
