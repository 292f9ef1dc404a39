/* The tmp files that are open now: what the signal handler has to remove. */
#ifndef CAUDA_TMPFILES_H
#define CAUDA_TMPFILES_H

#include "cauda/base.h"

PetscErrorCode tmp_register(const char *tmp) CAUDA_CHECKED;
void tmp_forget(const char *tmp);
void tmp_unlink_all(void); /* async-signal-safe; only those of this process */

#endif
