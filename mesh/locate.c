/* Which tetrahedron holds a point: a walk from the caller's guess, then a tree of boxes.
 *
 * The tree splits the centroids at their median along the longest side of their box, so it is balanced whatever the
 * grading of the mesh. A walk ends at holes (contacts, the lead's body) and at the outer boundary; the tree does not
 * care about them. */
#include "cauda/mesh.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF_MAX = 4, WALK_MAX = 32, STACK_MAX = 64 };

static const double TOLERANCE = 1e-9; /* of a tetrahedron's longest edge from the point's view */

/* Children of a branch are `child` and child + 1; a leaf holds order[first .. first + count - 1]. */
typedef struct {
  float lo[3], hi[3];
  int32_t first; /* or child, where count is 0 */
  int32_t count;
} Box;

struct MeshLocator {
  const Mesh *mesh;
  TetId (*adj)[4];
  int32_t n_box;
  Box *box; /* box[0] is the root */
  TetId *order;
};

/* ---- one tetrahedron -------------------------------------------------------------------------------------- */

/* Barycentric coordinates of p in tetrahedron t, and how deep inside it p lies: the smallest distance to a face over
 * the longest distance to a vertex, negative outside. All is measured from p, so that large coordinates cost no digits. */
static double depth_in(const Mesh *m, TetId t, const double p[3], double w[4])
{
  double v[4][3], reach2 = 0.0, sum = 0.0, depth = HUGE_VAL;
  for (int k = 0; k < 4; k++) {
    v3_sub(m->xyz + 3 * (size_t)m->tet[t][k], p, v[k]);
    reach2 = fmax(reach2, v3_dot(v[k], v[k]));
  }
  for (int f = 0; f < 4; f++) {
    const double *a = v[MESH_FACE[f][0]];
    double ab[3], ac[3], n[3];
    v3_sub(v[MESH_FACE[f][1]], a, ab), v3_sub(v[MESH_FACE[f][2]], a, ac);
    v3_cross(ab, ac, n);
    w[f] = v3_dot(n, a);
    depth = fmin(depth, w[f] / v3_norm(n));
    sum += w[f];
  }
  for (int f = 0; f < 4; f++) w[f] /= sum;
  return reach2 > 0.0 ? depth / sqrt(reach2) : -HUGE_VAL;
}

/* ---- the tree: making it ---------------------------------------------------------------------------------- */

static double centroid_along(const Mesh *m, TetId t, int axis)
{
  double sum = 0.0;
  for (int k = 0; k < 4; k++) sum += m->xyz[3 * (size_t)m->tet[t][k] + axis];
  return sum;
}

typedef struct {
  float at[3]; /* centroid */
  TetId tet;
} Item;

static bool before(const Item *a, const Item *b, int axis)
{
  return a->at[axis] != b->at[axis] ? a->at[axis] < b->at[axis] : a->tet < b->tet;
}

static void swap_items(Item *a, Item *b)
{
  Item swap = *a;
  *a = *b, *b = swap;
}

/* Puts the item of rank `middle` in its place, the smaller ones before it (Hoare's selection). */
static void select_item(Item *item, int32_t n, int32_t middle, int axis)
{
  int32_t lo = 0, hi = n - 1;
  while (lo < hi) {
    Item pivot = item[lo + (hi - lo) / 2];
    int32_t i = lo, j = hi;
    while (i <= j) {
      while (before(&item[i], &pivot, axis)) i++;
      while (before(&pivot, &item[j], axis)) j--;
      if (i <= j) swap_items(&item[i++], &item[j--]);
    }
    if (middle <= j)
      hi = j;
    else if (middle >= i)
      lo = i;
    else
      return;
  }
}

static int longest_axis(const Item *item, int32_t n)
{
  int longest = 0;
  float extent[3];
  for (int k = 0; k < 3; k++) {
    float lo = FLT_MAX, hi = -FLT_MAX;
    for (int32_t i = 0; i < n; i++) lo = fminf(lo, item[i].at[k]), hi = fmaxf(hi, item[i].at[k]);
    extent[k] = hi - lo;
    if (extent[k] > extent[longest]) longest = k;
  }
  return longest;
}

static void widen(Box *b, const Box *by)
{
  for (int k = 0; k < 3; k++) b->lo[k] = fminf(b->lo[k], by->lo[k]), b->hi[k] = fmaxf(b->hi[k], by->hi[k]);
}

/* The box of a leaf, wider than its tetrahedra by the tolerance and by what floats round off. */
static void enclose(const Mesh *m, const TetId *tets, Box *b)
{
  for (int k = 0; k < 3; k++) {
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int32_t i = 0; i < b->count; i++)
      for (int c = 0; c < 4; c++) {
        double x = m->xyz[3 * (size_t)m->tet[tets[i]][c] + k];
        lo = fmin(lo, x), hi = fmax(hi, x);
      }
    double margin = 4.0 * TOLERANCE * (hi - lo) + 2.0 * FLT_EPSILON * fmax(fabs(lo), fabs(hi));
    b->lo[k] = (float)(lo - margin), b->hi[k] = (float)(hi + margin);
  }
}

