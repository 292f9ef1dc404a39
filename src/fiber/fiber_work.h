/* Fibres in pieces, and what it takes to do them. Private to src/fiber. */
#ifndef CAUDA_FIBER_WORK_H
#define CAUDA_FIBER_WORK_H

#include "cauda/fiber_share.h"
#include "predictor.h"

#include <stdatomic.h>

enum { FIBER_PIECE = 24 };

/* Each entry of `samples` and of the response is written by one thread only. */
struct FiberWork {
  Bench bench;
  Calibration calibration;
  double tolerance; /* of thresholds */
  const FiberSet *fibers;
  int *order;       /* [n_fiber] short ones first */
  const Mesh *mesh; /* of the first process, as the next two */
  const MeshLocator *locator;
  const LeadField *field;
  int n_contact;
  FiberResponse *response;
  atomic_int outside; /* the lowest fibre of which too much lies outside, n_fiber if there is none */
  /* of the others */
  FiberSet copy;
  double *length_mm;    /* [n_fiber] all that the copy knows of a way */
  PathSamples *samples; /* [n_fiber] */
  char variant[CAUDA_NAME_MAX];
};

/* fiber_work_begin: orders the fibres and makes room for responses. */
PetscErrorCode fiber_work_begin(FiberWork *w) CAUDA_CHECKED;

/* fiber_work_sample: the potentials along a fibre, and whether enough of it lies inside the mesh; given back by
 * fiber_work_let_go(). */
PetscErrorCode fiber_work_sample(FiberWork *w, int fiber, PathSamples *out, bool *inside) CAUDA_CHECKED;
void fiber_work_let_go(const FiberWork *w, PathSamples *s);

#endif
