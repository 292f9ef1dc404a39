/* The prolongation of smoothed aggregation: each unknown of the next level is a heap of strongly coupled unknowns; one
 * step of Jacobi makes the step functions smooth.
 * Source: Vanek, Mandel, Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order elliptic
 * problems, Computing 56 (1996), section 5.1. */
#include "block.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 4096, BLOCK_SHIFT = 17 }; /* a piece of work; 2^17 rows are a block of heaps */
enum { WEAK, STRONG, BEYOND };

/* Entries of a row of the prolongation. Most have no more, and what the others lose costs no iteration; that all have as many
 * takes half the time from the product with the matrix. With three there are iterations more. */
enum { PROLONGATION_ROW = 4 };

/* Of Jacobi's step. What it works on has no positive entry beside the diagonal, and rows that sum to 0 or more, so its
 * eigenvalues over the diagonal are 2 at most (Gershgorin). Measured on cords with dura and roots: 0.8 to 0.95 are best; the
 * 2/3 of the theory (4/3 over the largest eigenvalue) costs an iteration in ten. */
static const double omega = 0.9;

typedef struct {
  const Csr *A;
  Halo *halo; /* NULL on one process */
  double threshold;
  double *diagonal; /* [columns] */
  double *scale;    /* [n] omega over the diagonal to which weak couplings are added */
  uint8_t *strong;  /* [entries] WEAK, STRONG, or BEYOND: strong, and with an unknown of another block or rank */
  int32_t *heap;    /* [columns] of each unknown, or -1; others' heaps come after this rank's */
  int32_t *first;   /* [blocks + 1] of each block's heaps */
  int32_t *name;    /* [n] of a block's heaps as they were found: in order, from 1 */
  int32_t n_heap;   /* of this rank */
  Halo *coarse;     /* of heaps; NULL on one process */
  CsrSlot **slot;   /* as csr_row_add() */
} Work;

/* A row whose couplings are less than this, over its diagonal entry, is its own affair. */
#define ALONE 1e-3

static int pieces(const Csr *A) { return (A->n + ROWS - 1) / ROWS; }

static void piece_rows(const Csr *A, int piece, int32_t *begin, int32_t *end)
{
  *begin = piece * ROWS;
  *end = *begin + ROWS < A->n ? *begin + ROWS : A->n;
}

static void diagonal_find(void *context, int piece, int thread)
{
  Work *w = context;
  int32_t begin, end;
  (void)thread;
  piece_rows(w->A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++)
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      if (w->A->column[k] == i) w->diagonal[i] = w->A->value[k];
}

/* Marks the strong ones among row i's couplings, which are negative and whose squares are above `least`, times the other's
 * diagonal entry where `relative`, a constant. Gives the largest coupling, and the diagonal entry with the weak ones added.
 * No branches: what is strong cannot be foretold. */
static inline bool row_mark(const Work *w, int32_t i, double least, const bool relative, double *largest, double *kept)
{
  int any = 0;
  *largest = *kept = 0.0;
  for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
    int32_t j = w->A->column[k];
    double a = w->A->value[k];
    int strong = (a < 0.0) & (a * a > least * (relative ? w->diagonal[j] : 1.0));
    int beyond = ((j ^ i) >> BLOCK_SHIFT != 0) | (j >= w->A->n);
    w->strong[k] = (uint8_t)(strong + (strong & beyond));
    any |= strong;
    *largest = a < *largest ? a : *largest;
    *kept += a * (1 - strong);
  }
  return any;
}

/* Couplings of like sign as the diagonal's are no reason to be in one heap. Weak ones are added to the diagonal: Jacobi's
 * step then leaves constants alone. On levels below the first, rows are long and each coupling is small: one without a strong
 * one has its largest as such, else nothing but the smoother would hold it, and there it is slow. */
static void strong_find(void *context, int piece, int thread)
{
  Work *w = context;
  int32_t begin, end;
  (void)thread;
  piece_rows(w->A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++) {
    double largest, kept;
    bool any = row_mark(w, i, w->threshold * w->threshold * w->diagonal[i], true, &largest, &kept);
    if (!any && largest < -ALONE * w->diagonal[i]) row_mark(w, i, 0.25 * largest * largest, false, &largest, &kept);
    w->scale[i] = omega / (kept > 0.0 ? kept : w->diagonal[i]);
  }
}

/* ---- heaps: in blocks of rows, each by one thread; none reaches over a block's end ----------------------------------- */

typedef struct {
  int32_t begin, end, n; /* rows; heaps */
} HeapBlock;

