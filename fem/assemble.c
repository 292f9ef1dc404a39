/* Assembly of own rows. */
#include "assemble.h"

#include <stdlib.h>

enum { TETS = 16384 }; /* a piece of work */

typedef struct {
  const Mesh *m;
  const double *sigma;
  TetId *bad; /* [pieces] the first that is at fault, or -1 */
} TetCheck;

static void tets_look(void *context, int piece, int thread)
{
  TetCheck *c = context;
  TetId t = piece * TETS, end = c->m->n_tet - t > TETS ? t + TETS : c->m->n_tet;
  (void)thread;
  while (t < end && tensor_is_positive(c->sigma + 6 * (size_t)t) && mesh_tet_volume(c->m, t) > 0.0) t++;
  c->bad[piece] = t < end ? t : -1;
}

static PetscErrorCode tets_check(const Mesh *m, const double *sigma, Team *team)
{
  int n = (m->n_tet + TETS - 1) / TETS;
  TetId first = -1;
  TetCheck c = {.m = m, .sigma = sigma};
  PetscCall(mem_alloc((size_t)n, sizeof *c.bad, &c.bad));
  team_run(team, n, tets_look, &c);
  for (int p = n - 1; p >= 0; p--)
    if (c.bad[p] >= 0) first = c.bad[p];
  free(c.bad);
  return first < 0 ? 0 : tet_check(m, sigma, first);
}

PetscErrorCode tensors_check(const Mesh *m, const double *sigma)
{
  Team *team;
  PetscCall(team_create(0, &team));
  PetscErrorCode ierr = tets_check(m, sigma, team);
  team_destroy(&team);
  return ierr;
}

PetscErrorCode stiffness_assemble(const System *s, Csr *out)
{
  Team *team;
  *out = (Csr){.n = 0};
  PetscCall(team_create(s->dofs->mine && !team_limited() ? 1 : 0, &team)); /* ranks have the processors already */
  PetscErrorCode ierr = rows_of_system(s, team, out);
  team_destroy(&team);
  return ierr;
}

/* ---- from first to second order ------------------------------------------------------------------------------- */

/* What row `fine` of the prolongation is: the same unknown at a vertex and on metal, half of each end's in the middle
 * of an edge. `parent` [n_unknown of fine][2]: unknowns of first order, -1 for none (or not yet known, both). */
static void parents_find(const Space *s, const DofMap *fine, const DofMap *coarse, int32_t (*parent)[2])
{
  NodeId vertices = s->mesh->n_node;
  for (int32_t u = 0; u < fine->n_unknown; u++) parent[u][0] = parent[u][1] = -1;
  for (NodeId a = 0; a < vertices; a++)
    for (EdgeId e = s->edges->start[a]; e < s->edges->start[a + 1]; e++) {
      int32_t u = fine->unknown[vertices + e];
      if (u >= 0) parent[u][0] = coarse->unknown[a], parent[u][1] = coarse->unknown[s->edges->end[e]];
    }
  for (NodeId n = 0; n < vertices; n++) {
    int32_t u = fine->unknown[n];
    if (u >= 0) parent[u][0] = parent[u][1] = coarse->unknown[n];
  }
  for (int c = 0; c < fine->n_contact; c++)
    if (fine->contact_unknown[c] >= 0)
      parent[fine->contact_unknown[c]][0] = parent[fine->contact_unknown[c]][1] = coarse->contact_unknown[c];
}

static PetscErrorCode parents_to_rows(int32_t n_row, int32_t n_column, int32_t (*parent)[2], Csr *out)
{
  int32_t n = 0, *start, *column;
  double *value;
  PetscCall(csr_alloc(n_row, n_column, 2 * (int64_t)n_row, out, &start, &column, &value));
  for (int32_t row = 0; row < n_row; row++) {
    const int32_t *p = parent[row];
    int32_t low = p[0] < p[1] ? p[0] : p[1], high = p[0] < p[1] ? p[1] : p[0];
    if (low >= 0 && low < high) column[n] = low, value[n++] = 0.5;
    if (high >= 0) column[n] = high, value[n++] = low == high ? 1.0 : 0.5;
    start[row + 1] = n;
  }
  return 0;
}

PetscErrorCode prolongation_assemble(const Space *s, const DofMap *fine, const DofMap *coarse, Csr *out)
{
  int32_t(*parent)[2];
  *out = (Csr){.n = 0};
  PetscCall(mem_alloc((size_t)fine->n_unknown, sizeof *parent, &parent));
  parents_find(s, fine, coarse, parent);
  PetscErrorCode ierr = parents_to_rows(fine->n_own, coarse->n_unknown, parent, out);
  free(parent);
  return ierr;
}
