/* The strict check: a document against a libcyaml schema, before libcyaml sees it. The recursion follows the schema,
 * so a hostile file cannot make it deep. */
#include "yaml_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where we are: a chain up to the document. */
typedef struct Place {
  const struct Place *up; /* NULL: the document itself */
  const char *key;        /* NULL for an item of a list */
  int item;               /* from 1 */
} Place;

typedef struct {
  const YamlFile *file;
} Check;

static PetscErrorCode check_value(const Check *c, const cyaml_schema_value_t *s, const Place *at,
                                  const yaml_node_t *line, const yaml_node_t *value);

/* ---- words --------------------------------------------------------------------------------------------------- */

/* "growth" in "mesh" / entry 2 of "masks" / the file */
static void place_print(const Place *at, char *out, size_t room)
{
  char up[160] = "";
  if (at->up && at->up->up) place_print(at->up, up, sizeof up);
  if (!at->up)
    snprintf(out, room, "the file");
  else if (at->key)
    snprintf(out, room, "\"%.60s\"%s%s", at->key, *up ? " in " : "", up);
  else
    snprintf(out, room, "entry %d of %s", at->item, up);
}

static void known_keys(const cyaml_schema_field_t *fields, char *out, size_t room)
{
  size_t used = 0;
  *out = '\0';
  for (; fields->key && used < room; fields++)
    used += (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "", fields->key);
}

/* ---- scalars ------------------------------------------------------------------------------------------------- */

typedef enum { A_TEXT, A_NUMBER, AN_INFINITY, A_BOOL, NOTHING, A_LIST, A_MAPPING } Kind;

static const char *const kind_words[] = {"a text", "a number", "not a usable number", "true or false", "empty",
                                         "a list", "a mapping"};

static size_t count_digits(const char *s) { return strspn(s, "0123456789"); }

static bool looks_like_a_number(const char *s)
{
  s += *s == '+' || *s == '-';
  size_t before = count_digits(s), after = 0;
  s += before;
  if (*s == '.') after = count_digits(s + 1), s += 1 + after;
  if (before + after == 0) return false;
  if (*s == 'e' || *s == 'E') {
    s += 1 + (s[1] == '+' || s[1] == '-');
    size_t n = count_digits(s);
    if (!n) return false;
    s += n;
  }
  return !*s;
}

bool number_parse(const char *text, double *value)
{
  if (!looks_like_a_number(text)) return false;
  errno = 0;
  *value = strtod(text, NULL);
  return isfinite(*value) && errno != ERANGE;
}

static bool is_one_of(const char *s, const char *const *words)
{
  for (; *words; words++)
    if (!strcasecmp(s, *words)) return true;
  return false;
}

static Kind kind_of(const yaml_node_t *n)
{
  static const char *const infinities[] = {"inf", "infinity", "nan", ".inf", ".nan", NULL};
  static const char *const bools[] = {"true", "false", NULL};
  static const char *const nothings[] = {"", "~", "null", NULL};
  double v;
  if (n->type == YAML_SEQUENCE_NODE) return A_LIST;
  if (n->type == YAML_MAPPING_NODE) return A_MAPPING;
  if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return A_TEXT;
  const char *s = yaml_text(n);
  if (is_one_of(s, nothings)) return NOTHING;
  if (looks_like_a_number(s)) return number_parse(s, &v) ? A_NUMBER : AN_INFINITY;
  if (is_one_of(s + (*s == '+' || *s == '-'), infinities)) return AN_INFINITY;
  return is_one_of(s, bools) ? A_BOOL : A_TEXT;
}

static PetscErrorCode fail_kind(const Check *c, const Place *at, const yaml_node_t *line, const yaml_node_t *value,
                                const char *expected)
{
  char place[256];
  Kind k = kind_of(value);
  place_print(at, place, sizeof place);
  if (k == A_LIST || k == A_MAPPING || k == NOTHING)
    return yaml_fail(c->file, line, "%s is %s where %s was expected", place, kind_words[k], expected);
  return yaml_fail(c->file, line, "%s is %s (%.80s) where %s was expected", place, kind_words[k], yaml_text(value),
                   expected);
}

static PetscErrorCode check_whole(const Check *c, const Place *at, const yaml_node_t *line, const yaml_node_t *value)
{
  char place[256];
  const char *s = yaml_text(value), *digits = s + (*s == '+' || *s == '-');
  if (kind_of(value) != A_NUMBER || digits[count_digits(digits)])
    return fail_kind(c, at, line, value, "a whole number");
  bool octal = digits[0] == '0' && digits[1];
  long v = strtol(s, NULL, 10);
  if (!octal && v >= INT_MIN / 2 && v <= INT_MAX / 2) return 0;
  place_print(at, place, sizeof place);
  return yaml_fail(c->file, line, "%s is %.80s; expected a whole number%s", place, s,
                   octal ? " without leading zeros" : " of at most nine digits");
}

static PetscErrorCode check_text(const Check *c, const cyaml_schema_value_t *s, const Place *at,
                                 const yaml_node_t *line, const yaml_node_t *value)
{
  char place[256];
  if (kind_of(value) != A_TEXT) return fail_kind(c, at, line, value, "a text");
  const char *text = yaml_text(value);
  size_t n = value->data.scalar.length;
  place_print(at, place, sizeof place);
  if (!text[strspn(text, " \t\r\n")]) return yaml_fail(c->file, line, "%s is blank; expected a text", place);
  if (n > s->string.max) return yaml_fail(c->file, line, "%s has %zu bytes; at most %u fit", place, n, s->string.max);
  for (size_t i = 0; i < n; i++)
    if (iscntrl((unsigned char)text[i]) && text[i] != '\n')
      return yaml_fail(c->file, line, "%s holds a control character; expected plain text", place);
  return 0;
}

