/* Private to seg: the regions sampled on a grid, and their pieces and holes. */
#ifndef CAUDA_SEG_REGION_MAP_H
#define CAUDA_SEG_REGION_MAP_H

#include "cauda/anatomy.h"

typedef struct {
  int n[3];
  double origin[3], step[3]; /* mm; cell centres */
  int16_t *v;                /* [n2][n1][n0] region as of anatomy_region_at */
} RegionMap;

typedef struct {
  double volume_mm3, largest_piece_mm3;
  int pieces; /* of cells that touch at a corner, an edge or a face */
  int holes;  /* closed cavities: what the region cuts off from the map's border */
} RegionCount;

/* region_map_create: the domain about the spine at 0.25 x 0.25 x 0.5 mm, or coarser where that is too much. */
PetscErrorCode region_map_create(const Anatomy *a, RegionMap **out) CAUDA_CHECKED;
void region_map_destroy(RegionMap **m);

/* region_map_count: count[n_region], owned by the caller. The body's volume is what its cylinder leaves. */
PetscErrorCode region_map_count(const RegionMap *m, const Anatomy *a, int n_region, RegionCount **count) CAUDA_CHECKED;

#endif
