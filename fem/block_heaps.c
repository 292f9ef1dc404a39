/* Strong couplings and heaps of unknowns that are joined by them.
 * Source: Vanek, Mandel, Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order elliptic
 * problems, Computing 56 (1996), section 5.1. */
#include "block_heaps.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 4096, BLOCK_SHIFT = 17 }; /* a piece of work; 2^17 rows are a block of heaps */

/* A row whose couplings are less than this, over its diagonal entry, is its own affair. */
#define ALONE 1e-3

typedef struct {
  const Csr *A;
  Halo *halo; /* NULL on one process */
  double threshold;
  double *diagonal; /* [columns] */
  int32_t *first;   /* [blocks + 1] of each block's heaps */
  int32_t *name;    /* [n] of a block's heaps as they were found: in order, from 1 */
  int32_t *heap;    /* that of the heaps, which it is asked for all the time */
  BlockHeaps *out;
} Work;

/* ---- strong couplings --------------------------------------------------------------------------------------------- */

static int pieces(const Csr *A) { return (A->n + ROWS - 1) / ROWS; }

static void piece_rows(const Csr *A, int piece, int32_t *begin, int32_t *end)
{
  *begin = piece * ROWS;
  *end = *begin + ROWS < A->n ? *begin + ROWS : A->n;
}

/* Heaps are made in blocks of rows, each by one thread; none reaches over a block's end. */
typedef struct {
  int32_t begin, end, n; /* rows; heaps */
} HeapBlock;

static HeapBlock block_at(const Work *w, int block)
{
  int32_t begin = block << BLOCK_SHIFT;
  return (HeapBlock){begin, w->A->n - begin > 1 << BLOCK_SHIFT ? begin + (1 << BLOCK_SHIFT) : w->A->n, 0};
}

static void diagonal_find(void *context, int piece, int thread)
{
  Work *w = context;
  const Csr *A = w->A;
  int32_t begin, end;
  (void)thread;
  piece_rows(A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++) {
    int32_t at = -1; /* no branch: where it stands cannot be foretold */
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++) at = A->column[k] == i ? k : at;
    if (at >= 0) w->diagonal[i] = A->value[at];
  }
}

/* Puts down the strong ones among row i's couplings, which are negative and whose squares are above `least`, times the other's
 * diagonal entry where `relative`, a constant; returns how many there are. Gives the largest coupling, and the diagonal entry
 * with the weak ones added. No branches: what is strong cannot be foretold. */
static inline int32_t row_strong(const Work *w, int32_t i, double least, const bool relative, BlockEntry *entry,
                                 double *largest, double *kept)
{
  static const double counts_as_weak[2] = {1.0, 0.0};
  const Csr *A = w->A;
  const double *diagonal = w->diagonal;
  HeapBlock near = block_at(w, i >> BLOCK_SHIFT);
  int32_t n = 0;
  double most = 0.0, weak = 0.0;
  for (int32_t k = A->start[i], end = A->start[i + 1]; k < end; k++) {
    int32_t j = A->column[k];
    double a = A->value[k];
    bool strong = a * fabs(a) < -least * (relative ? diagonal[j] : 1.0), beyond = (j < near.begin) | (j >= near.end);
    entry[n] = (BlockEntry){j ^ -(int32_t)beyond, (float)a};
    n += strong;
    most = a < most ? a : most;
    weak += a * counts_as_weak[strong];
  }
  *largest = most, *kept = weak;
  return n;
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
  BlockEntry *entry = w->out->entry + w->A->start[begin];
  for (int32_t i = begin; i < end; i++) {
    double largest, kept, diagonal = w->diagonal[i];
    int32_t n = row_strong(w, i, w->threshold * w->threshold * diagonal, true, entry, &largest, &kept);
    if (!n && largest < -ALONE * diagonal)
      n = row_strong(w, i, 0.25 * largest * largest, false, entry, &largest, &kept);
    w->out->kept[i] = kept > 0.0 ? kept : diagonal;
    w->out->strong[i] = (Strong){entry, entry + n};
    entry += n;
  }
}

/* ---- heaps -------------------------------------------------------------------------------------------------------- */

/* Unknowns whose strong neighbours are all free make a heap with them. */
static void heaps_begin(const Work *w, HeapBlock *b)
{
  int32_t *heap = w->heap;
  for (int32_t i = b->begin; i < b->end; i++) {
    Strong s = w->out->strong[i];
    bool any = false, free = heap[i] < 0;
    for (const BlockEntry *e = s.begin; free && e < s.end; e++)
      if (e->column >= 0) any = true, free = heap[e->column] < 0;
    if (!free || !any) continue;
    for (const BlockEntry *e = s.begin; e < s.end; e++)
      if (e->column >= 0) heap[e->column] = b->n;
    heap[i] = b->n++;
  }
}

