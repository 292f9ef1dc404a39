/* Private to seg: root lines that respect the dura, the cord and one another. */
#ifndef CAUDA_SEG_ROOTS_REPAIR_H
#define CAUDA_SEG_ROOTS_REPAIR_H

#include "cauda/anatomy.h"

/* The part of a root between its exit through the dura (or the image's end) and its entry in the cord. */
typedef struct {
  int n;
  double (*p)[3]; /* [n] mm, local, about 0.5 mm apart; the last lies in the cord */
  double radius;  /* mm */
} RootPath;

/* shape_distance: to the cord (TISSUE_WHITE) or the inside of the dura (TISSUE_CSF) by the grid alone, mm.
 * shape_gradient: its unit gradient, outward. */
double shape_distance(const Anatomy *a, Tissue t, const double p[3]);
void shape_gradient(const Anatomy *a, Tissue t, const double p[3], double out[3]);

/* root_entry: index of the first point, from the distal end, after which all lie in the cord; n - 1 if none does. */
int root_entry(const Anatomy *a, int n, const double *xyz);

/* roots_keep_inside: moves points so that each root's whole tube lies inside the dura and, but for the last
 * millimetres before its entry, outside the cord, and no two centre lines are nearer than 0.4 mm. Where there is no
 * room for the tube between cord and dura, the dura wins. Counted as repairs of the anatomy. */
PetscErrorCode roots_keep_inside(Anatomy *a, int n, RootPath *path) CAUDA_CHECKED;

#endif