/* Makes box `at` of items first .. first + n - 1 and all below it. */
static void build(MeshLocator *l, Item *item, int32_t at, int32_t first, int32_t n)
{
  if (n <= LEAF_MAX) {
    l->box[at].first = first, l->box[at].count = n;
    for (int32_t i = 0; i < n; i++) l->order[first + i] = item[first + i].tet;
    enclose(l->mesh, l->order + first, &l->box[at]);
    return;
  }
  int32_t child = l->n_box, half = n / 2;
  l->n_box += 2;
  select_item(item + first, n, half, longest_axis(item + first, n));
  build(l, item, child, first, half);
  build(l, item, child + 1, first + half, n - half);
  l->box[at] = l->box[child];
  widen(&l->box[at], &l->box[child + 1]);
  l->box[at].first = child, l->box[at].count = 0;
}

static PetscErrorCode plant(MeshLocator *l)
{
  const Mesh *m = l->mesh;
  Item *item;
  PetscCall(mesh_neighbours(m, &l->adj));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *l->order, &l->order));
  PetscCall(mem_alloc((size_t)m->n_tet + 1, sizeof *l->box, &l->box)); /* leaves hold two tetrahedra at least */
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *item, &item));
  for (TetId t = 0; t < m->n_tet; t++) {
    item[t].tet = t;
    for (int k = 0; k < 3; k++) item[t].at[k] = (float)centroid_along(m, t, k);
  }
  l->n_box = 1;
  build(l, item, 0, 0, m->n_tet);
  free(item);
  return 0;
}

PetscErrorCode mesh_locator_create(const Mesh *m, MeshLocator **out)
{
  MeshLocator *l;
  *out = NULL;
  PetscCheck(m->n_tet > 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "no tetrahedra to look for points in");
  PetscCall(mem_alloc(1, sizeof *l, &l));
  l->mesh = m;
  PetscErrorCode code = plant(l);
  if (code) mesh_locator_destroy(&l);
  PetscCall(code);
  *out = l;
  return 0;
}

void mesh_locator_destroy(MeshLocator **l)
{
  if (!*l) return;
  free((*l)->adj), free((*l)->box), free((*l)->order), free(*l);
  *l = NULL;
}

/* ---- asking ----------------------------------------------------------------------------------------------- */

/* From t through the face that p lies farthest behind, until p is inside; -1 if that takes too long or ends. */
static TetId walk(const MeshLocator *l, const double p[3], TetId t, double w[4])
{
  for (int step = 0; step < WALK_MAX && t >= 0; step++) {
    int behind = 0;
    if (depth_in(l->mesh, t, p, w) >= 0.0) return t;
    for (int f = 1; f < 4; f++)
      if (w[f] < w[behind]) behind = f;
    t = l->adj[t][behind];
  }
  return -1;
}

static bool in_box(const Box *b, const double p[3])
{
  return p[0] >= (double)b->lo[0] && p[0] <= (double)b->hi[0] && p[1] >= (double)b->lo[1] && p[1] <= (double)b->hi[1] &&
         p[2] >= (double)b->lo[2] && p[2] <= (double)b->hi[2];
}

/* The best tetrahedron of a leaf; true once p is truly inside one. */
static bool try_leaf(const MeshLocator *l, const Box *b, const double p[3], double *best, TetId *found, double w[4])
{
  for (int32_t i = b->first; i < b->first + b->count; i++) {
    double v[4], depth = depth_in(l->mesh, l->order[i], p, v);
    if (!(depth > *best)) continue;
    *best = depth, *found = l->order[i];
    memcpy(w, v, sizeof v);
    if (depth >= 0.0) return true;
  }
  return false;
}

TetId mesh_locate(const MeshLocator *l, const double p[3], TetId hint, double w[4])
{
  int32_t stack[STACK_MAX];
  int n = 0;
  double best = -TOLERANCE;
  TetId found = hint >= 0 && hint < l->mesh->n_tet ? walk(l, p, hint, w) : -1;
  if (found >= 0) return found;
  memset(w, 0, 4 * sizeof *w);
  stack[n++] = 0;
  while (n > 0) {
    const Box *b = &l->box[stack[--n]];
    if (!in_box(b, p)) continue;
    if (b->count == 0) {
      stack[n++] = b->first + 1;
      stack[n++] = b->first;
    } else if (try_leaf(l, b, p, &best, &found, w))
      break;
  }
  return found;
}
