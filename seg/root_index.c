/* Which root is nearest? A tree of boxes over the pieces of the centre lines, four to a box; each piece is a cone with round
 * ends, so the distance to a root's surface is the distance to its line less the radius there. */
#include "root_index.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  int root, segment;
} Piece;

static const float NOWHERE_MM = 1e15F;

enum { FOUR = 4, TWO = 2, STACK_MAX = 128 };
typedef float Floats __attribute__((vector_size(4 * FOUR)));
typedef int32_t FloatBits __attribute__((vector_size(4 * FOUR)));
typedef double Doubles __attribute__((vector_size(8 * TWO)));
typedef int64_t DoubleBits __attribute__((vector_size(8 * TWO)));

/* Four pieces, by coordinates: the distances to all are one calculation. */
typedef struct {
  double from[3][FOUR], to[3][FOUR]; /* mm; `to` as seen from `from` */
  double per_length2[FOUR];          /* 1 / length^2, or 0 */
  double radius[FOUR], growth[FOUR]; /* mm; what is added along the piece */
  int n;
  Piece piece[FOUR];
} Leaf;

/* Four boxes that hold the surfaces of what is in them, a little too large rather than too small. */
typedef struct {
  float middle[3][FOUR], half[3][FOUR]; /* mm; places without a child: far away */
  int child[FOUR];                      /* a node, or ~leaf */
} Node;

struct AnatomyIndex {
  int n_piece, n_node, n_leaf, root; /* root: as Node.child */
  Piece *piece;
  Node *node;
  Leaf *leaf;
};

static void piece_bounds(const Anatomy *a, Piece p, double lo[3], double hi[3])
{
  const Root *r = &a->root[p.root];
  const double *u = r->xyz + 3 * p.segment, *v = u + 3;
  const double radius = fmax(r->radius[p.segment], r->radius[p.segment + 1]);
  for (int k = 0; k < 3; k++) {
    lo[k] = fmin(lo[k], fmin(u[k], v[k]) - radius);
    hi[k] = fmax(hi[k], fmax(u[k], v[k]) + radius);
  }
}

static double piece_middle(const Anatomy *a, Piece p, int axis)
{
  const double *u = a->root[p.root].xyz + 3 * p.segment;
  return u[axis] + u[3 + axis];
}

/* quickselect by the middle along an axis, ties by order: the same tree on every machine */
static void split_pieces(const Anatomy *a, Piece *p, int n, int axis, int k)
{
  int lo = 0, hi = n - 1;
  while (lo < hi) {
    const double pivot = piece_middle(a, p[(lo + hi) / 2], axis);
    int i = lo, j = hi;
    while (i <= j) {
      while (piece_middle(a, p[i], axis) < pivot) i++;
      while (piece_middle(a, p[j], axis) > pivot) j--;
      if (i <= j) {
        Piece t = p[i];
        p[i++] = p[j];
        p[j--] = t;
      }
    }
    if (k <= j)
      hi = j;
    else if (k >= i)
      lo = i;
    else
      return;
  }
}

static int leaf_make(const Anatomy *a, AnatomyIndex *x, int first, int count)
{
  Leaf *l = &x->leaf[x->n_leaf];
  l->n = count;
  for (int j = 0; j < count; j++) {
    const Piece q = x->piece[first + j];
    const Root *r = &a->root[q.root];
    const double *u = r->xyz + 3 * q.segment;
    double e[3];
    v3_sub(u + 3, u, e);
    for (int k = 0; k < 3; k++) l->from[k][j] = u[k], l->to[k][j] = e[k];
    const double l2 = v3_dot(e, e);
    l->per_length2[j] = l2 > 0.0 ? 1.0 / l2 : 0.0;
    l->radius[j] = r->radius[q.segment], l->growth[j] = r->radius[q.segment + 1] - l->radius[j];
    l->piece[j] = q;
  }
  return ~x->n_leaf++;
}

