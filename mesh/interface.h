/* Private to mesh: one interface of the scene as a surface that points can be put on. */
#ifndef CAUDA_MESH_INTERFACE_H
#define CAUDA_MESH_INTERFACE_H

#include "sample.h"

/* A point of an interface with its outward normal and the edge length to use there. */
typedef struct {
  double p[3], normal[3], edge, outward; /* outward: how far the point is set beyond the interface, mm */
} Foot;

/* interface_project: the point of interface `shape` nearest to p (Newton's method along the gradient), set outward by
 * what chords between points `edge` apart lose in volume on a curved surface: edge^2 / 16 times the sum of the principal
 * curvatures (the mean of a paraboloid over an equilateral triangle less that over its corners).
 *   on_end  keep z: the point moves in its plane only
 *   reach   mm, about an edge
 * False where the method does not settle within 2 reach of p. */
bool interface_project(const Sizing *z, int shape, const double p[3], bool on_end, double reach, Foot *out);

/* The same with the outward shift given, for points that belong together; out->edge is not set. */
bool interface_project_shifted(const Scene *s, int shape, const double p[3], bool on_end, double reach, double outward,
                               Foot *out);

/* interface_normal: the interface's outward normal near p; false where there is none. */
bool interface_normal(const Scene *s, int shape, const double p[3], double normal[3]);

#endif
