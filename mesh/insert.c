/* The order in which points are set, and by whom. */
#include "insert.h"

#include <stdlib.h>
#include <string.h>

#include "cavity.h"
#include "predicates.h"
#include "turns.h"

/* Slabs of the domain at most, points of a slab at least, and how many times fewer there are each time that many points are left.
 * After fewer than FEW points no gaps are closed. Of the points, one in EACH goes before the others, in
 * each of as many rounds as leave FIRST or more; a set point makes NEW_TETS or fewer. */
enum {
  SLABS = 12,
  IN_SLAB = 1000,
  THICKER = 4,
  FEW = 20000,
  EACH = 8,
  FIRST = 1000,
  NEW_TETS = 8,
  SPARE_TETS = 1024,
  BINS = 8192
};
/* A point that is nearer to the bound of its slab, in its edges, is left to others. */
static const double CLEAR_EDGES = 3.0;

/* Empty slots [next, end). */
typedef struct {
  int next, end;
} Slots;

typedef struct {
  TetMesh *m;
  unsigned *mark; /* [slots] */
  size_t mark_room;
  unsigned round; /* all rounds so far were below it */
  Team *team;
  Turn *turn;   /* [n] */
  int n, begin; /* points in turn[begin, n) are still to be set */
  TurnBox box;
  Slots free[SLABS]; /* of each slab, and of one who is alone */
} Insertion;

/* ---- setters ------------------------------------------------------------------------------------------------------- */

/* Slots for n points more, where those left from points before do not do. */
static PetscErrorCode slots_for(Insertion *s, int n, Slots *own)
{
  const int from = s->m->n_tet;
  PetscCheck(n < INT32_MAX / 2 / NEW_TETS, PETSC_COMM_SELF, PETSC_ERR_MEM,
             "%d points are too many; coarsen mesh: in the case", n);
  if (own->end - own->next >= NEW_TETS * n + SPARE_TETS) return 0;
  PetscCall(tet_mesh_add_slots(s->m, NEW_TETS * n + SPARE_TETS));
  PetscCall(mem_grow((size_t)s->m->n_tet, sizeof *s->mark, &s->mark_room, &s->mark));
  memset(s->mark + from, 0, (size_t)(s->m->n_tet - from) * sizeof *s->mark);
  *own = (Slots){from, s->m->n_tet};
  return 0;
}

static int first_alive(const TetMesh *m)
{
  for (int t = 0; t < m->n_tet; t++)
    if (tet_alive(m, t)) return t;
  return -1;
}

/* Turns [from, to) by one thread. Those it cannot set go to the end of the list, which is cut there. */
static PetscErrorCode set_alone(Insertion *s, Turn *turn, int n, int *left)
{
  PetscCall(slots_for(s, n, &s->free[0]));
  Setter one = {.m = s->m, .mark = s->mark, .round = s->round, .z_from = -HUGE_VAL, .z_to = HUGE_VAL};
  one.next_slot = s->free[0].next, one.n_slot = s->free[0].end, one.last = first_alive(s->m);
  PetscErrorCode ierr = 0;
  for (int i = 0; i < n && !ierr; i++) {
    Outcome outcome = SET;
    ierr = cavity_set(&one, turn[i].point, &outcome);
    *left += outcome != SET;
  }
  s->round = one.round + 2, s->free[0].next = one.next_slot;
  setter_free(&one);
  return ierr;
}

/* ---- slabs --------------------------------------------------------------------------------------------------------- */

typedef struct {
  double z_from, z_to;
  int begin, end; /* turns; [begin, begin + n_left) are left to others */
  int n_left, nowhere, start;
  unsigned round;
  int error;
} Slab;

typedef struct {
  Insertion *s;
  int n;
  Slab slab[SLABS];
} Slabs;

/* Near a bound a point would only be found not to fit. */
static bool is_inside(const Slab *b, const TetMesh *m, int p)
{
  const double z = m->x[p][2], gap = CLEAR_EDGES * m->edge[p];
  return z > b->z_from + gap && z < b->z_to - gap;
}

static void set_slab(void *context, int piece, int thread)
{
  Slabs *all = context;
  Insertion *s = all->s;
  Slab *b = &all->slab[piece];
  Setter one = {.m = s->m, .mark = s->mark, .round = s->round, .z_from = b->z_from, .z_to = b->z_to};
  one.next_slot = s->free[piece].next, one.n_slot = s->free[piece].end, one.last = b->start;
  (void)thread;
  turns_sort(s->turn + b->begin, b->end - b->begin);
  for (int i = b->begin; i < b->end && !b->error; i++) {
    Outcome outcome = NOT_HERE;
    if (is_inside(b, s->m, s->turn[i].point)) b->error = cavity_set(&one, s->turn[i].point, &outcome);
    b->nowhere += outcome == NOWHERE;
    if (outcome == NOT_HERE) s->turn[b->begin + b->n_left++] = s->turn[i];
  }
  b->round = one.round, s->free[piece].next = one.next_slot;
  setter_free(&one);
}

