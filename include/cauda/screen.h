/* Screen: many sets by the linear predictor, fast; where they come from; the best of them.
 * The usual way: screen_create() from the fibres' responses, a Generator for the sets, sweep_run(). */
#ifndef CAUDA_SCREEN_H
#define CAUDA_SCREEN_H

#include "cauda/fiber.h"
#include "cauda/select.h"

/* ---- screen: thresholds of sparse sets ---------------------------------------------------------------------------- */

/* The responses in single precision, sixteen fibres side by side, contact by contact, so that eight or sixteen are one
 * instruction; without the nodes that cannot fire below the largest amplitude, whatever the set. */
typedef struct Screen Screen;

enum { SET_CONTACTS_MAX = 64 };

/* A set by the contacts that carry current (the case electrode, which drives nothing, left out). */
typedef struct {
  int n;
  int contact[SET_CONTACTS_MAX];
  float share[SET_CONTACTS_MAX]; /* cathodes negative; of 1 mA of cathodic current in all */
} SparseSet;

/* screen_create: for amplitudes up to largest_mA. r may be destroyed afterwards. */
PetscErrorCode screen_create(const FiberResponse *r, double largest_mA, Screen **out) CAUDA_CHECKED;
void screen_destroy(Screen **s);
int screen_fibers(const Screen *s);
double screen_kept(const Screen *s); /* share of the nodes that are kept */

typedef enum { SCREEN_BEST, SCREEN_PLAIN, SCREEN_AVX2, SCREEN_AVX512 } ScreenCode; /* all give the same numbers */
bool screen_code_runs(ScreenCode code);

/* screen_sets: threshold_mA[n][n_fiber], HUGE_VAL: never below the largest amplitude. Within 1e-6 of fiber_threshold().
 * Cost: nodes kept times contacts of the set, some 10 us for 700 fibres and two contacts. */
void screen_sets(const Screen *s, ScreenCode code, int n, const SparseSet *set, double *threshold_mA);

/* For a search, that looks at sets that differ little: screen_copy() for each thread, screen_base() puts a set into the
 * place of one more contact (number screen_contacts()), so that what differs from it is a sparse set with that contact.
 * fraction [n_contact]. */
PetscErrorCode screen_copy(const Screen *s, Screen **out) CAUDA_CHECKED;
void screen_base(Screen *s, const double *fraction);

/* screen_peak: the largest response of a fibre's nodes to currents [n_contact] mA, and that node's row of responses to
 * each contact, 1/mA; 0 where it has no node that can fire. Above 1 the fibre fires. */
double screen_peak(const Screen *s, int fiber, const double *current_mA, double *row);

/* ---- generator: sets by number ------------------------------------------------------------------------------------ */

/* Families of sets; shares go in steps of `step`, each contact of a pair having at least one:
 *   monopoles    each contact against the case
 *   bipoles      each contact against each other one
 *   tripoles     a cathode and two anodes that share, and two cathodes that share and an anode
 *   guarded      a cathode and its neighbours as anodes, evenly, the case taking the rest
 *   steering     two neighbours as cathodes that share, the case or any other contact as anode
 *   quadrupoles  two cathodes that share and two anodes that share
 * Neighbours: no third contact lies in the circle over the two as diameter (Gabriel and Sokal 1969). */
typedef enum { MONOPOLES, BIPOLES, TRIPOLES, GUARDED, STEERING, QUADRUPOLES, FAMILIES } Family;
extern const char *const family_name[FAMILIES];

typedef struct Generator Generator;

/* families: bits 1 << Family. step: 1 over a whole number, at most 0.5. */
PetscErrorCode generator_create(const LeadModel *m, unsigned families, double step, Generator **out) CAUDA_CHECKED;
void generator_destroy(Generator **g);
int64_t generator_count(const Generator *g);
/* generator_set: the set of a number below the count. fraction [n_contacts + 1], the case electrode last. */
void generator_set(const Generator *g, int64_t number, double *fraction);
/* set_name: "C01-60_C02-40_case+100": shares in percent; contacts beyond what fits are left out, with a "+" at the end. */
void set_name(const LeadModel *m, const double *fraction, char name[CAUDA_NAME_MAX]);
bool sparse_set(int n_contact, const double *fraction, SparseSet *out); /* false: too many contacts */

