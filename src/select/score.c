/* The scores of a set (formulas: score_index.c): activations at the thresholds of the targets' fibres, where alone T rises and
 * every score falls with O, and the best of these amplitudes within those allowed. */
#include "score_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double near = 1e-12;

struct Scorer {
  const Goal *goal;
  int n_fiber, n_target; /* fibres; those of roots that drive a target */
  int *root;             /* [n_fiber] */
  int *target;           /* [n_target] fibres that drive a target */
  double *size;          /* [n_root] fibres of a root */
  int n_part;            /* roots of pools, pool by pool */
  int *part_pool, *part_root;
  double *part; /* share of a root in a pool over the root's fibres */
  const double *threshold;
  Amplitudes allowed;
  int n_at;
  double *at;     /* [n_target] amplitudes looked at: ascending, no two the same */
  double *active; /* [n_target][n_root] fibres that are active at at[k] */
  double *m;      /* [n_pool] */
  double *level;  /* [n_fiber][2] for scorer_level() */
};

/* ---- making --------------------------------------------------------------------------------------------------------- */

static bool drives_target(const Goal *g, int root)
{
  for (int p = 0; p < g->n_pool; p++)
    if (g->wanted[p] > 0.0 && g->share[p * g->n_root + root] > 0.0) return true;
  return false;
}

static PetscErrorCode make_parts(Scorer *s)
{
  const Goal *g = s->goal;
  size_t n = (size_t)g->n_pool * (size_t)g->n_root;
  PetscCall(mem_alloc(n, sizeof *s->part_pool, &s->part_pool));
  PetscCall(mem_alloc(n, sizeof *s->part_root, &s->part_root));
  PetscCall(mem_alloc(n, sizeof *s->part, &s->part));
  for (int p = 0; p < g->n_pool; p++)
    for (int r = 0; r < g->n_root; r++) {
      if (g->share[p * g->n_root + r] <= 0.0 || s->size[r] <= 0.0) continue;
      s->part_pool[s->n_part] = p, s->part_root[s->n_part] = r;
      s->part[s->n_part++] = g->share[p * g->n_root + r] / s->size[r];
    }
  return 0;
}

static PetscErrorCode make(const Goal *g, int n_fiber, const int *fiber_root, Scorer *s)
{
  size_t n = (size_t)n_fiber;
  s->goal = g, s->n_fiber = n_fiber;
  PetscCall(mem_alloc(n, sizeof *s->root, &s->root));
  PetscCall(mem_alloc(n, sizeof *s->target, &s->target));
  PetscCall(mem_alloc((size_t)g->n_root, sizeof *s->size, &s->size));
  PetscCall(mem_alloc((size_t)g->n_pool, sizeof *s->m, &s->m));
  PetscCall(mem_alloc(n, 2 * sizeof *s->level, &s->level));
  for (int i = 0; i < n_fiber; i++) {
    s->root[i] = fiber_root[i], s->size[fiber_root[i]]++;
    if (drives_target(g, fiber_root[i])) s->target[s->n_target++] = i;
  }
  PetscCall(make_parts(s));
  PetscCall(mem_alloc((size_t)s->n_target, sizeof *s->at, &s->at));
  return mem_alloc((size_t)s->n_target * (size_t)g->n_root, sizeof *s->active, &s->active);
}

PetscErrorCode scorer_create(const Goal *g, int n_fiber, const int *fiber_root, Scorer **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = make(g, n_fiber, fiber_root, *out);
  if (ierr) scorer_destroy(out);
  return ierr;
}

void scorer_destroy(Scorer **out)
{
  Scorer *s = *out;
  if (!s) return;
  free(s->root), free(s->target), free(s->size), free(s->m), free(s->level), free(s->at), free(s->active);
  free(s->part_pool), free(s->part_root), free(s->part);
  free(s);
  *out = NULL;
}

double scorer_grain(const Scorer *s) { return s->n_target ? 1.0 / s->n_target : 0.0; }

/* ---- taking a set ----------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* On the device's grid: the first step that reaches a threshold. */
static double on_grid(double mA, double step_mA)
{
  if (isinf(step_mA)) return HUGE_VAL;
  return step_mA > 0.0 ? ceil(mA / step_mA - 1e-9) * step_mA : mA;
}

static void choose_amplitudes(Scorer *s)
{
  int n = 0, distinct = 0;
  for (int i = 0; i < s->n_target; i++) {
    double mA = s->threshold[s->target[i]];
    if (!(mA <= s->allowed.largest_mA)) continue;
    mA = on_grid(mA, s->allowed.step_mA);
    if (mA <= s->allowed.largest_mA * (1.0 + 1e-12)) s->at[n++] = mA;
  }
  qsort(s->at, (size_t)n, sizeof *s->at, ascending);
  for (int i = 0; i < n; i++)
    if (!distinct || s->at[i] > s->at[distinct - 1]) s->at[distinct++] = s->at[i];
  s->n_at = distinct;
}

/* The first of the amplitudes that is not below x, which is not above the last. Without branches: how long the search
 * takes does not depend on x, and the compiler makes moves. */
static int bucket_of(const double *at, int n, double x)
{
  const double *base = at;
  while (n > 1) {
    int step = n / 2;
    base += base[step - 1] < x ? step : 0;
    n -= step;
  }
  return (int)(base - at);
}

