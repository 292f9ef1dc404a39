/* A mesh from a .msh file, whoever wrote it: Gmsh reads it in a child process. */
#include "child.h"
#include "gmsh_session.h"
#include "mesh_pipe.h"
#include "msh_raw.h"

#include <errno.h>
#include <gmshc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_TRIANGLE = 2, TYPE_TETRAHEDRON = 4, LIST_MAX = 400 };

typedef struct {
  const char *path;
  Mesh *mesh; /* in the parent, once read */
} Job;

/* ---- in the child --------------------------------------------------------------------------------------- */

static const char *dimension_name(int dim) { return dim == 3 ? "volume" : "surface"; }

/* Appends a number to a list in words; beyond LIST_MAX it ends in dots. */
static void list_add(char list[LIST_MAX], int number)
{
  size_t n = strlen(list);
  if (n + 16 < LIST_MAX)
    snprintf(list + n, LIST_MAX - n, "%s%d", n ? ", " : "", number);
  else if (list[n - 1] != '.')
    snprintf(list + n, LIST_MAX - n, " ...");
}

static PetscErrorCode check_type(const char *path, int dim, int entity, int type)
{
  char *name;
  double *local;
  size_t n_local;
  int ierr, element_dim, order, n_corner, n_primary, wanted = dim == 3 ? TYPE_TETRAHEDRON : TYPE_TRIANGLE;
  if (type == wanted) return 0;
  gmshModelMeshGetElementProperties(type, &name, &element_dim, &order, &n_corner, &local, &n_local, &n_primary, &ierr);
  PetscCall(gmsh_check(ierr, "asking for an element type"));
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: %s %d is made of elements \"%s\" of order %d, expected %s of order 1", path, dimension_name(dim), entity,
          name, order, dim == 3 ? "tetrahedra" : "triangles");
}

/* The elements of one entity, appended to a group. */
static PetscErrorCode take_entity(const char *path, int dim, int entity, RawGroup *g)
{
  int *types, ierr;
  size_t n_type;
  gmshModelMeshGetElementTypes(&types, &n_type, dim, entity, &ierr);
  PetscCall(gmsh_check(ierr, "listing element types"));
  for (size_t i = 0; i < n_type; i++) {
    size_t *tag, n, *node, n_all, corners = (size_t)dim + 1;
    PetscCall(check_type(path, dim, entity, types[i]));
    gmshModelMeshGetElementsByType(types[i], &tag, &n, &node, &n_all, entity, 0, 1, &ierr);
    PetscCall(gmsh_check(ierr, "listing elements"));
    g->tag = realloc(g->tag, (g->n + n) * sizeof *g->tag);
    g->node = realloc(g->node, (g->n + n) * corners * sizeof *g->node);
    PetscCheck(n == 0 || (g->tag && g->node), PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the elements");
    memcpy(g->tag + g->n, tag, n * sizeof *tag);
    memcpy(g->node + g->n * corners, node, n * corners * sizeof *node);
    g->n += n;
    gmshFree(tag), gmshFree(node);
  }
  return 0;
}

static PetscErrorCode take_group(const char *path, int dim, int tag, RawGroup *g)
{
  int *entity, ierr;
  char *name;
  size_t n_entity;
  gmshModelGetPhysicalName(dim, tag, &name, &ierr);
  PetscCall(gmsh_check(ierr, "asking for a group's name"));
  g->name = name;
  gmshModelGetEntitiesForPhysicalGroup(dim, tag, &entity, &n_entity, &ierr);
  PetscCall(gmsh_check(ierr, "listing a group's entities"));
  for (size_t i = 0; i < n_entity; i++) PetscCall(take_entity(path, dim, entity[i], g));
  return 0;
}

static PetscErrorCode take_groups(const char *path, int dim, int *n_group, RawGroup **groups)
{
  int *dim_tag, ierr;
  size_t n;
  char unnamed[LIST_MAX] = "";
  gmshModelGetPhysicalGroups(&dim_tag, &n, dim, &ierr);
  PetscCall(gmsh_check(ierr, "listing groups"));
  *n_group = (int)(n / 2);
  PetscCall(mem_alloc(n / 2, sizeof **groups, groups));
  for (size_t i = 0; i < n / 2; i++) {
    PetscCall(take_group(path, dim, dim_tag[2 * i + 1], &(*groups)[i]));
    if (!(*groups)[i].name[0]) list_add(unnamed, dim_tag[2 * i + 1]);
  }
  PetscCheck(!unnamed[0], PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the %s groups %s have no name; expected physical groups named %s", path, dimension_name(dim), unnamed,
             dim == 3 ? "as tissues (csf, white, dura ...) or roots (L1_L_dorsal)"
                      : "C01, C02 ... (contacts), paddle or case");
  return 0;
}

/* Volumes that hold elements but belong to no group. */
static PetscErrorCode check_grouped(const char *path)
{
  int *dim_tag, *physical, *types, ierr;
  size_t n, n_physical, n_type;
  char list[LIST_MAX] = "";
  gmshModelGetEntities(&dim_tag, &n, 3, &ierr);
  PetscCall(gmsh_check(ierr, "listing volumes"));
  PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: holds no volume mesh; expected tetrahedra", path);
  for (size_t i = 0; i < n; i += 2) {
    gmshModelGetPhysicalGroupsForEntity(3, dim_tag[i + 1], &physical, &n_physical, &ierr);
    PetscCall(gmsh_check(ierr, "asking for a volume's groups"));
    gmshModelMeshGetElementTypes(&types, &n_type, 3, dim_tag[i + 1], &ierr);
    PetscCall(gmsh_check(ierr, "listing element types"));
    if (n_physical == 0 && n_type > 0) list_add(list, dim_tag[i + 1]);
  }
  PetscCheck(!list[0], PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the volumes %s belong to no physical group; expected each in one, named as its tissue or root", path,
             list);
  return 0;
}

static PetscErrorCode take_nodes(RawMesh *raw)
{
  double *parametric;
  size_t n_coordinate, n_parametric;
  int ierr;
  gmshModelMeshGetNodes(&raw->node_tag, &raw->n_node, &raw->xyz, &n_coordinate, &parametric, &n_parametric, -1, -1, 0,
                        0, &ierr);
  PetscCall(gmsh_check(ierr, "listing nodes"));
  return 0;
}

static PetscErrorCode open_file(const char *path)
{
  int ierr;
  char *words;
  PetscCall(gmsh_session_start());
  gmshOpen(path, &ierr);
  if (!ierr) return 0;
  gmshLoggerGetLastError(&words, &ierr);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: Gmsh cannot read it: %s", path,
          words && *words ? words : "it gave no reason");
}

