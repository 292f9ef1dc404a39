/* What the page's scripts need, as JSON. */
#include "html.h"
#include "page.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* Ascending thresholds of a root's fibres; those that never fire are null, which keeps their number. */
static json_object *root_thresholds(const ThresholdTable *t, int set, int root, double *room)
{
  json_object *list = json_object_new_array();
  int n = 0;
  for (int i = 0; i < t->n_fiber; i++)
    if (t->fiber_root[i] == root) room[n++] = t->threshold_mA[(size_t)set * (size_t)t->n_fiber + (size_t)i];
  qsort(room, (size_t)n, sizeof *room, ascending);
  for (int i = 0; i < n; i++) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.5g", room[i]);
    json_object_array_add(list, isfinite(room[i]) ? json_object_new_double_s(room[i], digits) : NULL);
  }
  return list;
}

static json_object *set_data(const Subject *s, int set, double *room)
{
  const ThresholdTable *t = s->thresholds;
  json_object *o = json_object_new_object(), *roots = json_object_new_array();
  json_object_object_add(o, "name", json_object_new_string(t->set[set]));
  json_object_object_add(o, "at_mA", json_object_new_double(subject_amplitude_mA(s, set)));
  json_object_object_add(o, "share", json_object_get(subject_driven(s, set).share));
  for (int r = 0; r < t->n_root; r++) json_object_array_add(roots, root_thresholds(t, set, r, room));
  json_object_object_add(o, "thresholds_mA", roots);
  return o;
}

static void add_sets(const Subject *s, double *room, json_object *o)
{
  const ThresholdTable *t = s->thresholds;
  json_object *sets = json_object_new_array(), *roots = json_object_new_array(), *targets = json_object_new_array();
  for (int i = 0; i < s->n_set; i++) json_object_array_add(sets, set_data(s, s->set[i], room));
  for (int r = 0; r < t->n_root; r++) {
    json_object_array_add(roots, json_object_new_string(t->root[r]));
    if (s->is_target[r]) json_object_array_add(targets, json_object_new_string(t->root[r]));
  }
  json_object_object_add(o, "sets", sets);
  json_object_object_add(o, "roots", roots);
  json_object_object_add(o, "targets", targets);
  json_object_object_add(o, "axis_mA", json_object_new_double(s->axis_mA));
}

static PetscErrorCode put_subject(FILE *f, const Subject *s)
{
  double *room = NULL;
  json_object *o = json_object_new_object();
  json_object_object_add(o, "name", json_object_new_string(s->name));
  if (s->thresholds) {
    PetscErrorCode ierr = mem_alloc((size_t)s->thresholds->n_fiber + 1, sizeof *room, &room);
    if (!ierr) add_sets(s, room, o);
    free(room);
    if (ierr) json_object_put(o);
    PetscCall(ierr);
  }
  fputs("{\"run\":", f);
  html_json(f, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
  fputs(",\"scene\":", f);
  html_json(f, s->scene ? s->scene : "null");
  fputc('}', f);
  json_object_put(o);
  return 0;
}

PetscErrorCode page_data(FILE *f, int n, const Subject *s)
{
  fputs("<script type=\"application/json\" id=\"cauda-data\">[", f);
  for (int i = 0; i < n; i++) {
    if (i) fputs(",\n", f);
    PetscCall(put_subject(f, &s[i]));
  }
  fputs("]</script>\n", f);
  return 0;
}
