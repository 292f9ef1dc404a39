/* Where a paddle, table, phantom or population that a case names is to be found. */
#include "yaml_spec.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static bool ends_with(const char *s, const char *end)
{
  size_t n = strlen(s), k = strlen(end);
  return n >= k && !strcmp(s + n - k, end);
}

static bool is_path(const char *name)
{
  return strchr(name, '/') || ends_with(name, ".yaml") || ends_with(name, ".yml") || ends_with(name, ".json");
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* "a, b, c": the names that the folder of this kind offers. */
static void list_names(const char *kind, char *out, size_t room)
{
  enum { MOST = 64 };
  char folder[CAUDA_PATH_MAX], name[MOST][CAUDA_NAME_MAX];
  int n = 0;
  *out = '\0';
  DIR *dir = data_has(kind, folder) ? opendir(folder) : NULL;
  if (!dir) return;
  for (struct dirent *e; n < MOST && (e = readdir(dir));)
    if (ends_with(e->d_name, ".yaml") && strlen(e->d_name) < CAUDA_NAME_MAX)
      snprintf(name[n++], CAUDA_NAME_MAX, "%.*s", (int)strlen(e->d_name) - 5, e->d_name);
  closedir(dir);
  qsort(name, (size_t)n, sizeof *name, by_name);
  for (int i = 0; i < n; i++) {
    size_t used = strlen(out);
    snprintf(out + used, room - used, "%s%s", i ? ", " : "", name[i]);
  }
}

static void say_absent(const char *kind, const char *name, char out[CAUDA_PATH_MAX])
{
  char names[400];
  list_names(kind, names, sizeof names);
  snprintf(out, CAUDA_PATH_MAX, "there is no \"%.80s\" among Cauda's %s; expected %s%sa path to a file", name, kind,
           names, *names ? ", or " : "");
}

bool data_resolve(const char *kind, const char *name, const char *folder, char out[CAUDA_PATH_MAX])
{
  char file[CAUDA_PATH_MAX];
  if (is_path(name)) {
    bool fits = (size_t)snprintf(file, sizeof file, "%s%s%s", *name == '/' ? "" : folder,
                                 *name == '/' || !*folder ? "" : "/", name) < sizeof file;
    bool there = fits && file_exists(file);
    if (there)
      strcpy(out, file);
    else
      snprintf(out, CAUDA_PATH_MAX, "there is no file \"%.1000s\"", file);
    return there;
  }
  if (strlen(kind) + strlen(name) + 8 < sizeof file) {
    snprintf(file, sizeof file, "%.64s/%.*s.yaml", kind, CAUDA_PATH_MAX - 80, name);
    if (data_has(file, out)) return true;
  }
  say_absent(kind, name, out);
  return false;
}

PetscErrorCode data_path(const char *kind, const char *name, const char *folder, char out[CAUDA_PATH_MAX])
{
  bool found = data_resolve(kind, name, folder ? folder : "", out);
  if (!found) SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s", out);
  return 0;
}

PetscErrorCode data_path_csv(const char *kind, const char *name, const char *folder, char out[CAUDA_PATH_MAX])
{
  char own[2 * CAUDA_NAME_MAX];
  if (strchr(name, '/') || ends_with(name, ".csv")) return path_join(folder ? folder : "", name, out);
  PetscCheck(strlen(name) < CAUDA_NAME_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the name is too long", name);
  snprintf(own, sizeof own, "%.32s/%s.csv", kind, name);
  return data_find(own, out);
}
