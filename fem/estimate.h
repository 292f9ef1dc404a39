/* Private to fem: what the estimate of missing parts works with. */
#ifndef FEM_ESTIMATE_H
#define FEM_ESTIMATE_H

#include "block_cg.h"
#include "bubbles.h"

typedef struct {
  TetId tet; /* -1: beyond the mesh */
  double w[4];
} Place;

typedef struct {
  const Mesh *m;
  const LeadField *f;
  int n_goal;
  FieldGoal *goal;
  int *first;   /* [n_goal] of its places */
  Place *place; /* of all goals */
  Parts parts;
  Operator op; /* `up` and `below` are gone once `block` is open */
  Block block;
  Bubbles bubbles;
  float *r, *y;         /* [bubbles][lanes] residual; what the bubbles answered */
  double *own, *answer; /* [nodes][lanes] V: what own functions answered, in all and last */
  double *load;         /* [nodes][lanes] A what bubbles do to own functions */
  double *rhs;          /* [unknowns][lanes] A of the next answer, which then takes its room */
} Estimate;

/* Up to eight sets of currents; the goals of each, and in the end what becomes of them. */
typedef struct {
  int n;
  const double *current_mA[BUBBLE_LANES];
} EstimateSets;

/* estimate_set_of: which of the sets a goal belongs to; -1: none of them. */
int estimate_set_of(const Estimate *w, const EstimateSets *s, int goal);

/* estimate_solve: own functions' answers to the first n lanes of `rhs`, to a relative residual, into `answer` at the nodes. */
PetscErrorCode estimate_solve(int n, double tolerance, Estimate *w) CAUDA_CHECKED;

/* estimate_shares_add: after the sets were corrected, what each bubble does to the goals of these sets, relative to their
 * values, is added to share[bubbles]. */
PetscErrorCode estimate_shares_add(const EstimateSets *s, double *share, Estimate *w) CAUDA_CHECKED;

/* estimate_spread: a bubble's share goes to the tetrahedra that it reaches, in equal parts: indicator[tets]. */
PetscErrorCode estimate_spread(const Bubbles *b, const double *share, double *indicator) CAUDA_CHECKED;

#endif
