/* A run's results, read back from its folder. */
#include "subject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_object *json_get(json_object *o, const char *key)
{
  json_object *v = NULL;
  if (json_object_is_type(o, json_type_object)) json_object_object_get_ex(o, key, &v);
  return v;
}

const char *json_text(json_object *o, const char *key)
{
  json_object *v = json_get(o, key);
  return v ? json_object_get_string(v) : "";
}

double json_number(json_object *o, const char *key)
{
  json_object *v = json_get(o, key);
  return json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int) ? json_object_get_double(v)
                                                                                           : NAN;
}

json_object *json_named(json_object *list, const char *key, const char *name)
{
  size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
  for (size_t i = 0; i < n; i++) {
    json_object *one = json_object_array_get_idx(list, i);
    if (!strcmp(json_text(one, key), name)) return one;
  }
  return NULL;
}

json_object *json_first(json_object *o, const char *key)
{
  json_object *list = json_get(o, key);
  return json_object_is_type(list, json_type_array) ? json_object_array_get_idx(list, 0) : NULL;
}

json_object *subject_rank(const Subject *s, int set)
{
  return json_named(json_get(s->report, "ranking"), "set", s->thresholds->set[set]);
}

double subject_amplitude_mA(const Subject *s, int set)
{
  double at = json_number(subject_rank(s, set), "score_at_mA");
  return at > 0.0 ? at : 1.0;
}

DrivenSet subject_driven(const Subject *s, int set)
{
  const char *name = s->thresholds->set[set];
  json_object *one = json_named(json_get(s->report, "sets"), "name", name);
  return (DrivenSet){name, json_get(one, "share"), subject_amplitude_mA(s, set)};
}

json_object *subject_shares(const CsvTable *t, const char *name)
{
  json_object *shares = NULL;
  for (int r = 0; r < t->n_row && !shares; r++) {
    if (strcmp(csv_text(t, r, 0), name)) continue;
    shares = json_object_new_object();
    for (int c = 1; c < t->n_column; c++) {
      const double v = strtod(csv_text(t, r, c), NULL);
      if (strcmp(t->column[c], "amplitude_mA") && strcmp(t->column[c], "width_us") && v != 0.0)
        json_object_object_add(shares, t->column[c], json_object_new_double(v));
    }
  }
  return shares;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode read_report(Subject *s)
{
  char path[CAUDA_PATH_MAX], *text;
  PetscCall(path_join(s->folder, "report.json", path));
  PetscCheck(file_exists(path), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: no such file; expected a folder that `cauda run` has filled", path);
  PetscCall(file_read_all(path, &text, NULL));
  s->report = json_tokener_parse(text);
  free(text);
  PetscCheck(json_object_is_type(s->report, json_type_object), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found no JSON object, expected what `cauda run` writes", path);
  s->name = json_text(s->report, "name");
  return 0;
}

/* A table that a part of the report goes with: left over from another run without it. */
static PetscErrorCode read_table(Subject *s, const char *section, const char *name, CsvTable **out)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(s->folder, name, path));
  if (json_get(s->report, section) && file_exists(path)) PetscCall(csv_read(path, out));
  return 0;
}

static PetscErrorCode read_tables(Subject *s)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(s->folder, "fiber_thresholds.csv", path));
  if (json_get(s->report, "fibers") && file_exists(path)) PetscCall(thresholds_read(path, &s->thresholds));
  PetscCall(read_table(s, "field", "impedance.csv", &s->impedance));
  PetscCall(read_table(s, "sweep", "sweep_sets.csv", &s->sweep_sets));
  PetscCall(read_table(s, "search", "search_sets.csv", &s->search_sets));
  PetscCall(read_table(s, "search", "pareto.csv", &s->front));
  PetscCall(path_join(s->folder, "scene.json", path));
  if (s->thresholds && file_exists(path)) PetscCall(file_read_all(path, &s->scene, NULL));
  return 0;
}

static int set_named(const ThresholdTable *t, const char *name)
{
  for (int i = 0; i < t->n_set; i++)
    if (!strcmp(t->set[i], name)) return i;
  return -1;
}

