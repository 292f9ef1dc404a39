/* All bad tetrahedra of a mesh, pass by pass. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "improve.h"

/* Tetrahedra below TARGET_DEG are worked on; passes end when little changes. */
static const double TARGET_DEG = 12.0;
/* In the first passes threads work in SLABS slabs, in each on what has all that it touches within: those of one pass lie between
 * those of the last. With few bad tetrahedra one thread does all. A tetrahedron takes fewer than LEAST_SLOTS new ones. */
enum { PASSES_MAX = 12, SLABS = 16, SLAB_PASSES = 4, ALONE = 3000, LEAST_SLOTS = 64 };

typedef struct {
  TetMesh *m;
  const Sizing *z;
  const LeadFaces *lead;
  Team *team;
  int pass, n_bad, bettered;
  size_t room;
  int *bad; /* [n_bad] ascending */
  ImproveReport *r;
} Improvement;

static double target(void) { return sin(TARGET_DEG * M_PI / 180.0); }

/* ---- who is bad? ----------------------------------------------------------------------------------------------------- */

static void look_at_stretch(void *context, int stretch, int thread)
{
  TetMesh *m = ((Improvement *)context)->m;
  (void)thread;
  for (int t = stretch * STRETCH; t < stretch_end(m, stretch); t++)
    if (m->look[t]) m->look[t] = tet_alive(m, t) && tet_mesh_quality(m, t) < target();
}

/* The bad ones among those to be looked at; the rest need no look again before they change. */
static PetscErrorCode find_bad(Improvement *w)
{
  team_run(w->team, stretch_count(w->m), look_at_stretch, w);
  w->n_bad = 0;
  for (int t = 0; t < w->m->n_tet; t++) {
    if (!w->m->look[t]) continue;
    PetscCall(mem_grow((size_t)w->n_bad + 1, sizeof *w->bad, &w->room, &w->bad));
    w->bad[w->n_bad++] = t;
  }
  return 0;
}

static PetscErrorCode better(const Improvement *w, TetMesh *m, int t, ImproveReport *r, int *bettered)
{
  const double q = tet_alive(m, t) ? tet_mesh_quality(m, t) : 1.0;
  bool done = false;
  if (q >= target()) return 0;
  Rng rng = rng_seed((uint64_t)w->z->mesh.seed, (uint64_t)(w->pass + 1) << 40 | (uint64_t)t);
  PetscCall(better_one(m, w->z, w->lead, t, q, &rng, r, &done));
  *bettered += done;
  return 0;
}

/* ---- slabs --------------------------------------------------------------------------------------------------------- */

typedef struct {
  double z_from, z_to;
  int n, *bad; /* [n] */
  int bettered, error;
  TetMesh m; /* the mesh, with slots of its own to use */
  ImproveReport r;
} Slab;

typedef struct {
  Improvement *w;
  /* [n_point] is a tetrahedron at the point not within one slab? What is done within a slab moves no star out of it, nor one
   * into it. */
  atomic_uchar *beyond;
  Slab slab[SLABS + 1];
} Slabs;

static void extent(const TetMesh *m, int t, double *lo, double *hi)
{
  *lo = HUGE_VAL, *hi = -HUGE_VAL;
  for (int k = 0; k < 4; k++) {
    const double z = m->x[m->tet[t][k]][2];
    *lo = lesser(*lo, z), *hi = greater(*hi, z);
  }
}

static bool within(const Slab *b, double lo, double hi) { return lo > b->z_from && hi < b->z_to; }

/* Marks the points whose tetrahedra reach across the bound of a slab. */
static void mark_stretch(void *context, int stretch, int thread)
{
  Slabs *all = context;
  const TetMesh *m = all->w->m;
  (void)thread;
  for (int t = stretch * STRETCH, b = 0; t < stretch_end(m, stretch); t++) {
    double lo, hi;
    if (!tet_alive(m, t)) continue;
    extent(m, t, &lo, &hi);
    while (b > 0 && lo <= all->slab[b].z_from) b--;
    while (b < SLABS && lo >= all->slab[b].z_to) b++;
    if (within(&all->slab[b], lo, hi)) continue;
    for (int k = 0; k < 4; k++) atomic_store_explicit(&all->beyond[m->tet[t][k]], 1, memory_order_relaxed);
  }
}

static bool all_within(const Slabs *all, const Slab *b, int t)
{
  double lo, hi;
  if (!tet_alive(&b->m, t)) return false;
  for (int k = 0; k < 4; k++)
    if (atomic_load_explicit(&all->beyond[b->m.tet[t][k]], memory_order_relaxed)) return false;
  extent(&b->m, t, &lo, &hi);
  return within(b, lo, hi);
}

static void better_slab(void *context, int piece, int thread)
{
  Slabs *all = context;
  Slab *b = &all->slab[piece];
  (void)thread;
  for (int i = 0; i < b->n && !b->error; i++) {
    if (b->m.slot_limit - b->m.n_tet < LEAST_SLOTS) break; /* the next pass has more */
    if (all_within(all, b, b->bad[i])) b->error = better(all->w, &b->m, b->bad[i], &b->r, &b->bettered);
  }
}

