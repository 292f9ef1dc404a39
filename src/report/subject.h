/* Subject: the results of one run as the page shows them, read from its folder. Inside src/report/. */
#ifndef CAUDA_REPORT_SUBJECT_H
#define CAUDA_REPORT_SUBJECT_H

#include "cauda/csv.h"
#include "cauda/select.h"

#include <json-c/json.h>

/* Sets that are drawn, the best first, and those that may be chosen; tables hold all of them. */
enum { SUBJECT_SETS = 8, SUBJECT_SETS_MOST = 400 };

typedef struct {
  char folder[CAUDA_PATH_MAX];
  json_object *report;                /* report.json */
  const char *name;                   /* of the case; in report */
  ThresholdTable *thresholds;         /* NULL where there are none */
  CsvTable *impedance;                /* this and the next three: NULL where there is none */
  CsvTable *sweep_sets, *search_sets; /* shares of what a sweep and a search found */
  CsvTable *front;                    /* pareto.csv */
  char *scene;                        /* scene.json as it is; NULL where there is none */
  bool *is_target;                    /* [roots of the thresholds]; NULL without */
  int n_set, *set; /* of the thresholds, by rank (or as they come, without a ranking), those that may be chosen */
  int n_drawn;     /* the first of them */
  double axis_mA;  /* where the curves' axis ends: beyond all that the ranking names of those */
} Subject;

/* subject_open: Errors: PETSC_ERR_FILE_OPEN where the folder holds no report.json; PETSC_ERR_USER_INPUT where that is not
 * JSON or a table is broken. */
PetscErrorCode subject_open(const char *folder, Subject *s) CAUDA_CHECKED;
void subject_close(Subject *s);

/* subject_order: the sets that may be chosen, by the ranking in `report` or as they come. The caller frees *set. */
PetscErrorCode subject_order(json_object *report, const ThresholdTable *t, int *n, int **set) CAUDA_CHECKED;

/* What is in the report; NULL, "" or NAN where it is not. */
json_object *json_get(json_object *o, const char *key);
const char *json_text(json_object *o, const char *key);
double json_number(json_object *o, const char *key);
json_object *json_first(json_object *o, const char *key);                      /* the first entry of a list */
json_object *json_named(json_object *list, const char *key, const char *name); /* the entry whose `key` is `name` */

json_object *subject_rank(const Subject *s, int set); /* a set's row of the ranking, or NULL */
/* subject_amplitude_mA: at which a set is shown: that of its score, else 1. */
double subject_amplitude_mA(const Subject *s, int set);
/* subject_axis_mA: where its curves' axis ends: s->axis_mA, or farther for a set that is shown beyond it. */
double subject_axis_mA(const Subject *s, int set);

/* What a set drives. share: by contact's name and "case", contacts that are off left out; NULL where it is not known. */
typedef struct {
  const char *name;
  json_object *share; /* borrowed */
  double mA;          /* at which it is shown */
} DrivenSet;
DrivenSet subject_driven(const Subject *s, int set);

/* subject_shares: the same of a row of a file of sets (Cauda's own), as an object that the caller puts; NULL where the
 * file has no such set. */
json_object *subject_shares(const CsvTable *sets, const char *name);

#endif
