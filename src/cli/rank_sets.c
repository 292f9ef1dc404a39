/* Sets that Cauda made itself, by the full model: ranking, shares, report. */
#include "stages.h"

#include <stdlib.h>
#include <string.h>

/* As a file of sets, each with the amplitude of its score, in the order of the ranking. */
static PetscErrorCode write_sets(Work *w, const SetTable *sets, const Ranking *r, const char *name)
{
  char path[CAUDA_PATH_MAX], file[CAUDA_NAME_MAX];
  const char **contact;
  SetTable sorted = {.n_contact = sets->n_contact, .n_set = sets->n_set};
  snprintf(file, sizeof file, "%.40s_sets.csv", name);
  PetscCall(work_path(w, file, path));
  PetscCall(mem_alloc((size_t)sets->n_contact, sizeof *contact, &contact));
  PetscErrorCode ierr = mem_alloc((size_t)sets->n_set, sizeof *sorted.set, &sorted.set);
  for (int i = 0; i < sets->n_contact; i++) contact[i] = w->lead->contacts[i].name;
  for (int i = 0; i < r->n && !ierr; i++) {
    sorted.set[i] = sets->set[r->row[i].set];
    sorted.set[i].amplitude_mA = r->row[i].score_at_mA;
  }
  if (!ierr) ierr = sets_write(&sorted, contact, path);
  free(sorted.set), free(contact);
  return ierr;
}

PetscErrorCode ranking_of_sets(Work *w, const SetTable *sets, const char *name, Ranking **out)
{
  ThresholdTable *t = NULL;
  char path[CAUDA_PATH_MAX], file[CAUDA_NAME_MAX];
  snprintf(file, sizeof file, "%.40s.csv", name);
  PetscCall(work_path(w, file, path));
  PetscCall(thresholds_of_sets(w, sets, &t));
  PetscErrorCode ierr = rank_sets(w->c, w->lead, sets, t, w->field->impedance, out);
  if (!ierr) ierr = rank_write_csv(*out, path);
  if (!ierr) ierr = write_sets(w, sets, *out, name);
  thresholds_destroy(&t);
  return ierr;
}
