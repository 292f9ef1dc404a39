/* sweep: the stage, and its ranking on the terminal. */
#include "commands.h"
#include "stages.h"

static PetscErrorCode sweep(Work *w)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_open(w->args, w));
  PetscCall(stages_ensure(w, "sweep", (StagesWanted){w->args->force, false, true}));
  PetscCall(report_write(w->report));
  PetscCall(work_path(w, "sweep.csv", path));
  if (w->args->json)
    PetscCall(report_print(w->report, stdout));
  else
    PetscCall(rank_print_file(path, report_text(w->report, "sweep", "answer"), 20, stdout));
  say_progress("results: %s", w->out);
  return 0;
}

PetscErrorCode command_sweep(const Args *args)
{
  Work w = {.args = args};
  PetscErrorCode ierr = sweep(&w);
  work_close(&w);
  return ierr;
}
