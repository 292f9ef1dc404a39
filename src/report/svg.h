/* Svg: the plots of a result, each a picture of its own that may stand in a page or in a file. Inside src/report/.
 * Colours are told apart without red and green, and never alone: roots differ in their dashes, too, cathodes and anodes
 * in their signs. */
#ifndef CAUDA_REPORT_SVG_H
#define CAUDA_REPORT_SVG_H

#include "subject.h"

/* svg_curves: recruitment of the roots of one side ('L' or 'R') by amplitude, the target in front. */
void svg_curves(FILE *f, const Subject *s, int set, char side);
/* svg_contacts: the lead seen from outside the dura, rostral end up, with what each contact carries at the set's amplitude. */
void svg_contacts(FILE *f, const Subject *s, const DrivenSet *d);
/* svg_pareto: activation of the target against what is spilled: each set of a ranking, and the front that no other betters;
 * where a search has found one for the same target (s->front), that, too. */
void svg_pareto(FILE *f, const Subject *s, json_object *ranking);
/* svg_ranges: what draws of what is uncertain make of each set's score. */
void svg_ranges(FILE *f, const Subject *s);
/* svg_impedance: the matrix of contact impedances. */
void svg_impedance(FILE *f, const Subject *s);

/* Which of them there is anything for. */
bool svg_has_contacts(const Subject *s);
bool svg_has_pareto(json_object *ranking);
bool svg_has_ranges(const Subject *s);

/* svg_fill: how a share of the current is drawn: a cathode (negative) and an anode are filled, the rest is white. */
const char *svg_fill(double share);

#endif
