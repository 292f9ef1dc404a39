/* Fiber: nerve fibres along the roots, and the current at which each fires.
 * First tier: the linear predictor. The polarisation of every node at the end of a phase of the pulse, all gates frozen
 * at rest, is linear in the contacts' currents; a fibre fires where that of a node and its neighbours reaches a value
 * that is fitted to the full model for the diameter, the pulse and the phase when it is needed (src/fiber/calibrate.h).
 * Second tier: the full cable model. */
#ifndef CAUDA_FIBER_H
#define CAUDA_FIBER_H

#include "cauda/anatomy.h"
#include "cauda/case.h"
#include "cauda/fem.h"

/* Where on its way a fibre fires. */
typedef enum { SITE_FORAMEN, SITE_ROOT, SITE_ENTRY, SITE_COLUMN, SITE_HORN, SITE_COUNT } FiberSite;
const char *fiber_site_name(FiberSite s); /* "foramen" "root" "entry" "dorsal_column" "ventral_horn" */

typedef enum { COURSE_AFFERENT, COURSE_MOTOR, COURSE_COLUMN } FiberCourse;

typedef struct {
  int root;        /* index in the set's root_name */
  int fiber_class; /* index in the populations */
  FiberCourse course;
  double diameter_um;
  double node_phase; /* 0..1 of an internode: position of the first node */
  int n;             /* points of the path */
  double *
      xyz; /* [n][3] mm, world. Afferent: from distal to the root's entry and up the dorsal column; motor: from the ventral horn to distal; column: from caudal to rostral */
  double *s;      /* [n] mm along the path */
  double entry_s; /* mm: where the path enters (afferent) or leaves (motor) the cord; 0 for a column's */
  double dura_s;  /* mm: where it crosses the dura's outer face; beyond the path's end where it does not */
} FiberPath;

/* fiber_site: what lies at s mm along the path; the entry is what is within 2 mm of the cord's surface. */
FiberSite fiber_site(const FiberPath *p, double s_mm);

typedef struct {
  int n_fiber;
  FiberPath *fiber;
  int n_root;
  char (*root_name)[CAUDA_NAME_MAX]; /* [n_root] of the anatomy, then "dorsal_column_L" and "dorsal_column_R" where a
                                      * class runs there */
} FiberSet;

/* fibers_make: per_root fibres of each class in each root (or dorsal column) that the class belongs to, spread over its
 * cross-section, diameters from the populations' distributions, node phase uniform; seed from the case. Diameters,
 * places and phases are stratified: each of n fibres draws from its own n-th of each distribution. A root's fibres are
 * the same whatever other roots there are, and those of left and right roots are mirrored. Points are 0.25 mm apart, no
 * bend is tighter than 1 mm.
 * Errors: PETSC_ERR_USER_INPUT for a root that is too short, and a population without diameters in its range. */
PetscErrorCode fibers_make(const Case *c, const Anatomy *a, const FiberPopulations *p, FiberSet **out) CAUDA_CHECKED;
/* The names of what fibres belong to, [*n], freed by the caller: FiberSet's root_name. */
PetscErrorCode fibers_root_names(const Anatomy *a, const FiberPopulations *p, int *n,
                                 char (**name)[CAUDA_NAME_MAX]) CAUDA_CHECKED;
int fibers_count(const Case *c, const Anatomy *a, const FiberPopulations *p); /* that fibers_make would make */
void fibers_destroy(FiberSet **f);

enum { FIBER_EVENTS = 2 };

/* Each fibre's response to a unit current of each contact, by the linear predictor: cauda/fiber_share.h makes it. */
typedef struct {
  int n_fiber, n_contact;
  int n_event;     /* phases that may excite, 1 or 2: the strongest of each sign */
  int *n_node;     /* [n_fiber] */
  int *first_node; /* [n_fiber] that may fire: those at a cut end are left out */
  double **node_s; /* [n_fiber][n_node] mm along the path */
  double *
      *response[FIBER_EVENTS]; /* [n_event][n_fiber][n_node * n_contact] 1/mA, row a node: polarisation of the node's
                                    * neighbourhood when the phase is over, as a share of what makes it fire */
  double **second_difference;  /* [n_fiber][n_node * n_contact] mV a mA: activating function at the nodes */
  double *critical_second_difference_mV;                   /* [n_fiber] */
  int event_step[FIBER_EVENTS];                            /* of the pulse, after which the phase is over */
  double *reach[FIBER_EVENTS], *critical_mV[FIBER_EVENTS]; /* [n_fiber] of the fit: how far a node's neighbourhood
                                                            * reaches, and what makes it fire */
} FiberResponse;

