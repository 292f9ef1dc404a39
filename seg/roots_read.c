/* Reading annotated root lines and ganglia. */
#include "roots_read.h"

#include <stdlib.h>
#include <string.h>

#include "markups.h"

static const struct {
  char letter;
  int first, last;
} SEGMENTS[] = {{'T', 1, 12}, {'L', 1, 5}, {'S', 1, 5}};

void root_lines_destroy(int n, RootLine **lines)
{
  if (!*lines) return;
  for (int i = 0; i < n; i++) free((*lines)[i].xyz);
  free(*lines);
  *lines = NULL;
}

/* `pattern` with {root} and {side} filled in, under the folder `input`. */
static PetscErrorCode fill_pattern(const char *pattern, const char *segment, char side, const char *input,
                                   char path[CAUDA_PATH_MAX])
{
  char name[CAUDA_PATH_MAX];
  size_t n = 0;
  for (const char *c = pattern; *c; c++) {
    const bool root = !strncmp(c, "{root}", 6), is_side = !strncmp(c, "{side}", 6);
    const char one[2] = {is_side ? side : *c, 0};
    const char *add = root ? segment : one;
    PetscCheck(n + strlen(add) < sizeof name, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "the pattern \"%s\" is too long",
               pattern);
    n += (size_t)snprintf(name + n, sizeof name - n, "%s", add);
    if (root || is_side) c += 5;
  }
  return path_join(input, name, path);
}

static PetscErrorCode check_pattern(const char *key, const char *pattern)
{
  PetscCheck(strstr(pattern, "{root}") && strstr(pattern, "{side}"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "anatomy.%s: found \"%s\", expected a file name with {root} and {side} in it", key, pattern);
  return 0;
}

static PetscErrorCode read_line(const char *path, const char *coordinates, RootLine *l)
{
  Markup *m = NULL;
  PetscCall(markup_read(path, coordinates, &m));
  const MarkupType type = m->type;
  snprintf(l->path, sizeof l->path, "%s", path);
  l->n = m->n;
  l->xyz = m->xyz;
  m->xyz = NULL;
  markup_destroy(&m);
  PetscCheck(type != MARKUP_CLOSED_CURVE, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a closed curve, expected a root's line (Fiducial, Curve or Line)", path);
  PetscCheck(l->n >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a root of %d control point, expected at least 2", path, l->n);
  return 0;
}

/* The ganglion of a root: one point; where a file holds several, their mean. */
static PetscErrorCode read_ganglion(const char *path, const char *coordinates, RootLine *l)
{
  Markup *m = NULL;
  PetscCall(markup_read(path, coordinates, &m));
  v3_set(l->ganglion, 0, 0, 0);
  for (int i = 0; i < m->n; i++) v3_axpy(l->ganglion, 1.0 / m->n, m->xyz[i], l->ganglion);
  l->has_ganglion = true;
  markup_destroy(&m);
  return 0;
}

static PetscErrorCode read_if_there(const char *pattern, const char *ganglia, const char *input,
                                    const char *coordinates, RootLine *l, int *n)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(fill_pattern(pattern, l->segment, l->side, input, path));
  if (!file_exists(path)) return 0;
  (*n)++;
  PetscCall(read_line(path, coordinates, l));
  if (!ganglia) return 0;
  PetscCall(fill_pattern(ganglia, l->segment, l->side, input, path));
  return file_exists(path) ? read_ganglion(path, coordinates, l) : 0;
}

static PetscErrorCode read_lines(const char *pattern, const char *ganglia, const char *input, const char *coordinates,
                                 int *n, RootLine *lines)
{
  int with_ganglion = 0;
  for (size_t s = 0; s < sizeof SEGMENTS / sizeof *SEGMENTS; s++)
    for (int k = SEGMENTS[s].first; k <= SEGMENTS[s].last; k++)
      for (int side = 0; side < 2; side++) {
        RootLine *l = &lines[*n];
        snprintf(l->segment, sizeof l->segment, "%c%d", SEGMENTS[s].letter, k);
        l->side = "LR"[side];
        PetscCall(read_if_there(pattern, ganglia, input, coordinates, l, n));
      }
  for (int i = 0; i < *n; i++) with_ganglion += lines[i].has_ganglion;
  PetscCheck(*n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "no file matches the pattern \"%s\" of the roots (T1..T12, L1..L5, S1..S5; L, R) in the folder %s",
             pattern, input);
  PetscCheck(!ganglia || with_ganglion, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "no file matches the pattern \"%s\" of the ganglia in the folder %s", ganglia, input);
  return 0;
}

PetscErrorCode root_lines_read(const char *pattern, const char *ganglia, const char *input, const char *coordinates,
                               int *n, RootLine **out)
{
  enum { MOST = 2 * (12 + 5 + 5) + 1 }; /* one more than can be: the slot that is tried next */
  PetscCall(check_pattern("roots", pattern));
  if (ganglia) PetscCall(check_pattern("ganglia", ganglia));
  PetscCall(mem_alloc(MOST, sizeof **out, out));
  *n = 0;
  const PetscErrorCode ierr = read_lines(pattern, ganglia, input, coordinates, n, *out);
  if (ierr) root_lines_destroy(*n, out), *n = 0;
  return ierr;
}
