/* Fiber: nerve fibres along the roots, and the current at which each fires.
 * First tier: the linear double-cable predictor. The polarisation of every node at the end of the first phase, all
 * gates frozen at rest, is linear in the contacts' currents; a fibre fires where it reaches a fixed value V*(D, pulse)
 * that was fitted to the full model (cases/fibers/mrg_critical_polarisation.csv, with its source).
 * What that leaves out: the second phase of a biphasic pulse enters through V* only, so a fibre near an anode that the
 * second phase would excite is not seen; V* is a mean over sources 1 to 5 mm away and off by up to 14 % at both ends
 * (19 % at 5.7 um). */
#ifndef CAUDA_FIBER_H
#define CAUDA_FIBER_H

#include "cauda/anatomy.h"
#include "cauda/case.h"
#include "cauda/fem.h"

typedef struct {
  int root;        /* index in the anatomy */
  int fiber_class; /* index in the populations */
  double diameter_um;
  double node_phase; /* 0..1 of an internode: position of the first node */
  int n;             /* points of the path */
  double *xyz;       /* [n][3] mm, world; from distal to the root's entry and on rostrally in the dorsal column
                      * (dorsal), or from the ventral horn to distal (ventral) */
  double *s;         /* [n] mm along the path */
  double entry_s;    /* mm: where the path enters (dorsal) or leaves (ventral) the cord */
} FiberPath;

typedef struct {
  int n_fiber;
  FiberPath *fiber;
} FiberSet;

/* fibers_make: per_root fibres of each class in each root that the class belongs to, spread over the root's
 * cross-section, diameters drawn from the populations' distributions, node phase uniform; seed from the case. A
 * root's fibres are the same whatever other roots there are, and those of left and right roots are mirrored. Points are 0.25 mm apart, no bend is tighter than 1 mm.
 * Errors: PETSC_ERR_USER_INPUT for a root that is too short, and a population without diameters in its range. */
PetscErrorCode fibers_make(const Case *c, const Anatomy *a, const FiberPopulations *p, FiberSet **out) CAUDA_CHECKED;
void fibers_destroy(FiberSet **f);

/* Polarisation of each fibre's nodes a unit current of each contact. */
typedef struct {
  int n_fiber, n_contact;
  int *n_node;                           /* [n_fiber] */
  double **node_s;                       /* [n_fiber][n_node] mm along the path */
  double **polarisation;                 /* [n_fiber][n_node * n_contact] mV a mA, end of the first phase, row a node */
  double **second_difference;            /* same shape: activating function at the nodes, mV a mA */
  double *critical_mV;                   /* [n_fiber] V* */
  double *critical_second_difference_mV; /* [n_fiber] the same for the activating function */
} FiberResponse;

/* fibers_respond: samples each contact's potential along each fibre and runs the linear double cable for width_us.
 * Uses the case's fibers (geometry, dt_us) and pulse (shape, interphase_us). n_thread 0: as many as there are
 * processors; the result does not depend on their number.
 * Errors: PETSC_ERR_USER_INPUT for a path of which more than 5 % lie outside the mesh, or that is too short. */
PetscErrorCode fibers_respond(const Case *c, const FiberSet *f, const Mesh *m, const LeadField *lf, double width_us,
                              int n_thread, FiberResponse **out) CAUDA_CHECKED;
void fiber_response_destroy(FiberResponse **r);

/* Threshold of a fibre for one set (fraction[n_contact], cathodes negative): amplitude in mA (sum of cathodic currents)
 * at which its polarisation reaches V*, HUGE_VAL if it never does; *site_s: where, mm along the path (0 if never).
 * The three nodes next to each cut end are left out. */
double fiber_threshold(const FiberResponse *r, int fiber, const double *fraction, double *site_s);
/* The same by the activating function, for comparison only: the second difference at the nodes against the one at
 * threshold of a point source 2 mm away. It misses by a factor of 4 between 1 and 5 mm. */
double fiber_threshold_af(const FiberResponse *r, int fiber, const double *fraction, double *site_s);

#endif
