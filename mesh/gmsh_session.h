/* Gmsh's library, started quietly. To be used in a child process only (child.h): it ends with that process. */
#ifndef CAUDA_MESH_GMSH_SESSION_H
#define CAUDA_MESH_GMSH_SESSION_H

#include "cauda/base.h"

/* gmsh_session_start: initialises Gmsh without its configuration files, silent, on one thread (its thread pool would
 * not survive a fork). */
PetscErrorCode gmsh_session_start(void) CAUDA_CHECKED;

/* gmsh_check: `ierr` of a call of Gmsh, made while `doing`, as an error with Gmsh's own words: CAUDA_ERR_MESH. */
PetscErrorCode gmsh_check(int ierr, const char *doing) CAUDA_CHECKED;

#endif
