/* A field on several ranks: rank 0 divides the mesh, each rank solves on its part, rank 0 puts the answer together. */
#include "outputs.h"
#include "ranks.h"

#include "cauda/team.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* What the others must know before their parts come. */
typedef struct {
  int order;
  FieldSolver solver;
  double tolerance;
  ContactModel contact;
  double surface_impedance_ohm_m2;
  ReturnModel ret;
  bool lets_go; /* rank 0 has let go of the mesh: tensors are to be gathered, too */
  char preconditioner[32];
} Head;

static Head head_of(const FieldOptions *o, bool lets_go)
{
  Head h = {.order = o->order,
            .solver = o->solver,
            .tolerance = o->tolerance,
            .contact = o->contact,
            .surface_impedance_ohm_m2 = o->surface_impedance_ohm_m2,
            .ret = o->ret,
            .lets_go = lets_go};
  snprintf(h.preconditioner, sizeof h.preconditioner, "%s", o->preconditioner);
  return h;
}

static FieldOptions options_of(const Head *h)
{
  return (FieldOptions){.order = h->order,
                        .solver = h->solver,
                        .tolerance = h->tolerance,
                        .preconditioner = h->preconditioner,
                        .contact = h->contact,
                        .surface_impedance_ohm_m2 = h->surface_impedance_ohm_m2,
                        .ret = h->ret};
}

/* ---- what it takes --------------------------------------------------------------------------------------------------- */

static double memory_MB(void)
{
  PetscLogDouble bytes = 0.0;
  (void)PetscMemoryGetCurrentUsage(&bytes);
  return bytes / 1048576.0;
}

static double peak_memory_MB(void)
{
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (double)use.ru_maxrss / 1024.0;
}

/* Of all ranks, to rank 0: MB after each has its part, most while it solved, nodes and tetrahedra. */
static PetscErrorCode effort_gather(double had_MB, const Mesh *part, ShareEffort *e)
{
  double own[SHARE_NUMBERS] = {had_MB, peak_memory_MB(), part->n_node, part->n_tet};
  double *all = NULL;
  if (e) PetscCall(mem_alloc((size_t)ranks_number(), SHARE_NUMBERS * sizeof *all, &all));
  PetscCallMPI(MPI_Gather(own, SHARE_NUMBERS, MPI_DOUBLE, all, SHARE_NUMBERS, MPI_DOUBLE, 0, PETSC_COMM_WORLD));
  if (e) e->n_rank = ranks_number(), e->of_rank = (double(*)[SHARE_NUMBERS])all;
  return 0;
}

/* ---- the part that all do ------------------------------------------------------------------------------------------- */

typedef struct {
  LeadField *part;
  double *power; /* [n_contact][n_region] W */
} Own;

static PetscErrorCode powers_sum(const MeshShare *s, Own *own)
{
  size_t n = (size_t)own->part->n_contact * (size_t)s->mesh->n_region;
  PetscCall(mem_alloc(n, sizeof *own->power, &own->power));
  PetscCall(power_of_regions(s->mesh, s->sigma, own->part, s->mine, own->power));
  share_sum((int)n, own->power);
  return 0;
}

/* r: on rank 0, else NULL. */
static PetscErrorCode solve_part(const MeshShare *s, const Head *h, Own *own, RanksSolution *r)
{
  LeadField *whole;
  double *sigma = NULL;
  const FieldOptions o = options_of(h);
  double had_MB = memory_MB(), start = seconds_now();
  PetscCall(share_solve(s, &o, &own->part));
  PetscCall(powers_sum(s, own));
  if (r) r->effort.solve_s = seconds_now() - start;
  PetscCall(share_gather(s, own->part, &whole));
  if (r) r->field = whole;
  if (h->lets_go) PetscCall(share_gather_sigma(s, &sigma));
  if (r) r->sigma = sigma, r->power = own->power, own->power = NULL;
  if (r) r->effort.gather_s = seconds_now() - start - r->effort.solve_s;
  return effort_gather(had_MB, s->mesh, r ? &r->effort : NULL);
}

static PetscErrorCode solve_and_free(MeshShare **s, const Head *h, RanksSolution *r)
{
  Own own = {NULL, NULL};
  PetscErrorCode ierr = solve_part(*s, h, &own, r);
  lead_field_destroy(&own.part);
  free(own.power);
  share_destroy(s);
  return ierr;
}

PetscErrorCode ranks_follow_solve(void)
{
  Head h;
  MeshShare *s;
  PetscCall(ranks_share(&h, sizeof h));
  PetscCall(share_receive(&s));
  return solve_and_free(&s, &h, NULL);
}

/* ---- rank 0 ---------------------------------------------------------------------------------------------------------- */

void ranks_solution_free(RanksSolution *r)
{
  lead_field_destroy(&r->field);
  free(r->power), free(r->sigma), free(r->effort.of_rank);
  memset(r, 0, sizeof *r);
}

/* Of the whole mesh, which goes when it is sent if that is wanted. */
typedef struct {
  const Mesh *m;
  const double *sigma;
  void (*let_go)(void *context);
  void *context;
} Whole;

static PetscErrorCode lead_solve(const Whole *w, const FieldOptions *o, RanksSolution *r)
{
  SharePlan *plan;
  MeshShare *own;
  Head head = head_of(o, w->let_go != NULL);
  double start = seconds_now();
  PetscCall(share_plan(w->m, w->sigma, o, &plan));
  PetscErrorCode ierr = ranks_call_to_solve();
  if (!ierr) ierr = ranks_share(&head, sizeof head);
  if (!ierr) ierr = share_send(plan, w->m, w->sigma, &own);
  share_plan_destroy(&plan);
  PetscCall(ierr);
  if (w->let_go) w->let_go(w->context);
  r->effort.share_s = seconds_now() - start;
  return solve_and_free(&own, &head, r);
}

static PetscErrorCode solve_alone(const Whole *w, const FieldOptions *o, RanksSolution *r)
{
  double had_MB = memory_MB(), start = seconds_now();
  PetscCall(field_solve(w->m, w->sigma, o, &r->field));
  PetscCall(mem_alloc((size_t)r->field->n_contact * (size_t)w->m->n_region, sizeof *r->power, &r->power));
  PetscCall(power_of_regions(w->m, w->sigma, r->field, NULL, r->power));
  r->effort.solve_s = seconds_now() - start;
  return effort_gather(had_MB, w->m, &r->effort);
}

PetscErrorCode ranks_solve_all(const Mesh *m, const double *sigma, const FieldOptions *o, void (*let_go)(void *context),
                               void *context, RanksSolution *r)
{
  const Whole w = {m, sigma, let_go, context};
  *r = (RanksSolution){.field = NULL};
  PetscErrorCode ierr = ranks_number() > 1 ? lead_solve(&w, o, r) : solve_alone(&w, o, r);
  if (ierr) ranks_solution_free(r);
  return ierr;
}

PetscErrorCode ranks_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out)
{
  RanksSolution r;
  *out = NULL;
  if (ranks_number() == 1) return field_solve(m, sigma, o, out);
  PetscCall(ranks_solve_all(m, sigma, o, NULL, NULL, &r));
  *out = r.field, r.field = NULL;
  ranks_solution_free(&r);
  return 0;
}
