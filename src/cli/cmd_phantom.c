/* phantom: the built-in phantom as a case folder that can be edited. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

static PetscErrorCode put_text(const void *text, FILE *s) { return fputs(text, s), 0; }

static PetscErrorCode write_whole(const char *path, const char *text) { return file_write(path, put_text, text); }

/* The copied case reads the copied dimensions, not the built-in ones. */
static PetscErrorCode write_case(const char *path, const char *text)
{
  static const char built_in[] = "lumbosacral", own[] = "phantom.yaml";
  char *changed;
  const char *key = strstr(text, "phantom:"), *at = key ? strstr(key, built_in) : NULL;
  PetscCheck(at, PETSC_COMM_SELF, PETSC_ERR_PLIB, "demo/case.yaml does not name the phantom \"%s\"", built_in);
  PetscCall(mem_alloc(strlen(text) + sizeof own, 1, &changed));
  strncpy(changed, text, (size_t)(at - text));
  strcat(strcat(changed, own), at + strlen(built_in));
  PetscErrorCode ierr = write_whole(path, changed);
  free(changed);
  PetscCall(ierr);
  return 0;
}

static PetscErrorCode copy(const Args *args, const char *data, const char *folder, const char *name,
                           PetscErrorCode (*write)(const char *, const char *))
{
  char from[CAUDA_PATH_MAX], to[CAUDA_PATH_MAX], *text;
  PetscCall(data_find(data, from));
  PetscCall(path_join(folder, name, to));
  PetscCheck(args->force || !file_exists(to), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: exists already and is kept; --force replaces it", to);
  PetscCall(file_read_all(from, &text, NULL));
  PetscErrorCode ierr = write(to, text);
  free(text);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode command_phantom(const Args *args)
{
  const char *folder = args->out ? args->out : "phantom";
  PetscCall(folder_create(folder));
  PetscCall(copy(args, "demo/case.yaml", folder, "case.yaml", write_case));
  PetscCall(copy(args, "demo/sets.csv", folder, "sets.csv", write_whole));
  PetscCall(copy(args, "phantoms/lumbosacral.yaml", folder, "phantom.yaml", write_whole));
  say_progress("wrote case.yaml, sets.csv and phantom.yaml to %s; next: cauda run %s/case.yaml", folder, folder);
  return 0;
}
