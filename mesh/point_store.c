/* Points in cells, one set of cells for each power of two of the edge length, so that a graded sample is searched as fast as an
 * even one. 4 x 4 x 4 cells are a brick, found by a hash: neighbouring cells lie together in memory. */
#include <stdlib.h>
#include <string.h>

#include "four_points.h"
#include "sample.h"

/* Cells of level l have sides of SMALLEST_MM 2^(l+1): at least twice the edge of the points in them. */
static const double SMALLEST_MM = 1.0 / 64.0;
enum { LEVELS = 24, LEVEL_REACH = 2, BRICK_BITS = 2, CELLS = 1 << (3 * BRICK_BITS) };

/* Points of one cell lie together, four in a line of the cache, and are compared at once. */
typedef struct {
  float x[BLOCK], y[BLOCK], z[BLOCK]; /* mm; places without a point, and dropped points, lie at infinity */
  int16_t on[BLOCK];
  int32_t n, next; /* next block of the same cell, or -1 */
} Block;

typedef struct {
  uint64_t filled;     /* which cells have points */
  int32_t head[CELLS]; /* first block of each of these */
} Brick;

typedef struct {
  uint64_t key;                /* brick + 1, 0: empty */
  uint64_t finer[LEVEL_REACH]; /* [k - 1]: which of its 8^k bricks k levels below have a point */
  int32_t brick;               /* -1: no point at this level */
} Slot;

struct PointStore {
  int64_t n;
  size_t capacity, block_capacity;
  SamplePoint *point;
  int32_t n_block;
  Block *block;
  int32_t n_brick;
  size_t brick_capacity;
  Brick *brick;
  size_t n_used, n_slot;
  Slot *slot;
  bool level_used[LEVELS];
};

static int level_of(double edge)
{
  const int l = ilogb(edge / SMALLEST_MM);
  return l < 0 ? 0 : l >= LEVELS ? LEVELS - 1 : l;
}

static double side_of(int level) { return SMALLEST_MM * (double)(UINT64_C(2) << level); }

static int64_t round_down(double x)
{
  const int64_t i = (int64_t)x;
  return (double)i > x ? i - 1 : i;
}

/* 19 bits an axis (offset to be positive), 5 bits of level: +-16 m at the smallest level's bricks of 1/8 mm */
static uint64_t brick_key(int level, const int64_t c[3])
{
  uint64_t k = (uint64_t)level;
  for (int i = 0; i < 3; i++) k = (k << 19) | ((uint64_t)(c[i] + (1 << 18)) & ((1u << 19) - 1));
  return k + 1;
}

/* c / 2^k, towards lower numbers */
static int64_t above(int64_t c, int k) { return (c - (c & ((1 << k) - 1))) / (1 << k); }

/* Which of the 8^k cells of the cell k levels above is c? */
static int child_of(const int64_t c[3], int k)
{
  const int64_t mask = (1 << k) - 1;
  return (int)((c[0] & mask) | (c[1] & mask) << k | (c[2] & mask) << (2 * k));
}

static size_t slot_of(const PointStore *s, uint64_t key)
{
  uint64_t h = key * 0x9e3779b97f4a7c15u;
  h ^= h >> 29;
  size_t i = (size_t)h & (s->n_slot - 1);
  while (s->slot[i].key && s->slot[i].key != key) i = (i + 1) & (s->n_slot - 1);
  return i;
}

PetscErrorCode point_store_create(PointStore **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PointStore *s = *out;
  s->n_slot = 1u << 16;
  PetscErrorCode ierr = mem_alloc(s->n_slot, sizeof *s->slot, &s->slot);
  if (ierr) point_store_destroy(out);
  return ierr;
}

void point_store_destroy(PointStore **s)
{
  if (!*s) return;
  free((*s)->point);
  free((*s)->block);
  free((*s)->brick);
  free((*s)->slot);
  free(*s);
  *s = NULL;
}

