/* rank: the sets in order of the chosen score. */
#include "stages.h"

static PetscErrorCode ranking_make(Work *w, Ranking **r)
{
  PetscCheck(w->c->rank, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"rank:\", which the rank stage needs",
             w->c->path);
  PetscCall(work_need_sets(w, "the rank stage"));
  PetscCall(work_thresholds(w));
  PetscCall(work_field(w));
  return rank_sets(w->c, w->lead, w->sets, w->thresholds, w->field->impedance, r);
}

static PetscErrorCode ranking_write(Work *w, const Ranking *r)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(w, "ranking.csv", path));
  PetscCall(rank_write_csv(r, path));
  return report_set_ranking(w->report, r);
}

PetscErrorCode stage_rank(Work *w)
{
  Ranking *r = NULL;
  PetscCall(ranking_make(w, &r));
  PetscErrorCode ierr = ranking_write(w, r);
  ranking_destroy(&r);
  return ierr;
}

PetscErrorCode rank_show(Work *w)
{
  Ranking *r = NULL;
  PetscCall(ranking_make(w, &r));
  PetscErrorCode ierr = rank_print(r, stdout);
  const char *sure = report_text(w->report, "confidence", "answer"); /* of `cauda confidence`, as long as it holds */
  if (!ierr && sure) words_print(sure, stdout);
  ranking_destroy(&r);
  return ierr;
}
