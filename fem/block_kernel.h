/* The loops of the block solver over rows. Whoever includes this says how many lanes a vector has, BLOCK_LANES, and how
 * many floats and doubles go into a register, FLOATS and DOUBLES, and makes functions of it for one kind of machine.
 * The rows that the entries ahead will need are asked for in time: they lie at random places. Private to fem/. */
#include "block.h"

typedef float FloatLanes __attribute__((vector_size(4 * FLOATS), may_alias));
typedef double DoubleLanes __attribute__((vector_size(8 * DOUBLES), may_alias));
typedef float Narrow __attribute__((vector_size(4 * DOUBLES), may_alias)); /* as many floats as doubles in a register */

enum { NF = BLOCK_LANES / FLOATS, ND = BLOCK_LANES / DOUBLES, TILE = 32, AHEAD = 128 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* GCC 12 makes long detours for these conversions of whole registers by itself. */
#if defined(__AVX512F__)
#include <immintrin.h>
#define widened(x) ((DoubleLanes)_mm512_cvtps_pd(*(const __m256 *)(x)))
#define narrowed(x) ((Narrow)_mm512_cvtpd_ps(*(const __m512d *)(x)))
#elif defined(__AVX2__)
#include <immintrin.h>
#define widened(x) ((DoubleLanes)_mm256_cvtps_pd(*(const __m128 *)(x)))
#define narrowed(x) ((Narrow)_mm256_cvtpd_ps(*(const __m256d *)(x)))
#else
#define widened(x) __builtin_convertvector(*(x), DoubleLanes)
#define narrowed(x) __builtin_convertvector(*(x), Narrow)
#endif

#define UNROLL _Pragma("GCC unroll 16")

ALWAYS_INLINE FloatLanes *floats(float *v, int32_t row) { return (FloatLanes *)(v + (size_t)row * BLOCK_LANES); }
ALWAYS_INLINE const FloatLanes *of_floats(const float *v, int32_t row)
{
  return (const FloatLanes *)(v + (size_t)row * BLOCK_LANES);
}
ALWAYS_INLINE DoubleLanes *doubles(double *v, int32_t row) { return (DoubleLanes *)(v + (size_t)row * BLOCK_LANES); }

/* ---- multigrid ------------------------------------------------------------------------------------------------ */

/* sum +- entries first to end - 1 times the rows of v */
ALWAYS_INLINE void add_entries(const BlockEntry *e, const BlockEntry *end, const float *v, const bool minus,
                               FloatLanes sum[NF])
{
  for (; e < end; e += BLOCK_FOUR) UNROLL for (int k = 0; k < BLOCK_FOUR; k++)
    {
      const FloatLanes *x = of_floats(v, e[k].column);
      __builtin_prefetch(v + (size_t)e[k + AHEAD].column * BLOCK_LANES);
      UNROLL for (int j = 0; j < NF; j++) sum[j] = minus ? sum[j] - e[k].value * x[j] : sum[j] + e[k].value * x[j];
    }
}

ALWAYS_INLINE void sweep_forward(const BlockJob *job, int32_t begin, int32_t end)
{
  const BlockEntry *entry = job->rows->entry;
  const int32_t *start = job->rows->start;
  const float *b = job->b, *inverse = job->inverse;
  float *x = job->x;
  for (int32_t i = begin; i < end; i++) {
    FloatLanes sum[NF], *out = floats(x, i);
    UNROLL for (int j = 0; j < NF; j++) sum[j] = of_floats(b, i)[j];
    add_entries(entry + start[i], entry + start[i + 1], x, true, sum);
    UNROLL for (int j = 0; j < NF; j++) out[j] = sum[j] * inverse[i];
  }
}

ALWAYS_INLINE void residual_after(const BlockJob *job, int32_t begin, int32_t end)
{
  const BlockEntry *entry = job->after->entry;
  const int32_t *start = job->after->start;
  const float *x = job->x;
  float *r = job->r;
  for (int32_t i = begin; i < end; i++) {
    FloatLanes sum[NF] = {{0}};
    add_entries(entry + start[i], entry + start[i + 1], x, true, sum);
    UNROLL for (int j = 0; j < NF; j++) floats(r, i)[j] = sum[j];
  }
}

ALWAYS_INLINE void gather(const BlockJob *job, int32_t begin, int32_t end, const bool adds)
{
  const BlockEntry *entry = job->rows->entry;
  const int32_t *start = job->rows->start;
  const float *in = job->in;
  float *to = job->out;
  for (int32_t i = begin; i < end; i++) {
    FloatLanes sum[NF] = {{0}}, *out = floats(to, i);
    if (adds) UNROLL for (int j = 0; j < NF; j++) sum[j] = out[j];
    add_entries(entry + start[i], entry + start[i + 1], in, false, sum);
    UNROLL for (int j = 0; j < NF; j++) out[j] = sum[j];
  }
}

/* As add_entries() with minus, where rows are met from the last to the first: what is ahead lies before, and the entries
 * themselves must be asked for, too. */
ALWAYS_INLINE void subtract_backwards(const BlockEntry *e, const BlockEntry *end, const float *v, FloatLanes sum[NF])
{
  for (; e < end; e += BLOCK_FOUR) {
    __builtin_prefetch(e - 2 * AHEAD);
    UNROLL for (int k = 0; k < BLOCK_FOUR; k++)
    {
      const FloatLanes *x = of_floats(v, e[k].column);
      __builtin_prefetch(v + (size_t)e[k - AHEAD].column * BLOCK_LANES);
      UNROLL for (int j = 0; j < NF; j++) sum[j] -= e[k].value * x[j];
    }
  }
}

ALWAYS_INLINE void sweep_backward(const BlockJob *job, int32_t begin, int32_t end)
{
  const BlockEntry *before = job->rows->entry, *after = job->after->entry;
  const int32_t *start = job->rows->start, *start_after = job->after->start;
  const float *b = job->b, *inverse = job->inverse;
  float *x = job->x;
  for (int32_t i = end - 1; i >= begin; i--) {
    FloatLanes sum[NF], *out = floats(x, i);
    UNROLL for (int j = 0; j < NF; j++) sum[j] = of_floats(b, i)[j];
    subtract_backwards(before + start[i], before + start[i + 1], x, sum);
    subtract_backwards(after + start_after[i], after + start_after[i + 1], x, sum);
    UNROLL for (int j = 0; j < NF; j++) out[j] = sum[j] * inverse[i];
  }
}

/* ---- tiles: some rows, in double, near the core ------------------------------------------------------------------ */

typedef double Tile[TILE][BLOCK_LANES] __attribute__((aligned(64)));

ALWAYS_INLINE DoubleLanes *tile(Tile t, int row) { return (DoubleLanes *)t[row]; }

ALWAYS_INLINE void tile_from_floats(const float *v, int32_t begin, int n, Tile t)
{
  for (int i = 0; i < n; i++) {
    const Narrow *x = (const Narrow *)(v + (size_t)(begin + i) * BLOCK_LANES);
    UNROLL for (int j = 0; j < ND; j++) tile(t, i)[j] = widened(&x[j]);
  }
}

ALWAYS_INLINE void to_floats(const DoubleLanes x[ND], float *v)
{
  UNROLL for (int j = 0; j < ND; j++)((Narrow *)v)[j] = narrowed(&x[j]);
}

/* gram += a' b, four rows of gram at a time */
ALWAYS_INLINE void tile_gram(Tile a, Tile b, int n, double *gram)
{
  for (int k = 0; k < BLOCK_LANES; k += 4) {
    DoubleLanes sum[4][ND];
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) sum[r][j] = doubles(gram, k + r)[j];
    for (int i = 0; i < n; i++)
      UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) sum[r][j] += a[i][k + r] * tile(b, i)[j];
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) doubles(gram, k + r)[j] = sum[r][j];
  }
}

