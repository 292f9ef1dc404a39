/* Tetrahedra with neighbours, and their replacement. */
#include "tet_mesh.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* ---- making one from TetGen's output ------------------------------------------------------------------------- */

static uint64_t hash_point(const double p[3])
{
  uint64_t h = 0, bits;
  for (int k = 0; k < 3; k++) {
    const double v = p[k] + 0.0; /* -0 and 0 are one */
    memcpy(&bits, &v, sizeof bits);
    h = (h ^ bits) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
  }
  return h;
}

/* TetGen keeps coordinates to the bit, but not the order of points. */
static PetscErrorCode recognise_points(TetMesh *m, const PointStore *store)
{
  size_t n_slot = 1;
  int *slot = NULL;
  while (n_slot < 2 * (size_t)m->n_point + 16) n_slot *= 2;
  while (n_slot < 2 * (size_t)point_store_count(store)) n_slot *= 2;
  PetscCall(mem_alloc(n_slot, sizeof *slot, &slot));
  for (int64_t i = 0; i < point_store_count(store); i++) {
    size_t at = hash_point(point_store_at(store, i)->p) & (n_slot - 1);
    while (slot[at]) at = (at + 1) & (n_slot - 1);
    slot[at] = (int)i + 1;
  }
  for (int i = 0; i < m->n_point; i++) {
    m->sample[i] = -1, m->on[i] = IN_VOLUME, m->point_region[i] = -1;
    for (size_t at = hash_point(m->x[i]) & (n_slot - 1); slot[at]; at = (at + 1) & (n_slot - 1)) {
      const SamplePoint *p = point_store_at(store, slot[at] - 1);
      if (p->p[0] != m->x[i][0] || p->p[1] != m->x[i][1] || p->p[2] != m->x[i][2]) continue;
      m->sample[i] = slot[at] - 1;
      m->on[i] = p->on, m->point_region[i] = p->region, m->edge[i] = p->edge;
      break;
    }
  }
  free(slot);
  return 0;
}

typedef struct {
  int v[3], tet, face;
} Face;

static void sort3(int v[3])
{
  int t;
#define ORDER(a, b)                                                                                                    \
  if (v[a] > v[b]) t = v[a], v[a] = v[b], v[b] = t
  ORDER(0, 1);
  ORDER(1, 2);
  ORDER(0, 1);
#undef ORDER
}

static void face_vertices(const TetMesh *m, int t, int f, int v[3])
{
  for (int k = 0; k < 3; k++) v[k] = m->tet[t][TET_FACE[f][k]];
  sort3(v);
}

/* Faces in lists by their smallest vertex: two tetrahedra share a face where one list holds it twice. */
static PetscErrorCode find_neighbours(TetMesh *m)
{
  int *first = NULL;
  Face *face = NULL;
  PetscCall(mem_alloc((size_t)m->n_point + 1, sizeof *first, &first));
  PetscCall(mem_alloc(4 * (size_t)m->n_tet, sizeof *face, &face));
  int v[3];
  for (int t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) face_vertices(m, t, f, v), first[v[0] + 1]++;
  for (int i = 0; i < m->n_point; i++) first[i + 1] += first[i];
  for (int t = m->n_tet - 1; t >= 0; t--)
    for (int f = 3; f >= 0; f--) {
      face_vertices(m, t, f, v);
      face[--first[v[0] + 1]] = (Face){{v[0], v[1], v[2]}, t, f};
    }
  for (int i = 0; i < m->n_point; i++) {
    const int lo = first[i + 1], hi = i + 1 < m->n_point ? first[i + 2] : 4 * m->n_tet;
    for (int a = lo; a < hi; a++)
      for (int b = a + 1; b < hi; b++)
        if (face[a].v[1] == face[b].v[1] && face[a].v[2] == face[b].v[2]) {
          m->adj[face[a].tet][face[a].face] = face[b].tet;
          m->adj[face[b].tet][face[b].face] = face[a].tet;
          break;
        }
  }
  free(first);
  free(face);
  return 0;
}

PetscErrorCode tet_mesh_create(FillOutput *fill, const PointStore *store, TetMesh **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  TetMesh *m = *out;
  m->n_point = fill->n_point, m->n_tet = fill->n_tet;
  m->x = (double(*)[3])fill->xyz, m->tet = fill->tet;
  *fill = (FillOutput){0};
  m->cap_tet = (size_t)m->n_tet;
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *m->sample, &m->sample));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *m->on, &m->on));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *m->point_region, &m->point_region));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *m->edge, &m->edge));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *m->tet_of, &m->tet_of));
  PetscCall(mem_grow((size_t)m->n_tet, sizeof *m->adj, &m->cap_adj, &m->adj));
  PetscCall(mem_grow((size_t)m->n_tet, sizeof *m->region, &m->cap_region, &m->region));
  memset(m->adj, 0xff, (size_t)m->n_tet * sizeof *m->adj);
  memset(m->region, 0, (size_t)m->n_tet * sizeof *m->region);
  memset(m->tet_of, 0xff, (size_t)m->n_point * sizeof *m->tet_of);
  for (int t = 0; t < m->n_tet; t++)
    for (int k = 0; k < 4; k++) m->tet_of[m->tet[t][k]] = t;
  PetscCall(recognise_points(m, store));
  return find_neighbours(m);
}

