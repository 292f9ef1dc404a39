#include "relax.h"

#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

static const double smooth = 0.1, above = 1.05, below = 0.95, tolerance = 1e-4;
enum { EVALUATIONS = 150 };

/* What the objective needs. Variables: n currents, then the lowest and highest potential in V. */
typedef struct {
  const Climber *c;
  double mu;
  int n, n_fiber;
  double *wanted, *spared; /* [n_fiber] weights */
  double *row;             /* [n_fiber][n] of target fibres' nodes */
  double *work;            /* [n] */
} Problem;

/* Weights of a fibre: what one more of it adds to T, and to O. */
static void weigh(const Search *s, Problem *p)
{
  const Goal *g = s->goal;
  double size[256] = {0.0};
  for (int i = 0; i < p->n_fiber; i++) size[s->fiber_root[i]]++;
  for (int i = 0; i < p->n_fiber; i++)
    for (int k = 0; k < g->n_pool; k++) {
      double part = g->share[k * g->n_root + s->fiber_root[i]] / size[s->fiber_root[i]];
      p->wanted[i] += g->wanted[k] * part;
      if (g->sum_spared > 0.0) p->spared[i] += g->spared[k] / g->sum_spared * part;
    }
}

/* max(0, x), with a parabola from 0 to `smooth`; *slope: its derivative. */
static double hinge(double x, double *slope)
{
  *slope = x <= 0.0 ? 0.0 : fmin(1.0, x / smooth);
  return x <= 0.0 ? 0.0 : x < smooth ? 0.5 * x * x / smooth : x - 0.5 * smooth;
}

static double objective(unsigned n_variable, const double *x, double *gradient, void *context)
{
  Problem *p = context;
  double sum = 0.0, slope;
  if (gradient) memset(gradient, 0, n_variable * sizeof *gradient);
  for (int i = 0; i < p->n_fiber; i++) {
    if (p->wanted[i] > 0.0) {
      const double *row = p->row + (size_t)i * (size_t)p->n;
      double u = 0.0;
      for (int c = 0; c < p->n; c++) u += row[c] * x[c];
      sum += p->wanted[i] * hinge(above - u, &slope);
      for (int c = 0; gradient && c < p->n; c++) gradient[c] -= p->wanted[i] * slope * row[c];
    }
    if (p->spared[i] <= 0.0) continue;
    double u = screen_peak(p->c->screen, i, x, p->work);
    sum += p->mu * p->spared[i] * hinge(u - below, &slope);
    for (int c = 0; gradient && c < p->n; c++) gradient[c] += p->mu * p->spared[i] * slope * p->work[c];
  }
  return sum;
}

/* Linear constraints, all to be at most 0: low - v_i, v_i - high for each contact and the case (v = 0), high - low - V. */
static void compliance(unsigned m, double *result, unsigned n_variable, const double *x, double *gradient,
                       void *context)
{
  const Problem *p = context;
  const Search *s = p->c->s;
  int n = p->n;
  double low = x[n], high = x[n + 1];
  if (gradient) memset(gradient, 0, (size_t)m * n_variable * sizeof *gradient);
  for (int i = 0; i <= n; i++) {
    double v = 0.0, *to_low = gradient ? gradient + (size_t)(2 * i) * n_variable : NULL;
    for (int j = 0; i < n && j < n; j++) {
      double ohm = 1e-3 * s->impedance_ohm[i * n + j];
      v += ohm * x[j];
      if (to_low) to_low[j] = -ohm, to_low[n_variable + (unsigned)j] = ohm;
    }
    result[2 * i] = low - v, result[2 * i + 1] = v - high;
    if (to_low) to_low[n] = 1.0, to_low[n_variable + (unsigned)n + 1] = -1.0;
  }
  result[2 * n + 2] = high - low - s->c->limits.compliance_V;
  if (gradient) gradient[(size_t)(2 * n + 2) * n_variable + (unsigned)n] = -1.0;
  if (gradient) gradient[(size_t)(2 * n + 2) * n_variable + (unsigned)n + 1] = 1.0;
}