static double height(const TetMesh *m, int t)
{
  double z = 0.0;
  for (int k = 0; k < 4; k++) z += 0.25 * m->x[m->tet[t][k]][2];
  return z;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Bounds of slabs with as many bad tetrahedra each; every other pass half a slab further on. */
static PetscErrorCode set_heights(const Improvement *w, Slab *slab)
{
  double *z = NULL;
  PetscCall(mem_alloc((size_t)w->n_bad, sizeof *z, &z));
  for (int i = 0; i < w->n_bad; i++) z[i] = height(w->m, w->bad[i]);
  qsort(z, (size_t)w->n_bad, sizeof *z, ascending);
  for (int b = 0; b <= SLABS; b++) {
    const int64_t at = (int64_t)w->n_bad * (2 * b + 1 + (w->pass & 1)) / (2 * SLABS);
    slab[b].z_from = b ? slab[b - 1].z_to : -HUGE_VAL;
    slab[b].z_to = b == SLABS || at >= w->n_bad ? HUGE_VAL : z[at];
  }
  free(z);
  return 0;
}

/* Puts the bad ones of each slab together, in the order they have; list [n_bad]. */
static void deal(const Improvement *w, Slabs *all, int *list)
{
  int at = 0;
  for (int b = 0; b <= SLABS; b++) {
    Slab *s = &all->slab[b];
    s->bad = list + at;
    for (int i = 0; i < w->n_bad; i++) {
      const double z = height(w->m, w->bad[i]);
      if (z > s->z_from && z < s->z_to) s->bad[s->n++] = w->bad[i];
    }
    at += s->n;
  }
}

static PetscErrorCode give_slots(TetMesh *m, Slab *slab)
{
  int first[SLABS + 2];
  for (int b = 0; b <= SLABS; b++) {
    first[b] = m->n_tet;
    PetscCall(tet_mesh_add_slots(m, 2 * slab[b].n + 4 * LEAST_SLOTS));
  }
  first[SLABS + 1] = m->n_tet;
  for (int b = 0; b <= SLABS; b++) {
    TetMesh *own = &slab[b].m;
    *own = *m;
    own->n_tet = first[b], own->slot_limit = first[b + 1];
    own->n_free = 0, own->cap_free = 0, own->free_slot = NULL;
  }
  return 0;
}

static PetscErrorCode keep_slot(TetMesh *m, int t)
{
  PetscCall(mem_grow((size_t)m->n_free + 1, sizeof *m->free_slot, &m->cap_free, &m->free_slot));
  m->free_slot[m->n_free++] = t;
  return 0;
}

/* What a slab has done, and the slots it did not use. */
static PetscErrorCode collect(Improvement *w, const Slab *b)
{
  if (b->error) return (PetscErrorCode)b->error;
  w->bettered += b->bettered;
  w->r->edges_removed += b->r.edges_removed, w->r->faces_removed += b->r.faces_removed, w->r->moved += b->r.moved;
  w->r->collapsed += b->r.collapsed, w->r->retagged += b->r.retagged, w->r->slivers_dropped += b->r.slivers_dropped;
  for (int i = 0; i < b->m.n_free; i++) PetscCall(keep_slot(w->m, b->m.free_slot[i]));
  for (int t = b->m.n_tet; t < b->m.slot_limit; t++) PetscCall(keep_slot(w->m, t));
  return 0;
}

static PetscErrorCode better_in_slabs(Improvement *w)
{
  int *list = NULL;
  Slabs all = {.w = w};
  PetscErrorCode ierr = mem_alloc((size_t)w->n_bad, sizeof *list, &list);
  if (!ierr) ierr = mem_alloc((size_t)w->m->n_point, sizeof *all.beyond, &all.beyond);
  if (!ierr) ierr = set_heights(w, all.slab);
  if (!ierr) team_run(w->team, stretch_count(w->m), mark_stretch, &all);
  if (!ierr) deal(w, &all, list);
  if (!ierr) ierr = give_slots(w->m, all.slab);
  if (!ierr) team_run(w->team, SLABS + 1, better_slab, &all);
  for (int b = 0; b <= SLABS && !ierr; b++) ierr = collect(w, &all.slab[b]);
  for (int b = 0; b <= SLABS; b++) free(all.slab[b].m.free_slot);
  free(list);
  free(all.beyond);
  return ierr;
}

/* ---- passes -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode better_alone(Improvement *w)
{
  for (int i = 0; i < w->n_bad; i++) PetscCall(better(w, w->m, w->bad[i], w->r, &w->bettered));
  return 0;
}

static PetscErrorCode passes(Improvement *w)
{
  for (w->pass = 0; w->pass < PASSES_MAX; w->pass++) {
    w->bettered = 0;
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while improving the mesh");
    progress("improve", (double)w->pass / PASSES_MAX);
    PetscCall(find_bad(w));
    w->r->passes = w->pass + 1;
    if (w->pass < SLAB_PASSES && w->n_bad >= ALONE) {
      PetscCall(better_in_slabs(w));
      continue;
    }
    PetscCall(better_alone(w));
    if (w->bettered <= w->n_bad / 50) break;
  }
  progress("improve", 1.0);
  return 0;
}

PetscErrorCode mesh_improve(TetMesh *m, const Sizing *z, const LeadFaces *lead, Team *team, ImproveReport *r)
{
  Improvement w = {.m = m, .z = z, .lead = lead, .team = team, .r = r};
  PetscCall(mem_grow((size_t)m->n_tet, sizeof *m->look, &m->cap_look, &m->look));
  memset(m->look, 1, (size_t)m->n_tet);
  const PetscErrorCode ierr = passes(&w);
  free(w.bad);
  free(m->look);
  m->look = NULL, m->cap_look = 0;
  return ierr;
}
