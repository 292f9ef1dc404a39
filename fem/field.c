/* The field of each contact: unknowns, matrix, solution, and back to the nodes; then the certificate. */
#include "fem_impl.h"

#include <stdlib.h>
#include <string.h>

/* What a solve holds until the field is made. */
typedef struct {
  Parts parts;
  Functionals *functionals;
  Operator op;
  int n_source; /* contacts, and the probe of the reciprocity check where there is one */
  int32_t probe;
  Source *source;   /* [n_source] */
  double *x;        /* [n_source][n_unknown] ohm */
  double *at_probe; /* [n_contact] ohm */
} Work;

static void work_free(Work *w)
{
  functionals_destroy(&w->functionals);
  parts_free(&w->parts);
  operator_free(&w->op);
  free(w->source);
  free(w->x);
  free(w->at_probe);
}

FieldOptions field_options(const CaseField *c)
{
  FieldOptions o = {.order = c->order,
                    .tolerance = c->tolerance,
                    .preconditioner = c->preconditioner,
                    .surface_impedance_ohm_m2 = c->surface_impedance_ohm_m2};
  if (!strcmp(c->solver, "petsc")) o.solver = SOLVER_PETSC;
  if (!strcmp(c->contacts, "impedance")) o.contact = CONTACT_IMPEDANCE;
  if (!strcmp(c->contacts, "uniform")) o.contact = CONTACT_UNIFORM;
  if (!strcmp(c->ret, "infinite")) o.ret = RETURN_INFINITE;
  if (!strcmp(c->ret, "insulated")) o.ret = RETURN_INSULATED;
  return o;
}

PetscErrorCode lead_field_create(int n_contact, NodeId n_node, LeadField **out)
{
  size_t n = (size_t)n_contact;
  *out = NULL;
  LeadField *f;
  PetscCall(mem_alloc(1, sizeof *f, &f));
  f->n_contact = n_contact;
  f->n_node = n_node;
  PetscErrorCode ierr = mem_alloc(n, sizeof *f->contact, &f->contact);
  if (!ierr) ierr = mem_alloc(n * (size_t)n_node, sizeof *f->potential, &f->potential);
  if (!ierr) ierr = mem_alloc(n * n, sizeof *f->impedance, &f->impedance);
  if (ierr) lead_field_destroy(&f);
  *out = f;
  return ierr;
}

void lead_field_destroy(LeadField **f)
{
  if (!*f) return;
  free((*f)->contact);
  free((*f)->potential);
  free((*f)->impedance);
  mesh_edges_destroy(&(*f)->edges);
  free(*f);
  *f = NULL;
}

static PetscErrorCode sources_list(const Mesh *m, Work *w)
{
  const DofMap *d = w->parts.dofs;
  PetscCall(checks_probe(m, d, &w->probe));
  w->n_source = d->n_contact + (w->probe >= 0);
  PetscCall(mem_alloc((size_t)w->n_source, sizeof *w->source, &w->source));
  for (int c = 0; c < d->n_contact; c++) w->source[c] = (Source){c, -1, d->contact[c], 0.0};
  if (w->probe >= 0) w->source[d->n_contact] = (Source){-1, w->probe, "the reciprocity check", PROBE_TOLERANCE};
  return 0;
}

static PetscErrorCode work_solve(const Mesh *m, const double *sigma, const FieldOptions *o, Work *w, SolveStats *stats)
{
  PetscCall(parts_create(m, sigma, o->order, o, &w->parts));
  const DofMap *d = w->parts.dofs;
  PetscCall(functionals_create(w->parts.space, d, o, &w->functionals));
  PetscCall(sources_list(m, w));
  PetscCall(parts_operator(&w->parts, o, &w->op));
  PetscCall(mem_alloc((size_t)w->n_source * (size_t)d->n_unknown, sizeof *w->x, &w->x));
  PetscCall(mem_alloc((size_t)d->n_contact, sizeof *w->at_probe, &w->at_probe));
  PetscCall(solve_sources(&w->op, o, w->functionals, w->n_source, w->source, w->x, stats));
  return 0;
}

/* The unknowns of source i; *shift is what makes the mean over an insulated return 0. */
static const double *solution(const Work *w, int i, double *shift)
{
  const double *x = w->x + (size_t)i * (size_t)w->parts.dofs->n_unknown;
  *shift = -functional_at(w->functionals, w->parts.dofs->n_contact, x);
  return x;
}

static void field_spread(Work *w, LeadField *f)
{
  const DofMap *d = w->parts.dofs;
  double shift;
  for (int c = 0; c < d->n_contact; c++) {
    double *v = f->potential + (size_t)c * (size_t)f->n_node;
    const double *x = solution(w, c, &shift);
    for (NodeId n = 0; n < f->n_node; n++) v[n] = shift + (d->unknown[n] < 0 ? 0.0 : x[d->unknown[n]]);
    for (int i = 0; i < d->n_contact; i++)
      f->impedance[i * d->n_contact + c] = shift + functional_at(w->functionals, i, x);
  }
  if (w->probe < 0) return;
  const double *x = solution(w, d->n_contact, &shift);
  probe_rest(&w->op.A, w->functionals, w->probe, x, d->n_contact, w->x, w->at_probe);
  for (int i = 0; i < d->n_contact; i++) w->at_probe[i] += shift + functional_at(w->functionals, i, x);
}

static PetscErrorCode field_make(const Mesh *m, const double *sigma, const FieldOptions *o, Work *w, LeadField **out)
{
  SolveStats stats;
  PetscCall(work_solve(m, sigma, o, w, &stats));
  PetscCall(lead_field_create(w->parts.dofs->n_contact, w->parts.space->n_node, out));
  LeadField *f = *out;
  memcpy(f->contact, w->parts.dofs->contact, (size_t)f->n_contact * sizeof *f->contact);
  f->order = o->order;
  f->tolerance = o->tolerance;
  f->unknowns = w->parts.dofs->n_unknown;
  f->iterations = stats.iterations;
  f->residual = stats.residual;
  field_spread(w, f);
  PetscCall(checks_certify(&w->parts.system, w->probe, w->at_probe, f));
  f->edges = w->parts.space->edges; /* given away */
  w->parts.space->edges = NULL;
  return 0;
}

PetscErrorCode field_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out)
{
  Work w = {.n_source = 0};
  *out = NULL;
  PetscErrorCode ierr = field_make(m, sigma, o, &w, out);
  if (ierr) lead_field_destroy(out);
  work_free(&w);
  return ierr;
}
