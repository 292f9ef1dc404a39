/* A point and the cavity it makes. */
#include "cavity.h"

#include <stdlib.h>

#include "predicates.h"

enum { STEPS_MAX = 100000, EDGES_FIRST = 256, REPAIRS_MAX = 64 };

void setter_free(Setter *s)
{
  free(s->cavity), free(s->face), free(s->spare), free(s->edge);
  s->cavity = NULL, s->face = NULL, s->spare = NULL, s->edge = NULL;
}

static bool within(const Setter *s, int t)
{
  for (int k = 0; k < 4; k++) {
    const double z = s->m->x[s->m->tet[t][k]][2];
    if (z <= s->z_from || z >= s->z_to) return false;
  }
  return true;
}

/* ---- where is it? ---------------------------------------------------------------------------------------------------- */

static int side_of_face(const TetMesh *m, int t, int f, const double p[3])
{
  const int *v = m->tet[t];
  return side_of_plane(m->x[v[TET_FACE[f][0]]], m->x[v[TET_FACE[f][1]]], m->x[v[TET_FACE[f][2]]], p);
}

typedef enum { FOUND, AT_BOUNDARY, AT_SLABS_END } Arrival;

/* Walks towards p, through faces that have p behind them; returns the tetrahedron where that ends. */
static int walk(const Setter *s, const double p[3], Arrival *arrival)
{
  const TetMesh *m = s->m;
  int t = s->last, from = -1;
  *arrival = AT_BOUNDARY;
  for (int step = 0; step < STEPS_MAX; step++) {
    int next = -1;
    bool blocked = false;
    for (int i = 0; i < 4 && next < 0; i++) {
      const int f = (i + step) & 3, u = m->adj[t][f]; /* not always the same first: no walk in circles */
      if ((u >= 0 && u == from) || side_of_face(m, t, f, p) <= 0) continue;
      if (u < 0)
        blocked = true;
      else
        next = u;
    }
    *arrival = next >= 0 ? AT_SLABS_END : blocked ? AT_BOUNDARY : FOUND;
    if (next < 0 || !within(s, next)) return t;
    from = t, t = next;
  }
  return t;
}

static PetscErrorCode take_in(Setter *s, int t)
{
  PetscCall(mem_grow((size_t)s->n_cavity + 1, sizeof *s->cavity, &s->cavity_room, &s->cavity));
  s->mark[t] = s->round;
  s->cavity[s->n_cavity++] = t;
  return 0;
}

/* A tetrahedron at the point that is nearest to p; -1 if there is none. */
static int beside(const TetMesh *m, const double p[3])
{
  double nearest2 = HUGE_VAL;
  int t = -1;
  for (int i = 0; i < m->n_point; i++) {
    if (m->tet_of[i] < 0 || v3_distance2(m->x[i], p) >= nearest2) continue;
    nearest2 = v3_distance2(m->x[i], p), t = m->tet_of[i];
  }
  return t;
}

/* The tetrahedron that holds p, or -1. One who is alone looks behind the boundary, too. */
static int find(Setter *s, const double p[3])
{
  Arrival arrival = AT_SLABS_END;
  int t = s->last < 0 ? -1 : walk(s, p, &arrival);
  if (arrival == AT_BOUNDARY && isinf(s->z_from)) {
    s->last = beside(s->m, p);
    t = walk(s, p, &arrival);
  }
  return arrival == FOUND ? t : -1;
}

/* ---- the cavity ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode grow(Setter *s, const double p[3], bool *here)
{
  const TetMesh *m = s->m;
  *here = true;
  for (int i = 0; i < s->n_cavity; i++)
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[s->cavity[i]][f];
      if (u < 0 || s->mark[u] == s->round || s->mark[u] == s->round + 1) continue;
      *here = within(s, u);
      if (!*here) return 0;
      const int *v = m->tet[u];
      if (side_of_sphere(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]], p) > 0 && m->region[u] != INSIDE_LEAD)
        PetscCall(take_in(s, u));
      else
        s->mark[u] = s->round + 1;
    }
  return 0;
}

static PetscErrorCode add_face(Setter *s, int t, int f)
{
  const TetMesh *m = s->m;
  PetscCall(mem_grow((size_t)s->n_face + 1, sizeof *s->face, &s->face_room, &s->face));
  CavityFace *face = &s->face[s->n_face++];
  for (int k = 0; k < 3; k++) face->corner[k] = m->tet[t][TET_FACE[f][k]];
  face->behind = m->adj[t][f], face->behind_face = 0;
  for (int g = 0; face->behind >= 0 && g < 4; g++)
    if (m->adj[face->behind][g] == t) face->behind_face = g;
  return 0;
}

typedef enum { WHOLE, CHANGED, BROKEN, ABROAD } Shape;

/* Collects the faces around the cavity. One that p does not see from within (it can happen at the boundary, and where points lie
 * on one sphere) gives up its tetrahedron, or takes in what is behind it if p lies on it: the cavity has changed then. */
