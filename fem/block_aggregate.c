/* The prolongation of smoothed aggregation: each unknown of the next level is a heap of strongly coupled unknowns; one
 * step of Jacobi makes the step functions smooth.
 * Source: Vanek, Mandel, Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order elliptic
 * problems, Computing 56 (1996), section 5.1. */
#include "block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4096, BLOCK_SHIFT = 17 }; /* a piece of work; 2^17 rows are a block of heaps */

/* Entries of a row of the prolongation. Most have no more, and what the others lose costs no iteration; that all have as many
 * takes half the time from the product with the matrix. With three there are iterations more. */
enum { PROLONGATION_ROW = 4 };

/* Of Jacobi's step. What it works on has no positive entry beside the diagonal, and rows that sum to 0 or more, so its
 * eigenvalues over the diagonal are 2 at most (Gershgorin). Measured on cords with dura and roots: 0.8 to 0.95 are best; the
 * 2/3 of the theory (4/3 over the largest eigenvalue) costs an iteration in ten. */
static const double omega = 0.9;

/* Strong couplings of a row. In place of column j, ~j stands where j is in another block or rank. */
typedef struct {
  const BlockEntry *begin, *end;
} Strong;

/* A row of the prolongation on its way. */
typedef struct {
  int32_t *column; /* [heaps + PROLONGATION_ROW] */
  double *value;
} Desk;

typedef struct {
  const Csr *A;
  Halo *halo; /* NULL on one process */
  double threshold;
  double *diagonal;   /* [columns] */
  double *scale;      /* [n] omega over the diagonal to which weak couplings are added */
  BlockEntry *entry;  /* [entries] strong ones, those of a piece's rows one after another from where A has them */
  Strong *strong;     /* [n] */
  int32_t *heap;      /* [columns] of each unknown, or -1; others' heaps come after this rank's */
  int32_t *first;     /* [blocks + 1] of each block's heaps */
  int32_t *name;      /* [n] of a block's heaps as they were found: in order, from 1 */
  int32_t n_heap;     /* of this rank */
  Halo *coarse;       /* of heaps; NULL on one process */
  CsrSlot **slot;     /* as csr_row_add() */
  Desk *desk;         /* [threads] */
  const int32_t *row; /* of the prolongation: [n + 1] where each begins */
  int32_t *column;
  double *value;
} Work;

/* A row whose couplings are less than this, over its diagonal entry, is its own affair. */
#define ALONE 1e-3

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
  BlockEntry *entry = w->entry + w->A->start[begin];
  for (int32_t i = begin; i < end; i++) {
    double largest, kept, diagonal = w->diagonal[i];
    int32_t n = row_strong(w, i, w->threshold * w->threshold * diagonal, true, entry, &largest, &kept);
    if (!n && largest < -ALONE * diagonal)
      n = row_strong(w, i, 0.25 * largest * largest, false, entry, &largest, &kept);
    w->scale[i] = omega / (kept > 0.0 ? kept : diagonal);
    w->strong[i] = (Strong){entry, entry + n};
    entry += n;
  }
}

/* ---- heaps -------------------------------------------------------------------------------------------------------- */

