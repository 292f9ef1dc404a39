/* Exchanges of current between two electrodes of one sign (or one of them without current), by one part, a few, or all of
 * what there is, as long as the best of them gains. All of a step's neighbours are screened at once: they differ from the
 * set at hand in two electrodes. */
#include "climb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double gain_least = 1e-9;

typedef struct {
  int from, to, parts; /* |parts| of current are taken from one and given to the other */
} Move;

PetscErrorCode climber_create(const Search *s, Climber *c)
{
  *c = (Climber){.s = s};
  int n_fiber = screen_fibers(s->screen);
  PetscCall(screen_copy(s->screen, &c->screen));
  PetscCall(scorer_create(s->goal, n_fiber, s->fiber_root, &c->scorer));
  if (s->wired) PetscCall(mem_alloc(NEIGHBOURS_MAX, sizeof *c->neighbour, &c->neighbour));
  return mem_alloc((size_t)n_fiber * CLIMB_BATCH, sizeof *c->threshold, &c->threshold);
}

void climber_free(Climber *c)
{
  screen_destroy(&c->screen);
  scorer_destroy(&c->scorer);
  free(c->threshold), free(c->neighbour);
  c->threshold = NULL, c->neighbour = NULL;
}

/* ---- parts ------------------------------------------------------------------------------------------------------------ */

/* One sign: rounded down, then those that lost most get what is missing. */
static void round_side(const double *fraction, int n, int steps, int sign, int *part)
{
  double left[ELECTRODES_MAX], sum = 0.0;
  int missing = steps;
  for (int i = 0; i < n; i++) sum += fmax(0.0, sign * fraction[i]);
  for (int i = 0; i < n; i++) {
    double exact = sum > 0.0 ? fmax(0.0, sign * fraction[i]) / sum * steps : 0.0;
    int whole = (int)floor(exact + 1e-9);
    left[i] = exact - whole;
    if (whole) part[i] = sign * whole;
    missing -= whole;
  }
  for (; missing > 0; missing--) {
    int most = -1;
    for (int i = 0; i < n; i++)
      if (part[i] * sign >= 0 && (most < 0 || left[i] > left[most] + 1e-12)) most = i;
    part[most] += sign, left[most] -= 1.0;
  }
}

void parts_from(const double *fraction, int n_electrode, int steps, Parts *p)
{
  memset(p, 0, sizeof *p);
  round_side(fraction, n_electrode, steps, -1, p->part);
  round_side(fraction, n_electrode, steps, 1, p->part);
}

void parts_shares(const Parts *p, int n_electrode, int steps, double *fraction)
{
  for (int i = 0; i < n_electrode; i++) fraction[i] = (double)p->part[i] / steps;
}

int parts_contacts(const Parts *p, int n_contact)
{
  int n = 0;
  for (int i = 0; i < n_contact; i++) n += p->part[i] != 0;
  return n;
}

static int side_sum(const Parts *p, int n, int sign)
{
  int sum = 0;
  for (int i = 0; i < n; i++)
    if (p->part[i] * sign > 0) sum += abs(p->part[i]);
  return sum;
}

bool parts_drive(const Search *s, const Parts *p)
{
  int n = s->lead->n_contacts + 1, cathodic = side_sum(p, n, -1), anodic = side_sum(p, n, 1);
  return s->wired ? cathodic > 0 && anodic > 0 : cathodic == s->steps && anodic == s->steps;
}

void climb_parts(const Search *s, const double *fraction, Parts *p)
{
  int n = s->lead->n_contacts + 1;
  if (!s->wired) {
    parts_from(fraction, n, s->steps, p);
    return;
  }
  memset(p, 0, sizeof *p);
  for (int i = 0; i < n; i++) p->part[i] = (fraction[i] > 0.0) - (fraction[i] < 0.0);
}

PetscErrorCode climb_shares(const Search *s, const Parts *p, double *fraction)
{
  parts_shares(p, s->lead->n_contacts + 1, s->wired ? 1 : s->steps, fraction);
  return s->wired ? single_source_shares(s->lead->n_contacts, s->impedance_ohm, fraction) : 0;
}

/* ---- moves ------------------------------------------------------------------------------------------------------------ */

static void apply(const Move *m, Parts *p) { p->part[m->from] -= m->parts, p->part[m->to] += m->parts; }

static int list_moves(const Search *s, const Parts *p, int most, Move *move)
{
  static const int sizes[] = {1, 2, 4, 1000000};
  int n = s->lead->n_contacts + 1, count = 0;
  for (int from = 0; from < n; from++)
    for (int to = 0; to < n; to++)
      for (int k = 0; k < 4 && p->part[from]; k++) {
        int have = abs(p->part[from]), sign = p->part[from] < 0 ? -1 : 1, parts = sizes[k] < have ? sizes[k] : have;
        if (to == from || p->part[to] * sign < 0 || (k && parts == (sizes[k - 1] < have ? sizes[k - 1] : have)))
          continue;
        Move m = {from, to, sign * parts};
        Parts after = *p;
        apply(&m, &after);
        if (parts_contacts(&after, n - 1) <= most) move[count++] = m;
      }
  return count;
}

