/* Which tetrahedron holds a point: a walk from the caller's guess, then a tree of boxes.
 *
 * The tree splits the centroids at their median along the longest side of their box, so it is balanced whatever the
 * grading of the mesh. A walk ends at holes (contacts, the lead's body) and at the outer boundary; the tree does not
 * care about them. */
#include "cauda/mesh.h"
#include "cauda/team.h"

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
  Box *box; /* box[0] is the root */
  TetId *order;
};

/* ---- one tetrahedron -------------------------------------------------------------------------------------- */

/* The library's own mind numbers that are none, and are no instructions. */
static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }

/* Barycentric coordinates of p in tetrahedron t, and how deep inside it p lies: the smallest distance to a face over
 * the longest distance to a vertex, negative outside. All is measured from p, so that large coordinates cost no digits. */
static double depth_in(const Mesh *m, TetId t, const double p[3], double w[4])
{
  double v[4][3], reach2 = 0.0, sum = 0.0, depth = HUGE_VAL;
  for (int k = 0; k < 4; k++) {
    v3_sub(m->xyz + 3 * (size_t)m->tet[t][k], p, v[k]);
    reach2 = most(reach2, v3_dot(v[k], v[k]));
  }
  for (int f = 0; f < 4; f++) {
    const double *a = v[MESH_FACE[f][0]];
    double ab[3], ac[3], n[3];
    v3_sub(v[MESH_FACE[f][1]], a, ab), v3_sub(v[MESH_FACE[f][2]], a, ac);
    v3_cross(ab, ac, n);
    w[f] = v3_dot(n, a);
    depth = least(depth, w[f] / v3_norm(n));
    sum += w[f];
  }
  for (int f = 0; f < 4; f++) w[f] /= sum;
  return reach2 > 0.0 ? depth / sqrt(reach2) : -HUGE_VAL;
}

/* ---- the tree: making it ---------------------------------------------------------------------------------- */

static double centroid_along(const Mesh *m, TetId t, int axis)
{
  double sum = 0.0;
  for (int k = 0; k < 4; k++) sum += m->xyz[3 * (size_t)m->tet[t][k] + (size_t)axis];
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
    for (int32_t i = 0; i < n; i++) {
      float x = item[i].at[k];
      lo = x < lo ? x : lo, hi = x > hi ? x : hi;
    }
    extent[k] = hi - lo;
    if (extent[k] > extent[longest]) longest = k;
  }
  return longest;
}

static void widen(Box *b, const Box *by)
{
  for (int k = 0; k < 3; k++) {
    if (by->lo[k] < b->lo[k]) b->lo[k] = by->lo[k];
    if (by->hi[k] > b->hi[k]) b->hi[k] = by->hi[k];
  }
}

/* The box of a leaf, wider than its tetrahedra by the tolerance and by what floats round off. */
static void enclose(const Mesh *m, const TetId *tets, Box *b)
{
  for (int k = 0; k < 3; k++) {
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int32_t i = 0; i < b->count; i++)
      for (int c = 0; c < 4; c++) {
        double x = m->xyz[3 * (size_t)m->tet[tets[i]][c] + (size_t)k];
        lo = least(lo, x), hi = most(hi, x);
      }
    double margin = 4.0 * TOLERANCE * (hi - lo) + 2.0 * FLT_EPSILON * fmax(fabs(lo), fabs(hi));
    b->lo[k] = (float)(lo - margin), b->hi[k] = (float)(hi + margin);
  }
}

/* A box and the items in it. Boxes of a subtree of n items are boxes_for(n) in all: its root, then from `next` on the two
 * children, all below the first, all below the second. So each subtree knows its boxes, whoever makes it. */
typedef struct {
  int32_t at, first, n, next;
} Branch;

static int32_t boxes_for(int32_t n) { return n <= LEAF_MAX ? 1 : 1 + boxes_for(n / 2) + boxes_for(n - n / 2); }

