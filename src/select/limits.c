/* What a set asks of stimulator and tissue, and how far it may go. Shannon 1992: log10 D = k - log10 Q (D uC/cm2 and Q uC
 * a phase). */
#include "cauda/select.h"

#include <math.h>
#include <string.h>

/* mA us = nC, over mm2: 1 nC/mm2 = 0.1 uC/cm2 */
static double density_uC_per_cm2(double charge_nC, double area_mm2) { return 0.1 * charge_nC / area_mm2; }

static double potential_V(int contact, const double *fraction, int n, const double *impedance_ohm)
{
  double v = 0.0;
  for (int j = 0; j < n; j++) v += 1e-3 * impedance_ohm[(size_t)contact * (size_t)n + (size_t)j] * fraction[j];
  return v;
}

/* At 1 mA. */
static double compliance_V(const double *fraction, int n, const double *impedance_ohm, double *power_mW)
{
  double low = HUGE_VAL, high = -HUGE_VAL;
  *power_mW = 0.0;
  for (int i = 0; i < n; i++) {
    if (fraction[i] == 0.0) continue;
    double v = potential_V(i, fraction, n, impedance_ohm);
    low = fmin(low, v), high = fmax(high, v);
    *power_mW += fraction[i] * v;
  }
  if (fraction[n] != 0.0) low = fmin(low, 0.0), high = fmax(high, 0.0);
  return high >= low ? high - low : 0.0;
}

void set_demand(const LeadModel *m, const double *fraction, double width_us, double amplitude_mA,
                const double *impedance_ohm, Demand *out)
{
  double power;
  *out = (Demand){.shannon_k = -HUGE_VAL};
  out->compliance_V = amplitude_mA * compliance_V(fraction, m->n_contacts, impedance_ohm, &power);
  out->power_mW = amplitude_mA * amplitude_mA * power;
  for (int i = 0; i < m->n_contacts; i++) {
    double mA = fabs(fraction[i]) * amplitude_mA, nC = mA * width_us;
    if (mA <= 0.0) continue;
    double d = density_uC_per_cm2(nC, lead_contact_area_mm2(m, i));
    out->contact_mA = fmax(out->contact_mA, mA);
    out->charge_uC = fmax(out->charge_uC, 1e-3 * nC);
    out->charge_density_uC_per_cm2 = fmax(out->charge_density_uC_per_cm2, d);
    out->shannon_k = fmax(out->shannon_k, log10(d) + log10(1e-3 * nC));
  }
}

static void keep_least(Reach *r, LimitKind kind, double mA, int contact)
{
  if (mA < r->at_mA[kind]) r->at_mA[kind] = mA, r->contact[kind] = contact;
}

void set_reach(const CaseLimits *l, const LeadModel *m, const double *fraction, double width_us,
               const double *impedance_ohm, Reach *out)
{
  double power, volt = compliance_V(fraction, m->n_contacts, impedance_ohm, &power);
  for (int k = 0; k < LIMIT_KINDS; k++) out->at_mA[k] = HUGE_VAL, out->contact[k] = -1;
  for (int i = 0; i < m->n_contacts; i++) {
    double share = fabs(fraction[i]), nC = share * width_us;
    if (share <= 0.0) continue;
    double d = density_uC_per_cm2(nC, lead_contact_area_mm2(m, i));
    keep_least(out, LIMIT_DENSITY, l->charge_density_uC_per_cm2 / d, i);
    keep_least(out, LIMIT_CONTACT, l->contact_mA / share, i);
    keep_least(out, LIMIT_SHANNON, sqrt(pow(10.0, l->shannon_k) / (d * 1e-3 * nC)), i);
  }
  if (volt > 0.0) out->at_mA[LIMIT_COMPLIANCE] = l->compliance_V / volt;
  out->at_mA[LIMIT_TOTAL] = l->total_mA > 0.0 ? l->total_mA : HUGE_VAL;
  out->first = LIMIT_DENSITY;
  for (int k = 1; k < LIMIT_KINDS; k++)
    if (out->at_mA[k] < out->at_mA[out->first]) out->first = (LimitKind)k;
  out->largest_mA = out->at_mA[out->first];
}

