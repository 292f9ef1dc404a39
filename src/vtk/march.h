/* Marching tetrahedra: the surface where sampled values change sign, closed whatever the values are. Inside src/vtk/.
 *
 * Each cube of a regular lattice is cut into six tetrahedra along the same diagonal, so that neighbours agree on all
 * edges; a vertex belongs to an edge of the lattice and is made once. Hence each edge of the surface lies in exactly two
 * triangles. Values on the lattice's own boundary count as outside. */
#ifndef CAUDA_VTK_MARCH_H
#define CAUDA_VTK_MARCH_H

#include "cauda/base.h"
#include "cauda/vec3.h"

typedef struct {
  int n[3];         /* points along x, y, z; at least 2 */
  double origin[3]; /* mm, of point (0,0,0) */
  double step;      /* mm */
} Lattice;

/* Triangles of any number of surfaces. free() the arrays. */
typedef struct {
  size_t n_point, n_tri, point_capacity, tri_capacity, region_capacity;
  double *xyz;       /* [n_point][3] */
  int32_t (*tri)[3]; /* [n_tri] outward: towards positive values */
  int16_t *region;   /* [n_tri] */
} Surface;

typedef struct March March;

/* march_create: a surface of number `region` that is appended to `out` in the frame that `world` leads to. */
PetscErrorCode march_create(const Lattice *l, const Rigid *world, int16_t region, Surface *out,
                            March **m) CAUDA_CHECKED;
/* march_layer: the next layer of values, k = 0 .. n[2] - 1: value [n1][n0], negative inside; borrowed. */
PetscErrorCode march_layer(March *m, const float *value) CAUDA_CHECKED;
void march_destroy(March **m);

#endif
