/* Names: spinal segments, roots, and what is safe in a file's name. */
#include "yaml_spec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Segments of the cord, rostral to caudal. */
static const struct {
  char letter;
  int count;
} part[] = {{'C', 8}, {'T', 12}, {'L', 5}, {'S', 5}};

/* Reads a segment at the start of s; *rest points behind it. */
static int segment_parse(const char *s, const char **rest)
{
  int before = 0;
  for (size_t i = 0; i < sizeof part / sizeof *part; before += part[i++].count) {
    if (*s != part[i].letter || s[1] < '1' || s[1] > '9') continue;
    int n = s[1] - '0';
    *rest = s + 2;
    if (isdigit((unsigned char)s[2])) n = 10 * n + s[2] - '0', ++*rest;
    if (n <= part[i].count) return before + n - 1;
  }
  return -1;
}

int segment_number(const char *name)
{
  const char *rest = "";
  int n = segment_parse(name, &rest);
  return *rest ? -1 : n;
}

bool root_name_valid(const char *name)
{
  const char *rest;
  if (segment_parse(name, &rest) < 0) return false;
  if (strncmp(rest, "_L", 2) != 0 && strncmp(rest, "_R", 2) != 0) return false;
  return !rest[2] || !strcmp(rest + 2, "_dorsal") || !strcmp(rest + 2, "_ventral");
}

/* Labels that hold the roots of a level ("L1", "L1_dorsal"), or all ("roots"). */
static bool root_group_valid(const char *name)
{
  const char *rest;
  if (!strcmp(name, "roots")) return true;
  if (segment_parse(name, &rest) < 0) return false;
  return !*rest || !strcmp(rest, "_dorsal") || !strcmp(rest, "_ventral");
}

bool structure_valid(const char *name)
{
  static const char *const tissues[] = {"cord", "white", "grey", "csf", "dura", "fat", "bone", "body", NULL};
  for (const char *const *t = tissues; *t; t++)
    if (!strcmp(name, *t)) return true;
  return root_name_valid(name) || root_group_valid(name);
}

bool file_name_valid(const char *name)
{
  size_t n = strlen(name);
  if (!n || n >= CAUDA_NAME_MAX || *name == '.' || *name == ' ' || name[n - 1] == ' ') return false;
  for (const unsigned char *s = (const unsigned char *)name; *s; s++)
    if (!isalnum(*s) && *s < 0x80 && !strchr("._-+ ", *s)) return false; /* bytes above: letters in UTF-8 */
  return true;
}
