/* Boundary faces that carry current by themselves: the surface impedance of contacts, and the return of an infinite
 * medium. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void facets_destroy(Facets **f)
{
  if (!*f) return;
  free((*f)->facet);
  free(*f);
  *f = NULL;
}

void contacts_middle(const Mesh *m, double middle[3])
{
  double count = 0.0;
  v3_set(middle, 0.0, 0.0, 0.0);
  for (TriId t = 0; t < m->n_tri; t++)
    for (int i = 0; m->groups[m->group[t]].kind == GROUP_CONTACT && i < 3; i++, count++)
      v3_axpy(middle, 1.0, &m->xyz[3 * (size_t)m->tri[t][i]], middle);
  if (count > 0.0) v3_scale(1.0 / count, middle);
}

/* ---- which tetrahedron a boundary face belongs to --------------------------------------------------------------- */

typedef struct {
  NodeId node[3]; /* ascending */
  int32_t id;     /* of the face */
} Key;

static Key key_make(const NodeId v[3], int32_t id)
{
  Key k = {{v[0], v[1], v[2]}, id};
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < 2; i++)
      if (k.node[i] > k.node[i + 1]) {
        NodeId swap = k.node[i];
        k.node[i] = k.node[i + 1], k.node[i + 1] = swap;
      }
  return k;
}

static int key_order(const void *a, const void *b)
{
  const Key *p = a, *q = b;
  for (int i = 0; i < 3; i++)
    if (p->node[i] != q->node[i]) return p->node[i] < q->node[i] ? -1 : 1;
  return 0;
}

static void tets_match(const Mesh *m, const bool *on_face, const Key *keys, TetId *tet_of)
{
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      NodeId v[3];
      for (int i = 0; i < 3; i++) v[i] = m->tet[t][MESH_FACE[f][i]];
      if (!on_face[v[0]] || !on_face[v[1]] || !on_face[v[2]]) continue;
      Key k = key_make(v, -1);
      const Key *found = bsearch(&k, keys, (size_t)m->n_tri, sizeof *keys, key_order);
      if (found) tet_of[found->id] = t;
    }
}

static PetscErrorCode tets_of_faces(const Mesh *m, TetId *tet_of)
{
  Key *keys = NULL;
  bool *on_face = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)m->n_tri, sizeof *keys, &keys);
  if (!ierr) ierr = mem_alloc((size_t)m->n_node, sizeof *on_face, &on_face);
  for (TriId t = 0; !ierr && t < m->n_tri; t++) {
    keys[t] = key_make(m->tri[t], t);
    for (int i = 0; i < 3; i++) on_face[m->tri[t][i]] = true;
    tet_of[t] = -1;
  }
  if (!ierr) qsort(keys, (size_t)m->n_tri, sizeof *keys, key_order);
  if (!ierr) tets_match(m, on_face, keys, tet_of);
  free(keys);
  free(on_face);
  return ierr;
}

/* ---- conductances ----------------------------------------------------------------------------------------------- */

/* (n . sigma n) (n . r) / r2 at the face's middle, r from `from` (mm). Never negative: a face that looks towards the
 * source lets nothing out. */
static double infinite_conductance(const Mesh *m, TriId t, const double sigma[6], const double from[3])
{
  double x[3][3], a[3], b[3], n[3], sn[3], r[3];
  face_vertices(m, t, x);
  v3_sub(x[1], x[0], a), v3_sub(x[2], x[0], b);
  v3_cross(a, b, n);
  v3_normalise(n);
  tensor_times(sigma, n, sn);
  for (int i = 0; i < 3; i++) r[i] = (x[0][i] + x[1][i] + x[2][i]) / 3.0 - 1e-3 * from[i];
  return fmax(0.0, v3_dot(n, sn) * v3_dot(n, r) / v3_dot(r, r));
}

static PetscErrorCode return_fill(const Space *s, const DofMap *d, const double *sigma, Facets *f)
{
  const Mesh *m = s->mesh;
  TetId *tet_of;
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *tet_of, &tet_of));
  PetscErrorCode ierr = tets_of_faces(m, tet_of);
  for (TriId t = 0; !ierr && t < m->n_tri; t++)
    if (d->owner_of_group[m->group[t]] == OWNER_RETURN && tet_of[t] >= 0)
      f->facet[f->n++] = (Facet){t, -1, infinite_conductance(m, t, sigma + 6 * (size_t)tet_of[t], d->middle_mm)};
  free(tet_of);
  return ierr;
}

static PetscErrorCode fill(const Space *s, const DofMap *d, const FieldOptions *o, const double *sigma, Facets *f)
{
  const Mesh *m = s->mesh;
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *f->facet, &f->facet));
  if (o->contact == CONTACT_IMPEDANCE) {
    PetscCheck(isfinite(o->surface_impedance_ohm_m2) && o->surface_impedance_ohm_m2 > 0.0, PETSC_COMM_SELF,
               PETSC_ERR_USER_INPUT, "field: found a surface impedance of %g ohm m2, expected a positive number",
               o->surface_impedance_ohm_m2);
    for (TriId t = 0; t < m->n_tri; t++) {
      int c = d->owner_of_group[m->group[t]];
      if (c >= 0) f->facet[f->n++] = (Facet){t, c, 1.0 / o->surface_impedance_ohm_m2};
    }
  }
  return o->ret == RETURN_INFINITE ? return_fill(s, d, sigma, f) : 0;
}

PetscErrorCode facets_create(const Space *s, const DofMap *d, const FieldOptions *o, const double *sigma, Facets **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(s, d, o, sigma, *out);
  if (ierr) facets_destroy(out);
  return ierr;
}
