/* Scores of a set. m_p(A) is the activation of pool p at amplitude A (Goal in cauda/select.h); T(A) the mean of the
 * targets by their weights, O(A) the mean of the others by theirs; sums run over the others. The best A is sought within
 * the amplitudes allowed, at the thresholds of the targets' fibres: there alone T rises, and every score falls with O.
 *
 *   selectivity  max T - O; -1..1, 0 where the set does nothing. Index of the kind of Capogrosso et al. 2013, Greiner et
 *                al. 2021, Rowald et al. 2022: SI_t = m_t - mean of the others, largest over the amplitude.
 *   ratio        max T / (T + sum w_j m_j), among amplitudes at which half of the target responds, without which a single
 *                fibre would make 1; 0 where it never does. After Veraart et al. 1993: mu_t / sum of all mu_j.
 *   distance     max 1 - d, d = sqrt((sum w_t (1 - m_t)^2 + mean m_j^2) / 2): 0 where all is wrong, 1 the ideal.
 *   window       10 % threshold of the first other (of any weight) over the 90 % threshold of the last target: how far
 *                the amplitude may rise from the targets' saturation until the first other begins; above 1 there is such
 *                a window. Where no other begins, the largest amplitude allowed counts as its threshold (a lower bound);
 *                0 where the targets do not saturate. Usage range after Holsheimer; 10 and 90 % after Greiner 2021.
 *   laterality   max (ipsi - contra) / (ipsi + contra), contra the same pools of the other side; among amplitudes as for
 *                the ratio; 0 where a target has no other side. */
#include "score_index.h"

#include <math.h>
#include <string.h>

const char *const score_name[SCORE_KINDS] = {"selectivity", "ratio", "distance", "window", "laterality"};
static const double half = 0.5 - 1e-9;

PetscErrorCode score_find(const char *name, ScoreKind *kind)
{
  for (int k = 0; k < SCORE_KINDS; k++)
    if (!strcmp(name, score_name[k])) {
      *kind = (ScoreKind)k;
      return 0;
    }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "rank.score: found \"%s\", expected selectivity, ratio, distance, window or laterality", name);
}

Activation score_activation(const Goal *g, const double *m)
{
  Activation a = {0.0, 0.0, 0.0};
  for (int p = 0; p < g->n_pool; p++) a.target += g->wanted[p] * m[p], a.sum += g->spared[p] * m[p];
  a.spill = g->sum_spared > 0.0 ? a.sum / g->sum_spared : 0.0;
  return a;
}

static double selectivity(const Goal *g, const double *m)
{
  Activation a = score_activation(g, m);
  return a.target - a.spill;
}

static double ratio(const Goal *g, const double *m)
{
  Activation a = score_activation(g, m);
  return a.target >= half ? a.target / (a.target + a.sum) : 0.0;
}

static double distance(const Goal *g, const double *m)
{
  double missed = 0.0, spilt = 0.0;
  for (int p = 0; p < g->n_pool; p++) {
    missed += g->wanted[p] * (1.0 - m[p]) * (1.0 - m[p]);
    if (g->spared[p] > 0.0) spilt += g->spared[p] / g->sum_spared * m[p] * m[p];
  }
  return 1.0 - sqrt(0.5 * (missed + spilt));
}

static double laterality(const Goal *g, const double *m)
{
  double ipsi = 0.0, contra = 0.0;
  for (int p = 0; p < g->n_pool; p++) {
    if (g->wanted[p] <= 0.0) continue;
    if (g->mirror[p] < 0) return 0.0;
    ipsi += g->wanted[p] * m[p], contra += g->wanted[p] * m[g->mirror[p]];
  }
  return ipsi >= half ? (ipsi - contra) / (ipsi + contra) : 0.0;
}

ScoreIndex score_index(ScoreKind kind)
{
  static const ScoreIndex index[SCORE_KINDS] = {[SCORE_SELECTIVITY] = selectivity,
                                                [SCORE_RATIO] = ratio,
                                                [SCORE_DISTANCE] = distance,
                                                [SCORE_LATERALITY] = laterality};
  return index[kind];
}
