/* Select: thresholds in, recruitment, selectivity, limits and ranking out. */
#ifndef CAUDA_SELECT_H
#define CAUDA_SELECT_H

#include "cauda/case.h"
#include "cauda/fem.h"
#include "cauda/fiber.h"

typedef struct Goal Goal; /* below */

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
  double *site_s_mm;                /* [n_set][n_fiber] where it fires first, mm along its path */
  FiberSite *site;                  /* [n_set][n_fiber] the same in words */
} ThresholdTable;

PetscErrorCode thresholds_create(int n_set, int n_fiber, int n_root, int n_class, ThresholdTable **out) CAUDA_CHECKED;
void thresholds_destroy(ThresholdTable **t);

/* tiers_compare: how far the linear predictor's thresholds lie from those of the table's tier, as a share of these: the
 * median and the 95th percentile over all fibres and sets. */
PetscErrorCode tiers_compare(const ThresholdTable *t, double *median, double *percentile_95) CAUDA_CHECKED;

/* fiber_thresholds.csv (one row a set and fibre, all digits: what rank reads), thresholds.csv, recruitment.csv as in
 * the design; two hundred equal steps of amplitude up to largest_mA. What is never reached, or beyond largest_mA, is an
 * empty cell. A root of several classes has a row (curve) for each of them and one for "all". Muscles,
 * where a goal of muscles is given (or NULL), follow with the class "muscle".
 * thresholds_read: Errors: PETSC_ERR_USER_INPUT "FILE:LINE: ..." */
PetscErrorCode thresholds_write(const ThresholdTable *t, const char *path) CAUDA_CHECKED;
PetscErrorCode thresholds_read(const char *path, ThresholdTable **out) CAUDA_CHECKED;
PetscErrorCode threshold_levels_write_csv(const ThresholdTable *t, const Goal *muscles, double largest_mA,
                                          const char *path) CAUDA_CHECKED;
PetscErrorCode recruitment_write_csv(const ThresholdTable *t, const Goal *muscles, double largest_mA,
                                     const char *path) CAUDA_CHECKED;

/* recruitment_largest_mA: the largest amplitude tried: what the sets' contacts may carry (limits.contact_mA, for the
 * set that spreads its current most), or twice the amplitude that saturates the target (all roots where no target is
 * named) in every set if that is more, but then not above 50 mA. */
double recruitment_largest_mA(const Case *c, const SetTable *sets, const ThresholdTable *t);

/* recruited: fraction of root `root`'s fibres (all classes of it together where fiber_class is -1) at amplitude A. */
double recruited(const ThresholdTable *t, int set, int root, int fiber_class, double amplitude_mA);
/* recruitment_level: smallest amplitude at which at least `level` (0.1, 0.5, 0.9) is recruited; HUGE_VAL if none. */
double recruitment_level(const ThresholdTable *t, int set, int root, int fiber_class, double level);

/* ---- what is wanted ----------------------------------------------------------------------------------------------- */

/* Pools are roots, or muscles driven by several roots: m_p = sum over roots of share[p][root] r_root, r the recruited
 * share of a root's fibres. */
struct Goal {
  int n_pool, n_root;
  char (*pool)[CAUDA_NAME_MAX];
  double *share;  /* [n_pool][n_root]; rows sum to 1 */
  double *wanted; /* [n_pool] weights of the targets, sum to 1; 0 for all else */
  double *spared; /* [n_pool] weights of what is not to be recruited; 0 for targets and for what does not count */
  double sum_spared;
  int *mirror;     /* [n_pool] the same pool of the other side; -1 */
  char label[128]; /* the targets: "L1_L_dorsal", "soleus_L + soleus_R" */
};

/* goal_create: as the case's rank says, for the roots of an anatomy. A name without kind ("L1_L") will do where there is
 * only one. Roots of a target's own segment and side (dorsal and ventral) do not count as others, unless named in avoid, nor do
 * the dorsal columns.
 * A muscle has the dorsal roots of its segments, as far as the anatomy has them, and their shares are made to sum to 1.
 *   folder  that paths in the case are relative to
 * Errors: PETSC_ERR_USER_INPUT for a name that is no pool, or may be several. */
PetscErrorCode goal_create(const CaseRank *r, const char *folder, int n_root, char (*root)[CAUDA_NAME_MAX],
                           Goal **out) CAUDA_CHECKED;
void goal_destroy(Goal **g);

