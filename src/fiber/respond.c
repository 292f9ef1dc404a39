/* The linear predictor on a whole set of fibres in a mesh. */
#include "cauda/team.h"
#include "fiber_work.h"

typedef struct {
  FiberWork *work;
  const int *piece;
} Job;

static PetscErrorCode respond_one(FiberWork *w, int fiber)
{
  PathSamples samples;
  Cell c = {0};
  bool inside;
  PetscCall(fiber_work_sample(w, fiber, &samples, &inside));
  PetscErrorCode error = 0;
  if (inside) error = cell_sample(&w->bench.model, w->bench.dt_ms, w->fibers, fiber, &samples, &c);
  fiber_work_let_go(w, &samples);
  if (!error && inside) error = predictor_respond(&w->bench, &w->calibration, fiber, &c, w->response);
  if (w->fibers->fiber[fiber].course == COURSE_MOTOR) w->response->first_node[fiber] = HORN_NODES;
  cell_free(&c);
  return error;
}

/* i: among the fibres of all the pieces, each taken as full. */
static PetscErrorCode respond_at(void *context, int i)
{
  const Job *job = context;
  int n;
  const int *fiber = fiber_work_piece(job->work, job->piece[i / FIBER_PIECE], &n);
  return i % FIBER_PIECE < n ? respond_one(job->work, fiber[i % FIBER_PIECE]) : 0;
}

PetscErrorCode fiber_work_respond(FiberWork *w, int n_piece, const int *piece, int n_thread)
{
  Job job = {w, piece};
  return parallel_run("fibers", n_piece * FIBER_PIECE, n_thread, respond_at, &job);
}
