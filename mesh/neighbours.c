/* Faces of tetrahedra, matched.
 *
 * Each face is filed under its smallest node (counting sort), then each node's few faces are sorted by the other two:
 * equal neighbours in that order are the same face. Nodes are in order (mesh_reorder()), so this stays in the cache where
 * a hash table would not; and the result does not depend on anything but the mesh. */
#include "faces.h"

#include <stdlib.h>

typedef struct {
  NodeId mid, max;
  FaceId face;
} Face;

struct FaceTable {
  NodeId n_node;
  size_t *first; /* [n_node + 1] into face */
  Face *face;    /* [4 n_tet] by smallest node, then mid, then max, then face */
};

static void sort3(const NodeId v[3], NodeId s[3])
{
  NodeId lo = v[0] < v[1] ? v[0] : v[1], hi = v[0] < v[1] ? v[1] : v[0];
  s[0] = v[2] < lo ? v[2] : lo;
  s[2] = v[2] > hi ? v[2] : hi;
  s[1] = v[2] < lo ? lo : (v[2] > hi ? hi : v[2]);
}

static int by_nodes(const Face *a, const Face *b)
{
  if (a->mid != b->mid) return a->mid < b->mid ? -1 : 1;
  return a->max < b->max ? -1 : a->max > b->max;
}

static int compare(const void *x, const void *y)
{
  const Face *a = x, *b = y;
  int order = by_nodes(a, b);
  return order ? order : (a->face < b->face ? -1 : a->face > b->face);
}

static void sort_faces(Face *f, size_t n)
{
  if (n > 64) {
    qsort(f, n, sizeof *f, compare);
    return;
  }
  for (size_t i = 1; i < n; i++) {
    Face moving = f[i];
    size_t j = i;
    for (; j > 0 && compare(&f[j - 1], &moving) > 0; j--) f[j] = f[j - 1];
    f[j] = moving;
  }
}

void mesh_face_nodes(const Mesh *m, FaceId f, NodeId nodes[3])
{
  const int *corner = MESH_FACE[f % 4];
  for (int k = 0; k < 3; k++) nodes[k] = m->tet[f / 4][corner[k]];
}

static void file_faces(const Mesh *m, FaceTable *t)
{
  NodeId v[3], s[3];
  FaceId n_face = 4 * (FaceId)m->n_tet;
  for (FaceId f = 0; f < n_face; f++) {
    mesh_face_nodes(m, f, v);
    sort3(v, s);
    t->first[s[0] + 1]++;
  }
  for (NodeId i = 0; i < m->n_node; i++) t->first[i + 1] += t->first[i];
  for (FaceId f = n_face; f-- > 0;) { /* filled from each bucket's end, which leaves `first` at its beginning */
    mesh_face_nodes(m, f, v);
    sort3(v, s);
    t->face[--t->first[s[0] + 1]] = (Face){s[1], s[2], f};
  }
  for (NodeId i = 0; i < m->n_node; i++) t->first[i] = t->first[i + 1];
  t->first[m->n_node] = n_face;
  for (NodeId i = 0; i < m->n_node; i++) sort_faces(t->face + t->first[i], t->first[i + 1] - t->first[i]);
}

PetscErrorCode faces_create(const Mesh *m, FaceTable **out)
{
  FaceTable *t;
  *out = NULL;
  PetscCheck(m->n_tet < (1 << 30), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "a mesh of %d tetrahedra, expected fewer than %d", m->n_tet, 1 << 30);
  PetscCall(mem_alloc(1, sizeof *t, &t));
  t->n_node = m->n_node;
  PetscErrorCode code = mem_alloc((size_t)m->n_node + 1, sizeof *t->first, &t->first);
  if (!code) code = mem_alloc(4 * (size_t)m->n_tet, sizeof *t->face, &t->face);
  if (code) faces_destroy(&t);
  PetscCall(code);
  file_faces(m, t);
  *out = t;
  return 0;
}

void faces_destroy(FaceTable **t)
{
  if (!*t) return;
  free((*t)->first), free((*t)->face), free(*t);
  *t = NULL;
}

int faces_find(const FaceTable *t, const NodeId nodes[3], FaceId found[2])
{
  NodeId s[3];
  int n = 0;
  sort3(nodes, s);
  Face wanted = {s[1], s[2], 0};
  size_t lo = t->first[s[0]], end = t->first[s[0] + 1], hi = end;
  while (lo < hi) {
    size_t middle = lo + (hi - lo) / 2;
    if (by_nodes(&t->face[middle], &wanted) < 0)
      lo = middle + 1;
    else
      hi = middle;
  }
  for (; lo < end && !by_nodes(&t->face[lo], &wanted); lo++, n++)
    if (n < 2) found[n] = t->face[lo].face;
  return n;
}

bool face_same_turn(const NodeId a[3], const NodeId b[3])
{
  for (int k = 0; k < 3; k++)
    if (a[0] == b[k] && a[1] == b[(k + 1) % 3] && a[2] == b[(k + 2) % 3]) return true;
  return false;
}

void faces_fault(const Mesh *m, const FaceTable *t, char fault[MESH_FAULT_MAX])
{
  for (NodeId i = 0; i < t->n_node && !fault[0]; i++)
    for (size_t k = t->first[i]; k + 1 < t->first[i + 1] && !fault[0]; k++) {
      const Face *f = t->face + k;
      NodeId a[3], b[3];
      if (by_nodes(f, f + 1)) continue;
      mesh_face_nodes(m, f[0].face, a), mesh_face_nodes(m, f[1].face, b);
      if (k + 2 < t->first[i + 1] && !by_nodes(f, f + 2))
        snprintf(fault, MESH_FAULT_MAX, "the face of nodes %d, %d and %d belongs to more than two tetrahedra", a[0],
                 a[1], a[2]);
      else if (face_same_turn(a, b))
        snprintf(fault, MESH_FAULT_MAX, "tetrahedra %u and %u lie on the same side of the face they share",
                 f[0].face / 4, f[1].face / 4);
      else
        k++;
    }
}

PetscErrorCode mesh_neighbours(const Mesh *m, TetId (**out)[4])
{
  FaceTable *t;
  TetId(*adj)[4];
  *out = NULL;
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *adj, &adj));
  PetscErrorCode code = faces_create(m, &t);
  if (code) free(adj);
  PetscCall(code);
  for (TetId i = 0; i < m->n_tet; i++)
    for (int f = 0; f < 4; f++) adj[i][f] = -1;
  for (NodeId i = 0; i < m->n_node; i++)
    for (size_t k = t->first[i]; k + 1 < t->first[i + 1]; k++) {
      FaceId a = t->face[k].face, b = t->face[k + 1].face;
      if (by_nodes(&t->face[k], &t->face[k + 1])) continue;
      adj[a / 4][a % 4] = (TetId)(b / 4), adj[b / 4][b % 4] = (TetId)(a / 4);
      k++;
    }
  faces_destroy(&t);
  *out = adj;
  return 0;
}
