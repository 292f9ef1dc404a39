/* The block solver: all right-hand sides together. A vector of it holds one number a right-hand side at each unknown,
 * side by side ([unknown][lane]), so that one pass over matrix and multigrid serves them all. Private to fem/block_*.
 *
 * Conjugate gradients for blocks with one cycle of algebraic multigrid (smoothed aggregation) as preconditioner. Vectors
 * are in single precision but for the solution, from which the residual is made anew, in double, before it has lost its digits.
 * On several ranks the rows of every level are divided (halo.h): what a loop reads of other ranks' rows is fetched before it.
 * A sweep of Gauss-Seidel is each rank's own then, with what others had before it; the last level's matrix is on all ranks.
 * Source of the method: O'Leary, The block conjugate gradient algorithm (1980), with the residual's basis made
 * orthonormal again when it gets skew (Dubrulle, Retooling the method of block conjugate gradients, 2001); Vanek, Mandel,
 * Brezina, Algebraic multigrid by smoothed aggregation (1996). */
#ifndef FEM_BLOCK_H
#define FEM_BLOCK_H

#include "fem_impl.h"
#include "halo.h"

enum { BLOCK_LANES_MAX = 16 };

/* ---- matrices, by rows -------------------------------------------------------------------------------------- */

/* In single precision, column and value side by side: what is read once and in order. */
typedef struct {
  int32_t column;
  float value;
} BlockEntry;

/* Entries that a loop may look at before the first one and behind the last one, to ask for what it will need. Rows are
 * filled up to whole fours with entries of value 0, so that loops over them end alike. */
enum { BLOCK_MARGIN = 512, BLOCK_FOUR = 4 };

typedef struct {
  int32_t n;
  int32_t *start;    /* [n + 1] */
  BlockEntry *entry; /* [-BLOCK_MARGIN .. start[n] + BLOCK_MARGIN - 1] */
} BlockRows;

void block_rows_free(BlockRows *r);

enum { BLOCK_PIECES_MAX = 512 };

/* Rows in pieces, and pieces in colours: no entry joins two pieces of one colour, so those may be worked on at once.
 * Depends on the matrix alone. */
typedef struct {
  int n, n_colour;
  int shift;      /* a piece but the last has 2^shift rows */
  int32_t *row;   /* [n + 1] piece p is rows row[p] to row[p + 1] - 1 */
  int *of_colour; /* [n_colour + 1] places in `order` */
  int *order;     /* [n] pieces, colour by colour */
  int *colour;    /* [n] */
} BlockPieces;

/* block_pieces_create: A and the team may be NULL: then all have one colour. Columns beyond the rows (of other ranks) do not
 * count. */
PetscErrorCode block_pieces_create(int32_t n_row, const Csr *A, Team *team, BlockPieces *out) CAUDA_CHECKED;
void block_pieces_free(BlockPieces *p);

/* What Gauss-Seidel sweeps and products work on: a matrix but for its diagonal, [n] rows. */
typedef struct {
  BlockRows before, after; /* what a forward sweep meets before a row, and after it */
  BlockRows whole; /* both: where all of a row is needed, two loops would end at places that cannot be foretold */
  float *inverse, *excess; /* [n] of what the sweep divides by; sums of the rows with the diagonal */
} BlockSmoother;

/* block_rows_from: as A is. block_smoother_create: columns beyond the rows, which are other ranks', come after all; at their
 * diagonal entry stands what makes the sweep converge whatever the ranks are (see block_rows.c). */
PetscErrorCode block_rows_from(const Csr *A, const BlockPieces *pieces, Team *team, BlockRows *out) CAUDA_CHECKED;
PetscErrorCode block_smoother_create(const Csr *A, const BlockPieces *pieces, Team *team,
                                     BlockSmoother *out) CAUDA_CHECKED;
void block_smoother_free(BlockSmoother *s);

/* ---- multigrid ------------------------------------------------------------------------------------------------- */

typedef struct {
  BlockRows up;      /* prolongation from the next level */
  BlockEntry *into;  /* its entries, with places among the piece's shares as columns */
  int32_t *first;    /* [pieces + 1] of each piece's shares */
  float *share;      /* [shares][lanes] what each piece adds to rows below */
  BlockRows collect; /* [rows below] the shares of each */
  BlockPieces below; /* pieces of those */
} BlockTransfer;

/* block_transfer_create: `up` by rows, which are in pieces. Rows below are its columns. */
PetscErrorCode block_transfer_create(const Csr *up, const BlockPieces *pieces, int lanes, Team *team,
                                     BlockTransfer *out) CAUDA_CHECKED;
void block_transfer_free(BlockTransfer *t);