double contact_reach_mA(const CaseLimits *l, const LeadModel *m, int contact, double width_us)
{
  LeadModel one = *m;
  const double fraction[2] = {-1.0, 1.0}, impedance = 0.0;
  Reach r;
  one.n_contacts = 1, one.contacts = m->contacts + contact;
  set_reach(l, &one, fraction, width_us, &impedance, &r);
  return r.largest_mA;
}

bool set_is_wired(const CaseLimits *l, int n_contact, const double *fraction)
{
  int cathodes = 0, anodes = 0;
  for (int i = 0; i <= n_contact; i++) cathodes += fraction[i]<0.0, anodes += fraction[i]> 0.0;
  return l->sources == 1 && (cathodes > 1 || anodes > 1);
}

bool set_impossible(const CaseLimits *l, int n_contact, const StimulationSet *set, double width_us, char words[96])
{
  int cathodes = 0, anodes = 0;
  words[0] = '\0';
  for (int i = 0; i < n_contact; i++) cathodes += set->fraction[i]<0.0, anodes += set->fraction[i]> 0.0;
  int need = cathodes > anodes ? cathodes : anodes;
  if (width_us < l->smallest_width_us * (1.0 - 1e-9))
    snprintf(words, 96, "pulse width %g us < %g us of the device", width_us, l->smallest_width_us);
  else if (l->largest_width_us > 0.0 && width_us > l->largest_width_us * (1.0 + 1e-9))
    snprintf(words, 96, "pulse width %g us > %g us of the device", width_us, l->largest_width_us);
  else if (set->control == SET_CURRENT && l->sources > 0 && need > l->sources)
    snprintf(words, 96, "%d contacts of one sign need as many sources; the device has %d", need, l->sources);
  return words[0] != '\0';
}

/* Each contact's current a whole number of steps, within a hundredth of one. */
static bool on_steps(int n_contact, const double *fraction, int steps)
{
  for (int i = 0; i < n_contact; i++)
    if (fabs(fraction[i] * steps - round(fraction[i] * steps)) > 0.01) return false;
  return true;
}

double set_step_mA(const CaseLimits *l, int n_contact, const StimulationSet *set, double largest_mA)
{
  if (l->step_mA <= 0.0 || set->control == SET_VOLTAGE) return 0.0;
  if (set->control == SET_SINGLE_SOURCE) return l->step_mA;
  for (int steps = 1; steps * l->step_mA <= largest_mA * (1.0 + 1e-9); steps++)
    if (on_steps(n_contact, set->fraction, steps)) return steps * l->step_mA;
  return HUGE_VAL;
}

static const char *const names[LIMIT_KINDS] = {"charge density", "contact current", "compliance", "Shannon k",
                                               "total current"};
static const char *const units[LIMIT_KINDS] = {" uC/cm2", " mA", " V", "", " mA"};

const char *limit_name(LimitKind kind) { return names[kind]; }

void limit_words(const CaseLimits *l, const LeadModel *m, LimitKind kind, const Reach *reach, double amplitude_mA,
                 char words[96])
{
  const double limit[LIMIT_KINDS] = {l->charge_density_uC_per_cm2, l->contact_mA, l->compliance_V, l->shannon_k,
                                     l->total_mA};
  double times = amplitude_mA / reach->at_mA[kind];
  double value = kind == LIMIT_SHANNON ? limit[kind] + 2.0 * log10(times) : limit[kind] * times;
  const char *where = reach->contact[kind] < 0 ? NULL : m->contacts[reach->contact[kind]].name;
  snprintf(words, 96, "%s %.3g > %.3g%s%s%.16s", names[kind], value, limit[kind], units[kind], where ? " at " : "",
           where ? where : "");
}
