/* Two courses through the sections of one label: the dorsal root and the ventral one. */
#include "root_pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "local.h"

/* A state of the search: strand `e` has just taken section `a`; the other one was last seen `back` sections before. */
enum { LOOK = 40, SAME = 0, LOST = LOOK + 1, NOT_YET = LOOK + 2, BACKS, ROWS = LOOK + 1 };

typedef struct {
  int a, e, back;
} State;

/* What a voxel on the other root's side of the cord's middle is worth. */
static const double WRONG_SIDE = 0.25;
/* Sections of fewer voxels than this do not show whether they are one root or two. */
static const double TELLING = 4.0;
/* Voxels that a course must hold to be one. */
static const double BEGIN = 3.0;

typedef struct {
  const LabelVolume *v;
  int n;
  const RootSection *s;
  double (*worth)[2];           /* [n] to the dorsal and to the ventral root */
  double *shared;               /* [n] what it is worth more where both run in it */
  uint16_t (*from)[BACKS];      /* [2 n] the state before each, packed; FIRST: none */
  double best[2 * ROWS][BACKS]; /* of the last sections: value of each state, -HUGE_VAL where it cannot be */
  double way[2 * LOOK + 1];     /* from the last sections to the one that is looked at */
  double top;                   /* value of the best state */
  State top_state;
} Pairs;

/* A state, as seen from section i below it. */
static const uint16_t FIRST = UINT16_MAX;

static uint16_t pack(int i, State q) { return (uint16_t)((2 * (i - q.a) + q.e) * BACKS + q.back); }

static State unpack(int i, uint16_t p) { return (State){i - p / BACKS / 2, p / BACKS % 2, p % BACKS}; }

static double *best_of(Pairs *p, State q) { return &p->best[2 * (q.a % ROWS) + q.e][q.back]; }

static void offer(Pairs *p, State to, double value, uint16_t from)
{
  double *best = best_of(p, to);
  if (value > p->top) p->top = value, p->top_state = to;
  if (value <= *best) return;
  *best = value;
  p->from[2 * to.a + to.e][to.back] = from;
}

static bool same_slice(const Pairs *p, int i, int j) { return p->s[i].k == p->s[j].k; }

/* All that section i can be for the two strands after state q. */
static void extend(Pairs *p, int i, State q)
{
  const double value = *best_of(p, q);
  const int other = q.back <= LOOK ? q.a - q.back : -1, off = i - other;
  const int now = other < 0 ? q.back : off <= LOOK ? off : LOST;
  const bool own = !same_slice(p, q.a, i), its = other < 0 || !same_slice(p, other, i);
  const double way = p->way[i - q.a], its_way = other >= 0 ? p->way[off] : q.back == LOST ? ROOT_GAPS_MOST : BEGIN;
  const double both = fmax(p->worth[i][0], p->worth[i][1]) + p->shared[i];
  if (own) offer(p, (State){i, q.e, now}, value - way + p->worth[i][q.e], pack(i, q));
  if (its) offer(p, (State){i, !q.e, i - q.a}, value - its_way + p->worth[i][!q.e], pack(i, q));
  if (own && its) offer(p, (State){i, 0, SAME}, value - way - its_way + both, pack(i, q));
}

static void search(Pairs *p)
{
  p->top = -HUGE_VAL;
  for (int i = 0; i < p->n; i++) {
    for (int e = 0; e < 2; e++) {
      for (int b = 0; b < BACKS; b++) *best_of(p, (State){i, e, b}) = -HUGE_VAL;
      offer(p, (State){i, e, NOT_YET}, p->worth[i][e] - BEGIN, FIRST);
    }
    for (int j = i - 1; j >= 0 && j >= i - 2 * LOOK; j--)
      p->way[i - j] = same_slice(p, i, j) ? HUGE_VAL : root_section_way(p->v, &p->s[j], &p->s[i]);
    for (int a = i > LOOK ? i - LOOK : 0; a < i; a++)
      for (int e = 0; e < 2; e++)
        for (int b = 0; b < BACKS; b++)
          if (*best_of(p, (State){a, e, b}) > -HUGE_VAL) extend(p, i, (State){a, e, b});
  }
}