static PetscErrorCode collect_faces(Setter *s, int seed, const double p[3], Shape *shape)
{
  const TetMesh *m = s->m;
  *shape = WHOLE;
  s->n_face = 0;
  for (int i = 0; i < s->n_cavity; i++) {
    const int t = s->cavity[i];
    for (int f = 0; f < 4 && s->mark[t] == s->round; f++) {
      const int u = m->adj[t][f];
      if (u >= 0 && s->mark[u] == s->round) continue;
      if (side_of_face(m, t, f, p) < 0) {
        PetscCall(add_face(s, t, f));
        continue;
      }
      const bool wall = u < 0 || (within(s, u) && m->region[u] == INSIDE_LEAD);
      *shape = t != seed ? CHANGED : wall ? BROKEN : within(s, u) ? CHANGED : ABROAD;
      if (*shape != CHANGED) return 0;
      if (t == seed)
        PetscCall(take_in(s, u));
      else
        s->mark[t] = s->round + 1;
    }
  }
  return 0;
}

/* Those that were given up leave the list. */
static void forget(Setter *s)
{
  int n = 0;
  for (int i = 0; i < s->n_cavity; i++)
    if (s->mark[s->cavity[i]] == s->round) s->cavity[n++] = s->cavity[i];
  s->n_cavity = n;
}

static PetscErrorCode shape_cavity(Setter *s, int seed, const double p[3], Outcome *outcome)
{
  bool here;
  Shape shape = CHANGED;
  s->n_cavity = 0;
  PetscCall(take_in(s, seed));
  PetscCall(grow(s, p, &here));
  *outcome = NOT_HERE;
  if (!here) return 0;
  for (int i = 0; i < REPAIRS_MAX && shape == CHANGED; i++) {
    PetscCall(collect_faces(s, seed, p, &shape));
    forget(s);
  }
  *outcome = shape == WHOLE ? SET : shape == ABROAD ? NOT_HERE : NOWHERE;
  return 0;
}

/* ---- filling it ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode edges_room(Setter *s)
{
  if (s->n_edge >= 4 * (size_t)s->n_face) return 0;
  size_t n = s->n_edge ? s->n_edge : EDGES_FIRST;
  while (n < 4 * (size_t)s->n_face) n *= 2;
  free(s->edge);
  s->edge = NULL, s->n_edge = 0;
  PetscCall(mem_alloc(n, sizeof *s->edge, &s->edge));
  s->n_edge = n;
  return 0;
}

/* Two new tetrahedra meet at each edge of the faces: the second to come finds the first. */
static void meet(Setter *s, int a, int b, int tet, int face)
{
  if (a > b) {
    const int swap = a;
    a = b, b = swap;
  }
  size_t at = ((size_t)a * 0x9e3779b97f4a7c15u ^ (size_t)b * 0xc2b2ae3d27d4eb4fu) >> 20 & (s->n_edge - 1);
  for (; s->edge[at].stamp == s->round; at = (at + 1) & (s->n_edge - 1)) {
    const CavityEdge *e = &s->edge[at];
    if (e->a != a || e->b != b) continue;
    s->m->adj[tet][face] = e->tet, s->m->adj[e->tet][e->face] = tet;
    return;
  }
  s->edge[at] = (CavityEdge){a, b, tet, face, s->round};
}

static int take_slot(Setter *s, int i)
{
  if (i < s->n_cavity) return s->cavity[i];
  return s->n_spare ? s->spare[--s->n_spare] : s->next_slot++;
}

static void fill(Setter *s, int p)
{
  TetMesh *m = s->m;
  for (int i = 0; i < s->n_face; i++) {
    const CavityFace *face = &s->face[i];
    const int t = take_slot(s, i), v[4] = {face->corner[0], face->corner[2], face->corner[1], p};
    for (int k = 0; k < 4; k++) m->tet[t][k] = v[k], m->tet_of[v[k]] = t;
    m->region[t] = 0;
    m->adj[t][3] = face->behind;
    if (face->behind >= 0) m->adj[face->behind][face->behind_face] = t;
    for (int k = 0; k < 3; k++) meet(s, v[(k + 1) % 3], v[(k + 2) % 3], t, k);
    s->last = t;
  }
}

static PetscErrorCode keep_spare(Setter *s)
{
  for (int i = s->n_face; i < s->n_cavity; i++) {
    PetscCall(mem_grow((size_t)s->n_spare + 1, sizeof *s->spare, &s->spare_room, &s->spare));
    s->m->tet[s->cavity[i]][0] = -1;
    s->spare[s->n_spare++] = s->cavity[i];
  }
  return 0;
}

PetscErrorCode cavity_set(Setter *s, int p, Outcome *outcome)
{
  const double *x = s->m->x[p];
  const bool alone = isinf(s->z_from);
  s->round += 2;
  const int seed = find(s, x);
  *outcome = alone ? NOWHERE : NOT_HERE;
  if (seed < 0) return 0;
  if (s->m->region[seed] == INSIDE_LEAD) {
    *outcome = NOWHERE;
    return 0;
  }
  PetscCall(shape_cavity(s, seed, x, outcome));
  if (*outcome != SET) return 0;
  if (s->n_face > s->n_cavity + s->n_spare + s->n_slot - s->next_slot) {
    *outcome = NOT_HERE;
    return 0;
  }
  PetscCall(edges_room(s));
  PetscCall(keep_spare(s));
  fill(s, p);
  return 0;
}
