/* The search: starts, relaxed and climbed in parallel; then the front of activation against spill, and ever fewer
 * contacts. */
#include "climb.h"
#include "relax.h"

#include "cauda/team.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double front_mu[] = {0.25, 0.5, 2.0, 4.0, 8.0}; /* 1 is the selectivity */
static const double relax_mu[] = {0.5, 1.0, 3.0};
static const double near_enough = 0.95;
enum { FRONTS = 5, RELAXES = 3, ROUNDS = 4, KICKS = 6, FROM_STARTS = 6 };

/* One thing to do: a start, an aim, what is allowed; and what came of it. */
typedef struct {
  Parts parts;
  Aim aim;
  int most;        /* contacts */
  double relax_mu; /* 0: no relaxation before */
  int kicks;       /* attempts to get away from where it ended */
  double value;
  int64_t looked_at;
} Job;

typedef struct {
  const Search *s;
  Job *job;
} Jobs;

/* ---- one job -------------------------------------------------------------------------------------------------------- */

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

/* The smallest contacts give their parts to the case, until no more carry current than may. */
static void thin_out(int n_contact, int most, Parts *p)
{
  while (parts_contacts(p, n_contact) > most) {
    int least = -1;
    for (int i = 0; i < n_contact; i++)
      if (p->part[i] && (least < 0 || abs(p->part[i]) < abs(p->part[least]))) least = i;
    p->part[n_contact] += p->part[least];
    p->part[least] = 0;
  }
}

static int side_sum(const Parts *p, int n, int sign)
{
  int sum = 0;
  for (int i = 0; i < n; i++)
    if (p->part[i] * sign > 0) sum += abs(p->part[i]);
  return sum;
}

static PetscErrorCode relax_some(Climber *c, double mu, Parts *p)
{
  double current_mA[ELECTRODES_MAX];
  bool improved = true;
  currents_of(c, p, current_mA);
  for (int i = 0; i < ROUNDS && improved; i++) PetscCall(relax(c, mu, current_mA, &improved));
  Parts after;
  parts_of_currents(c->s, current_mA, &after);
  int n = c->s->lead->n_contacts + 1;
  if (side_sum(&after, n, -1) == c->s->steps && side_sum(&after, n, 1) == c->s->steps) *p = after;
  return 0;
}

/* Some parts go elsewhere by chance. */
static void kick(Rng *r, int n_electrode, Parts *p)
{
  for (int k = 0; k < 3; k++) {
    int from = (int)(rng_uniform(r) * n_electrode), to = (int)(rng_uniform(r) * n_electrode);
    for (int i = 0; !p->part[from] && i < n_electrode; i++) from = (from + 1) % n_electrode;
    int sign = p->part[from] < 0 ? -1 : 1, parts = 1 + (int)(rng_uniform(r) * abs(p->part[from]));
    if (to == from || p->part[to] * sign < 0) continue;
    p->part[from] -= sign * parts, p->part[to] += sign * parts;
  }
}

static void climb_and_kick(Climber *c, Job *j, uint64_t stream)
{
  int n = c->s->lead->n_contacts;
  Rng rng = rng_seed((uint64_t)c->s->c->fibers.seed, stream);
  j->value = climb(c, j->aim, j->most, &j->parts);
  for (int k = 0; k < j->kicks && !signal_pending(); k++) {
    Parts other = j->parts;
    kick(&rng, n + 1, &other);
    if (parts_contacts(&other, n) > j->most) continue;
    double value = climb(c, j->aim, j->most, &other);
    if (value > j->value) j->value = value, j->parts = other;
  }
}

static PetscErrorCode do_job(void *context, int i)
{
  Jobs *jobs = context;
  Job *j = &jobs->job[i];
  Climber c;
  PetscErrorCode ierr = climber_create(jobs->s, &c);
  if (!ierr && j->relax_mu > 0.0) ierr = relax_some(&c, j->relax_mu, &j->parts);
  if (!ierr) {
    thin_out(jobs->s->lead->n_contacts, j->most, &j->parts);
    int n = jobs->s->lead->n_contacts + 1;
    if (side_sum(&j->parts, n, -1) == jobs->s->steps)
      climb_and_kick(&c, j, (uint64_t)i);
    else
      j->value = -HUGE_VAL; /* thinning has left nothing of a sign */
    j->looked_at = c.looked_at;
  }
  climber_free(&c);
  return ierr;
}

/* The best of some jobs; of equals the one with fewer contacts, then the first. */
static const Job *best_job(const Search *s, int n, const Job *job)
{
  const Job *best = &job[0];
  for (int i = 1; i < n; i++) {
    int fewer = parts_contacts(&best->parts, s->lead->n_contacts) - parts_contacts(&job[i].parts, s->lead->n_contacts);
    if (job[i].value > best->value + 1e-9 || (job[i].value > best->value - 1e-9 && fewer > 0)) best = &job[i];
  }
  return best;
}

static PetscErrorCode do_jobs(const Search *s, int n, Job *job, int n_thread, SearchResult *r)
{
  Jobs jobs = {s, job};
  PetscCall(parallel_run("search", n, n_thread, do_job, &jobs));
  for (int i = 0; i < n; i++) r->looked_at += job[i].looked_at;
  return 0;
}

/* ---- what is found -------------------------------------------------------------------------------------------------- */

