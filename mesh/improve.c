/* What is tried with a bad tetrahedron, in which order. */
#include "improve.h"

#include <float.h>

#include "improve_flip.h"
#include "improve_move.h"

static const double FLAT_DEG = 6.0;

static double sine(double deg) { return sin(deg * M_PI / 180.0); }

static PetscErrorCode flip_any(TetMesh *m, int t, ImproveReport *r, bool *done)
{
  for (int i = 0; i < 4; i++)
    for (int j = i + 1; j < 4; j++) {
      PetscCall(flip_edge(m, t, i, j, done));
      if (*done) {
        r->edges_removed++;
        return 0;
      }
    }
  for (int f = 0; f < 4; f++) {
    PetscCall(flip_face(m, t, f, done));
    if (*done) {
      r->faces_removed++;
      return 0;
    }
  }
  return 0;
}

/* A flat tetrahedron on an interface belongs to either side: given to the other, an edge of it may be removed there. */
static PetscErrorCode retag_and_flip(TetMesh *m, int t, ImproveReport *r, bool *done)
{
  const int16_t own = m->region[t];
  *done = false;
  for (int k = 0; k < 4; k++)
    if (m->on[m->tet[t][k]] == IN_VOLUME) return 0;
  for (int f = 0; f < 4; f++) {
    const int u = m->adj[t][f];
    if (u < 0 || m->region[u] == own) continue;
    m->region[t] = m->region[u];
    PetscCall(flip_any(m, t, r, done));
    if (*done) {
      r->retagged++;
      return 0;
    }
    m->region[t] = own;
  }
  return 0;
}

/* A flat tetrahedron with two faces on the boundary can go; the boundary is then its other two faces. On the lead both
 * must be of one part (one contact, or the body), so that no contact's outline moves. */
static PetscErrorCode drop_from_boundary(TetMesh *m, const LeadFaces *lead, int t, ImproveReport *r, bool *done)
{
  int open = 0, part[4];
  *done = false;
  for (int f = 0; f < 4; f++) {
    const int p[3] = {m->tet[t][TET_FACE[f][0]], m->tet[t][TET_FACE[f][1]], m->tet[t][TET_FACE[f][2]]};
    if (m->adj[t][f] < 0) part[open++] = lead_face_part(lead, p);
  }
  if (open != 2 || part[0] != part[1]) return 0;
  *done = true;
  r->slivers_dropped++;
  return tet_mesh_remove(m, t);
}

static PetscErrorCode collapse_any(TetMesh *m, int t, ImproveReport *r, bool *done)
{
  *done = false;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) {
      if (i == j || m->on[m->tet[t][i]] != IN_VOLUME) continue;
      PetscCall(collapse_edge(m, m->tet[t][i], m->tet[t][j], done));
      if (*done) {
        r->collapsed++;
        return 0;
      }
    }
  return 0;
}

PetscErrorCode better_one(TetMesh *m, const Sizing *z, const LeadFaces *lead, int t, double q, Rng *rng,
                          ImproveReport *r, bool *done)
{
  PetscCall(flip_any(m, t, r, done));
  if (*done) return 0;
  if (q < sine(FLAT_DEG)) {
    PetscCall(retag_and_flip(m, t, r, done));
    if (*done) return 0;
    PetscCall(drop_from_boundary(m, lead, t, r, done));
    if (*done) return 0;
  }
  for (int k = 0; k < 4; k++)
    if (move_point(m, z, m->tet[t][k], rng)) {
      r->moved++;
      *done = true;
    }
  if (*done) return 0;
  return collapse_any(m, t, r, done);
}
