/* Cauda's own data files: where they are, whether the binary stands in a source tree or is installed. */
#include "cauda/base.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACES = 16 };

typedef struct {
  int n;
  char folder[PLACES][CAUDA_PATH_MAX];
} Places;

static void add(Places *p, const char *dir, const char *below)
{
  if (p->n == PLACES || strlen(dir) + strlen(below) + 2 > CAUDA_PATH_MAX) return;
  char *at = stpcpy(p->folder[p->n++], dir);
  at = stpcpy(at, *below ? "/" : "");
  strcpy(at, below);
}

/* The source tree is known by its header; a stray folder called cases/ above the binary is not one. */
static bool is_source_tree(const char *dir)
{
  char probe[CAUDA_PATH_MAX + 32];
  snprintf(probe, sizeof probe, "%s/include/cauda/base.h", dir);
  return file_exists(probe);
}

static void find_places(Places *p)
{
  const char *set = getenv("CAUDA_DATA");
  if (set && *set) add(p, set, "");
  char dir[CAUDA_PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
  if (n <= 0) return;
  dir[n] = '\0';
  char *slash = strrchr(dir, '/');
  for (int up = 0; slash && up < 6; up++) {
    *slash = '\0';
    if (is_source_tree(dir)) add(p, dir, "cases");
    if (up == 1) add(p, dir, "share/cauda/cases");
    slash = strrchr(dir, '/');
  }
}

PetscErrorCode data_find(const char *name, char out[CAUDA_PATH_MAX])
{
  Places *p;
  PetscCall(mem_alloc(1, sizeof *p, &p));
  find_places(p);
  char tried[1024] = "";
  bool found = false;
  for (int i = 0; i < p->n && !found; i++) {
    snprintf(out, CAUDA_PATH_MAX, "%.*s/%s", CAUDA_PATH_MAX - 258, p->folder[i], name);
    found = file_exists(out);
    size_t used = strlen(tried);
    snprintf(tried + used, sizeof tried - used, "%s%s", used ? ", " : "", p->folder[i]);
  }
  free(p);
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "no file \"%s\" among Cauda's data; looked in: %s", name,
             *tried ? tried : "nowhere (set CAUDA_DATA)");
  return 0;
}

bool data_has(const char *name, char out[CAUDA_PATH_MAX])
{
  if (PetscPushErrorHandler(PetscReturnErrorHandler, NULL)) return false;
  PetscErrorCode ierr = data_find(name, out);
  return PetscPopErrorHandler() == 0 && ierr == 0;
}
