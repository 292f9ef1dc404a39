/* The linear predictor on a whole set of fibres in a mesh. */
#include "cauda/team.h"
#include "predictor.h"

#include <math.h>
#include <stdatomic.h>

static const double outside_share_max = 0.05;

/* What the threads share. Each piece of it is written by one of them only, or atomic. */
typedef struct {
  const FiberSet *fibers;
  const Mesh *mesh;
  const MeshLocator *locator;
  const LeadField *field;
  const Bench *bench;
  const Calibration *calibration;
  FiberResponse *response;
  atomic_int outside; /* the lowest fibre of which too much lies outside, n_fiber if there is none */
} Job;

static void note_outside(Job *job, int fiber)
{
  int lowest = atomic_load(&job->outside);
  while (fiber < lowest && !atomic_compare_exchange_weak(&job->outside, &lowest, fiber)) continue;
}

static PetscErrorCode respond_one(void *context, int fiber)
{
  Job *job = context;
  const FiberPath *p = &job->fibers->fiber[fiber];
  PathSamples samples;
  Cell c = {0};
  PetscCall(path_sample(p, job->mesh, job->locator, job->field, &samples));
  bool outside = samples.n_outside > outside_share_max * samples.n;
  PetscErrorCode error = 0;
  if (outside) note_outside(job, fiber);
  if (!outside) error = cell_sample(&job->bench->model, job->bench->dt_ms, job->fibers, fiber, &samples, &c);
  path_samples_free(&samples);
  if (!error && !outside) error = predictor_respond(job->bench, job->calibration, fiber, &c, job->response);
  if (p->course == COURSE_MOTOR) job->response->first_node[fiber] = HORN_NODES;
  cell_free(&c);
  return error;
}

static PetscErrorCode check_outside(const Job *job)
{
  PathSamples p;
  char label[CAUDA_NAME_MAX + 64];
  int fiber = atomic_load(&job->outside);
  if (fiber == job->fibers->n_fiber) return 0;
  fiber_label(job->fibers, fiber, label);
  PetscCall(path_sample(&job->fibers->fiber[fiber], job->mesh, job->locator, job->field, &p));
  path_samples_free(&p);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: found %.0f %% of its path outside the mesh, first near (%.2f, %.2f, %.2f) mm, expected at "
          "most %.0f %%",
          label, 100.0 * p.n_outside / p.n, p.outside[0], p.outside[1], p.outside[2], 100.0 * outside_share_max);
}

static void diameter_range(const FiberSet *f, double *low, double *high)
{
  *low = HUGE_VAL, *high = 0.0;
  for (int i = 0; i < f->n_fiber; i++)
    *low = fmin(*low, f->fiber[i].diameter_um), *high = fmax(*high, f->fiber[i].diameter_um);
}

static PetscErrorCode respond(Job *job, int n_thread, FiberResponse **out)
{
  const FiberSet *f = job->fibers;
  const Bench *b = job->bench;
  Calibration calibration;
  double low, high;
  diameter_range(f, &low, &high);
  PetscCall(calibrate(&b->model, &b->pulse, b->dt_ms, low, high, n_thread, &calibration));
  PetscCall(response_create(f->n_fiber, job->field->n_contact, calibration.n_event, out));
  job->calibration = &calibration, job->response = *out;
  for (int e = 0; e < calibration.n_event; e++) (*out)->event_step[e] = calibration.event[e].step;
  PetscCall(parallel_run("fibers", f->n_fiber, n_thread, respond_one, job));
  PetscCall(check_outside(job));
  return 0;
}

PetscErrorCode fibers_respond(const Case *c, const FiberSet *f, const Mesh *m, const MeshLocator *l,
                              const LeadField *lf, double width_us, int n_thread, FiberResponse **out)
{
  Bench bench;
  *out = NULL;
  PetscErrorCode error = bench_open(c, width_us, &bench);
  Job job = {.fibers = f, .mesh = m, .locator = l, .field = lf, .bench = &bench, .outside = f->n_fiber};
  if (!error) error = respond(&job, n_thread, out);
  if (error) fiber_response_destroy(out);
  bench_close(&bench);
  return error;
}