typedef struct {
  int32_t n;
  BlockPieces pieces;
  BlockSmoother smoother;
  BlockTransfer transfer; /* to and from the next level */
  float *b, *x;           /* [n and halo][lanes] right-hand side, solution */
  Halo *halo;             /* of the matrix's columns, and of the next one's `up`; NULL on one process */
} BlockLevel;

enum { BLOCK_LEVELS_MAX = 20 };

typedef struct {
  int n_level; /* without the last, dense one */
  BlockLevel level[BLOCK_LEVELS_MAX];
  int32_t n_dense;
  float *dense; /* [n_dense][n_dense] inverse of the last matrix */
  float *dense_b, *dense_x;
  Halo *dense_halo;       /* NULL on one process; else the following */
  float *last_b, *last_x; /* [own and halo][lanes] what of dense_b and dense_x is this rank's */
  int *dense_count;       /* [2][ranks] how many of dense_b's rows each rank has, and where */
} BlockGrids;

/* What a solver is made for. Where rows are divided among ranks: A and `below` by own rows, columns of own unknowns and the
 * halo; `up` by own rows, columns as `below`. Halos are given away. */
typedef struct {
  Csr A;
  Csr up, below;    /* for second order: prolongation from first order, and its matrix; else no rows */
  Halo *halo;       /* of A's unknowns; NULL on one process */
  Halo *halo_below; /* of below's */
} BlockMatrices;

/* block_grids_create: levels below A; for second order the first one is given. Takes the halos.
 * Errors: PETSC_ERR_NOT_CONVERGED where A is not positive definite. */
PetscErrorCode block_grids_create(BlockMatrices *m, int lanes, Team *team, BlockGrids *out) CAUDA_CHECKED;
void block_grids_free(BlockGrids *g);

/* The last level: block_dense_create() inverts it and takes the halo (of A; NULL on one process); block_dense_solve() is
 * collective. block_rows_of_all: of A's rows on all ranks. Errors: PETSC_ERR_NOT_CONVERGED as above, on all ranks. */
PetscErrorCode block_dense_create(const Csr *A, Halo *h, int lanes, BlockGrids *g) CAUDA_CHECKED;
void block_dense_solve(BlockGrids *g, int lanes);
void block_dense_free(BlockGrids *g);
int32_t block_rows_of_all(const Csr *A, const Halo *h);

/* block_aggregate: a prolongation from aggregates of strongly coupled unknowns, smoothed by one step of Jacobi. */
/* halo: of A, or NULL; coarse: of the prolongation's columns, NULL if halo is. Aggregates lie within a rank. */
PetscErrorCode block_prolongation(const Csr *A, Halo *halo, double threshold, Team *team, Csr *out,
                                  Halo **coarse) CAUDA_CHECKED;

/* block_product: down A up, with n_column columns, in no order unless `sorted`; the same for any number of threads. Serves the
 * preconditioner: what is between is in single precision. */
PetscErrorCode block_product(const Csr *down, const Csr *A, const BlockRows *up, int32_t n_column, bool sorted,
                             Team *team, Csr *out) CAUDA_CHECKED;

/* block_galerkin: the next level's matrix, up' A up, by own rows, on several ranks; and its halo, by which `up`'s columns
 * are numbered from then on. coarse: as block_prolongation() gave it. */
PetscErrorCode block_galerkin(const Csr *A, const Halo *fine, const Halo *coarse, Team *team, Csr *up, Csr *out,
                              Halo **next) CAUDA_CHECKED;

/* ---- kernels: the loops over rows ------------------------------------------------------------------------------- */

/* Right-hand sides. */
typedef struct {
  int32_t n;           /* rows that have something */
  int32_t *row;        /* [n] ascending; NULL: all have */
  const double *value; /* [n][lanes], or [unknowns][lanes] */
  double *own;         /* value, if it is to be freed */
} BlockLoads;

typedef enum {
  BLOCK_FORWARD,       /* x = sweep from 0 for b */
  BLOCK_RESTRICT,      /* the piece's shares of up' (b - A x) after BLOCK_FORWARD: what later rows have changed */
  BLOCK_GATHER,        /* out = rows in */
  BLOCK_ADD,           /* out += rows in */
  BLOCK_BACKWARD,      /* x = sweep the other way from x */
  BLOCK_BACKWARD_GRAM, /* the same, and partial = b' x */
  BLOCK_TIMES,         /* x = A P, partial = P' x; A as the smoother has it */
  BLOCK_UPDATE,        /* X += P one, b -= x two, partial = b' b */
  BLOCK_ROTATE,        /* b = b rotation */
  BLOCK_TURN,          /* P = x + P turn */
  BLOCK_TRUE           /* b = B - A X (X NULL: 0), partial = b' b */
} BlockOp;

