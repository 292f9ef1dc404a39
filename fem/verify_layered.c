/* A point source beside layers: 1 mA into a point of the fat, around which the mesh is refined towards it as it is
 * towards contacts; the wall is at 0 V. */
#include "verify_layered.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double CURRENT_A = 1e-3;
/* Edges at the source, and how they grow with the distance from it, for elements of each order, up to what the case
 * wants. First order needs them finer: the error of a point source goes with their square at any distance. In second order
 * flat faces are what is left: beneath the source the potential falls by 2.6 V/mm through the dura, and one of 0.24 mm lies
 * 2 um beside the cylinder. */
static const double NEAREST_EDGE_MM = 0.03, NEAR_GROWTH[2] = {0.1, 0.2};

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

/* What is found against what is expected, over the points of a case. */
typedef struct {
  int n;
  double largest;    /* relative error */
  double vv, ee, ve; /* sums of squares and products */
} Match;

static void match_add(double v, double expected, Match *k)
{
  k->n++;
  k->largest = fmax(k->largest, fabs(v / expected - 1.0));
  k->vv += v * v, k->ee += expected * expected, k->ve += v * expected;
}

static PetscErrorCode compare(const Trial *k, Match *match)
{
  for (int row = 0; row < k->table->n_row; row++) {
    NodeId node[FIELD_BASIS_MAX];
    double p[3], expected, v = 0.0, weight[FIELD_BASIS_MAX];
    int count;
    if (strcmp(csv_text(k->table, row, 0), k->k->name)) continue;
    PetscCall(table_point(k->table, row, p, &expected));
    PetscCall(basis_at(k, p, &count, node, weight));
    for (int i = 0; i < count; i++) v += weight[i] * k->v[node[i]];
    match_add(v, expected, match);
  }
  return 0;
}

static PetscErrorCode trial_run(Trial *k, Match *match)
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
  return compare(k, match);
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
                            const MeshLocator *locator, const Space *space, Match *match)
{
  Trial w = {.l = l, .k = k, .table = table, .locator = locator, .space = space};
  PetscErrorCode ierr = tensors(k, a, space->mesh, &w.sigma);
  if (!ierr) ierr = trial_run(&w, match);
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

static PetscErrorCode case_rows(const Layers *l, const LayerCase *k, int order, double limit, const Stage *s,
                                VerifyTable *t)
{
  char name[40], mesh[40], quantity[40];
  Match match = {.n = 0};
  PetscCall(trial(l, k, s->table, s->a, s->locator, s->space, &match));
  snprintf(name, sizeof name, "%s %s", l->name, k->name);
  snprintf(mesh, sizeof mesh, "P%d, %.2g mm, %.2f M nodes", order, s->c->mesh.dura_edge_mm, 1e-6 * s->space->n_node);
  snprintf(quantity, sizeof quantity, "largest of %d points", match.n);
  double rdm = sqrt(fmax(0.0, 2.0 - 2.0 * match.ve / sqrt(match.vv * match.ee)));
  PetscCall(verify_row(t, name, mesh, quantity, match.largest, limit > 0.0 ? VERIFY_AT_MOST : VERIFY_TOLD, limit));
  PetscCall(verify_row(t, name, mesh, "RDM", rdm, VERIFY_TOLD, 0.0));
  return verify_row(t, name, mesh, "MAG", sqrt(match.vv / match.ee), VERIFY_TOLD, 0.0);
}

/* Towards the source: edges of a part of the distance to it. */
typedef struct {
  const double *source_mm;
  double growth;
} NearSource;

static double near_source(const void *context, const double p[3])
{
  const NearSource *k = context;
  return fmax(NEAREST_EDGE_MM, k->growth * sqrt(v3_distance2(p, k->source_mm)));
}

static PetscErrorCode stage_run(const Layers *l, int n_case, const LayerCase *cases, int order, double scale,
                                double limit, Stage *s, VerifyTable *t)
{
  const NearSource source = {l->source_mm, scale * NEAR_GROWTH[order - 1]};
  char path[CAUDA_PATH_MAX];
  PetscCall(data_find("verify/case.yaml", path));
  PetscCall(case_read(path, &s->c));
  s->c->mesh.dura_edge_mm *= scale, s->c->mesh.largest_edge_mm *= scale, s->c->mesh.growth *= scale;
  PetscCall(data_find(l->reference, path));
  PetscCall(csv_read(path, &s->table));
  PetscCall(layers_mesh(l, s->c, (EdgeLimit){near_source, &source}, &s->a, &s->m));
  PetscCall(mesh_locator_create(s->m, &s->locator));
  PetscCall(space_create(s->m, order, &s->space));
  for (int i = 0; i < n_case; i++) PetscCall(case_rows(l, &cases[i], order, limit, s, t));
  return 0;
}

PetscErrorCode verify_layered(const Layers *l, int n_case, const LayerCase *cases, int order, double scale,
                              double limit, VerifyTable *t)
{
  Stage s = {.c = NULL};
  PetscErrorCode ierr = stage_run(l, n_case, cases, order, scale, limit, &s, t);
  space_destroy(&s.space);
  mesh_locator_destroy(&s.locator);
  mesh_destroy(&s.m);
  anatomy_destroy(&s.a);
  csv_destroy(&s.table);
  case_destroy(&s.c);
  return ierr;
}
