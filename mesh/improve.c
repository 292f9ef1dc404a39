/* The order in which bad tetrahedra are bettered. */
#include "improve.h"

#include <float.h>

#include "improve_flip.h"
#include "improve_move.h"

/* Tetrahedra below TARGET_DEG are worked on; passes end when the worst are above and little changes. */
static const double TARGET_DEG = 12.0, FLAT_DEG = 6.0;
enum { PASSES_MAX = 10 };

static double sine(double deg) { return sin(deg * M_PI / 180.0); }

static double worst_angle(const TetMesh *m)
{
  double worst = 1.0;
  for (int t = 0; t < m->n_tet; t++)
    if (tet_alive(m, t)) worst = lesser(worst, tet_mesh_quality(m, t));
  return asin(greater(-1.0, worst)) * 180.0 / M_PI;
}

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

static PetscErrorCode better_one(TetMesh *m, const Sizing *z, const LeadFaces *lead, int t, double q, Rng *rng,
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

PetscErrorCode mesh_improve(TetMesh *m, const Sizing *z, const LeadFaces *lead, ImproveReport *r)
{
  Rng rng = rng_seed((uint64_t)z->mesh.seed, 2);
  r->worst_before_deg = worst_angle(m);
  for (int pass = 0; pass < PASSES_MAX; pass++) {
    int bad = 0, bettered = 0;
    /* slots made on the way come up in the same pass */
    for (int t = 0; t < m->n_tet; t++) {
      if (!tet_alive(m, t)) continue;
      const double q = tet_mesh_quality(m, t);
      if (q >= sine(TARGET_DEG)) continue;
      bool done = false;
      bad++;
      PetscCall(better_one(m, z, lead, t, q, &rng, r, &done));
      bettered += done;
      if (bad % 1024) continue;
      PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while improving the mesh");
      progress("improve", (pass + (double)t / m->n_tet) / PASSES_MAX);
    }
    r->passes = pass + 1;
    if (bettered < bad / 50) break;
  }
  r->worst_after_deg = worst_angle(m);
  return 0;
}
