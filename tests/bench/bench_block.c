/* bench_block: the block solver's loops over rows, sixteen lanes, one core: processor time a row, beside what the bytes
 * would take that must come from and go to memory (each once) at the speed of a plain a = a + b c here. Rows have 13 to 17
 * entries at random places within `reach` rows: as in a mesh in compact order (about 1,500), and out of order. */
#include "../../fem/block.h"

#include <stdlib.h>
#include <time.h>

enum { ROWS = 300000, LANES = 16, PIECE = 2000, REPEATS = 5, STREAM = 1 << 24 };

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

static PetscErrorCode bench(int reach, double speed)
{
  const double entry = 8.0 * entries, half = 0.5 * entry;
  const Loop loops[] = {{"forward", BLOCK_FORWARD, half + 3 * line},
                        {"residual", BLOCK_RESIDUAL, half + 3 * line},
                        {"backward", BLOCK_BACKWARD_GRAM, entry + 3 * line},
                        {"matrix", BLOCK_TIMES, entry + 3 * line},
                        {"update", BLOCK_UPDATE, 8 * line},
                        {"turn", BLOCK_TURN, 3 * line}};
  Csr A;
  Team *team;
  BlockPieces pieces;
  BlockRows before, after;
  float *inverse, *excess, *v[5], *two;
  double *X, *one, *partial, all = 0.0, bound = 0.0;
  PetscCall(matrix(reach, &A));
  PetscCall(team_create(1, &team));
  PetscCall(block_pieces_create(ROWS, &A, team, &pieces));
  PetscCall(mem_alloc(ROWS, sizeof *inverse, &inverse));
  PetscCall(mem_alloc(ROWS, sizeof *excess, &excess));
  PetscCall(block_rows_smoother(&A, &pieces, team, inverse, excess, &before, &after));
  for (int i = 0; i < 5; i++) PetscCall(block_vector(ROWS, LANES, sizeof(float), &v[i]));
  PetscCall(block_vector(ROWS, LANES, sizeof *X, &X));
  PetscCall(block_vector(LANES, LANES, sizeof *one, &one));
  PetscCall(block_vector(LANES, LANES, sizeof *two, &two));
  PetscCall(block_vector(ROWS / PIECE + 1, LANES * LANES, sizeof *partial, &partial));
  BlockJob job = {.rows = &before,
                  .after = &after,
                  .A = &A,
                  .inverse = inverse,
                  .excess = excess,
                  .b = v[0],
                  .x = v[1],
                  .r = v[2],
                  .P = v[3],
                  .AP = v[4],
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
      for (int32_t i = 0; i < ROWS; i += PIECE) block_kernel(BLOCK_CODE_BEST, LANES)(&job, i, i + PIECE, i / PIECE);
      t = (seconds() - t) / ROWS;
      if (t < best) best = t;
    }
    printf(" %s %.1f (%.1f)", loops[k].name, 1e9 * best, 1e9 * loops[k].bytes / speed);
    all += best, bound += loops[k].bytes / speed;
  }
  printf("; all %.0f ns a row, %.1f times the bound\n", 1e9 * all, all / bound);
  for (int i = 0; i < 5; i++) free(v[i]);
  free(X);
  free(one);
  free(two);
  free(partial);
  free(inverse);
  free(excess);
  block_rows_free(&before);
  block_rows_free(&after);
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
