/* Moving points: a few tries, in shrinking steps, each taken only if the worst tetrahedron around gets better. */
#include "improve_move.h"

#include <float.h>

#include "improve_flip.h"
#include "interface.h"

enum { ROUNDS = 4, TRIES = 6 };

static double star_quality(const TetMesh *m, const int *star, int n, double bar)
{
  double worst = DBL_MAX;
  for (int i = 0; i < n && worst > bar; i++) worst = lesser(worst, tet_mesh_quality(m, star[i]));
  return worst;
}

static double star_size(const TetMesh *m, const int *star, int n, int p, double mean[3])
{
  double size = 0.0;
  int count = 0;
  v3_set(mean, 0, 0, 0);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 4; k++) {
      const int q = m->tet[star[i]][k];
      if (q == p) continue;
      size += sqrt(v3_distance2(m->x[p], m->x[q]));
      v3_axpy(mean, 1.0, m->x[q], mean);
      count++;
    }
  v3_scale(1.0 / count, mean);
  return size / count;
}

/* Away from the lead and the domain's boundary, a point sampled on an interface may move along it, and a point sampled in
 * a volume anywhere, even if a face between two regions came to hang on it. */
static bool may_move(const TetMesh *m, int p, const int *star, int n)
{
  if (m->on[p] == ON_LEAD || m->on[p] == ON_END || m->on[p] <= TISSUE_BODY) return false;
  return tet_mesh_closed(m, p, star, n);
}

bool move_point(TetMesh *m, const Sizing *z, int p, Rng *rng)
{
  int star[STAR_MAX], n;
  double mean[3], start[3];
  if (!tet_mesh_star(m, p, star, &n)) return false;
  if (!may_move(m, p, star, n)) return false;
  const bool free = m->on[p] == IN_VOLUME || point_is_free(m, p, star, n);
  double best = star_quality(m, star, n, -DBL_MAX), step = 0.3 * star_size(m, star, n, p, mean);
  const double first = best;
  Foot at;
  if (!free && !interface_project(z, m->on[p], m->x[p], false, m->edge[p], &at)) return false;
  v3_copy(m->x[p], start);
  for (int round = 0; round < ROUNDS; round++, step *= 0.45)
    for (int i = 0; i < TRIES; i++) {
      double old[3], try[3], dir[3];
      v3_copy(m->x[p], old);
      if (i == 0) {
        for (int k = 0; k < 3; k++) try[k] = old[k] + (round ? 0.3 : 1.0) * (mean[k] - old[k]);
      } else {
        for (int k = 0; k < 3; k++) dir[k] = rng_normal(rng);
        v3_normalise(dir);
        v3_axpy(old, step, dir, try);
      }
      if (!free) {
        Foot foot;
        if (!interface_project_shifted(z->s, m->on[p], try, false, m->edge[p], at.outward, &foot)) continue;
        v3_copy(foot.p, try);
      }
      v3_copy(try, m->x[p]);
      const double q = star_quality(m, star, n, best);
      if (q > best)
        best = q;
      else
        v3_copy(old, m->x[p]);
    }
  if (best > first + 1e-6) {
    for (int i = 0; m->look && i < n; i++) m->look[star[i]] = 1;
    return true;
  }
  v3_copy(start, m->x[p]);
  return false;
}
