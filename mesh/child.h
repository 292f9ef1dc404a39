/* Child: work that a library may not survive, done in a process of its own.
 *
 * TetGen and Gmsh can throw, exit, crash or eat all memory on bad input. What they do is done in a forked child; it
 * writes its results to a file descriptor, and the parent reads them from there once the child has ended well. */
#ifndef CAUDA_MESH_CHILD_H
#define CAUDA_MESH_CHILD_H

#include "cauda/base.h"

typedef PetscErrorCode (*ChildTask)(void *context, int fd);

/* child_run: runs work(context, fd) in a child process, then receive(context, fd) in this one, which finds there what
 * the child wrote. Changes that work() makes to *context are lost with the child. receive may be NULL.
 * The child inherits memory and open files; it must not touch MPI. Its standard output and error are caught.
 *   what  the library at work, as the user should read it: "TetGen"
 * Errors: those of work(), with its message; those of receive(); CAUDA_ERR_MESH with the library's last words where the
 * child died or left on its own; PETSC_ERR_MEM where it was short of memory; CAUDA_ERR_INTERRUPTED. */
PetscErrorCode child_run(const char *what, ChildTask work, void *context, ChildTask receive) CAUDA_CHECKED;

/* The same in two parts, for what this process can do meanwhile.
 * child_start: work(context, fd) begins in a child; what *context points to may go once this has returned.
 * child_finish: waits for it, then receive(context, fd); *c is NULL after it. child_abandon: ends it, NULL-safe. */
typedef struct Child Child;
PetscErrorCode child_start(const char *what, ChildTask work, void *context, Child **out) CAUDA_CHECKED;
PetscErrorCode child_finish(Child **c, void *context, ChildTask receive) CAUDA_CHECKED;
void child_abandon(Child **c);

/* All of `bytes`, however often the call is interrupted. Reading less is PETSC_ERR_FILE_READ. */
PetscErrorCode child_write_all(int fd, const void *data, size_t bytes) CAUDA_CHECKED;
PetscErrorCode child_read_all(int fd, void *data, size_t bytes) CAUDA_CHECKED;

#endif
