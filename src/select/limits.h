/* What a set asks of the stimulator and the tissue. Private to src/select. */
#ifndef CAUDA_SELECT_LIMITS_H
#define CAUDA_SELECT_LIMITS_H

#include "cauda/select.h"

/* limits_check: a set at an amplitude: charge density of its worst contact, compliance voltage, and in words the first
 * limit that is exceeded ("" if none). The compliance voltage is the largest difference of potential among the contacts
 * that carry current and the case (0 V) if it does, by the impedance matrix of the tissue alone: what the contacts'
 * surfaces add is not in it. */
void limits_check(const CaseLimits *limits, const LeadModel *m, const StimulationSet *set, double width_us,
                  double amplitude_mA, const double *impedance_ohm, RankRow *row);

#endif
