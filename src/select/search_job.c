/* One thing that a search does: from a start, relaxed or not, up to where no exchange gains, and away from there by chance; and
 * many of them in parallel. */
#include "search_job.h"

#include "relax.h"

#include "cauda/team.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 4 }; /* of relaxation */

typedef struct {
  const Search *s;
  SearchJob *job;
} Jobs;

Search search_of_job(const Search *s, const SearchJob *j)
{
  Search own = *s;
  if (j->steps) own.steps = j->steps, own.only_mA = j->only_mA;
  return own;
}

/* Currents at the best amplitude; at 1 mA where there is none. */
static void currents_of(Climber *c, const Parts *p, double *current_mA)
{
  climb_value(c, (Aim){0.0}, p);
  Score best = scorer_best(c->scorer, c->s->score);
  double mA = best.at_mA > 0.0 ? best.at_mA : 1.0;
  for (int i = 0; i < c->s->lead->n_contacts; i++) current_mA[i] = mA * p->part[i] / c->s->steps;
}

static void parts_of_currents(const Search *s, const double *current_mA, Parts *p)
{
  double fraction[ELECTRODES_MAX], sum = 0.0;
  int n = s->lead->n_contacts;
  for (int i = 0; i < n; i++) fraction[i] = current_mA[i], sum += current_mA[i];
  fraction[n] = -sum;
  parts_from(fraction, n + 1, s->steps, p);
}

void search_leave_out(const Search *s, int contact, Parts *p)
{
  if (!s->wired) p->part[s->lead->n_contacts] += p->part[contact];
  p->part[contact] = 0;
}

/* The smallest contacts go, until no more carry current than may. */
static void thin_out(const Search *s, int most, Parts *p)
{
  int n_contact = s->lead->n_contacts;
  while (parts_contacts(p, n_contact) > most) {
    int least = -1;
    for (int i = 0; i < n_contact; i++)
      if (p->part[i] && (least < 0 || abs(p->part[i]) < abs(p->part[least]))) least = i;
    search_leave_out(s, least, p);
  }
}

static PetscErrorCode relax_some(Climber *c, double mu, Parts *p)
{
  double current_mA[ELECTRODES_MAX];
  bool improved = true;
  currents_of(c, p, current_mA);
  for (int i = 0; i < ROUNDS && improved; i++) PetscCall(relax(c, mu, current_mA, &improved));
  Parts after;
  parts_of_currents(c->s, current_mA, &after);
  if (parts_drive(c->s, &after)) *p = after;
  return 0;
}

/* Two electrodes get signs by chance. */
static void kick_signs(Rng *r, int n_electrode, Parts *p)
{
  for (int k = 0; k < 2; k++) {
    int at = (int)(rng_uniform(r) * n_electrode);
    p->part[at] = (int)(rng_uniform(r) * 3.0) - 1;
  }
}

/* Some parts go elsewhere by chance. */
static void kick_parts(Rng *r, int n_electrode, Parts *p)
{
  for (int k = 0; k < 3; k++) {
    int from = (int)(rng_uniform(r) * n_electrode), to = (int)(rng_uniform(r) * n_electrode);
    for (int i = 0; !p->part[from] && i < n_electrode; i++) from = (from + 1) % n_electrode;
    int sign = p->part[from] < 0 ? -1 : 1, parts = 1 + (int)(rng_uniform(r) * abs(p->part[from]));
    if (to == from || p->part[to] * sign < 0) continue;
    p->part[from] -= sign * parts, p->part[to] += sign * parts;
  }
}

static void climb_and_kick(Climber *c, SearchJob *j, uint64_t stream)
{
  int n = c->s->lead->n_contacts;
  Rng rng = rng_seed((uint64_t)c->s->c->fibers.seed, stream);
  j->value = j->as_it_is ? climb_value(c, j->aim, &j->parts) : climb(c, j->aim, j->most, &j->parts);
  for (int k = 0; k < j->kicks && !signal_pending(); k++) {
    Parts other = j->parts;
    (c->s->wired ? kick_signs : kick_parts)(&rng, n + 1, &other);
    if (parts_contacts(&other, n) > j->most || !parts_drive(c->s, &other)) continue;
    double value = climb(c, j->aim, j->most, &other);
    if (value > j->value) j->value = value, j->parts = other;
  }
}

static PetscErrorCode do_job(void *context, int i)
{
  Jobs *jobs = context;
  SearchJob *j = &jobs->job[i];
  const Search own = search_of_job(jobs->s, j);
  Climber c;
  PetscErrorCode ierr = climber_create(&own, &c);
  if (!ierr && j->relax_mu > 0.0) ierr = relax_some(&c, j->relax_mu, &j->parts);
  if (!ierr) {
    thin_out(&own, j->most, &j->parts);
    if (parts_drive(&own, &j->parts))
      climb_and_kick(&c, j, (uint64_t)i);
    else
      j->value = -HUGE_VAL; /* thinning has left nothing of a sign */
    j->looked_at = c.looked_at;
  }
  climber_free(&c);
  return ierr;
}

const SearchJob *search_best_job(const Search *s, int n, const SearchJob *job)
{
  const SearchJob *best = &job[0];
  for (int i = 1; i < n; i++) {
    int fewer = parts_contacts(&best->parts, s->lead->n_contacts) - parts_contacts(&job[i].parts, s->lead->n_contacts);
    if (job[i].value > best->value + 1e-9 || (job[i].value > best->value - 1e-9 && fewer > 0)) best = &job[i];
  }
  return best;
}

PetscErrorCode search_do_jobs(const Search *s, int n, SearchJob *job, int n_thread, SearchResult *r)
{
  Jobs jobs = {s, job};
  PetscCall(parallel_run("search", n, n_thread, do_job, &jobs));
  for (int i = 0; i < n; i++) r->looked_at += job[i].looked_at;
  return 0;
}
