/* Report: what a run says about itself, as report.json: version, inputs, anatomy, lead, mesh, field, ranking, times.
 * Each command adds its part to what the file already holds, so that stages run one by one give the same report as
 * one run. Numbers that are not finite become null. report.html is made of it and of the tables beside it. */
#ifndef CAUDA_REPORT_H
#define CAUDA_REPORT_H

#include "cauda/confidence.h"
#include "cauda/fiber.h"
#include "cauda/scene.h"
#include "cauda/select.h"
#include "cauda/share.h"

/* The error of a root's threshold by the mesh, as estimated: found over exact, less 1. */
typedef struct {
  int root, set; /* in the thresholds */
  int n_fiber;   /* that it is taken from */
  double relative;
} RootError;

#define CAUDA_VERSION "0.1.0"

typedef struct Report Report;

/* report_open: the report kept in the file `path`; an empty one where there is none or where it is not JSON. */
PetscErrorCode report_open(const char *path, Report **out) CAUDA_CHECKED;
PetscErrorCode report_write(Report *r) CAUDA_CHECKED; /* atomically, to the path it was opened with */
void report_destroy(Report **r);

/* report_print: the whole report as JSON. */
PetscErrorCode report_print(const Report *r, FILE *stream) CAUDA_CHECKED;
/* report_error_print: {"error": {"message": ..., "exit": ...}}. */
void report_error_print(const char *message, int status, FILE *stream);

/* report_text: a text in a section ("sweep", "answer"); NULL if there is none. Lives as long as the section. */
const char *report_text(const Report *r, const char *section, const char *key);

/* The same in the i-th entry of a section that is a list. */
const char *report_text_of(const Report *r, const char *section, int i, const char *key);

/* report_drop: forgets a section ("mesh"), because what it told of is being made anew. */
void report_drop(Report *r, const char *section);

/* Sections. Each replaces what was there. */
PetscErrorCode report_set_case(Report *r, const Case *c) CAUDA_CHECKED;
/* An input file of a stage; report_drop_inputs() forgets those of a stage first. */
PetscErrorCode report_add_input(Report *r, const char *stage, const char *path, const char *sha256) CAUDA_CHECKED;
void report_drop_inputs(Report *r, const char *stage);
PetscErrorCode report_set_anatomy(Report *r, const Anatomy *a) CAUDA_CHECKED; /* "anatomy", "repairs" */
PetscErrorCode report_set_lead(Report *r, const Scene *s) CAUDA_CHECKED;      /* "paddle" */
/* "mesh" and "contacts". */
PetscErrorCode report_set_mesh(Report *r, const Mesh *m, const MeshQuality *q) CAUDA_CHECKED;
PetscErrorCode report_set_conductivities(Report *r, const Case *c, const Mesh *m) CAUDA_CHECKED;
/* "field", and the contacts' impedances. share [n_contact][m->n_region]: part of the power of a contact's solution that
 * each region takes, so that an unusual impedance can be laid to its tissue; m borrowed for the names. */
PetscErrorCode report_set_field(Report *r, const LeadField *f, const Mesh *m, const double *share) CAUDA_CHECKED;
/* "ranks": what a solution on several ranks took. */
PetscErrorCode report_set_ranks(Report *r, const ShareEffort *e) CAUDA_CHECKED;
PetscErrorCode report_set_fibers(Report *r, const ThresholdTable *t) CAUDA_CHECKED;
/* "errors": estimated errors of the roots' thresholds. */
PetscErrorCode report_set_errors(Report *r, int n, const RootError *e, const ThresholdTable *t) CAUDA_CHECKED;
/* "ranking", and "answer": the sentence. */
PetscErrorCode report_set_ranking(Report *r, const Ranking *k) CAUDA_CHECKED;
/* "lead", "sets" (name, control, share by contact, amplitude_mA, width_us), "pulse", "limits", "score": what was asked. */
PetscErrorCode report_set_sets(Report *r, const Case *c, const LeadModel *m, const SetTable *sets) CAUDA_CHECKED;
/* "command", which repeats the run, and "libraries" with their versions. */
PetscErrorCode report_set_origin(Report *r, const char *command) CAUDA_CHECKED;
/* "sweep": how many sets were screened, how many the device cannot do, the predictor's best score, and the ranking. */
PetscErrorCode report_set_sweep(Report *r, int64_t screened, int64_t refused, double best,
                                const Ranking *k) CAUDA_CHECKED;
/* "confidence": ranges of the scores, probabilities of the ranks, ties, and a sentence. */
PetscErrorCode report_set_confidence(Report *r, const Ranking *k, const ConfidenceRow *rows, int n_draw,
                                     const char *sentence) CAUDA_CHECKED;
/* "search": for each target a ranking of what was found, the best of the simple sets that it began with, and a sentence. */
PetscErrorCode report_clear_search(Report *r) CAUDA_CHECKED;
PetscErrorCode report_add_search(Report *r, const Ranking *k, const char *simple, double simple_score,
                                 const char *fewest, const char *sentence) CAUDA_CHECKED;
/* time_s.STAGE; "all" is the sum over the stages that the results come from. */
PetscErrorCode report_set_time(Report *r, const char *stage, double seconds) CAUDA_CHECKED;
void report_drop_time(Report *r, const char *stage);
/* peak_memory_MB: the larger of what was there and this (only this where `afresh`). */
PetscErrorCode report_set_memory(Report *r, double megabytes, bool afresh) CAUDA_CHECKED;

/* ---- pages and pictures, from folders that `cauda run` has filled ---------------------------------------------- */

/* What the scene is made of; all borrowed. The lead must have been laid, and its sets have thresholds. */
typedef struct {
  const Scene *scene;
  const Mesh *mesh;
  const MeshLocator *locator;
  const LeadField *field;
  const SetTable *sets;
  const FiberSet *fibers;
  const ThresholdTable *thresholds;
} SceneSource;

/* report_scene_write: scene.json: shapes, lead, firing sites and fields of the first sets of the report's ranking, a few
 * MB, for the page to embed. */
PetscErrorCode report_scene_write(const Report *r, const SceneSource *p, const char *path) CAUDA_CHECKED;

/* report_page_write: one self-contained page of all the folders' results, side by side. It holds the scene where the
 * viewer was built (report_has_viewer) and the folders have one.
 * Errors: PETSC_ERR_FILE_OPEN for a folder without report.json; PETSC_ERR_USER_INPUT for one that is not JSON. */
PetscErrorCode report_page_write(int n, const char *const *folder, const char *path) CAUDA_CHECKED;
bool report_has_viewer(void);

/* report_pictures_write: the plots of a folder's results as SVG in the folder `out`: curves_SET_left.svg,
 * curves_SET_right.svg, contacts_SET.svg, pareto.svg, impedance.svg. Errors: as report_page_write. */
PetscErrorCode report_pictures_write(const char *folder, const char *out) CAUDA_CHECKED;

#endif