static void count_active(Scorer *s)
{
  int n_root = s->goal->n_root;
  memset(s->active, 0, (size_t)s->n_at * (size_t)n_root * sizeof *s->active);
  double last = s->n_at ? s->at[s->n_at - 1] : 0.0;
  for (int i = 0; i < s->n_fiber; i++)
    if (s->threshold[i] <= last) s->active[bucket_of(s->at, s->n_at, s->threshold[i]) * n_root + s->root[i]] += 1.0;
  for (int k = 1; k < s->n_at; k++)
    for (int r = 0; r < n_root; r++) s->active[k * n_root + r] += s->active[(k - 1) * n_root + r];
}

void scorer_take(Scorer *s, const double *threshold_mA, Amplitudes a)
{
  s->threshold = threshold_mA, s->allowed = a;
  choose_amplitudes(s);
  count_active(s);
}

/* ---- activations ------------------------------------------------------------------------------------------------------ */

static void pools(const Scorer *s, const double *active, double *m)
{
  memset(m, 0, (size_t)s->goal->n_pool * sizeof *m);
  for (int i = 0; i < s->n_part; i++) m[s->part_pool[i]] += s->part[i] * active[s->part_root[i]];
}

void scorer_at(const Scorer *s, double amplitude_mA, double *target, double *spill)
{
  const Goal *g = s->goal;
  *target = *spill = 0.0;
  for (int i = 0; i < s->n_fiber; i++) {
    if (!(s->threshold[i] <= amplitude_mA)) continue;
    for (int p = 0; p < g->n_pool; p++) {
      double part = g->share[p * g->n_root + s->root[i]] / s->size[s->root[i]];
      *target += g->wanted[p] * part;
      if (g->spared[p] > 0.0) *spill += g->spared[p] / g->sum_spared * part;
    }
  }
}

/* ---- the best amplitude ----------------------------------------------------------------------------------------------- */

static Score best_over_amplitudes(Scorer *s, ScoreIndex value)
{
  memset(s->m, 0, (size_t)s->goal->n_pool * sizeof *s->m);
  Score best = {value(s->goal, s->m), 0.0};
  for (int k = 0; k < s->n_at; k++) {
    pools(s, s->active + k * s->goal->n_root, s->m);
    double v = value(s->goal, s->m);
    if (v > best.value + near) best = (Score){v, s->at[k]};
  }
  return best;
}

Score scorer_tradeoff(Scorer *s, double mu)
{
  Score best = {0.0, 0.0};
  for (int k = 0; k < s->n_at; k++) {
    pools(s, s->active + k * s->goal->n_root, s->m);
    Activation a = score_activation(s->goal, s->m);
    double v = a.target - mu * a.spill;
    if (v > best.value + near) best = (Score){v, s->at[k]};
  }
  return best;
}

int scorer_curve(Scorer *s, int k, double *at_mA, double *target, double *spill)
{
  if (k >= s->n_at) return s->n_at;
  pools(s, s->active + k * s->goal->n_root, s->m);
  Activation a = score_activation(s->goal, s->m);
  *at_mA = s->at[k], *target = a.target, *spill = a.spill;
  return s->n_at;
}

/* ---- levels --------------------------------------------------------------------------------------------------------- */

double scorer_level(Scorer *s, int pool, double level, double largest_mA)
{
  const double *share = s->goal->share + pool * s->goal->n_root;
  int n = 0;
  double sum = 0.0;
  for (int i = 0; i < s->n_fiber; i++) {
    if (share[s->root[i]] <= 0.0 || !(s->threshold[i] <= largest_mA)) continue;
    s->level[2 * n] = s->threshold[i], s->level[2 * n + 1] = share[s->root[i]] / s->size[s->root[i]];
    n++;
  }
  qsort(s->level, (size_t)n, 2 * sizeof *s->level, ascending);
  for (int i = 0; i < n; i++)
    if ((sum += s->level[2 * i + 1]) >= level - 1e-9) return s->level[2 * i];
  return HUGE_VAL;
}

double scorer_nearness(Scorer *s, double largest_mA)
{
  const Goal *g = s->goal;
  double threshold = 0.0;
  for (int p = 0; p < g->n_pool; p++)
    if (g->wanted[p] > 0.0) threshold = fmax(threshold, scorer_level(s, p, 0.1, HUGE_VAL));
  return isfinite(threshold) && threshold > 0.0 ? fmin(1.0, largest_mA / threshold) : 0.0;
}

static Score window(Scorer *s)
{
  const Goal *g = s->goal;
  double saturation = 0.0, other = s->allowed.largest_mA;
  for (int p = 0; p < g->n_pool; p++)
    if (g->wanted[p] > 0.0) saturation = fmax(saturation, scorer_level(s, p, 0.9, s->allowed.largest_mA));
  saturation = on_grid(saturation, s->allowed.step_mA);
  if (!(saturation <= s->allowed.largest_mA) || saturation <= 0.0) return (Score){0.0, 0.0};
  for (int p = 0; p < g->n_pool; p++)
    if (g->spared[p] > 0.0) other = fmin(other, scorer_level(s, p, 0.1, s->allowed.largest_mA));
  return (Score){other / saturation, saturation};
}

Score scorer_best(Scorer *s, ScoreKind kind)
{
  ScoreIndex index = score_index(kind);
  return index ? best_over_amplitudes(s, index) : window(s);
}
