/* report: report.html, of all that the run has written. */
#include "stages.h"

#include "cauda/vtk.h"

#include <ctype.h>
#include <string.h>

/* A word as a shell takes it: in single quotes where it holds more than plain characters. */
static void put_word(FILE *s, const char *word)
{
  bool plain = *word;
  for (const char *c = word; *c; c++) plain = plain && (isalnum((unsigned char)*c) || strchr("-_./=+,:@%", *c));
  if (plain) {
    fprintf(s, " %s", word);
    return;
  }
  fputs(" '", s);
  for (const char *c = word; *c; c++) fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, s);
  fputc('\'', s);
}

static void put_option(FILE *s, const char *option, const char *value)
{
  if (!value) return;
  fprintf(s, " %s", option);
  put_word(s, value);
}

static void put_command(const Work *w, const char *command, FILE *s)
{
  fprintf(s, "cauda %s", command);
  put_word(s, w->args->case_path);
  put_option(s, "--input", w->args->input);
  put_option(s, "-o", w->args->out);
  if (w->args->threads > 0) fprintf(s, " --threads %d", w->args->threads);
}

/* The run, and what was asked of it afterwards, a line each. */
static PetscErrorCode set_command(Work *w)
{
  char *text = NULL;
  size_t length;
  FILE *s = open_memstream(&text, &length);
  PetscCheck(s, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the report");
  put_command(w, "run", s);
  if (report_text(w->report, "sweep", "answer")) fputc('\n', s), put_command(w, "sweep", s);
  if (report_text_of(w->report, "search", 0, "answer")) fputc('\n', s), put_command(w, "search", s);
  if (report_text(w->report, "confidence", "answer")) fputc('\n', s), put_command(w, "confidence", s);
  bool bad = fclose(s) != 0;
  PetscErrorCode ierr = bad ? PETSC_ERR_MEM : report_set_origin(w->report, text);
  free(text);
  PetscCall(ierr);
  return 0;
}

/* Where there are thresholds of sets; the page embeds it where the viewer was built. */
static PetscErrorCode write_scene(Work *w)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_mesh(w));
  PetscCall(work_locator(w));
  PetscCall(work_field(w)); /* with it, the shares of sets that are not given as currents */
  PetscCall(work_fibers(w));
  PetscCall(work_thresholds(w));
  PetscCall(work_path(w, "scene.json", path));
  const SceneSource source = {w->scene, w->mesh, w->locator, w->field, w->sets, w->fibers, w->thresholds};
  PetscCall(report_scene_write(w->report, &source, path));
  return 0;
}

/* Whatever ParaView can show, in one file to open. */
static PetscErrorCode write_collection(const Work *w)
{
  static const char *const names[] = {"surfaces.vtp", "contacts.vtp", "fibers.vtp", "mesh.vtu"};
  const char *there[4];
  char path[CAUDA_PATH_MAX];
  int n = 0;
  for (int i = 0; i < 4; i++) {
    PetscCall(work_path(w, names[i], path));
    if (file_exists(path)) there[n++] = names[i];
  }
  PetscCall(work_path(w, "results.pvd", path));
  return vtk_write_collection(path, n, there);
}

PetscErrorCode stage_report(Work *w)
{
  char path[CAUDA_PATH_MAX];
  const char *folder = w->out;
  if (w->sets && report_text(w->report, "fibers", "tier")) PetscCall(write_scene(w));
  PetscCall(report_set_sets(w->report, w->c, w->lead, w->sets));
  PetscCall(set_command(w));
  PetscCall(report_write(w->report));
  PetscCall(write_collection(w));
  PetscCall(work_path(w, "report.html", path));
  PetscCall(report_page_write(1, &folder, path));
  if (!report_has_viewer()) say_note("the page has no 3-D scene: the viewer was not built (make viewer)");
  return 0;
}
