/* Taking points out of the mesh. */
#include "drop.h"

#include "improve_flip.h"

enum { CORNERS_MAX = 2 * STAR_MAX };
/* Smallest sine of a dihedral angle that a tetrahedron must have: it may be flat, but not inverted. */
static const double FLATTEST = 1e-6;

static PetscErrorCode drop_point(TetMesh *m, int p)
{
  int star[STAR_MAX], fresh[STAR_MAX][4], corner[CORNERS_MAX], n, n_fresh, n_corner = 0, best = -1;
  double bar = FLATTEST;
  if (!tet_mesh_star(m, p, star, &n) || !tet_mesh_closed(m, p, star, n)) return 0;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 4; k++) {
      bool known = m->tet[star[i]][k] == p;
      for (int c = 0; c < n_corner && !known; c++) known = corner[c] == m->tet[star[i]][k];
      if (!known && n_corner < CORNERS_MAX) corner[n_corner++] = m->tet[star[i]][k];
    }
  for (int c = 0; c < n_corner; c++) {
    const double worst = star_pulled(m, p, corner[c], star, n, bar, fresh, &n_fresh);
    if (worst > bar) bar = worst, best = corner[c];
  }
  if (best < 0) return 0;
  (void)star_pulled(m, p, best, star, n, FLATTEST, fresh, &n_fresh);
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
