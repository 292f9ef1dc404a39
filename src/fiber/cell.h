/* One fibre of a set with the potential of every contact at its compartments. Private to src/fiber. */
#ifndef CAUDA_FIBER_CELL_H
#define CAUDA_FIBER_CELL_H

#include "axon.h"
#include "sample.h"

enum { CELL_NODES_MIN = 8 };

typedef struct {
  Axon axon;
  int n_node, size, n_contact;     /* size: compartments */
  double first_mm;                 /* of the first node along the path */
  double *v;                       /* [size][n_contact] mV a mA */
  double *outside, *node, *inside; /* room for one set: [size], [n_node], [n_node - 1][2][AXON_HALF] */
} Cell;

/* cell_create: a fibre whose first node lies at first_mm of a path that ends at end_mm. `v` is not filled; `outside` holds
 * the compartments' places, mm from the first node. Errors: PETSC_ERR_USER_INPUT naming the fibre (`label`) for a path
 * that is too short. */
PetscErrorCode cell_create(const AxonModel *m, double dt_ms, const char *label, double diameter_um, double first_mm,
                           double end_mm, int n_contact, Cell *out) CAUDA_CHECKED;
/* cell_sample: the same for fibre `fiber` of a set, filled. */
PetscErrorCode cell_sample(const AxonModel *m, double dt_ms, const FiberSet *f, int fiber, const PathSamples *samples,
                           Cell *out) CAUDA_CHECKED;
void cell_free(Cell *c);

/* cell_drive: node and inside for currents of `share` [n_contact] mA. */
void cell_drive(Cell *c, const double *share);
/* The same for 1 mA at one contact alone. */
void cell_drive_one(Cell *c, int contact);

double cell_node_s(const Cell *c, int node); /* mm along the path */

#endif
