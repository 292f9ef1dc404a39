/* Gmsh's library, started quietly. */
#include "gmsh_session.h"

#include <gmshc.h>
#include <string.h>

PetscErrorCode gmsh_check(int ierr, const char *doing)
{
  char *words = NULL;
  int unheard;
  if (!ierr) return 0;
  gmshLoggerGetLastError(&words, &unheard);
  bool memory = words && strstr(words, "bad_alloc");
  SETERRQ(PETSC_COMM_SELF, memory ? PETSC_ERR_MEM : CAUDA_ERR_MESH, "Gmsh failed while %s: %s", doing,
          words && *words ? words : "it gave no reason");
}

PetscErrorCode gmsh_session_start(void)
{
  int ierr;
  gmshInitialize(0, NULL, 0, &ierr);
  PetscCall(gmsh_check(ierr, "starting"));
  gmshOptionSetNumber("General.Terminal", 0, &ierr);
  PetscCall(gmsh_check(ierr, "being told to be silent"));
  gmshOptionSetNumber("General.NumThreads", 1, &ierr);
  PetscCall(gmsh_check(ierr, "being told to use one thread"));
  return 0;
}
