/* A mesh as Gmsh's .msh 4.1, binary, written by Gmsh itself.
 *
 * A region is a discrete volume, a group a discrete surface, each in a physical group of its name; physical numbers are
 * unique across both. All nodes are filed under one volume and tagged id + 1, elements likewise (tetrahedra first): so
 * that reading the file by tags, or in the file's order, gives back the same numbers that leadfield.h5 refers to. */
#include "child.h"
#include "gmsh_session.h"

#include "cauda/mesh.h"

#include <gmshc.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_TRIANGLE = 2, TYPE_TETRAHEDRON = 4 }; /* Gmsh's numbers of element types */

typedef struct {
  const Mesh *mesh;
  const char *path;
} Job;

static PetscErrorCode configure(void)
{
  const struct {
    const char *name;
    double value;
  } options[] = {{"Mesh.Binary", 1}, {"Mesh.MshFileVersion", 4.1}, {"Mesh.SaveAll", 0}};
  int ierr;
  PetscCall(gmsh_session_start());
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    gmshOptionSetNumber(options[i].name, options[i].value, &ierr);
    PetscCall(gmsh_check(ierr, options[i].name));
  }
  gmshModelAdd("cauda", &ierr);
  PetscCall(gmsh_check(ierr, "making a model"));
  return 0;
}

static PetscErrorCode add_named(int dim, int entity, int physical, const char *name)
{
  int ierr;
  gmshModelAddDiscreteEntity(dim, entity, NULL, 0, &ierr);
  PetscCall(gmsh_check(ierr, name));
  gmshModelAddPhysicalGroup(dim, &entity, 1, physical, &ierr);
  PetscCall(gmsh_check(ierr, name));
  gmshModelSetPhysicalName(dim, physical, name, &ierr);
  PetscCall(gmsh_check(ierr, name));
  return 0;
}

static PetscErrorCode add_nodes(const Mesh *m)
{
  size_t *tags, n = (size_t)m->n_node;
  int ierr;
  PetscCall(mem_alloc(n, sizeof *tags, &tags));
  for (size_t i = 0; i < n; i++) tags[i] = i + 1;
  gmshModelMeshAddNodes(3, m->region[0] + 1, tags, n, m->xyz, 3 * n, NULL, 0, &ierr);
  free(tags);
  return gmsh_check(ierr, "taking over the nodes");
}

/* The elements of one entity: those of `n` whose mark is `wanted`, with tags from `offset` + 1. */
static PetscErrorCode add_elements(int entity, int type, int corners, const NodeId *nodes, const int16_t *mark,
                                   int16_t wanted, size_t n, size_t offset)
{
  size_t *tags, *corner, count = 0;
  int ierr;
  for (size_t i = 0; i < n; i++) count += mark[i] == wanted;
  if (count == 0) return 0;
  PetscCall(mem_alloc(count, sizeof *tags, &tags));
  PetscCall(mem_alloc(count, (size_t)corners * sizeof *corner, &corner)); /* the child's memory ends with it */
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    if (mark[i] != wanted) continue;
    for (int c = 0; c < corners; c++)
      corner[k * (size_t)corners + (size_t)c] = (size_t)nodes[i * (size_t)corners + (size_t)c] + 1;
    tags[k++] = offset + i + 1;
  }
  gmshModelMeshAddElementsByType(entity, type, tags, count, corner, count * (size_t)corners, &ierr);
  free(tags), free(corner);
  return gmsh_check(ierr, "taking over the elements");
}

static PetscErrorCode write_in_child(void *context, int fd)
{
  const Job *job = context;
  const Mesh *m = job->mesh;
  int ierr;
  (void)fd;
  PetscCall(configure());
  for (int r = 0; r < m->n_region; r++) PetscCall(add_named(3, r + 1, r + 1, m->regions[r].name));
  for (int g = 0; g < m->n_group; g++) PetscCall(add_named(2, g + 1, m->n_region + g + 1, m->groups[g].name));
  PetscCall(add_nodes(m));
  for (int r = 0; r < m->n_region; r++)
    PetscCall(add_elements(r + 1, TYPE_TETRAHEDRON, 4, m->tet[0], m->region, (int16_t)r, (size_t)m->n_tet, 0));
  for (int g = 0; g < m->n_group; g++)
    PetscCall(add_elements(g + 1, TYPE_TRIANGLE, 3, m->n_tri ? m->tri[0] : NULL, m->group, (int16_t)g, (size_t)m->n_tri,
                           (size_t)m->n_tet));
  gmshWrite(job->path, &ierr);
  PetscCall(gmsh_check(ierr, "writing"));
  return 0;
}

/* Gmsh does not notice a full disk: the file's last line tells. */
static PetscErrorCode check_end(const char *tmp, const char *path)
{
  static const char END[] = "$EndElements\n";
  char tail[sizeof END] = "";
  FILE *s = fopen(tmp, "rb");
  bool whole = s && fseek(s, -(long)(sizeof END - 1), SEEK_END) == 0 && fread(tail, 1, sizeof END - 1, s) > 0 &&
               !strcmp(tail, END);
  if (s) fclose(s);
  PetscCheck(whole, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: could not be written whole; is there space left on the device?", path);
  return 0;
}

static PetscErrorCode make(const void *what, const char *tmp)
{
  const Job *job = what;
  PetscCall(child_run("Gmsh", write_in_child, &(Job){job->mesh, tmp}, NULL));
  PetscCall(check_end(tmp, job->path));
  return 0;
}

PetscErrorCode mesh_write_msh(const Mesh *m, const char *path)
{
  PetscCheck(m->n_tet > 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "%s: a mesh without tetrahedra is not written", path);
  PetscCall(file_make(path, make, &(Job){m, path}));
  return 0;
}
