/* The stages in a row, and which of them need not run. */
#include "stages.h"

#include "book.h"
#include "keys.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct {
  const char *name, *after; /* after: the stage whose results it needs; NULL: none */
  PetscErrorCode (*describe)(const Work *, KeyText *);
  PetscErrorCode (*run)(Work *);
  const char *outputs[8], *sections[8]; /* NULL-ended */
} Stage;

static const Stage stages[] = {
    {"seg",
     NULL,
     key_seg,
     stage_seg,
     {"anatomy.nii.gz", "anatomy_labels.csv", "surfaces.vtp", "regions.csv", "sections.csv"},
     {"anatomy", "repairs"}},
    {"mesh", "seg", key_mesh, stage_mesh, {"mesh.msh", "mesh.vtu", "contacts.vtp"}, {"mesh", "contacts", "paddle"}},
    {"solve", "mesh", key_solve, stage_solve, {"leadfield.h5", "impedance.csv"}, {"field", "conductivities", "ranks"}},
    {"fibers",
     "solve",
     key_fibers,
     stage_fibers,
     {"fiber_thresholds.csv", "thresholds.csv", "recruitment.csv", "fibers.vtp"},
     {"fibers", "errors"}},
    {"rank", "fibers", key_rank, stage_rank, {"ranking.csv"}, {"ranking", "answer"}},
    {"sweep", "solve", key_sweep, stage_sweep, {"sweep.csv", "sweep_sets.csv"}, {"sweep"}},
    {"search", "solve", key_search, stage_search, {"search.csv", "search_sets.csv", "pareto.csv"}, {"search"}},
    {"confidence",
     "rank",
     key_confidence,
     stage_confidence,
     {"confidence.csv", "confidence_samples.csv"},
     {"confidence"}},
    {"report", NULL, key_report, stage_report, {"report.html"}, {NULL}}, /* of whatever was made before */
};
enum { N_STAGE = sizeof stages / sizeof *stages, REPORT = N_STAGE - 1 };

/* The most that this process held, and the largest of its children beside it. */
static double peak_memory_MB(void)
{
  struct rusage self, children;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  long most = self.ru_maxrss > children.ru_maxrss ? self.ru_maxrss : children.ru_maxrss;
  return (double)most / 1024.0;
}

static PetscErrorCode stage_key(const Work *w, const Stage *s, const char *before, char key[65])
{
  KeyText k;
  PetscCall(key_begin(w->report, s->name, &k));
  fprintf(k.stream, "before=%s\n", before);
  PetscErrorCode ierr = s->describe(w, &k);
  if (!ierr) ierr = key_end(&k, key);
  key_abort(&k);
  PetscCall(ierr);
  return 0;
}

static int stage_find(const char *name)
{
  int i = 0;
  while (i < N_STAGE && strcmp(stages[i].name, name)) i++;
  return i;
}

/* What comes after a stage that is made anew is worth nothing any more. */
static void drop_from(Work *w, Book *b, int first)
{
  book_drop(b, stages[first].name);
  book_drop(b, stages[REPORT].name);
  for (const char *const *section = stages[first].sections; *section; section++) report_drop(w->report, *section);
  report_drop_time(w->report, stages[first].name);
  for (int i = 0; i < N_STAGE; i++)
    if (stages[i].after && !strcmp(stages[i].after, stages[first].name)) drop_from(w, b, i);
}

/* Refinement made the files of earlier stages anew: they are what their keys say. */
static PetscErrorCode record_again(Work *w, Book *b)
{
  static const char *const made[] = {"mesh", "solve"};
  for (int i = 0; w->refined && i < 2; i++)
    PetscCall(book_record_again(b, made[i], stages[stage_find(made[i])].outputs));
  w->refined = false;
  return 0;
}

static PetscErrorCode run_one(Work *w, Book *b, int i, const char *key)
{
  const Stage *s = &stages[i];
  double start = seconds_now();
  drop_from(w, b, i);
  memcpy(w->stage_key, key, sizeof w->stage_key);
  progress(s->name, 0.0);
  PetscCall(s->run(w));
  progress(s->name, 1.0);
  PetscCall(report_set_time(w->report, s->name, seconds_now() - start));
  PetscCall(report_set_memory(w->report, peak_memory_MB(), i == 0));
  PetscCall(report_write(w->report));
  PetscCall(book_record(b, s->name, key, s->outputs));
  PetscCall(record_again(w, b));
  say_progress("%s: done in %.1f s", s->name, seconds_now() - start);
  return 0;
}

/* key: of the stage before, and then of this one. */
static PetscErrorCode ensure_one(Work *w, Book *b, int i, bool force, char key[65])
{
  char before[65];
  if (stages[i].run == stage_seg && w->no_shapes) return 0; /* a mesh from elsewhere that shows none */
  PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
  strcpy(before, key);
  PetscCall(stage_key(w, &stages[i], before, key));
  if (!force && book_is_current(b, stages[i].name, key))
    say_progress("%s: up to date", stages[i].name);
  else
    PetscCall(run_one(w, b, i, key));
  return 0;
}

/* A stage after all that it needs. */
static PetscErrorCode ensure_to(Work *w, Book *b, int i, bool force, bool force_all, char key[65])
{
  if (stages[i].after) PetscCall(ensure_to(w, b, stage_find(stages[i].after), force_all, force_all, key));
  return ensure_one(w, b, i, force, key);
}

/* key: of a stage after all that it needs, as the case is now. */
static PetscErrorCode key_of(const Work *w, int i, char key[65])
{
  char before[65] = "";
  if (stages[i].after) PetscCall(key_of(w, stage_find(stages[i].after), before));
  strcpy(key, before);
  return stages[i].run == stage_seg && w->no_shapes ? 0 : stage_key(w, &stages[i], before, key);
}

/* Results of a case that has changed since do not stand beside those of this one in the page. */
static PetscErrorCode drop_stale(Work *w, Book *b)
{
  char key[65];
  for (int i = 0; i < REPORT; i++) {
    if (!book_has(b, stages[i].name)) continue;
    PetscCall(key_of(w, i, key));
    if (!book_is_current(b, stages[i].name, key)) drop_from(w, b, i);
  }
  return 0;
}

static PetscErrorCode ensure(Work *w, Book *b, int last, StagesWanted wanted)
{
  char key[65] = "";
  PetscCall(ensure_to(w, b, last, wanted.force_last || wanted.force_all, wanted.force_all, key));
  if (wanted.report) PetscCall(drop_stale(w, b));
  if (wanted.report) PetscCall(ensure_one(w, b, REPORT, wanted.force_all, key));
  return 0;
}

PetscErrorCode stages_ensure(Work *w, const char *last, StagesWanted wanted)
{
  Book *b;
  PetscCall(work_begin_output(w));
  PetscCall(book_open(w->out, &b));
  PetscErrorCode ierr = ensure(w, b, stage_find(last), wanted);
  book_close(&b);
  PetscCall(ierr);
  return 0;
}