static PetscErrorCode grow_table(PointStore *s)
{
  Slot *old = s->slot, *fresh = NULL;
  const size_t n_old = s->n_slot;
  PetscCall(mem_alloc(2 * n_old, sizeof *fresh, &fresh));
  s->slot = fresh, s->n_slot = 2 * n_old;
  for (size_t i = 0; i < n_old; i++)
    if (old[i].key) s->slot[slot_of(s, old[i].key)] = old[i];
  free(old);
  return 0;
}

/* The slot of a brick, which is made where there is none. */
static PetscErrorCode slot_make(PointStore *s, int level, const int64_t brick[3], Slot **out)
{
  const uint64_t key = brick_key(level, brick);
  if (2 * (s->n_used + 1) > s->n_slot) PetscCall(grow_table(s));
  *out = &s->slot[slot_of(s, key)];
  if (!(*out)->key) **out = (Slot){.key = key, .brick = -1}, s->n_used++;
  return 0;
}

static PetscErrorCode put_in(PointStore *s, Slot *slot, int cell, const SamplePoint *p)
{
  if (slot->brick < 0) {
    PetscCall(mem_grow((size_t)s->n_brick + 1, sizeof *s->brick, &s->brick_capacity, &s->brick));
    s->brick[s->n_brick].filled = 0;
    slot->brick = s->n_brick++;
  }
  Brick *k = &s->brick[slot->brick];
  const bool first = !(k->filled >> cell & 1U);
  if (first || s->block[k->head[cell]].n == BLOCK) {
    PetscCall(mem_grow((size_t)s->n_block + 1, sizeof *s->block, &s->block_capacity, &s->block));
    s->block[s->n_block] = (Block){.next = first ? -1 : k->head[cell]};
    for (int i = 0; i < BLOCK; i++) s->block[s->n_block].x[i] = HUGE_VALF;
    k->head[cell] = s->n_block++;
    k->filled |= UINT64_C(1) << cell;
  }
  Block *b = &s->block[k->head[cell]];
  b->x[b->n] = (float)p->p[0], b->y[b->n] = (float)p->p[1], b->z[b->n] = (float)p->p[2];
  b->on[b->n++] = p->on;
  return 0;
}

static void cell_at(const double p[3], int level, int64_t c[3])
{
  for (int k = 0; k < 3; k++) c[k] = round_down(p[k] / side_of(level));
}

PetscErrorCode point_store_add(PointStore *s, const SamplePoint *p)
{
  const int level = level_of(p->edge);
  int64_t c[3];
  Slot *slot;
  PetscCheck(s->n < INT32_MAX / 8, PETSC_COMM_SELF, CAUDA_ERR_MESH, "more than %d points; coarsen mesh: in the case",
             INT32_MAX / 8);
  PetscCall(mem_grow((size_t)s->n + 1, sizeof *s->point, &s->capacity, &s->point));
  cell_at(p->p, level, c);
  const int64_t brick[3] = {above(c[0], BRICK_BITS), above(c[1], BRICK_BITS), above(c[2], BRICK_BITS)};
  PetscCall(slot_make(s, level, brick, &slot));
  PetscCall(put_in(s, slot, child_of(c, BRICK_BITS), p));
  s->point[s->n++] = *p;
  s->level_used[level] = true;
  for (int k = 1; k <= LEVEL_REACH && level + k < LEVELS; k++) {
    const int64_t up[3] = {above(brick[0], k), above(brick[1], k), above(brick[2], k)};
    PetscCall(slot_make(s, level + k, up, &slot));
    slot->finer[k - 1] |= UINT64_C(1) << child_of(brick, k);
  }
  return 0;
}

int64_t point_store_count(const PointStore *s) { return s->n; }

const SamplePoint *point_store_at(const PointStore *s, int64_t i) { return &s->point[i]; }

static bool is_same(float stored, double x) { return !(stored < (float)x || stored > (float)x); }

