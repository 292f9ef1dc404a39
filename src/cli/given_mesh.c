/* A mesh from elsewhere: read, questioned, and the lead that it shows. */
#include "work.h"

#include <math.h>
#include <stdlib.h>

/* What a model of a back can measure, mm; a file in m or um falls outside. */
enum { LEAST_MM = 10, MOST_MM = 3000 };

static PetscErrorCode check_units(const Mesh *m, const char *path)
{
  double extent = 0.0;
  for (int e = 0; e < 3; e++) {
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (NodeId n = 0; n < m->n_node; n++)
      lo = fmin(lo, m->xyz[3 * (size_t)n + (size_t)e]), hi = fmax(hi, m->xyz[3 * (size_t)n + (size_t)e]);
    extent = fmax(extent, hi - lo);
  }
  PetscCheck(extent >= LEAST_MM && extent <= MOST_MM, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is %.3f long, expected %d to %d mm: its coordinates are in %s, it seems", path, extent, LEAST_MM,
             MOST_MM, extent < LEAST_MM ? "m" : "um");
  return 0;
}

static PetscErrorCode check_return(const Mesh *m, const char *path)
{
  int contacts = 0, returns = 0;
  for (int g = 0; g < m->n_group; g++)
    contacts += m->groups[g].kind == GROUP_CONTACT, returns += m->groups[g].kind == GROUP_RETURN;
  PetscCheck(!contacts || returns, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: has contacts but no return: expected a surface group named case", path);
  return 0;
}

/* The contacts of a mesh. */
typedef struct {
  int n;
  const char **name;
  double (*at_mm)[2]; /* to the right and rostral, from the middle of all */
  double *area_mm2;
} Contacts;

static void contact_measure(const Mesh *m, int group, double at_mm[2], double *area_mm2)
{
  for (TriId t = 0; t < m->n_tri; t++) {
    if (m->group[t] != group) continue;
    double area = mesh_tri_area(m, t);
    *area_mm2 += area;
    for (int i = 0; i < 3; i++)
      for (int e = 0; e < 2; e++) at_mm[e] += area / 3.0 * m->xyz[3 * (size_t)m->tri[t][i] + 2 * (size_t)e];
  }
  for (int e = 0; e < 2 && *area_mm2 > 0.0; e++) at_mm[e] /= *area_mm2;
}

static PetscErrorCode contacts_fill(const Mesh *m, Contacts *k)
{
  double middle[2] = {0.0, 0.0};
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *k->name, &k->name));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *k->at_mm, &k->at_mm));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *k->area_mm2, &k->area_mm2));
  for (int g = 0; g < m->n_group; g++) {
    if (m->groups[g].kind != GROUP_CONTACT) continue;
    contact_measure(m, g, k->at_mm[k->n], &k->area_mm2[k->n]);
    k->name[k->n++] = m->groups[g].name;
  }
  for (int i = 0; i < k->n; i++)
    for (int e = 0; e < 2; e++) middle[e] += k->at_mm[i][e] / k->n;
  for (int i = 0; i < k->n; i++)
    for (int e = 0; e < 2; e++) k->at_mm[i][e] -= middle[e];
  return 0;
}

static PetscErrorCode lead_of_mesh(const Mesh *m, LeadModel **lead)
{
  Contacts k = {.n = 0};
  PetscErrorCode ierr = contacts_fill(m, &k);
  if (!ierr && k.n) ierr = lead_model_of_contacts(k.n, k.name, (const double(*)[2])k.at_mm, k.area_mm2, lead);
  free(k.name), free(k.at_mm), free(k.area_mm2);
  return ierr;
}

PetscErrorCode work_given(Work *w)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(w->input, w->c->anatomy.mesh, path));
  PetscCall(mesh_read_msh(path, &w->given));
  PetscCall(check_units(w->given, path));
  PetscCall(check_return(w->given, path));
  PetscCall(mesh_reorder(&w->given));
  w->no_shapes = mesh_find_region(w->given, "csf") < 0 ||
                 (mesh_find_region(w->given, "white") < 0 && mesh_find_region(w->given, "grey") < 0);
  return lead_of_mesh(w->given, &w->lead);
}