void tet_mesh_destroy(TetMesh **m)
{
  if (!*m) return;
  free((*m)->x);
  free((*m)->sample);
  free((*m)->on);
  free((*m)->point_region);
  free((*m)->edge);
  free((*m)->tet);
  free((*m)->adj);
  free((*m)->region);
  free((*m)->tet_of);
  free((*m)->look);
  free((*m)->free_slot);
  free(*m);
  *m = NULL;
}

/* ---- quality --------------------------------------------------------------------------------------------------- */

double tet_quality(const double a[3], const double b[3], const double c[3], const double d[3])
{
  double ab[3], ac[3], ad[3], bc[3], bd[3], cd[3], n[4][3];
  v3_sub(b, a, ab), v3_sub(c, a, ac), v3_sub(d, a, ad), v3_sub(c, b, bc), v3_sub(d, b, bd), v3_sub(d, c, cd);
  v3_cross(bc, bd, n[0]); /* opposite a */
  v3_cross(ac, ad, n[1]);
  v3_cross(ab, ad, n[2]);
  v3_cross(ab, ac, n[3]);
  const double v6 = v3_dot(n[3], ad);
  double s[4], smallest = DBL_MAX;
  for (int i = 0; i < 4; i++) s[i] = v3_dot(n[i], n[i]);
  /* sine at an edge: 6 V l / (product of twice the areas of the two faces that meet in it) */
  const double edge2[6] = {v3_dot(ab, ab), v3_dot(ac, ac), v3_dot(ad, ad),
                           v3_dot(bc, bc), v3_dot(bd, bd), v3_dot(cd, cd)};
  static const int faces[6][2] = {{2, 3}, {1, 3}, {1, 2}, {0, 3}, {0, 2}, {0, 1}};
  for (int e = 0; e < 6; e++) {
    const double p = s[faces[e][0]] * s[faces[e][1]];
    smallest = lesser(smallest, p > 0.0 ? edge2[e] / p : 0.0);
  }
  return v6 * sqrt(smallest);
}

double tet_mesh_quality(const TetMesh *m, int t)
{
  const int *v = m->tet[t];
  return tet_quality(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]);
}

/* ---- neighbourhoods ---------------------------------------------------------------------------------------------- */

static bool has(const int list[], int n, int t)
{
  for (int i = 0; i < n; i++)
    if (list[i] == t) return true;
  return false;
}

bool tet_mesh_star(const TetMesh *m, int p, int star[STAR_MAX], int *n)
{
  *n = 0;
  if (m->tet_of[p] < 0) return true;
  star[(*n)++] = m->tet_of[p];
  for (int i = 0; i < *n; i++) {
    const int t = star[i];
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[t][f];
      if (m->tet[t][f] == p || u < 0 || has(star, *n, u)) continue;
      if (*n == STAR_MAX) return false;
      star[(*n)++] = u;
    }
  }
  return true;
}

bool tet_mesh_closed(const TetMesh *m, int p, const int *star, int n)
{
  for (int i = 0; i < n; i++)
    for (int f = 0; f < 4; f++)
      if (m->tet[star[i]][f] != p && m->adj[star[i]][f] < 0) return false;
  return true;
}

static int local_index(const int v[4], int p) { return v[0] == p ? 0 : v[1] == p ? 1 : v[2] == p ? 2 : 3; }

bool tet_mesh_ring(const TetMesh *m, int t, int a, int b, int ring[RING_MAX], int p[RING_MAX], int *n)
{
  const int first = t;
  const int *v = m->tet[t];
  int c = -1, d = -1;
  for (int k = 0; k < 4; k++) {
    if (v[k] == a || v[k] == b) continue;
    if (c < 0)
      c = v[k];
    else
      d = v[k];
  }
  /* (a, b, c, d) must be positive */
  if (v3_volume6(m->x[a], m->x[b], m->x[c], m->x[d]) < 0.0) {
    const int s = c;
    c = d, d = s;
  }
  *n = 0;
  do {
    if (*n == RING_MAX) return false;
    ring[*n] = t, p[(*n)++] = c;
    const int next = m->adj[t][local_index(m->tet[t], c)];
    if (next < 0) return false;
    const int *w = m->tet[next];
    c = d;
    for (int k = 0; k < 4; k++)
      if (w[k] != a && w[k] != b && w[k] != c) d = w[k];
    t = next;
  } while (t != first);
  return *n >= 3;
}

