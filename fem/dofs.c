/* Unknowns: equipotential contacts are merged into one each, a grounded return is left out, everything else is a node;
 * the metal of a contact with a surface impedance is an unknown beside its nodes. */
#include "fem_impl.h"

#include <stdlib.h>
#include <string.h>

void dofs_destroy(DofMap **d)
{
  if (!*d) return;
  free((*d)->unknown);
  free((*d)->owner);
  free((*d)->contact);
  free((*d)->contact_unknown);
  free((*d)->owner_of_group);
  free(*d);
  *d = NULL;
}

PetscErrorCode dofs_groups(const Mesh *m, DofMap *d)
{
  int n_return = 0;
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *d->contact, &d->contact));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *d->owner_of_group, &d->owner_of_group));
  for (int g = 0; g < m->n_group; g++) {
    d->owner_of_group[g] = OWNER_NONE;
    if (m->groups[g].kind == GROUP_RETURN) d->owner_of_group[g] = OWNER_RETURN, n_return++;
    if (m->groups[g].kind != GROUP_CONTACT) continue;
    strcpy(d->contact[d->n_contact], m->groups[g].name);
    d->owner_of_group[g] = d->n_contact++;
  }
  PetscCheck(d->n_contact, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the mesh has no contact: expected surface groups such as C01");
  PetscCheck(n_return, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the mesh has no return: expected a surface group named case");
  return 0;
}

static PetscErrorCode clash(const Mesh *m, const DofMap *d, NodeId n, int contact, int other)
{
  const double *x = &m->xyz[3 * (size_t)n];
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "contact %s touches %s%s at (%g, %g, %g) mm: expected surfaces that share no point", d->contact[contact],
          other == OWNER_RETURN ? "the return electrode" : "contact ", other == OWNER_RETURN ? "" : d->contact[other],
          x[0], x[1], x[2]);
}

/* owner [n_node]: whose face a node lies on. Surfaces that share an edge share its ends, which are met first. */
static PetscErrorCode owners_mark(const Space *s, DofMap *d)
{
  const Mesh *m = s->mesh;
  for (NodeId n = 0; n < s->n_node; n++) d->owner[n] = OWNER_NONE;
  for (TriId t = 0; t < m->n_tri; t++) {
    NodeId node[FACE_NODES_MAX];
    int o = d->owner_of_group[m->group[t]];
    if (o == OWNER_NONE) continue;
    space_face_nodes(s, t, node);
    for (int i = 0; i < s->element->n_face_node; i++) {
      int before = d->owner[node[i]];
      if (before != OWNER_NONE && before != o) return clash(m, d, node[i], o < 0 ? before : o, o < 0 ? o : before);
      d->owner[node[i]] = (int16_t)o;
    }
  }
  return 0;
}

static PetscErrorCode faces_check(const Mesh *m, const DofMap *d)
{
  bool *has;
  int bare = 0;
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *has, &has));
  for (TriId t = 0; t < m->n_tri; t++)
    if (d->owner_of_group[m->group[t]] >= 0) has[d->owner_of_group[m->group[t]]] = true;
  while (bare < d->n_contact && has[bare]) bare++;
  free(has);
  PetscCheck(bare == d->n_contact, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "contact %s has no face in the mesh",
             d->contact[bare < d->n_contact ? bare : 0]);
  return 0;
}

/* Gives node n its unknown; `pinned` once the potential is fixed somewhere. */
static void unknown_number(const FieldOptions *o, NodeId n, bool *pinned, DofMap *d)
{
  int owner = d->owner[n];
  bool grounded = owner == OWNER_RETURN && (o->ret == RETURN_GROUNDED || !*pinned);
  if (owner == OWNER_RETURN) *pinned = true;
  if (grounded) {
    d->unknown[n] = FEM_GROUNDED;
  } else if (owner < 0 || o->contact != CONTACT_EQUIPOTENTIAL) {
    d->unknown[n] = d->n_unknown++;
  } else {
    if (d->contact_unknown[owner] < 0) d->contact_unknown[owner] = d->n_unknown++;
    d->unknown[n] = d->contact_unknown[owner];
  }
}

/* A vertex, then the middles of the edges that begin there: so the numbers of what lies together lie together. */
static PetscErrorCode unknowns_number(const Space *s, const FieldOptions *o, DofMap *d)
{
  NodeId vertices = s->mesh->n_node, *order;
  bool pinned = o->ret != RETURN_INSULATED;
  PetscCall(mesh_curve_order(s->mesh, &order));
  for (int c = 0; c < d->n_contact; c++) d->contact_unknown[c] = -1;
  for (NodeId i = 0; i < vertices; i++) {
    NodeId n = order[i];
    unknown_number(o, n, &pinned, d);
    for (EdgeId e = s->edges ? s->edges->start[n] : 0; s->edges && e < s->edges->start[n + 1]; e++)
      unknown_number(o, vertices + e, &pinned, d);
  }
  for (int c = 0; o->contact == CONTACT_IMPEDANCE && c < d->n_contact; c++) d->contact_unknown[c] = d->n_unknown++;
  free(order);
  return 0;
}

static PetscErrorCode fill(const Space *s, const FieldOptions *o, DofMap *d)
{
  d->n_node = s->n_node;
  PetscCall(mem_alloc((size_t)s->n_node, sizeof *d->unknown, &d->unknown));
  PetscCall(mem_alloc((size_t)s->n_node, sizeof *d->owner, &d->owner));
  contacts_middle(s->mesh, d->middle_mm);
  PetscCall(dofs_groups(s->mesh, d));
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *d->contact_unknown, &d->contact_unknown));
  PetscCall(faces_check(s->mesh, d));
  PetscCall(owners_mark(s, d));
  PetscCall(unknowns_number(s, o, d));
  d->n_own = d->n_unknown;
  return dofs_joined_check(s->mesh, d);
}

PetscErrorCode dofs_create(const Space *s, const FieldOptions *o, DofMap **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(s, o, *out);
  if (ierr) dofs_destroy(out);
  return ierr;
}