void point_store_drop(PointStore *s, int64_t i)
{
  SamplePoint *p = &s->point[i];
  const int level = level_of(p->edge);
  int64_t c[3];
  cell_at(p->p, level, c);
  const int64_t brick[3] = {above(c[0], BRICK_BITS), above(c[1], BRICK_BITS), above(c[2], BRICK_BITS)};
  const Brick *k = &s->brick[s->slot[slot_of(s, brick_key(level, brick))].brick];
  for (int32_t at = k->head[child_of(c, BRICK_BITS)]; at >= 0; at = s->block[at].next) {
    Block *b = &s->block[at];
    for (int j = 0; j < b->n; j++)
      if (b->on[j] == p->on && is_same(b->x[j], p->p[0]) && is_same(b->y[j], p->p[1]) && is_same(b->z[j], p->p[2]))
        b->x[j] = HUGE_VALF;
  }
  p->edge = 0.0;
}

/* What is asked: is anybody within sqrt(own2) on the same shape, or sqrt(other2) on another? Or, with `near`: who is
 * within r? */
typedef struct {
  const PointStore *s;
  const double *p;
  float at[3]; /* p */
  int on;
  double r, own2, other2;
  Near *near;
} Question;

static Question question(const PointStore *s, const double p[3], double r)
{
  return (Question){.s = s, .p = p, .at = {(float)p[0], (float)p[1], (float)p[2]}, .r = r};
}

static void take_near(const Question *q, const Block *b)
{
  Near *near = q->near;
  const float r2 = (float)(q->r * q->r);
  const Floats d2 = distances2(q->at, b->x, b->y, b->z);
  for (int k = 0; k < BLOCK && near->n < NEAR_MAX; k++) {
    near->x[near->n] = b->x[k], near->y[near->n] = b->y[k], near->z[near->n] = b->z[k];
    near->on[near->n] = b->on[k];
    near->n += d2[k] < r2;
  }
}

static bool cell_crowded(const Question *q, int32_t head)
{
  for (int32_t i = head; i >= 0; i = q->s->block[i].next) {
    const Block *b = &q->s->block[i];
    if (q->near) {
      take_near(q, b);
      continue;
    }
    if (four_crowded(distances2(q->at, b->x, b->y, b->z), b->on, q->on, (float)q->own2, (float)q->other2)) return true;
  }
  return false;
}

/* The cells of a level within reach. */
typedef struct {
  int level;
  int64_t lo[3], hi[3];
} Range;

