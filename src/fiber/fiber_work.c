/* Fibres in pieces of like length. */
#include "fiber_work.h"

#include <math.h>
#include <stdlib.h>

static const double outside_share_max = 0.05;

typedef struct {
  int fiber;
  double nodes;
} Length;

static int shorter_first(const void *a, const void *b)
{
  const Length *x = a, *y = b;
  if (x->nodes != y->nodes) return x->nodes < y->nodes ? -1 : 1;
  return x->fiber - y->fiber;
}

/* Fibres of like length go together, so that no lane waits for another's end. */
static PetscErrorCode sort_fibers(const FiberSet *f, int *order)
{
  Length *l;
  PetscCall(mem_alloc((size_t)f->n_fiber, sizeof *l, &l));
  for (int i = 0; i < f->n_fiber; i++) l[i] = (Length){i, f->fiber[i].s[f->fiber[i].n - 1] / f->fiber[i].diameter_um};
  qsort(l, (size_t)f->n_fiber, sizeof *l, shorter_first);
  for (int i = 0; i < f->n_fiber; i++) order[i] = l[i].fiber;
  free(l);
  return 0;
}

PetscErrorCode fiber_work_begin(FiberWork *w)
{
  int n = w->fibers->n_fiber;
  PetscCall(mem_alloc((size_t)n, sizeof *w->order, &w->order));
  PetscCall(sort_fibers(w->fibers, w->order));
  PetscCall(response_create(n, w->n_contact, w->calibration.n_event, &w->response));
  for (int e = 0; e < w->calibration.n_event; e++) w->response->event_step[e] = w->calibration.event[e].step;
  atomic_store(&w->outside, n);
  return 0;
}

static void diameter_range(const FiberSet *f, double *low, double *high)
{
  *low = HUGE_VAL, *high = 0.0;
  for (int i = 0; i < f->n_fiber; i++)
    *low = fmin(*low, f->fiber[i].diameter_um), *high = fmax(*high, f->fiber[i].diameter_um);
}

static PetscErrorCode open(const Case *c, double width_us, int n_thread, FiberWork *w)
{
  Bench *b = &w->bench;
  double low, high;
  diameter_range(w->fibers, &low, &high);
  PetscCall(bench_open(c, width_us, b));
  PetscCall(calibrate(&b->model, &b->pulse, b->dt_ms, low, high, n_thread, &w->calibration));
  return fiber_work_begin(w);
}

PetscErrorCode fiber_work_create(const Case *c, const FiberSet *f, const Mesh *m, const MeshLocator *l,
                                 const LeadField *lf, double width_us, int n_thread, FiberWork **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  FiberWork *w = *out;
  w->fibers = f, w->mesh = m, w->locator = l, w->field = lf, w->n_contact = lf->n_contact;
  w->tolerance = c->fibers.tolerance;
  PetscErrorCode error = open(c, width_us, n_thread, w);
  if (error) fiber_work_destroy(out);
  return error;
}

void fiber_work_destroy(FiberWork **out)
{
  FiberWork *w = *out;
  if (!w) return;
  for (int i = 0; w->samples && i < w->copy.n_fiber; i++) path_samples_free(&w->samples[i]);
  free(w->samples), free(w->length_mm), free(w->copy.fiber), free(w->copy.root_name), free(w->order);
  fiber_response_destroy(&w->response);
  bench_close(&w->bench);
  free(w);
  *out = NULL;
}

int fiber_work_pieces(const FiberWork *w) { return (w->fibers->n_fiber + FIBER_PIECE - 1) / FIBER_PIECE; }

int fiber_work_fibers(const FiberWork *w) { return w->fibers->n_fiber; }

int fiber_work_contacts(const FiberWork *w) { return w->n_contact; }

const int *fiber_work_piece(const FiberWork *w, int piece, int *n)
{
  int rest = w->fibers->n_fiber - piece * FIBER_PIECE;
  *n = rest < FIBER_PIECE ? rest : FIBER_PIECE;
  return w->order + piece * FIBER_PIECE;
}

FiberResponse *fiber_work_take_response(FiberWork *w)
{
  FiberResponse *r = w->response;
  w->response = NULL;
  return r;
}

/* ---- potentials along fibres ------------------------------------------------------------------------------------- */

static void note_outside(FiberWork *w, int fiber)
{
  int lowest = atomic_load(&w->outside);
  while (fiber < lowest && !atomic_compare_exchange_weak(&w->outside, &lowest, fiber)) continue;
}

PetscErrorCode fiber_work_sample(FiberWork *w, int fiber, PathSamples *out, bool *inside)
{
  if (w->samples) *out = w->samples[fiber];
  if (!w->samples) PetscCall(path_sample(&w->fibers->fiber[fiber], w->mesh, w->locator, w->field, out));
  *inside = out->n_outside <= outside_share_max * out->n;
  if (!*inside) note_outside(w, fiber);
  return 0;
}

void fiber_work_let_go(const FiberWork *w, PathSamples *s)
{
  if (!w->samples) path_samples_free(s);
}

PetscErrorCode fiber_work_check(const FiberWork *w)
{
  PathSamples p;
  char label[CAUDA_NAME_MAX + 64];
  int fiber = atomic_load(&w->outside);
  if (fiber == w->fibers->n_fiber) return 0;
  fiber_label(w->fibers, fiber, label);
  PetscCall(path_sample(&w->fibers->fiber[fiber], w->mesh, w->locator, w->field, &p));
  path_samples_free(&p);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: found %.0f %% of its path outside the mesh, first near (%.2f, %.2f, %.2f) mm, expected at "
          "most %.0f %%",
          label, 100.0 * p.n_outside / p.n, p.outside[0], p.outside[1], p.outside[2], 100.0 * outside_share_max);
}
