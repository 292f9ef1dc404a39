/* Pieces of fibres on their way to another process and back. */
#include "cauda/pack.h"
#include "cauda/team.h"
#include "fiber_work.h"

#include <stdlib.h>

/* ---- what all pieces share ----------------------------------------------------------------------------------------- */

static PetscErrorCode carry_paths(Pack *p, const FiberSet *f, FiberWork *w)
{
  FiberSet *copy = &w->copy;
  PetscCall(mem_alloc(p->reading ? (size_t)copy->n_fiber : 0, sizeof *w->length_mm, &w->length_mm));
  for (int i = 0; i < copy->n_fiber; i++) {
    FiberPath way = p->reading ? (FiberPath){.n = 0} : f->fiber[i];
    double length_mm = p->reading ? 0.0 : way.s[way.n - 1];
    PetscCall(pack_carry(p, &way, sizeof way));
    PetscCall(pack_carry(p, &length_mm, sizeof length_mm));
    if (!p->reading) continue;
    way.n = 1, way.xyz = NULL, way.s = &w->length_mm[i];
    copy->fiber[i] = way, w->length_mm[i] = length_mm;
  }
  return 0;
}

static PetscErrorCode carry_fibers(Pack *p, const FiberSet *f, FiberWork *w)
{
  FiberSet *copy = &w->copy;
  PetscCall(pack_carry(p, &copy->n_fiber, sizeof copy->n_fiber));
  PetscCall(pack_carry(p, &copy->n_root, sizeof copy->n_root));
  PetscCall(pack_carry_array(p, (size_t)copy->n_root, sizeof *copy->root_name, &copy->root_name));
  if (p->reading) PetscCall(mem_alloc((size_t)copy->n_fiber, sizeof *copy->fiber, &copy->fiber));
  return carry_paths(p, f, w);
}

static PetscErrorCode carry(Pack *p, const FiberSet *f, FiberWork *w)
{
  Bench *b = &w->bench;
  PetscCall(pack_carry(p, &b->model, sizeof b->model));
  PetscCall(pack_carry(p, w->variant, sizeof w->variant));
  if (p->reading) b->model.mrg.variant = w->variant;
  PetscCall(pack_carry(p, &b->dt_ms, sizeof b->dt_ms));
  PetscCall(pack_carry(p, &b->pulse.n, sizeof b->pulse.n));
  PetscCall(pack_carry_array(p, (size_t)b->pulse.n, sizeof *b->pulse.w, &b->pulse.w));
  PetscCall(pack_carry(p, &w->calibration, sizeof w->calibration));
  PetscCall(pack_carry(p, &w->tolerance, sizeof w->tolerance));
  PetscCall(pack_carry(p, &w->n_contact, sizeof w->n_contact));
  return carry_fibers(p, f, w);
}

PetscErrorCode fiber_work_pack(const FiberWork *w, char **bytes, size_t *n)
{
  Pack p = {.reading = false};
  FiberWork out = {
      .bench = w->bench, .calibration = w->calibration, .tolerance = w->tolerance, .n_contact = w->n_contact};
  out.copy.n_fiber = w->fibers->n_fiber, out.copy.n_root = w->fibers->n_root, out.copy.root_name = w->fibers->root_name;
  if (w->bench.model.kind == AXON_MRG) snprintf(out.variant, sizeof out.variant, "%s", w->bench.model.mrg.variant);
  PetscErrorCode error = carry(&p, w->fibers, &out);
  if (error) free(p.bytes), p.bytes = NULL;
  *bytes = p.bytes, *n = p.n;
  return error;
}

static PetscErrorCode unpack(Pack *p, FiberWork *w)
{
  PetscCall(carry(p, NULL, w));
  w->fibers = &w->copy;
  PetscCall(mem_alloc((size_t)w->copy.n_fiber, sizeof *w->samples, &w->samples));
  PetscCall(gate_table_create(&w->bench.model, w->bench.dt_ms, &w->bench.table));
  return fiber_work_begin(w);
}

