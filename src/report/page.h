/* Page: report.html, one file that needs nothing else. Each part is one function that writes what it has of a subject, or
 * nothing. Everything can be read without scripts; viewer/page.js adds sorting and filtering, the scene is added where
 * the viewer was built. Inside src/report/. */
#ifndef CAUDA_REPORT_PAGE_H
#define CAUDA_REPORT_PAGE_H

#include "subject.h"

void page_answer(FILE *f, const Subject *s);
void page_ranking(FILE *f, const Subject *s);
void page_sets(FILE *f, const Subject *s);
void page_pareto(FILE *f, const Subject *s);
void page_confidence(FILE *f, const Subject *s);
void page_sweep(FILE *f, const Subject *s);
void page_search(FILE *f, const Subject *s);
void page_impedance(FILE *f, const Subject *s);
void page_certificate(FILE *f, const Subject *s);
void page_mesh(FILE *f, const Subject *s);
void page_conductivities(FILE *f, const Subject *s);
void page_origin(FILE *f, const Subject *s);

/* Whether a subject has a part at all; parts without such a function are always there. */
bool page_has_pareto(const Subject *s);
bool page_has_sweep(const Subject *s);
bool page_has_search(const Subject *s);

/* page_table: a list of ranked sets, with tools to filter it; not empty. Columns are the keys of the first. Where they may
 * be chosen, their names are buttons. */
void page_table(FILE *f, json_object *rows, bool choose);

/* page_set: what a set drives, and what it recruits. */
void page_set(FILE *f, const Subject *s, int set);

/* page_data: what scripts need of all subjects, as one JSON array: names, sets, contacts, thresholds by root, scene. */
PetscErrorCode page_data(FILE *f, int n, const Subject *s) CAUDA_CHECKED;

/* page_key: a key of report.json as a heading: "score_at_mA" is "score at (mA)". */
void page_key(FILE *f, const char *key);

#endif
