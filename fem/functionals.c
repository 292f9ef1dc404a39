/* Where 1 A enters at each contact, and what its potential is: the same row of numbers, so impedances are symmetric. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <stdlib.h>

void functionals_destroy(Functionals **f)
{
  if (!*f) return;
  free((*f)->start);
  free((*f)->unknown);
  free((*f)->value);
  free(*f);
  *f = NULL;
}

double functional_at(const Functionals *f, int i, const double *x)
{
  double sum = 0.0;
  for (int k = f->start[i]; k < f->start[i + 1]; k++) sum += f->value[k] * x[f->unknown[k]];
  return sum;
}

static double face_area(const Mesh *m, TriId t)
{
  double x[3][3], a[3], b[3], n[3];
  face_vertices(m, t, x);
  v3_sub(x[1], x[0], a), v3_sub(x[2], x[0], b);
  v3_cross(a, b, n);
  return 0.5 * v3_norm(n);
}

/* The mean over all faces of an owner: their loads over the whole area. */
static PetscErrorCode mean_row(const Space *s, const DofMap *d, int owner, size_t *room, Functionals *f)
{
  const Mesh *m = s->mesh;
  double whole = 0.0;
  int first = f->start[f->n], n = first;
  size_t room_value = *room;
  for (TriId t = 0; t < m->n_tri; t++) {
    NodeId node[FACE_NODES_MAX];
    double load[FACE_NODES_MAX], area;
    if (d->owner_of_group[m->group[t]] != owner) continue;
    PetscCall(mem_grow((size_t)n + FACE_NODES_MAX, sizeof *f->value, &room_value, &f->value));
    PetscCall(mem_grow((size_t)n + FACE_NODES_MAX, sizeof *f->unknown, room, &f->unknown));
    area = face_area(m, t);
    if (dofs_mine(d, m->tri[t][0])) whole += area;
    space_face_nodes(s, t, node);
    s->element->face_load(area, load);
    for (int i = 0; i < s->element->n_face_node; i++)
      if (d->unknown[node[i]] >= 0 && d->unknown[node[i]] < d->n_own && load[i] != 0.0)
        f->unknown[n] = d->unknown[node[i]], f->value[n++] = load[i];
  }
  if (d->mine) sum_over_ranks(1, &whole);
  for (int k = first; k < n; k++) f->value[k] /= whole;
  f->start[++f->n] = n;
  return 0;
}

static PetscErrorCode single_row(const DofMap *d, int contact, size_t *room, Functionals *f)
{
  int n = f->start[f->n];
  int32_t unknown = d->contact_unknown[contact];
  size_t room_value = *room;
  PetscCall(mem_grow((size_t)n + 1, sizeof *f->value, &room_value, &f->value));
  PetscCall(mem_grow((size_t)n + 1, sizeof *f->unknown, room, &f->unknown));
  bool own = unknown >= 0 && unknown < d->n_own;
  if (own) f->unknown[n] = unknown, f->value[n] = 1.0;
  f->start[++f->n] = n + own;
  return 0;
}

static PetscErrorCode fill(const Space *s, const DofMap *d, const FieldOptions *o, Functionals *f)
{
  size_t room = 0;
  PetscCall(mem_alloc((size_t)d->n_contact + 2, sizeof *f->start, &f->start));
  for (int c = 0; c < d->n_contact; c++) {
    if (o->contact == CONTACT_UNIFORM)
      PetscCall(mean_row(s, d, c, &room, f));
    else
      PetscCall(single_row(d, c, &room, f));
  }
  if (o->ret == RETURN_INSULATED) return mean_row(s, d, OWNER_RETURN, &room, f);
  f->start[f->n + 1] = f->start[f->n];
  f->n++;
  return 0;
}

PetscErrorCode functionals_create(const Space *s, const DofMap *d, const FieldOptions *o, Functionals **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(s, d, o, *out);
  if (ierr) functionals_destroy(out);
  return ierr;
}
