/* report: the page of results that are there. */
#include "commands.h"
#include "stages.h"

#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static PetscErrorCode check_results(const Work *w)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(w, "report.json", path));
  PetscCheck(file_exists(path), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: no such file; `cauda run %s` makes the results that a report is of", path, w->args->case_path);
  return 0;
}

static PetscErrorCode of_case(Work *w)
{
  PetscCall(work_open(w->args, w));
  PetscCall(check_results(w));
  PetscCall(work_begin_output(w));
  PetscCall(stage_report(w));
  say_progress("wrote %s/report.html", w->out);
  return 0;
}

static PetscErrorCode of_folders(const Args *args)
{
  const char *folder[ARGS_MORE + 1] = {args->case_path}, *out = args->out ? args->out : args->case_path;
  char path[CAUDA_PATH_MAX];
  for (int i = 0; i < args->n_more; i++) folder[i + 1] = args->more[i];
  PetscCall(folder_create(out));
  PetscCall(path_join(out, "report.html", path));
  PetscCall(report_page_write(args->n_more + 1, folder, path));
  say_progress("wrote %s", path);
  return 0;
}

PetscErrorCode command_report(const Args *args)
{
  if (is_folder(args->case_path)) return of_folders(args);
  PetscCheck(!args->n_more, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a case file and %s; expected one case file, or folders of results", args->case_path,
             args->more[0]);
  Work w = {.args = args};
  PetscErrorCode ierr = of_case(&w);
  work_close(&w);
  PetscCall(ierr);
  return 0;
}
