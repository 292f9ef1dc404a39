/* Scores of a set for a target root. r(A) is the recruited share of a root at amplitude A, all classes together, `mean`
 * and `sum` run over the other roots (is_other: of another segment or side); the best A is sought up to the largest
 * amplitude tried, at every fibre's threshold, where alone the shares change.
 *
 *   selectivity  max r_target - mean r_other; -1..1, 0 where the set does nothing. Index of the kind of Capogrosso et al.
 *                2013, Greiner et al. 2021, Rowald et al. 2022 (for motor pools there).
 *   ratio        max r_target / (r_target + sum r_other), among amplitudes at which half of the target responds, without
 *                which a single fibre would make 1. After Veraart et al. 1993.
 *   distance     max 1 - sqrt(((1 - r_target)^2 + mean r_other^2) / 2): 1 minus the distance from the ideal.
 *   window       10 % threshold of the first other root over the 90 % threshold of the target: how far the amplitude may
 *                rise from the target's saturation until the first other begins; above 1 there is such a window. Where no
 *                other begins, the largest amplitude counts as its threshold (a lower bound); 0 where the target does
 *                not saturate. Usage range after Holsheimer; thresholds of 10 and 90 % after Greiner et al. 2021. */
#include "cauda/select.h"

#include <math.h>
#include <string.h>

typedef struct {
  double target, mean, mean_square, sum; /* recruited shares: of the target and of the others */
} Shares;

/* Length of "SEGMENT_SIDE" in a root's name. */
static size_t place_length(const char *name)
{
  const char *side = strchr(name, '_'), *kind = side ? strchr(side + 1, '_') : NULL;
  return kind ? (size_t)(kind - name) : strlen(name);
}

bool is_other(const ThresholdTable *t, int target, int root)
{
  size_t a = place_length(t->root[target]), b = place_length(t->root[root]);
  return a != b || strncmp(t->root[target], t->root[root], a) != 0;
}

static Shares shares_at(const ThresholdTable *t, int set, int target, double amplitude_mA)
{
  Shares s = {.target = recruited(t, set, target, -1, amplitude_mA)};
  int n = 0;
  for (int root = 0; root < t->n_root; root++) {
    if (!is_other(t, target, root)) continue;
    double r = recruited(t, set, root, -1, amplitude_mA);
    s.sum += r, s.mean_square += r * r;
    n++;
  }
  if (n) s.mean = s.sum / n, s.mean_square /= n;
  return s;
}

static double selectivity(const Shares *s) { return s->target - s->mean; }

static double ratio(const Shares *s) { return s->target >= 0.5 ? s->target / (s->target + s->sum) : 0.0; }

static double distance(const Shares *s)
{
  return 1.0 - sqrt(0.5 * ((1.0 - s->target) * (1.0 - s->target) + s->mean_square));
}

/* More of the target can only begin at a threshold of its own fibres, and every score falls with the others. */
static void best_over_amplitudes(double (*value)(const Shares *), const ThresholdTable *t, int set, int target,
                                 double largest_mA, double *score, double *at_mA)
{
  const double *threshold = t->threshold_mA + (size_t)set * (size_t)t->n_fiber;
  Shares none = shares_at(t, set, target, 0.0);
  *score = value(&none), *at_mA = 0.0;
  for (int i = 0; i < t->n_fiber; i++) {
    if (t->fiber_root[i] != target || threshold[i] > largest_mA) continue;
    Shares s = shares_at(t, set, target, threshold[i]);
    double v = value(&s);
    if (v > *score + 1e-12 || (fabs(v - *score) <= 1e-12 && threshold[i] < *at_mA)) *score = v, *at_mA = threshold[i];
  }
}

static void window(const ThresholdTable *t, int set, int target, double largest_mA, double *score, double *at_mA)
{
  double saturation = recruitment_level(t, set, target, -1, 0.9), other = largest_mA;
  *score = *at_mA = 0.0;
  if (saturation > largest_mA || saturation <= 0.0) return;
  for (int root = 0; root < t->n_root; root++)
    if (is_other(t, target, root)) other = fmin(other, recruitment_level(t, set, root, -1, 0.1));
  *score = other / saturation, *at_mA = saturation;
}

PetscErrorCode score_best(const char *kind, const ThresholdTable *t, int set, int target, double largest_mA,
                          double *score, double *at_mA)
{
  static const struct {
    const char *name;
    double (*value)(const Shares *);
  } known[] = {{"selectivity", selectivity}, {"ratio", ratio}, {"distance", distance}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(kind, known[i].name)) continue;
    best_over_amplitudes(known[i].value, t, set, target, largest_mA, score, at_mA);
    return 0;
  }
  PetscCheck(!strcmp(kind, "window"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "rank.score: found \"%s\", expected selectivity, window, ratio or distance", kind);
  window(t, set, target, largest_mA, score, at_mA);
  return 0;
}