/* A section is worth more to two where it holds more than half as much again as the usual one, which one root
 * fills: where that has voxels enough to tell. */
static void set_worth(Pairs *p, const double (*middle)[2], const bool *cord)
{
  for (int i = 0; i < p->n; i++) p->shared[i] = p->s[i].n;
  qsort(p->shared, (size_t)p->n, sizeof *p->shared, by_number);
  const double usual = p->shared[p->n / 2];
  for (int i = 0; i < p->n; i++) {
    const int side = p->s[i].y >= middle[p->s[i].k][1];
    const double worth = root_section_worth(&p->s[i]);
    for (int e = 0; e < 2; e++) p->worth[i][e] = cord[p->s[i].k] && side != e ? WRONG_SIDE * worth : worth;
    p->shared[i] = usual < TELLING ? 0.0 : fmin(fmin(usual, worth), fmax(0.0, p->s[i].n - 1.5 * usual));
  }
}

/* taken[i]: bit e where section i lies on the course of strand e. */
static PetscErrorCode lay_courses(Pairs *p, const double (*middle)[2], const bool *cord, uint8_t *taken)
{
  const size_t n = (size_t)p->n;
  PetscErrorCode ierr = mem_alloc(n, sizeof *p->worth, &p->worth);
  if (!ierr) ierr = mem_alloc(n, sizeof *p->shared, &p->shared);
  if (!ierr) ierr = mem_alloc(2 * n, sizeof *p->from, &p->from);
  if (!ierr) {
    set_worth(p, middle, cord);
    search(p);
    for (State q = p->top_state;;) {
      const uint16_t before = p->from[2 * q.a + q.e][q.back];
      taken[q.a] = q.back == SAME ? 3 : (uint8_t)(1 << q.e);
      if (before == FIRST) break;
      q = unpack(q.a, before);
    }
  }
  free(p->worth), free(p->shared), free(p->from);
  return ierr;
}

/* ---- voxels ---- */

/* One strand on its way down, by the sections it took. */
typedef struct {
  int n;
  RootSection *s; /* where the strand itself runs in a section that both took */
} Strand;

static double distance2(const LabelVolume *v, const RootSection *s, double x, double y)
{
  const double dx = (s->x - x) * v->step[0], dy = (s->y - y) * v->step[1];
  return dx * dx + dy * dy;
}

/* The voxels of one section that both took. */
typedef struct {
  const LabelVolume *v;
  const size_t *at;
  const int *member;
  size_t first, last; /* at[first .. last - 1] are the voxels of its slice */
  int section;
} Shared;

/* Cuts a section between where the two strands are expected (two-means, started there); both get their middles. */
static void cut(const Shared *c, RootSection mid[2], uint8_t *kind)
{
  enum { ROUNDS = 4 };
  const size_t w = (size_t)c->v->n[0], slice = w * (size_t)c->v->n[1];
  for (int round = 0; round < ROUNDS; round++) {
    double sum[2][3] = {{0, 0, 0}, {0, 0, 0}};
    for (size_t i = c->first; i < c->last; i++) {
      const double x = (double)(c->at[i] % w), y = (double)(c->at[i] % slice / w);
      if (c->member[i] != c->section) continue;
      kind[i] = distance2(c->v, &mid[1], x, y) < distance2(c->v, &mid[0], x, y);
      sum[kind[i]][0] += x, sum[kind[i]][1] += y, sum[kind[i]][2] += 1.0;
    }
    if (sum[0][2] <= 0.0 || sum[1][2] <= 0.0) return;
    for (int e = 0; e < 2; e++) mid[e].x = sum[e][0] / sum[e][2], mid[e].y = sum[e][1] / sum[e][2];
  }
}

