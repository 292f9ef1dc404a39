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

/* The tetrahedra at each of the rows (a tetrahedron stands as often as it has nodes in the row's unknown). */
typedef struct {
  int64_t *start; /* [n_row + 1] */
  TetId *tet;
} Incidence;

static int32_t vertex_row(const DofMap *d, const Mesh *m, TetId t, int i, const Rows *r)
{
  int32_t u = d->unknown[m->tet[t][i]];
  return u >= r->begin && u < r->end ? u - r->begin : -1;
}

static PetscErrorCode incidence_fill(const Mesh *m, const DofMap *d, const Rows *r, Incidence *v)
{
  size_t n = (size_t)(r->end - r->begin);
  int32_t row;
  PetscCall(mem_alloc(n + 1, sizeof *v->start, &v->start));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 4; i++)
      if ((row = vertex_row(d, m, t, i, r)) >= 0) v->start[row]++;
  for (size_t i = 1; i <= n; i++) v->start[i] += v->start[i - 1];
  PetscCall(mem_alloc((size_t)v->start[n], sizeof *v->tet, &v->tet));
  for (TetId t = m->n_tet - 1; t >= 0; t--) /* start goes back from each row's end to its beginning */
    for (int i = 0; i < 4; i++)
      if ((row = vertex_row(d, m, t, i, r)) >= 0) v->tet[--v->start[row]] = t;
  return 0;
}

static int ascending(const void *a, const void *b)
{
  PetscInt p = *(const PetscInt *)a, q = *(const PetscInt *)b;
  return (p > q) - (p < q);
}

/* Columns of all rows; seen[u] is the last row (plus one) that had column u. */
static PetscErrorCode columns_gather(const Mesh *m, const DofMap *d, const Incidence *v, PetscInt *seen, Rows *r)
{
  size_t capacity = 0, n = 0;
  for (PetscInt row = 0; row < r->end - r->begin; row++) {
    size_t first = n;
    for (int64_t k = v->start[row]; k < v->start[row + 1]; k++) {
      PetscCall(mem_grow(n + ELEMENT_NODES_MAX, sizeof *r->column, &capacity, &r->column));
      for (int i = 0; i < 4; i++) {
        int32_t u = d->unknown[m->tet[v->tet[k]][i]];
        if (u < 0 || seen[u] == row + 1) continue;
        seen[u] = row + 1;
        r->column[n++] = u;
      }
    }
    qsort(r->column + first, n - first, sizeof *r->column, ascending);
    PetscCheck(n <= (size_t)PETSC_MAX_INT, PETSC_COMM_SELF, PETSC_ERR_SUP,
               "the mesh has too many tetrahedra for one process: use more of them (mpirun -n)");
    r->start[row + 1] = (PetscInt)n;
  }
  return 0;
}

static PetscErrorCode rows_split(const DofMap *d, Rows *r)
{
  PetscInt n = PETSC_DECIDE;
  r->n_global = d->n_unknown;
  PetscCall(PetscSplitOwnership(PETSC_COMM_WORLD, &n, &r->n_global));
  PetscCallMPI(MPI_Scan(&n, &r->end, 1, MPIU_INT, MPI_SUM, PETSC_COMM_WORLD));
  r->begin = r->end - n;
  return 0;
}

static PetscErrorCode rows_layout(const Mesh *m, const DofMap *d, Rows *r)
{
  Incidence v = {NULL, NULL};
  PetscInt *seen = NULL;
  PetscErrorCode ierr = incidence_fill(m, d, r, &v);
  if (!ierr) ierr = mem_alloc((size_t)d->n_unknown, sizeof *seen, &seen);
  if (!ierr) ierr = mem_alloc((size_t)(r->end - r->begin) + 1, sizeof *r->start, &r->start);
  if (!ierr) ierr = columns_gather(m, d, &v, seen, r);
  if (!ierr) ierr = mem_alloc((size_t)r->start[r->end - r->begin], sizeof *r->value, &r->value);
  free(v.start);
  free(v.tet);
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

static PetscErrorCode tet_add(const Mesh *m, const double *sigma, const Element *e, const int32_t u[], TetId t,
                              const Rows *r)
{
  double x[4][3], K[ELEMENT_NODES_MAX * ELEMENT_NODES_MAX];
  element_vertices(m, t, x);
  PetscCall(e->stiffness(x, sigma, K));
  for (int i = 0; i < e->n_node; i++) {
    if (u[i] < r->begin || u[i] >= r->end) continue;
    for (int j = 0; j < e->n_node; j++)
      if (u[j] >= 0) row_add(r, u[i], u[j], K[e->n_node * i + j]);
  }
  return 0;
}

static PetscErrorCode rows_fill(const Mesh *m, const double *sigma, const Element *e, const DofMap *d, Rows *r)
{
  for (TetId t = 0; t < m->n_tet; t++) {
    int32_t u[ELEMENT_NODES_MAX];
    bool mine = false;
    for (int i = 0; i < 4; i++) {
      u[i] = d->unknown[m->tet[t][i]];
      mine |= u[i] >= r->begin && u[i] < r->end;
    }
    if (mine) PetscCall(tet_add(m, sigma + 6 * (size_t)t, e, u, t, r));
  }
  return 0;
}

static PetscErrorCode rows_to_matrix(const Rows *r, Mat A)
{
  PetscInt n = r->end - r->begin;
  PetscCall(MatSetSizes(A, n, n, r->n_global, r->n_global));
  PetscCall(MatSetType(A, MATAIJ));
  PetscCall(MatSeqAIJSetPreallocationCSR(A, r->start, r->column, r->value));
  PetscCall(MatMPIAIJSetPreallocationCSR(A, r->start, r->column, r->value));
  PetscCall(MatSetOption(A, MAT_SPD, PETSC_TRUE));
  return 0;
}

PetscErrorCode stiffness_assemble(const Mesh *m, const double *sigma, const Element *e, const DofMap *d, Mat *out)
{
  Rows r = {0};
  *out = NULL;
  PetscErrorCode ierr = tets_check(m, sigma);
  if (!ierr) ierr = rows_split(d, &r);
  if (!ierr) ierr = rows_layout(m, d, &r);
  if (!ierr) ierr = rows_fill(m, sigma, e, d, &r);
  if (!ierr) ierr = MatCreate(PETSC_COMM_WORLD, out);
  if (!ierr) ierr = rows_to_matrix(&r, *out);
  if (ierr) (void)MatDestroy(out);
  free(r.start);
  free(r.column);
  free(r.value);
  return ierr;
}