static PetscErrorCode keep(const Search *s, const Job *j, const char *why, SearchResult *r)
{
  Climber c;
  Found *f = &r->found[r->n];
  int n = s->lead->n_contacts;
  PetscCall(mem_alloc((size_t)n + 1, sizeof *f->fraction, &f->fraction));
  r->n++;
  snprintf(f->why, sizeof f->why, "%s", why);
  parts_shares(&j->parts, n + 1, s->steps, f->fraction);
  f->contacts = parts_contacts(&j->parts, n);
  PetscErrorCode ierr = climber_create(s, &c);
  if (!ierr && isfinite(climb_value(&c, (Aim){0.0}, &j->parts))) {
    Score best = scorer_best(c.scorer, s->score);
    f->score = best.value, f->at_mA = best.at_mA;
  }
  climber_free(&c);
  return ierr;
}

void search_result_destroy(SearchResult **r)
{
  if (!*r) return;
  for (int i = 0; i < (*r)->n; i++) free((*r)->found[i].fraction);
  free((*r)->found);
  free(*r);
  *r = NULL;
}

/* ---- the parts of a search ------------------------------------------------------------------------------------------ */

/* From the starts as they are, and from the best of them relaxed. */
static PetscErrorCode find_best(const Search *s, int n_start, const double *const *start, int n_thread, SearchResult *r,
                                Job *best)
{
  Job job[FROM_STARTS * (1 + RELAXES)];
  int n = 0, used = n_start < FROM_STARTS ? n_start : FROM_STARTS;
  for (int i = 0; i < used; i++)
    for (int k = 0; k <= RELAXES; k++) {
      if (k && i >= 3) continue;
      Job *j = &job[n++];
      *j = (Job){.aim = {0.0}, .most = s->most_contacts, .relax_mu = k ? relax_mu[k - 1] : 0.0, .kicks = KICKS};
      parts_from(start[i], s->lead->n_contacts + 1, s->steps, &j->parts);
    }
  PetscCall(do_jobs(s, n, job, n_thread, r));
  *best = *best_job(s, n, job);
  return keep(s, best, "best", r);
}

static PetscErrorCode find_front(const Search *s, const Job *best, int n_thread, SearchResult *r)
{
  Job job[FRONTS];
  char why[32];
  for (int i = 0; i < FRONTS; i++) {
    job[i] = *best;
    job[i].aim.mu = front_mu[i], job[i].relax_mu = 0.0;
  }
  PetscCall(do_jobs(s, FRONTS, job, n_thread, r));
  for (int i = 0; i < FRONTS; i++) {
    snprintf(why, sizeof why, "front %g", front_mu[i]);
    PetscCall(keep(s, &job[i], why, r));
  }
  return 0;
}

/* Every way to do without one of the contacts: its parts go to the case. And the starts that have few enough. */
static int list_fewer(const Search *s, const Job *from, int most, int n_start, const double *const *start, Job *job)
{
  int n = 0, n_contact = s->lead->n_contacts;
  for (int i = 0; i < n_contact; i++) {
    if (!from->parts.part[i]) continue;
    Job j = {.parts = from->parts, .most = most, .kicks = 2};
    j.parts.part[n_contact] += j.parts.part[i];
    j.parts.part[i] = 0;
    if (side_sum(&j.parts, n_contact + 1, -1) == s->steps) job[n++] = j;
  }
  for (int i = 0, taken = 0; i < n_start && taken < 3; i++) {
    Job j = {.most = most, .kicks = 2};
    parts_from(start[i], n_contact + 1, s->steps, &j.parts);
    if (parts_contacts(&j.parts, n_contact) <= most) job[n++] = j, taken++;
  }
  return n;
}

/* Kept: the best of two, three and four contacts, and the fewest that come near enough. */
static PetscErrorCode find_fewer(const Search *s, const Job *best, int n_start, const double *const *start,
                                 int n_thread, SearchResult *r)
{
  Job job[ELECTRODES_MAX + 3], from = *best, fewest = *best;
  double needed = near_enough * r->found[0].score;
  int fewest_contacts = r->found[0].contacts;
  char why[32];
  for (int most = r->found[0].contacts - 1; most >= 1; most--) {
    int n = list_fewer(s, &from, most, n_start, start, job);
    if (!n) break;
    PetscCall(do_jobs(s, n, job, n_thread, r));
    from = *best_job(s, n, job);
    most = parts_contacts(&from.parts, s->lead->n_contacts);
    if (from.value >= needed) fewest = from, fewest_contacts = most;
    if (most > 4 || most < 2 || from.value >= needed) continue;
    snprintf(why, sizeof why, "%d contacts", most);
    PetscCall(keep(s, &from, why, r));
  }
  if (fewest_contacts == r->found[0].contacts) return 0;
  snprintf(why, sizeof why, "%d contact%s", fewest_contacts, fewest_contacts > 1 ? "s" : "");
  r->fewest = r->n;
  return keep(s, &fewest, why, r);
}

PetscErrorCode search_run(const Search *s, int n_start, const double *const *start, int n_thread, SearchResult **out)
{
  Job best = {.most = 0};
  PetscCheck(s->lead->n_contacts + 2 < ELECTRODES_MAX && s->goal->n_root <= 256, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "search: found %d contacts and %d roots, expected at most %d and 256", s->lead->n_contacts,
             s->goal->n_root, ELECTRODES_MAX - 3);
  PetscCheck(n_start > 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "search: found no set to start from");
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = mem_alloc(2 + FRONTS + ELECTRODES_MAX, sizeof *(*out)->found, &(*out)->found);
  if (!ierr) ierr = find_best(s, n_start, start, n_thread, *out, &best);
  if (!ierr) ierr = find_front(s, &best, n_thread, *out);
  if (!ierr) ierr = find_fewer(s, &best, n_start, start, n_thread, *out);
  if (ierr) search_result_destroy(out);
  return ierr;
}
