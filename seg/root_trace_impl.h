/* Private to seg/root_trace*.c: roots of one mask on their way down. */
#ifndef CAUDA_SEG_ROOT_TRACE_IMPL_H
#define CAUDA_SEG_ROOT_TRACE_IMPL_H

#include "cord_middle.h"
#include "labels.h"

/* A root, or one of its rootlets, on its way down. */
typedef struct {
  int name;               /* 1 + index in v->root; 0: it did not begin at the cord */
  int top, k;             /* first and last slice in which it was seen */
  double at[2], slope[2]; /* voxels; a slice */
  double mid[2], gate;    /* in the slice that is looked at: where it is expected, and to how many mm */
} Strand;

typedef struct {
  LabelVolume *v;
  const CordMiddle *middle;
  const size_t *at; /* [n] the mask's voxels, ascending */
  const int *member;
  int *strand_of;     /* [n] -1: none yet */
  size_t first, last; /* the slice's voxels */
  size_t n_strand, n_live, room, live_room;
  Strand *strand;
  size_t *live;  /* strands that have not ended */
  size_t n_seen; /* of all slices, how many strands have voxels there */
} Trace;

/* root_trace_names: gives the mask's n voxels the names of their strands, or takes them away; notes both counts.
 * Errors: as root_trace(). */
PetscErrorCode root_trace_names(Trace *t, size_t n, Anatomy *a) CAUDA_CHECKED;

#endif
