/* Unknowns: contacts are merged into one each, the return is left out, everything else is a node. */
#include "fem_impl.h"

#include <stdlib.h>
#include <string.h>

enum { OWNER_NONE = -1, OWNER_RETURN = -2 }; /* else the contact's index */

void dofs_destroy(DofMap **d)
{
  if (!*d) return;
  free((*d)->unknown);
  free((*d)->contact);
  free((*d)->contact_unknown);
  free((*d)->contact_node);
  free(*d);
  *d = NULL;
}

/* Names of the contacts, and of each group its contact, OWNER_RETURN or OWNER_NONE. */
static PetscErrorCode groups_sort(const Mesh *m, DofMap *d, int *owner_of_group)
{
  int n_return = 0;
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *d->contact, &d->contact));
  for (int g = 0; g < m->n_group; g++) {
    owner_of_group[g] = OWNER_NONE;
    if (m->groups[g].kind == GROUP_RETURN) owner_of_group[g] = OWNER_RETURN, n_return++;
    if (m->groups[g].kind != GROUP_CONTACT) continue;
    strcpy(d->contact[d->n_contact], m->groups[g].name);
    owner_of_group[g] = d->n_contact++;
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

/* owner [n_node]: whose face a node lies on. */
static PetscErrorCode owners_mark(const Mesh *m, const DofMap *d, const int *owner_of_group, int *owner)
{
  for (NodeId n = 0; n < m->n_node; n++) owner[n] = OWNER_NONE;
  for (TriId t = 0; t < m->n_tri; t++) {
    int o = owner_of_group[m->group[t]];
    for (int i = 0; o != OWNER_NONE && i < 3; i++) {
      NodeId n = m->tri[t][i];
      int before = owner[n];
      if (before != OWNER_NONE && before != o) return clash(m, d, n, o < 0 ? before : o, o < 0 ? o : before);
      owner[n] = o;
    }
  }
  return 0;
}

static PetscErrorCode unknowns_number(const Mesh *m, DofMap *d, const int *owner)
{
  for (int c = 0; c < d->n_contact; c++) d->contact_unknown[c] = -1;
  for (NodeId n = 0; n < m->n_node; n++) {
    int o = owner[n];
    if (o == OWNER_RETURN) {
      d->unknown[n] = FEM_GROUNDED;
    } else if (o == OWNER_NONE) {
      d->unknown[n] = d->n_unknown++;
    } else {
      if (d->contact_unknown[o] < 0) d->contact_unknown[o] = d->n_unknown++, d->contact_node[o] = n;
      d->unknown[n] = d->contact_unknown[o];
    }
  }
  for (int c = 0; c < d->n_contact; c++)
    PetscCheck(d->contact_unknown[c] >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "contact %s has no face in the mesh",
               d->contact[c]);
  return 0;
}

/* Disjoint sets with path halving; the smaller index leads, the ground (index n_unknown) is like any other. */
static int32_t leader(int32_t *set, int32_t i)
{
  while (set[i] != i) i = set[i] = set[set[i]];
  return i;
}

static void sets_join(const Mesh *m, const DofMap *d, int32_t *set)
{
  for (int32_t i = 0; i <= d->n_unknown; i++) set[i] = i;
  for (TetId t = 0; t < m->n_tet; t++) {
    int32_t a[4];
    for (int i = 0; i < 4; i++) a[i] = d->unknown[m->tet[t][i]] < 0 ? d->n_unknown : d->unknown[m->tet[t][i]];
    for (int i = 1; i < 4; i++) {
      int32_t p = leader(set, a[0]), q = leader(set, a[i]);
      if (p < q) set[q] = p;
      if (q < p) set[p] = q;
    }
  }
}

/* A piece that no path joins to the return has no defined potential: the matrix would be singular. */
static PetscErrorCode joined_check(const Mesh *m, const DofMap *d)
{
  int32_t *set, first = -1, loose = 0;
  PetscCall(mem_alloc((size_t)d->n_unknown + 1, sizeof *set, &set));
  sets_join(m, d, set);
  int32_t ground = leader(set, d->n_unknown);
  for (NodeId n = 0; n < m->n_node; n++) {
    if (d->unknown[n] < 0 || leader(set, d->unknown[n]) == ground) continue;
    if (first < 0) first = n;
    loose++;
  }
  free(set);
  const double *x = &m->xyz[3 * (size_t)(first < 0 ? 0 : first)];
  PetscCheck(!loose, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%d nodes of the mesh, the first at (%g, %g, %g) mm, are not joined to the return electrode: expected "
             "one connected volume",
             (int)loose, x[0], x[1], x[2]);
  return 0;
}

static PetscErrorCode fill(const Mesh *m, DofMap *d, int *owner_of_group, int *owner)
{
  d->n_node = m->n_node;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *d->unknown, &d->unknown));
  PetscCall(groups_sort(m, d, owner_of_group));
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *d->contact_unknown, &d->contact_unknown));
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *d->contact_node, &d->contact_node));
  PetscCall(owners_mark(m, d, owner_of_group, owner));
  PetscCall(unknowns_number(m, d, owner));
  return joined_check(m, d);
}

PetscErrorCode dofs_create(const Mesh *m, DofMap **out)
{
  int *owner_of_group = NULL, *owner = NULL;
  *out = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)m->n_group, sizeof *owner_of_group, &owner_of_group);
  if (!ierr) ierr = mem_alloc((size_t)m->n_node, sizeof *owner, &owner);
  if (!ierr) ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = fill(m, *out, owner_of_group, owner);
  if (ierr) dofs_destroy(out);
  free(owner_of_group);
  free(owner);
  return ierr;
}
