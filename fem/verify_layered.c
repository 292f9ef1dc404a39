/* A point source beside layers: 1 mA into a point of the fat, around which the mesh is refined towards it as it is
 * towards contacts; the wall is at 0 V. */
#include "verify_layered.h"

#include "bisect.h"
#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double CURRENT_A = 1e-3;
/* Edges at the source, and how they grow with the distance from it, up to what the mesher made. */
static const double NEAREST_EDGE_MM = 0.03, NEAR_GROWTH = 0.3;

typedef struct {
  const Layers *l;
  const LayerCase *k;
  const CsvTable *table;
  const MeshLocator *locator;
  const Space *space;
  double *sigma, *v, *load;
  bool *fixed;
} Trial;

/* What each node counts at a point, mm. */
static PetscErrorCode basis_at(const Trial *k, const double p_mm[3], int *n, NodeId node[], double weight[])
{
  const LeadField f = {.n_node = k->space->n_node, .edges = k->space->edges};
  double w[4];
  TetId t = mesh_locate(k->locator, p_mm, -1, w);
  PetscCheck(t >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: no tetrahedron at (%g, %g, %g) mm", k->l->name, p_mm[0],
             p_mm[1], p_mm[2]);
  *n = field_basis(k->space->mesh, &f, t, w, node, weight);
  return 0;
}

/* Cylindrical coordinates where the table has z, else spherical ones about the direction of the source, x. */
static PetscErrorCode table_point(const CsvTable *t, int row, double p[3], double *v)
{
  double r, theta, z = 0.0;
  int column;
  PetscCall(csv_column(t, "r_mm", &column));
  PetscCall(csv_number(t, row, column, &r));
  PetscCall(csv_column(t, "theta_rad", &column));
  PetscCall(csv_number(t, row, column, &theta));
  if (t->n_column == 5) PetscCall(csv_number(t, row, 3, &z));
  PetscCall(csv_number(t, row, t->n_column - 1, v));
  v3_set(p, r * cos(theta), r * sin(theta), z);
  return 0;
}

static PetscErrorCode compare(const Trial *k, double *largest, int *n)
{
  *largest = 0.0, *n = 0;
  for (int row = 0; row < k->table->n_row; row++) {
    NodeId node[FIELD_BASIS_MAX];
    double p[3], expected, v = 0.0, weight[FIELD_BASIS_MAX];
    int count;
    if (strcmp(csv_text(k->table, row, 0), k->k->name)) continue;
    PetscCall(table_point(k->table, row, p, &expected));
    PetscCall(basis_at(k, p, &count, node, weight));
    for (int i = 0; i < count; i++) v += weight[i] * k->v[node[i]];
    *largest = fmax(*largest, fabs(v / expected - 1.0));
    ++*n;
  }
  return 0;
}

static PetscErrorCode trial_run(Trial *k, double *largest, int *n)
{
  NodeId node[FIELD_BASIS_MAX];
  double weight[FIELD_BASIS_MAX];
  size_t nodes = (size_t)k->space->n_node;
  int count;
  PetscCall(mem_alloc(nodes, sizeof *k->v, &k->v));
  PetscCall(mem_alloc(nodes, sizeof *k->load, &k->load));
  PetscCall(mem_alloc(nodes, sizeof *k->fixed, &k->fixed));
  fix_group_nodes(k->space, GROUP_RETURN, k->fixed);
  PetscCall(basis_at(k, k->l->source_mm, &count, node, weight));
  for (int i = 0; i < count; i++) k->load[node[i]] = CURRENT_A * weight[i];
  PetscCall(dirichlet_solve(k->space, k->sigma, k->fixed, k->load, k->v));
  return compare(k, largest, n);
}

/* Tensors by the path that a case takes: tissue entries, and the anatomy's own axes. */
static PetscErrorCode tensors(const LayerCase *k, const Anatomy *a, const Mesh *m, double **sigma)
{
  TissueEntry entries[] = {
      {.name = "white", .longitudinal_S_per_m = k->cord_along, .transverse_S_per_m = k->cord_across},
      {.name = "csf", .sigma_S_per_m = k->csf},
      {.name = "dura", .sigma_S_per_m = k->dura},
      {.name = "fat", .sigma_S_per_m = k->fat},
      {.name = "bone", .sigma_S_per_m = k->bone},
      {.name = "body", .sigma_S_per_m = k->bone},
  };
  Case c = {.n_tissues = sizeof entries / sizeof entries[0], .tissues = entries};
  return conductivity_assign(&c, a, m, sigma);
}

