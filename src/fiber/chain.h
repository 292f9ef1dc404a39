/* Curves as chains of points, mm. Private to src/fiber. */
#ifndef CAUDA_FIBER_CHAIN_H
#define CAUDA_FIBER_CHAIN_H

#include "cauda/base.h"

typedef struct {
  int n;
  double *xyz; /* [n][3] mm */
  size_t room; /* points that fit */
} Chain;

PetscErrorCode chain_add(Chain *c, const double p[3]) CAUDA_CHECKED;
void chain_free(Chain *c);
void chain_reverse(Chain *c);

/* chain_resample: the same course in equal steps of about step_mm; `value` [n] (or NULL) is interpolated along. */
PetscErrorCode chain_resample(const Chain *c, double step_mm, const double *value, Chain *out,
                              double **out_value) CAUDA_CHECKED;

/* chain_smooth: rounds of a (1 2 1)/4 mean with fixed ends, at least `rounds`, then until no three points in a row lie
 * on a circle of less than radius_mm (at most 400 rounds). Points should be evenly spaced. */
void chain_smooth(Chain *c, int rounds, double radius_mm);

/* Radius of the tightest circle through three points in a row, mm. */
double chain_tightest_bend(const Chain *c);

/* Unit direction at point i, from the point before to the one after. */
void chain_direction(const Chain *c, int i, double t[3]);

/* chain_bezier: adds points on the cubic from the curve's last point (not repeated) through control points b, c to d,
 * about step_mm apart. */
PetscErrorCode chain_bezier(Chain *chain, const double b[3], const double c[3], const double d[3],
                            double step_mm) CAUDA_CHECKED;

/* chain_lengths: s[n], from 0. */
void chain_lengths(const Chain *c, double *s);

#endif