/* Heights that divide the points into 2 n_slab parts of as many points each. */
static PetscErrorCode divide(const Insertion *s, int n_slab, double height[2 * SLABS + 1])
{
  int *bin = NULL, at = 0, sum = 0;
  const int n = s->n - s->begin;
  const double per = BINS / s->box.side;
  PetscCall(mem_alloc(BINS + 1, sizeof *bin, &bin));
  for (int i = s->begin; i < s->n; i++) bin[(int)((s->m->x[s->turn[i].point][2] - s->box.lo[2]) * per)]++;
  for (int k = 1; k < 2 * n_slab; k++) {
    while (at < BINS && sum + bin[at] <= (int)((int64_t)n * k / (2 * n_slab))) sum += bin[at++];
    height[k] = s->box.lo[2] + at / per;
  }
  height[0] = -1e300, height[2 * n_slab] = 1e300;
  free(bin);
  return 0;
}

/* A tetrahedron to start from in each slab. */
static void find_starts(const TetMesh *m, Slabs *all)
{
  int missing = all->n;
  for (int b = 0; b < all->n; b++) all->slab[b].start = -1;
  for (int t = 0; t < m->n_tet && missing; t++) {
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (int k = 0; k < 4 && tet_alive(m, t); k++) {
      const double z = m->x[m->tet[t][k]][2];
      lo = lesser(lo, z), hi = greater(hi, z);
    }
    for (int b = 0; b < all->n && lo <= hi; b++) {
      Slab *s = &all->slab[b];
      if (s->start < 0 && lo > s->z_from && hi < s->z_to) s->start = t, missing--;
    }
  }
}

/* Puts the turns of each slab together, in the order they have. */
static PetscErrorCode deal(Insertion *s, Slabs *all)
{
  Turn *old = NULL;
  int8_t *of = NULL;
  const int n = s->n - s->begin;
  int count[SLABS + 1] = {0};
  PetscErrorCode ierr = mem_alloc((size_t)n, sizeof *old, &old);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof *of, &of);
  for (int i = 0; i < n && !ierr; i++) {
    old[i] = s->turn[s->begin + i];
    const double z = s->m->x[old[i].point][2];
    while (of[i] + 1 < all->n && z >= all->slab[of[i]].z_to) of[i]++;
    count[of[i] + 1]++;
  }
  for (int b = 0; b < all->n; b++) {
    count[b + 1] += count[b];
    all->slab[b].begin = all->slab[b].end = s->begin + count[b];
  }
  for (int i = 0; i < n && !ierr; i++) s->turn[all->slab[of[i]].end++] = old[i];
  free(old);
  free(of);
  return ierr;
}

/* One round of slabs; what they leave is turn[begin, n) then. */
static PetscErrorCode set_in_slabs(Insertion *s, Slabs *all, int *left)
{
  PetscCall(deal(s, all));
  find_starts(s->m, all);
  for (int b = 0; b < all->n; b++) {
    Slab *slab = &all->slab[b];
    slab->n_left = slab->nowhere = slab->error = 0;
    PetscCall(slots_for(s, slab->end - slab->begin, &s->free[b]));
  }
  team_run(s->team, all->n, set_slab, all);
  int n = s->begin;
  for (int b = 0; b < all->n; b++) {
    const Slab *slab = &all->slab[b];
    if (slab->error) return (PetscErrorCode)slab->error;
    memmove(s->turn + n, s->turn + slab->begin, (size_t)slab->n_left * sizeof *s->turn);
    n += slab->n_left, *left += slab->nowhere;
    if (slab->round > s->round) s->round = slab->round;
  }
  s->n = n, s->round += 2;
  return 0;
}

/* In slabs, then in slabs between. */
static PetscErrorCode set_in_both(Insertion *s, int n_slab, int *left)
{
  double height[2 * SLABS + 1];
  Slabs all = {.s = s};
  PetscCall(divide(s, n_slab, height));
  for (int shift = 0; shift < 2; shift++) {
    all.n = n_slab - shift;
    for (int b = 0; b < all.n; b++)
      all.slab[b].z_from = height[2 * b + shift], all.slab[b].z_to = height[2 * b + 2 + shift];
    PetscCall(set_in_slabs(s, &all, left));
  }
  return 0;
}

