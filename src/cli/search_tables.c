/* What a search tells: each target's answer in words, the rankings, the programme of sets to take, and the front of activation
 * against spill. */
#include "search_task.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- the front ----------------------------------------------------------------------------------------------------------- */

typedef struct {
  double target, spill, at_mA;
  int set;
} Point;

static int by_activation(const void *pa, const void *pb)
{
  const Point *a = pa, *b = pb;
  if (a->target != b->target) return a->target > b->target ? -1 : 1;
  if (a->spill != b->spill) return a->spill < b->spill ? -1 : 1;
  return a->set - b->set;
}

/* All amplitudes of all the target's sets within the limits. */
static PetscErrorCode list_points(const SearchTask *t, const SearchTarget *g, Point **out, int *count)
{
  const ThresholdTable *v = t->thresholds;
  Scorer *s;
  *count = 0;
  PetscCall(scorer_create(g->goal, v->n_fiber, v->fiber_root, &s));
  PetscErrorCode ierr = mem_alloc((size_t)g->n * (size_t)v->n_fiber, sizeof **out, out);
  for (int i = 0; i < g->n && !ierr; i++) {
    Reach r;
    const StimulationSet *set = &t->sets->set[g->first + i];
    set_reach(&t->w->c->limits, t->w->lead, set->fraction, t->width_us, t->w->field->impedance, &r);
    scorer_take(s, v->threshold_mA + (size_t)(g->first + i) * (size_t)v->n_fiber,
                (Amplitudes){fmin(r.largest_mA, 1e3),
                             set_step_mA(&t->w->c->limits, t->w->lead->n_contacts, set, r.largest_mA)});
    Point p = {.set = g->first + i};
    int n_at = scorer_curve(s, 0, &p.at_mA, &p.target, &p.spill);
    for (int k = 0; k < n_at; k++) {
      scorer_curve(s, k, &p.at_mA, &p.target, &p.spill);
      (*out)[(*count)++] = p;
    }
  }
  scorer_destroy(&s);
  return ierr;
}

static PetscErrorCode put_front(const SearchTask *t, const SearchTarget *g, FILE *f)
{
  Point *p = NULL;
  int n;
  double least = HUGE_VAL;
  PetscErrorCode ierr = list_points(t, g, &p, &n);
  if (!ierr) qsort(p, (size_t)n, sizeof *p, by_activation);
  for (int i = 0; i < n && !ierr; i++) {
    if (p[i].spill >= least - 1e-12) continue;
    least = p[i].spill;
    fprintf(f, "%s,%s,%.6g,%.6g,%.6g\n", g->goal->label, t->sets->set[p[i].set].name, p[i].at_mA, p[i].target,
            p[i].spill);
  }
  free(p);
  return ierr;
}

static PetscErrorCode put_fronts(const void *what, FILE *s)
{
  const SearchTask *t = what;
  fputs("target,set,amplitude_mA,target_recruited,spill\n", s);
  for (int i = 0; i < t->n_target; i++) PetscCall(put_front(t, &t->target[i], s));
  return 0;
}

static PetscErrorCode write_fronts(const SearchTask *t)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(t->w, "pareto.csv", path));
  return file_write(path, put_fronts, t);
}

/* ---- answers ------------------------------------------------------------------------------------------------------------- */

static const StimulationSet *set_of(const SearchTask *t, const SearchTarget *g, const RankRow *row)
{
  return &t->sets->set[g->first + row->set];
}

static int contacts_of(const SearchTask *t, const SearchTarget *g, const RankRow *row)
{
  int n = 0;
  for (int c = 0; c < t->sets->n_contact; c++) n += set_of(t, g, row)->fraction[c] != 0.0;
  return n;
}