/* ---- sweep: the best of many --------------------------------------------------------------------------------------- */

typedef struct {
  int64_t number;      /* of the set; pulse width times the generator's count is added */
  double score, at_mA; /* below 0: nothing within the limits, but that share less 1 of the targets' threshold */
} SweepEntry;

/* What a sweep has found so far: kept in a file, so that one that is killed goes on where it was. */
typedef struct {
  int64_t done;    /* sets with numbers below have been looked at */
  int64_t refused; /* of them, what the device cannot do at all */
  int n, keep;
  SweepEntry *best; /* [keep] the n best, in order: higher score, then lower number */
} SweepState;

PetscErrorCode sweep_state_create(int keep, SweepState **out) CAUDA_CHECKED;
void sweep_state_destroy(SweepState **s);
/* sweep_state_put: takes what is among the best. */
void sweep_state_put(SweepState *s, const SweepEntry *e);
/* sweep_state_read: what `path` holds if it belongs to `key`; else nothing done. */
PetscErrorCode sweep_state_read(const char *path, const char *key, SweepState *s) CAUDA_CHECKED;
PetscErrorCode sweep_state_write(const char *path, const char *key, const SweepState *s) CAUDA_CHECKED;

/* What is swept: one pulse width. */
typedef struct {
  const Case *c; /* limits */
  const LeadModel *lead;
  const double *impedance_ohm;
  const Goal *goal;
  ScoreKind score;
  const int *fiber_root; /* [n_fiber] */
  const Screen *screen;
  const Generator *generator; /* where the sets come from; or */
  const SetTable *list;       /* those that are given (their shares known): NULL where they are generated */
  bool named_only;            /* of a list: those that name this width; else those that name none, too */
  double width_us, largest_mA;
  int64_t first; /* number of the first set */
  int64_t total; /* of all numbers, for progress; 0: not shown */
} Sweep;

/* sweep_set: how a set is driven: name (of a list), control, shares [n_contact + 1] at set->fraction, amplitude. On a device
 * with one source, generated sets with several contacts of a sign are wired together: their shares come of the
 * impedances. *here: it belongs to the sweep's pulse width. */
PetscErrorCode sweep_set(const Sweep *w, int64_t number, StimulationSet *set, bool *here) CAUDA_CHECKED;
int64_t sweep_count(const Sweep *w);

/* sweep_range: looks at the sets with numbers from begin to end - 1 on n_thread threads (0: all), and puts the best to
 * state, of which `done` is then end. Every few seconds state is written to `path` (NULL: never). Memory: some MB a
 * thread, whatever the number of sets. The result does not depend on the threads, nor on where it was interrupted. */
PetscErrorCode sweep_range(const Sweep *w, int64_t begin, int64_t end, int n_thread, const char *path, const char *key,
                           SweepState *state) CAUDA_CHECKED;
/* sweep_run: all sets that `state` does not count as done. */
PetscErrorCode sweep_run(const Sweep *w, int n_thread, const char *path, const char *key,
                         SweepState *state) CAUDA_CHECKED;

/* A sweep for other processes: packed into bytes (the caller frees them), and a copy of its own made of them. */
typedef struct SweepCopy SweepCopy;
PetscErrorCode sweep_pack(const Sweep *w, char **bytes, size_t *n) CAUDA_CHECKED;
PetscErrorCode sweep_unpack(char *bytes, size_t n, SweepCopy **out) CAUDA_CHECKED;
const Sweep *sweep_of(const SweepCopy *c);
void sweep_copy_destroy(SweepCopy **c);

/* sweep_largest_mA: the largest amplitude that any generated set can have within the limits. */
double sweep_largest_mA(const Case *c, const LeadModel *m, double width_us);

#endif
