/* Removing edges, faces and points. */
#include "improve_flip.h"

#include <float.h>
#include <string.h>

/* A change must better the worst quality by this factor, so that two changes never undo one another for ever. */
static const double BETTER = 1.0 + 1e-6, BETTER_BY = 1e-9;
enum { RING_FLIP_MAX = 9 };

static double quality4(const TetMesh *m, int a, int b, int c, int d)
{
  return tet_quality(m->x[a], m->x[b], m->x[c], m->x[d]);
}

static double worst_of(const TetMesh *m, const int *t, int n)
{
  double worst = DBL_MAX;
  for (int i = 0; i < n; i++) worst = lesser(worst, tet_mesh_quality(m, t[i]));
  return worst;
}

static bool one_region(const TetMesh *m, const int *t, int n)
{
  for (int i = 1; i < n; i++)
    if (m->region[t[i]] != m->region[t[0]]) return false;
  return true;
}

/* Klincsek's dynamic programme: the triangulation of the ring polygon whose worst pair of tetrahedra is best. */
typedef struct {
  double worst[RING_FLIP_MAX][RING_FLIP_MAX];
  int apex[RING_FLIP_MAX][RING_FLIP_MAX];
} Polygon;

static double triangle_quality(const TetMesh *m, int a, int b, int i, int k, int j)
{
  return lesser(quality4(m, i, k, j, b), quality4(m, i, j, k, a));
}

static double triangulate(const TetMesh *m, int a, int b, const int *p, int n, double bar, Polygon *g)
{
  for (int i = 0; i + 1 < n; i++) g->worst[i][i + 1] = DBL_MAX;
  for (int span = 2; span < n; span++)
    for (int i = 0; i + span < n; i++) {
      const int j = i + span;
      g->worst[i][j] = -DBL_MAX, g->apex[i][j] = i + 1;
      for (int k = i + 1; k < j; k++) {
        double q = lesser(g->worst[i][k], g->worst[k][j]);
        /* what is below the bar, or below what is there already, need not be measured */
        if (q <= bar || q <= g->worst[i][j]) continue;
        q = lesser(q, triangle_quality(m, a, b, p[i], p[k], p[j]));
        if (q > g->worst[i][j]) g->worst[i][j] = q, g->apex[i][j] = k;
      }
    }
  return g->worst[0][n - 1];
}

static void collect(const Polygon *g, const int *p, int a, int b, int i, int j, int (*out)[4], int *n)
{
  if (j - i < 2) return;
  const int k = g->apex[i][j];
  const int up[4] = {p[i], p[k], p[j], b}, down[4] = {p[i], p[j], p[k], a};
  memcpy(out[(*n)++], up, sizeof up);
  memcpy(out[(*n)++], down, sizeof down);
  collect(g, p, a, b, i, k, out, n);
  collect(g, p, a, b, k, j, out, n);
}

PetscErrorCode flip_edge(TetMesh *m, int t, int i, int j, bool *done)
{
  int ring[RING_MAX], p[RING_MAX], n, a = m->tet[t][i], b = m->tet[t][j], n_new = 0;
  int fresh[2 * RING_FLIP_MAX][4];
  Polygon g;
  *done = false;
  if (!tet_mesh_ring(m, t, a, b, ring, p, &n) || n > RING_FLIP_MAX || !one_region(m, ring, n)) return 0;
  const double before = worst_of(m, ring, n), bar = before * BETTER + BETTER_BY;
  if (triangulate(m, a, b, p, n, bar, &g) <= bar) return 0;
  collect(&g, p, a, b, 0, n - 1, fresh, &n_new);
  *done = true;
  return tet_mesh_replace(m, n, ring, n_new, (const int(*)[4])fresh, m->region[t]);
}

PetscErrorCode flip_face(TetMesh *m, int t, int f, bool *done)
{
  const int u = m->adj[t][f];
  *done = false;
  if (u < 0 || m->region[u] != m->region[t]) return 0;
  const int *v = m->tet[t], d = v[f], a = v[TET_FACE[f][0]], b = v[TET_FACE[f][1]], c = v[TET_FACE[f][2]];
  int e = -1;
  for (int k = 0; k < 4; k++)
    if (m->tet[u][k] != a && m->tet[u][k] != b && m->tet[u][k] != c) e = m->tet[u][k];
  /* the face looks outward from t: (a, b, c, e) is positive, and so are these three where the pair is convex */
  const int pair[2] = {t, u}, fresh[3][4] = {{b, a, e, d}, {c, b, e, d}, {a, c, e, d}};
  const double bar = worst_of(m, pair, 2) * BETTER + BETTER_BY;
  for (int i = 0; i < 3; i++)
    if (quality4(m, fresh[i][0], fresh[i][1], fresh[i][2], fresh[i][3]) <= bar) return 0;
  *done = true;
  return tet_mesh_replace(m, 2, pair, 3, fresh, m->region[t]);
}

bool point_is_free(const TetMesh *m, int p, const int *star, int n)
{
  if (m->on[p] == ON_LEAD || m->on[p] == ON_END || m->on[p] == ON_CAPSULE) return false;
  return one_region(m, star, n) && tet_mesh_closed(m, p, star, n);
}

double star_pulled(const TetMesh *m, int p, int q, const int *star, int n, double bar, int (*fresh)[4], int *n_fresh)
{
  double worst = DBL_MAX;
  *n_fresh = 0;
  for (int i = 0; i < n && worst > bar; i++) {
    const int *v = m->tet[star[i]];
    int w[4];
    bool between = false;
    for (int k = 0; k < 4; k++) {
      w[k] = v[k] == p ? q : v[k];
      between = between || v[k] == q;
    }
    if (between) continue;
    worst = lesser(worst, quality4(m, w[0], w[1], w[2], w[3]));
    memcpy(fresh[(*n_fresh)++], w, sizeof w);
  }
  return worst;
}

PetscErrorCode collapse_edge(TetMesh *m, int p, int q, bool *done)
{
  int star[STAR_MAX], fresh[STAR_MAX][4], n, n_new;
  *done = false;
  if (!tet_mesh_star(m, p, star, &n) || n > 64 || !point_is_free(m, p, star, n)) return 0;
  const double bar = worst_of(m, star, n) * BETTER + BETTER_BY;
  if (star_pulled(m, p, q, star, n, bar, fresh, &n_new) <= bar) return 0;
  *done = true;
  PetscCall(tet_mesh_replace(m, n, star, n_new, (const int(*)[4])fresh, m->region[star[0]]));
  m->tet_of[p] = -1;
  return 0;
}
