/* search: the stage, and its answers on the terminal. */
#include "commands.h"
#include "stages.h"

static PetscErrorCode search(Work *w)
{
  PetscCall(work_open(w->args, w));
  PetscCall(stages_ensure(w, "search", (StagesWanted){w->args->force, false, true}));
  PetscCall(report_write(w->report));
  if (w->args->json)
    PetscCall(report_print(w->report, stdout));
  else
    for (int i = 0; report_text_of(w->report, "search", i, "answer"); i++) {
      if (i) putchar('\n');
      words_print(report_text_of(w->report, "search", i, "answer"), stdout);
    }
  say_progress("results: %s", w->out);
  return 0;
}

PetscErrorCode command_search(const Args *args)
{
  Work w = {.args = args};
  PetscErrorCode ierr = search(&w);
  work_close(&w);
  return ierr;
}
