/* Select: thresholds in, recruitment, selectivity, limits and ranking out. */
#ifndef CAUDA_SELECT_H
#define CAUDA_SELECT_H

#include "cauda/case.h"
#include "cauda/fem.h"

/* Thresholds of all fibres in all sets. */
typedef struct {
  int n_set, n_fiber, n_root, n_class;
  char (*set)[CAUDA_NAME_MAX];
  char (*root)[CAUDA_NAME_MAX];
  char (*fiber_class)[CAUDA_NAME_MAX];
  char tier[CAUDA_NAME_MAX];
  int *fiber_root, *fiber_class_of; /* [n_fiber] */
  double *diameter_um;              /* [n_fiber] */
  double *threshold_mA;             /* [n_set][n_fiber], HUGE_VAL: never */
  double *threshold_linear_mA;      /* [n_set][n_fiber] by the linear predictor */
  double *threshold_af_mA;          /* [n_set][n_fiber] by the activating function, or NULL */
  double *site_s_mm;                /* [n_set][n_fiber] */
} ThresholdTable;

PetscErrorCode thresholds_create(int n_set, int n_fiber, int n_root, int n_class, ThresholdTable **out) CAUDA_CHECKED;
void thresholds_destroy(ThresholdTable **t);

/* tiers_compare: how far the linear predictor's thresholds lie from those of the table's tier, as a share of these: the
 * median and the 95th percentile over all fibres and sets. */
PetscErrorCode tiers_compare(const ThresholdTable *t, double *median, double *percentile_95) CAUDA_CHECKED;

/* fiber_thresholds.csv (one row a set and fibre, all digits: what rank reads), thresholds.csv, recruitment.csv as in
 * the design; two hundred equal steps of amplitude up to largest_mA. What is never reached, or beyond largest_mA, is an
 * empty cell. A root of several classes has a row (curve) for each of them and one for "all".
 * thresholds_read: Errors: PETSC_ERR_USER_INPUT "FILE:LINE: ..." */
PetscErrorCode thresholds_write(const ThresholdTable *t, const char *path) CAUDA_CHECKED;
PetscErrorCode thresholds_read(const char *path, ThresholdTable **out) CAUDA_CHECKED;
PetscErrorCode threshold_levels_write_csv(const ThresholdTable *t, double largest_mA, const char *path) CAUDA_CHECKED;
PetscErrorCode recruitment_write_csv(const ThresholdTable *t, double largest_mA, const char *path) CAUDA_CHECKED;

/* recruitment_largest_mA: the largest amplitude tried: what the sets' contacts may carry (limits.contact_mA, for the
 * set that spreads its current most), or twice the amplitude that saturates the target (all roots where no target is
 * named) in every set if that is more, but then not above 50 mA. */
double recruitment_largest_mA(const Case *c, const SetTable *sets, const ThresholdTable *t);

/* recruited: fraction of root `root`'s fibres (all classes of it together where fiber_class is -1) at amplitude A. */
double recruited(const ThresholdTable *t, int set, int root, int fiber_class, double amplitude_mA);
/* recruitment_level: smallest amplitude at which at least `level` (0.1, 0.5, 0.9) is recruited; HUGE_VAL if none. */
double recruitment_level(const ThresholdTable *t, int set, int root, int fiber_class, double level);

/* thresholds_find_root: index of a root by its name; "L1_L" will do for "L1_L_dorsal" where there is only one kind.
 * Errors: PETSC_ERR_USER_INPUT where there is none, or several, naming them. */
PetscErrorCode thresholds_find_root(const ThresholdTable *t, const char *name, int *root) CAUDA_CHECKED;
/* is_other: whether recruiting `root` counts against `target`: a root of another segment or side. The dorsal and the
 * ventral root of the target's own segment and side do not. */
bool is_other(const ThresholdTable *t, int target, int root);

/* score_best: largest score of a set over the amplitudes up to largest_mA, and the smallest amplitude that has it.
 *   kind  "selectivity", "window", "ratio" or "distance": definitions and sources in src/select/score.c */
PetscErrorCode score_best(const char *kind, const ThresholdTable *t, int set, int target, double largest_mA,
                          double *score, double *at_mA) CAUDA_CHECKED;

typedef struct {
  int set, rank; /* index in the thresholds; rank counts from 1; tied sets share a rank */
  double score, score_at_mA;
  double target_threshold_mA, target_saturation_mA; /* HUGE_VAL: not reached */
  int first_other;                                  /* root, or -1 */
  double first_other_threshold_mA;                  /* HUGE_VAL: none */
  double margin; /* first other's threshold over the target's; HUGE_VAL where one of them is not reached */
  double charge_density_uC_per_cm2, compliance_V; /* at score_at_mA */
  char limit[96];                                 /* the limit that is exceeded, in words; "" if none */
  char tied_with[256];
} RankRow;

/* rank_sets: rows [n_set of t] sorted by rank, in a block the caller frees. A set that is over a limit at the amplitude
 * of its score ranks below all that keep every limit. Sets whose scores differ by less than one fibre of the target is
 * worth (by less than 1e-9 for the window) share a rank.
 * Errors: PETSC_ERR_USER_INPUT for a target that is no root, or an unknown score. */
PetscErrorCode rank_sets(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                         const double *impedance_ohm, RankRow **out) CAUDA_CHECKED;
PetscErrorCode rank_write_csv(const RankRow *rows, const ThresholdTable *t, const char *target,
                              const char *path) CAUDA_CHECKED;
/* rank_print: the ranking as a table of at most 80 columns. */
PetscErrorCode rank_print(const RankRow *rows, const ThresholdTable *t, const char *target, FILE *stream) CAUDA_CHECKED;

#endif