/* sum of four rows from `row` on of t times m */
ALWAYS_INLINE void tile_times(Tile t, int row, const double *m, DoubleLanes sum[4][ND])
{
  UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) sum[r][j] = (DoubleLanes){0};
  for (int k = 0; k < BLOCK_LANES; k++) {
    const DoubleLanes *mk = (const DoubleLanes *)(m + (size_t)k * BLOCK_LANES);
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) sum[r][j] += t[row + r][k] * mk[j];
  }
}

ALWAYS_INLINE double *own_partial(const BlockJob *job, int piece)
{
  double *p = job->partial + (size_t)piece * BLOCK_LANES * BLOCK_LANES;
  for (int i = 0; i < BLOCK_LANES * BLOCK_LANES; i++) p[i] = 0.0;
  return p;
}

/* ---- conjugate gradients ------------------------------------------------------------------------------------------ */

ALWAYS_INLINE void times(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  const int32_t *start = job->A->start, *column = job->A->column, last = start[job->A->n] - 1;
  const double *value = job->A->value;
  const float *P = job->P;
  double *gram = own_partial(job, piece);
  Tile p, ap;
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int n = end - i0 < TILE ? end - i0 : TILE;
    for (int i = 0; i < n; i++) {
      DoubleLanes sum[ND];
      UNROLL for (int j = 0; j < ND; j++) sum[j] = (DoubleLanes){0};
      for (int32_t k = start[i0 + i]; k < start[i0 + i + 1]; k++) {
        const Narrow *x = (const Narrow *)(P + (size_t)column[k] * BLOCK_LANES);
        __builtin_prefetch(P + (size_t)column[k + AHEAD < last ? k + AHEAD : last] * BLOCK_LANES);
        UNROLL for (int j = 0; j < ND; j++) sum[j] += value[k] * widened(&x[j]);
      }
      UNROLL for (int j = 0; j < ND; j++) tile(ap, i)[j] = sum[j];
      to_floats(sum, job->AP + (size_t)(i0 + i) * BLOCK_LANES);
    }
    tile_from_floats(P, i0, n, p);
    tile_gram(p, ap, n, gram);
  }
}

