/* The linear predictor on a whole set of fibres, and the thresholds that follow. */
#include "critical.h"
#include "mrg.h"
#include "sample.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { END_NODES = 3, NODES_MIN = 2 * END_NODES + 2 };
static const double outside_share_max = 0.05;

/* What the threads share: all of it is written by one of them only, or atomic. */
typedef struct {
  const FiberSet *fibers;
  const Mesh *mesh;
  const MeshLocator *locator;
  const LeadField *field;
  const MrgModel *model;
  const MrgGeometry *geometry; /* [n_fiber] */
  double dt_ms;
  int n_step;
  FiberResponse *response;
  atomic_int next, done, error; /* fibres begun, finished; the first error */
  atomic_int outside;           /* the lowest fibre of which too much lies outside, n_fiber if there is none */
} Job;

static double first_node_s(const FiberPath *p, const MrgGeometry *g) { return 1e-3 * g->internode_um * p->node_phase; }

static int count_nodes(const FiberPath *p, const MrgGeometry *g)
{
  return 1 + (int)floor((p->s[p->n - 1] - first_node_s(p, g)) / (1e-3 * g->internode_um));
}

/* Potentials of contacts first .. first + CABLE_LANES - 1 at all compartments. */
static void take_lanes(const double *v, int n, int n_contact, int first, double *lanes)
{
  for (int i = 0; i < n; i++)
    for (int k = 0; k < CABLE_LANES; k++)
      lanes[i * CABLE_LANES + k] = first + k < n_contact ? v[(size_t)i * (size_t)n_contact + (size_t)(first + k)] : 0.0;
}

static void second_difference(const double *v, int n_node, int n_contact, double *out)
{
  size_t node = (size_t)MRG_PER_INTERNODE * (size_t)n_contact;
  for (int i = 1; i < n_node - 1; i++)
    for (int c = 0; c < n_contact; c++) {
      const double *at = v + (size_t)i * node + c;
      out[(size_t)i * (size_t)n_contact + (size_t)c] = at[-(ptrdiff_t)node] - 2.0 * at[0] + at[node];
    }
}

static void polarise(const Job *job, const Cable *cable, const double *v, int fiber, double *work)
{
  FiberResponse *r = job->response;
  int n_node = r->n_node[fiber], n_contact = r->n_contact;
  double *lanes = work, *node = lanes + (size_t)cable->n * CABLE_LANES, *rest = node + (size_t)n_node * CABLE_LANES;
  for (int first = 0; first < n_contact; first += CABLE_LANES) {
    int use = n_contact - first < CABLE_LANES ? n_contact - first : CABLE_LANES;
    take_lanes(v, cable->n, n_contact, first, lanes);
    cable_polarise(cable, job->n_step, lanes, node, rest);
    for (int i = 0; i < n_node; i++)
      memcpy(r->polarisation[fiber] + (size_t)i * (size_t)n_contact + first, node + (size_t)i * CABLE_LANES,
             (size_t)use * sizeof *node);
  }
}

/* v[n][n_contact] at the compartments' centres, which lie at s[n] from the first node. */
static void compartment_potentials(const PathSamples *p, double first_s, const double *s, int n, double *v)
{
  for (int i = 0; i < n; i++) path_potential(p, first_s + s[i], v + (size_t)i * (size_t)p->n_contact);
}

/* One fibre with its workspace: s, v, and what polarise() needs. */
static PetscErrorCode respond_sampled(const Job *job, int fiber, const PathSamples *samples)
{
  FiberResponse *r = job->response;
  const MrgGeometry *g = &job->geometry[fiber];
  int n_node = r->n_node[fiber], n = cable_size(n_node);
  double first_s = first_node_s(&job->fibers->fiber[fiber], g), *work = NULL;
  Cable *cable = NULL;
  size_t sn = (size_t)n, lanes = 5 * sn * CABLE_LANES + (size_t)n_node * CABLE_LANES;
  PetscCall(cable_create(job->model, g, n_node, job->dt_ms, &cable));
  PetscErrorCode error = mem_alloc(sn + sn * (size_t)r->n_contact + lanes, sizeof *work, &work);
  if (!error) {
    double *s = work, *v = s + sn;
    cable_places(job->model, g, n_node, s);
    compartment_potentials(samples, first_s, s, n, v);
    polarise(job, cable, v, fiber, v + sn * (size_t)r->n_contact);
    second_difference(v, n_node, r->n_contact, r->second_difference[fiber]);
    for (int i = 0; i < n_node; i++) r->node_s[fiber][i] = first_s + s[i * MRG_PER_INTERNODE];
  }
  free(work);
  cable_destroy(&cable);
  return error;
}

