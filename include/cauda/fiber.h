/* Fiber: nerve fibres along the roots, and the current at which each fires.
 * First tier: the linear double-cable predictor. The polarisation of every node at the end of the first phase, all
 * gates frozen at rest, is linear in the contacts' currents; a fibre fires where it reaches a fixed value V*(D, pulse)
 * that was fitted to the full model (cases/fibers/predictor tables, with their source). */
#ifndef CAUDA_FIBER_H
#define CAUDA_FIBER_H

#include "cauda/anatomy.h"
#include "cauda/case.h"
#include "cauda/fem.h"

typedef struct {
  int root;          /* index in the anatomy */
  int fiber_class;   /* index in the populations */
  double diameter_um;
  double node_phase; /* 0..1 of an internode: position of the first node */
  int n;             /* points of the path */
  double *xyz;       /* [n][3] mm, world; from distal to the root's entry and on rostrally in the dorsal column
                      * (dorsal), or from the ventral horn to distal (ventral) */
  double *s;         /* [n] mm along the path */
  double entry_s;    /* mm: where the path enters the cord */
} FiberPath;

typedef struct {
  int n_fiber;
  FiberPath *fiber;
} FiberSet;

/* fibers_make: per_root fibres of each class in each root that the class belongs to, spread over the root's
 * cross-section, diameters drawn from the populations' distributions, node phase uniform; seed from the case. A
 * root's fibres are the same whatever other roots there are. */
PetscErrorCode fibers_make(const Case *c, const Anatomy *a, const FiberPopulations *p, FiberSet **out) CAUDA_CHECKED;
void fibers_destroy(FiberSet **f);

/* Polarisation of each fibre's nodes a unit current of each contact. */
typedef struct {
  int n_fiber, n_contact;
  int *n_node;            /* [n_fiber] */
  double **node_s;        /* [n_fiber][n_node] mm along the path */
  double **polarisation;  /* [n_fiber][n_node * n_contact] mV a mA, end of the first phase, row a node */
  double **second_difference; /* same shape: activating function at the nodes, mV a mA */
  double *critical_mV;    /* [n_fiber] V* */
} FiberResponse;

PetscErrorCode fibers_respond(const Case *c, const FiberSet *f, const Mesh *m, const LeadField *lf, double width_us,
                              FiberResponse **out) CAUDA_CHECKED;
void fiber_response_destroy(FiberResponse **r);

/* Threshold of a fibre for one set: amplitude in mA (sum of cathodic currents) at which its polarisation reaches V*,
 * HUGE_VAL if it never does; *site_s: where, mm along the path. */
double fiber_threshold(const FiberResponse *r, int fiber, const double *fraction, double *site_s);
/* The same by the activating function, for comparison (scaled so that both agree on a fibre ... see predictor.c). */
double fiber_threshold_af(const FiberResponse *r, int fiber, const double *fraction, double *site_s);

#endif
