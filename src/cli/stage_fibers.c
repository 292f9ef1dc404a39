/* fibers: the fibres of all roots, and the amplitude at which each fires in each set. */
#include "adapt.h"
#include "outputs.h"
#include "root_errors.h"
#include "stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double set_width_us(const Work *w, const SetTable *sets, int set)
{
  double own = sets->set[set].width_us;
  return own > 0.0 ? own : w->c->pulse.width_us;
}

static PetscErrorCode table_create(Work *w, const SetTable *sets, ThresholdTable **out)
{
  const FiberSet *fibers = w->fibers;
  const FiberPopulations *p = w->populations;
  PetscCall(thresholds_create(sets->n_set, fibers->n_fiber, fibers->n_root, p->n_classes, out));
  ThresholdTable *t = *out;
  snprintf(t->tier, sizeof t->tier, "%s", w->c->fibers.model);
  for (int s = 0; s < t->n_set; s++) snprintf(t->set[s], sizeof t->set[s], "%s", sets->set[s].name);
  for (int r = 0; r < t->n_root; r++) snprintf(t->root[r], sizeof t->root[r], "%s", fibers->root_name[r]);
  for (int c = 0; c < t->n_class; c++) snprintf(t->fiber_class[c], sizeof t->fiber_class[c], "%s", p->classes[c].name);
  for (int i = 0; i < t->n_fiber; i++) {
    const FiberPath *f = &fibers->fiber[i];
    t->fiber_root[i] = f->root;
    t->fiber_class_of[i] = f->fiber_class;
    t->diameter_um[i] = f->diameter_um;
  }
  return 0;
}

/* The curves end where the first contact of the most spread set would reach its limit. */
static double largest_amplitude_mA(const Work *w, const SetTable *sets)
{
  double spread = 0.0;
  for (int s = 0; s < sets->n_set; s++) {
    double most = 0.0;
    for (int i = 0; i < sets->n_contact; i++) most = fmax(most, fabs(sets->set[s].fraction[i]));
    if (most > 0.0) spread = fmax(spread, 1.0 / most);
  }
  return w->c->limits.contact_mA * fmax(spread, 1.0);
}

static void table_fill_set(const FiberResponse *r, const double *fraction, int set, ThresholdTable *t)
{
  for (int i = 0; i < t->n_fiber; i++) {
    size_t k = (size_t)set * (size_t)t->n_fiber + (size_t)i;
    double unused;
    t->threshold_linear_mA[k] = t->threshold_mA[k] = fiber_threshold(r, i, fraction, &t->site_s_mm[k]);
    t->threshold_af_mA[k] = fiber_threshold_af(r, i, fraction, &unused);
  }
}

/* The cable model for those sets that have pulses of one width. */
static PetscErrorCode table_activate(const Work *w, const SetTable *sets, const FiberResponse *r, double width_us,
                                     RanksMeanwhile meanwhile, ThresholdTable *t)
{
  const double **fraction;
  int n = 0;
  PetscCall(mem_alloc((size_t)t->n_set, 3 * sizeof *fraction, &fraction));
  double **threshold_mA = (double **)(fraction + t->n_set), **site_s = threshold_mA + t->n_set;
  for (int s = 0; s < t->n_set; s++) {
    if (set_width_us(w, sets, s) != width_us) continue;
    fraction[n] = sets->set[s].fraction;
    threshold_mA[n] = t->threshold_mA + (size_t)s * (size_t)t->n_fiber;
    site_s[n++] = t->site_s_mm + (size_t)s * (size_t)t->n_fiber;
  }
  const FiberSets same = {n, fraction, width_us, 2.0 * largest_amplitude_mA(w, sets)};
  PetscErrorCode ierr = ranks_activate(&w->shared, r, &same, meanwhile, threshold_mA, site_s);
  free(fraction);
  return ierr;
}

static void table_name_sites(const Work *w, int set, ThresholdTable *t)
{
  for (int i = 0; i < t->n_fiber; i++) {
    size_t k = (size_t)set * (size_t)t->n_fiber + (size_t)i;
    t->site[k] = fiber_site(&w->fibers->fiber[i], t->site_s_mm[k]);
  }
}

/* What is to be made of a set's pulse. */
typedef struct {
  bool full, errors;
} Wanted;

