/* Private to seg: roots as discs that are packed between cord and dura, slice by slice, on one side of the midline. */
#ifndef CAUDA_SEG_ROOT_PACK_H
#define CAUDA_SEG_ROOT_PACK_H

#include "cauda/anatomy.h"

enum { PACK_SLICES_A_MM = 2 };

/* The right half of the anatomy, in slices from rostral (0) to caudal; u is the way from the midline, to either side;
 * what is tighter of left and right counts. */
typedef struct {
  const Anatomy *a;
  int n;
  double top;                            /* mm, height of slice 0 */
  double *mid;                           /* [n] mm, local x of the midline */
  double *cord_y, *cord_half;            /* [n] mm, middle and half width of the cord (half 0 where there is none) */
  double *sac_y, *sac_half, *sac_height; /* [n] mm, middle, half width and half height of the sac */
} HalfSpace;

double half_z(const HalfSpace *h, int slice);
double half_distance(const HalfSpace *h, Tissue t, int slice,
                     const double q[2]); /* WHITE: to the nearer, CSF: least room */
void half_gradient(const HalfSpace *h, Tissue t, int slice, const double q[2], double out[2]);

PetscErrorCode half_space_create(const Anatomy *a, double top, double bottom, HalfSpace **out) CAUDA_CHECKED;
void half_space_destroy(HalfSpace **h);

/* One root on the right side. */
typedef struct {
  double radius;             /* mm */
  double entry_angle;        /* rad, from the dorsal midline */
  double lateral;            /* 0..1: wanted place in the sac below the cord, from the midline outward */
  double height;             /* -1..1: wanted place from the sac's dorsal to its ventral wall */
  double exit_z, exit_slope; /* mm; sideways way a way down */
  int entry;                 /* slice of the entry */
  int exit;                  /* out: slice where it begins to cross the dura, or n */
  int end;                   /* out: last slice */
  double dir[2];             /* out: where it leaves to */
  double (*q)[2];            /* [n] (u, y) mm; before the entry: where it is going to be */
} Strand;

/* strands_pack: courses such that all tubes stay `gap` apart from one another, their mirror images, dura and cord (but
 * at entry and exit). *worst is how much of that is missing at most, mm (0: nothing). */
PetscErrorCode strands_pack(const HalfSpace *h, double gap, int n, Strand *s, double *worst) CAUDA_CHECKED;

#endif
