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
  double *threshold_af_mA;          /* [n_set][n_fiber] by the activating function, or NULL */
  double *site_s_mm;                /* [n_set][n_fiber] */
} ThresholdTable;

PetscErrorCode thresholds_create(int n_set, int n_fiber, int n_root, int n_class, ThresholdTable **out) CAUDA_CHECKED;
void thresholds_destroy(ThresholdTable **t);

/* fiber_thresholds.csv (one row a set and fibre, all digits: what rank reads), thresholds.csv, recruitment.csv as in
 * the design; amplitudes of the curve up to largest_mA. */
PetscErrorCode thresholds_write(const ThresholdTable *t, const char *path) CAUDA_CHECKED;
PetscErrorCode thresholds_read(const char *path, ThresholdTable **out) CAUDA_CHECKED;
PetscErrorCode threshold_levels_write_csv(const ThresholdTable *t, double largest_mA, const char *path) CAUDA_CHECKED;
PetscErrorCode recruitment_write_csv(const ThresholdTable *t, double largest_mA, const char *path) CAUDA_CHECKED;

/* recruited: fraction of root `root`'s fibres (all classes of it together where fiber_class is -1) at amplitude A. */
double recruited(const ThresholdTable *t, int set, int root, int fiber_class, double amplitude_mA);
/* recruitment_level: smallest amplitude at which at least `level` (0.1, 0.5, 0.9) is recruited; HUGE_VAL if none. */
double recruitment_level(const ThresholdTable *t, int set, int root, int fiber_class, double level);

typedef struct {
  int set, rank;        /* rank counts from 1; tied sets share a rank */
  double score, score_at_mA;
  double target_threshold_mA, target_saturation_mA; /* HUGE_VAL: not reached */
  int first_other;      /* root, or -1 */
  double first_other_threshold_mA, margin; /* first other's threshold over the target's */
  double charge_density_uC_per_cm2, compliance_V; /* at score_at_mA */
  char limit[96];       /* the limit that is exceeded, in words; "" if none */
  char tied_with[256];
} RankRow;

/* rank_sets: rows sorted by rank. Scores and their sources: src/select/score.c.
 * Errors: PETSC_ERR_USER_INPUT for a target that is no root, or an unknown score. */
PetscErrorCode rank_sets(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                         const double *impedance_ohm, RankRow **out) CAUDA_CHECKED;
PetscErrorCode rank_write_csv(const RankRow *rows, const ThresholdTable *t, const char *target,
                              const char *path) CAUDA_CHECKED;
/* rank_print: the ranking as a table of at most 80 columns. */
PetscErrorCode rank_print(const RankRow *rows, const ThresholdTable *t, const char *target, FILE *stream) CAUDA_CHECKED;

#endif
