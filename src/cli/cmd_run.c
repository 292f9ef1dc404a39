/* run, seg, mesh, solve, fibers, rank: the stages up to one of them. */
#include "commands.h"
#include "stages.h"

#include <string.h>

/* How far a case goes. */
static const char *last_stage_of(const Work *w)
{
  if (!w->lead) return "mesh";
  if (!w->sets) return "solve";
  return w->c->rank ? "rank" : "fibers";
}

static PetscErrorCode show(Work *w, const char *last)
{
  if (w->args->json)
    PetscCall(report_print(w->report, stdout));
  else if (!strcmp(last, "rank"))
    PetscCall(rank_show(w));
  say_progress("results: %s", w->out);
  return 0;
}

static PetscErrorCode stages_to(Work *w, const char *last)
{
  bool all = !last, force = w->args->force;
  PetscCall(work_open(w->args, w));
  if (all) last = last_stage_of(w);
  w->mesh_ends = !all && !strcmp(last, "solve");
  PetscCall(stages_ensure(w, last, (StagesWanted){force, force && all, all}));
  PetscCall(report_write(w->report));
  PetscCall(show(w, last));
  return 0;
}

/* last: NULL for as far as the case goes */
static PetscErrorCode run_to(const Args *args, const char *last)
{
  Work w = {.args = args};
  PetscErrorCode ierr = stages_to(&w, last);
  work_close(&w);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode command_run(const Args *args) { return run_to(args, NULL); }
PetscErrorCode command_seg(const Args *args) { return run_to(args, "seg"); }
PetscErrorCode command_mesh(const Args *args) { return run_to(args, "mesh"); }
PetscErrorCode command_solve(const Args *args) { return run_to(args, "solve"); }
PetscErrorCode command_fibers(const Args *args) { return run_to(args, "fibers"); }
PetscErrorCode command_rank(const Args *args) { return run_to(args, "rank"); }
