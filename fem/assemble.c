/* Assembly: each rank counts, lays out and fills exactly the entries of its own rows, then hands them to PETSc
 * whole, so that nothing is allocated while values go in. */
#include "fem_impl.h"

#include <math.h>
#include <stdlib.h>

/* Rows [begin, end) of the matrix in compressed form; columns ascend within a row. */
typedef struct {
  PetscInt begin, end, n_global;
  PetscInt *start;  /* [end - begin + 1] */
  PetscInt *column; /* [start[end - begin]], global */
  double *value;    /* same, S */
} Rows;

/* The cells at each of the rows (a cell stands as often as it has nodes in the row's unknown). */
typedef struct {
  int64_t *start; /* [n_row + 1] */
  int32_t *cell;
} Incidence;

static bool is_mine(const Rows *r, int32_t unknown) { return unknown >= r->begin && unknown < r->end; }

static PetscErrorCode incidence_fill(const System *s, const Rows *r, Incidence *v)
{
  size_t n = (size_t)(r->end - r->begin);
  int32_t u[ELEMENT_NODES_MAX];
  int64_t n_cell = system_cells(s);
  PetscCheck(n_cell <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many elements");
  PetscCall(mem_alloc(n + 1, sizeof *v->start, &v->start));
  for (int64_t k = 0; k < n_cell; k++)
    for (int i = system_unknowns(s, k, u) - 1; i >= 0; i--)
      if (is_mine(r, u[i])) v->start[u[i] - r->begin]++;
  for (size_t i = 1; i <= n; i++) v->start[i] += v->start[i - 1];
  PetscCall(mem_alloc((size_t)v->start[n], sizeof *v->cell, &v->cell));
  for (int64_t k = n_cell - 1; k >= 0; k--) /* start goes back from each row's end to its beginning */
    for (int i = system_unknowns(s, k, u) - 1; i >= 0; i--)
      if (is_mine(r, u[i])) v->cell[--v->start[u[i] - r->begin]] = (int32_t)k;
  return 0;
}

static int ascending(const void *a, const void *b)
{
  PetscInt p = *(const PetscInt *)a, q = *(const PetscInt *)b;
  return (p > q) - (p < q);
}

/* Columns of all rows; seen[u] is the last row (plus one) that had column u. */
static PetscErrorCode columns_gather(const System *s, const Incidence *v, PetscInt *seen, Rows *r)
{
  size_t capacity = 0, n = 0;
  int32_t u[ELEMENT_NODES_MAX];
  for (PetscInt row = 0; row < r->end - r->begin; row++) {
    size_t first = n;
    for (int64_t k = v->start[row]; k < v->start[row + 1]; k++) {
      PetscCall(mem_grow(n + ELEMENT_NODES_MAX, sizeof *r->column, &capacity, &r->column));
      for (int i = system_unknowns(s, v->cell[k], u) - 1; i >= 0; i--) {
        if (u[i] < 0 || seen[u[i]] == row + 1) continue;
        seen[u[i]] = row + 1;
        r->column[n++] = u[i];
      }
    }
    qsort(r->column + first, n - first, sizeof *r->column, ascending);
    PetscCheck(n <= (size_t)PETSC_MAX_INT, PETSC_COMM_SELF, PETSC_ERR_SUP,
               "the mesh has too many tetrahedra for one process: use more of them (mpirun -n)");
    r->start[row + 1] = (PetscInt)n;
  }
  return 0;
}

static PetscErrorCode rows_split(int32_t n_unknown, Rows *r)
{
  PetscInt n = PETSC_DECIDE;
  r->n_global = n_unknown;
  PetscCall(PetscSplitOwnership(PETSC_COMM_WORLD, &n, &r->n_global));
  PetscCallMPI(MPI_Scan(&n, &r->end, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
  r->begin = r->end - n;
  return 0;
}

static PetscErrorCode rows_layout(const System *s, Rows *r)
{
  Incidence v = {NULL, NULL};
  PetscInt *seen = NULL;
  PetscErrorCode ierr = incidence_fill(s, r, &v);
  if (!ierr) ierr = mem_alloc((size_t)r->n_global, sizeof *seen, &seen);
  if (!ierr) ierr = mem_alloc((size_t)(r->end - r->begin) + 1, sizeof *r->start, &r->start);
  if (!ierr) ierr = columns_gather(s, &v, seen, r);
  if (!ierr) ierr = mem_alloc((size_t)r->start[r->end - r->begin], sizeof *r->value, &r->value);
  free(v.start);
  free(v.cell);
  free(seen);
  return ierr;
}

static void row_add(const Rows *r, int32_t row, int32_t column, double value)
{
  PetscInt low = r->start[row - r->begin], high = r->start[row - r->begin + 1] - 1;
  while (low < high) {
    PetscInt middle = low + (high - low) / 2;
    if (r->column[middle] < column)
      low = middle + 1;
    else
      high = middle;
  }
  r->value[low] += value;
}

static bool positive_definite(const double s[6])
{
  double minor2 = s[0] * s[1] - s[3] * s[3];
  double det = s[2] * minor2 - s[4] * (s[0] * s[4] - s[3] * s[5]) + s[5] * (s[3] * s[4] - s[1] * s[5]);
  return s[0] > 0.0 && minor2 > 0.0 && det > 0.0 && isfinite(det);
}

/* On all ranks for all tetrahedra, so that all ranks fail or none does. */
static PetscErrorCode tets_check(const Mesh *m, const double *sigma)
{
  for (TetId t = 0; t < m->n_tet; t++) {
    PetscCheck(positive_definite(sigma + 6 * (size_t)t), PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "tetrahedron %d (%s): the conductivity tensor is not positive definite", (int)t,
               m->regions[m->region[t]].name);
    double volume = mesh_tet_volume(m, t);
    PetscCheck(volume > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "tetrahedron %d (%s): found a volume of %g mm3, expected a positive one", (int)t,
               m->regions[m->region[t]].name, volume);
  }
  return 0;
}

static PetscErrorCode rows_fill(const System *s, Rows *r)
{
  double K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
  int32_t u[ELEMENT_NODES_MAX];
  for (int64_t k = 0; k < system_cells(s); k++) {
    int n = system_unknowns(s, k, u);
    bool mine = false;
    for (int i = 0; i < n; i++) mine |= is_mine(r, u[i]);
    if (!mine) continue;
    PetscCall(system_matrix(s, k, K));
    for (int i = 0; i < n; i++)
      for (int j = 0; is_mine(r, u[i]) && j < n; j++)
        if (u[j] >= 0) row_add(r, u[i], u[j], K[n * i + j]);
  }
  return 0;
}

/* A matrix of these rows; n_column: of all ranks together. */
static PetscErrorCode rows_to_matrix(const Rows *r, PetscInt n_column, Mat *out)
{
  PetscInt n = r->end - r->begin, n_local = PETSC_DECIDE, all = n_column;
  PetscCall(PetscSplitOwnership(PETSC_COMM_WORLD, &n_local, &all));
  PetscCall(MatCreate(PETSC_COMM_WORLD, out));
  PetscCall(MatSetSizes(*out, n, n_local, r->n_global, n_column));
  PetscCall(MatSetType(*out, MATAIJ));
  PetscCall(MatSeqAIJSetPreallocationCSR(*out, r->start, r->column, r->value));
  PetscCall(MatMPIAIJSetPreallocationCSR(*out, r->start, r->column, r->value));
  return 0;
}

static void rows_free(Rows *r)
{
  free(r->start);
  free(r->column);
  free(r->value);
}

PetscErrorCode stiffness_assemble(const System *s, Mat *out)
{
  Rows r = {0};
  *out = NULL;
  PetscErrorCode ierr = tets_check(s->space->mesh, s->sigma);
  if (!ierr) ierr = rows_split(s->dofs->n_unknown, &r);
  if (!ierr) ierr = rows_layout(s, &r);
  if (!ierr) ierr = rows_fill(s, &r);
  if (!ierr) ierr = rows_to_matrix(&r, s->dofs->n_unknown, out);
  if (!ierr) ierr = MatSetOption(*out, MAT_SPD, PETSC_TRUE);
  if (ierr) (void)MatDestroy(out);
  rows_free(&r);
  return ierr;
}

/* ---- from first to second order ------------------------------------------------------------------------------- */

/* What row `fine` of the prolongation is: the same unknown at a vertex and on metal, half of each end's in the middle
 * of an edge. `parent` [n_unknown of fine][2]: unknowns of first order, -1 for none (or not yet known, both). */
static void parents_find(const Space *s, const DofMap *fine, const DofMap *coarse, int32_t (*parent)[2])
{
  NodeId vertices = s->mesh->n_node;
  for (int32_t u = 0; u < fine->n_unknown; u++) parent[u][0] = parent[u][1] = -1;
  for (NodeId a = 0; a < vertices; a++)
    for (EdgeId e = s->edges->start[a]; e < s->edges->start[a + 1]; e++) {
      int32_t u = fine->unknown[vertices + e];
      if (u >= 0) parent[u][0] = coarse->unknown[a], parent[u][1] = coarse->unknown[s->edges->end[e]];
    }
  for (NodeId n = 0; n < vertices; n++) {
    int32_t u = fine->unknown[n];
    if (u >= 0) parent[u][0] = parent[u][1] = coarse->unknown[n];
  }
  for (int c = 0; c < fine->n_contact; c++)
    if (fine->contact_unknown[c] >= 0)
      parent[fine->contact_unknown[c]][0] = parent[fine->contact_unknown[c]][1] = coarse->contact_unknown[c];
}

static PetscErrorCode parents_to_rows(int32_t (*parent)[2], Rows *r)
{
  size_t n_row = (size_t)(r->end - r->begin);
  PetscInt n = 0;
  PetscCall(mem_alloc(n_row + 1, sizeof *r->start, &r->start));
  PetscCall(mem_alloc(n_row * 2, sizeof *r->column, &r->column));
  PetscCall(mem_alloc(n_row * 2, sizeof *r->value, &r->value));
  for (size_t row = 0; row < n_row; row++) {
    const int32_t *p = parent[r->begin + (PetscInt)row];
    int32_t low = p[0] < p[1] ? p[0] : p[1], high = p[0] < p[1] ? p[1] : p[0];
    if (low >= 0 && low < high) r->column[n] = low, r->value[n++] = 0.5;
    if (high >= 0) r->column[n] = high, r->value[n++] = low == high ? 1.0 : 0.5;
    r->start[row + 1] = n;
  }
  return 0;
}

PetscErrorCode prolongation_assemble(const Space *s, const DofMap *fine, const DofMap *coarse, Mat *out)
{
  Rows r = {0};
  int32_t(*parent)[2] = NULL;
  *out = NULL;
  PetscErrorCode ierr = rows_split(fine->n_unknown, &r);
  if (!ierr) ierr = mem_alloc((size_t)fine->n_unknown, sizeof *parent, &parent);
  if (!ierr) parents_find(s, fine, coarse, parent);
  if (!ierr) ierr = parents_to_rows(parent, &r);
  if (!ierr) ierr = rows_to_matrix(&r, coarse->n_unknown, out);
  if (ierr) (void)MatDestroy(out);
  free(parent);
  rows_free(&r);
  return ierr;
}