/* The errors of roots, which the predictor's thresholds are enough for. */
typedef struct {
  Work *work;
  const FiberResponse *response;
  double width_us;
} Errors;

static PetscErrorCode find_errors(void *context)
{
  const Errors *e = context;
  return root_errors(e->work, e->response, e->width_us);
}

static PetscErrorCode table_fill_width(Work *w, const SetTable *sets, double width_us, Wanted wanted, ThresholdTable *t)
{
  const FiberResponse *r;
  PetscCall(work_response(w, width_us, &r));
  for (int s = 0; s < sets->n_set; s++)
    if (set_width_us(w, sets, s) == width_us) table_fill_set(r, sets->set[s].fraction, s, t);
  Errors errors = {w, r, width_us};
  RanksMeanwhile meanwhile = {wanted.errors && !w->n_error ? find_errors : NULL, &errors};
  if (wanted.full && strcmp(w->c->fibers.model, "linear"))
    PetscCall(table_activate(w, sets, r, width_us, meanwhile, t));
  else if (meanwhile.work)
    PetscCall(find_errors(&errors));
  for (int s = 0; s < sets->n_set; s++)
    if (set_width_us(w, sets, s) == width_us) table_name_sites(w, s, t);
  return 0;
}

/* The response is the same for all sets of one pulse width: one response a width. */
static PetscErrorCode table_fill(Work *w, const SetTable *sets, Wanted wanted, ThresholdTable *t)
{
  for (int s = 0; s < sets->n_set; s++) {
    double width_us = set_width_us(w, sets, s);
    bool done = false;
    for (int before = 0; before < s; before++) done = done || set_width_us(w, sets, before) == width_us;
    if (!done) PetscCall(table_fill_width(w, sets, width_us, wanted, t));
  }
  return 0;
}

PetscErrorCode thresholds_make(Work *w, bool full, bool errors)
{
  thresholds_destroy(&w->thresholds);
  if (errors) w->n_error = 0;
  PetscCall(table_create(w, w->sets, &w->thresholds));
  return table_fill(w, w->sets, (Wanted){full, errors}, w->thresholds);
}

PetscErrorCode thresholds_of_sets(Work *w, const SetTable *sets, ThresholdTable **out)
{
  PetscErrorCode ierr = table_create(w, sets, out);
  if (!ierr) ierr = table_fill(w, sets, (Wanted){.full = true}, *out);
  if (ierr) thresholds_destroy(out);
  return ierr;
}

static PetscErrorCode write_tables(const Work *w, const Goal *muscles)
{
  char path[CAUDA_PATH_MAX];
  double largest_mA = largest_amplitude_mA(w, w->sets);
  PetscCall(work_path(w, "thresholds.csv", path));
  PetscCall(threshold_levels_write_csv(w->thresholds, muscles, largest_mA, path));
  PetscCall(work_path(w, "recruitment.csv", path));
  return recruitment_write_csv(w->thresholds, muscles, largest_mA, path);
}

static PetscErrorCode write_files(Work *w)
{
  char path[CAUDA_PATH_MAX];
  const CaseRank *rank = w->c->rank;
  const ThresholdTable *t = w->thresholds;
  Goal *muscles = NULL;
  if (rank && rank->muscles) PetscCall(goal_create(rank, w->c->folder, t->n_root, t->root, &muscles));
  PetscErrorCode ierr = write_tables(w, muscles);
  goal_destroy(&muscles);
  PetscCall(ierr);
  PetscCall(work_path(w, "fiber_thresholds.csv", path));
  PetscCall(thresholds_write(w->thresholds, path));
  PetscCall(work_path(w, "fibers.vtp", path));
  PetscCall(fibers_write_vtp(w->fibers, w->thresholds, path));
  return 0;
}

PetscErrorCode stage_fibers(Work *w)
{
  PetscCall(work_need_sets(w, "the fibers stage"));
  PetscCall(work_fibers(w));
  PetscCall(work_mesh(w));
  PetscCall(work_field(w));
  if (w->c->field.error > 0.0) PetscCall(adapt(w));
  PetscCall(thresholds_make(w, true, !(w->c->field.error > 0.0)));
  PetscCall(write_files(w));
  PetscCall(report_set_fibers(w->report, w->thresholds));
  return 0;
}
