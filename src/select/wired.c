/* Climbing for devices with one source: contacts of one sign are wired together and split the current by impedance, so a
 * set is a sign for each electrode. A step gives one electrode another sign, or two electrodes each other's. */
#include "climb.h"

#include <math.h>

static const double gain_least = 1e-9;

static void keep(const Search *s, int most, const Parts *p, int *n, Parts *all)
{
  if (parts_drive(s, p) && parts_contacts(p, s->lead->n_contacts) <= most) all[(*n)++] = *p;
}

static int list_neighbours(const Search *s, int most, const Parts *p, Parts *all)
{
  int n = 0, n_electrode = s->lead->n_contacts + 1;
  for (int i = 0; i < n_electrode; i++)
    for (int turn = 1; turn < 3; turn++) {
      Parts other = *p;
      other.part[i] = (p->part[i] + 1 + turn) % 3 - 1;
      keep(s, most, &other, &n, all);
    }
  for (int i = 0; i < n_electrode; i++)
    for (int k = 0; k < i; k++) {
      Parts other = *p;
      other.part[i] = p->part[k], other.part[k] = p->part[i];
      if (p->part[i] != p->part[k]) keep(s, most, &other, &n, all);
    }
  return n;
}

/* Values of some sets; the best of them, if it is above *value. */
static const Parts *best_of(Climber *c, Aim aim, int n, const Parts *all, double *value)
{
  SparseSet set[CLIMB_BATCH];
  double fraction[CLIMB_BATCH][ELECTRODES_MAX];
  const Search *s = c->s;
  const Parts *best = NULL;
  int n_fiber = screen_fibers(c->screen);
  for (int i = 0; i < n; i++) {
    if (climb_shares(s, &all[i], fraction[i])) return NULL;
    if (!sparse_set(s->lead->n_contacts, fraction[i], &set[i])) return NULL;
  }
  screen_sets(c->screen, SCREEN_BEST, n, set, c->threshold);
  for (int i = 0; i < n; i++) {
    double v = climb_value_of(c, aim, c->threshold + (size_t)i * (size_t)n_fiber, fraction[i]);
    if (v > *value) *value = v, best = &all[i];
  }
  return best;
}

static bool step_up(Climber *c, Aim aim, int most, Parts *neighbour, Parts *p, double *value)
{
  const Parts *chosen = NULL;
  double best = *value + gain_least;
  int n = list_neighbours(c->s, most, p, neighbour);
  for (int first = 0; first < n; first += CLIMB_BATCH) {
    const Parts *found = best_of(c, aim, n - first < CLIMB_BATCH ? n - first : CLIMB_BATCH, neighbour + first, &best);
    if (found) chosen = found;
  }
  if (!chosen) return false;
  *p = *chosen, *value = best;
  return true;
}

double climb_wired(Climber *c, Aim aim, int most, Parts *p)
{
  enum { STEPS_MAX = 100 };
  double value = climb_value(c, aim, p);
  for (int i = 0; i < STEPS_MAX && !signal_pending(); i++)
    if (!step_up(c, aim, most, c->neighbour, p, &value)) break;
  return value;
}
