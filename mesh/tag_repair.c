/* The repairs that make every region whole. */
#include <float.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "tag.h"
#include "tet_where.h"

enum { ROUNDS_MAX = 20 };

static bool outside_dura(int16_t r) { return r == TISSUE_FAT || r == TISSUE_BONE || r == TISSUE_BODY; }
static bool inside_dura(int16_t r) { return r == TISSUE_CSF || r == TISSUE_WHITE || r == TISSUE_GREY; }

bool tag_leaks(const TetMesh *m, int t, int f)
{
  const int u = m->adj[t][f];
  return inside_dura(m->region[t]) && u >= 0 && outside_dura(m->region[u]);
}

static bool has_point_of(const TetMesh *m, int t, int16_t region)
{
  for (int k = 0; k < 4; k++)
    if (m->point_region[m->tet[t][k]] == region) return true;
  return false;
}

/* Of the two tetrahedra at a leak the one that is nearer to the dura becomes dura. */
static int which_becomes_dura(const TetMesh *m, const Scene *s, int in, int out)
{
  double c[3], d[TISSUE_COUNT], lead, miss[2];
  const int t[2] = {in, out};
  if (m->region[in] != TISSUE_CSF) return out;
  for (int i = 0; i < 2; i++) {
    tet_centroid(m, t[i], c);
    scene_distances(s, c, d, &lead);
    miss[i] = fmax(d[TISSUE_DURA], -d[TISSUE_CSF]) + (has_point_of(m, t[i], m->region[t[i]]) ? 1.0 : 0.0);
  }
  return miss[0] <= miss[1] ? in : out;
}

static bool leaks_anywhere(const void *context, const TetMesh *m, int t)
{
  (void)context;
  for (int f = 0; f < 4; f++)
    if (tag_leaks(m, t, f)) return true;
  return false;
}

/* What is changed may make a leak of what was none before: the caller repeats. */
static PetscErrorCode close_leaks(TetMesh *m, const Scene *s, Team *team, int *closed)
{
  int n, *leaking;
  *closed = 0;
  PetscCall(tet_where(m, team, leaks_anywhere, NULL, &n, &leaking));
  for (int i = 0; i < n; i++)
    for (int f = 0; f < 4; f++) {
      const int t = leaking[i];
      if (!tag_leaks(m, t, f)) continue;
      m->region[which_becomes_dura(m, s, t, m->adj[t][f])] = TISSUE_DURA;
      (*closed)++;
    }
  free(leaking);
  return 0;
}

/* ---- pinholes ------------------------------------------------------------------------------------------------------ */

/* What touches a point. */
enum { IN = 1, OUT = 2, CORD = 4 };
typedef struct {
  TetMesh *m;
  atomic_uchar *touch; /* [n_point] */
  atomic_int closed;
} Pinholes;

static void touch_points(void *context, int stretch, int thread)
{
  const Pinholes *h = context;
  const TetMesh *m = h->m;
  (void)thread;
  for (int t = stretch * STRETCH; t < stretch_end(m, stretch); t++) {
    const int16_t r = m->region[t];
    const int side = inside_dura(r) ? r == TISSUE_CSF ? IN : IN | CORD : outside_dura(r) ? OUT : 0;
    for (int k = 0; tet_alive(m, t) && k < 4; k++) {
      atomic_uchar *at = &h->touch[m->tet[t][k]];
      /* most are told what they know */
      if ((atomic_load_explicit(at, memory_order_relaxed) & side) != side)
        atomic_fetch_or_explicit(at, side, memory_order_relaxed);
    }
  }
}

/* Of what touches a pinhole at p, does t give way? */
static bool gives_way(const Pinholes *h, int t, int p)
{
  const TetMesh *m = h->m;
  const int touch = atomic_load_explicit(&h->touch[p], memory_order_relaxed);
  if ((touch & (IN | OUT)) != (IN | OUT)) return false;
  const bool out = outside_dura(m->region[t]);
  const bool inner = m->on[p] == TISSUE_CSF || m->on[p] == TISSUE_WHITE || m->on[p] == TISSUE_GREY ||
                     (m->on[p] == IN_VOLUME && m->point_region[p] >= TISSUE_CSF);
  return inner == out || (out && (touch & CORD));
}

