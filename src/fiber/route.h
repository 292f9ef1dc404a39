/* The way of fibres along one root and in the cord. Local frame of the anatomy. Private to src/fiber. */
#ifndef CAUDA_FIBER_ROUTE_H
#define CAUDA_FIBER_ROUTE_H

#include "cauda/anatomy.h"
#include "chain.h"

static const double route_step_mm = 0.25;
static const double route_bend_mm = 1.0; /* no bend is tighter: a kink would excite */

/* A root's centre line in even steps from where its fibres begin (at most 5 mm beyond the dura, within the domain) to
 * its end in the cord, with a frame across it that does not twist. */
typedef struct {
  const Root *root;
  Chain line;
  double *radius;         /* [line.n] mm */
  double (*across)[2][3]; /* [line.n] two unit vectors; the first points to the cord's axis at the entry */
  int entry;              /* index of the entry at the cord's surface */
} RootLine;

PetscErrorCode root_line_create(const Anatomy *a, const Root *root, RootLine **out) CAUDA_CHECKED;
void root_line_destroy(RootLine **l);

/* The cord's axis at height z, mm; its ends go on straight up and down. */
void route_axis_at(const Anatomy *a, double z, double p[3]);

/* Where a fibre lies: across the root, and in the dorsal column. */
typedef struct {
  double across[2];       /* of the radius, in a disc of 0.85 */
  double column_share;    /* how far lateral, of the entry's distance from the midline */
  double column_depth_mm; /* under the cord's surface */
  double column_mm;       /* length of the way up the column; HUGE_VAL: all of it */
} RoutePlace;

/* What is known of a way, mm along it. */
typedef struct {
  double entry_s; /* where it crosses the cord's surface */
  double dura_s;  /* where it crosses the dura's outer face; before 0, or beyond its end, where it does not */
} RouteMarks;

/* route_make: dorsal: from distal through the entry and rostrally in the dorsal column to the domain's end;
 * ventral: from the ventral horn out and on distally. */
PetscErrorCode route_make(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *out,
                          RouteMarks *marks) CAUDA_CHECKED;

/* route_column: in the dorsal column from the cord's lower end (or the domain's) to the domain's upper one.
 *   lateral   0..1 from the midline to where the cord is half as wide
 *   depth_mm  under the cord's surface
 * Errors: PETSC_ERR_USER_INPUT where there is no cord for 10 mm. */
PetscErrorCode route_column(const Anatomy *a, char side, double lateral, double depth_mm, Chain *out) CAUDA_CHECKED;

#endif
