/* The loops of the block solver over rows. Whoever includes this says how many lanes a vector has, BLOCK_LANES, and how
 * many floats and doubles go into a register, FLOATS and DOUBLES, and makes functions of it for one kind of machine.
 * The rows that the entries ahead will need are asked for in time: they lie at random places. So is what is read and
 * written in order, a page ahead: there the machine's own foresight ends. Private to fem/. */
#include "block.h"

typedef float FloatLanes __attribute__((vector_size(4 * FLOATS), may_alias));
typedef double DoubleLanes __attribute__((vector_size(8 * DOUBLES), may_alias));
typedef float Narrow __attribute__((vector_size(4 * DOUBLES), may_alias)); /* as many floats as doubles in a register */

enum { NF = BLOCK_LANES / FLOATS, ND = BLOCK_LANES / DOUBLES, TILE = 64, AHEAD = 256, PAGE_ROWS = 64 };
enum { GRAM = NF == 1 ? BLOCK_LANES : 4 };

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

/* Row i of v, which is about to be read, or to be written. */
ALWAYS_INLINE void ask(const float *v, int32_t i) { __builtin_prefetch(v + (size_t)i * BLOCK_LANES); }
ALWAYS_INLINE void ask_to_write(float *v, int32_t i) { __builtin_prefetch(v + (size_t)i * BLOCK_LANES, 1); }
/* Entries of a matrix some rows ahead. */
ALWAYS_INLINE void ask_entries(const BlockEntry *e) { __builtin_prefetch(e); }

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
  const BlockEntry *entry = job->smoother->before.entry;
  const int32_t *start = job->smoother->before.start;
  const float *b = job->b, *inverse = job->smoother->inverse;
  float *x = job->x;
  for (int32_t i = begin; i < end; i++) {
    FloatLanes sum[NF], *out = floats(x, i);
    ask(b, i + PAGE_ROWS), ask_to_write(x, i + PAGE_ROWS), ask_entries(entry + start[i] + 8 * PAGE_ROWS);
    UNROLL for (int j = 0; j < NF; j++) sum[j] = of_floats(b, i)[j];
    add_entries(entry + start[i], entry + start[i + 1], x, true, sum);
    UNROLL for (int j = 0; j < NF; j++) out[j] = sum[j] * inverse[i];
  }
}