static void close_stretch(void *context, int stretch, int thread)
{
  Pinholes *h = context;
  TetMesh *m = h->m;
  (void)thread;
  for (int t = stretch * STRETCH; t < stretch_end(m, stretch); t++) {
    bool closes = false;
    if (!tet_alive(m, t) || (m->region[t] != TISSUE_CSF && !outside_dura(m->region[t]))) continue;
    for (int k = 0; k < 4 && !closes; k++) closes = gives_way(h, t, m->tet[t][k]);
    if (!closes) continue;
    m->region[t] = TISSUE_DURA;
    atomic_fetch_add_explicit(&h->closed, 1, memory_order_relaxed);
  }
}

/* A node where what lies inside the dura touches what lies outside it, or the lead, is a pinhole: current passes there
 * although no face leaks. On the inner side of the dura, and at the cord, what is outside gives way, elsewhere
 * the CSF does. */
static PetscErrorCode close_pinholes(TetMesh *m, Team *team, int *closed)
{
  Pinholes h = {.m = m};
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *h.touch, &h.touch));
  for (int p = 0; p < m->n_point; p++)
    if (m->on[p] == ON_LEAD) atomic_store_explicit(&h.touch[p], OUT, memory_order_relaxed);
  team_run(team, stretch_count(m), touch_points, &h);
  team_run(team, stretch_count(m), close_stretch, &h);
  *closed = h.closed;
  free(h.touch);
  return 0;
}

/* ---- crumbs -------------------------------------------------------------------------------------------------------- */

static double face_area(const TetMesh *m, int t, int f)
{
  double u[3], v[3], n[3];
  const double *a = m->x[m->tet[t][TET_FACE[f][0]]];
  v3_sub(m->x[m->tet[t][TET_FACE[f][1]]], a, u);
  v3_sub(m->x[m->tet[t][TET_FACE[f][2]]], a, v);
  v3_cross(u, v, n);
  return 0.5 * v3_norm(n);
}

/* The region that tetrahedron t shares most of its faces' area with, its own aside. */
static int16_t surrounding(const TetMesh *m, int t)
{
  double best = 0.0;
  int16_t region = -1;
  for (int f = 0; f < 4; f++) {
    const int u = m->adj[t][f];
    if (u < 0 || m->region[u] == m->region[t]) continue;
    double area = 0.0;
    for (int g = 0; g < 4; g++)
      if (m->adj[t][g] >= 0 && m->region[m->adj[t][g]] == m->region[u]) area += face_area(m, t, g);
    if (area > best) best = area, region = m->region[u];
  }
  return region;
}

static int remove_crumbs(TetMesh *m, const Pieces *pieces)
{
  static const double CRUMB_MM3 = 1.0;
  int largest[REGIONS_MAX], removed = 0;
  memset(largest, 0xff, sizeof largest);
  for (int i = 0; i < pieces->n; i++) {
    int *l = &largest[pieces->list[i].region];
    if (*l < 0 || pieces->list[i].volume > pieces->list[*l].volume) *l = i;
  }
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    const Piece *p = &pieces->list[pieces->of[t]];
    /* roots, cord and CSF are one piece each; a tissue around them may have several, if they are more than crumbs */
    const bool one = p->region >= TISSUE_CSF;
    if (pieces->of[t] == largest[p->region] || (p->sampled && p->volume > CRUMB_MM3 && !one) ||
        (one && p->region < TISSUE_ROOT && p->volume > CRUMB_MM3))
      continue;
    const int16_t to = surrounding(m, t);
    if (to < 0) continue;
    m->region[t] = to;
    removed++;
  }
  return removed;
}

PetscErrorCode tag_repair_once(TetMesh *m, const Scene *s, Team *team, TagReport *r, int *changed)
{
  Pieces pieces = {0};
  int now;
  *changed = 0;
  do {
    PetscCall(close_leaks(m, s, team, &now));
    *changed += now;
  } while (now);
  PetscCall(close_pinholes(m, team, &now));
  *changed += now;
  r->leaks_closed += *changed;
  const PetscErrorCode ierr = pieces_find(m, team, &pieces);
  now = ierr ? 0 : remove_crumbs(m, &pieces);
  pieces_free(&pieces);
  r->crumbs_removed += now, *changed += now;
  return ierr;
}

PetscErrorCode tag_repair(TetMesh *m, const Scene *s, Team *team, TagReport *r)
{
  int changed = 1;
  for (int round = 0; round < ROUNDS_MAX && changed; round++) PetscCall(tag_repair_once(m, s, team, r, &changed));
  /* whatever else, the dura is whole; each of these makes some tetrahedra dura and none anything else: it ends */
  while (changed) {
    int holes;
    PetscCall(close_leaks(m, s, team, &changed));
    PetscCall(close_pinholes(m, team, &holes));
    changed += holes;
  }
  return 0;
}
