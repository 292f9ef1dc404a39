/* The field of each contact: unknowns, matrix, solution, and back to the nodes; then the certificate. */
#include "fem_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define A_PER_MA 1e-3

/* What a solve holds until the field is made. */
typedef struct {
  const Element *element;
  DofMap *dofs;
  Mat A;
  int n_source; /* contacts, and the probe of the reciprocity check where there is one */
  int32_t probe;
  int32_t *source;   /* [n_source] unknown */
  const char **what; /* [n_source] name */
  double *local;     /* [n_source][local rows] ohm */
  double *whole;     /* [n_unknown] ohm */
  double *at_probe;  /* [n_contact] ohm */
} Work;

static void work_free(Work *w)
{
  dofs_destroy(&w->dofs);
  (void)MatDestroy(&w->A);
  free(w->source);
  free(w->what);
  free(w->local);
  free(w->whole);
  free(w->at_probe);
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
  free(*f);
  *f = NULL;
}

static PetscErrorCode sources_list(const Mesh *m, Work *w)
{
  const DofMap *d = w->dofs;
  PetscCall(checks_probe(m, d, &w->probe));
  w->n_source = d->n_contact + (w->probe >= 0);
  PetscCall(mem_alloc((size_t)w->n_source, sizeof *w->source, &w->source));
  PetscCall(mem_alloc((size_t)w->n_source, sizeof *w->what, &w->what));
  for (int c = 0; c < d->n_contact; c++) {
    w->source[c] = d->contact_unknown[c];
    w->what[c] = d->contact[c];
  }
  if (w->probe >= 0) {
    w->source[d->n_contact] = w->probe;
    w->what[d->n_contact] = "the reciprocity check";
  }
  return 0;
}

/* The unknowns of source i, from the pieces of all ranks. */
static PetscErrorCode solution_gather(Work *w, int i)
{
  const PetscInt *range;
  PetscMPIInt size, rank;
  PetscInt n_local;
  int *count;
  PetscCall(MatGetOwnershipRanges(w->A, &range));
  PetscCall(MatGetLocalSize(w->A, &n_local, NULL));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(mem_alloc((size_t)size * 2, sizeof *count, &count));
  for (int r = 0; r < size; r++) count[r] = (int)(range[r + 1] - range[r]), count[size + r] = (int)range[r];
  int err = MPI_Allgatherv(w->local + (size_t)i * (size_t)n_local, (int)n_local, MPI_DOUBLE, w->whole, count,
                           count + size, MPI_DOUBLE, PETSC_COMM_WORLD);
  free(count);
  PetscCallMPI(err);
  return 0;
}

static PetscErrorCode field_spread(Work *w, LeadField *f)
{
  const DofMap *d = w->dofs;
  for (int c = 0; c < d->n_contact; c++) {
    double *v = f->potential + (size_t)c * (size_t)f->n_node;
    PetscCall(solution_gather(w, c));
    for (NodeId n = 0; n < f->n_node; n++) v[n] = d->unknown[n] == FEM_GROUNDED ? 0.0 : w->whole[d->unknown[n]];
    for (int i = 0; i < d->n_contact; i++) f->impedance[i * d->n_contact + c] = w->whole[d->contact_unknown[i]];
  }
  if (w->probe < 0) return 0;
  PetscCall(solution_gather(w, d->n_contact));
  for (int i = 0; i < d->n_contact; i++) w->at_probe[i] = w->whole[d->contact_unknown[i]];
  return 0;
}

static PetscErrorCode work_solve(const Mesh *m, const double *sigma, const FieldOptions *o, Work *w, SolveStats *stats)
{
  PetscInt n_local;
  PetscCall(element_find(o->order, &w->element));
  PetscCall(dofs_create(m, &w->dofs));
  PetscCall(sources_list(m, w));
  PetscCall(stiffness_assemble(m, sigma, w->element, w->dofs, &w->A));
  PetscCall(MatGetLocalSize(w->A, &n_local, NULL));
  PetscCall(mem_alloc((size_t)w->n_source * (size_t)n_local, sizeof *w->local, &w->local));
  PetscCall(mem_alloc((size_t)w->dofs->n_unknown, sizeof *w->whole, &w->whole));
  PetscCall(mem_alloc((size_t)w->dofs->n_contact, sizeof *w->at_probe, &w->at_probe));
  return solve_contacts(w->A, o, w->n_source, w->source, w->what, w->local, stats);
}

static PetscErrorCode field_make(const Mesh *m, const double *sigma, const FieldOptions *o, Work *w, LeadField **out)
{
  SolveStats stats;
  PetscCall(work_solve(m, sigma, o, w, &stats));
  PetscCall(lead_field_create(w->dofs->n_contact, m->n_node, out));
  LeadField *f = *out;
  memcpy(f->contact, w->dofs->contact, (size_t)f->n_contact * sizeof *f->contact);
  f->order = o->order;
  f->tolerance = o->tolerance;
  f->unknowns = w->dofs->n_unknown;
  f->iterations = stats.iterations;
  f->residual = stats.residual;
  PetscCall(field_spread(w, f));
  return checks_certify(m, sigma, w->element, w->dofs, w->probe, w->at_probe, f);
}

PetscErrorCode field_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out)
{
  Work w = {.A = NULL};
  *out = NULL;
  PetscErrorCode ierr = field_make(m, sigma, o, &w, out);
  if (ierr) lead_field_destroy(out);
  work_free(&w);
  return ierr;
}

void field_superpose(const LeadField *f, const double *current_mA, double *v)
{
  memset(v, 0, (size_t)f->n_node * sizeof *v);
  for (int c = 0; c < f->n_contact; c++) {
    const double *u = f->potential + (size_t)c * (size_t)f->n_node;
    double current = A_PER_MA * current_mA[c];
    if (current == 0.0) continue;
    for (NodeId n = 0; n < f->n_node; n++) v[n] += current * u[n];
  }
}

static void field_at_tet(const Mesh *m, TetId t, const double *v, const double w[4], double *potential, double E[3])
{
  double x[4][3], gradient[4][3];
  element_vertices(m, t, x);
  (void)p1_gradients(x, gradient);
  *potential = 0.0;
  v3_set(E, 0.0, 0.0, 0.0);
  for (int i = 0; i < 4; i++) {
    double u = v[m->tet[t][i]];
    *potential += w[i] * u;
    v3_axpy(E, -u, gradient[i], E);
  }
}

PetscErrorCode field_at(const Mesh *m, const MeshLocator *l, const double *v, int n_point, const double *xyz_mm,
                        double *potential_V, double *E_V_per_m, int *region)
{
  TetId hint = -1;
  for (int i = 0; i < n_point; i++) {
    const double *p = xyz_mm + 3 * (size_t)i;
    double w[4], *E = E_V_per_m + 3 * (size_t)i;
    PetscCheck(isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "point %d: found (%g, %g, %g), expected finite coordinates", i + 1, p[0], p[1], p[2]);
    TetId t = mesh_locate(l, p, hint, w);
    region[i] = t < 0 ? -1 : m->region[t];
    potential_V[i] = NAN;
    v3_set(E, NAN, NAN, NAN);
    if (t < 0) continue;
    field_at_tet(m, t, v, w, &potential_V[i], E);
    hint = t;
  }
  return 0;
}
