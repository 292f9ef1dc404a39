/* Is everything joined to the return? A piece that no path joins to it has no defined potential: the matrix would be
 * singular. By the tetrahedra's vertices: what else they have is joined to these. */
#include "fem_impl.h"

#include "cauda/team.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TETS = 16384 }; /* a piece of work */

/* Disjoint sets of the mesh's nodes, joined by several threads at once: a node's entry is a smaller node of its set, and the
 * smallest, which leads, has itself. Only a leader gets another, and only once, so a path leads to it whoever shortens it.
 * Source: Anderson and Woll, Wait-free parallel algorithms for the union-find problem (1991). */
typedef struct {
  const Mesh *m;
  _Atomic NodeId *set; /* [m->n_node] */
} Sets;

static NodeId set_at(const Sets *s, NodeId n) { return atomic_load_explicit(&s->set[n], memory_order_relaxed); }

static NodeId leader(const Sets *s, NodeId n)
{
  NodeId up;
  while ((up = set_at(s, n)) != n) {
    NodeId next = set_at(s, up);
    atomic_store_explicit(&s->set[n], next, memory_order_relaxed);
    n = next;
  }
  return n;
}

static void join(const Sets *s, NodeId a, NodeId b)
{
  for (;;) {
    NodeId p = leader(s, a), q = leader(s, b), low = p < q ? p : q, high = p < q ? q : p;
    if (low == high || atomic_compare_exchange_strong(&s->set[high], &high, low)) return;
  }
}

static void tets_join(void *context, int piece, int thread)
{
  const Sets *s = context;
  TetId begin = piece * TETS, end = s->m->n_tet - begin > TETS ? begin + TETS : s->m->n_tet;
  (void)thread;
  for (TetId t = begin; t < end; t++) {
    const NodeId *v = s->m->tet[t];
    for (int i = 1; i < 4; i++)
      if (set_at(s, v[i]) != set_at(s, v[0])) join(s, v[0], v[i]); /* mostly they are joined already */
  }
}

/* Metal joins its nodes, the return's and those of a contact that is one unknown or has one: first [n_contact + 1] of each,
 * the return's last; -1: it has none. */
static void metal_join(const DofMap *d, const Sets *s, NodeId *first)
{
  for (int c = 0; c <= d->n_contact; c++) first[c] = -1;
  for (NodeId n = 0; n < s->m->n_node; n++) {
    int owner = d->owner[n] == OWNER_RETURN ? d->n_contact : d->owner[n];
    bool metal = owner == d->n_contact || (owner >= 0 && d->contact_unknown[owner] >= 0);
    if (metal && first[owner] < 0) first[owner] = n;
    atomic_init(&s->set[n], metal ? first[owner] : n);
  }
}

/* The first of the nodes that are not in the set of `ground`; counts them. */
static NodeId loose_find(const Sets *s, NodeId ground, NodeId *count)
{
  NodeId first = -1, lead = ground < 0 ? -1 : leader(s, ground);
  *count = 0;
  for (NodeId n = s->m->n_node - 1; n >= 0; n--)
    if (leader(s, n) != lead) first = n, ++*count;
  return first;
}

static PetscErrorCode sets_join(const DofMap *d, Sets *s, NodeId *ground)
{
  NodeId *first;
  Team *team;
  PetscCall(mem_alloc((size_t)d->n_contact + 1, sizeof *first, &first));
  metal_join(d, s, first);
  *ground = first[d->n_contact];
  free(first);
  PetscCall(team_create(0, &team));
  team_run(team, (s->m->n_tet + TETS - 1) / TETS, tets_join, s);
  team_destroy(&team);
  return 0;
}

PetscErrorCode dofs_joined_check(const Mesh *m, const DofMap *d)
{
  NodeId loose = 0, first = -1, ground = -1;
  Sets s = {.m = m};
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *s.set, &s.set));
  PetscErrorCode ierr = sets_join(d, &s, &ground);
  if (!ierr) first = loose_find(&s, ground, &loose);
  free(s.set);
  const double *x = &m->xyz[3 * (size_t)(first < 0 ? 0 : first)];
  PetscCheck(!loose, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%d nodes of the mesh, the first at (%g, %g, %g) mm, are not joined to the return electrode: expected "
             "one connected volume",
             (int)loose, x[0], x[1], x[2]);
  return ierr;
}
