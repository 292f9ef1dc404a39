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
  uint64_t *key; /* [n_slot] cell + 1, 0: empty */
  int64_t *head;
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
  free(*s);
  *s = NULL;
}

static PetscErrorCode grow_table(PointStore *s)
{
  uint64_t *old_key = s->key;
  int64_t *old_head = s->head;
  const size_t n_old = s->n_slot;
  uint64_t *key = NULL;
  int64_t *head = NULL;
  PetscCall(mem_alloc(2 * n_old, sizeof *key, &key));
  PetscErrorCode ierr = mem_alloc(2 * n_old, sizeof *head, &head);
  if (ierr) {
    free(key);
    return ierr;
  }
  s->key = key, s->head = head, s->n_slot = 2 * n_old;
  for (size_t i = 0; i < n_old; i++) {
    if (!old_key[i]) continue;
    const size_t at = slot_of(s, old_key[i]);
    s->key[at] = old_key[i], s->head[at] = old_head[i];
  }
  free(old_key);
  free(old_head);
  return 0;
}

PetscErrorCode point_store_add(PointStore *s, const SamplePoint *p)
{
  const int level = level_of(p->edge);
  const double side = side_of(level);
  int64_t c[3];
  PetscCall(mem_grow((size_t)s->n + 1, sizeof *s->point, &s->capacity, &s->point));
  PetscCall(mem_grow((size_t)s->n + 1, sizeof *s->next, &s->next_capacity, &s->next));
  if (2 * (s->n_cell + 1) > s->n_slot) PetscCall(grow_table(s));
  for (int i = 0; i < 3; i++) c[i] = (int64_t)floor(p->p[i] / side);
  const uint64_t key = cell_key(level, c);
  const size_t at = slot_of(s, key);
  if (!s->key[at]) s->key[at] = key, s->head[at] = -1, s->n_cell++;
  s->point[s->n] = *p;
  s->next[s->n] = s->head[at];
  s->head[at] = s->n++;
  s->level_used[level] = true;
  return 0;
}

int64_t point_store_count(const PointStore *s) { return s->n; }

const SamplePoint *point_store_at(const PointStore *s, int64_t i) { return &s->point[i]; }

void point_store_drop(PointStore *s, int64_t i) { s->point[i].edge = 0.0; }

static bool cell_crowded(const PointStore *s, uint64_t key, const double p[3], int on, double own2, double other2)
{
  const size_t at = slot_of(s, key);
  if (!s->key[at]) return false;
  for (int64_t i = s->head[at]; i >= 0; i = s->next[i])
    if (v3_distance2(s->point[i].p, p) < (s->point[i].on == on ? own2 : other2) && s->point[i].edge > 0.0) return true;
  return false;
}

bool point_store_crowded(const PointStore *s, const double p[3], int on, double edge, double own, double other)
{
  const int level = level_of(edge);
  const double r = fmax(own, other);
  for (int l = level > LEVEL_REACH ? level - LEVEL_REACH : 0; l <= level + LEVEL_REACH && l < LEVELS; l++) {
    if (!s->level_used[l]) continue;
    const double side = side_of(l);
    int64_t lo[3], hi[3], c[3];
    for (int k = 0; k < 3; k++) lo[k] = (int64_t)floor((p[k] - r) / side), hi[k] = (int64_t)floor((p[k] + r) / side);
    for (c[0] = lo[0]; c[0] <= hi[0]; c[0]++)
      for (c[1] = lo[1]; c[1] <= hi[1]; c[1]++)
        for (c[2] = lo[2]; c[2] <= hi[2]; c[2]++)
          if (cell_crowded(s, cell_key(l, c), p, on, own * own, other * other)) return true;
  }
  return false;
}
