/* bench_block: the block solver's loops over rows, sixteen lanes, one core: processor time a row, beside what the bytes
 * would take that must come from and go to memory (each once) at the speed of a plain a = a + b c here. Rows have 13 to 17
 * entries at random places within `reach` rows: as in a mesh in compact order (about 1,500), and out of order. */
#include "../../fem/block.h"

#include <stdlib.h>
#include <time.h>

enum { ROWS = 300000, LANES = 16, HEAP = 12, REPEATS = 5, STREAM = 1 << 24 };

typedef struct {
  const char *name;
  BlockOp op;
  double bytes; /* a row */
} Loop;

static const double entries = 15.0, line = 64.0; /* a row; one row of floats */

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Bytes a second of a[i] += b[i] * c. */
static double memory_speed(void)
{
  double *a = NULL, *b = NULL, best = 0.0;
  if (mem_alloc(STREAM, sizeof *a, &a) || mem_alloc(STREAM, sizeof *b, &b)) return 0.0;
  for (int r = 0; r < REPEATS; r++) {
    double t = seconds();
    for (int i = 0; i < STREAM; i++) a[i] += b[i] * 1.5;
    t = 3.0 * STREAM * sizeof *a / (seconds() - t);
    if (t > best) best = t;
  }
  free(a);
  free(b);
  return best;
}

static PetscErrorCode matrix(int reach, Csr *A)
{
  Rng rng = rng_seed(1, 2);
  int32_t *start, *column;
  double *value;
  PetscCall(csr_alloc(ROWS, ROWS, (int64_t)ROWS * 17, A, &start, &column, &value));
  for (int32_t i = 0, k = 0; i < ROWS; i++) {
    int n = 13 + (int)(rng_next(&rng) % 5);
    for (int j = 0; j < n; j++, k++) {
      int32_t c = j ? i - reach + (int32_t)(rng_uniform(&rng) * 2 * reach) : i;
      column[k] = c < 0 ? -c : c >= ROWS ? 2 * ROWS - 2 - c : c, value[k] = j ? -0.1 : 4.0;
    }
    start[i + 1] = k;
    PetscCall(csr_sort_row((size_t)n, column + start[i], value + start[i]));
  }
  return 0;
}

/* Four entries a row, of the heap that it is in and of neighbours. */
static PetscErrorCode transfer_create(const BlockPieces *pieces, Team *team, BlockTransfer *out)
{
  int32_t *start, *column;
  double *value;
  Csr up;
  PetscCall(csr_alloc(ROWS, ROWS / HEAP + 4, (int64_t)ROWS * 4, &up, &start, &column, &value));
  for (int32_t i = 0; i < ROWS; i++) {
    start[i + 1] = start[i] + 4;
    for (int k = 0; k < 4; k++) column[start[i] + k] = i / HEAP + k, value[start[i] + k] = 0.25;
  }
  PetscErrorCode ierr = block_transfer_create(&up, pieces, LANES, team, out);
  csr_free(&up);
  return ierr;
}

static PetscErrorCode bench(int reach, double speed)
{
  const double entry = 8.0 * entries, half = 0.5 * entry, part = 8.0 * 4.0;
  const Loop loops[] = {{"forward", BLOCK_FORWARD, half + 3 * line},
                        {"restrict", BLOCK_RESTRICT, half + part + line},
                        {"backward", BLOCK_BACKWARD_GRAM, entry + 3 * line},
                        {"matrix", BLOCK_TIMES, entry + 3 * line},
                        {"update", BLOCK_UPDATE, 8 * line},
                        {"turn", BLOCK_TURN, 3 * line}};
  Csr A;
  Team *team;
  BlockPieces pieces;
  BlockSmoother smoother;
  BlockTransfer transfer;
  float *v[3], *two;
  double *X, *one, *partial, all = 0.0, bound = 0.0;
  PetscCall(matrix(reach, &A));
  PetscCall(team_create(1, &team));
  PetscCall(block_pieces_create(ROWS, &A, team, &pieces));
  PetscCall(block_smoother_create(&A, &pieces, team, &smoother));
  PetscCall(transfer_create(&pieces, team, &transfer));
  for (int i = 0; i < 3; i++) PetscCall(block_vector(ROWS, LANES, sizeof(float), &v[i]));
  PetscCall(block_vector(ROWS, LANES, sizeof *X, &X));
  PetscCall(block_vector(LANES, LANES, sizeof *one, &one));
  PetscCall(block_vector(LANES, LANES, sizeof *two, &two));
  PetscCall(block_vector(pieces.n, LANES * LANES, sizeof *partial, &partial));
  BlockJob job = {.smoother = &smoother,
                  .transfer = &transfer,
                  .A = &A,
                  .b = v[0],
                  .x = v[1],
                  .P = v[2],
                  .X = X,
                  .one = one,
                  .two = two,
                  .turn = two,
                  .partial = partial};
  printf("reach %6d rows:", reach);
  for (size_t k = 0; k < sizeof loops / sizeof *loops; k++) {
    double best = 1e9;
    job.op = loops[k].op;
    for (int r = 0; r < REPEATS; r++) {
      double t = seconds();
      for (int p = 0; p < pieces.n; p++)
        block_kernel(BLOCK_CODE_BEST, LANES)(&job, pieces.row[p], pieces.row[p + 1], p);
      t = (seconds() - t) / ROWS;
      if (t < best) best = t;
    }
    printf(" %s %.1f (%.1f)", loops[k].name, 1e9 * best, 1e9 * loops[k].bytes / speed);
    all += best, bound += loops[k].bytes / speed;
  }
  printf("; all %.0f ns a row, %.1f times the bound\n", 1e9 * all, all / bound);
  for (int i = 0; i < 3; i++) free(v[i]);
  free(X);
  free(one);
  free(two);
  free(partial);
  block_smoother_free(&smoother);
  block_transfer_free(&transfer);
  block_pieces_free(&pieces);
  team_destroy(&team);
  csr_free(&A);
  return 0;
}

int main(void)
{
  double speed = memory_speed();
  printf("ns a row and iteration (bound by memory at %.0f GB/s)\n", 1e-9 * speed);
  return bench(300, speed) || bench(1500, speed) || bench(60000, speed);
}