PetscErrorCode fiber_work_unpack(char *bytes, size_t n, FiberWork **out)
{
  Pack p = {.reading = true, .bytes = bytes, .n = n};
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode error = unpack(&p, *out);
  if (error) fiber_work_destroy(out);
  return error;
}

/* ---- potentials along the fibres of a piece ------------------------------------------------------------------------ */

static PetscErrorCode carry_samples(Pack *p, PathSamples *s)
{
  if (p->reading) path_samples_free(s);
  PetscCall(pack_carry(p, s, sizeof *s));
  return pack_carry_array(p, (size_t)s->n * (size_t)s->n_contact, sizeof *s->v, &s->v);
}

typedef struct {
  FiberWork *work;
  const int *fiber;
  PathSamples samples[FIBER_PIECE];
} Piece;

static PetscErrorCode sample_one(void *context, int i)
{
  Piece *p = context;
  bool inside;
  return fiber_work_sample(p->work, p->fiber[i], &p->samples[i], &inside);
}

PetscErrorCode fiber_samples_pack(FiberWork *w, int piece, int n_thread, char **bytes, size_t *n)
{
  Pack p = {.reading = false};
  Piece these = {.work = w};
  int n_fiber;
  these.fiber = fiber_work_piece(w, piece, &n_fiber);
  PetscErrorCode error = parallel_run(NULL, n_fiber, n_thread, sample_one, &these);
  for (int i = 0; i < n_fiber && !error; i++) error = carry_samples(&p, &these.samples[i]);
  for (int i = 0; i < n_fiber; i++) fiber_work_let_go(w, &these.samples[i]);
  if (error) free(p.bytes), p.bytes = NULL;
  *bytes = p.bytes, *n = p.n;
  return error;
}

PetscErrorCode fiber_samples_unpack(FiberWork *w, int piece, char *bytes, size_t n)
{
  Pack p = {.reading = true, .bytes = bytes, .n = n};
  int n_fiber;
  const int *fiber = fiber_work_piece(w, piece, &n_fiber);
  for (int i = 0; i < n_fiber; i++) PetscCall(carry_samples(&p, &w->samples[fiber[i]]));
  return 0;
}

/* ---- their responses ----------------------------------------------------------------------------------------------- */

static PetscErrorCode carry_response(Pack *p, int i, FiberResponse *r)
{
  PetscCall(pack_carry(p, &r->n_node[i], sizeof *r->n_node));
  PetscCall(pack_carry(p, &r->first_node[i], sizeof *r->first_node));
  PetscCall(pack_carry(p, &r->critical_second_difference_mV[i], sizeof *r->critical_second_difference_mV));
  size_t n = (size_t)r->n_node[i], all = n * (size_t)r->n_contact;
  PetscCall(pack_carry_array(p, n, sizeof **r->node_s, &r->node_s[i]));
  PetscCall(pack_carry_array(p, all, sizeof **r->second_difference, &r->second_difference[i]));
  for (int e = 0; e < r->n_event; e++) {
    PetscCall(pack_carry_array(p, all, sizeof **r->response[e], &r->response[e][i]));
    PetscCall(pack_carry(p, &r->reach[e][i], sizeof *r->reach[e]));
    PetscCall(pack_carry(p, &r->critical_mV[e][i], sizeof *r->critical_mV[e]));
  }
  return 0;
}

static PetscErrorCode carry_responses(Pack *p, int piece, FiberWork *w)
{
  int n;
  const int *fiber = fiber_work_piece(w, piece, &n);
  for (int i = 0; i < n; i++) PetscCall(carry_response(p, fiber[i], w->response));
  return 0;
}

PetscErrorCode fiber_responses_pack(FiberWork *w, int piece, char **bytes, size_t *n)
{
  Pack p = {.reading = false};
  PetscErrorCode error = carry_responses(&p, piece, w);
  if (error) free(p.bytes), p.bytes = NULL;
  *bytes = p.bytes, *n = p.n;
  return error;
}

PetscErrorCode fiber_responses_unpack(FiberWork *w, int piece, char *bytes, size_t n)
{
  Pack p = {.reading = true, .bytes = bytes, .n = n};
  return carry_responses(&p, piece, w);
}