/* Whether a root is named by a word: "L1_L" will do for "L1_L_dorsal". */
static bool is_named(const char *root, const char *word, size_t length)
{
  return length && !strncmp(root, word, length) && (root[length] == '\0' || root[length] == '_');
}

/* The label names the targets, with " + " between them; a muscle is no root, and none is marked then. */
static void mark_targets(Subject *s, const char *label)
{
  for (const char *word = label; *word; word += strspn(word, " +")) {
    size_t length = strcspn(word, " ");
    for (int r = 0; r < s->thresholds->n_root; r++)
      s->is_target[r] = s->is_target[r] || is_named(s->thresholds->root[r], word, length);
    word += length;
  }
}

/* The ranking is sorted. */
static int put_order(json_object *ranking, const ThresholdTable *t, int *set)
{
  const size_t rows = json_object_is_type(ranking, json_type_array) ? json_object_array_length(ranking) : 0;
  int n = 0;
  for (size_t i = 0; i < rows && n < t->n_set && n < SUBJECT_SETS_MOST; i++) {
    int found = set_named(t, json_text(json_object_array_get_idx(ranking, i), "set"));
    if (found >= 0) set[n++] = found;
  }
  for (int i = 0; !rows && i < t->n_set && i < SUBJECT_SETS_MOST; i++) set[n++] = i;
  return n;
}

PetscErrorCode subject_order(json_object *report, const ThresholdTable *t, int *n, int **set)
{
  PetscCall(mem_alloc((size_t)t->n_set + 1, sizeof **set, set));
  *n = put_order(json_get(report, "ranking"), t, *set);
  return 0;
}

static PetscErrorCode choose_sets(Subject *s)
{
  PetscCall(subject_order(s->report, s->thresholds, &s->n_set, &s->set));
  s->n_drawn = s->n_set < SUBJECT_SETS ? s->n_set : SUBJECT_SETS;
  json_object *first = json_first(s->report, "ranking");
  if (first) mark_targets(s, json_text(first, "target"));
  return 0;
}

/* A round number well beyond. */
static double end_beyond(double last)
{
  double most = last > 0.0 ? 1.5 * last : 1.0, unit = pow(10.0, floor(log10(most)));
  return ceil(most / unit * 2.0) / 2.0 * unit;
}

/* Well beyond the last amplitude that the ranking names; without a ranking, beyond half of each root's fibres. */
static double axis_end(const Subject *s)
{
  double last = 0.0;
  for (int i = 0; i < s->n_drawn; i++) {
    if (subject_rank(s, s->set[i])) last = fmax(last, subject_amplitude_mA(s, s->set[i]));
    for (int r = 0; !subject_rank(s, s->set[i]) && r < s->thresholds->n_root; r++) {
      double mA = recruitment_level(s->thresholds, s->set[i], r, -1, 0.5);
      if (isfinite(mA)) last = fmax(last, mA);
    }
  }
  return end_beyond(last);
}

double subject_axis_mA(const Subject *s, int set)
{
  const double at = subject_amplitude_mA(s, set);
  return at > s->axis_mA ? end_beyond(at) : s->axis_mA;
}

static PetscErrorCode read_all(Subject *s)
{
  PetscCall(read_report(s));
  PetscCall(read_tables(s));
  if (!s->thresholds) return 0;
  PetscCall(mem_alloc((size_t)s->thresholds->n_root, sizeof *s->is_target, &s->is_target));
  PetscCall(choose_sets(s));
  s->axis_mA = s->n_set ? axis_end(s) : 1.0;
  return 0;
}

PetscErrorCode subject_open(const char *folder, Subject *s)
{
  memset(s, 0, sizeof *s);
  PetscCall(path_join("", folder, s->folder));
  PetscErrorCode ierr = read_all(s);
  if (ierr) subject_close(s);
  PetscCall(ierr);
  return 0;
}

void subject_close(Subject *s)
{
  json_object_put(s->report);
  thresholds_destroy(&s->thresholds);
  csv_destroy(&s->impedance);
  csv_destroy(&s->sweep_sets);
  csv_destroy(&s->search_sets);
  csv_destroy(&s->front);
  free(s->scene);
  free(s->is_target);
  free(s->set);
  memset(s, 0, sizeof *s);
}
