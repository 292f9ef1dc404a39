/* The search: starts, relaxed and climbed in parallel; then the front of activation against spill, and ever fewer
 * contacts; then what a device with steps can do of it. */
#include "search_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double front_mu[] = {0.25, 0.5, 2.0, 4.0, 8.0}; /* 1 is the selectivity */
static const double relax_mu[] = {0.5, 1.0, 3.0};
static const double near_enough = 0.95;
enum { FRONTS = 5, RELAXES = 3, KICKS = 6, FROM_STARTS = 6 };

/* ---- what is found -------------------------------------------------------------------------------------------------- */

static PetscErrorCode keep(const Search *s, const SearchJob *j, const char *why, SearchResult *r)
{
  const Search own = search_of_job(s, j);
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
                                SearchJob *best)
{
  SearchJob job[FROM_STARTS * (1 + RELAXES)];
  int n = 0, used = n_start < FROM_STARTS ? n_start : FROM_STARTS;
  for (int i = 0; i < used; i++)
    for (int k = 0; k <= RELAXES; k++) {
      if (k && (i >= 3 || s->wired)) continue;
      SearchJob *j = &job[n++];
      *j = (SearchJob){.aim = {0.0}, .most = s->most_contacts, .relax_mu = k ? relax_mu[k - 1] : 0.0, .kicks = KICKS};
      climb_parts(s, start[i], &j->parts);
    }
  PetscCall(search_do_jobs(s, n, job, n_thread, r));
  *best = *search_best_job(s, n, job);
  return keep(s, best, "predicted", r);
}

static PetscErrorCode find_front(const Search *s, const SearchJob *best, int n_thread, SearchResult *r)
{
  SearchJob job[FRONTS];
  char why[32];
  for (int i = 0; i < FRONTS; i++) {
    job[i] = *best;
    job[i].aim.mu = front_mu[i], job[i].relax_mu = 0.0;
  }
  PetscCall(search_do_jobs(s, FRONTS, job, n_thread, r));
  for (int i = 0; i < FRONTS; i++) {
    snprintf(why, sizeof why, "front %g", front_mu[i]);
    PetscCall(keep(s, &job[i], why, r));
  }
  return 0;
}

/* Every way to do without one of the contacts: its parts go to the case. And the starts that have few enough. */
static int list_fewer(const Search *s, const SearchJob *from, int most, int n_start, const double *const *start,
                      SearchJob *job)
{
  int n = 0, n_contact = s->lead->n_contacts;
  for (int i = 0; i < n_contact; i++) {
    if (!from->parts.part[i]) continue;
    SearchJob j = {.parts = from->parts, .most = most, .kicks = 2};
    search_leave_out(s, i, &j.parts);
    if (parts_drive(s, &j.parts)) job[n++] = j;
  }
  for (int i = 0, taken = 0; i < n_start && taken < 3; i++) {
    SearchJob j = {.most = most, .kicks = 2};
    climb_parts(s, start[i], &j.parts);
    if (parts_contacts(&j.parts, n_contact) <= most) job[n++] = j, taken++;
  }
  return n;
}

/* Kept: the best of two, three and four contacts, and the fewest that come near enough. */
static PetscErrorCode find_fewer(const Search *s, const SearchJob *best, int n_start, const double *const *start,
                                 int n_thread, SearchResult *r)
{
  SearchJob job[ELECTRODES_MAX + 3], from = *best, fewest = *best;
  double needed = near_enough * r->found[0].score;
  int fewest_contacts = r->found[0].contacts;
  char why[32];
  for (int most = r->found[0].contacts - 1; most >= 1; most--) {
    int n = list_fewer(s, &from, most, n_start, start, job);
    if (!n) break;
    PetscCall(search_do_jobs(s, n, job, n_thread, r));
    from = *search_best_job(s, n, job);
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

static int list_on_steps(const Search *s, const Found *f, int n_beside, SearchJob *job)
{
  const double step_mA = s->c->limits.step_mA;
  int n = 0;
  for (int i = 0; i < n_beside; i++) {
    SearchJob j = {.most = f->contacts, .steps = (int)lround(beside[i] * f->at_mA / step_mA), .as_it_is = i > 0};
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
  SearchJob job[BESIDE];
  char why[32];
  int n = list_on_steps(s, f, n_beside, job);
  PetscCall(search_do_jobs(s, n, job, n_thread, r));
  const SearchJob *best = n ? search_best_job(s, n, job) : NULL;
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
  SearchJob best = {.most = 0};
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
