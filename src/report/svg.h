/* Svg: the plots of a result, each a picture of its own that may stand in a page or in a file. Inside src/report/.
 * Colours are told apart without red and green, and never alone: roots differ in their dashes, too, cathodes and anodes
 * in their signs. */
#ifndef CAUDA_REPORT_SVG_H
#define CAUDA_REPORT_SVG_H

#include "subject.h"

/* svg_curves: recruitment of the roots of one side ('L' or 'R') by amplitude, the target in front. */
void svg_curves(FILE *f, const Subject *s, int set, char side);
/* svg_contacts: the lead seen from outside the dura, rostral end up, with what each contact carries at the set's amplitude. */
void svg_contacts(FILE *f, const Subject *s, int set);
/* svg_pareto: each set's activation of the target against what it spills, and the front that no other set betters. */
void svg_pareto(FILE *f, const Subject *s);
/* svg_impedance: the matrix of contact impedances. */
void svg_impedance(FILE *f, const Subject *s);

/* Which of them there is anything for. */
bool svg_has_contacts(const Subject *s);
bool svg_has_pareto(const Subject *s);

/* svg_sign: how a share of the current is drawn: a cathode (negative) and an anode are filled, the rest is white. */
const char *svg_fill(double share);

#endif
