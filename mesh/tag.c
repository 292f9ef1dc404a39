/* Tagging by vertices. */
#include "tag.h"

#include <stdatomic.h>

/* scene_region_at, but never nothing: what fills a chord of the hull or a sliver at the lead takes the nearest tissue */
static int16_t region_near(const Scene *s, const double p[3])
{
  const Anatomy *a = s->anatomy;
  int r = scene_region_at(s, p);
  if (r > TISSUE_OUTSIDE) return (int16_t)r;
  r = anatomy_region_at(a, p);
  if (r > TISSUE_OUTSIDE) return (int16_t)r;
  double q[3] = {p[0], p[1], fmin(fmax(p[2], a->z_min + 1e-6), a->z_max - 1e-6)};
  r = anatomy_region_at(a, q);
  return (int16_t)(r > TISSUE_OUTSIDE ? r : TISSUE_BODY);
}

/* The region that the vertices in volumes agree on; -1 if there are none, -2 if they do not. */
static int16_t region_of_vertices(const TetMesh *m, int t)
{
  int16_t region = -1;
  for (int k = 0; k < 4; k++) {
    const int16_t v = m->point_region[m->tet[t][k]];
    if (v < 0) continue;
    if (region >= 0 && v != region) return -2;
    region = v;
  }
  return region;
}

typedef struct {
  TetMesh *m;
  const Scene *s;
  atomic_int disagreeing;
} Tagging;

static void tag_stretch(void *context, int stretch, int thread)
{
  Tagging *w = context;
  TetMesh *m = w->m;
  (void)thread;
  for (int t = stretch * STRETCH; t < stretch_end(m, stretch); t++) {
    double c[3];
    if (!tet_alive(m, t)) continue;
    m->region[t] = region_of_vertices(m, t);
    if (m->region[t] >= 0) continue;
    if (m->region[t] == -2) atomic_fetch_add_explicit(&w->disagreeing, 1, memory_order_relaxed);
    tet_centroid(m, t, c);
    m->region[t] = region_near(w->s, c);
  }
}

PetscErrorCode tag_tetrahedra(TetMesh *m, const Scene *s, Team *team, TagReport *r)
{
  Tagging w = {.m = m, .s = s};
  PetscCheck(s->anatomy->n_root + TISSUE_ROOT <= REGIONS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%d roots; at most %d are possible", s->anatomy->n_root, REGIONS_MAX - TISSUE_ROOT);
  team_run(team, stretch_count(m), tag_stretch, &w);
  r->disagreeing = w.disagreeing;
  return 0;
}
