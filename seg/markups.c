/* 3D Slicer markups: JSON to points in RAS+ mm, with complaints that name the file and the place. */
#include "markups.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const TYPE_NAMES[] = {"ClosedCurve", "Curve", "Line", "Fiducial"};

const char *markup_type_name(MarkupType t) { return TYPE_NAMES[t]; }

void markup_destroy(Markup **m)
{
  if (!*m) return;
  free((*m)->xyz);
  free(*m);
  *m = NULL;
}

static const char *text_or(json_object *o, const char *key, const char *otherwise)
{
  json_object *v;
  if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string)) return otherwise;
  return json_object_get_string(v);
}

static int line_of(const char *text, size_t offset)
{
  int line = 1;
  for (size_t i = 0; i < offset && text[i]; i++) line += text[i] == '\n';
  return line;
}

static PetscErrorCode parse(const char *path, const char *text, size_t length, json_object **out)
{
  struct json_tokener *tok = json_tokener_new();
  PetscCheck(tok, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory to read %s", path);
  *out = length < INT32_MAX ? json_tokener_parse_ex(tok, text, (int)length) : NULL;
  const enum json_tokener_error why = json_tokener_get_error(tok);
  const int line = line_of(text, json_tokener_get_parse_end(tok));
  json_tokener_free(tok);
  if (*out) return 0;
  const bool cut = why == json_tokener_continue || length == 0;
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s:%d: found %s, expected JSON as 3D Slicer writes it for markups",
          path, line, cut ? "the end of the file" : json_tokener_error_desc(why));
}

/* The file's single markup. */
static PetscErrorCode find_markup(const char *path, json_object *file, json_object **markup)
{
  json_object *list;
  PetscCheck(json_object_is_type(file, json_type_object) && json_object_object_get_ex(file, "markups", &list) &&
                 json_object_is_type(list, json_type_array),
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found no list \"markups\", expected a markups file as 3D Slicer saves it", path);
  PetscCheck(json_object_array_length(list) == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %zu markups, expected one a file", path, json_object_array_length(list));
  *markup = json_object_array_get_idx(list, 0);
  PetscCheck(json_object_is_type(*markup, json_type_object), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a markup that is no object, expected \"type\" and \"controlPoints\"", path);
  return 0;
}

static PetscErrorCode read_type(const char *path, json_object *markup, MarkupType *type)
{
  const char *name = text_or(markup, "type", "nothing");
  for (int t = MARKUP_CLOSED_CURVE; t <= MARKUP_POINTS; t++)
    if (!strcmp(name, TYPE_NAMES[t])) {
      *type = (MarkupType)t;
      return 0;
    }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: found a markup of type \"%s\", expected ClosedCurve, Curve, Line or Fiducial", path, name);
}

static PetscErrorCode check_units(const char *path, json_object *markup)
{
  json_object *v;
  if (!json_object_object_get_ex(markup, "coordinateUnits", &v)) return 0;
  /* either "mm" or a DICOM triple ["mm", "UCUM", "millimeter"] */
  if (json_object_is_type(v, json_type_array)) v = json_object_array_get_idx(v, 0);
  const char *units = v ? json_object_get_string(v) : "nothing";
  PetscCheck(!strcmp(units, "mm"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found coordinateUnits \"%s\", expected \"mm\"", path, units);
  return 0;
}

static PetscErrorCode read_system(const char *path, json_object *markup, const char *override, bool *lps)
{
  json_object *v = NULL;
  const bool said = json_object_object_get_ex(markup, "coordinateSystem", &v) && v;
  const char *name = override ? override : said ? json_object_get_string(v) : "LPS";
  *lps = !strcmp(name, "LPS") || (!override && !strcmp(name, "1"));
  const bool ras = !strcmp(name, "RAS") || (!override && !strcmp(name, "0"));
  PetscCheck(
      *lps || ras, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: found coordinateSystem \"%s\", expected LPS or RAS (\"coordinates\" in the case's anatomy overrides it)",
      path, name);
  return 0;
}

static PetscErrorCode read_point(const char *path, int number, json_object *point, bool lps, double xyz[3])
{
  json_object *p;
  const char *status = text_or(point, "positionStatus", "defined");
  PetscCheck(!strcmp(status, "defined"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: control point %d: found positionStatus \"%s\", expected \"defined\"", path, number, status);
  PetscCheck(json_object_object_get_ex(point, "position", &p) && json_object_is_type(p, json_type_array) &&
                 json_object_array_length(p) == 3,
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: control point %d: found no position of three numbers, expected \"position\": [x, y, z]", path,
             number);
  for (int i = 0; i < 3; i++) {
    json_object *v = json_object_array_get_idx(p, (size_t)i);
    xyz[i] = json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double)
                 ? json_object_get_double(v)
                 : (double)NAN;
    PetscCheck(isfinite(xyz[i]) && fabs(xyz[i]) < 1e6, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: control point %d: found \"%s\" as coordinate %c, expected a finite number of mm", path, number,
               v ? json_object_to_json_string(v) : "null", "xyz"[i]);
    if (lps && i < 2) xyz[i] = -xyz[i];
  }
  return 0;
}

static PetscErrorCode read_points(json_object *markup, bool lps, Markup *m)
{
  json_object *list;
  PetscCheck(json_object_object_get_ex(markup, "controlPoints", &list) && json_object_is_type(list, json_type_array) &&
                 json_object_array_length(list) > 0,
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no control points, expected at least one", m->path);
  const size_t n = json_object_array_length(list);
  PetscCheck(n < 1000000, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %zu control points, expected fewer than a million", m->path, n);
  PetscCall(mem_alloc(n, sizeof *m->xyz, &m->xyz));
  m->n = (int)n;
  for (int i = 0; i < m->n; i++)
    PetscCall(read_point(m->path, i + 1, json_object_array_get_idx(list, (size_t)i), lps, m->xyz[i]));
  return 0;
}

static PetscErrorCode read_markup(json_object *file, const char *coordinates, Markup *m)
{
  json_object *markup;
  bool lps;
  PetscCall(find_markup(m->path, file, &markup));
  PetscCall(read_type(m->path, markup, &m->type));
  PetscCall(check_units(m->path, markup));
  PetscCall(read_system(m->path, markup, coordinates, &lps));
  return read_points(markup, lps, m);
}

PetscErrorCode markup_read(const char *path, const char *coordinates, Markup **out)
{
  char *text = NULL;
  size_t length;
  json_object *file = NULL;
  Markup *m = NULL;
  PetscErrorCode ierr;
  *out = NULL;
  PetscCall(file_read_all(path, &text, &length));
  ierr = parse(path, text, length, &file);
  free(text);
  PetscCall(ierr);
  ierr = mem_alloc(1, sizeof *m, &m);
  if (!ierr) {
    snprintf(m->path, sizeof m->path, "%s", path);
    ierr = read_markup(file, coordinates, m);
  }
  json_object_put(file);
  if (ierr) markup_destroy(&m);
  *out = m;
  return ierr;
}
