/* confidence: the stage, and its table on the terminal. */
#include "commands.h"
#include "stages.h"

#include "cauda/csv.h"

static PetscErrorCode print_rows(const CsvTable *t)
{
  static const char *const names[] = {
      "rank", "set", "score", "score_low", "score_high", "first_probability", "rank_probability"};
  int column[7];
  for (int i = 0; i < 7; i++) PetscCall(csv_column(t, names[i], &column[i]));
  printf("%4s %-28s %7s %7s %7s %7s %7s\n", "rank", "set", "score", "low", "high", "first", "holds");
  for (int r = 0; r < t->n_row; r++) {
    printf("%4s %-28.28s", csv_text(t, r, column[0]), csv_text(t, r, column[1]));
    for (int i = 2; i < 7; i++) printf(" %7.7s", *csv_text(t, r, column[i]) ? csv_text(t, r, column[i]) : "-");
    putchar('\n');
  }
  return 0;
}

static PetscErrorCode show(Work *w)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t;
  PetscCall(work_path(w, "confidence.csv", path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode ierr = print_rows(t);
  csv_destroy(&t);
  if (ierr) return ierr;
  putchar('\n');
  const char *sentence = report_text(w->report, "confidence", "answer");
  if (sentence) words_print(sentence, stdout);
  return 0;
}

static PetscErrorCode confidence(Work *w)
{
  PetscCall(work_open(w->args, w));
  PetscCall(stages_ensure(w, "confidence", (StagesWanted){w->args->force, false, true}));
  PetscCall(report_write(w->report));
  PetscCall(w->args->json ? report_print(w->report, stdout) : show(w));
  say_progress("results: %s", w->out);
  return 0;
}

PetscErrorCode command_confidence(const Args *args)
{
  Work w = {.args = args};
  PetscErrorCode ierr = confidence(&w);
  work_close(&w);
  return ierr;
}
