/* Outputs: files that appear whole or not at all, and the folders they lie in. */
#include "tmpfiles.h"

#include <errno.h>
#include <fcntl.h>
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

PetscErrorCode file_fail_write(const char *path, int err)
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

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* A file on its way. */
typedef struct {
  const char *path;
  char tmp[CAUDA_PATH_MAX + 16];
} OutFile;

static PetscErrorCode begin(const char *path, OutFile *f)
{
  char dir[CAUDA_PATH_MAX];
  const char *name;
  PetscCheck(strlen(path) < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", path);
  split(path, dir, &name);
  struct stat st;
  PetscCheck(stat(path, &st) || !S_ISDIR(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: is a folder; a file is to be written there", path);
  f->path = path;
  snprintf(f->tmp, sizeof f->tmp, "%s" TMP_PREFIX "%d-%s", dir, (int)getpid(), name);
  return tmp_register(f->tmp);
}

static PetscErrorCode open_stream(const OutFile *f, FILE **s)
{
  *s = fopen(f->tmp, "wb");
  return *s ? 0 : file_fail_write(f->path, errno);
}

static PetscErrorCode close_stream(const OutFile *f, FILE *s)
{
  errno = 0;
  bool bad = ferror(s) || fflush(s);
  int err = errno;
  if (fclose(s) && !bad) bad = true, err = errno;
  return bad ? file_fail_write(f->path, err ? err : ENOSPC) : 0;
}

/* Makes sure of data that lie under a name. */
static int sync_path(const char *path, int flags)
{
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) return errno;
  int err = fsync(fd) && errno != EINVAL ? errno : 0;
  close(fd);
  return err;
}

static PetscErrorCode commit(const OutFile *f)
{
  char dir[CAUDA_PATH_MAX];
  const char *name;
  int err = sync_path(f->tmp, O_RDONLY);
  if (!err && rename(f->tmp, f->path)) err = errno;
  if (err) return file_fail_write(f->path, err);
  split(f->path, dir, &name);
  (void)sync_path(*dir ? dir : ".", O_RDONLY | O_DIRECTORY); /* the file is whole already; its name is best effort */
  return 0;
}

/* The tmp file becomes the file, or goes. */
static PetscErrorCode end(const OutFile *f, PetscErrorCode ierr)
{
  if (!ierr) ierr = commit(f);
  if (ierr) unlink(f->tmp);
  tmp_forget(f->tmp);
  return ierr;
}

static PetscErrorCode write_stream(const OutFile *f, FileWriter writer, const void *what)
{
  FILE *s;
  PetscCall(open_stream(f, &s));
  PetscErrorCode ierr = writer(what, s);
  if (ierr)
    fclose(s);
  else
    ierr = close_stream(f, s);
  return ierr;
}

PetscErrorCode file_write(const char *path, FileWriter writer, const void *what)
{
  OutFile f;
  PetscCall(begin(path, &f));
  PetscCall(end(&f, write_stream(&f, writer, what)));
  return 0;
}

/* Whether it can be written at all is told best before a library tries. */
static PetscErrorCode write_empty(const OutFile *f)
{
  FILE *s;
  PetscCall(open_stream(f, &s));
  return close_stream(f, s);
}

PetscErrorCode file_make(const char *path, FileMaker maker, const void *what)
{
  OutFile f;
  PetscCall(begin(path, &f));
  PetscErrorCode ierr = write_empty(&f);
  if (!ierr) ierr = maker(what, f.tmp);
  PetscCall(end(&f, ierr));
  return 0;
}

/* ---- folders -------------------------------------------------------------------------------------------------- */

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
