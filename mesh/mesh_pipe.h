/* A mesh from one process to another. */
#ifndef CAUDA_MESH_PIPE_H
#define CAUDA_MESH_PIPE_H

#include "cauda/mesh.h"

PetscErrorCode mesh_send(const Mesh *m, int fd) CAUDA_CHECKED;
PetscErrorCode mesh_receive(int fd, Mesh **out) CAUDA_CHECKED;

#endif
