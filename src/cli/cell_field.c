/* The field in the tetrahedra, and where the power goes. */
#include "outputs.h"

#include "cauda/team.h"

/* grad of the barycentric coordinate of vertex k is the inward normal of the opposite face over six volumes; summed
 * over k, minus the value at vertex 0, which has no gradient. */
void cell_field(const Mesh *m, const double *v, TetId t, double E[3])
{
  const NodeId *node = m->tet[t];
  double edge[3][3], normal[3], g[3] = {0.0, 0.0, 0.0};
  for (int k = 0; k < 3; k++) v3_sub(m->xyz + 3 * (size_t)node[k + 1], m->xyz + 3 * (size_t)node[0], edge[k]);
  for (int k = 0; k < 3; k++) {
    v3_cross(edge[(k + 1) % 3], edge[(k + 2) % 3], normal);
    v3_axpy(g, v[node[k + 1]] - v[node[0]], normal, g);
  }
  double volume6_mm3 = v3_volume6(m->xyz + 3 * (size_t)node[0], m->xyz + 3 * (size_t)node[1],
                                  m->xyz + 3 * (size_t)node[2], m->xyz + 3 * (size_t)node[3]);
  for (int i = 0; i < 3; i++) E[i] = -1e3 * g[i] / volume6_mm3; /* V/mm to V/m */
}

static double power_density(const double s[6], const double E[3])
{
  return s[0] * E[0] * E[0] + s[1] * E[1] * E[1] + s[2] * E[2] * E[2] +
         2.0 * (s[3] * E[0] * E[1] + s[4] * E[1] * E[2] + s[5] * E[0] * E[2]);
}

typedef struct {
  const Mesh *m;
  const double *sigma;
  const LeadField *f;
  const bool *mine;
  double *power;
} Powers;

static void power_of(void *context, int contact, int thread)
{
  const Powers *w = context;
  const Mesh *m = w->m;
  const double *v = w->f->potential + (size_t)contact * (size_t)w->f->n_node;
  double *row = w->power + (size_t)contact * (size_t)m->n_region;
  (void)thread;
  for (TetId t = 0; t < m->n_tet; t++) {
    double E[3];
    if (w->mine && !w->mine[m->tet[t][0]]) continue;
    cell_field(m, v, t, E);
    row[m->region[t]] += power_density(w->sigma + 6 * (size_t)t, E) * mesh_tet_volume(m, t) * 1e-9; /* mm3 to m3 */
  }
}

PetscErrorCode power_of_regions(const Mesh *m, const double *sigma, const LeadField *f, const bool *mine, double *power)
{
  Team *team;
  Powers w = {m, sigma, f, mine, power};
  PetscCall(team_create(mine && !team_limited() ? 1 : 0, &team)); /* ranks have the processors already */
  team_run(team, f->n_contact, power_of, &w);
  team_destroy(&team);
  return 0;
}

void power_shares(int n_contact, int n_region, double *power)
{
  for (int c = 0; c < n_contact; c++) {
    double *row = power + (size_t)c * (size_t)n_region, all = 0.0;
    for (int r = 0; r < n_region; r++) all += row[r];
    for (int r = 0; r < n_region && all > 0.0; r++) row[r] /= all;
  }
}