static HeapBlock block_at(const Work *w, int block)
{
  int32_t begin = block << BLOCK_SHIFT;
  return (HeapBlock){begin, w->A->n - begin > 1 << BLOCK_SHIFT ? begin + (1 << BLOCK_SHIFT) : w->A->n, 0};
}

/* Unknowns whose strong neighbours are all free make a heap with them. */
static void heaps_begin(const Work *w, HeapBlock *b)
{
  for (int32_t i = b->begin; i < b->end; i++) {
    bool any = false, free = w->heap[i] < 0;
    for (int32_t k = w->A->start[i]; free && k < w->A->start[i + 1]; k++)
      if (w->strong[k] == STRONG) any = true, free = w->heap[w->A->column[k]] < 0;
    if (!free || !any) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++)
      if (w->strong[k] == STRONG) w->heap[w->A->column[k]] = b->n;
    w->heap[i] = b->n++;
  }
}

/* What is left goes to the heap that it is coupled to most strongly: marked as -2 - heap, so that no chains grow. */
static void heaps_join(const Work *w, const HeapBlock *b)
{
  for (int32_t i = b->begin; i < b->end; i++) {
    double best = 0.0;
    if (w->heap[i] != -1) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      int32_t heap = w->strong[k] == STRONG ? w->heap[w->A->column[k]] : -1;
      if (heap < 0 || -w->A->value[k] <= best) continue;
      best = -w->A->value[k];
      w->heap[i] = -2 - heap;
    }
  }
  for (int32_t i = b->begin; i < b->end; i++)
    if (w->heap[i] < -1) w->heap[i] = -2 - w->heap[i];
}

static void heaps_end(const Work *w, HeapBlock *b)
{
  for (int32_t i = b->begin; i < b->end; i++) {
    bool any = false;
    if (w->heap[i] >= 0) continue;
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1]; k++) {
      if (w->strong[k] != STRONG) continue;
      any = true;
      if (w->heap[w->A->column[k]] < 0) w->heap[w->A->column[k]] = b->n;
    }
    if (any) w->heap[i] = b->n++; /* else: nothing holds it but the smoother */
  }
}

static void heaps_make(void *context, int block, int thread)
{
  Work *w = context;
  HeapBlock b = block_at(w, block);
  (void)thread;
  heaps_begin(w, &b);
  heaps_join(w, &b);
  heaps_end(w, &b);
  w->first[block + 1] = b.n;
}

/* In the order of their first unknowns, so that neighbours stay near. A block has fewer heaps than rows. */
static void heaps_number(void *context, int block, int thread)
{
  Work *w = context;
  HeapBlock b = block_at(w, block);
  int32_t *name = w->name + b.begin, n = w->first[block];
  (void)thread;
  for (int32_t i = b.begin; i < b.end; i++) {
    if (w->heap[i] < 0) continue;
    if (!name[w->heap[i]]) name[w->heap[i]] = ++n;
    w->heap[i] = name[w->heap[i]] - 1;
  }
}

static PetscErrorCode heaps_find(Work *w, Team *team)
{
  int n = (w->A->n + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
  PetscCall(mem_alloc((size_t)n + 1, sizeof *w->first, &w->first));
  PetscCall(mem_alloc((size_t)w->A->n, sizeof *w->name, &w->name));
  team_run(team, n, heaps_make, w);
  for (int b = 0; b < n; b++) w->first[b + 1] += w->first[b];
  team_run(team, n, heaps_number, w);
  w->n_heap = w->first[n];
  return 0;
}

/* The heaps of others' unknowns, with numbers of their own behind this rank's. */
static PetscErrorCode heaps_of_others(Work *w)
{
  int32_t n = w->A->n, n_halo = w->halo->n_halo, first = 0, *list, n_list = 0;
  PetscCallMPI(MPI_Exscan(&w->n_heap, &first, 1, MPI_INT32_T, MPI_SUM, PETSC_COMM_WORLD));
  if (!w->halo->rank) first = 0;
  PetscCall(mem_alloc((size_t)n_halo, sizeof *list, &list));
  for (int32_t i = 0; i < n; i++) w->heap[i] += w->heap[i] < 0 ? 0 : first;
  halo_exchange(w->halo, w->heap, sizeof *w->heap);
  for (int32_t i = 0; i < n; i++) w->heap[i] -= w->heap[i] < 0 ? 0 : first;
  for (int32_t k = n; k < n + n_halo; k++)
    if (w->heap[k] >= 0) list[n_list++] = w->heap[k];
  PetscErrorCode ierr = halo_create(w->n_heap, halo_sort(n_list, list), list, &w->coarse);
  for (int32_t k = n; k < n + n_halo && !ierr; k++)
    if (w->heap[k] >= 0) w->heap[k] = halo_local(w->coarse, w->heap[k]);
  free(list);
  return ierr;
}

/* ---- Jacobi's step ------------------------------------------------------------------------------------------------ */

/* Of a row's n entries the largest, which then have the sum of all; where there are too few, zeros; of none, none. Entries are
 * positive. Returns how many there are. */
static int32_t row_cut(int32_t n, int32_t column[], double value[])
{
  double all = 0.0, kept = 0.0;
  if (!n) return 0;
  for (int32_t k = n; k < PROLONGATION_ROW; k++) column[k] = column[0], value[k] = 0.0;
  if (n <= PROLONGATION_ROW) return PROLONGATION_ROW;
  for (int32_t k = 0; k < n; k++) all += value[k];
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) {
    int32_t best = k, c = column[k];
    for (int32_t j = k + 1; j < n; j++) best = value[j] > value[best] ? j : best;
    double v = value[best];
    column[k] = column[best], value[best] = value[k];
    column[best] = c, value[k] = v;
    kept += v;
  }
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) value[k] *= all / kept;
  return PROLONGATION_ROW;
}

