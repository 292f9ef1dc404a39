/* Errors: the first message is kept, main() prints it once. */
#include "cauda/base.h"

#include <string.h>

static PetscErrorCode keep_first(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                                 PetscErrorType type, const char *message, void *context)
{
  ErrorRecord *e = context;
  (void)comm;
  if (type == PETSC_ERROR_INITIAL && !e->code) {
    const char *slash = strrchr(file ? file : "", '/');
    e->code = code;
    snprintf(e->message, sizeof e->message, "%s", message ? message : "");
    snprintf(e->where, sizeof e->where, "%s, %s:%d", function ? function : "?", slash ? slash + 1 : file, line);
  }
  return code;
}

PetscErrorCode error_record_install(ErrorRecord *e)
{
  error_record_clear(e);
  return PetscPushErrorHandler(keep_first, e);
}

void error_record_clear(ErrorRecord *e) { memset(e, 0, sizeof *e); }

int error_exit_status(PetscErrorCode code)
{
  switch (code) {
  case 0: return 0;
  case PETSC_ERR_USER_INPUT:
  case PETSC_ERR_FILE_OPEN:
  case PETSC_ERR_FILE_READ:
  case PETSC_ERR_FILE_WRITE:
  case PETSC_ERR_FILE_UNEXPECTED: return 1;
  case CAUDA_ERR_MESH: return 3;
  case PETSC_ERR_MEM: return 4;
  case CAUDA_ERR_INTERRUPTED: return 130;
  default: return 2;
  }
}

void error_text(const ErrorRecord *e, PetscErrorCode code, char text[CAUDA_MESSAGE_MAX])
{
  const char *words = e->message, *general = NULL;
  int status = error_exit_status(code);
  if (status == 130) words = "interrupted; what was finished before is kept";
  if (status == 4 && !*words) words = "not enough memory";
  if (!*words && !PetscErrorMessage(code, &general, NULL) && general) words = general;
  size_t n = strlen(words);
  while (n && (words[n - 1] == '\n' || words[n - 1] == ' ')) n--;
  snprintf(text, CAUDA_MESSAGE_MAX, "%.*s", (int)n, words);
  n = strlen(text);
  if (status == 2) snprintf(text + n, CAUDA_MESSAGE_MAX - n, " (in %s)", *e->where ? e->where : "an unknown place");
}
