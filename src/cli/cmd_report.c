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

/* In FOLDER/pictures, or FOLDER/pictures/NAME where there are several results. */
static PetscErrorCode draw(const char *results, const char *folder, const char *name)
{
  char pictures[CAUDA_PATH_MAX], own[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, "pictures", pictures));
  PetscCall(path_join(pictures, name, own));
  PetscCall(report_pictures_write(results, *name ? own : pictures));
  say_progress("wrote %s/*.svg", *name ? own : pictures);
  return 0;
}

static PetscErrorCode of_case(Work *w)
{
  PetscCall(work_open(w->args, w));
  PetscCall(check_results(w));
  PetscCall(work_begin_output(w));
  PetscCall(stage_report(w));
  say_progress("wrote %s/report.html", w->out);
  return w->args->svg ? draw(w->out, w->out, "") : 0;
}

/* The last part of a folder's name. */
static void name_of(const char *folder, char name[CAUDA_NAME_MAX])
{
  size_t n = strlen(folder);
  while (n > 1 && folder[n - 1] == '/') n--;
  size_t begin = n;
  while (begin > 0 && folder[begin - 1] != '/') begin--;
  snprintf(name, CAUDA_NAME_MAX, "%.*s", (int)(n - begin), folder + begin);
}

static PetscErrorCode of_folders(const Args *args)
{
  const char *folder[ARGS_MORE + 1] = {args->case_path}, *out = args->out ? args->out : args->case_path;
  const int n = args->n_more + 1;
  char path[CAUDA_PATH_MAX], name[CAUDA_NAME_MAX] = "";
  PetscCheck(args->out || n == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found %d folders of results, expected -o DIR as well: where the page of them all goes", n);
  PetscCheck(!args->input, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "--input has no use beside folders of results");
  for (int i = 0; i < args->n_more; i++) folder[i + 1] = args->more[i];
  PetscCall(folder_create(out));
  PetscCall(path_join(out, "report.html", path));
  PetscCall(report_page_write(n, folder, path));
  say_progress("wrote %s", path);
  for (int i = 0; args->svg && i < n; i++) {
    if (n > 1) name_of(folder[i], name);
    PetscCall(draw(folder[i], out, name));
  }
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
