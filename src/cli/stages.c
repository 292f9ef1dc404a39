/* The stages in a row, and which of them need not run. */
#include "stages.h"

#include "book.h"
#include "keys.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct {
  const char *name;
  PetscErrorCode (*describe)(const Work *, KeyText *);
  PetscErrorCode (*run)(Work *);
  const char *outputs[8], *sections[8]; /* NULL-ended */
} Stage;

static const Stage stages[] = {
    {"seg",
     key_seg,
     stage_seg,
     {"anatomy.nii.gz", "anatomy_labels.csv", "surfaces.vtp", "regions.csv", "sections.csv"},
     {"anatomy", "repairs"}},
    {"mesh", key_mesh, stage_mesh, {"mesh.msh", "mesh.vtu", "contacts.vtp"}, {"mesh", "contacts", "paddle"}},
    {"solve", key_solve, stage_solve, {"leadfield.h5", "impedance.csv"}, {"field", "conductivities"}},
    {"fibers",
     key_fibers,
     stage_fibers,
     {"fiber_thresholds.csv", "thresholds.csv", "recruitment.csv", "fibers.vtp"},
     {"fibers", "errors"}},
    {"rank", key_rank, stage_rank, {"ranking.csv"}, {"ranking", "answer"}},
    {"report", key_report, stage_report, {"report.html"}, {NULL}},
};
enum { N_STAGE = sizeof stages / sizeof *stages, REPORT = N_STAGE - 1 };

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

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

/* What came after a stage that is made anew is worth nothing any more. */
static void drop_from(Work *w, Book *b, int first)
{
  for (int i = first; i < N_STAGE; i++) {
    book_drop(b, stages[i].name);
    for (const char *const *section = stages[i].sections; *section; section++) report_drop(w->report, *section);
    report_drop_time(w->report, stages[i].name);
  }
}

static PetscErrorCode run_one(Work *w, Book *b, int i, const char *key)
{
  const Stage *s = &stages[i];
  double start = seconds();
  drop_from(w, b, i);
  progress(s->name, 0.0);
  PetscCall(s->run(w));
  progress(s->name, 1.0);
  PetscCall(report_set_time(w->report, s->name, seconds() - start));
  PetscCall(report_set_memory(w->report, peak_memory_MB(), i == 0));
  PetscCall(report_write(w->report));
  PetscCall(book_record(b, s->name, key, s->outputs));
  say_progress("%s: done in %.1f s", s->name, seconds() - start);
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

static PetscErrorCode ensure(Work *w, Book *b, int last, StagesWanted wanted)
{
  char key[65] = "";
  for (int i = 0; i <= last; i++)
    PetscCall(ensure_one(w, b, i, wanted.force_all || (wanted.force_last && i == last), key));
  if (wanted.report) PetscCall(ensure_one(w, b, REPORT, wanted.force_all, key));
  return 0;
}

PetscErrorCode stages_ensure(Work *w, const char *last, StagesWanted wanted)
{
  int n = 0;
  while (n < REPORT - 1 && strcmp(stages[n].name, last)) n++;
  Book *b;
  PetscCall(work_begin_output(w));
  PetscCall(book_open(w->out, &b));
  PetscErrorCode ierr = ensure(w, b, n, wanted);
  book_close(&b);
  PetscCall(ierr);
  return 0;
}
