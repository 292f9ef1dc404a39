/* Coefficients of variation between sessions and sites. */
#include "seg_variation.h"

#include <math.h>
#include <string.h>

typedef struct {
  const SegPairs *p;
  const char *label;
  bool second, area;
} Quantity;

/* The quantity in one pair; NAN where the label is not there. */
static double value_of(const Quantity *q, int pair)
{
  const SegComparison *c = q->p->pair[pair].measures;
  for (int l = 0; l < c->n_label; l++) {
    const SegMeasure *m = &c->label[l];
    if (strcmp(m->name, q->label)) continue;
    if (!(q->second ? m->n_b : m->n_a)) return NAN;
    if (q->area) return q->second ? m->area_mean_b_mm2 : m->area_mean_a_mm2;
    return q->second ? m->volume_b_mm3 : m->volume_a_mm3;
  }
  return NAN;
}

/* Running mean and sum of squares. Source: Welford, Technometrics 4 (1962) 419. */
typedef struct {
  int n;
  double mean, squares;
} Spread;

static void add(Spread *s, double value)
{
  if (isnan(value)) return;
  const double off = value - s->mean;
  s->mean += off / ++s->n;
  s->squares += off * (value - s->mean);
}

static double percent(const Spread *s) { return s->n > 1 ? 100.0 * sqrt(s->squares / (s->n - 1)) / s->mean : NAN; }

static Spread of_subject(const Quantity *q, const char *subject)
{
  Spread s = {0, 0.0, 0.0};
  for (int i = 0; i < q->p->n; i++)
    if (!strcmp(q->p->pair[i].subject, subject)) add(&s, value_of(q, i));
  return s;
}

static Spread of_site(const Quantity *q, const char *site)
{
  Spread s = {0, 0.0, 0.0};
  for (int i = 0; i < q->p->n; i++)
    if (!strcmp(q->p->pair[i].site, site)) add(&s, value_of(q, i));
  return s;
}

static bool first_of_subject(const SegPairs *p, int i)
{
  for (int j = 0; j < i; j++)
    if (!strcmp(p->pair[j].subject, p->pair[i].subject)) return false;
  return true;
}

static bool first_of_site(const SegPairs *p, int i)
{
  for (int j = 0; j < i; j++)
    if (!strcmp(p->pair[j].site, p->pair[i].site)) return false;
  return p->pair[i].site[0] != 0;
}

SegVariation seg_variation(const SegPairs *p, const char *label, bool second, bool area)
{
  const Quantity q = {p, label, second, area};
  SegVariation v = {0, 0.0, 0, NAN};
  Spread sites = {0, 0.0, 0.0};
  for (int i = 0; i < p->n; i++) {
    if (first_of_subject(p, i)) {
      const Spread s = of_subject(&q, p->pair[i].subject);
      if (s.n > 1) v.n_subject++, v.sessions_percent += percent(&s);
    }
    if (!first_of_site(p, i)) continue;
    const Spread s = of_site(&q, p->pair[i].site);
    if (s.n) add(&sites, s.mean);
  }
  v.sessions_percent = v.n_subject ? v.sessions_percent / v.n_subject : NAN;
  v.n_site = sites.n;
  v.sites_percent = percent(&sites);
  return v;
}
