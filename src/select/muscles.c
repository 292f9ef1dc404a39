/* Recruitment of muscles: m = sum over roots of share r_root, a step at each fibre's threshold. */
#include "recruitment.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double threshold_mA, weight; /* what the fibre adds to the muscle */
} Step;

static int by_threshold(const void *a, const void *b)
{
  const Step *x = a, *y = b;
  return (x->threshold_mA > y->threshold_mA) - (x->threshold_mA < y->threshold_mA);
}

/* The muscle's fibres in one set, in order of their thresholds; returns their number. steps [n_fiber] */
static int muscle_steps(const ThresholdTable *t, const Goal *g, int set, int pool, Step *steps)
{
  const double *threshold = t->threshold_mA + (size_t)set * (size_t)t->n_fiber;
  int n = 0;
  for (int root = 0; root < t->n_root; root++) {
    double share = g->share[(size_t)pool * (size_t)g->n_root + (size_t)root];
    int first = n;
    for (int i = 0; i < t->n_fiber && share > 0.0; i++)
      if (t->fiber_root[i] == root) steps[n++].threshold_mA = threshold[i];
    for (int i = first; i < n; i++) steps[i].weight = share / (n - first);
  }
  qsort(steps, (size_t)n, sizeof *steps, by_threshold);
  return n;
}

static double muscle_level(const Step *steps, int n, double level)
{
  double sum = 0.0;
  for (int i = 0; i < n; i++)
    if ((sum += steps[i].weight) >= level - 1e-9) return steps[i].threshold_mA;
  return HUGE_VAL;
}

static double muscle_recruited(const Step *steps, int n, double amplitude_mA)
{
  double sum = 0.0;
  for (int i = 0; i < n && steps[i].threshold_mA <= amplitude_mA; i++) sum += steps[i].weight;
  return sum;
}

static void put_head(const ThresholdTable *t, const Goal *g, int set, int pool, FILE *s)
{
  fprintf(s, "%s,%s,muscle,%s", t->set[set], g->pool[pool], t->tier);
}

static void level_row(const ThresholdTable *t, const Goal *g, int set, int pool, double largest_mA, const Step *steps,
                      int n, FILE *s)
{
  static const double level[] = {0.1, 0.5, 0.9};
  put_head(t, g, set, pool, s);
  fprintf(s, ",%d", n);
  for (int i = 0; i < 3; i++) recruitment_put_level(muscle_level(steps, n, level[i]), largest_mA, s);
  fputs(",,\n", s); /* the lower tiers are told by root */
}

static void curve_rows(const ThresholdTable *t, const Goal *g, int set, int pool, double largest_mA, const Step *steps,
                       int n, FILE *s)
{
  for (int i = 0; i <= RECRUITMENT_STEPS; i++) {
    double amplitude = largest_mA * i / RECRUITMENT_STEPS;
    put_head(t, g, set, pool, s);
    fprintf(s, ",%.6g,%.6g\n", amplitude, fmin(1.0, muscle_recruited(steps, n, amplitude)));
  }
}

PetscErrorCode muscle_rows(const ThresholdTable *t, const Goal *g, double largest_mA, bool curves, FILE *s)
{
  Step *steps;
  PetscCall(mem_alloc((size_t)t->n_fiber + 1, sizeof *steps, &steps));
  for (int set = 0; set < t->n_set; set++)
    for (int pool = 0; pool < g->n_pool; pool++) {
      int n = muscle_steps(t, g, set, pool, steps);
      (curves ? curve_rows : level_row)(t, g, set, pool, largest_mA, steps, n, s);
    }
  free(steps);
  return 0;
}
