/* Defaults, ranges and choices. */
#include "yaml_spec.h"

#include <stdlib.h>
#include <string.h>

/* "growth" in "mesh": a path's last part is the key, the part before it the section, if there is one. */
static void name_print(const char *path, const char *section, char *out, size_t room)
{
  const char *dot = strrchr(path, '.');
  if (dot)
    snprintf(out, room, "\"%s\" in \"%.*s\"", dot + 1, (int)(dot - path), path);
  else if (section)
    snprintf(out, room, "\"%s\" in \"%s\"", path, section);
  else
    snprintf(out, room, "\"%s\"", path);
}

static void range_print(const YamlNumber *s, char *out, size_t room)
{
  bool bounded = s->most < HUGE_VAL;
  if (bounded && s->least == s->most)
    snprintf(out, room, "%g", s->most);
  else if (bounded)
    snprintf(out, room, "%s %g and at most %g", s->above ? "a number above" : "at least", s->least, s->most);
  else if (s->least > -HUGE_VAL)
    snprintf(out, room, "%s %g", s->above ? "a number above" : "at least", s->least);
  else
    snprintf(out, room, "a number");
}

static PetscErrorCode check_number(const YamlFile *f, const yaml_node_t *node, const char *section, const YamlNumber *s,
                                   double v)
{
  char name[128], range[128];
  if (v <= s->most && (s->above ? v > s->least : v >= s->least)) return 0;
  name_print(s->key, section, name, sizeof name);
  range_print(s, range, sizeof range);
  return yaml_fail(f, node, "%s is %g; expected %s", name, v, range);
}

PetscErrorCode yaml_numbers(const YamlFile *f, const yaml_node_t *mapping, const char *section, int n,
                            const YamlNumber *spec, void *structure)
{
  for (const YamlNumber *s = spec; s < spec + n; s++) {
    void *value = (char *)structure + s->offset;
    const yaml_node_t *node = yaml_find(f, mapping, s->key);
    if (node)
      PetscCall(check_number(f, node, section, s, s->whole ? (double)*(int *)value : *(double *)value));
    else if (!isnan(s->fallback) && s->whole)
      *(int *)value = (int)s->fallback;
    else if (!isnan(s->fallback))
      *(double *)value = s->fallback;
  }
  return 0;
}

static PetscErrorCode check_choice(const YamlFile *f, const yaml_node_t *node, const char *section, const YamlText *s,
                                   const char *v)
{
  char name[128], list[256] = "";
  for (int i = 0; s->choices[i]; i++) {
    size_t used = strlen(list);
    if (!strcmp(v, s->choices[i])) return 0;
    snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", s->choices[i]);
  }
  name_print(s->key, section, name, sizeof name);
  return yaml_fail(f, node, "%s is \"%.80s\"; expected %s%s%s%s", name, v, s->choices[1] ? "one of: " : "", list,
                   s->note ? "; " : "", s->note ? s->note : "");
}

PetscErrorCode yaml_texts(const YamlFile *f, const yaml_node_t *mapping, const char *section, int n,
                          const YamlText *spec, void *structure)
{
  for (const YamlText *s = spec; s < spec + n; s++) {
    char **value = (char **)(void *)((char *)structure + s->offset);
    const yaml_node_t *node = yaml_find(f, mapping, s->key);
    if (node && s->choices[0])
      PetscCall(check_choice(f, node, section, s, *value));
    else if (!node && s->fallback)
      PetscCall(text_copy(s->fallback, value));
  }
  return 0;
}
