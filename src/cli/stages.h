/* Stages: seg, mesh, solve, fibers, rank, report, each with its key, its outputs and the report's sections that it fills. */
#ifndef CAUDA_CLI_STAGES_H
#define CAUDA_CLI_STAGES_H

#include "work.h"

typedef struct {
  bool force_last, force_all; /* runs the last stage, or every one, though it is current */
  bool report;                /* and the page of what there is then */
} StagesWanted;

/* stages_ensure: brings all stages up to and with `last` (and what it needs) up to date. A stage that is current is not run.
 * Errors: those of the stages; CAUDA_ERR_INTERRUPTED between them. */
PetscErrorCode stages_ensure(Work *w, const char *last, StagesWanted wanted) CAUDA_CHECKED;

/* One a file. Each makes its outputs in w->out and fills its part of the report. */
PetscErrorCode stage_seg(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_mesh(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_mesh_write(Work *w) CAUDA_CHECKED; /* the files and the report of w->mesh */
PetscErrorCode stage_solve(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_fibers(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_rank(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_sweep(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_search(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_confidence(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_report(Work *w) CAUDA_CHECKED;

/* Of stage_fibers: the pulse of a set; the thresholds of the case's sets into w->thresholds, by the case's model or (not
 * `full`) by the linear predictor alone, and with `errors` the roots' errors (w->errors) by the first pulse that excites any
 * root at all. */
double set_width_us(const Work *w, const SetTable *sets, int set);
PetscErrorCode thresholds_make(Work *w, bool full, bool errors) CAUDA_CHECKED;

/* rank_show: the ranking as a table on standard output. */
PetscErrorCode rank_show(Work *w) CAUDA_CHECKED;

/* thresholds_of_sets: thresholds of all fibres in some sets by the case's model; needs work_fibers, work_mesh and
 * work_field. Caller frees. */
PetscErrorCode thresholds_of_sets(Work *w, const SetTable *sets, ThresholdTable **out) CAUDA_CHECKED;

/* ranking_of_sets: these sets with the full model, in order, into NAME.csv, their shares into NAME_sets.csv, for
 * use as "sets:". */
PetscErrorCode ranking_of_sets(Work *w, const SetTable *sets, const char *name, Ranking **out) CAUDA_CHECKED;

#endif