static PetscErrorCode read_in_child(void *context, int fd)
{
  RawMesh raw = {.path = ((Job *)context)->path};
  Mesh *m;
  PetscCall(open_file(raw.path));
  PetscCall(check_grouped(raw.path));
  PetscCall(take_groups(raw.path, 3, &raw.n_volume, &raw.volume));
  PetscCall(take_groups(raw.path, 2, &raw.n_surface, &raw.surface));
  PetscCall(take_nodes(&raw));
  PetscCall(msh_build(&raw, &m));
  PetscCall(mesh_send(m, fd));
  return 0;
}

/* ---- in the parent -------------------------------------------------------------------------------------- */

static PetscErrorCode receive_mesh(void *context, int fd)
{
  PetscCall(mesh_receive(fd, &((Job *)context)->mesh));
  return 0;
}

/* Gmsh takes anything for a file of some kind: a look at the beginning tells more. */
static PetscErrorCode check_beginning(const char *path)
{
  char head[4096], *format;
  double version = 0.0;
  FILE *s = fopen(path, "rb");
  PetscCheck(s, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  size_t n = fread(head, 1, sizeof head - 1, s);
  fclose(s);
  for (size_t i = 0; i < n; i++)
    if (!head[i]) head[i] = ' ';
  head[n] = '\0';
  format = strstr(head, "$MeshFormat");
  PetscCheck(format && sscanf(format, "$MeshFormat %lf", &version) == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is not a Gmsh mesh: no line \"$MeshFormat\" at its beginning", path);
  PetscCheck(fabs(version - 2.2) < 1e-9 || fabs(version - 4.1) < 1e-9, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is of Gmsh's format %g, expected 2.2 or 4.1", path, version);
  return 0;
}

PetscErrorCode mesh_read_msh(const char *path, Mesh **out)
{
  Job job = {.path = path};
  char what[CAUDA_PATH_MAX + 16];
  *out = NULL;
  PetscCall(check_beginning(path));
  snprintf(what, sizeof what, "%s: Gmsh", path);
  PetscErrorCode code = child_run(what, read_in_child, &job, receive_mesh);
  PetscCall(code == CAUDA_ERR_MESH ? PETSC_ERR_USER_INPUT : code); /* what kills Gmsh here is the file */
  *out = job.mesh;
  return 0;
}
