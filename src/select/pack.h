/* Parts of a sweep that know themselves how they are packed. Private to src/select. */
#ifndef CAUDA_SELECT_PACK_H
#define CAUDA_SELECT_PACK_H

#include "cauda/pack.h"
#include "cauda/screen.h"

PetscErrorCode screen_carry(Pack *p, Screen **s) CAUDA_CHECKED;
PetscErrorCode generator_carry(Pack *p, const LeadModel *m, Generator **g) CAUDA_CHECKED;

#endif
