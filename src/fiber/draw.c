#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double least_probability = 1e-4; /* of the range of diameters */

static double normal_below(double z) { return 0.5 * erfc(-z / sqrt(2.0)); }

/* The diameter's distribution as a normal one: z = (transform(diameter) - mean) / sd. */
typedef struct {
  bool lognormal;
  double mean, sd;
} Spread;

static Spread spread_of(const FiberClass *c)
{
  if (strcmp(c->distribution, "lognormal")) return (Spread){false, c->mean_um, c->sd_um};
  double variance = log1p(c->sd_um * c->sd_um / (c->mean_um * c->mean_um));
  return (Spread){true, log(c->mean_um) - 0.5 * variance, sqrt(variance)};
}

static double share_below(const Spread *s, double diameter_um)
{
  return normal_below(((s->lognormal ? log(diameter_um) : diameter_um) - s->mean) / s->sd);
}

/* The diameter below which lies the share u of those in the range: by halving. */
static double quantile(const FiberClass *c, const Spread *s, double u)
{
  double low = c->smallest_um, high = c->largest_um;
  double wanted = (1.0 - u) * share_below(s, low) + u * share_below(s, high);
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    *(share_below(s, middle) < wanted ? &low : &high) = middle;
  }
  return 0.5 * (low + high);
}

static PetscErrorCode check_range(const FiberClass *c, const Spread *s)
{
  if (c->sd_um == 0.0) return 0; /* the mean lies in the range: checked where the file is read */
  double inside = share_below(s, c->largest_um) - share_below(s, c->smallest_um);
  PetscCheck(c->smallest_um == c->largest_um || inside > least_probability, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "fibre class %s: found %.2g of all diameters between %g and %g um, expected a mean (%g um) and deviation "
             "(%g um) that give more",
             c->name, inside, c->smallest_um, c->largest_um, c->mean_um, c->sd_um);
  return 0;
}

/* One number from each n-th of 0..1, in random order. */
static void stratify(int n, Rng *rng, double *u)
{
  for (int i = 0; i < n; i++) u[i] = (i + rng_uniform(rng)) / n;
  for (int i = n - 1; i > 0; i--) {
    int j = (int)(rng_uniform(rng) * (i + 1));
    double t = u[i];
    u[i] = u[j], u[j] = t;
  }
}

PetscErrorCode fiber_draws(const FiberClass *c, int n, Rng *rng, FiberDraw *out)
{
  enum { DIAMETER, PHASE, RADIUS, ANGLE, LATERAL, DEPTH, QUANTITIES };
  Spread s = spread_of(c);
  double *u;
  PetscCall(check_range(c, &s));
  PetscCall(mem_alloc((size_t)n, QUANTITIES * sizeof *u, &u));
  for (int q = 0; q < QUANTITIES; q++) stratify(n, rng, u + (size_t)q * (size_t)n);
  for (int i = 0; i < n; i++) {
    const double *at = u + i;
    out[i] = (FiberDraw){.diameter_um = c->sd_um > 0.0 ? quantile(c, &s, at[DIAMETER * (size_t)n]) : c->mean_um,
                         .node_phase = at[PHASE * (size_t)n],
                         .radius = sqrt(at[RADIUS * (size_t)n]),
                         .angle = 6.283185307179586 * at[ANGLE * (size_t)n],
                         .lateral = at[LATERAL * (size_t)n],
                         .depth = at[DEPTH * (size_t)n]};
  }
  free(u);
  return 0;
}
