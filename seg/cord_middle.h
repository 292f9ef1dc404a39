/* Private to seg: the middle of the cord, slice by slice. */
#ifndef CAUDA_SEG_CORD_MIDDLE_H
#define CAUDA_SEG_CORD_MIDDLE_H

#include "labels.h"

/* Below the cord's end the middle is that of the sac, moved as the cord's last middle was. */
typedef struct {
  double (*at)[2]; /* [n2] voxels */
  bool *cord;      /* [n2] the slice has cord */
} CordMiddle;

/* The shapes of `v` are made. Free with cord_middle_free(), after an error, too. */
PetscErrorCode cord_middle_create(const LabelVolume *v, CordMiddle *out) CAUDA_CHECKED;
void cord_middle_free(CordMiddle *m);

#endif