/* Rows of the prolongation. What is not strong counts as a zero of its own heap: a branch could not be foretold. */
static PetscErrorCode smooth_rows(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  CsrSlot *slot = w->slot[thread];
  for (int32_t i = begin; i < end; i++) {
    int32_t n = 0, own = w->heap[i];
    PetscCall(csr_strip_room(s, (size_t)(w->A->start[i + 1] - w->A->start[i]) + 1 + PROLONGATION_ROW));
    int32_t *column = s->column + s->n;
    double *value = s->value + s->n;
    if (own >= 0) n = csr_row_add(own, 1.0 - omega, n, slot, column);
    for (int32_t k = w->A->start[i]; k < w->A->start[i + 1] && own >= 0; k++) {
      int32_t heap = w->heap[w->A->column[k]];
      bool counts = (heap >= 0) & (w->strong[k] != WEAK);
      n = csr_row_add(counts ? heap : own, counts ? -w->scale[i] * w->A->value[k] : 0.0, n, slot, column);
    }
    csr_row_end(n, column, slot, value);
    s->n += (size_t)(length[i - begin] = row_cut(n, column, value));
  }
  return 0;
}

static PetscErrorCode work_alloc(Work *w)
{
  size_t n = (size_t)w->A->n, n_column = (size_t)w->A->n_column;
  PetscCall(mem_alloc(n_column, sizeof *w->diagonal, &w->diagonal));
  PetscCall(mem_alloc(n, sizeof *w->scale, &w->scale));
  PetscCall(mem_alloc(n_column, sizeof *w->heap, &w->heap));
  PetscCall(mem_alloc((size_t)w->A->start[n], sizeof *w->strong, &w->strong));
  for (size_t i = 0; i < n_column; i++) w->heap[i] = -1;
  return 0;
}

/* On all ranks or on none. */
static PetscErrorCode diagonal_check(const Work *w)
{
  int32_t i = 0, n = w->A->n;
  while (i < n && w->diagonal[i] > 0.0 && isfinite(w->diagonal[i])) i++;
  PetscCheck(i == n, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED,
             "field: the matrix is not positive definite: row %d has a diagonal entry of %g", (int)i, w->diagonal[i]);
  return 0;
}

static PetscErrorCode prolongation(Work *w, Team *team, Csr *out)
{
  PetscCall(work_alloc(w));
  team_run(team, pieces(w->A), diagonal_find, w);
  PetscErrorCode ierr = diagonal_check(w);
  if (halo_any(w->halo, ierr != 0)) return ierr ? ierr : PETSC_ERR_NOT_CONVERGED;
  if (w->halo) halo_exchange(w->halo, w->diagonal, sizeof *w->diagonal);
  team_run(team, pieces(w->A), strong_find, w);
  PetscCall(heaps_find(w, team));
  if (w->halo) PetscCall(heaps_of_others(w));
  int32_t n_column = w->n_heap + (w->coarse ? w->coarse->n_halo : 0);
  PetscCall(csr_slots(n_column, team, &w->slot));
  return csr_build(w->A->n, n_column, ROWS, smooth_rows, w, team, out);
}

PetscErrorCode block_prolongation(const Csr *A, Halo *halo, double threshold, Team *team, Csr *out, Halo **coarse)
{
  Work w = {.A = A, .halo = halo, .threshold = threshold};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = prolongation(&w, team, out);
  csr_slots_free(team, &w.slot);
  free(w.diagonal);
  free(w.scale);
  free(w.strong);
  free(w.heap);
  free(w.first);
  free(w.name);
  if (ierr) halo_destroy(&w.coarse);
  *coarse = w.coarse;
  return ierr;
}
