/* Building the tree: pieces divided across their longest extent. */
#include "root_index_impl.h"

#include <float.h>
#include <stdlib.h>

static const float NOWHERE_MM = 1e15F;

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
