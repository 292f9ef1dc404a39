/* Private to seg: exact Euclidean distances on voxel grids, and signed distances of masks from them. */
#ifndef CAUDA_SEG_DISTANCE_TRANSFORM_H
#define CAUDA_SEG_DISTANCE_TRANSFORM_H

#include "cauda/base.h"

/* Arrays are [n2][n1][n0]; masks hold 0 or 1; `step` are the voxels' sizes, mm. `planar`: each slice for itself. Results
 * do not depend on n_thread (as team_create). */

/* distance_nearest: for each voxel the index of the nearest one where mask is 1 (centre to centre; -1 where
 * there is none). Exact; time and memory linear in the voxels.
 * Source: lower envelopes of parabolas, Felzenszwalb and Huttenlocher, Theory of Computing 8 (2012) 415. */
PetscErrorCode distance_nearest(const uint8_t *mask, const int n[3], const double step[3], bool planar, int n_thread,
                                int32_t *nearest) CAUDA_CHECKED;

/* distance_signed: mm to the mask's surface, negative inside. The surface runs midway between neighbours of which one
 * is inside, or where `soft` (NULL: none; positive inside) says between them. Where a slice (planar) has no inside,
 * the nearest slice that has one is capped by a rounded end; an empty mask gives `far` everywhere.
 *   d  [n2][n1][n0] mm, out */
PetscErrorCode distance_signed(const uint8_t *mask, const float *soft, const int n[3], const double step[3],
                               bool planar, double far, int n_thread, float *d) CAUDA_CHECKED;

/* distance_smooth: Gaussian of `sigma` voxels along the first `n_axes` axes, values beyond the border as at it. */
PetscErrorCode distance_smooth(const int n[3], double sigma, int n_axes, int n_thread, float *d) CAUDA_CHECKED;

/* distance_fair: takes away the terraces of voxels on gently curved surfaces: a kernel of fourth order of `sigma` voxels,
 * which leaves the place of a curved surface as it is (to sigma^4 times the Laplacian's Laplacian over 8), and holds in
 * full where it changes the distance by less than half of `most`, not at all beyond `most`: there the shape is finer.
 * Source: twicing, Tukey, Exploratory Data Analysis (1977); Stuetzle and Mittal, Lecture Notes in Mathematics 757
 * (1979) 176. */
PetscErrorCode distance_fair(const int n[3], double sigma, int n_axes, double most, int n_thread,
                             float *d) CAUDA_CHECKED;

/* distance_resample: to m[0] x m[1] x m[2] points, the first at `start` (in voxels of d), `pace` voxels apart;
 * interpolated by monotone cubics along each axis (no value beyond those of the two neighbours on a line), constant
 * beyond the border. *out is owned by the caller.
 * Source: limited slopes, Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238. */
PetscErrorCode distance_resample(const float *d, const int n[3], const int m[3], const double start[3],
                                 const double pace[3], int n_thread, float **out) CAUDA_CHECKED;

/* distance_shift_for_volume: the c for which {d < c}, d taken as trilinear between its points, has the volume `target`
 * (mm3; within `reach` mm of 0, else the end of that range). */
PetscErrorCode distance_shift_for_volume(const float *d, const int n[3], const double step[3], double target,
                                         double reach, double *c) CAUDA_CHECKED;

#endif