/* Unknowns whose strong neighbours are all free make a heap with them. */
static void heaps_begin(const Work *w, HeapBlock *b)
{
  int32_t *heap = w->heap;
  for (int32_t i = b->begin; i < b->end; i++) {
    Strong s = w->strong[i];
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
    for (const BlockEntry *e = w->strong[i].begin; e < w->strong[i].end; e++) {
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
    for (const BlockEntry *e = w->strong[i].begin; e < w->strong[i].end; e++) {
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

/* Of a row's n entries the largest, which then have the sum of all; where there are too few, zeros. Entries are positive. */
static void row_cut(int32_t n, int32_t column[], double value[])
{
  double all = 0.0, kept = 0.0;
  for (int32_t k = n; k < PROLONGATION_ROW; k++) column[k] = column[0], value[k] = 0.0;
  if (n <= PROLONGATION_ROW) return;
  for (int32_t k = 0; k < n; k++) all += value[k];
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) {
    int32_t best = k, c = column[k];
    double v = value[k];
    for (int32_t j = k + 1; j < n; j++) {
      bool more = value[j] > v;
      best = more ? j : best;
      v = more ? value[j] : v;
    }
    column[k] = column[best], value[best] = value[k];
    column[best] = c, value[k] = v;
    kept += v;
  }
  for (int32_t k = 0; k < PROLONGATION_ROW; k++) value[k] *= all / kept;
}

/* Rows of the prolongation. */
static void smooth_rows(void *context, int piece, int thread)
{
  const Work *w = context;
  CsrSlot *slot = w->slot[thread];
  Desk d = w->desk[thread];
  int32_t begin, end;
  piece_rows(w->A, piece, &begin, &end);
  for (int32_t i = begin; i < end; i++) {
    int32_t n, own = w->heap[i], to = w->row[i];
    if (own < 0) continue;
    n = csr_row_add(own, 1.0 - omega, 0, slot, d.column);
    for (const BlockEntry *e = w->strong[i].begin; e < w->strong[i].end; e++) {
      int32_t heap = w->heap[e->column < 0 ? ~e->column : e->column];
      if (heap >= 0) n = csr_row_add(heap, -w->scale[i] * (double)e->value, n, slot, d.column);
    }
    csr_row_end(n, d.column, slot, d.value);
    row_cut(n, d.column, d.value);
    memcpy(w->column + to, d.column, PROLONGATION_ROW * sizeof *d.column);
    memcpy(w->value + to, d.value, PROLONGATION_ROW * sizeof *d.value);
  }
}

/* All rows are as long, but for those of unknowns in no heap, which have none. */
static PetscErrorCode smooth(Work *w, Team *team, Csr *out)
{
  int32_t n = w->A->n, n_column = w->n_heap + (w->coarse ? w->coarse->n_halo : 0), *start;
  int64_t n_entry = 0;
  for (int32_t i = 0; i < n; i++) n_entry += w->heap[i] < 0 ? 0 : PROLONGATION_ROW;
  PetscCall(csr_alloc(n, n_column, n_entry, out, &start, &w->column, &w->value));
  for (int32_t i = 0; i < n; i++) start[i + 1] = start[i] + (w->heap[i] < 0 ? 0 : PROLONGATION_ROW);
  w->row = start;
  PetscCall(csr_slots(n_column, team, &w->slot));
  PetscCall(mem_alloc((size_t)team_size(team), sizeof *w->desk, &w->desk));
  for (int t = 0; t < team_size(team); t++) {
    PetscCall(mem_alloc((size_t)n_column + PROLONGATION_ROW, sizeof *w->desk->column, &w->desk[t].column));
    PetscCall(mem_alloc((size_t)n_column + PROLONGATION_ROW, sizeof *w->desk->value, &w->desk[t].value));
  }
  team_run(team, pieces(w->A), smooth_rows, w);
  return 0;
}

static PetscErrorCode work_alloc(Work *w)
{
  size_t n = (size_t)w->A->n, n_column = (size_t)w->A->n_column;
  PetscCall(mem_alloc(n_column, sizeof *w->diagonal, &w->diagonal));
  PetscCall(mem_alloc(n, sizeof *w->scale, &w->scale));
  PetscCall(mem_alloc(n_column, sizeof *w->heap, &w->heap));
  PetscCall(mem_alloc((size_t)w->A->start[n], sizeof *w->entry, &w->entry));
  PetscCall(mem_alloc(n, sizeof *w->strong, &w->strong));
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
  return smooth(w, team, out);
}

PetscErrorCode block_prolongation(const Csr *A, Halo *halo, double threshold, Team *team, Csr *out, Halo **coarse)
{
  Work w = {.A = A, .halo = halo, .threshold = threshold};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = prolongation(&w, team, out);
  if (ierr) csr_free(out);
  csr_slots_free(team, &w.slot);
  for (int t = 0; w.desk && t < team_size(team); t++) free(w.desk[t].column), free(w.desk[t].value);
  free(w.desk);
  free(w.diagonal);
  free(w.scale);
  free(w.entry);
  free(w.strong);
  free(w.heap);
  free(w.first);
  free(w.name);
  if (ierr) halo_destroy(&w.coarse);
  *coarse = w.coarse;
  return ierr;
}