/* ---- scores ------------------------------------------------------------------------------------------------------- */

typedef enum { SCORE_SELECTIVITY, SCORE_RATIO, SCORE_DISTANCE, SCORE_WINDOW, SCORE_LATERALITY, SCORE_KINDS } ScoreKind;
extern const char *const score_name[SCORE_KINDS]; /* as in the case */
PetscErrorCode score_find(const char *name, ScoreKind *kind) CAUDA_CHECKED;

/* The amplitudes that may be chosen. */
typedef struct {
  double largest_mA; /* finite */
  double step_mA;    /* multiples of it only; 0: any; HUGE_VAL: none */
} Amplitudes;

typedef struct {
  double value, at_mA; /* largest over the amplitudes, and the smallest amplitude that has it */
} Score;

/* Scorer: scores of sets of thresholds by one goal. One a thread: it holds what is computed on the way. */
typedef struct Scorer Scorer;
/* fiber_root [n_fiber]: copied. g is borrowed. */
PetscErrorCode scorer_create(const Goal *g, int n_fiber, const int *fiber_root, Scorer **out) CAUDA_CHECKED;
void scorer_destroy(Scorer **s);

/* scorer_take: the set to be scored, by its fibres' thresholds [n_fiber] mA, HUGE_VAL: never. Then any of the rest.
 * Cost: about n_fiber * 10 ns. */
void scorer_take(Scorer *s, const double *threshold_mA, Amplitudes a);
/* scorer_best: definitions and sources in src/select/score.c. */
Score scorer_best(Scorer *s, ScoreKind kind);
/* scorer_tradeoff: largest T - mu O over the amplitudes (mu 1: selectivity). scorer_curve: T and O at each amplitude that
 * is looked at, ascending; returns how many there are, `at_mA`, `target` and `spill` of the k-th. */
Score scorer_tradeoff(Scorer *s, double mu);
int scorer_curve(Scorer *s, int k, double *at_mA, double *target, double *spill);
/* scorer_at: activation of the targets (weighted mean, 0..1) and of all others (spill, weighted mean) at an amplitude. */
void scorer_at(const Scorer *s, double amplitude_mA, double *target, double *spill);
/* scorer_level: smallest amplitude, at most `largest`, at which a pool has at least `level`; HUGE_VAL. */
double scorer_level(Scorer *s, int pool, double level, double largest_mA);
/* scorer_nearness: what share of the targets' threshold (10 %, the largest of them) an amplitude is, at most 1; 0 where they
 * have none. Tells sets apart that all do nothing within the limits. */
double scorer_nearness(Scorer *s, double largest_mA);
/* What one fibre of the targets is worth. */
double scorer_grain(const Scorer *s);

/* ---- limits ------------------------------------------------------------------------------------------------------- */

typedef enum { LIMIT_DENSITY, LIMIT_CONTACT, LIMIT_COMPLIANCE, LIMIT_SHANNON, LIMIT_TOTAL, LIMIT_KINDS } LimitKind;

/* How far a set may go: the amplitude at which each limit is met, and the contact that meets it (-1: none in
 * particular). */
typedef struct {
  double at_mA[LIMIT_KINDS];
  int contact[LIMIT_KINDS];
  double largest_mA; /* the smallest of them */
  LimitKind first;
} Reach;

/* What a set asks of device and tissue at an amplitude. */
typedef struct {
  double charge_uC, charge_density_uC_per_cm2, shannon_k, contact_mA; /* a phase, at the contact that has most */
  double compliance_V; /* largest difference among contacts that carry current, and the case if it does */
  double power_mW;     /* while a phase lasts, into the tissue */
} Demand;

/* set_reach, set_demand: by the impedance matrix of the tissue alone: what the contacts' surfaces add is not in it.
 *   impedance_ohm [n_contact][n_contact] */
void set_reach(const CaseLimits *l, const LeadModel *m, const double *fraction, double width_us,
               const double *impedance_ohm, Reach *out);
void set_demand(const LeadModel *m, const double *fraction, double width_us, double amplitude_mA,
                const double *impedance_ohm, Demand *out);
/* contact_reach_mA: the largest current of one contact alone, by what holds for a contact. */
double contact_reach_mA(const CaseLimits *l, const LeadModel *m, int contact, double width_us);
/* set_is_wired: several contacts of a sign (or one and the case) on a device with one source: they share as impedances say. */
bool set_is_wired(const CaseLimits *l, int n_contact, const double *fraction);
/* set_impossible: what the device cannot do with a set at any amplitude, in words; false if there is nothing. Whether there
 * is an amplitude on its steps is asked apart (set_step_mA). */
