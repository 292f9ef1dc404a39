/* SHA-256 of files and texts, through libmd. */
#include "cauda/base.h"

#include <errno.h>
#include <sha2.h>
#include <string.h>

PetscErrorCode file_sha256(const char *path, char hex[65])
{
  PetscCheck(SHA256File(path, hex), PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: cannot be read: %s", path,
             strerror(errno));
  return 0;
}

PetscErrorCode text_sha256(const char *text, size_t length, char hex[65])
{
  PetscCheck(SHA256Data((const uint8_t *)text, length, hex), PETSC_COMM_SELF, PETSC_ERR_LIB, "libmd: SHA-256 failed");
  return 0;
}
