#include "limits.h"

#include <math.h>
#include <string.h>

typedef struct {
  double value;
  const char *where;
} Worst;

static void keep_worst(Worst *w, double value, const char *where)
{
  if (value > w->value) w->value = value, w->where = where;
}

/* mA us = nC, over mm2: 1 nC/mm2 = 0.1 uC/cm2 */
static double density_uC_per_cm2(double charge_nC, double area_mm2) { return 0.1 * charge_nC / area_mm2; }

static double compliance_V(const StimulationSet *set, int n, double amplitude_mA, const double *impedance_ohm)
{
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (int i = 0; i < n; i++) {
    double v = 0.0;
    if (set->fraction[i] == 0.0) continue;
    for (int j = 0; j < n; j++)
      v += 1e-3 * impedance_ohm[(size_t)i * (size_t)n + (size_t)j] * set->fraction[j] * amplitude_mA;
    low = fmin(low, v), high = fmax(high, v);
  }
  if (set->fraction[n] != 0.0) low = fmin(low, 0.0), high = fmax(high, 0.0);
  return high >= low ? high - low : 0.0;
}

static bool exceeds(const char *what, double value, double limit, const char *unit, const char *where, RankRow *row)
{
  if (!(value > limit)) return false;
  snprintf(row->limit, sizeof row->limit, "%s %.3g > %.3g%s%s%s%.16s", what, value, limit, *unit ? " " : "", unit,
           where ? " at " : "", where ? where : "");
  return true;
}

void limits_check(const CaseLimits *limits, const LeadModel *m, const StimulationSet *set, double width_us,
                  double amplitude_mA, const double *impedance_ohm, RankRow *row)
{
  Worst density = {0.0, NULL}, current = {0.0, NULL}, shannon = {-HUGE_VAL, NULL};
  for (int i = 0; i < m->n_contacts; i++) {
    double mA = fabs(set->fraction[i]) * amplitude_mA, nC = mA * width_us;
    double d = density_uC_per_cm2(nC, lead_contact_area_mm2(m, i));
    if (mA <= 0.0) continue;
    keep_worst(&current, mA, m->contacts[i].name);
    keep_worst(&density, d, m->contacts[i].name);
    keep_worst(&shannon, log10(d) + log10(1e-3 * nC), m->contacts[i].name);
  }
  row->charge_density_uC_per_cm2 = density.value;
  row->compliance_V = compliance_V(set, m->n_contacts, amplitude_mA, impedance_ohm);
  row->limit[0] = '\0';
  if (exceeds("charge density", density.value, limits->charge_density_uC_per_cm2, "uC/cm2", density.where, row)) return;
  if (exceeds("contact current", current.value, limits->contact_mA, "mA", current.where, row)) return;
  if (exceeds("compliance", row->compliance_V, limits->compliance_V, "V", NULL, row)) return;
  exceeds("Shannon k", shannon.value, limits->shannon_k, "", shannon.where, row);
}
