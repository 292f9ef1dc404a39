/* Which root is nearest? A binary tree of boxes over the pieces of the centre lines; each piece is a cone with round
 * ends, so the distance to a root's surface is the distance to its line less the radius there. */
#include "root_index.h"

#include <float.h>
#include <stdlib.h>

typedef struct {
  int root, segment;
} Piece;

typedef struct {
  double lo[3], hi[3]; /* of the pieces' surfaces */
  int first, count;    /* pieces of a leaf; count 0: an inner box with children at left and left + 1 */
  int left;
} Box;

struct AnatomyIndex {
  int n_piece, n_box;
  Piece *piece;
  Box *box;
};

enum { LEAF_PIECES = 4 };

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

static void build(const Anatomy *a, AnatomyIndex *x, int at, int first, int count)
{
  Box *b = &x->box[at];
  for (int k = 0; k < 3; k++) b->lo[k] = DBL_MAX, b->hi[k] = -DBL_MAX;
  for (int i = first; i < first + count; i++) piece_bounds(a, x->piece[i], b->lo, b->hi);
  if (count <= LEAF_PIECES) {
    b->first = first, b->count = count;
    return;
  }
  int axis = 0;
  for (int k = 1; k < 3; k++)
    if (b->hi[k] - b->lo[k] > b->hi[axis] - b->lo[axis]) axis = k;
  split_pieces(a, x->piece + first, count, axis, count / 2);
  b->left = x->n_box;
  x->n_box += 2;
  const int left = b->left;
  build(a, x, left, first, count / 2);
  build(a, x, left + 1, first + count / 2, count - count / 2);
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
  if (!ierr) ierr = mem_alloc(2 * (size_t)n, sizeof *x->box, &x->box);
  if (ierr) {
    root_index_destroy(out);
    return ierr;
  }
  for (int i = 0; i < a->n_root; i++)
    for (int s = 0; s + 1 < a->root[i].n; s++) x->piece[x->n_piece++] = (Piece){i, s};
  x->n_box = 1;
  build(a, x, 0, 0, n);
  return 0;
}

void root_index_destroy(AnatomyIndex **x)
{
  if (!*x) return;
  free((*x)->piece);
  free((*x)->box);
  free(*x);
  *x = NULL;
}

static double box_distance2(const Box *b, const double p[3])
{
  double d2 = 0.0;
  for (int k = 0; k < 3; k++) {
    const double below = b->lo[k] - p[k], above = p[k] - b->hi[k];
    const double d = below > 0.0 ? below : above > 0.0 ? above : 0.0;
    d2 += d * d;
  }
  return d2;
}

static double piece_distance(const Anatomy *a, Piece q, const double p[3], double *t)
{
  const Root *r = &a->root[q.root];
  const double *u = r->xyz + 3 * q.segment;
  double e[3], w[3], c[3];
  v3_sub(u + 3, u, e);
  v3_sub(p, u, w);
  const double l2 = v3_dot(e, e);
  const double at = l2 > 0.0 ? v3_dot(w, e) / l2 : 0.0;
  *t = at < 0.0 ? 0.0 : at > 1.0 ? 1.0 : at;
  v3_axpy(u, *t, e, c);
  return sqrt(v3_distance2(p, c)) - (1.0 - *t) * r->radius[q.segment] - *t * r->radius[q.segment + 1];
}

/* A box that is still to be looked into, and how far it is. */
typedef struct {
  int box;
  double distance2;
} Waiting;

/* Both halves of a box, the nearer one on top: what is found in it spares most of the other. */
static int push_halves(const AnatomyIndex *x, const Box *b, const double p[3], Waiting *stack, int top)
{
  const Waiting left = {b->left, box_distance2(&x->box[b->left], p)};
  const Waiting right = {b->left + 1, box_distance2(&x->box[b->left + 1], p)};
  const bool left_first = left.distance2 < right.distance2;
  stack[top++] = left_first ? right : left;
  stack[top++] = left_first ? left : right;
  return top;
}

int anatomy_nearest_root(const Anatomy *a, const double p[3], double reach, double *distance, int *segment, double *t)
{
  const AnatomyIndex *x = a->index;
  Waiting stack[64];
  int top = 0, best = -1, best_segment = 0;
  double best_d = reach, best_t = 0.0;
  if (x && x->n_box) stack[top++] = (Waiting){0, box_distance2(&x->box[0], p)};
  while (top) {
    const Waiting next = stack[--top];
    const Box *b = &x->box[next.box];
    /* inside a tube best_d is negative: only boxes that hold the point can do better */
    const double limit = best_d > 0.0 ? best_d : 0.0;
    if (next.distance2 > limit * limit) continue;
    if (!b->count) {
      top = push_halves(x, b, p, stack, top);
      continue;
    }
    for (int i = b->first; i < b->first + b->count; i++) {
      double ti;
      const Piece q = x->piece[i];
      const double d = piece_distance(a, q, p, &ti);
      /* equal distances go to the lower root, so that the order of the tree does not matter */
      const bool first = best >= 0 && (q.root < best || (q.root == best && q.segment < best_segment));
      if (d < best_d || (d <= best_d && first)) best_d = d, best = q.root, best_segment = q.segment, best_t = ti;
    }
  }
  if (best < 0) return -1;
  if (distance) *distance = best_d;
  if (segment) *segment = best_segment;
  if (t) *t = best_t;
  return best;
}
