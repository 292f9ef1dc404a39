/* Thresholds of fibres, and how they are divided among processes. Fibres of like length are a piece of work; pieces are the
 * same for any number of processes, and what comes of one does not depend on who does it, nor on the number of threads.
 * The first process has the field and samples it along the fibres of a piece; whoever does that piece needs no more of it.
 *
 *   first:  fiber_work_create(); fiber_work_pack(); fiber_samples_pack() of pieces that go elsewhere; fiber_work_respond() of
 *           its own; fiber_work_check(); fiber_responses_unpack() of the others'
 *   others: fiber_work_unpack(); fiber_samples_unpack(); fiber_work_respond(); fiber_responses_pack()
 *   then:   fiber_work_activate(), each with the pieces that it has samples of; the first has those of all
 *
 * What is packed is a row of bytes, [*n], that the caller frees. n_thread 0: as many as there are processors. */
#ifndef CAUDA_FIBER_SHARE_H
#define CAUDA_FIBER_SHARE_H

#include "cauda/fiber.h"

typedef struct FiberWork FiberWork;

/* fiber_work_create: fits the predictor to the full model for the case's pulse (with width_us). Uses the case's fibers
 * (model, geometry, dt_us, tolerance) and pulse, and borrows the rest. */
PetscErrorCode fiber_work_create(const Case *c, const FiberSet *f, const Mesh *m, const MeshLocator *l,
                                 const LeadField *lf, double width_us, int n_thread, FiberWork **out) CAUDA_CHECKED;
void fiber_work_destroy(FiberWork **w);

/* The copy has no field, and of the fibres no ways. */
PetscErrorCode fiber_work_pack(const FiberWork *w, char **bytes, size_t *n) CAUDA_CHECKED;
PetscErrorCode fiber_work_unpack(char *bytes, size_t n, FiberWork **out) CAUDA_CHECKED;

int fiber_work_pieces(const FiberWork *w); /* short fibres first */
int fiber_work_fibers(const FiberWork *w); /* in all pieces */
int fiber_work_contacts(const FiberWork *w);
const int *fiber_work_piece(const FiberWork *w, int piece, int *n); /* its fibres */

/* Potentials along the fibres of a piece. */
PetscErrorCode fiber_samples_pack(FiberWork *w, int piece, int n_thread, char **bytes, size_t *n) CAUDA_CHECKED;
PetscErrorCode fiber_samples_unpack(FiberWork *w, int piece, char *bytes, size_t n) CAUDA_CHECKED;

/* fiber_work_respond: samples each contact's potential along each fibre of some pieces and runs the linear cable.
 * Errors: PETSC_ERR_USER_INPUT for a path that is too short. */
PetscErrorCode fiber_work_respond(FiberWork *w, int n_piece, const int *piece, int n_thread) CAUDA_CHECKED;
PetscErrorCode fiber_responses_pack(FiberWork *w, int piece, char **bytes, size_t *n) CAUDA_CHECKED;
PetscErrorCode fiber_responses_unpack(FiberWork *w, int piece, char *bytes, size_t n) CAUDA_CHECKED;
/* fiber_work_check: PETSC_ERR_USER_INPUT for a path, of those sampled, of which more than 5 % lie outside the mesh. */
PetscErrorCode fiber_work_check(const FiberWork *w) CAUDA_CHECKED;
/* The responses, which are the caller's from now on. */
FiberResponse *fiber_work_take_response(FiberWork *w);

/* Where pieces come from: each is given to one caller; -1: there are no more. Called by all threads; 0 is the calling one. */
typedef struct {
  int (*next)(void *context, int thread);
  void *context;
} FiberQueue;

/* fiber_guesses: where the full model begins to look: guess_mA [n_set][n_fiber]. */
void fiber_guesses(const FiberResponse *r, const FiberSets *sets, double *guess_mA);

/* fiber_work_activate: thresholds of the fibres of the queue's pieces in all sets, by the full model: bracket and bisection
 * from the guesses.
 *   threshold_mA, site_s  [n_set] rows of [n_fiber]; site: mm along the path, of the node that fires first at threshold
 * A fibre fires when the action potential reaches the fifth node from either end. Errors: CAUDA_ERR_INTERRUPTED. */
PetscErrorCode fiber_work_activate(FiberWork *w, const FiberSets *sets, const double *guess_mA, FiberQueue queue,
                                   int n_thread, double *const *threshold_mA, double *const *site_s) CAUDA_CHECKED;

#endif
