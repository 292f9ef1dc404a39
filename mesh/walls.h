/* Private to mesh: the interfaces near a point, taken as flat (roots: as straight), so that where a neighbour of the point would
 * lie too near one of them is known before the shapes are asked. */
#ifndef CAUDA_MESH_WALLS_H
#define CAUDA_MESH_WALLS_H

#include "sample.h"

enum { WALLS_MAX = TISSUE_GREY - TISSUE_BODY + 1 };
typedef struct {
  int n;
  double normal[WALLS_MAX][3], away[WALLS_MAX]; /* of planes: distance of the point, mm */
  bool tube;                                    /* is there a root near? */
  double axis[3], along[3], radius;             /* a point on its centre line, from p; its direction (unit); mm */
} Walls;

/* walls_look: what there is within `reach` mm of p. */
void walls_look(const Anatomy *a, const double p[3], double reach, Walls *out);

/* Is p + step within `gap` mm of a wall? Inside a root only its own surface counts. */
bool walls_near(const Walls *w, const double step[3], double gap);

#endif
