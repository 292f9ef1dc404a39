/* Files that appear whole or not at all, and the small things around them. */
#include "tmpfiles.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TMP_PREFIX ".tmp-"

/* What the system said, in words for the one who owns the folder. */
static const char *reason(int err)
{
  switch (err) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG: return "no space left on the device; nothing was changed";
  case EACCES:
  case EPERM: return "you may not write here";
  case EROFS: return "the file system is read-only";
  case ENOENT: return "no such file or folder";
  case ENOTDIR: return "a part of the path is a file, not a folder";
  default: return strerror(err);
  }
}

static PetscErrorCode fail_write(const char *path, int err)
{
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, reason(err));
}

static void split(const char *path, char dir[CAUDA_PATH_MAX], const char **name)
{
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  size_t n = (size_t)(*name - path);
  memcpy(dir, path, n);
  dir[n] = '\0';
}

PetscErrorCode file_begin(const char *path, OutFile *f)
{
  char dir[CAUDA_PATH_MAX];
  const char *name;
  memset(f, 0, sizeof *f);
  PetscCheck(strlen(path) < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", path);
  split(path, dir, &name);
  struct stat st;
  PetscCheck(stat(path, &st) || !S_ISDIR(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: is a folder; a file is to be written there", path);
  strcpy(f->path, path);
  snprintf(f->tmp, sizeof f->tmp, "%s" TMP_PREFIX "%d-%s", dir, (int)getpid(), name);
  PetscCall(tmp_register(f->tmp));
  f->open = true;
  return 0;
}

PetscErrorCode file_open(OutFile *f, FILE **stream)
{
  *stream = fopen(f->tmp, "wb");
  if (*stream) return 0;
  int err = errno;
  file_abort(f);
  return fail_write(f->path, err);
}

PetscErrorCode file_close(OutFile *f, FILE **stream)
{
  FILE *s = *stream;
  *stream = NULL;
  errno = 0;
  bool bad = ferror(s) || fflush(s) || fsync(fileno(s));
  int err = errno;
  if (fclose(s) && !bad) bad = true, err = errno;
  if (!bad) return 0;
  file_abort(f);
  return fail_write(f->path, err ? err : ENOSPC);
}

/* Makes sure of the data that a library wrote under the tmp name. */
static int sync_path(const char *path, int flags)
{
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) return errno;
  int err = fsync(fd) && errno != EINVAL ? errno : 0;
  close(fd);
  return err;
}

PetscErrorCode file_commit(OutFile *f)
{
  char dir[CAUDA_PATH_MAX];
  const char *name;
  int err = sync_path(f->tmp, O_RDONLY);
  if (!err && rename(f->tmp, f->path)) err = errno;
  if (err) {
    file_abort(f);
    return fail_write(f->path, err);
  }
  tmp_forget(f->tmp);
  f->open = false;
  split(f->path, dir, &name);
  (void)sync_path(*dir ? dir : ".", O_RDONLY | O_DIRECTORY); /* the file is whole already; its name is best effort */
  return 0;
}

void file_abort(OutFile *f)
{
  if (!f->open) return;
  unlink(f->tmp);
  tmp_forget(f->tmp);
  f->open = false;
}

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

/* folder_create with what exists left alone; each part of the path in turn. */
static PetscErrorCode make_parts(const char *path)
{
  char part[CAUDA_PATH_MAX];
  for (size_t i = 1; path[i - 1]; i++) {
    if (path[i] && path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (mkdir(part, 0777) && errno != EEXIST)
      SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: the folder cannot be made: %s", part, reason(errno));
  }
  return 0;
}

PetscErrorCode folder_create(const char *path)
{
  struct stat st;
  if (!*path) path = ".";
  PetscCheck(strlen(path) < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", path);
  if (stat(path, &st)) {
    PetscCall(make_parts(path));
    PetscCheck(!stat(path, &st), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, reason(errno));
  }
  PetscCheck(S_ISDIR(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: is a file; a folder is expected", path);
  PetscCheck(!access(path, W_OK | X_OK), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, reason(errno));
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