static void bounds(const Problem *p, double *x, double *low, double *high)
{
  const Search *s = p->c->s;
  for (int i = 0; i < p->n; i++) {
    high[i] = fmin(contact_reach_mA(&s->c->limits, s->lead, i, s->width_us), s->largest_mA), low[i] = -high[i];
    x[i] = fmax(low[i], fmin(high[i], x[i]));
  }
  x[p->n] = x[p->n + 1] = 0.0;
  for (int i = 0; i < p->n; i++) {
    double v = 0.0;
    for (int j = 0; j < p->n; j++) v += 1e-3 * s->impedance_ohm[i * p->n + j] * x[j];
    x[p->n] = fmin(x[p->n], v), x[p->n + 1] = fmax(x[p->n + 1], v);
  }
  for (int i = p->n; i < p->n + 2; i++) low[i] = -1000.0, high[i] = 1000.0;
}

/* NLopt's answer counts even where it gave up: it is only a start for what comes after. */
static PetscErrorCode solve(Problem *p, double *x, double *low, double *high, double *least)
{
  unsigned n = (unsigned)p->n + 2, m = 2 * (unsigned)p->n + 3;
  double *each;
  nlopt_opt o = nlopt_create(NLOPT_LD_SLSQP, n);
  PetscCheck(o, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for NLopt");
  PetscErrorCode ierr = mem_alloc(m, sizeof *each, &each);
  for (unsigned i = 0; !ierr && i < m; i++) each[i] = 1e-6;
  if (!ierr) {
    nlopt_set_lower_bounds(o, low), nlopt_set_upper_bounds(o, high);
    nlopt_set_min_objective(o, objective, p);
    nlopt_add_inequality_mconstraint(o, m, compliance, p, each);
    nlopt_set_ftol_rel(o, tolerance), nlopt_set_maxeval(o, EVALUATIONS);
    if (nlopt_optimize(o, x, least) == NLOPT_OUT_OF_MEMORY) ierr = PETSC_ERR_MEM;
  }
  free(each);
  nlopt_destroy(o);
  return ierr;
}

static PetscErrorCode relax_with(Problem *p, double *current_mA, bool *improved)
{
  double x[ELECTRODES_MAX + 2], low[ELECTRODES_MAX + 2], high[ELECTRODES_MAX + 2], least;
  memcpy(x, current_mA, (size_t)p->n * sizeof *x);
  for (int i = 0; i < p->n_fiber; i++)
    if (p->wanted[i] > 0.0) screen_peak(p->c->screen, i, x, p->row + (size_t)i * (size_t)p->n);
  bounds(p, x, low, high);
  double before = least = objective((unsigned)p->n + 2, x, NULL, p);
  PetscCall(solve(p, x, low, high, &least));
  *improved = least < before * (1.0 - 1e-3);
  for (int i = 0; i < p->n && *improved; i++) current_mA[i] = isfinite(x[i]) ? x[i] : 0.0;
  return 0;
}

PetscErrorCode relax(Climber *c, double mu, double *current_mA, bool *improved)
{
  Problem p = {.c = c, .mu = mu, .n = c->s->lead->n_contacts, .n_fiber = screen_fibers(c->screen)};
  size_t n_fiber = (size_t)p.n_fiber;
  PetscErrorCode ierr = mem_alloc(n_fiber, 2 * sizeof *p.wanted, &p.wanted);
  if (!ierr) ierr = mem_alloc((n_fiber + 1) * (size_t)p.n, sizeof *p.row, &p.row);
  if (!ierr) {
    p.spared = p.wanted + n_fiber, p.work = p.row + n_fiber * (size_t)p.n;
    weigh(c->s, &p);
    ierr = relax_with(&p, current_mA, improved);
  }
  free(p.wanted), free(p.row);
  return ierr;
}