static Range range_near(const Question *q, int level)
{
  Range r = {.level = level};
  const double per_mm = 1.0 / side_of(level);
  for (int k = 0; k < 3; k++)
    r.lo[k] = round_down((q->p[k] - q->r) * per_mm), r.hi[k] = round_down((q->p[k] + q->r) * per_mm);
  return r;
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* The part of a range that lies in the block of cells, 2^bits a side, with these coordinates. */
static void clip(const Range *r, const int64_t at[3], int bits, int64_t lo[3], int64_t hi[3])
{
  for (int k = 0; k < 3; k++) {
    const int64_t first = at[k] * (1 << bits);
    lo[k] = later(r->lo[k], first), hi[k] = earlier(r->hi[k], first + (1 << bits) - 1);
  }
}

/* Squares of the distances along one axis from q->p to the four cells of a brick from number `first` on. */
static void gaps(const Question *q, double side, int64_t first, int axis, float gap2[1 << BRICK_BITS])
{
  const float half = (float)(0.5 * side), middle = (float)(((double)first + 0.5) * side - q->p[axis]);
  const Floats i = {0.0F, 1.0F, 2.0F, 3.0F}, off = middle + i * (2.0F * half);
  const FloatBits magnitude = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
  const Floats beyond = (Floats)((FloatBits)off & magnitude) - half;
  const Floats gap = (Floats)((FloatBits)beyond & (beyond > 0.0F)), square = gap * gap;
  memcpy(gap2, &square, sizeof square);
}

/* The cells of a brick that have points and are within reach, one after the other. */
static bool brick_crowded(const Question *q, const Range *r, const Brick *b, const int64_t at[3])
{
  const double side = side_of(r->level);
  const float r2 = (float)(q->r * q->r);
  float gap2[3][1 << BRICK_BITS];
  for (int k = 0; k < 3; k++) gaps(q, side, at[k] * (1 << BRICK_BITS), k, gap2[k]);
  for (uint64_t left = b->filled; left; left &= left - 1) {
    const int cell = __builtin_ctzll(left), mask = (1 << BRICK_BITS) - 1;
    const float d2 = gap2[0][cell & mask] + gap2[1][cell >> BRICK_BITS & mask] + gap2[2][cell >> 2 * BRICK_BITS];
    if (d2 < r2 && cell_crowded(q, b->head[cell])) return true;
  }
  return false;
}

/* The bricks of a range, in brick coordinates. */
static Range bricks_of(const Range *r)
{
  Range b = {.level = r->level};
  for (int k = 0; k < 3; k++) b.lo[k] = above(r->lo[k], BRICK_BITS), b.hi[k] = above(r->hi[k], BRICK_BITS);
  return b;
}

/* The bricks k levels below brick `at` of level r->level + k, as far as they are in the range and have points. */
static bool finer_crowded(const Question *q, const Range *r, int k, const int64_t at[3], uint64_t there)
{
  const Range bricks = bricks_of(r);
  int64_t lo[3], hi[3], c[3];
  clip(&bricks, at, k, lo, hi);
  for (c[2] = lo[2]; c[2] <= hi[2]; c[2]++)
    for (c[1] = lo[1]; c[1] <= hi[1]; c[1]++)
      for (c[0] = lo[0]; c[0] <= hi[0]; c[0]++) {
        if (!(there >> child_of(c, k) & 1U)) continue;
        const Slot *slot = &q->s->slot[slot_of(q->s, brick_key(r->level, c))];
        if (brick_crowded(q, r, &q->s->brick[slot->brick], c)) return true;
      }
  return false;
}

/* A level's own bricks, and with `deep` what is finer in them: most have nothing finer, and are not looked into. */
static bool level_crowded(const Question *q, int level, bool deep)
{
  const Range r = range_near(q, level), bricks = bricks_of(&r);
  Range below[LEVEL_REACH];
  int64_t c[3];
  for (int k = 1; deep && k <= LEVEL_REACH && k <= level; k++) below[k - 1] = range_near(q, level - k);
  for (c[2] = bricks.lo[2]; c[2] <= bricks.hi[2]; c[2]++)
    for (c[1] = bricks.lo[1]; c[1] <= bricks.hi[1]; c[1]++)
      for (c[0] = bricks.lo[0]; c[0] <= bricks.hi[0]; c[0]++) {
        const Slot *slot = &q->s->slot[slot_of(q->s, brick_key(level, c))];
        if (!slot->key) continue;
        if (slot->brick >= 0 && brick_crowded(q, &r, &q->s->brick[slot->brick], c)) return true;
        for (int k = 1; deep && k <= LEVEL_REACH && k <= level; k++)
          if (slot->finer[k - 1] && finer_crowded(q, &below[k - 1], k, c, slot->finer[k - 1])) return true;
      }
  return false;
}

static bool levels_crowded(const Question *q, int level)
{
  if (level_crowded(q, level, true)) return true;
  for (int l = level + 1; l <= level + LEVEL_REACH && l < LEVELS; l++)
    if (q->s->level_used[l] && level_crowded(q, l, false)) return true;
  return false;
}

bool point_store_crowded(const PointStore *s, const double p[3], int on, double edge, double own, double other)
{
  Question q = question(s, p, greater(own, other));
  q.on = on, q.own2 = own * own, q.other2 = other * other;
  return levels_crowded(&q, level_of(edge));
}

void point_store_near(const PointStore *s, const double p[3], double edge, double radius, Near *out)
{
  Question q = question(s, p, radius);
  out->n = 0, q.near = out;
  levels_crowded(&q, level_of(edge));
}
