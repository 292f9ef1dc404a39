/* The search: starts, relaxed and climbed in parallel; then the front of activation against spill, and ever fewer
 * contacts; then what a device with steps can do of it. */
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
  int steps;       /* above 0: of a device's current, at whose multiple only_mA the set is to be; else the search's */
  double only_mA;
  bool as_it_is; /* not climbed */
  double value;
  int64_t looked_at;
} Job;

typedef struct {
  const Search *s;
  Job *job;
} Jobs;

/* ---- one job -------------------------------------------------------------------------------------------------------- */

static Search search_of(const Search *s, const Job *j)
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

/* A contact goes; the case takes its parts. Signs are no parts. */
static void leave_out(const Search *s, int contact, Parts *p)
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
    leave_out(s, least, p);
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

static void climb_and_kick(Climber *c, Job *j, uint64_t stream)
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
  Job *j = &jobs->job[i];
  const Search own = search_of(jobs->s, j);
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
  const Search own = search_of(s, j);
  Climber c;
  Found *f = &r->found[r->n];
  int n = s->lead->n_contacts;
  PetscCall(mem_alloc((size_t)n + 1, sizeof *f->fraction, &f->fraction));
  r->n++;
  snprintf(f->why, sizeof f->why, "%s", why);
  PetscCall(climb_shares(&own, &j->parts, f->fraction));
  f->contacts = parts_contacts(&j->parts, n), f->wired = s->wired;
  PetscErrorCode ierr = climber_create(&own, &c);
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
      if (k && (i >= 3 || s->wired)) continue;
      Job *j = &job[n++];
      *j = (Job){.aim = {0.0}, .most = s->most_contacts, .relax_mu = k ? relax_mu[k - 1] : 0.0, .kicks = KICKS};
      climb_parts(s, start[i], &j->parts);
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
    leave_out(s, i, &j.parts);
    if (parts_drive(s, &j.parts)) job[n++] = j;
  }
  for (int i = 0, taken = 0; i < n_start && taken < 3; i++) {
    Job j = {.most = most, .kicks = 2};
    climb_parts(s, start[i], &j.parts);
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

/* ---- on a device's steps -------------------------------------------------------------------------------------------- */

/* About the amplitude found: the full model's best lies some percent beside the predictor's. There the shares stay; at the
 * amplitude itself single steps of current are exchanged. */
static const double beside[] = {1.0, 0.98, 1.02, 0.96, 1.04, 0.94, 1.06};
enum { BESIDE = sizeof beside / sizeof *beside, BESIDE_OTHERS = 3 };

static int list_on_steps(const Search *s, const Found *f, int n_beside, Job *job)
{
  const double step_mA = s->c->limits.step_mA;
  int n = 0;
  for (int i = 0; i < n_beside; i++) {
    Job j = {.most = f->contacts, .steps = (int)lround(beside[i] * f->at_mA / step_mA), .as_it_is = i > 0};
    j.only_mA = j.steps * step_mA;
    bool known = j.steps < 1;
    for (int k = 0; k < n; k++) known = known || job[k].steps == j.steps;
    if (known) continue;
    parts_from(f->fraction, s->lead->n_contacts + 1, j.steps, &j.parts);
    job[n++] = j;
  }
  return n;
}

static PetscErrorCode keep_on_steps(const Search *s, const Found *f, int n_beside, int n_thread, SearchResult *r)
{
  Job job[BESIDE];
  char why[32];
  int n = list_on_steps(s, f, n_beside, job);
  PetscCall(do_jobs(s, n, job, n_thread, r));
  const Job *best = n ? best_job(s, n, job) : NULL;
  for (int first = 1; first >= 0; first--) /* the best of them comes first */
    for (int i = 0; i < n; i++) {
      if ((&job[i] == best) != first || !isfinite(job[i].value)) continue;
      snprintf(why, sizeof why, "%.12s at %.4g mA", f->why, job[i].only_mA);
      PetscCall(keep(s, &job[i], why, r));
    }
  return 0;
}

/* What was found makes room for what the device can do of it. */
static PetscErrorCode bring_onto_steps(const Search *s, int n_thread, SearchResult *r)
{
  SearchResult was = *r;
  *r = (SearchResult){.looked_at = was.looked_at};
  PetscErrorCode ierr = mem_alloc((size_t)was.n * BESIDE + 1, sizeof *r->found, &r->found);
  for (int i = 0; i < was.n && !ierr; i++) {
    bool wanted = i == 0 || i == was.fewest;
    if (i == was.fewest) r->fewest = r->n;
    ierr = keep_on_steps(s, &was.found[i], wanted ? BESIDE : BESIDE_OTHERS, n_thread, r);
  }
  for (int i = 0; i < was.n; i++) free(was.found[i].fraction);
  free(was.found);
  PetscCheck(ierr || r->n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "search: nothing of what was found can be driven in the device's steps of %g mA", s->c->limits.step_mA);
  if (r->fewest >= r->n) r->fewest = 0;
  return ierr;
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
  if (!ierr && s->c->limits.step_mA > 0.0 && !s->wired) ierr = bring_onto_steps(s, n_thread, *out);
  if (ierr) search_result_destroy(out);
  return ierr;
}
