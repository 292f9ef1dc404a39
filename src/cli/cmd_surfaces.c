/* surfaces: the anatomy's closed surfaces for other programs. */
#include "commands.h"
#include "work.h"

#include "cauda/vtk.h"

static const double STEP_MM = 0.5;

static PetscErrorCode write_surfaces(Work *w)
{
  char folder[CAUDA_PATH_MAX];
  const double step = isnan(w->args->step_mm) ? STEP_MM : w->args->step_mm;
  PetscCall(work_open(w->args, w));
  PetscCall(work_path(w, "surfaces", folder));
  PetscCall(folder_create(folder));
  PetscCall(work_anatomy(w));
  PetscCheck(w->anatomy, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the anatomy has no shapes, only a mesh",
             w->args->case_path);
  PetscCall(surfaces_export(w->anatomy, step, folder));
  say_progress("wrote %s/surfaces", w->out);
  return 0;
}

PetscErrorCode command_surfaces(const Args *args)
{
  Work w = {.args = args};
  const PetscErrorCode ierr = write_surfaces(&w);
  work_close(&w);
  return ierr;
}
