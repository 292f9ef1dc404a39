/* Points in a hash of cells, one set of cells for each power of two of the edge length, so that a graded sample is
 * searched as fast as an even one. */
#include <stdlib.h>

#include "sample.h"

/* Cells of level l have sides of SMALLEST_MM 2^(l+1): at least twice the edge of the points in them. */
static const double SMALLEST_MM = 1.0 / 64.0;
enum { LEVELS = 24, LEVEL_REACH = 2 };

struct PointStore {
  int64_t n;
  size_t capacity, next_capacity;
  SamplePoint *point;
  int64_t *next; /* [n] next point of the same cell, or -1 */
  size_t n_cell, n_slot;
  uint64_t *key;  /* [n_slot] cell + 1, 0: empty */
  int64_t *head;  /* -1: no point */
  uint8_t *finer; /* bit k - 1: a cell k levels below, inside this one, has a point; k up to LEVEL_REACH */
  bool level_used[LEVELS];
};

static int level_of(double edge)
{
  const int l = (int)floor(log2(edge / SMALLEST_MM));
  return l < 0 ? 0 : l >= LEVELS ? LEVELS - 1 : l;
}

static double side_of(int level) { return ldexp(SMALLEST_MM, level + 1); }

/* 19 bits an axis (offset to be positive), 5 bits of level: +-4 m at the smallest level's cells of 1/32 mm */
static uint64_t cell_key(int level, const int64_t c[3])
{
  uint64_t k = (uint64_t)level;
  for (int i = 0; i < 3; i++) k = (k << 19) | ((uint64_t)(c[i] + (1 << 18)) & ((1u << 19) - 1));
  return k + 1;
}

/* c / 2, towards lower numbers */
static int64_t half_down(int64_t c) { return c >= 0 ? c / 2 : -((1 - c) / 2); }

static size_t slot_of(const PointStore *s, uint64_t key)
{
  uint64_t h = key * 0x9e3779b97f4a7c15u;
  h ^= h >> 29;
  size_t i = (size_t)h & (s->n_slot - 1);
  while (s->key[i] && s->key[i] != key) i = (i + 1) & (s->n_slot - 1);
  return i;
}

PetscErrorCode point_store_create(PointStore **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PointStore *s = *out;
  s->n_slot = 1u << 16;
  PetscErrorCode ierr = mem_alloc(s->n_slot, sizeof *s->key, &s->key);
  if (!ierr) ierr = mem_alloc(s->n_slot, sizeof *s->head, &s->head);
  if (!ierr) ierr = mem_alloc(s->n_slot, sizeof *s->finer, &s->finer);
  if (ierr) point_store_destroy(out);
  return ierr;
}

void point_store_destroy(PointStore **s)
{
  if (!*s) return;
  free((*s)->point);
  free((*s)->next);
  free((*s)->key);
  free((*s)->head);
  free((*s)->finer);
  free(*s);
  *s = NULL;
}

static PetscErrorCode grow_table(PointStore *s)
{
  uint64_t *old_key = s->key;
  int64_t *old_head = s->head;
  uint8_t *old_finer = s->finer, *finer = NULL;
  const size_t n_old = s->n_slot;
  uint64_t *key = NULL;
  int64_t *head = NULL;
  PetscCall(mem_alloc(2 * n_old, sizeof *key, &key));
  PetscErrorCode ierr = mem_alloc(2 * n_old, sizeof *head, &head);
  if (!ierr) ierr = mem_alloc(2 * n_old, sizeof *finer, &finer);
  if (ierr) {
    free(key);
    free(head);
    return ierr;
  }
  s->key = key, s->head = head, s->finer = finer, s->n_slot = 2 * n_old;
  for (size_t i = 0; i < n_old; i++) {
    if (!old_key[i]) continue;
    const size_t at = slot_of(s, old_key[i]);
    s->key[at] = old_key[i], s->head[at] = old_head[i], s->finer[at] = old_finer[i];
  }
  free(old_key);
  free(old_head);
  free(old_finer);
  return 0;
}

/* The slot of a cell, which is made where there is none. */
static PetscErrorCode slot_make(PointStore *s, int level, const int64_t c[3], size_t *at)
{
  const uint64_t key = cell_key(level, c);
  if (2 * (s->n_cell + 1) > s->n_slot) PetscCall(grow_table(s));
  *at = slot_of(s, key);
  if (!s->key[*at]) s->key[*at] = key, s->head[*at] = -1, s->n_cell++;
  return 0;
}

