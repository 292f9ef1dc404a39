/* A .msh file as Gmsh sees it, on its way to a Mesh. Lives in the child process that reads the file, whose memory ends
 * with it: nothing here is freed. */
#ifndef CAUDA_MESH_MSH_RAW_H
#define CAUDA_MESH_MSH_RAW_H

#include "cauda/mesh.h"

/* A physical group and its elements. */
typedef struct {
  const char *name;
  size_t n;
  size_t *tag;  /* [n] */
  size_t *node; /* [n][4] (volumes) or [n][3] (surfaces), node tags */
} RawGroup;

typedef struct {
  const char *path;
  size_t n_node;
  size_t *node_tag; /* [n_node] */
  double *xyz;      /* [n_node][3] mm */
  int n_volume, n_surface;
  RawGroup *volume, *surface;
} RawMesh;

/* msh_build: names to tissues and group kinds, tags to ids in the order of the tags, nodes that no tetrahedron uses
 * dropped, inverted tetrahedra and inward faces turned round, and the whole checked.
 * Errors: PETSC_ERR_USER_INPUT in words. mesh/msh_build.c */
PetscErrorCode msh_build(const RawMesh *raw, Mesh **out) CAUDA_CHECKED;

#endif