/* The best row of the simple sets (NULL: none), and the first row of fewest contacts within 5 % of the best. */
static void pick(const SearchTask *t, const SearchTarget *g, const RankRow **simple, const RankRow **fewest)
{
  const Ranking *r = g->ranking;
  *simple = NULL, *fewest = &r->row[0];
  for (int i = 0; i < r->n; i++) {
    const RankRow *row = &r->row[i];
    if (row->limit[0]) continue;
    if (!*simple && row->set >= g->n_found) *simple = row;
    if (row->score >= 0.95 * r->row[0].score && contacts_of(t, g, row) < contacts_of(t, g, *fewest)) *fewest = row;
  }
}

typedef struct {
  char text[2048];
  size_t used;
} Words;

static void add(Words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(Words *w, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  int n = vsnprintf(w->text + w->used, sizeof w->text - w->used, format, list);
  va_end(list);
  if (n > 0) w->used += (size_t)n < sizeof w->text - w->used ? (size_t)n : sizeof w->text - w->used - 1;
}

PetscErrorCode search_answer(SearchTask *t, const SearchTarget *g)
{
  const Ranking *r = g->ranking;
  const RankRow *best = &r->row[0], *simple, *fewest;
  const LeadModel *lead = t->w->lead;
  char shares[CAUDA_NAME_MAX];
  Words w = {.used = 0};
  rank_sentence(r, w.text, sizeof w.text);
  w.used = strlen(w.text);
  pick(t, g, &simple, &fewest);
  if (r->reached || isfinite(best->target_threshold_mA)) {
    set_name(lead, set_of(t, g, best)->fraction, shares);
    add(&w, " %s shares: %s.", r->reached ? "Its" : r->set[best->set], shares);
  }
  if (r->reached && simple) {
    set_name(lead, set_of(t, g, simple)->fraction, shares);
    add(&w, " The best simple set, %s, has %.3f: the search gains %.3f.", shares, simple->score,
        best->score - simple->score);
  }
  if (r->reached && contacts_of(t, g, fewest) < contacts_of(t, g, best))
    add(&w, " With %d contacts instead of %d it is %.3f (%s).", contacts_of(t, g, fewest), contacts_of(t, g, best),
        fewest->score, r->set[fewest->set]);
  return report_add_search(t->w->report, r, simple ? r->set[simple->set] : NULL, simple ? simple->score : NAN,
                           r->set[fewest->set], w.text);
}

static PetscErrorCode write_programme(SearchTask *t)
{
  char path[CAUDA_PATH_MAX];
  const char *contact[SET_CONTACTS_MAX];
  SetTable chosen = {.n_contact = t->sets->n_contact};
  PetscCall(work_path(t->w, "search_sets.csv", path));
  PetscCall(mem_alloc(2 * (size_t)t->n_target, sizeof *chosen.set, &chosen.set));
  for (int i = 0; i < t->sets->n_contact; i++) contact[i] = t->w->lead->contacts[i].name;
  for (int i = 0; i < t->n_target; i++) {
    const RankRow *simple, *row[2];
    const SearchTarget *g = &t->target[i];
    row[0] = &g->ranking->row[0];
    pick(t, g, &simple, &row[1]);
    for (int k = 0; k < 2 && (!k || row[1] != row[0]); k++) {
      StimulationSet *s = &chosen.set[chosen.n_set++];
      *s = *set_of(t, g, row[k]);
      s->amplitude_mA = row[k]->score_at_mA;
    }
  }
  PetscErrorCode ierr = sets_write(&chosen, contact, path);
  free(chosen.set);
  return ierr;
}

static PetscErrorCode write_rankings(SearchTask *t)
{
  char path[CAUDA_PATH_MAX];
  const Ranking **all;
  PetscCall(work_path(t->w, "search.csv", path));
  PetscCall(mem_alloc((size_t)t->n_target, sizeof *all, &all));
  for (int i = 0; i < t->n_target; i++) all[i] = t->target[i].ranking;
  PetscErrorCode ierr = rankings_write_csv(t->n_target, all, path);
  free(all);
  return ierr;
}

PetscErrorCode search_write(SearchTask *t)
{
  PetscCall(write_rankings(t));
  PetscCall(write_programme(t));
  return write_fronts(t);
}
