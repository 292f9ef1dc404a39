/* Search: shares of the current on all contacts that make the most of a score within the limits.
 *
 * By the linear predictor the response of each node is linear in the contacts' currents, so that "these target fibres
 * fire, those others do not" is convex once it is settled at which node a target fibre is to fire. From the best sets of a
 * sweep that convex problem is solved (NLopt's SLSQP; src/select/relax.c), the nodes are settled anew, and so on. What it
 * finds, and the sweep's sets themselves, are then improved on the device's grid of shares with the score as it is:
 * exchanges of current between two contacts as long as one gains (src/select/climb.c).
 * A device with steps of current, a source a contact: what was found is brought onto them, at the amplitudes about its own,
 * and improved there by exchanges of single steps. A device with one source: signs are sought, not shares
 * (src/select/wired.c). */
#ifndef CAUDA_SEARCH_H
#define CAUDA_SEARCH_H

#include "cauda/screen.h"

/* What is sought. */
typedef struct {
  const Case *c; /* limits, seed */
  const LeadModel *lead;
  const double *impedance_ohm;
  const Goal *goal;
  ScoreKind score;
  const int *fiber_root; /* [n_fiber] */
  const Screen *screen;
  double width_us, largest_mA;
  int steps;         /* parts that a share is made of */
  int most_contacts; /* that may carry current, the case not counted */
  bool wired;        /* a device with one source: shares are those that impedances give */
  double only_mA;    /* above 0: the only amplitude; search_run() sets it where a device has steps */
} Search;

/* A set that was found. */
typedef struct {
  char why[32]; /* "predicted" (the best), "3 contacts", "front 0.5"; on steps "predicted at 5.3 mA" */
  bool wired;
  double *fraction;    /* [n_contact + 1] */
  double score, at_mA; /* by the predictor */
  int contacts;
} Found;

typedef struct {
  int n;
  Found *found;      /* "predicted" first */
  int64_t looked_at; /* sets */
  int fewest;        /* index of the one with fewest contacts whose score is within 5 % of the best */
} SearchResult;

/* search_run: from the sets start[n_start] ([n_contact + 1] each; the best first). Deterministic, whatever n_thread (0:
 * all processors). The result's best is at least as good as every start that lies on the grid of shares. */
PetscErrorCode search_run(const Search *s, int n_start, const double *const *start, int n_thread,
                          SearchResult **out) CAUDA_CHECKED;
void search_result_destroy(SearchResult **r);

#endif
