/* The loops over tetrahedra and rows of bubbles, eight potentials side by side, for any machine and for those with
 * registers of 32 bytes. */
#include "bubbles.h"

typedef float Floats __attribute__((vector_size(4 * BUBBLE_LANES), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(8 * BUBBLE_LANES), aligned(8), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#define widened(x) __builtin_convertvector(x, Doubles)
#define narrowed(x) __builtin_convertvector(x, Floats)

enum { AHEAD = 6 }; /* tetrahedra: what they need is asked for in time */

ALWAYS_INLINE Floats *floats(float *v, int32_t row) { return (Floats *)(v + (size_t)row * BUBBLE_LANES); }
ALWAYS_INLINE Doubles *doubles(double *v, int32_t row) { return (Doubles *)(v + (size_t)row * BUBBLE_LANES); }

/* ---- matrices of a tetrahedron ---------------------------------------------------------------------------------------- */

ALWAYS_INLINE void metric_fill(const BubblesJob *job, TetId begin, TetId end)
{
  const Bubbles *b = job->bubbles;
  for (TetId t = begin; t < end; t++) {
    double x[4][3], g[4][3], s[3];
    element_vertices(b->space->mesh, t, x);
    double volume = p1_gradients(x, g);
    for (int i = 0, n = 0; i < 4; i++) {
      tensor_times(job->sigma + 6 * (size_t)t, g[i], s);
      for (int k = i; k < 4; k++)
        b->metric[t][n++] = (float)(volume * (g[k][0] * s[0] + g[k][1] * s[1] + g[k][2] * s[2]));
    }
  }
}

/* The first n entries of a matrix from the metric, and up to seven more. */
ALWAYS_INLINE void combine(const float G[BUBBLE_METRIC], const float *table, const int width, const int n, float *K)
{
  UNROLL for (int i = 0; i < n; i += BUBBLE_LANES)
  {
    Floats sum = {0};
    UNROLL for (int m = 0; m < BUBBLE_METRIC; m++) sum += G[m] * *(const Floats *)(table + m * width + i);
    *(Floats *)(K + i) = sum;
  }
}

/* A cubic of an edge changes sign with its direction; other bubbles have none. */
ALWAYS_INLINE void turn_signs(const Bubbles *b, TetId t, const int n, Floats *v)
{
  double sign[BUBBLES_MAX];
  if (n == 6) return;
  bubbles_signs(b, t, sign);
  UNROLL for (int i = 0; i < 6; i++) v[i] *= (float)sign[i];
}

ALWAYS_INLINE void diagonal_fill(const BubblesJob *job, TetId begin, TetId end, const int n)
{
  const Bubbles *b = job->bubbles;
  float K[BUBBLE_BOTH];
  for (TetId t = begin; t < end; t++) {
    combine(b->metric[t], b->product->both[0], BUBBLE_BOTH, n * (n + 1) / 2, K);
    for (int i = 0; i < n; i++) b->inverse[bubbles_number(b, t)[i]] += K[i * (i + 1) / 2 + i];
  }
}

/* Nodes of the element; those in the middle of edges have the numbers of the edges' bubbles. */
ALWAYS_INLINE void nodes_of(const Bubbles *b, TetId t, const int own, NodeId node[ELEMENT_NODES_MAX])
{
  const int32_t *number = b->number + (size_t)b->per_tet * (size_t)t;
  UNROLL for (int i = 0; i < 4; i++) node[i] = b->space->mesh->tet[t][i];
  UNROLL for (int i = 4; i < own; i++) node[i] = b->space->mesh->n_node + number[i - 4];
}

/* ---- over tetrahedra ------------------------------------------------------------------------------------------------- */

/* A constant has no residual: what counts is the difference to the first node, which loses no digits. */
ALWAYS_INLINE void residual(const BubblesJob *job, TetId begin, TetId end, const int n, const int own)
{
  const Bubbles *b = job->bubbles;
  float K[BUBBLE_OWN];
  NodeId node[ELEMENT_NODES_MAX];
  for (TetId t = begin; t < end; t++) {
    const int32_t *number = b->number + (size_t)n * (size_t)t;
    Floats v[ELEMENT_NODES_MAX], r[BUBBLES_MAX];
    combine(b->metric[t], b->product->own[0], BUBBLE_OWN, n * own, K);
    nodes_of(b, t, own, node);
    UNROLL for (int j = 1; j < own; j++) v[j] = narrowed(*doubles(job->v, node[j]) - *doubles(job->v, node[0]));
    UNROLL for (int i = 0; i < n; i++)
    {
      r[i] = (Floats){0};
      UNROLL for (int j = 1; j < own; j++) r[i] += K[i * own + j] * v[j];
    }
    turn_signs(b, t, n, r);
    UNROLL for (int i = 0; i < n; i++) * floats(job->r, number[i]) -= r[i];
  }
}

ALWAYS_INLINE void pull(const BubblesJob *job, TetId begin, TetId end, const int n, const int own)
{
  const Bubbles *b = job->bubbles;
  float K[BUBBLE_OWN];
  NodeId node[ELEMENT_NODES_MAX];
  for (TetId t = begin; t < end; t++) {
    const int32_t *number = b->number + (size_t)n * (size_t)t;
    Floats y[BUBBLES_MAX];
    combine(b->metric[t], b->product->own[0], BUBBLE_OWN, n * own, K);
    nodes_of(b, t, own, node);
    UNROLL for (int i = 0; i < n; i++) y[i] = *floats(job->x, number[i]);
    turn_signs(b, t, n, y);
    UNROLL for (int j = 0; j < own; j++)
    {
      Floats sum = {0};
      UNROLL for (int i = 0; i < n; i++) sum += K[i * own + j] * y[i];
      *doubles(job->load, node[j]) += widened(sum);
    }
  }
}

ALWAYS_INLINE void multiply(const BubblesJob *job, TetId begin, TetId end, const int n)
{
  const Bubbles *b = job->bubbles;
  const int32_t *number = b->number + (size_t)n * (size_t)begin;
  float K[BUBBLE_BOTH];
  for (TetId t = begin; t < end; t++, number += n) {
    const int32_t *later = t + AHEAD < end ? number + AHEAD * n : number;
    Floats x[BUBBLES_MAX], q[BUBBLES_MAX];
    UNROLL for (int i = 0; i < n; i++) __builtin_prefetch(floats(job->x, later[i]));
    UNROLL for (int i = 0; i < n; i++) __builtin_prefetch(floats(job->q, later[i]), 1);
    combine(b->metric[t], b->product->both[0], BUBBLE_BOTH, n * (n + 1) / 2, K);
    UNROLL for (int i = 0; i < n; i++) x[i] = *floats(job->x, number[i]), q[i] = (Floats){0};
    turn_signs(b, t, n, x);
    UNROLL for (int i = 0; i < n; i++) UNROLL for (int j = 0; j < n; j++) q[i] +=
        K[i < j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j] * x[j];
    turn_signs(b, t, n, q);
    UNROLL for (int i = 0; i < n; i++) * floats(job->q, number[i]) += q[i];
  }
}

/* ---- over rows --------------------------------------------------------------------------------------------------------- */

ALWAYS_INLINE void turn(const BubblesJob *job, int32_t begin, int32_t end)
{
  const Floats one = *(const Floats *)job->one;
  for (int32_t i = begin; i < end; i++) {
    *floats(job->x, i) = job->bubbles->inverse[i] * *floats(job->r, i) + one * *floats(job->x, i);
    *floats(job->q, i) = (Floats){0};
  }
}

ALWAYS_INLINE void step(const BubblesJob *job, int32_t begin, int32_t end)
{
  const Floats one = *(const Floats *)job->one;
  for (int32_t i = begin; i < end; i++) {
    *floats(job->y, i) += one * *floats(job->x, i);
    *floats(job->r, i) -= one * *floats(job->q, i);
  }
}

ALWAYS_INLINE void size(const BubblesJob *job, int32_t begin, int32_t end, int piece)
{
  Doubles sum = {0};
  for (int32_t i = begin; i < end; i++) {
    Doubles r = widened(*floats(job->r, i));
    sum += (double)job->bubbles->inverse[i] * r * r;
  }
  *doubles(job->partial, piece) = sum;
}

ALWAYS_INLINE void along(const BubblesJob *job, int32_t begin, int32_t end, int piece)
{
  Doubles sum = {0};
  for (int32_t i = begin; i < end; i++) sum += widened(*floats(job->x, i)) * widened(*floats(job->q, i));
  *doubles(job->partial, piece) = sum;
}

/* ---- for each kind of machine ---------------------------------------------------------------------------------------- */

ALWAYS_INLINE void work_of(const BubblesJob *job, int32_t begin, int32_t end, int piece, const int n, const int own)
{
  switch (job->op) {
  case BUBBLES_METRIC: metric_fill(job, begin, end); break;
  case BUBBLES_DIAGONAL: diagonal_fill(job, begin, end, n); break;
  case BUBBLES_RESIDUAL: residual(job, begin, end, n, own); break;
  case BUBBLES_PULL: pull(job, begin, end, n, own); break;
  case BUBBLES_MULTIPLY: multiply(job, begin, end, n); break;
  case BUBBLES_TURN: turn(job, begin, end); break;
  case BUBBLES_SIZE: size(job, begin, end, piece); break;
  case BUBBLES_ALONG: along(job, begin, end, piece); break;
  case BUBBLES_STEP: step(job, begin, end), size(job, begin, end, piece); break;
  }
}

ALWAYS_INLINE void work(const BubblesJob *job, int32_t begin, int32_t end, int piece)
{
  if (job->bubbles->per_tet == 6)
    work_of(job, begin, end, piece, 6, 4);
  else
    work_of(job, begin, end, piece, 10, 10);
}

static void plain(const BubblesJob *job, int32_t begin, int32_t end, int piece) { work(job, begin, end, piece); }

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void avx2(const BubblesJob *job, int32_t begin, int32_t end, int piece)
{
  work(job, begin, end, piece);
}

BubblesKernel bubbles_kernel(void) { return block_code_runs(BLOCK_CODE_AVX2) ? avx2 : plain; }
#else
BubblesKernel bubbles_kernel(void) { return plain; }
#endif
