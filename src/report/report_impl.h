/* Private to report: the JSON behind a Report. json-c owns what is added to an object. */
#ifndef CAUDA_REPORT_IMPL_H
#define CAUDA_REPORT_IMPL_H

#include "cauda/report.h"

#include <json-c/json.h>

struct Report {
  char path[CAUDA_PATH_MAX];
  json_object *root;
};

json_object *report_number(double v); /* NULL, which is null in the file, where v is not finite */
void report_add(json_object *to, const char *key, double v);
void report_add_text(json_object *to, const char *key, const char *text);
void report_add_count(json_object *to, const char *key, int64_t n);

json_object *report_section(Report *r, const char *name);                      /* a new object in place of an old one */
json_object *report_kept_section(Report *r, const char *name, json_type type); /* the old one where there is one */

#endif
