/* Stages: seg, mesh, solve, fibers, rank, report, each with its key, its outputs and the report's sections that it fills. */
#ifndef CAUDA_CLI_STAGES_H
#define CAUDA_CLI_STAGES_H

#include "work.h"

typedef struct {
  bool force_last, force_all; /* runs the last stage, or every one, though it is current */
  bool report;                /* and the page of what there is then */
} StagesWanted;

/* stages_ensure: brings all stages up to and with `last` ("seg" to "rank") up to date. A stage that is current is not run.
 * Errors: those of the stages; CAUDA_ERR_INTERRUPTED between them. */
PetscErrorCode stages_ensure(Work *w, const char *last, StagesWanted wanted) CAUDA_CHECKED;

/* One a file. Each makes its outputs in w->out and fills its part of the report. */
PetscErrorCode stage_seg(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_mesh(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_solve(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_fibers(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_rank(Work *w) CAUDA_CHECKED;
PetscErrorCode stage_report(Work *w) CAUDA_CHECKED;

/* rank_show: the ranking as a table on standard output. */
PetscErrorCode rank_show(Work *w) CAUDA_CHECKED;

#endif
