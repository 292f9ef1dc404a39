/* One thing that a search does. Private to src/select. */
#ifndef CAUDA_SELECT_SEARCH_JOB_H
#define CAUDA_SELECT_SEARCH_JOB_H

#include "climb.h"

/* One thing to do: a start, an aim, what is allowed; and what came of it. */
typedef struct {
  Parts parts;
  Aim aim;
  int most;        /* contacts */
  double relax_mu; /* 0: no relaxation before */
  int kicks;       /* attempts to get away from where it ended */
  int steps;       /* above 0: of a device's current, at whose multiple only_mA the set is to be; else the search's */
  double only_mA;
  bool as_it_is; /* not climbed */
  double value;
  int64_t looked_at;
} SearchJob;

Search search_of_job(const Search *s, const SearchJob *j); /* with the job's own steps and amplitude */
/* search_leave_out: a contact goes; the case takes its parts. Signs are no parts. */
void search_leave_out(const Search *s, int contact, Parts *p);
/* search_do_jobs: on n_thread threads (0: all); adds the sets that were looked at to r. */
PetscErrorCode search_do_jobs(const Search *s, int n, SearchJob *job, int n_thread, SearchResult *r) CAUDA_CHECKED;
/* search_best_job: of equals the one with fewer contacts, then the first. */
const SearchJob *search_best_job(const Search *s, int n, const SearchJob *job);

#endif