ALWAYS_INLINE void update(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  double *gram = own_partial(job, piece);
  Tile p = {{0}}, ap = {{0}}, b;
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int n = end - i0 < TILE ? end - i0 : TILE;
    tile_from_floats(job->P, i0, n, p);
    tile_from_floats(job->AP, i0, n, ap);
    tile_from_floats(job->b, i0, n, b);
    for (int i = 0; i < n; i += 4) {
      DoubleLanes x[4][ND], r[4][ND];
      tile_times(p, i, job->one, x);
      tile_times(ap, i, job->two, r);
      for (int k = i; k < i + 4 && k < n; k++) {
        DoubleLanes *X = doubles(job->X, i0 + k);
        UNROLL for (int j = 0; j < ND; j++) X[j] += x[k - i][j];
        UNROLL for (int j = 0; j < ND; j++) tile(b, k)[j] -= r[k - i][j];
        to_floats(tile(b, k), job->b + (size_t)(i0 + k) * BLOCK_LANES);
      }
    }
    tile_gram(b, b, n, gram);
  }
}

ALWAYS_INLINE void rotate(const BlockJob *job, int32_t begin, int32_t end)
{
  Tile b = {{0}};
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int n = end - i0 < TILE ? end - i0 : TILE;
    tile_from_floats(job->b, i0, n, b);
    for (int i = 0; i < n; i += 4) {
      DoubleLanes r[4][ND];
      tile_times(b, i, job->one, r);
      for (int k = i; k < i + 4 && k < n; k++) to_floats(r[k - i], job->b + (size_t)(i0 + k) * BLOCK_LANES);
    }
  }
}

ALWAYS_INLINE void turn(const BlockJob *job, int32_t begin, int32_t end)
{
  for (int32_t i = begin; i < end; i++) {
    float *row = job->P + (size_t)i * BLOCK_LANES;
    FloatLanes sum[NF], *p = floats(job->P, i);
    const FloatLanes *x = of_floats(job->x, i);
    UNROLL for (int j = 0; j < NF; j++) sum[j] = x[j];
    UNROLL for (int k = 0; k < BLOCK_LANES; k++) UNROLL for (int j = 0; j < NF; j++) sum[j] +=
        row[k] * of_floats(job->turn, k)[j];
    UNROLL for (int j = 0; j < NF; j++) p[j] = sum[j];
  }
}

/* b = B - A X: in double throughout, then rounded. */
ALWAYS_INLINE void residual_true(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  const Csr *A = job->A;
  const int32_t *until = A->start + (job->X ? 1 : 0);
  double *gram = own_partial(job, piece);
  Tile b;
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int n = end - i0 < TILE ? end - i0 : TILE;
    for (int i = 0; i < n; i++) {
      const DoubleLanes *B = (const DoubleLanes *)(job->B + (size_t)(i0 + i) * BLOCK_LANES);
      UNROLL for (int j = 0; j < ND; j++) tile(b, i)[j] = B[j];
      for (int32_t k = A->start[i0 + i]; k < until[i0 + i]; k++)
        UNROLL for (int j = 0; j < ND; j++) tile(b, i)[j] -= A->value[k] * doubles(job->X, A->column[k])[j];
      to_floats(tile(b, i), job->b + (size_t)(i0 + i) * BLOCK_LANES);
    }
    tile_gram(b, b, n, gram);
  }
}

ALWAYS_INLINE void backward_gram(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  Tile b, x;
  double *gram = own_partial(job, piece);
  sweep_backward(job, begin, end);
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int n = end - i0 < TILE ? end - i0 : TILE;
    tile_from_floats(job->b, i0, n, b);
    tile_from_floats(job->x, i0, n, x);
    tile_gram(b, x, n, gram);
  }
}

ALWAYS_INLINE void block_work(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  switch (job->op) {
  case BLOCK_FORWARD: sweep_forward(job, begin, end); break;
  case BLOCK_RESIDUAL: residual_after(job, begin, end); break;
  case BLOCK_GATHER: gather(job, begin, end, false); break;
  case BLOCK_ADD: gather(job, begin, end, true); break;
  case BLOCK_BACKWARD: sweep_backward(job, begin, end); break;
  case BLOCK_BACKWARD_GRAM: backward_gram(job, begin, end, piece); break;
  case BLOCK_TIMES: times(job, begin, end, piece); break;
  case BLOCK_UPDATE: update(job, begin, end, piece); break;
  case BLOCK_ROTATE: rotate(job, begin, end); break;
  case BLOCK_TURN: turn(job, begin, end); break;
  case BLOCK_TRUE: residual_true(job, begin, end, piece); break;
  }
}
