/* Private to seg: two label images on one grid, on the way to their measures. */
#ifndef CAUDA_SEG_MEASURE_IMPL_H
#define CAUDA_SEG_MEASURE_IMPL_H

#include "cauda/measure.h"

typedef struct {
  int n[3];
  double step[3]; /* mm */
  double affine[3][4];
  int n_label;
  char (*name)[CAUDA_NAME_MAX];
  uint16_t *a, *b; /* [n2][n1][n0] 0: none, else 1 + label */
} LabelPair;

/* label_pair_read: see seg_compare(). */
PetscErrorCode label_pair_read(const char *path_a, const char *path_b, const SegCompareOptions *o,
                               LabelPair **out) CAUDA_CHECKED;
void label_pair_destroy(LabelPair **p);

/* A box of voxels: lo .. hi - 1; empty where lo >= hi. */
typedef struct {
  int lo[3], hi[3];
} VoxelBox;

/* measure_surfaces: mean and 95th percentile of the distances between the surfaces of a label in A and in B, which
 * both lie in the box; label 0 is all of them as one. NAN where one of them has none. */
PetscErrorCode measure_surfaces(const LabelPair *p, int label, const VoxelBox *box, double *mean_mm,
                                double *percentile_95_mm) CAUDA_CHECKED;

#endif
