/* Private to seg: a tree of boxes over the pieces of all roots' centre lines. */
#ifndef CAUDA_SEG_ROOT_INDEX_H
#define CAUDA_SEG_ROOT_INDEX_H

#include "cauda/anatomy.h"

PetscErrorCode root_index_create(const Anatomy *a, AnatomyIndex **out) CAUDA_CHECKED;
void root_index_destroy(AnatomyIndex **x);

#endif
