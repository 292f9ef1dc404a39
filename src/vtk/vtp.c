/* Lines and triangles as VTK poly data. */
#include "vtk_xml.h"

#include <stdlib.h>
#include <string.h>

static PetscErrorCode write_lines(VtkFile *f, const VtkPoly *p)
{
  static const int64_t none = 0;
  size_t n_point = p->n_line ? (size_t)p->line_offset[p->n_line] : 0;
  PetscCall(vtk_begin(f, "Lines"));
  PetscCall(vtk_array(f, &(VtkArray){"connectivity", VTK_INT64, 1, n_point ? p->line_point : &none}, n_point));
  PetscCall(vtk_array(f, &(VtkArray){"offsets", VTK_INT64, 1, p->n_line ? p->line_offset + 1 : &none},
                      (size_t)p->n_line)); /* VTK's offsets are the ends */
  PetscCall(vtk_end(f));
  return 0;
}

static PetscErrorCode write_triangles(VtkFile *f, const VtkPoly *p)
{
  size_t n = (size_t)p->n_tri;
  int64_t *offset;
  PetscCall(mem_alloc(n, sizeof *offset, &offset));
  for (size_t i = 0; i < n; i++) offset[i] = 3 * ((int64_t)i + 1);
  PetscErrorCode code = vtk_begin(f, "Polys");
  if (!code) code = vtk_array(f, &(VtkArray){"connectivity", VTK_INT32, 1, p->tri}, 3 * n);
  if (!code) code = vtk_array(f, &(VtkArray){"offsets", VTK_INT64, 1, offset}, n);
  if (!code) code = vtk_end(f);
  free(offset);
  PetscCall(code);
  return 0;
}

static PetscErrorCode write_poly(VtkFile *f, const VtkPoly *p)
{
  size_t n_point = (size_t)p->n_point;
  PetscCall(vtk_names(f, p->n_names, p->names));
  PetscCall(vtk_begin(f, "Piece"));
  PetscCall(vtk_attribute(f, "NumberOfPoints", p->n_point));
  PetscCall(vtk_attribute(f, "NumberOfVerts", 0));
  PetscCall(vtk_attribute(f, "NumberOfLines", p->n_line));
  PetscCall(vtk_attribute(f, "NumberOfStrips", 0));
  PetscCall(vtk_attribute(f, "NumberOfPolys", p->n_tri));
  PetscCall(vtk_arrays(f, "PointData", p->n_point_data, p->point_data, n_point));
  PetscCall(vtk_arrays(f, "CellData", p->n_cell_data, p->cell_data, (size_t)(p->n_line + p->n_tri)));
  PetscCall(vtk_arrays(f, "Points", 1, &(VtkArray){"Points", VTK_FLOAT64, 3, p->xyz}, n_point));
  PetscCall(write_lines(f, p));
  PetscCall(write_triangles(f, p));
  PetscCall(vtk_end(f));
  return 0;
}

PetscErrorCode vtk_write_poly(const char *path, const VtkPoly *p)
{
  VtkFile *f;
  PetscCall(vtk_open(path, "PolyData", &f));
  PetscErrorCode code = write_poly(f, p);
  if (code)
    vtk_abandon(&f);
  else
    code = vtk_finish(&f);
  PetscCall(code);
  return 0;
}

/* ---- the groups of a mesh --------------------------------------------------------------------------------- */

typedef struct {
  NodeId *place; /* [n_node] of a mesh's node among the points written, from 1; 0: not used */
  double *xyz;
  int32_t (*tri)[3];
  int16_t *group;
  const char **name;
  int64_t n_point, n_tri;
} Groups;

static PetscErrorCode allocate_groups(const Mesh *m, Groups *g)
{
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *g->place, &g->place));
  PetscCall(mem_alloc((size_t)m->n_node, 3 * sizeof *g->xyz, &g->xyz));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *g->tri, &g->tri));
  PetscCall(mem_alloc((size_t)m->n_tri, sizeof *g->group, &g->group));
  PetscCall(mem_alloc((size_t)m->n_group, sizeof *g->name, &g->name));
  return 0;
}

static void take_face(const Mesh *m, TriId t, Groups *g)
{
  for (int k = 0; k < 3; k++) {
    NodeId v = m->tri[t][k];
    if (!g->place[v]) {
      memcpy(g->xyz + 3 * g->n_point, m->xyz + 3 * (size_t)v, 3 * sizeof *g->xyz);
      g->place[v] = (NodeId)++g->n_point;
    }
    g->tri[g->n_tri][k] = g->place[v] - 1;
  }
  g->group[g->n_tri++] = m->group[t];
}

static PetscErrorCode write_groups(const char *path, const Mesh *m, Groups *g)
{
  PetscCall(allocate_groups(m, g));
  for (int i = 0; i < m->n_group; i++) g->name[i] = m->groups[i].name;
  for (TriId t = 0; t < m->n_tri; t++)
    if (m->groups[m->group[t]].kind != GROUP_RETURN) take_face(m, t, g);
  const VtkArray group = {"group", VTK_INT16, 1, g->group};
  const VtkNames names = {"group_names", m->n_group, g->name};
  const VtkPoly poly = {.n_point = g->n_point,
                        .xyz = g->xyz,
                        .n_tri = g->n_tri,
                        .tri = g->tri,
                        .n_cell_data = 1,
                        .cell_data = &group,
                        .n_names = 1,
                        .names = &names};
  PetscCall(vtk_write_poly(path, &poly));
  return 0;
}

PetscErrorCode vtk_write_groups(const char *path, const Mesh *m)
{
  Groups g = {.n_point = 0};
  PetscErrorCode code = write_groups(path, m, &g);
  free(g.place), free(g.xyz), free(g.tri), free(g.group), free(g.name);
  PetscCall(code);
  return 0;
}