/* Parts a branch in two; false for a leaf, which is made. */
static bool part(MeshLocator *l, Item *item, const Branch *b, Branch child[2])
{
  Box *box = &l->box[b->at];
  if (b->n <= LEAF_MAX) {
    box->first = b->first, box->count = b->n;
    for (int32_t i = 0; i < b->n; i++) l->order[b->first + i] = item[b->first + i].tet;
    enclose(l->mesh, l->order + b->first, box);
    return false;
  }
  int32_t half = b->n / 2;
  box->first = b->next, box->count = 0;
  select_item(item + b->first, b->n, half, longest_axis(item + b->first, b->n));
  child[0] = (Branch){b->next, b->first, half, b->next + 2};
  child[1] = (Branch){b->next + 1, b->first + half, b->n - half, b->next + 1 + boxes_for(half)};
  return true;
}

static void join(MeshLocator *l, int32_t at)
{
  Box *b = &l->box[at], *child = &l->box[b->first];
  memcpy(b->lo, child->lo, sizeof b->lo), memcpy(b->hi, child->hi, sizeof b->hi);
  widen(b, child + 1);
}

static void build(MeshLocator *l, Item *item, const Branch *b)
{
  Branch child[2];
  if (!part(l, item, b, child)) return;
  build(l, item, &child[0]);
  build(l, item, &child[1]);
  join(l, b->at);
}

/* The branches of one depth, each a piece of work. */
typedef struct {
  MeshLocator *l;
  Item *item;
  Branch *branch, *below; /* [pieces], [2 pieces] n = 0: none */
} Depth;

static void part_piece(void *context, int piece, int thread)
{
  Depth *d = context;
  (void)thread;
  if (d->branch[piece].n) (void)part(d->l, d->item, &d->branch[piece], d->below + 2 * piece);
}

static void build_piece(void *context, int piece, int thread)
{
  Depth *d = context;
  (void)thread;
  if (d->branch[piece].n) build(d->l, d->item, &d->branch[piece]);
}

/* The first depths one after another, then what hangs below them, each in threads. */
static void grow(MeshLocator *l, Item *item, Team *team)
{
  enum { DEPTHS = 6 };
  Branch branch[DEPTHS + 1][1 << DEPTHS] = {{{0}}};
  Depth d = {.l = l, .item = item};
  branch[0][0] = (Branch){0, 0, l->mesh->n_tet, 1};
  for (int k = 0; k < DEPTHS; k++) {
    d.branch = branch[k], d.below = branch[k + 1];
    team_run(team, 1 << k, part_piece, &d);
  }
  d.branch = branch[DEPTHS];
  team_run(team, 1 << DEPTHS, build_piece, &d);
  for (int k = DEPTHS - 1; k >= 0; k--)
    for (int i = 0; i < 1 << k; i++)
      if (branch[k][i].n && !l->box[branch[k][i].at].count) join(l, branch[k][i].at);
}

enum { TETS = 16384 };

static void items_fill(void *context, int piece, int thread)
{
  const Depth *d = context;
  const Mesh *m = d->l->mesh;
  TetId first = piece * TETS, end = m->n_tet - first > TETS ? first + TETS : m->n_tet;
  (void)thread;
  for (TetId t = first; t < end; t++) {
    d->item[t].tet = t;
    for (int k = 0; k < 3; k++) d->item[t].at[k] = (float)centroid_along(m, t, k);
  }
}

static PetscErrorCode plant(MeshLocator *l)
{
  const Mesh *m = l->mesh;
  Item *item;
  Team *team;
  PetscCall(mesh_neighbours(m, &l->adj));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *l->order, &l->order));
  PetscCall(mem_alloc((size_t)boxes_for(m->n_tet), sizeof *l->box, &l->box));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *item, &item));
  PetscErrorCode code = team_create(0, &team);
  if (!code) {
    team_run(team, (m->n_tet + TETS - 1) / TETS, items_fill, &(Depth){.l = l, .item = item});
    grow(l, item, team);
    team_destroy(&team);
  }
  free(item);
  return code;
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
