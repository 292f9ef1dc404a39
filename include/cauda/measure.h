/* Measure: how far two segmentations of one image are from each other, label by label.
 *
 * Both images lie on one grid (voxels to a thousandth of their size) and are turned to RAS+ first; slices are those
 * across the axis that runs most nearly to superior. With n(A), n(B), n(AB) voxels of a label in A, in B and in both,
 * and N voxels in all:
 *   Dice   2 n(AB) / (n(A) + n(B))
 *   IoU    n(AB) / (n(A) + n(B) - n(AB))
 *   kappa  Cohen's, of the two decisions inside or outside over all N voxels of the image (Educ. Psychol. Meas. 20
 *          (1960) 37)
 * Surface distances are between centres of surface voxels (those with a face towards the outside of the label or of
 * the image), in mm: the mean is over both ways together, the 95th percentile (linear between ranks) is the larger of
 * the two ways.
 * A number without meaning (a label missing in A or B) is NAN. */
#ifndef CAUDA_MEASURE_H
#define CAUDA_MEASURE_H

#include "cauda/image.h"

typedef struct {
  char name[CAUDA_NAME_MAX]; /* the table's, else the value; with "_L" or "_R" where sides were told apart */
  size_t n_a, n_b, n_both;   /* voxels */
  double dice, iou, kappa;
  double distance_mean_mm, distance_95_mm;
  double volume_a_mm3, volume_b_mm3;
  int slices_a, slices_b, slices_both;
  double area_difference_mm2; /* B less A, mean over the slices that both have */
  double area_deviation_mm2;  /* the same without sign */
  double centre_mean_mm;      /* between the centres of mass slice by slice, over the slices that both have */
  double centre_largest_mm;
  double area_mean_a_mm2, area_mean_b_mm2; /* over each one's own slices */
} SegMeasure;

/* One slice of one label. */
typedef struct {
  int label, slice; /* index of the label; slice from the caudal end */
  double z_mm;      /* RAS+, of the slice's middle */
  double area_a_mm2, area_b_mm2;
  double centre_distance_mm;
} SegSlice;

typedef struct {
  int n_label;       /* the last one, "mask", is all labels as one */
  SegMeasure *label; /* [n_label] */
  int n_slice;
  SegSlice *slice; /* [n_slice] by label, caudal to rostral */
  double kappa;    /* of all labels and the background together */
  size_t n_voxel;  /* of the image */
} SegComparison;

/* How the files are to be understood. NULL: not given. */
typedef struct {
  const char *table;  /* label table (cases/labels/): values of one structure are one label, "ignore" is background */
  const char *cord;   /* file of a mask of the cord: labels are split into left and right of its middle, by slice */
  const char *folder; /* that a path of a table is relative to */
  const char *orientation, *units; /* as in image_read() */
} SegCompareOptions;

/* seg_compare: images in which some value is not whole are masks: above 0.5 is inside.
 * Errors: those of image_read(); PETSC_ERR_USER_INPUT for different grids, a value that the table lacks, no label at
 * all, more than 10000 labels. Free with seg_comparison_destroy. */
PetscErrorCode seg_compare(const char *path_a, const char *path_b, const SegCompareOptions *o,
                           SegComparison **out) CAUDA_CHECKED;
void seg_comparison_destroy(SegComparison **c);

#endif