/* A row's residual goes at once to the rows below that it has a part in: `own`, which stay in the nearest cache. */
ALWAYS_INLINE void restrict_after(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  const BlockTransfer *t = job->transfer;
  const BlockEntry *entry = job->smoother->after.entry, *part = t->into;
  const int32_t *start = job->smoother->after.start, *start_part = t->up.start;
  float *own = (float *)floats(t->share, t->first[piece]);
  for (int32_t k = 0; k < t->first[piece + 1] - t->first[piece]; k++)
    UNROLL for (int j = 0; j < NF; j++) floats(own, k)[j] = (FloatLanes){0};
  for (int32_t i = begin; i < end; i++) {
    FloatLanes sum[NF] = {{0}};
    ask_entries(entry + start[i] + 8 * PAGE_ROWS), ask_entries(part + start_part[i] + 4 * PAGE_ROWS);
    add_entries(entry + start[i], entry + start[i + 1], job->x, true, sum);
    for (const BlockEntry *e = part + start_part[i]; e < part + start_part[i + 1]; e += BLOCK_FOUR)
      UNROLL for (int k = 0; k < BLOCK_FOUR; k++) UNROLL for (int j = 0; j < NF; j++) floats(own, e[k].column)[j] +=
          e[k].value * sum[j];
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
    ask_to_write(to, i + PAGE_ROWS), ask_entries(entry + start[i] + 4 * PAGE_ROWS);
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
  const BlockEntry *entry = job->smoother->whole.entry;
  const int32_t *start = job->smoother->whole.start;
  const float *b = job->b, *inverse = job->smoother->inverse;
  float *x = job->x;
  for (int32_t i = end - 1; i >= begin; i--) {
    FloatLanes sum[NF], *out = floats(x, i);
    int32_t page = i > PAGE_ROWS ? i - PAGE_ROWS : 0;
    ask(b, page), ask_to_write(x, page);
    UNROLL for (int j = 0; j < NF; j++) sum[j] = of_floats(b, i)[j];
    subtract_backwards(entry + start[i], entry + start[i + 1], x, sum);
    UNROLL for (int j = 0; j < NF; j++) out[j] = sum[j] * inverse[i];
  }
}

/* ---- small matrices with rows ------------------------------------------------------------------------------------- */

/* gram += a' b over n rows: in single precision, as the vectors are, for so few rows that it loses nothing beside what they
 * have lost by rounding; then in double. GRAM rows of gram fit into the registers at a time. */
ALWAYS_INLINE void add_gram(const float *a, const float *b, int n, double *gram)
{
  for (int first = 0; first < BLOCK_LANES; first += GRAM) {
    FloatLanes sum[GRAM][NF] = {{{0}}};
    for (int i = 0; i < n; i++)
      UNROLL for (int k = 0; k < GRAM; k++) UNROLL for (int j = 0; j < NF; j++) sum[k][j] +=
          a[i * BLOCK_LANES + first + k] * of_floats(b, i)[j];
    UNROLL for (int k = 0; k < GRAM; k++) UNROLL for (int j = 0; j < ND; j++) doubles(gram, first + k)[j] +=
        widened((const Narrow *)sum[k] + j);
  }
}

/* sum[r] += four rows of v times m */
ALWAYS_INLINE void add_times(const float *const v[4], const float *m, FloatLanes sum[4][NF])
{
  UNROLL for (int k = 0; k < BLOCK_LANES; k++)
  {
    const FloatLanes *mk = of_floats(m, k);
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < NF; j++) sum[r][j] += v[r][k] * mk[j];
  }
}

/* Four rows from i on; behind the last one, that one again. */
ALWAYS_INLINE void four_rows(const float *v, int32_t i, int32_t end, const float *row[4])
{
  UNROLL for (int r = 0; r < 4; r++) row[r] = v + (size_t)(i + r < end ? i + r : end - 1) * BLOCK_LANES;
}

ALWAYS_INLINE double *own_partial(const BlockJob *job, int piece)
{
  double *p = job->partial + (size_t)piece * BLOCK_LANES * BLOCK_LANES;
  for (int i = 0; i < BLOCK_LANES * BLOCK_LANES; i++) p[i] = 0.0;
  return p;
}

/* ---- conjugate gradients ------------------------------------------------------------------------------------------ */

/* sum += entries times what the rows of v differ from x by: of smooth vectors little is left of a row's sum, and by
 * differences single precision has it as exactly as the vector itself. */
ALWAYS_INLINE void add_differences(const BlockEntry *e, const BlockEntry *end, const float *v, const FloatLanes x[NF],
                                   FloatLanes sum[NF])
{
  for (; e < end; e += BLOCK_FOUR) UNROLL for (int k = 0; k < BLOCK_FOUR; k++)
    {
      const FloatLanes *other = of_floats(v, e[k].column);
      __builtin_prefetch(v + (size_t)e[k + AHEAD].column * BLOCK_LANES);
      UNROLL for (int j = 0; j < NF; j++) sum[j] += e[k].value * (other[j] - x[j]);
    }
}

