/* The loop of estimate, refinement, solution. */
#include "adapt.h"
#include "stages.h"

#include <math.h>

/* Rounds at most; tetrahedra at most (what 2^31 bubbles allow is far more, but not the memory of most machines). */
enum { ROUNDS = 5, TETS_MOST = 30000000 };
/* The estimate is to end this much below what is asked for: refinement is not exact. */
static const double BELOW = 0.8, LEAST_FACTOR = 0.1;

static double largest_error(const Work *w)
{
  double largest = 0.0;
  for (int i = 0; i < w->n_error; i++) largest = fmax(largest, fabs(w->errors[i].relative));
  return largest;
}

static PetscErrorCode estimate(Work *w) { return thresholds_make(w, false, true); }

static PetscErrorCode refine(Work *w, double factor)
{
  Mesh *fine;
  PetscCall(field_refine(w->mesh, w->field->order, w->indicator, fmax(LEAST_FACTOR, factor), &fine));
  say_progress("refined: %d to %d tetrahedra", (int)w->mesh->n_tet, (int)fine->n_tet);
  bool grown = fine->n_tet > w->mesh->n_tet;
  work_drop_mesh(w);
  w->mesh = fine;
  w->refined = true;
  fiber_response_destroy(&w->response); /* that of the old field */
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_PLIB, "refinement changed nothing");
  PetscCall(stage_mesh_write(w));
  return stage_solve(w);
}

PetscErrorCode adapt(Work *w)
{
  double asked = w->c->field.error;
  for (int round = 0;; round++) {
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
    PetscCall(estimate(w));
    double error = largest_error(w);
    if (!w->n_error || error <= asked) return 0;
    if (round == ROUNDS || w->mesh->n_tet > TETS_MOST) {
      say_note("field.error: could not be reached: found %.2g %% with %d tetrahedra, expected %.2g %%", 100.0 * error,
               (int)w->mesh->n_tet, 100.0 * asked);
      return 0;
    }
    PetscCall(refine(w, BELOW * asked / error));
  }
}