PetscErrorCode point_store_add(PointStore *s, const SamplePoint *p)
{
  const int level = level_of(p->edge);
  const double side = side_of(level);
  int64_t c[3];
  size_t at;
  PetscCall(mem_grow((size_t)s->n + 1, sizeof *s->point, &s->capacity, &s->point));
  PetscCall(mem_grow((size_t)s->n + 1, sizeof *s->next, &s->next_capacity, &s->next));
  for (int i = 0; i < 3; i++) c[i] = (int64_t)floor(p->p[i] / side);
  PetscCall(slot_make(s, level, c, &at));
  s->point[s->n] = *p;
  s->next[s->n] = s->head[at];
  s->head[at] = s->n++;
  s->level_used[level] = true;
  for (int k = 1; k <= LEVEL_REACH && level + k < LEVELS; k++) {
    for (int i = 0; i < 3; i++) c[i] = half_down(c[i]);
    PetscCall(slot_make(s, level + k, c, &at));
    s->finer[at] |= (uint8_t)(1U << (k - 1));
  }
  return 0;
}

int64_t point_store_count(const PointStore *s) { return s->n; }

const SamplePoint *point_store_at(const PointStore *s, int64_t i) { return &s->point[i]; }

void point_store_drop(PointStore *s, int64_t i) { s->point[i].edge = 0.0; }

/* What is asked: is anybody within sqrt(own2) on the same shape, or sqrt(other2) on another? */
typedef struct {
  const PointStore *s;
  const double *p;
  int on;
  double r, own2, other2;
} Question;

static bool slot_crowded(const Question *q, size_t at)
{
  const PointStore *s = q->s;
  for (int64_t i = s->head[at]; i >= 0; i = s->next[i])
    if (v3_distance2(s->point[i].p, q->p) < (s->point[i].on == q->on ? q->own2 : q->other2) && s->point[i].edge > 0.0)
      return true;
  return false;
}

/* The cells of a level within reach. */
static void cells_near(const Question *q, int level, int64_t lo[3], int64_t hi[3])
{
  const double side = side_of(level);
  for (int k = 0; k < 3; k++)
    lo[k] = (int64_t)floor((q->p[k] - q->r) / side), hi[k] = (int64_t)floor((q->p[k] + q->r) / side);
}

/* The cells within reach `down` levels below, as far as they lie in cell `above`. */
static bool children_crowded(const Question *q, int level, int down, const int64_t above[3])
{
  int64_t lo[3], hi[3], c[3];
  cells_near(q, level - down, lo, hi);
  for (int k = 0; k < 3; k++) {
    const int64_t first = above[k] * (1 << down), last = first + (1 << down) - 1;
    lo[k] = lo[k] > first ? lo[k] : first, hi[k] = hi[k] < last ? hi[k] : last;
  }
  for (c[0] = lo[0]; c[0] <= hi[0]; c[0]++)
    for (c[1] = lo[1]; c[1] <= hi[1]; c[1]++)
      for (c[2] = lo[2]; c[2] <= hi[2]; c[2]++) {
        const size_t at = slot_of(q->s, cell_key(level - down, c));
        if (q->s->key[at] && slot_crowded(q, at)) return true;
      }
  return false;
}

/* A level's own cells, and with `deep` what is finer in them: most have nothing finer, and are not looked into. */
static bool level_crowded(const Question *q, int level, bool deep)
{
  int64_t lo[3], hi[3], c[3];
  cells_near(q, level, lo, hi);
  for (c[0] = lo[0]; c[0] <= hi[0]; c[0]++)
    for (c[1] = lo[1]; c[1] <= hi[1]; c[1]++)
      for (c[2] = lo[2]; c[2] <= hi[2]; c[2]++) {
        const size_t at = slot_of(q->s, cell_key(level, c));
        if (!q->s->key[at]) continue;
        if (slot_crowded(q, at)) return true;
        for (int k = 1; deep && k <= LEVEL_REACH && k <= level; k++)
          if ((q->s->finer[at] >> (k - 1) & 1U) && children_crowded(q, level, k, c)) return true;
      }
  return false;
}

bool point_store_crowded(const PointStore *s, const double p[3], int on, double edge, double own, double other)
{
  const int level = level_of(edge);
  const Question q = {s, p, on, own > other ? own : other, own * own, other * other};
  if (level_crowded(&q, level, true)) return true;
  for (int l = level + 1; l <= level + LEVEL_REACH && l < LEVELS; l++)
    if (s->level_used[l] && level_crowded(&q, l, false)) return true;
  return false;
}