static void note_outside(Job *job, int fiber)
{
  int lowest = atomic_load(&job->outside);
  while (fiber < lowest && !atomic_compare_exchange_weak(&job->outside, &lowest, fiber)) continue;
}

static PetscErrorCode respond_one(Job *job, int fiber)
{
  PathSamples samples;
  PetscCall(path_sample(&job->fibers->fiber[fiber], job->mesh, job->locator, job->field, &samples));
  PetscErrorCode error = 0;
  if (samples.n_outside > outside_share_max * samples.n)
    note_outside(job, fiber);
  else
    error = respond_sampled(job, fiber, &samples);
  path_samples_free(&samples);
  return error;
}

static void work_through(Job *job, bool shows)
{
  int fiber;
  while ((fiber = atomic_fetch_add(&job->next, 1)) < job->fibers->n_fiber && !atomic_load(&job->error)) {
    int error = signal_pending() ? (int)CAUDA_ERR_INTERRUPTED : respond_one(job, fiber);
    if (error) atomic_store(&job->error, error);
    int done = atomic_fetch_add(&job->done, 1) + 1;
    if (shows) progress("fibers", (double)done / job->fibers->n_fiber);
  }
}

static void *thread_main(void *job)
{
  work_through(job, false);
  return NULL;
}

/* The calling thread works, too, and is the one that shows progress. Fewer threads will do where the system gives no
 * more. */
static PetscErrorCode run_threads(Job *job, int n_thread)
{
  enum { THREADS_MAX = 64 };
  pthread_t thread[THREADS_MAX];
  int n = 0, more = n_thread - 1 < THREADS_MAX ? n_thread - 1 : THREADS_MAX;
  progress("fibers", 0.0);
  while (n < more && pthread_create(&thread[n], NULL, thread_main, job) == 0) n++;
  work_through(job, true);
  for (int i = 0; i < n; i++) pthread_join(thread[i], NULL);
  progress("fibers", 1.0);
  return (PetscErrorCode)atomic_load(&job->error);
}

static PetscErrorCode check_outside(const Job *job)
{
  PathSamples p;
  int fiber = atomic_load(&job->outside);
  if (fiber == job->fibers->n_fiber) return 0;
  PetscCall(path_sample(&job->fibers->fiber[fiber], job->mesh, job->locator, job->field, &p));
  path_samples_free(&p);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "nerve fibre %d: found %.0f %% of its path outside the mesh, first near (%.2f, %.2f, %.2f) mm, expected at "
          "most %.0f %%",
          fiber, 100.0 * p.n_outside / p.n, p.outside[0], p.outside[1], p.outside[2], 100.0 * outside_share_max);
}

static PetscErrorCode response_create(int n_fiber, int n_contact, FiberResponse **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  FiberResponse *r = *out;
  r->n_contact = n_contact;
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->node_s, &r->node_s));
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->polarisation, &r->polarisation));
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->second_difference, &r->second_difference));
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->n_node, &r->n_node));
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->critical_mV, &r->critical_mV));
  PetscCall(mem_alloc((size_t)n_fiber, sizeof *r->critical_second_difference_mV, &r->critical_second_difference_mV));
  r->n_fiber = n_fiber; /* last, so that destroy does not look into arrays that are not there */
  return 0;
}

void fiber_response_destroy(FiberResponse **out)
{
  FiberResponse *r = *out;
  if (!r) return;
  for (int i = 0; i < r->n_fiber; i++) free(r->node_s[i]), free(r->polarisation[i]), free(r->second_difference[i]);
  free(r->n_node), free(r->node_s), free(r->polarisation), free(r->second_difference);
  free(r->critical_mV), free(r->critical_second_difference_mV);
  free(r);
  *out = NULL;
}

static PetscErrorCode prepare_fiber(const Job *job, int fiber, MrgGeometry *g)
{
  FiberResponse *r = job->response;
  const FiberPath *p = &job->fibers->fiber[fiber];
  PetscCall(mrg_geometry(job->model, p->diameter_um, g));
  int n_node = count_nodes(p, g);
  PetscCheck(n_node >= NODES_MIN, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "nerve fibre %d (%.1f um): found a path of %.1f mm, expected at least %.1f mm, so that it holds %d nodes",
             fiber, p->diameter_um, p->s[p->n - 1], 1e-3 * g->internode_um * NODES_MIN, NODES_MIN);
  size_t size = (size_t)n_node * (size_t)r->n_contact;
  r->n_node[fiber] = n_node;
  PetscCall(mem_alloc((size_t)n_node, sizeof(double), &r->node_s[fiber]));
  PetscCall(mem_alloc(size, sizeof(double), &r->polarisation[fiber]));
  PetscCall(mem_alloc(size, sizeof(double), &r->second_difference[fiber]));
  return 0;
}