/* ---- change -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode slots_grow(TetMesh *m, size_t need)
{
  PetscCheck(need < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_MEM, "%zu tetrahedra are too many; coarsen mesh: in the case",
             need);
  PetscCall(mem_grow(need, sizeof *m->tet, &m->cap_tet, &m->tet));
  PetscCall(mem_grow(need, sizeof *m->adj, &m->cap_adj, &m->adj));
  PetscCall(mem_grow(need, sizeof *m->region, &m->cap_region, &m->region));
  if (m->look) PetscCall(mem_grow(need, sizeof *m->look, &m->cap_look, &m->look));
  return 0;
}

PetscErrorCode tet_mesh_add_slots(TetMesh *m, int n)
{
  const int from = m->n_tet;
  PetscCall(slots_grow(m, (size_t)from + (size_t)n));
  m->n_tet += n;
  for (int t = from; t < m->n_tet; t++) m->tet[t][0] = -1;
  if (m->look) memset(m->look + from, 0, (size_t)n);
  return 0;
}

static PetscErrorCode new_slot(TetMesh *m, int *t)
{
  if (m->n_free) {
    *t = m->free_slot[--m->n_free];
    return 0;
  }
  PetscCheck(!m->slot_limit || m->n_tet < m->slot_limit, PETSC_COMM_SELF, PETSC_ERR_PLIB, "no slot is left");
  if (!m->slot_limit) PetscCall(slots_grow(m, (size_t)m->n_tet + 1));
  *t = m->n_tet++;
  return 0;
}

static PetscErrorCode give_back_slot(TetMesh *m, int t)
{
  PetscCall(mem_grow((size_t)m->n_free + 1, sizeof *m->free_slot, &m->cap_free, &m->free_slot));
  m->tet[t][0] = -1;
  m->free_slot[m->n_free++] = t;
  return 0;
}

static bool same_face(const Face *a, const int v[3]) { return a->v[0] == v[0] && a->v[1] == v[1] && a->v[2] == v[2]; }

/* Joins face f of t to the open face that matches it, or leaves it open. */
static void join(TetMesh *m, Face *open, int *n_open, int t, int f)
{
  int v[3];
  face_vertices(m, t, f, v);
  for (int i = 0; i < *n_open; i++) {
    if (!same_face(&open[i], v)) continue;
    m->adj[t][f] = open[i].tet;
    if (open[i].tet >= 0) m->adj[open[i].tet][open[i].face] = t;
    open[i] = open[--*n_open];
    return;
  }
  open[(*n_open)++] = (Face){{v[0], v[1], v[2]}, t, f};
}

PetscErrorCode tet_mesh_replace(TetMesh *m, int n_old, const int *old, int n_new, const int (*new_tet)[4],
                                int16_t region)
{
  Face open[4 * STAR_MAX + 4];
  int n_open = 0;
  for (int i = 0; i < n_old; i++)
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[old[i]][f];
      if (u >= 0 && has(old, n_old, u)) continue;
      Face *o = &open[n_open++];
      face_vertices(m, old[i], f, o->v);
      o->tet = u, o->face = 0;
      for (int g = 0; u >= 0 && g < 4; g++)
        if (m->adj[u][g] == old[i]) {
          int w[3];
          face_vertices(m, u, g, w);
          if (same_face(o, w)) o->face = g;
        }
    }
  for (int i = 0; i < n_old; i++) PetscCall(give_back_slot(m, old[i]));
  for (int i = 0; i < n_new; i++) {
    int t = -1;
    PetscCall(new_slot(m, &t));
    for (int k = 0; k < 4; k++) m->tet[t][k] = new_tet[i][k], m->tet_of[new_tet[i][k]] = t;
    m->region[t] = region;
    if (m->look) m->look[t] = 1;
    for (int f = 0; f < 4; f++) {
      m->adj[t][f] = -1;
      join(m, open, &n_open, t, f);
    }
  }
  PetscCheck(n_open == 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "a cavity of %d tetrahedra was not filled by %d", n_old,
             n_new);
  return 0;
}

PetscErrorCode tet_mesh_remove(TetMesh *m, int t)
{
  for (int f = 0; f < 4; f++) {
    const int u = m->adj[t][f];
    for (int g = 0; u >= 0 && g < 4; g++)
      if (m->adj[u][g] == t) m->adj[u][g] = -1;
  }
  for (int k = 0; k < 4; k++) {
    const int p = m->tet[t][k];
    if (m->tet_of[p] != t) continue;
    m->tet_of[p] = -1;
    for (int f = 0; f < 4; f++)
      if (f != k && m->adj[t][f] >= 0) m->tet_of[p] = m->adj[t][f];
  }
  return give_back_slot(m, t);
}