/* Divides pieces [first, first + count) across their longest extent; all leaves but one are full then. */
static int divide(const Anatomy *a, AnatomyIndex *x, int first, int count)
{
  double lo[3] = {DBL_MAX, DBL_MAX, DBL_MAX}, hi[3] = {-DBL_MAX, -DBL_MAX, -DBL_MAX};
  const int half = (count / 2 + FOUR - 1) / FOUR * FOUR;
  int axis = 0;
  for (int i = first; i < first + count; i++) piece_bounds(a, x->piece[i], lo, hi);
  for (int k = 1; k < 3; k++)
    if (hi[k] - lo[k] > hi[axis] - lo[axis]) axis = k;
  split_pieces(a, x->piece + first, count, axis, half);
  return half;
}

/* Single precision is rounded outwards by more than it can be wrong. */
static void set_box(const Anatomy *a, const AnatomyIndex *x, int first, int count, Node *out, int j)
{
  double lo[3] = {DBL_MAX, DBL_MAX, DBL_MAX}, hi[3] = {-DBL_MAX, -DBL_MAX, -DBL_MAX};
  for (int i = first; i < first + count; i++) piece_bounds(a, x->piece[i], lo, hi);
  for (int k = 0; k < 3; k++) {
    const double slack = 1e-4 + 1e-6 * greater(fabs(lo[k]), fabs(hi[k]));
    out->middle[k][j] = (float)(0.5 * (lo[k] + hi[k])), out->half[k][j] = (float)(0.5 * (hi[k] - lo[k]) + slack);
  }
}

static int build(const Anatomy *a, AnatomyIndex *x, int first, int count)
{
  if (count <= FOUR) return leaf_make(a, x, first, count);
  const int at = x->n_node++, half = divide(a, x, first, count);
  int begin[FOUR], n[FOUR], parts = 0;
  for (int h = 0; h < 2; h++) {
    const int from = h ? first + half : first, in_half = h ? count - half : half;
    const int quarter = in_half > FOUR ? divide(a, x, from, in_half) : in_half;
    begin[parts] = from, n[parts++] = quarter;
    if (quarter < in_half) begin[parts] = from + quarter, n[parts++] = in_half - quarter;
  }
  for (int j = 0; j < FOUR; j++) {
    for (int k = 0; k < 3; k++) x->node[at].middle[k][j] = NOWHERE_MM;
    if (j >= parts) continue;
    set_box(a, x, begin[j], n[j], &x->node[at], j);
    const int child = build(a, x, begin[j], n[j]);
    x->node[at].child[j] = child;
  }
  return at;
}

PetscErrorCode root_index_create(const Anatomy *a, AnatomyIndex **out)
{
  AnatomyIndex *x = NULL;
  int n = 0;
  for (int i = 0; i < a->n_root; i++) n += a->root[i].n - 1;
  PetscCall(mem_alloc(1, sizeof *x, &x));
  *out = x;
  if (!n) return 0;
  PetscErrorCode ierr = mem_alloc((size_t)n, sizeof *x->piece, &x->piece);
  if (!ierr) ierr = mem_alloc((size_t)(n / FOUR + 1), sizeof *x->leaf, &x->leaf);
  if (!ierr) ierr = mem_alloc((size_t)(n / FOUR + 1), sizeof *x->node, &x->node);
  if (ierr) {
    root_index_destroy(out);
    return ierr;
  }
  for (int i = 0; i < a->n_root; i++)
    for (int s = 0; s + 1 < a->root[i].n; s++) x->piece[x->n_piece++] = (Piece){i, s};
  x->root = build(a, x, 0, n);
  return 0;
}

void root_index_destroy(AnatomyIndex **x)
{
  if (!*x) return;
  free((*x)->piece);
  free((*x)->node);
  free((*x)->leaf);
  free(*x);
  *x = NULL;
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

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
