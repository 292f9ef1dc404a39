/* Which faces are the lead's, and what lies behind them. */
#include "lead_faces.h"

#include <stdlib.h>

#include "lead_pose.h"

typedef struct {
  int64_t key[3];
  int part;
} LeadFace;

static int by_key(const void *a, const void *b)
{
  const LeadFace *x = a, *y = b;
  for (int k = 0; k < 3; k++)
    if (x->key[k] != y->key[k]) return x->key[k] < y->key[k] ? -1 : 1;
  return 0;
}

static void sort_key(int64_t k[3])
{
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2 - i; j++)
      if (k[j] > k[j + 1]) {
        const int64_t t = k[j];
        k[j] = k[j + 1], k[j + 1] = t;
      }
}

typedef struct {
  double x[3];
  int id;
} Corner;

static int by_place(const void *a, const void *b)
{
  const Corner *p = a, *q = b;
  for (int k = 0; k < 3; k++)
    if (p->x[k] != q->x[k]) return p->x[k] < q->x[k] ? -1 : 1;
  return 0;
}

struct LeadFaces {
  int n;
  LeadFace *face; /* sorted by corners */
  int n_point;    /* those that were there when this was made */
  int *lead_node; /* [n_point] the lead's node at a point, or -1 */
};

static PetscErrorCode fill_faces(const TetMesh *m, const LeadSurface *s, const double *xyz, LeadFaces *f)
{
  Corner *corner = NULL;
  PetscCall(mem_alloc((size_t)s->n_node, sizeof *corner, &corner));
  PetscCall(mem_alloc((size_t)s->n_tri, sizeof *f->face, &f->face));
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *f->lead_node, &f->lead_node));
  for (int i = 0; i < s->n_node; i++) v3_copy(xyz + 3 * i, corner[i].x), corner[i].id = i;
  qsort(corner, (size_t)s->n_node, sizeof *corner, by_place);
  for (int i = 0; i < m->n_point; i++) {
    Corner key = {{m->x[i][0], m->x[i][1], m->x[i][2]}, 0};
    const Corner *hit = m->on[i] == ON_LEAD ? bsearch(&key, corner, (size_t)s->n_node, sizeof *corner, by_place) : NULL;
    f->lead_node[i] = hit ? hit->id : -1;
  }
  f->n = s->n_tri, f->n_point = m->n_point;
  for (int t = 0; t < s->n_tri; t++) {
    for (int k = 0; k < 3; k++) f->face[t].key[k] = s->tri[t][k];
    sort_key(f->face[t].key);
    f->face[t].part = s->part[t];
  }
  qsort(f->face, (size_t)f->n, sizeof *f->face, by_key);
  free(corner);
  return 0;
}

PetscErrorCode lead_faces_create(const TetMesh *m, const LeadSurface *surface, const double *xyz, LeadFaces **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  return surface ? fill_faces(m, surface, xyz, *out) : 0;
}

void lead_faces_destroy(LeadFaces **f)
{
  if (!*f) return;
  free((*f)->face);
  free((*f)->lead_node);
  free(*f);
  *f = NULL;
}

int lead_face_part(const LeadFaces *f, const int point[3])
{
  LeadFace key;
  if (!f->n) return -1;
  for (int k = 0; k < 3; k++) {
    key.key[k] = point[k] < f->n_point ? f->lead_node[point[k]] : -1;
    if (key.key[k] < 0) return -1;
  }
  sort_key(key.key);
  const LeadFace *hit = bsearch(&key, f->face, (size_t)f->n, sizeof *f->face, by_key);
  return hit ? hit->part : -1;
}

/* the tetrahedron between nodes of the lead whose centroid lies deepest in the lead */
static int deepest_inside(const TetMesh *m, const Scene *s)
{
  double deepest = 0.0;
  int best = -1;
  for (int t = 0; t < m->n_tet; t++) {
    double c[3] = {0, 0, 0}, flat[3];
    int n = 0;
    for (int k = 0; k < 4; k++) n += m->on[m->tet[t][k]] == ON_LEAD, v3_axpy(c, 0.25, m->x[m->tet[t][k]], c);
    if (n < 4) continue;
    lead_pose_to_flat(s->pose, c, flat);
    const double d = lead_body_distance(s->model, flat);
    if (d < deepest) deepest = d, best = t;
  }
  return best;
}

PetscErrorCode lead_mark(TetMesh *m, const LeadFaces *f, const Scene *s)
{
  int *stack = NULL, top = 0, n_inside = 0;
  const int seed = f->n ? deepest_inside(m, s) : -1;
  if (!f->n) return 0;
  PetscCheck(seed >= 0, PETSC_COMM_SELF, CAUDA_ERR_MESH, "the inside of the lead was not found in TetGen's mesh");
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *stack, &stack));
  /* the stack keeps all it has held: [0, n_inside) are inside */
  stack[n_inside++] = seed, m->region[seed] = INSIDE_LEAD;
  bool escaped = false;
  for (; top < n_inside && !escaped; top++)
    for (int k = 0; k < 4; k++) {
      const int t = stack[top], u = m->adj[t][k];
      const int p[3] = {m->tet[t][TET_FACE[k][0]], m->tet[t][TET_FACE[k][1]], m->tet[t][TET_FACE[k][2]]};
      if (m->on[m->tet[t][k]] != ON_LEAD) escaped = true;
      if (u < 0 || m->region[u] == INSIDE_LEAD || lead_face_part(f, p) >= 0) continue;
      stack[n_inside++] = u, m->region[u] = INSIDE_LEAD;
    }
  free(stack);
  PetscCheck(!escaped, PETSC_COMM_SELF, CAUDA_ERR_MESH,
             "the lead's surface has a hole in TetGen's mesh: one of its facets was not kept");
  return 0;
}

PetscErrorCode lead_carve(TetMesh *m)
{
  for (int t = 0; t < m->n_tet; t++)
    if (tet_alive(m, t) && m->region[t] == INSIDE_LEAD) PetscCall(tet_mesh_remove(m, t));
  return 0;
}