void fiber_response_destroy(FiberResponse **r);

/* fiber_places: where along a fibre the potential is sampled: *xyz_mm [*n][3] world; caller frees. */
PetscErrorCode fiber_places(const FiberSet *f, int fiber, int *n, double **xyz_mm) CAUDA_CHECKED;

/* A fibre, and the node of it that answers most to the currents of a set. */
typedef struct {
  int fiber;
  const double *current_mA;    /* [n_contact] */
  const double (*change_V)[2]; /* [places] two potentials at fiber_places(); NaN: not known there */
  double change[2];            /* the response of that node to each */
  double *weight;              /* [places] 1/V: the response is the sum of weight V; they sum to 0 */
} FiberProbe;

/* fibers_change: fills change from change_V of n probes, for pulses of width_us. fibers_weigh: fills weight: some dozen
 * times the work. n_thread 0: as many as there are processors. */
PetscErrorCode fibers_change(const Case *c, const FiberSet *f, const FiberResponse *r, double width_us, int n_thread,
                             int n, FiberProbe *probe) CAUDA_CHECKED;
PetscErrorCode fibers_weigh(const Case *c, const FiberSet *f, const FiberResponse *r, double width_us, int n_thread,
                            int n, FiberProbe *probe) CAUDA_CHECKED;

/* Threshold of a fibre for one set (fraction[n_contact], cathodes negative): amplitude in mA (sum of cathodic currents)
 * at which it fires by the predictor, HUGE_VAL if it never does; *site_s: where, mm along the path (0 if never).
 * The three nodes next to each cut end are left out, and the one at which a motor fibre begins. */
double fiber_threshold(const FiberResponse *r, int fiber, const double *fraction, double *site_s);
/* The same by the activating function, for comparison only: the second difference at the nodes against the one at
 * threshold of a point source 2 mm away. It misses by a factor of 4 between 1 and 5 mm. */
double fiber_threshold_af(const FiberResponse *r, int fiber, const double *fraction, double *site_s);
/* fiber_threshold_guess: as fiber_threshold(), but finite where a fibre is only hyperpolarised, too: where the full model
 * begins to look. */
double fiber_threshold_guess(const FiberResponse *r, int fiber, const double *fraction);

/* fiber_label: "nerve fibre 7 (13.2 um, L1_L_dorsal)". */
void fiber_label(const FiberSet *f, int fiber, char label[CAUDA_NAME_MAX + 64]);

/* ---- second tier: the full cable model ---------------------------------------------------------------------------- */

/* Sets with pulses of one width, for fiber_work_activate() in cauda/fiber_share.h. */
typedef struct {
  int n_set;
  const double *const *fraction; /* [n_set][n_contact] as in fiber_threshold() */
  double width_us;
  double largest_mA; /* fibres that do not fire up to here get HUGE_VAL */
} FiberSets;

/* ---- the models alone, on potentials from anywhere ------------------------------------------------------------------ */

/* A fibre with the potential along it, and what is found. */
typedef struct {
  char name[CAUDA_NAME_MAX];
  double diameter_um;
  int n;                      /* samples, at least 4 */
  double *s_mm, *potential_V; /* [n] ascending; at 1 mA, signed as in the first phase: negative near a cathode */
  double threshold_mA;        /* HUGE_VAL: does not fire */
  double site_mm;             /* of the node that fires first */
} AlongFiber;

typedef struct {
  int n_fiber;
  AlongFiber *fiber;
} AlongFibers;

/* along_read: a CSV with the columns fiber, diameter_um, s_mm, potential_V; a fibre's rows stand together.
 * Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT "FILE:LINE: ...". */
PetscErrorCode along_read(const char *path, AlongFibers **out) CAUDA_CHECKED;
void along_destroy(AlongFibers **a);

/* along_activate: thresholds by the case's fibers.model (linear: the predictor) for its pulse. A node lies at node_at_mm
 * (NAN: at the middle of each path); between samples the potential is a cubic through the four nearest.
 * Errors: PETSC_ERR_USER_INPUT for a path that is too short for the model, a node beyond its ends. */
PetscErrorCode along_activate(const Case *c, double node_at_mm, double largest_mA, int n_thread,
                              AlongFibers *a) CAUDA_CHECKED;
/* fiber,threshold_mA,site_mm; both empty for a fibre that does not fire. */
void along_write(const AlongFibers *a, FILE *stream);

#endif
