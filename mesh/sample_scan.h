/* Private to mesh: where an interface passes through a grid. */
#ifndef CAUDA_MESH_SAMPLE_SCAN_H
#define CAUDA_MESH_SAMPLE_SCAN_H

#include "sample_round.h"

/* A regular grid: n points along each axis from lo on. */
typedef struct {
  double lo[3], step;
  int n[3];
} ScanGrid;

/* sample_scan: the grid's points where the sign of interface `shape` differs from that of a neighbour below along some axis,
 * block by block; the caller frees *at. In threads. */
PetscErrorCode sample_scan(Sampler *s, int shape, const ScanGrid *g, int64_t *n, SamplePoint **at) CAUDA_CHECKED;

#endif
