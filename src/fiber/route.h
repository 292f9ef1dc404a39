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
} RoutePlace;

/* route_make: dorsal: from distal through the entry and rostrally in the dorsal column to the domain's end; ventral:
 * from the ventral horn out and on distally. *entry_s: mm along it where it crosses the cord's surface. */
PetscErrorCode route_make(const Anatomy *a, const RootLine *l, const RoutePlace *place, Chain *out,
                          double *entry_s) CAUDA_CHECKED;

#endif
