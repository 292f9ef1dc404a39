/* Private to seg: sampling a DistanceGrid. */
#ifndef CAUDA_SEG_DISTANCE_GRID_H
#define CAUDA_SEG_DISTANCE_GRID_H

#include "cauda/anatomy.h"

/* distance_grid_sample: all channels at p by trilinear interpolation, out[n_channel] mm. Beyond the grid in x and y
 * the distance to the grid's box is added; beyond it in z the last slice holds (shapes go on as prisms). */
void distance_grid_sample(const DistanceGrid *g, const double p[3], double *out);

/* distance_grid_gradient: one channel at p, and its gradient there. */
double distance_grid_gradient(const DistanceGrid *g, int channel, const double p[3], double gradient[3]);

#endif
