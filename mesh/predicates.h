/* Private to mesh: on which side, and inside which sphere: exact answers. Floating point decides where it is safe; TetGen's
 * exact arithmetic (J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates",
 * Discrete Comput. Geom. 18 (1997) 305) where it is not. Safe from several threads. */
#ifndef CAUDA_MESH_PREDICATES_H
#define CAUDA_MESH_PREDICATES_H

#include "cauda/vec3.h"

#ifdef __cplusplus
extern "C" {
#endif

/* exact_begin: to be called once before the rest, by one thread: it measures the machine's arithmetic.
 * exact_volume, exact_sphere: what the two below do, in exact arithmetic. mesh/tetgen.cc */
void exact_begin(void);
double exact_volume(const double a[3], const double b[3], const double c[3], const double d[3]);
double exact_sphere(const double a[3], const double b[3], const double c[3], const double d[3], const double p[3]);

#ifdef __cplusplus
}
#endif

/* The sign of v3_volume6(a, b, c, d), exactly: -1, 0 or 1. */
int side_of_plane(const double a[3], const double b[3], const double c[3], const double d[3]);

/* 1 where p is inside the sphere through a, b, c, d (of positive volume), -1 outside, 0 on it. */
int side_of_sphere(const double a[3], const double b[3], const double c[3], const double d[3], const double p[3]);

#endif