ALWAYS_INLINE void times(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  const BlockEntry *entry = job->smoother->whole.entry;
  const int32_t *start = job->smoother->whole.start;
  const float *P = job->P, *excess = job->smoother->excess;
  float *AP = job->x;
  double *gram = own_partial(job, piece);
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int32_t i1 = i0 + TILE < end ? i0 + TILE : end;
    for (int32_t i = i0; i < i1; i++) {
      FloatLanes p[NF], sum[NF];
      ask(P, i + PAGE_ROWS), ask_to_write(AP, i + PAGE_ROWS);
      ask_entries(entry + start[i] + 16 * PAGE_ROWS);
      UNROLL for (int j = 0; j < NF; j++) p[j] = of_floats(P, i)[j], sum[j] = excess[i] * p[j];
      add_differences(entry + start[i], entry + start[i + 1], P, p, sum);
      UNROLL for (int j = 0; j < NF; j++) floats(AP, i)[j] = sum[j];
    }
    add_gram((const float *)of_floats(P, i0), (const float *)of_floats(AP, i0), i1 - i0, gram);
  }
}

/* X += P one, of four rows from i on. In double: what X loses by rounding is rough, and the matrix makes much of that. */
ALWAYS_INLINE void add_steps(const BlockJob *job, int32_t i, int32_t end)
{
  const float *p[4];
  double wide[4][BLOCK_LANES] __attribute__((aligned(64)));
  DoubleLanes x[4][ND] = {{{0}}};
  four_rows(job->P, i, end, p);
  UNROLL for (int r = 0; r < 4; r++)
  {
    ask(job->P, i + r + PAGE_ROWS);
    ask_to_write((float *)job->X, 2 * (i + r + PAGE_ROWS)), ask_to_write((float *)job->X, 2 * (i + r + PAGE_ROWS) + 1);
  }
  UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++)((DoubleLanes *)wide[r])[j] =
      widened((const Narrow *)p[r] + j);
  UNROLL for (int k = 0; k < BLOCK_LANES; k++)
  {
    const DoubleLanes *mk = (const DoubleLanes *)(job->one + (size_t)k * BLOCK_LANES);
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < ND; j++) x[r][j] += wide[r][k] * mk[j];
  }
  for (int r = 0; r < 4 && i + r < end; r++) UNROLL for (int j = 0; j < ND; j++) doubles(job->X, i + r)[j] += x[r][j];
}

/* b -= x two */
ALWAYS_INLINE void subtract_steps(const BlockJob *job, int32_t i, int32_t end)
{
  const float *ap[4];
  FloatLanes b[4][NF] = {{{0}}};
  four_rows(job->x, i, end, ap);
  UNROLL for (int r = 0; r < 4; r++) ask(job->x, i + r + PAGE_ROWS), ask_to_write(job->b, i + r + PAGE_ROWS);
  add_times(ap, job->two, b);
  for (int r = 0; r < 4 && i + r < end; r++) UNROLL for (int j = 0; j < NF; j++) floats(job->b, i + r)[j] -= b[r][j];
}

ALWAYS_INLINE void update(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  double *gram = own_partial(job, piece);
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int32_t i1 = i0 + TILE < end ? i0 + TILE : end;
    const float *b = (const float *)of_floats(job->b, i0);
    for (int32_t i = i0; i < i1; i += 4) add_steps(job, i, i1), subtract_steps(job, i, i1);
    add_gram(b, b, i1 - i0, gram);
  }
}

ALWAYS_INLINE void turn(const BlockJob *job, int32_t begin, int32_t end)
{
  for (int32_t i = begin; i < end; i += 4) {
    const float *x[4], *p[4];
    FloatLanes sum[4][NF];
    four_rows(job->x, i, end, x);
    four_rows(job->P, i, end, p);
    UNROLL for (int r = 0; r < 4; r++) ask(job->x, i + r + PAGE_ROWS), ask_to_write(job->P, i + r + PAGE_ROWS);
    UNROLL for (int r = 0; r < 4; r++) UNROLL for (int j = 0; j < NF; j++) sum[r][j] = of_floats(x[r], 0)[j];
    add_times(p, job->turn, sum);
    for (int r = 0; r < 4 && i + r < end; r++) UNROLL for (int j = 0; j < NF; j++) floats(job->P, i + r)[j] = sum[r][j];
  }
}

