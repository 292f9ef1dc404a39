/* Keys: a stage's result is known by what it was made from. A key is the SHA-256 of a text that names the program, the
 * values of the case that the stage depends on, the contents of the files it reads, and the keys of what came before. */
#ifndef CAUDA_CLI_KEYS_H
#define CAUDA_CLI_KEYS_H

#include "work.h"

typedef struct {
  char *text; /* what is hashed */
  size_t length;
  FILE *stream;
  Report *report;    /* input files are noted in it; may be NULL */
  const char *stage; /* under this name */
} KeyText;

PetscErrorCode key_begin(Report *report, const char *stage, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_end(KeyText *k, char hex[65]) CAUDA_CHECKED;
void key_abort(KeyText *k); /* safe after key_end, too */

/* What each stage depends on, besides the stages before it. */
PetscErrorCode key_seg(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_mesh(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_solve(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_fibers(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_rank(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_sweep(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_search(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_confidence(const Work *w, KeyText *k) CAUDA_CHECKED;
PetscErrorCode key_report(const Work *w, KeyText *k) CAUDA_CHECKED;

#endif
