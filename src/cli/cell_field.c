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
  double *share;
} Shares;

static void shares_of(void *context, int contact, int thread)
{
  const Shares *w = context;
  const Mesh *m = w->m;
  const double *v = w->f->potential + (size_t)contact * (size_t)w->f->n_node;
  double *row = w->share + (size_t)contact * (size_t)m->n_region, all = 0.0;
  (void)thread;
  for (TetId t = 0; t < m->n_tet; t++) {
    double E[3];
    cell_field(m, v, t, E);
    double power = power_density(w->sigma + 6 * (size_t)t, E) * mesh_tet_volume(m, t);
    row[m->region[t]] += power;
    all += power;
  }
  for (int r = 0; r < m->n_region && all > 0.0; r++) row[r] /= all;
}

PetscErrorCode power_shares(const Mesh *m, const double *sigma, const LeadField *f, double *share)
{
  Team *team;
  Shares w = {m, sigma, f, share};
  PetscCall(team_create(0, &team));
  team_run(team, f->n_contact, shares_of, &w);
  team_destroy(&team);
  return 0;
}