/* What is left goes to the heap that it is coupled to most strongly: marked as -2 - heap, so that no chains grow. */
static void heaps_join(const Work *w, const HeapBlock *b)
{
  int32_t *heap = w->heap;
  for (int32_t i = b->begin; i < b->end; i++) {
    float least = 0.0F;
    int32_t its = -1;
    if (heap[i] != -1) continue;
    for (const BlockEntry *e = w->out->strong[i].begin; e < w->out->strong[i].end; e++) {
      int32_t other = e->column >= 0 ? heap[e->column] : -1;
      bool better = (other >= 0) & (e->value < least);
      its = better ? other : its;
      least = better ? e->value : least;
    }
    heap[i] = its < 0 ? -1 : -2 - its;
  }
  for (int32_t i = b->begin; i < b->end; i++) heap[i] = heap[i] < -1 ? -2 - heap[i] : heap[i];
}

static void heaps_end(const Work *w, HeapBlock *b)
{
  for (int32_t i = b->begin; i < b->end; i++) {
    bool any = false;
    if (w->heap[i] >= 0) continue;
    for (const BlockEntry *e = w->out->strong[i].begin; e < w->out->strong[i].end; e++) {
      if (e->column < 0) continue;
      any = true;
      if (w->heap[e->column] < 0) w->heap[e->column] = b->n;
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
  w->out->n_heap = w->first[n];
  return 0;
}

/* The heaps of others' unknowns, with numbers of their own behind this rank's. */
static PetscErrorCode heaps_of_others(Work *w)
{
  int32_t n = w->A->n, n_halo = w->halo->n_halo, first = 0, *list, n_list = 0;
  PetscCallMPI(MPI_Exscan(&w->out->n_heap, &first, 1, MPI_INT32_T, MPI_SUM, PETSC_COMM_WORLD));
  if (!w->halo->rank) first = 0;
  PetscCall(mem_alloc((size_t)n_halo, sizeof *list, &list));
  for (int32_t i = 0; i < n; i++) w->heap[i] += w->heap[i] < 0 ? 0 : first;
  halo_exchange(w->halo, w->heap, sizeof *w->heap);
  for (int32_t i = 0; i < n; i++) w->heap[i] -= w->heap[i] < 0 ? 0 : first;
  for (int32_t k = n; k < n + n_halo; k++)
    if (w->heap[k] >= 0) list[n_list++] = w->heap[k];
  PetscErrorCode ierr = halo_create(w->out->n_heap, halo_sort(n_list, list), list, &w->out->coarse);
  for (int32_t k = n; k < n + n_halo && !ierr; k++)
    if (w->heap[k] >= 0) w->heap[k] = halo_local(w->out->coarse, w->heap[k]);
  free(list);
  return ierr;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

static PetscErrorCode work_alloc(Work *w)
{
  size_t n = (size_t)w->A->n, n_column = (size_t)w->A->n_column;
  PetscCall(mem_alloc(n_column, sizeof *w->diagonal, &w->diagonal));
  PetscCall(mem_alloc(n, sizeof *w->out->kept, &w->out->kept));
  PetscCall(mem_alloc(n_column, sizeof *w->heap, &w->out->heap));
  PetscCall(mem_alloc((size_t)w->A->start[n], sizeof *w->out->entry, &w->out->entry));
  PetscCall(mem_alloc(n, sizeof *w->out->strong, &w->out->strong));
  w->heap = w->out->heap;
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

static PetscErrorCode heaps_all(Work *w, Team *team)
{
  PetscCall(work_alloc(w));
  team_run(team, pieces(w->A), diagonal_find, w);
  PetscErrorCode ierr = diagonal_check(w);
  if (halo_any(w->halo, ierr != 0)) return ierr ? ierr : PETSC_ERR_NOT_CONVERGED;
  if (w->halo) halo_exchange(w->halo, w->diagonal, sizeof *w->diagonal);
  team_run(team, pieces(w->A), strong_find, w);
  PetscCall(heaps_find(w, team));
  return w->halo ? heaps_of_others(w) : 0;
}

void block_heaps_free(BlockHeaps *h)
{
  free(h->strong);
  free(h->entry);
  free(h->kept);
  free(h->heap);
}

PetscErrorCode block_heaps_create(const Csr *A, Halo *halo, double threshold, Team *team, BlockHeaps *out)
{
  Work w = {.A = A, .halo = halo, .threshold = threshold, .out = out};
  *out = (BlockHeaps){.n_heap = 0};
  PetscErrorCode ierr = heaps_all(&w, team);
  free(w.diagonal);
  free(w.first);
  free(w.name);
  if (ierr) block_heaps_free(out), halo_destroy(&out->coarse);
  if (ierr) *out = (BlockHeaps){.n_heap = 0};
  return ierr;
}