/* The strands at a section that both took: as far apart as they were above, the ventral one in front. */
static void run_together(const Shared *c, const RootSection *s, Strand strand[2], uint8_t *kind)
{
  double apart[2] = {0.0, 1.0};
  RootSection mid[2] = {*s, *s};
  if (strand[0].n && strand[1].n) {
    const RootSection *d = &strand[0].s[strand[0].n - 1], *f = &strand[1].s[strand[1].n - 1];
    apart[0] = f->x - d->x, apart[1] = f->y - d->y;
  }
  for (int e = 0; e < 2; e++) mid[e].x += (e - 0.5) * apart[0], mid[e].y += (e - 0.5) * apart[1];
  cut(c, mid, kind);
  for (int e = 0; e < 2; e++) strand[e].s[strand[e].n++] = mid[e];
}

/* mm from a voxel to a strand: between its sections in the slice, beyond its ends through space. */
static double off_strand(const LabelVolume *v, const Strand *r, int k, double x, double y)
{
  int below = 0;
  if (!r->n) return HUGE_VAL;
  while (below < r->n && r->s[below].k > k) below++;
  const RootSection *q = &r->s[below < r->n ? below : r->n - 1], *p = &r->s[below > 0 ? below - 1 : 0];
  const double t = p->k != q->k ? (double)(p->k - k) / (p->k - q->k) : 0.0;
  const RootSection mid = {.x = p->x + t * (q->x - p->x), .y = p->y + t * (q->y - p->y)};
  const int beyond = k > r->s[0].k ? k - r->s[0].k : k < r->s[r->n - 1].k ? r->s[r->n - 1].k - k : 0;
  return hypot(sqrt(distance2(v, &mid, x, y)), beyond * v->step[2]);
}

static void give_voxels(const LabelVolume *v, const size_t *at, const int *member, size_t count, int n,
                        const RootSection *s, const uint8_t *taken, Strand strand[2], uint8_t *kind)
{
  const size_t w = (size_t)v->n[0], slice = w * (size_t)v->n[1];
  Shared c = {v, at, member, count, count, 0};
  for (int i = 0; i < n; i++) { /* from the top down, voxels ascend */
    while (c.last > 0 && (int)(at[c.last - 1] / slice) > s[i].k) c.last--;
    c.first = c.last < c.first ? c.last : c.first;
    while (c.first > 0 && (int)(at[c.first - 1] / slice) == s[i].k) c.first--;
    c.section = i;
    if (taken[i] == 3) run_together(&c, &s[i], strand, kind);
    for (int e = 0; e < 2; e++)
      if (taken[i] == 1 << e) strand[e].s[strand[e].n++] = s[i];
  }
  for (size_t i = 0; i < count; i++) {
    const int k = (int)(at[i] / slice), own = taken[member[i]];
    const double x = (double)(at[i] % w), y = (double)(at[i] % slice / w);
    if (own == 1 || own == 2) kind[i] = (uint8_t)(own - 1);
    if (own) continue;
    kind[i] = off_strand(v, &strand[1], k, x, y) < off_strand(v, &strand[0], k, x, y);
  }
}

static PetscErrorCode split(const LabelVolume *v, const size_t *at, size_t count, int n, const RootSection *s,
                            const int *member, const double (*middle)[2], const bool *cord, uint8_t *kind)
{
  Pairs p = {.v = v, .n = n, .s = s};
  Strand strand[2] = {{0, NULL}, {0, NULL}};
  uint8_t *taken = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)n, 1, &taken);
  for (int e = 0; e < 2 && !ierr; e++) ierr = mem_alloc((size_t)n, sizeof *strand[e].s, &strand[e].s);
  if (!ierr) ierr = lay_courses(&p, middle, cord, taken);
  if (!ierr) give_voxels(v, at, member, count, n, s, taken, strand, kind);
  free(taken), free(strand[0].s), free(strand[1].s);
  return ierr;
}

PetscErrorCode root_pair_split(const LabelVolume *v, const RootVoxels *l, int root, const double (*middle)[2],
                               const bool *cord, uint8_t *kind)
{
  RootSection *s = NULL;
  int *member = NULL, n = 0;
  PetscErrorCode ierr = root_sections(v, l, root, &n, &s, &member);
  if (!ierr && n)
    ierr = split(v, l->at + l->start[root], l->start[root + 1] - l->start[root], n, s, member, middle, cord, kind);
  free(s), free(member);
  return ierr;
}
