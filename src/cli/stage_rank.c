/* rank: the sets in order of the chosen score. */
#include "stages.h"

#include <stdlib.h>

static PetscErrorCode rows_make(Work *w, RankRow **rows)
{
  PetscCheck(w->c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"rank:\", which the rank stage needs",
             w->c->path);
  PetscCall(work_need_sets(w, "the rank stage"));
  PetscCall(work_thresholds(w));
  PetscCall(work_field(w));
  PetscCall(rank_sets(w->c, w->lead, w->sets, w->thresholds, w->field->impedance, rows));
  return 0;
}

static PetscErrorCode rows_write(Work *w, const RankRow *rows)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(w, "ranking.csv", path));
  PetscCall(rank_write_csv(rows, w->thresholds, w->c->rank->target, path));
  PetscCall(report_set_ranking(w->report, rows, w->thresholds, w->c->rank->target));
  return 0;
}

PetscErrorCode stage_rank(Work *w)
{
  RankRow *rows = NULL;
  PetscCall(rows_make(w, &rows));
  PetscErrorCode ierr = rows_write(w, rows);
  free(rows);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode rank_show(Work *w)
{
  RankRow *rows = NULL;
  PetscCall(rows_make(w, &rows));
  PetscErrorCode ierr = rank_print(rows, w->thresholds, w->c->rank->target, stdout);
  free(rows);
  PetscCall(ierr);
  return 0;
}
