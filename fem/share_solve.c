/* The field on a mesh that is divided among ranks: as field.c, each step by the rank's own part. */
#include "share_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const MeshShare *s;
  const FieldOptions *o;
  Parts parts, first; /* first: of first order, for second */
  Operator op;
  BlockMatrices matrices; /* of op */
  Functionals *functionals;
  bool probed;
  int32_t probe; /* own unknown, or -1 */
  int n_source;
  Source *source;    /* [n_source] contacts, and the probe of the reciprocity check */
  double *x;         /* [n_source][n_unknown] ohm */
  double *potential; /* [n_contact + 1][n_source] ohm of contacts, and the mean over an insulated return */
} Work;

static void work_free(Work *w)
{
  functionals_destroy(&w->functionals);
  parts_free(&w->parts), parts_free(&w->first);
  operator_free(&w->op);
  halo_destroy(&w->matrices.halo), halo_destroy(&w->matrices.halo_below);
  free(w->source), free(w->x), free(w->potential);
}

void share_sum(int n, double *v) { sum_over_ranks(n, v); }

static PetscErrorCode parts_of_share(const Work *w, int order, Parts *p, Halo **halo)
{
  const MeshShare *s = w->s;
  PetscCall(space_create(s->mesh, order, &p->space));
  PetscCall(share_dofs(s, p->space, w->o, &p->dofs, halo));
  PetscCall(facets_create(p->space, p->dofs, w->o, s->sigma, &p->facets));
  p->system = (System){p->space, p->dofs, s->sigma, p->facets};
  return 0;
}

static PetscErrorCode matrices_make(Work *w)
{
  BlockMatrices *m = &w->matrices;
  PetscCall(parts_of_share(w, w->o->order, &w->parts, &m->halo));
  if (w->o->order > 1) PetscCall(parts_of_share(w, 1, &w->first, &m->halo_below));
  PetscCall(operator_create(&w->parts.system, w->o->order > 1 ? &w->first.system : NULL, &w->op));
  m->A = w->op.A, m->up = w->op.up, m->below = w->op.below;
  parts_free(&w->first);
  return 0;
}

static PetscErrorCode sources_list(Work *w)
{
  const DofMap *d = w->parts.dofs;
  w->probed = w->s->probe >= 0, w->probe = -1;
  for (NodeId n = 0; n < w->s->mesh->n_node && w->probed; n++)
    if (w->s->node_of[n] == w->s->probe && w->s->mine[n]) w->probe = d->unknown[n];
  w->n_source = d->n_contact + w->probed;
  PetscCall(mem_alloc((size_t)w->n_source, sizeof *w->source, &w->source));
  for (int c = 0; c < d->n_contact; c++) w->source[c] = (Source){c, -1, d->contact[c], 0.0};
  if (w->probed) w->source[d->n_contact] = (Source){-1, w->probe, "the reciprocity check", PROBE_TOLERANCE};
  return 0;
}

static PetscErrorCode solve(Work *w, SolveStats *stats)
{
  PetscCall(mem_alloc((size_t)w->n_source * (size_t)w->parts.dofs->n_unknown, sizeof *w->x, &w->x));
  if (w->o->solver == SOLVER_PETSC)
    return share_petsc(&w->matrices, w->o, w->functionals, w->n_source, w->source, w->x, stats);
  return block_solve_sources(&w->matrices, w->o, w->functionals, w->n_source, w->source, w->x, stats);
}

/* ---- what comes of it ------------------------------------------------------------------------------------------------ */

static const double *solution(const Work *w, int source)
{
  return w->x + (size_t)source * (size_t)w->parts.dofs->n_unknown;
}

static PetscErrorCode potentials_sum(Work *w)
{
  int n = w->parts.dofs->n_contact + 1;
  PetscCall(mem_alloc((size_t)(n * w->n_source), sizeof *w->potential, &w->potential));
  for (int i = 0; i < n; i++)
    for (int c = 0; c < w->n_source; c++)
      w->potential[i * w->n_source + c] = functional_at(w->functionals, i, solution(w, c));
  share_sum(n * w->n_source, w->potential);
  return 0;
}

/* What contact i has at source c, with the mean over an insulated return taken as 0. */
static double potential_of(const Work *w, int i, int c)
{
  return w->potential[i * w->n_source + c] - w->potential[w->parts.dofs->n_contact * w->n_source + c];
}

static void field_spread(const Work *w, LeadField *f)
{
  const DofMap *d = w->parts.dofs;
  for (int c = 0; c < d->n_contact; c++) {
    double *v = f->potential + (size_t)c * (size_t)f->n_node;
    double shift = -w->potential[d->n_contact * w->n_source + c];
    const double *x = solution(w, c);
    for (NodeId n = 0; n < f->n_node; n++) v[n] = shift + (d->unknown[n] < 0 ? 0.0 : x[d->unknown[n]]);
    for (int i = 0; i < d->n_contact; i++) f->impedance[i * d->n_contact + c] = potential_of(w, i, c);
  }
}

static PetscErrorCode certify(const Work *w, LeadField *f)
{
  double *at_probe;
  int n = f->n_contact;
  PetscCall(mem_alloc((size_t)n, sizeof *at_probe, &at_probe));
  if (w->probed) {
    probe_rest(&w->op.A, w->functionals, w->probe, solution(w, n), n, w->x, at_probe);
    share_sum(n, at_probe);
    for (int i = 0; i < n; i++) at_probe[i] += potential_of(w, i, n);
  }
  PetscErrorCode ierr = checks_certify(&w->parts.system, w->probe, at_probe, f);
  free(at_probe);
  return ierr;
}

static PetscErrorCode field_fill(Work *w, const SolveStats *stats, LeadField *f)
{
  double unknowns = w->parts.dofs->n_own;
  memcpy(f->contact, w->parts.dofs->contact, (size_t)f->n_contact * sizeof *f->contact);
  f->order = w->o->order, f->tolerance = w->o->tolerance;
  f->iterations = stats->iterations, f->residual = stats->residual;
  share_sum(1, &unknowns);
  f->unknowns = (long)unknowns;
  PetscCall(potentials_sum(w));
  field_spread(w, f);
  PetscCall(certify(w, f));
  f->edges = w->parts.space->edges; /* given away */
  w->parts.space->edges = NULL;
  return 0;
}

static PetscErrorCode field_make(Work *w, LeadField **out)
{
  SolveStats stats = {0, 0.0};
  PetscCall(matrices_make(w));
  PetscCall(functionals_create(w->parts.space, w->parts.dofs, w->o, &w->functionals));
  PetscCall(sources_list(w));
  PetscCall(solve(w, &stats));
  PetscCall(lead_field_create(w->parts.dofs->n_contact, w->parts.space->n_node, out));
  return field_fill(w, &stats, *out);
}

PetscErrorCode share_solve(const MeshShare *s, const FieldOptions *o, LeadField **out)
{
  Work w = {.s = s, .o = o};
  *out = NULL;
  PetscErrorCode ierr = field_make(&w, out);
  if (ierr) lead_field_destroy(out);
  work_free(&w);
  return ierr;
}