static PetscErrorCode check_bool(const Check *c, const Place *at, const yaml_node_t *line, const yaml_node_t *value)
{
  return kind_of(value) == A_BOOL ? 0 : fail_kind(c, at, line, value, "true or false");
}

static PetscErrorCode check_number(const Check *c, const Place *at, const yaml_node_t *line, const yaml_node_t *value)
{
  return kind_of(value) == A_NUMBER ? 0 : fail_kind(c, at, line, value, "a number");
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

static PetscErrorCode check_list(const Check *c, const cyaml_schema_value_t *s, const Place *at,
                                 const yaml_node_t *line, const yaml_node_t *value)
{
  char place[256];
  if (value->type != YAML_SEQUENCE_NODE) return fail_kind(c, at, line, value, "a list");
  size_t n = (size_t)(value->data.sequence.items.top - value->data.sequence.items.start);
  bool fixed = s->sequence.min == s->sequence.max;
  place_print(at, place, sizeof place);
  if (n < s->sequence.min || n > s->sequence.max)
    return yaml_fail(c->file, line, "%s has %zu entries; expected %s%u", place, n,
                     fixed                 ? ""
                     : n < s->sequence.min ? "at least "
                                           : "at most ",
                     n < s->sequence.min ? s->sequence.min : s->sequence.max);
  for (int i = 0; i < (int)n; i++) {
    yaml_node_t *item = yaml_item(c->file, value, i);
    Place below = {at, NULL, i + 1};
    PetscCall(check_value(c, s->sequence.entry, &below, item, item));
  }
  return 0;
}

/* ---- mappings ------------------------------------------------------------------------------------------------ */

static PetscErrorCode fail_key(const Check *c, const cyaml_schema_field_t *fields, const Place *at,
                               const yaml_node_t *key)
{
  char place[256], known[600];
  place_print(at, place, sizeof place);
  known_keys(fields, known, sizeof known);
  return yaml_fail(c->file, key, "unknown key \"%.80s\"%s%s; expected one of: %s", yaml_text(key), at->up ? " in " : "",
                   at->up ? place : "", known);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
  for (; fields->key; fields++)
    if (!strcmp(fields->key, key)) return fields;
  return NULL;
}

static PetscErrorCode check_key(const Check *c, const Place *at, const yaml_node_t *mapping, const yaml_node_pair_t *p)
{
  char place[256];
  const yaml_node_t *key = yaml_node(c->file, p->key);
  place_print(at, place, sizeof place);
  if (key->type != YAML_SCALAR_NODE) return yaml_fail(c->file, key, "found a list or mapping as a key in %s", place);
  for (const yaml_node_pair_t *q = mapping->data.mapping.pairs.start; q < p; q++) {
    const yaml_node_t *other = yaml_node(c->file, q->key);
    if (!strcmp(yaml_text(other), yaml_text(key)))
      return yaml_fail(c->file, key, "\"%.80s\" is given twice in %s; first in line %d", yaml_text(key), place,
                       yaml_line(other));
  }
  return 0;
}

static PetscErrorCode check_missing(const Check *c, const cyaml_schema_field_t *fields, const Place *at,
                                    const yaml_node_t *line, const yaml_node_t *mapping)
{
  char place[256];
  place_print(at, place, sizeof place);
  for (; fields->key; fields++)
    if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) && !yaml_find(c->file, mapping, fields->key))
      return yaml_fail(c->file, line, "%s has no \"%s\", which is needed", place, fields->key);
  return 0;
}

static PetscErrorCode check_mapping(const Check *c, const cyaml_schema_value_t *s, const Place *at,
                                    const yaml_node_t *line, const yaml_node_t *value)
{
  const cyaml_schema_field_t *fields = s->mapping.fields;
  if (value->type != YAML_MAPPING_NODE) return fail_kind(c, at, line, value, "a mapping (keys and values)");
  for (yaml_node_pair_t *p = value->data.mapping.pairs.start; p < value->data.mapping.pairs.top; p++) {
    PetscCall(check_key(c, at, value, p));
    const yaml_node_t *key = yaml_node(c->file, p->key);
    const cyaml_schema_field_t *field = find_field(fields, yaml_text(key));
    if (!field) return fail_key(c, fields, at, key);
    Place below = {at, field->key, 0};
    PetscCall(check_value(c, &field->value, &below, key, yaml_node(c->file, p->value)));
  }
  return check_missing(c, fields, at, line, value);
}

/* `line` is the node that a message points to: the key where there is one. */
static PetscErrorCode check_value(const Check *c, const cyaml_schema_value_t *s, const Place *at,
                                  const yaml_node_t *line, const yaml_node_t *value)
{
  switch (s->type) {
  case CYAML_INT: return check_whole(c, at, line, value);
  case CYAML_FLOAT: return check_number(c, at, line, value);
  case CYAML_BOOL: return check_bool(c, at, line, value);
  case CYAML_STRING: return check_text(c, s, at, line, value);
  case CYAML_SEQUENCE:
  case CYAML_SEQUENCE_FIXED: return check_list(c, s, at, line, value);
  case CYAML_MAPPING: return check_mapping(c, s, at, line, value);
  default: SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: the schema has a kind of value that is never used", at->key);
  }
}

PetscErrorCode yaml_check_strictly(const YamlFile *f, const cyaml_schema_value_t *schema)
{
  Check c = {f};
  Place document = {NULL, NULL, 0};
  const yaml_node_t *root = yaml_root(f);
  return check_value(&c, schema, &document, root, root);
}
