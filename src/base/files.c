/* Files read whole, and names and paths of files. */
#include "cauda/base.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static PetscErrorCode read_stream(FILE *s, const char *path, char **text, size_t *length)
{
  size_t capacity = 0, n = 0, got;
  char *t = NULL;
  do {
    PetscErrorCode ierr = mem_grow(n + 65536 + 1, 1, &capacity, &t);
    if (ierr) {
      free(t);
      PetscCall(ierr);
    }
    got = fread(t + n, 1, 65536, s);
    n += got;
  } while (got);
  if (ferror(s)) {
    free(t);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: cannot be read: %s", path, strerror(errno));
  }
  t[n] = '\0';
  *text = t;
  if (length) *length = n;
  return 0;
}

static PetscErrorCode open_to_read(const char *path, FILE **stream)
{
  struct stat st;
  PetscCheck(!stat(path, &st), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path,
             errno == ENOENT ? "no such file" : strerror(errno));
  PetscCheck(!S_ISDIR(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: is a folder; a file is expected", path);
  *stream = fopen(path, "rb");
  PetscCheck(*stream, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  return 0;
}

PetscErrorCode file_read_all(const char *path, char **text, size_t *length)
{
  FILE *s;
  PetscCall(open_to_read(path, &s));
  PetscErrorCode ierr = read_stream(s, path, text, length);
  fclose(s);
  PetscCall(ierr);
  return 0;
}

bool file_exists(const char *path)
{
  struct stat st;
  return !stat(path, &st);
}

PetscErrorCode path_join(const char *dir, const char *name, char out[CAUDA_PATH_MAX])
{
  size_t n = dir ? strlen(dir) : 0;
  if (name[0] == '/' || !n) dir = "", n = 0;
  const char *gap = n && dir[n - 1] != '/' ? "/" : "";
  int k = snprintf(out, CAUDA_PATH_MAX, "%s%s%s", dir, gap, name);
  PetscCheck(k < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s/%s: the path is too long", dir, name);
  return 0;
}

void file_part(const char *name, char out[CAUDA_NAME_MAX])
{
  size_t n = strnlen(name, CAUDA_NAME_MAX - 1);
  for (size_t i = 0; i < n; i++) out[i] = isalnum((unsigned char)name[i]) || strchr("-_.+", name[i]) ? name[i] : '_';
  out[n] = '\0';
}