static PetscErrorCode find_critical(const Job *job, const CasePulse *pulse, double width_us)
{
  Critical critical;
  FiberResponse *r = job->response;
  int beyond = 0;
  PetscCall(critical_read(pulse, width_us, &critical));
  double low = critical.diameter_um[0], high = critical.diameter_um[critical.n - 1];
  for (int i = 0; i < r->n_fiber; i++) {
    double d = job->fibers->fiber[i].diameter_um;
    beyond += d < low || d > high;
    critical_at(&critical, d, &r->critical_mV[i], &r->critical_second_difference_mV[i]);
  }
  if (beyond)
    say_note("%d of %d fibres are thinner than %g um or thicker than %g um, where the linear predictor's critical "
             "polarisation is known; the nearest value is used",
             beyond, r->n_fiber, low, high);
  return 0;
}

static PetscErrorCode respond(const Case *c, Job *job, MrgModel *model, MrgGeometry *geometry, double width_us,
                              int n_thread)
{
  PetscCheck(c->fibers.dt_us > 0.0 && width_us > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found a time step of %g us and a pulse of %g us, expected positive numbers", c->fibers.dt_us, width_us);
  PetscCall(mrg_model_read(c->fibers.geometry, model));
  PetscCall(find_critical(job, &c->pulse, width_us));
  for (int i = 0; i < job->fibers->n_fiber; i++) PetscCall(prepare_fiber(job, i, &geometry[i]));
  job->model = model, job->geometry = geometry;
  job->n_step = (int)ceil(width_us / c->fibers.dt_us - 1e-9);
  job->dt_ms = 1e-3 * width_us / job->n_step;
  PetscCall(run_threads(job, n_thread));
  PetscCall(check_outside(job));
  return 0;
}

PetscErrorCode fibers_respond(const Case *c, const FiberSet *f, const Mesh *m, const LeadField *lf, double width_us,
                              int n_thread, FiberResponse **out)
{
  MrgModel model;
  MrgGeometry *geometry = NULL;
  MeshLocator *locator = NULL;
  *out = NULL;
  PetscErrorCode error = mesh_locator_create(m, &locator);
  if (!error) error = mem_alloc((size_t)f->n_fiber, sizeof *geometry, &geometry);
  if (!error) error = response_create(f->n_fiber, lf->n_contact, out);
  if (!error) {
    Job job = {.fibers = f, .mesh = m, .locator = locator, .field = lf, .response = *out, .outside = f->n_fiber};
    job.model = &model;
    const int online = (int)sysconf(_SC_NPROCESSORS_ONLN);
    error = respond(c, &job, &model, geometry, width_us, n_thread > 0 ? n_thread : online > 1 ? online : 1);
  }
  if (error) fiber_response_destroy(out);
  free(geometry);
  mesh_locator_destroy(&locator);
  return error;
}

/* Amplitude at which the largest response of any node but the outer ones reaches `critical`. */
static double amplitude(const FiberResponse *r, int fiber, const double *response, double critical,
                        const double *fraction, double *site_s)
{
  double largest = 0.0;
  *site_s = 0.0;
  for (int i = END_NODES; i < r->n_node[fiber] - END_NODES; i++) {
    double v = 0.0;
    for (int c = 0; c < r->n_contact; c++) v += fraction[c] * response[(size_t)i * (size_t)r->n_contact + (size_t)c];
    if (v <= largest) continue;
    largest = v;
    *site_s = r->node_s[fiber][i];
  }
  return largest > 0.0 ? critical / largest : HUGE_VAL;
}

double fiber_threshold(const FiberResponse *r, int fiber, const double *fraction, double *site_s)
{
  return amplitude(r, fiber, r->polarisation[fiber], r->critical_mV[fiber], fraction, site_s);
}

double fiber_threshold_af(const FiberResponse *r, int fiber, const double *fraction, double *site_s)
{
  return amplitude(r, fiber, r->second_difference[fiber], r->critical_second_difference_mV[fiber], fraction, site_s);
}