/* What a loop works with; only what its operation names need be there. Vectors [n][lanes], matrices [lanes][lanes]. */
typedef struct {
  BlockOp op;
  const BlockPieces *pieces;
  int first; /* in pieces->order: where the colour begins */
  const BlockRows *rows;
  const BlockSmoother *smoother;
  const Csr *A;
  const float *in;
  float *b, *x, *out, *P;
  double *X;
  const BlockTransfer *transfer;
  const BlockLoads *B;
  const double *one, *rotation;
  const float *two, *turn;
  double *partial; /* [pieces][lanes][lanes] */
} BlockJob;

/* Rows begin to end - 1, which are piece `piece`. */
typedef void (*BlockKernel)(const BlockJob *job, int32_t begin, int32_t end, int piece);

typedef enum { BLOCK_CODE_BEST, BLOCK_CODE_PLAIN, BLOCK_CODE_AVX2, BLOCK_CODE_AVX512 } BlockCode;
bool block_code_runs(BlockCode code);
/* lanes: 8 or 16 */
BlockKernel block_kernel(BlockCode code, int lanes);

void block_plain_8(const BlockJob *job, int32_t begin, int32_t end, int piece);
void block_plain_16(const BlockJob *job, int32_t begin, int32_t end, int piece);
void block_avx2_8(const BlockJob *job, int32_t begin, int32_t end, int piece);
void block_avx2_16(const BlockJob *job, int32_t begin, int32_t end, int piece);
void block_avx512_8(const BlockJob *job, int32_t begin, int32_t end, int piece);
void block_avx512_16(const BlockJob *job, int32_t begin, int32_t end, int piece);

/* ---- the solver ---------------------------------------------------------------------------------------------------- */

typedef struct {
  int lanes;
  Team *team;
  BlockKernel kernel;
  Csr A; /* a view */
  BlockGrids grids;
  double *X;       /* [n][lanes]; X and P go on with the halo */
  float *P;        /* [n][lanes]; the residual is the first level's b, its correction and A P are its x */
  double *partial; /* [pieces][lanes][lanes] */
} Block;

/* block_open: the levels below A, once, and vectors for any number of solutions with `lanes` (8 or 16) right-hand sides.
 * A stays the caller's; `up` and `below` are not needed any more afterwards. Errors: as block_grids_create().
 * block_close(): safe if zeroed. */
PetscErrorCode block_open(BlockMatrices *m, int lanes, Block *out) CAUDA_CHECKED;
void block_close(Block *s);

/* block_cycle: one cycle of multigrid, level[0].x from level[0].b; gram [lanes][lanes] = b' x. */
void block_cycle(Block *s, double *gram);

/* block_do: the operation over all pieces; adds up `partial` into gram where it is not NULL. */
void block_do(Block *s, BlockJob *job, double *gram);
void block_do_colour(Block *s, BlockJob *job, int colour);
/* block_sum: gram [lanes][lanes] = the sum of the first n_piece partial ones, in their order, over all ranks. */
void block_sum(const Block *s, int n_piece, double *gram);

/* block_exchange: what the ranks have of v, X or P, as the halo's rows; nothing on one process. */
void block_exchange(Block *s, void *v, size_t size);

/* block_vector: [n][lanes] numbers of `size` bytes, zeroed, at the beginning of a cache line. */
PetscErrorCode block_vector(int32_t n, int lanes, size_t size, void *out) CAUDA_CHECKED;
/* block_vector_by: the same by all threads of a team: the system's pages, too, are made by those that touch them first. */
PetscErrorCode block_vector_by(Team *team, int32_t n, int lanes, size_t size, void *out) CAUDA_CHECKED;
void block_zero(Team *team, void *v, size_t bytes);

/* block_solve_sources: as solve_sources() for matrices that may be divided among ranks: collective. Functionals and sources
 * have own unknowns only. x [n][own unknowns, then the halo]. Takes the halos. */
PetscErrorCode block_solve_sources(BlockMatrices *m, const FieldOptions *o, const Functionals *f, int n,
                                   const Source *source, double *x, SolveStats *stats) CAUDA_CHECKED;

/* ---- small dense matrices, [lanes][lanes] of which the first m rows and columns count ------------------------------- */

/* small_cholesky: A = L L', L lower; returns the smallest pivot over its diagonal entry (0: not positive definite):
 * small where the columns behind a Gram matrix are nearly dependent. */
double small_cholesky(int m, int lanes, const double *A, double *L);
void small_solve(int m, int lanes, const double *L, const double *B, double *X);    /* X = (L L')^-1 B */
void small_inverse_upper(int m, int lanes, const double *L, double *X);             /* X = L'^-1 */
void small_multiply(int m, int lanes, const double *A, const double *B, double *C); /* C = A B */

#endif