ALWAYS_INLINE void to_floats(const DoubleLanes x[ND], float *v)
{
  UNROLL for (int j = 0; j < ND; j++)((Narrow *)v)[j] = narrowed(&x[j]);
}

/* In double: what is nearly dependent gets parted. */
ALWAYS_INLINE void rotate(const BlockJob *job, int32_t begin, int32_t end)
{
  for (int32_t i = begin; i < end; i++) {
    float *b = (float *)floats(job->b, i);
    DoubleLanes sum[ND] = {{0}};
    UNROLL for (int k = 0; k < BLOCK_LANES; k++)
    {
      const DoubleLanes *mk = (const DoubleLanes *)(job->rotation + (size_t)k * BLOCK_LANES);
      UNROLL for (int j = 0; j < ND; j++) sum[j] += (double)b[k] * mk[j];
    }
    to_floats(sum, b);
  }
}

/* The first place in `row`, ascending, whose row is `begin` or comes later. */
ALWAYS_INLINE int32_t load_at(const BlockLoads *B, int32_t begin)
{
  int32_t low = 0, high = B->row ? B->n : 0;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (B->row[middle] < begin)
      low = middle + 1;
    else
      high = middle;
  }
  return B->row ? low : begin;
}

/* What row i has of the right-hand sides, at place *at or behind it. */
ALWAYS_INLINE void load_take(const BlockLoads *B, int32_t i, int32_t *at, DoubleLanes sum[ND])
{
  bool has = !B->row || (*at < B->n && B->row[*at] == i);
  const DoubleLanes *load = (const DoubleLanes *)(B->value + (size_t)(has ? *at : 0) * BLOCK_LANES);
  UNROLL for (int j = 0; j < ND; j++) sum[j] = has ? load[j] : (DoubleLanes){0};
  *at += has;
}

/* b = B - A X: in double throughout, then rounded. */
ALWAYS_INLINE void residual_true(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  const Csr *A = job->A;
  const int32_t *until = A->start + (job->X ? 1 : 0), last = A->start[A->n] - 1;
  int32_t at = load_at(job->B, begin);
  double *gram = own_partial(job, piece);
  for (int32_t i0 = begin; i0 < end; i0 += TILE) {
    int32_t i1 = i0 + TILE < end ? i0 + TILE : end;
    for (int32_t i = i0; i < i1; i++) {
      DoubleLanes sum[ND];
      load_take(job->B, i, &at, sum);
      for (int32_t k = A->start[i]; k < until[i]; k++) {
        int32_t ahead = A->column[k + AHEAD < last ? k + AHEAD : last];
        __builtin_prefetch(doubles(job->X, ahead));
        if (BLOCK_LANES == 16) __builtin_prefetch(job->X + (size_t)ahead * BLOCK_LANES + 8);
        UNROLL for (int j = 0; j < ND; j++) sum[j] -= A->value[k] * doubles(job->X, A->column[k])[j];
      }
      to_floats(sum, (float *)floats(job->b, i));
    }
    const float *b = (const float *)of_floats(job->b, i0);
    add_gram(b, b, i1 - i0, gram);
  }
}

ALWAYS_INLINE void backward_gram(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  double *gram = own_partial(job, piece);
  for (int32_t i1 = end; i1 > begin; i1 -= TILE) {
    int32_t i0 = i1 - TILE > begin ? i1 - TILE : begin;
    sweep_backward(job, i0, i1);
    add_gram((const float *)of_floats(job->b, i0), (const float *)of_floats(job->x, i0), i1 - i0, gram);
  }
}

ALWAYS_INLINE void block_work(const BlockJob *job, int32_t begin, int32_t end, int piece)
{
  switch (job->op) {
  case BLOCK_FORWARD: sweep_forward(job, begin, end); break;
  case BLOCK_RESTRICT: restrict_after(job, begin, end, piece); break;
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
