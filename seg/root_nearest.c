/* Which root is nearest? Four boxes, and four pieces, in one calculation. */
#include <string.h>

#include "root_index_impl.h"

enum { TWO = 2, STACK_MAX = 128 };
typedef float Floats __attribute__((vector_size(4 * FOUR)));
typedef int32_t FloatBits __attribute__((vector_size(4 * FOUR)));
typedef double Doubles __attribute__((vector_size(8 * TWO)));
typedef int64_t DoubleBits __attribute__((vector_size(8 * TWO)));

typedef struct {
  bool found;
  double distance, t; /* mm; along the piece */
  Piece piece;
} Nearest;

/* A child that is still to be looked into, and how far it is. */
typedef struct {
  int child;
  float distance2;
} Waiting;

static Floats load_floats(const float x[FOUR])
{
  Floats v;
  memcpy(&v, x, sizeof v);
  return v;
}

static Doubles load_doubles(const double x[TWO])
{
  Doubles v;
  memcpy(&v, x, sizeof v);
  return v;
}

/* Where `bits` are set, else 0. */
static Floats floats_where(FloatBits bits, Floats v) { return (Floats)(bits & (FloatBits)v); }
static Doubles doubles_where(DoubleBits bits, Doubles v) { return (Doubles)(bits & (DoubleBits)v); }

static void box_distances2(const Node *b, const float p[3], float d2[FOUR])
{
  const FloatBits magnitude = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
  Floats sum = {0};
  for (int k = 0; k < 3; k++) {
    const Floats off = floats_where(magnitude, load_floats(b->middle[k]) - p[k]) - load_floats(b->half[k]);
    const Floats out = floats_where(off > 0.0F, off);
    sum += out * out;
  }
  memcpy(d2, &sum, sizeof sum);
}

/* The children of a node within reach, the nearest on top: what is found in it spares most of the others. */
static int push_children(const Node *b, const float p[3], float limit2, Waiting *stack, int top)
{
  float d2[FOUR];
  const int bottom = top;
  box_distances2(b, p, d2);
  for (int j = 0; j < FOUR; j++) {
    if (d2[j] > limit2) continue;
    int at = top++;
    for (; at > bottom && stack[at - 1].distance2 < d2[j]; at--) stack[at] = stack[at - 1];
    stack[at] = (Waiting){b->child[j], d2[j]};
  }
  return top;
}

/* Squares of the distances to the lines of four pieces, and where along them. */
static void line_distances2(const Leaf *l, const double p[3], double d2[FOUR], double t[FOUR])
{
  for (int j = 0; j < FOUR; j += TWO) {
    Doubles off[3], to[3], along = {0}, sum = {0};
    for (int k = 0; k < 3; k++) {
      off[k] = p[k] - load_doubles(l->from[k] + j), to[k] = load_doubles(l->to[k] + j);
      along += off[k] * to[k];
    }
    along *= load_doubles(l->per_length2 + j);
    along = doubles_where(along > 0.0, along) - 1.0;
    along = doubles_where(along < 0.0, along) + 1.0;
    for (int k = 0; k < 3; k++) {
      const Doubles d = off[k] - along * to[k];
      sum += d * d;
    }
    memcpy(t + j, &along, sizeof along);
    memcpy(d2 + j, &sum, sizeof sum);
  }
}

static bool is_before(Piece q, Piece r) { return q.root < r.root || (q.root == r.root && q.segment < r.segment); }

static void look_into_leaf(const Leaf *l, const double p[3], Nearest *best)
{
  double d2[FOUR], t[FOUR];
  line_distances2(l, p, d2, t);
  for (int j = 0; j < l->n; j++) {
    const double radius = l->radius[j] + t[j] * l->growth[j], most = best->distance + radius;
    if (most < 0.0 || d2[j] > most * most * (1.0 + 1e-12)) continue; /* no root need be drawn */
    const double d = sqrt(d2[j]) - radius;
    /* equal distances go to the lower root, so that the order of the tree does not matter */
    const bool first = best->found && is_before(l->piece[j], best->piece);
    if (d < best->distance || (d <= best->distance && first)) *best = (Nearest){true, d, t[j], l->piece[j]};
  }
}

/* Square of what a box must be within; inside a tube the distance is negative: only boxes that hold the point can do better. */
static float square_limit(double distance)
{
  const float limit = (float)lesser(greater(distance, 0.0), 1e12);
  return limit * limit * (1.0F + 1e-5F);
}

int anatomy_nearest_root(const Anatomy *a, const double p[3], double reach, double *distance, int *segment, double *t)
{
  const AnatomyIndex *x = a->index;
  const float at[3] = {(float)p[0], (float)p[1], (float)p[2]};
  Waiting stack[STACK_MAX];
  int top = 0;
  Nearest best = {.distance = reach};
  if (x && x->n_piece) stack[top++] = (Waiting){x->root, 0.0F};
  while (top) {
    const Waiting next = stack[--top];
    const float limit2 = square_limit(best.distance);
    if (next.distance2 > limit2) continue;
    if (next.child < 0)
      look_into_leaf(&x->leaf[~next.child], p, &best);
    else
      top = push_children(&x->node[next.child], at, limit2, stack, top);
  }
  if (!best.found) return -1;
  if (distance) *distance = best.distance;
  if (segment) *segment = best.piece.segment;
  if (t) *t = best.t;
  return best.piece.root;
}