static PetscErrorCode trial(const Layers *l, const LayerCase *k, const CsvTable *table, const Anatomy *a,
                            const MeshLocator *locator, const Space *space, double *largest, int *n)
{
  Trial w = {.l = l, .k = k, .table = table, .locator = locator, .space = space};
  PetscErrorCode ierr = tensors(k, a, space->mesh, &w.sigma);
  if (!ierr) ierr = trial_run(&w, largest, n);
  free(w.sigma), free(w.v), free(w.load), free(w.fixed);
  return ierr;
}

/* Everything on one mesh. */
typedef struct {
  Case *c;
  CsvTable *table;
  Anatomy *a;
  Mesh *m;
  MeshLocator *locator;
  Space *space;
} Stage;

static PetscErrorCode stage_order(const Layers *l, int n_case, const LayerCase *cases, int order, double limit,
                                  Stage *s, VerifyTable *t)
{
  PetscCall(space_create(s->m, order, &s->space));
  for (int i = 0; i < n_case; i++) {
    char name[40], mesh[40], quantity[40];
    double largest = 0.0;
    int n = 0;
    PetscCall(trial(l, &cases[i], s->table, s->a, s->locator, s->space, &largest, &n));
    snprintf(name, sizeof name, "%s %s", l->name, cases[i].name);
    snprintf(mesh, sizeof mesh, "P%d, %.2g mm, %.2f M nodes", order, s->c->mesh.dura_edge_mm, 1e-6 * s->space->n_node);
    snprintf(quantity, sizeof quantity, "largest of %d points", n);
    PetscCall(verify_row(t, name, mesh, quantity, largest, order == 2 ? VERIFY_AT_MOST : VERIFY_TOLD, limit));
  }
  space_destroy(&s->space);
  return 0;
}

/* Towards the source: edges below a part of the distance to it. */
static bool near_source(const void *context, const double *const x[4], TetId first)
{
  const Layers *l = context;
  double middle[3] = {0.0, 0.0, 0.0}, longest2 = 0.0;
  (void)first;
  for (int i = 0; i < 4; i++) v3_axpy(middle, 0.25, x[i], middle);
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++) longest2 = fmax(longest2, v3_distance2(x[i], x[j]));
  return sqrt(longest2) > fmax(NEAREST_EDGE_MM, NEAR_GROWTH * sqrt(v3_distance2(middle, l->source_mm)));
}

static PetscErrorCode refine(const Layers *l, Mesh **m)
{
  Mesh *fine;
  PetscCall(mesh_bisect(*m, near_source, l, NULL, &fine));
  mesh_destroy(m);
  *m = fine;
  return 0;
}

static PetscErrorCode stage_run(const Layers *l, int n_case, const LayerCase *cases, double scale, double limit,
                                Stage *s, VerifyTable *t)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(data_find("verify/case.yaml", path));
  PetscCall(case_read(path, &s->c));
  s->c->mesh.dura_edge_mm *= scale, s->c->mesh.largest_edge_mm *= scale;
  PetscCall(data_find(l->reference, path));
  PetscCall(csv_read(path, &s->table));
  PetscCall(layers_mesh(l, s->c, &s->a, &s->m));
  PetscCall(refine(l, &s->m));
  PetscCall(mesh_locator_create(s->m, &s->locator));
  for (int order = 1; order <= 2; order++) PetscCall(stage_order(l, n_case, cases, order, limit, s, t));
  return 0;
}

PetscErrorCode verify_layered(const Layers *l, int n_case, const LayerCase *cases, double scale, double limit,
                              VerifyTable *t)
{
  Stage s = {NULL};
  PetscErrorCode ierr = stage_run(l, n_case, cases, scale, limit, &s, t);
  space_destroy(&s.space);
  mesh_locator_destroy(&s.locator);
  mesh_destroy(&s.m);
  anatomy_destroy(&s.a);
  csv_destroy(&s.table);
  case_destroy(&s.c);
  return ierr;
}