/* Points turn[begin, end): in slabs, fewer and thicker ones while many points are left, then alone. */
static PetscErrorCode set_part(Insertion *s, int begin, int end, int *left)
{
  s->begin = begin, s->n = end;
  for (int n_slab = SLABS; n_slab > 1; n_slab /= THICKER) {
    if (n_slab * IN_SLAB > s->n - s->begin) n_slab = (s->n - s->begin) / IN_SLAB;
    if (n_slab > 1) PetscCall(set_in_both(s, n_slab, left));
  }
  turns_sort(s->turn + s->begin, s->n - s->begin);
  return set_alone(s, s->turn + s->begin, s->n - s->begin, left);
}

static PetscErrorCode set_all(Insertion *s, int *left)
{
  Rng rng = rng_seed(1, 3);
  const int end = s->n;
  int part[64], n_part = 0;
  turns_box(s->turn, s->n, (const double(*)[3])s->m->x, &s->box);
  turns_key(s->turn, s->n, (const double(*)[3])s->m->x, &s->box, s->team);
  turns_shuffle(s->turn, s->n, &rng);
  for (int n = s->n; n > FIRST; n /= EACH) part[n_part++] = n / EACH;
  /* [0, part[n_part - 1]), then up to the next, and to the end: each a random part of what there is */
  for (int i = n_part; i >= 0; i--) PetscCall(set_part(s, i == n_part ? 0 : part[i], i ? part[i - 1] : end, left));
  return 0;
}

/* ---- the mesh ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode resize(size_t n, size_t size, void *array)
{
  void **at = array, *grown = realloc(*at, n * size);
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for %zu points", n);
  *at = grown;
  return 0;
}

static PetscErrorCode add_points(TetMesh *m, const PointStore *store, const int64_t *sample, int n)
{
  const size_t all = (size_t)m->n_point + (size_t)n;
  PetscCall(resize(all, sizeof *m->x, &m->x));
  PetscCall(resize(all, sizeof *m->sample, &m->sample));
  PetscCall(resize(all, sizeof *m->on, &m->on));
  PetscCall(resize(all, sizeof *m->point_region, &m->point_region));
  PetscCall(resize(all, sizeof *m->edge, &m->edge));
  PetscCall(resize(all, sizeof *m->tet_of, &m->tet_of));
  for (int i = 0; i < n; i++, m->n_point++) {
    const SamplePoint *p = point_store_at(store, sample[i]);
    v3_copy(p->p, m->x[m->n_point]);
    m->sample[m->n_point] = sample[i], m->on[m->n_point] = p->on, m->point_region[m->n_point] = p->region;
    m->edge[m->n_point] = p->edge, m->tet_of[m->n_point] = -1;
  }
  return 0;
}

/* Moves the tetrahedra together: no slot is empty then. After few points that is not worth a pass over all. */
static PetscErrorCode close_gaps(TetMesh *m)
{
  int *to = NULL, n = 0;
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *to, &to));
  for (int t = 0; t < m->n_tet; t++) to[t] = tet_alive(m, t) ? n++ : -1;
  for (int t = 0; t < m->n_tet; t++) {
    if (to[t] < 0) continue;
    for (int k = 0; k < 4; k++) {
      const int u = m->adj[t][k];
      m->tet[to[t]][k] = m->tet[t][k], m->adj[to[t]][k] = u < 0 ? -1 : to[u];
      m->tet_of[m->tet[t][k]] = to[t];
    }
    m->region[to[t]] = m->region[t];
  }
  m->n_tet = n, m->n_free = 0;
  free(to);
  return 0;
}

PetscErrorCode insert_points(TetMesh *m, const PointStore *store, const int64_t *sample, int n, Team *team, int *left)
{
  Insertion s = {.m = m, .round = 2, .team = team, .n = n};
  const int first = m->n_point;
  *left = 0;
  exact_begin();
  PetscCall(add_points(m, store, sample, n));
  PetscErrorCode ierr = mem_alloc((size_t)n, sizeof *s.turn, &s.turn);
  if (!ierr) ierr = mem_grow((size_t)m->n_tet, sizeof *s.mark, &s.mark_room, &s.mark);
  for (int i = 0; i < n && !ierr; i++) s.turn[i].point = first + i;
  if (!ierr) memset(s.mark, 0, (size_t)m->n_tet * sizeof *s.mark);
  if (!ierr) ierr = set_all(&s, left);
  if (!ierr && n >= FEW) ierr = close_gaps(m);
  free(s.turn);
  free(s.mark);
  return ierr;
}
