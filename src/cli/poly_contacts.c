/* contacts.vtp: the faces of the contacts and of the lead's body, as they are in the mesh. */
#include "outputs.h"

#include "cauda/vtk.h"

#include <stdlib.h>

typedef struct {
  int32_t *point_of; /* [n_node] its number in the file, or -1 */
  double *xyz;
  int32_t (*tri)[3];
  int32_t *group;
  const char **names;
  int64_t n_point, n_tri;
} Faces;

static void faces_free(Faces *f)
{
  free(f->point_of), free(f->xyz), free(f->tri), free(f->group);
  free(f->names);
}

static PetscErrorCode faces_alloc(const Mesh *m, Faces *f)
{
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *f->point_of, &f->point_of));
  PetscCall(mem_alloc((size_t)m->n_tri, 9 * sizeof *f->xyz, &f->xyz));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *f->tri, &f->tri));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *f->group, &f->group));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *f->names, &f->names));
  return 0;
}

static int32_t point_number(const Mesh *m, NodeId node, Faces *f)
{
  if (f->point_of[node] < 0) {
    v3_copy(m->xyz + 3 * (size_t)node, f->xyz + 3 * f->n_point);
    f->point_of[node] = (int32_t)f->n_point++;
  }
  return f->point_of[node];
}

static PetscErrorCode faces_write(const Mesh *m, Faces *f, const char *path)
{
  PetscCall(faces_alloc(m, f));
  for (NodeId i = 0; i < m->n_node; i++) f->point_of[i] = -1;
  for (int g = 0; g < m->n_group; g++) f->names[g] = m->groups[g].name;
  for (TriId t = 0; t < m->n_tri; t++) {
    if (m->groups[m->group[t]].kind == GROUP_RETURN) continue;
    for (int k = 0; k < 3; k++) f->tri[f->n_tri][k] = point_number(m, m->tri[t][k], f);
    f->group[f->n_tri++] = m->group[t];
  }
  const VtkArray cell = {.name = "contact", .type = VTK_INT32, .n_component = 1, .v = f->group};
  const VtkNames names = {.name = "contact_names", .n = m->n_group, .text = f->names};
  const VtkPoly p = {.n_point = f->n_point,
                     .xyz = f->xyz,
                     .n_tri = f->n_tri,
                     .tri = (const int32_t(*)[3])f->tri,
                     .n_cell_data = 1,
                     .cell_data = &cell,
                     .n_names = 1,
                     .names = &names};
  PetscCall(vtk_write_poly(path, &p));
  return 0;
}

PetscErrorCode contacts_write_vtp(const Mesh *m, const char *path)
{
  Faces f = {0};
  PetscErrorCode ierr = faces_write(m, &f, path);
  faces_free(&f);
  PetscCall(ierr);
  return 0;
}