bool set_impossible(const CaseLimits *l, int n_contact, const StimulationSet *set, double width_us, char words[96]);
/* set_step_mA: what a set's amplitudes are multiples of on a device with steps: where each contact has a source of its own,
 * each contact's current is to be on them (within a hundredth of a step); with one source their sum. 0: any amplitude;
 * HUGE_VAL: none up to largest_mA. Not for sets of voltages. */
double set_step_mA(const CaseLimits *l, int n_contact, const StimulationSet *set, double largest_mA);
/* limit_words: "charge density 20 > 19 uC/cm2 at C01" for a set at an amplitude beyond reach->at_mA[kind]. */
void limit_words(const CaseLimits *l, const LeadModel *m, LimitKind kind, const Reach *reach, double amplitude_mA,
                 char words[96]);
const char *limit_name(LimitKind kind);

/* ---- ranking ------------------------------------------------------------------------------------------------------ */

typedef struct {
  int set, rank;                           /* index in the thresholds; rank counts from 1; tied sets share a rank */
  double score, score_at_mA;               /* largest within the limits */
  double score_predicted;                  /* as score, by the linear predictor */
  double score_unlimited, unlimited_at_mA; /* largest at any amplitude tried */
  double index[SCORE_KINDS];               /* every kind of score, each at its own best amplitude within the limits */
  double target, spill;                    /* activation at score_at_mA */
  double largest_mA;                       /* that the limits allow */
  double target_threshold_mA, target_saturation_mA; /* HUGE_VAL: not reached */
  int first_other;                                  /* pool, or -1 */
  double first_other_threshold_mA;                  /* HUGE_VAL: none */
  double margin;          /* first other's threshold over the target's; HUGE_VAL where one of them is not reached */
  Demand demand;          /* at score_at_mA */
  LimitKind nearest;      /* the limit of which most is used at score_at_mA */
  double nearest_share;   /* how much of it: 1 is the limit */
  char nearest_words[64]; /* "charge density at C01" */
  char limit[96];         /* why the set stands below those that keep every limit, in words; "" if it does not */
  char tied_with[256];
} RankRow;

typedef struct {
  Goal *goal;
  ScoreKind score;
  int n;
  RankRow *row;                /* [n] in order */
  char (*set)[CAUDA_NAME_MAX]; /* [n of the thresholds] names, by RankRow.set */
  bool reached;                /* some set reaches the targets' threshold within the limits */
} Ranking;

/* rank_sets: a set's score is the largest within the limits. A set stands below all others where the device cannot do
 * it, where the amplitude that its row names is beyond a limit, or where its target's threshold is. Sets whose scores
 * differ by less than one fibre of the target is worth (by less than 1e-9 for the window) share a rank.
 * Errors: PETSC_ERR_USER_INPUT for a target that is no root, or an unknown score. */
PetscErrorCode rank_sets(const Case *c, const LeadModel *m, const SetTable *sets, const ThresholdTable *t,
                         const double *impedance_ohm, Ranking **out) CAUDA_CHECKED;
void ranking_destroy(Ranking **r);
PetscErrorCode rank_write_csv(const Ranking *r, const char *path) CAUDA_CHECKED;
PetscErrorCode rankings_write_csv(int n, const Ranking *const *r,
                                  const char *path) CAUDA_CHECKED; /* one below the other */
/* rank_print: the ranking as a table of at most 80 columns. */
PetscErrorCode rank_print(const Ranking *r, FILE *stream) CAUDA_CHECKED;
/* rank_print_file: the first rows of a file of rank_write_csv(), and a sentence (or NULL). words_print: a text in lines of
 * at most 80 columns. */
PetscErrorCode rank_print_file(const char *path, const char *sentence, int rows, FILE *stream) CAUDA_CHECKED;
void words_print(const char *text, FILE *stream);
/* rank_sentence: which set, why, what limits it, in words for the reader. */
void rank_sentence(const Ranking *r, char *text, size_t room);

/* Rank correlations of two rows of n numbers: Spearman's rho (work [2 * n]) and Kendall's tau-b. NAN where one of them is
 * all the same. Ties share their mean rank. */
double spearman(int n, const double *x, const double *y, double *work);
double kendall(int n, const double *x, const double *y);

#endif