/* ---- values ----------------------------------------------------------------------------------------------------------- */

/* The amplitudes that limits and device allow; none for what the device cannot do. */
static Amplitudes allowed(const Search *s, const double *fraction)
{
  Reach r;
  char words[96];
  double shares[ELECTRODES_MAX];
  memcpy(shares, fraction, (size_t)(s->lead->n_contacts + 1) * sizeof *shares);
  StimulationSet set = {.fraction = shares, .control = s->wired ? SET_SINGLE_SOURCE : SET_CURRENT};
  if (set_impossible(&s->c->limits, s->lead->n_contacts, &set, s->width_us, words)) return (Amplitudes){0.0, 0.0};
  set_reach(&s->c->limits, s->lead, fraction, s->width_us, s->impedance_ohm, &r);
  double largest = fmin(r.largest_mA, s->largest_mA);
  if (s->only_mA <= 0.0) return (Amplitudes){largest, s->wired ? s->c->limits.step_mA : 0.0};
  return (Amplitudes){s->only_mA <= largest * (1.0 + 1e-9) ? s->only_mA : 0.0, s->only_mA};
}

double climb_value_of(Climber *c, Aim aim, const double *threshold, const double *fraction)
{
  Amplitudes a = allowed(c->s, fraction);
  c->looked_at++;
  if (a.largest_mA <= 0.0) return -HUGE_VAL;
  scorer_take(c->scorer, threshold, a);
  Score best = aim.mu > 0.0 ? scorer_tradeoff(c->scorer, aim.mu) : scorer_best(c->scorer, c->s->score);
  return best.at_mA > 0.0 ? best.value : best.value - 1.0 + scorer_nearness(c->scorer, a.largest_mA);
}

double climb_value(Climber *c, Aim aim, const Parts *p)
{
  double fraction[ELECTRODES_MAX];
  SparseSet set;
  if (climb_shares(c->s, p, fraction)) return -HUGE_VAL;
  if (!sparse_set(c->s->lead->n_contacts, fraction, &set)) return -HUGE_VAL;
  screen_sets(c->screen, SCREEN_BEST, 1, &set, c->threshold);
  return climb_value_of(c, aim, c->threshold, fraction);
}

/* What a move changes, beside the set at hand as one more contact. The case drives nothing. */
static void difference(const Search *s, const Move *m, SparseSet *set)
{
  int n = s->lead->n_contacts;
  *set = (SparseSet){.n = 1, .contact = {n}, .share = {1.0F}};
  if (m->from < n) set->contact[set->n] = m->from, set->share[set->n++] = -(float)m->parts / (float)s->steps;
  if (m->to < n) set->contact[set->n] = m->to, set->share[set->n++] = (float)m->parts / (float)s->steps;
}

/* The best of some moves; returns its value. */
static double best_of(Climber *c, Aim aim, const Parts *p, int n, const Move *move, const Move **best)
{
  SparseSet set[CLIMB_BATCH];
  double most = -HUGE_VAL, fraction[ELECTRODES_MAX];
  int n_fiber = screen_fibers(c->screen);
  for (int i = 0; i < n; i++) difference(c->s, &move[i], &set[i]);
  screen_sets(c->screen, SCREEN_BEST, n, set, c->threshold);
  for (int i = 0; i < n; i++) {
    Parts after = *p;
    apply(&move[i], &after);
    parts_shares(&after, c->s->lead->n_contacts + 1, c->s->steps, fraction);
    double v = climb_value_of(c, aim, c->threshold + (size_t)i * (size_t)n_fiber, fraction);
    if (v > most) most = v, *best = &move[i];
  }
  return most;
}

/* One step up; false where there is none. */
static bool step_up(Climber *c, Aim aim, int most, Move *move, Parts *p, double *value)
{
  double fraction[ELECTRODES_MAX], best = *value + gain_least;
  const Move *chosen = NULL, *candidate = NULL;
  int n = list_moves(c->s, p, most, move);
  parts_shares(p, c->s->lead->n_contacts + 1, c->s->steps, fraction);
  screen_base(c->screen, fraction);
  for (int first = 0; first < n; first += CLIMB_BATCH) {
    int count = n - first < CLIMB_BATCH ? n - first : CLIMB_BATCH;
    double v = best_of(c, aim, p, count, move + first, &candidate);
    if (v > best) best = v, chosen = candidate;
  }
  if (!chosen) return false;
  apply(chosen, p);
  *value = climb_value(c, aim, p);
  return true;
}

double climb(Climber *c, Aim aim, int most, Parts *p)
{
  enum { STEPS_MAX = 300 };
  Move move[ELECTRODES_MAX * 4 * ELECTRODES_MAX];
  if (c->s->wired) return climb_wired(c, aim, most, p);
  double value = climb_value(c, aim, p);
  for (int i = 0; i < STEPS_MAX && !signal_pending(); i++)
    if (!step_up(c, aim, most, move, p, &value)) break;
  return value;
}
