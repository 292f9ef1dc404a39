/* The sets of a file for a sweep, however many: read in blocks, never all at once. */
#ifndef CAUDA_CLI_SWEEP_LIST_H
#define CAUDA_CLI_SWEEP_LIST_H

#include "work.h"

enum { SWEEP_WIDTHS_MAX = 100 };

/* Pulse widths, and which sets have them: those that name the width; and, unless named_only, those that name none. */
typedef struct {
  int n;
  double us[SWEEP_WIDTHS_MAX];
  bool named_only[SWEEP_WIDTHS_MAX];
} SweepWidths;

typedef struct {
  char path[CAUDA_PATH_MAX];
  int n_contact;
  const char **contact; /* names, borrowed from the lead */
  int64_t n;            /* sets in the file */
  int64_t looked_at;    /* sets times pulse widths that they are looked at with */
} SweepList;

/* sweep_list_open: reads and checks the whole file once; of the widths, those of the case come in, those of the file are
 * added. sweep_list_close: of a zeroed list, too.
 * Errors: as sets_read(); PETSC_ERR_USER_INPUT for more widths than there is room for. */
PetscErrorCode sweep_list_open(Work *w, SweepWidths *widths, SweepList *l) CAUDA_CHECKED;
void sweep_list_close(SweepList *l);

/* sweep_list_path: where the file that the case names is. */
PetscErrorCode sweep_list_path(const Work *w, char path[CAUDA_PATH_MAX]) CAUDA_CHECKED;

/* sweep_list_each: `take` is given each block: its sets, their shares known, and the index of the first; from the block that
 * holds set `from` on. */
typedef PetscErrorCode (*SweepListTake)(void *context, SetTable *block, int64_t first);
PetscErrorCode sweep_list_each(const Work *w, const SweepList *l, int64_t from, SweepListTake take,
                               void *context) CAUDA_CHECKED;

#endif
