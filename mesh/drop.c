/* Taking points out of the mesh. */
#include "drop.h"

#include <float.h>
#include <string.h>

enum { CORNERS_MAX = 2 * STAR_MAX };
/* Smallest sine of a dihedral angle that a tetrahedron must have: it may be flat, but not inverted. */
static const double FLATTEST = 1e-6;

static bool closed(const TetMesh *m, int p, const int *star, int n)
{
  for (int i = 0; i < n; i++)
    for (int f = 0; f < 4; f++)
      if (m->tet[star[i]][f] != p && m->adj[star[i]][f] < 0) return false;
  return true;
}

/* What the star of p becomes as p is pulled onto q, and the worst quality in it; nothing where that is below `bar`. */
static double pulled(const TetMesh *m, int p, int q, const int *star, int n, double bar, int (*fresh)[4], int *n_fresh)
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
    worst = lesser(worst, tet_quality(m->x[w[0]], m->x[w[1]], m->x[w[2]], m->x[w[3]]));
    memcpy(fresh[(*n_fresh)++], w, sizeof w);
  }
  return worst;
}

static PetscErrorCode drop_point(TetMesh *m, int p)
{
  int star[STAR_MAX], fresh[STAR_MAX][4], corner[CORNERS_MAX], n, n_fresh, n_corner = 0, best = -1;
  double bar = FLATTEST;
  if (!tet_mesh_star(m, p, star, &n) || !closed(m, p, star, n)) return 0;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 4; k++) {
      bool known = m->tet[star[i]][k] == p;
      for (int c = 0; c < n_corner && !known; c++) known = corner[c] == m->tet[star[i]][k];
      if (!known && n_corner < CORNERS_MAX) corner[n_corner++] = m->tet[star[i]][k];
    }
  for (int c = 0; c < n_corner; c++) {
    const double worst = pulled(m, p, corner[c], star, n, bar, fresh, &n_fresh);
    if (worst > bar) bar = worst, best = corner[c];
  }
  if (best < 0) return 0;
  (void)pulled(m, p, best, star, n, FLATTEST, fresh, &n_fresh);
  PetscCall(tet_mesh_replace(m, n, star, n_fresh, (const int(*)[4])fresh, m->region[star[0]]));
  m->tet_of[p] = -1;
  return 0;
}

PetscErrorCode drop_points(TetMesh *m, const PointStore *store)
{
  for (int p = 0; p < m->n_point; p++)
    if (m->sample[p] >= 0 && m->tet_of[p] >= 0 && point_store_at(store, m->sample[p])->edge <= 0.0)
      PetscCall(drop_point(m, p));
  return 0;
}
