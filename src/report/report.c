/* The report's file: kept, opened, written, printed. */
#include "report_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int style = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;

json_object *report_number(double v)
{
  char digits[32];
  snprintf(digits, sizeof digits, "%.10g", v);
  return isfinite(v) ? json_object_new_double_s(v, digits) : NULL;
}

void report_add(json_object *to, const char *key, double v) { json_object_object_add(to, key, report_number(v)); }

void report_add_text(json_object *to, const char *key, const char *text)
{
  json_object_object_add(to, key, text ? json_object_new_string(text) : NULL);
}

void report_add_count(json_object *to, const char *key, int64_t n)
{
  json_object_object_add(to, key, json_object_new_int64(n));
}

json_object *report_section(Report *r, const char *name)
{
  json_object *section = json_object_new_object();
  json_object_object_add(r->root, name, section);
  return section;
}

json_object *report_kept_section(Report *r, const char *name, json_type type)
{
  json_object *section = NULL;
  if (json_object_object_get_ex(r->root, name, &section) && json_object_is_type(section, type)) return section;
  section = type == json_type_array ? json_object_new_array() : json_object_new_object();
  json_object_object_add(r->root, name, section);
  return section;
}

static PetscErrorCode load(Report *r)
{
  char *text;
  if (file_exists(r->path)) {
    PetscCall(file_read_all(r->path, &text, NULL));
    r->root = json_tokener_parse(text);
    free(text);
  }
  if (!json_object_is_type(r->root, json_type_object)) {
    json_object_put(r->root);
    r->root = json_object_new_object();
  }
  PetscCheck(r->root, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the report");
  return 0;
}

PetscErrorCode report_open(const char *path, Report **out)
{
  Report *r;
  PetscCall(mem_alloc(1, sizeof *r, &r));
  PetscErrorCode ierr = path_join("", path, r->path);
  if (!ierr) ierr = load(r);
  if (ierr) report_destroy(&r);
  PetscCall(ierr);
  *out = r;
  return 0;
}

void report_destroy(Report **r)
{
  if (!*r) return;
  json_object_put((*r)->root);
  free(*r);
  *r = NULL;
}

static PetscErrorCode put_report(const void *what, FILE *stream)
{
  const Report *r = what;
  fprintf(stream, "%s\n", json_object_to_json_string_ext(r->root, style));
  return 0;
}

PetscErrorCode report_write(Report *r)
{
  PetscCall(file_write(r->path, put_report, r));
  return 0;
}

PetscErrorCode report_print(const Report *r, FILE *stream)
{
  PetscCall(put_report(r, stream));
  PetscCheck(!ferror(stream), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "standard output: cannot be written");
  return 0;
}

void report_error_print(const char *message, int status, FILE *stream)
{
  json_object *root = json_object_new_object(), *error = json_object_new_object();
  report_add_text(error, "message", message);
  report_add_count(error, "exit", status);
  json_object_object_add(root, "error", error);
  fprintf(stream, "%s\n", json_object_to_json_string_ext(root, style));
  json_object_put(root);
}

const char *report_text(const Report *r, const char *section, const char *key)
{
  json_object *s = NULL, *v = NULL;
  if (!json_object_object_get_ex(r->root, section, &s) || !json_object_object_get_ex(s, key, &v)) return NULL;
  return json_object_get_string(v);
}

const char *report_text_of(const Report *r, const char *section, int i, const char *key)
{
  json_object *s = NULL, *v = NULL;
  if (!json_object_object_get_ex(r->root, section, &s) || !json_object_is_type(s, json_type_array)) return NULL;
  s = json_object_array_get_idx(s, (size_t)i);
  return s && json_object_object_get_ex(s, key, &v) ? json_object_get_string(v) : NULL;
}

void report_drop(Report *r, const char *section) { json_object_object_del(r->root, section); }

static void sum_times(json_object *times)
{
  double all = 0.0;
  json_object_object_del(times, "all");
  json_object_object_foreach(times, stage, s)
  {
    (void)stage;
    all += json_object_get_double(s);
  }
  report_add(times, "all", all);
}

PetscErrorCode report_set_time(Report *r, const char *stage, double seconds)
{
  json_object *times = report_kept_section(r, "time_s", json_type_object);
  report_add(times, stage, seconds);
  sum_times(times);
  return 0;
}

void report_drop_time(Report *r, const char *stage)
{
  json_object *times = report_kept_section(r, "time_s", json_type_object);
  json_object_object_del(times, stage);
  sum_times(times);
}

PetscErrorCode report_set_memory(Report *r, double megabytes, bool afresh)
{
  json_object *had = NULL;
  if (!afresh && json_object_object_get_ex(r->root, "peak_memory_MB", &had))
    megabytes = fmax(megabytes, json_object_get_double(had));
  report_add(r->root, "peak_memory_MB", megabytes);
  return 0;
}
