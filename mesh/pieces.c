/* Joining tetrahedra: each knows one before it of the same piece, and the first of a piece knows itself. Threads join what lies
 * together in memory, and one thread the rest. */
#include "pieces.h"

#include <stdlib.h>

typedef struct {
  size_t n, room;
  int (*face)[2]; /* tetrahedra of one region with a common face, in two stretches */
} Across;

typedef struct {
  const TetMesh *m;
  int *before; /* [n_tet] a tetrahedron of the same piece, itself or one before it */
  int n_stretch;
  Across *across; /* [n_stretch] */
  int *error;     /* [n_stretch] */
} Joining;

/* The first of its piece; the way there is shortened. */
static int first_of(int *before, int t)
{
  while (before[t] != t) t = before[t] = before[before[t]];
  return t;
}

static void join(int *before, int t, int u)
{
  const int a = first_of(before, t), b = first_of(before, u);
  if (a < b)
    before[b] = a;
  else
    before[a] = b;
}

static void join_stretch(void *context, int stretch, int thread)
{
  Joining *j = context;
  const TetMesh *m = j->m;
  Across *across = &j->across[stretch];
  const int begin = stretch * STRETCH, end = stretch_end(m, stretch);
  (void)thread;
  for (int t = begin; t < end; t++) {
    j->before[t] = t;
    for (int f = 0; tet_alive(m, t) && f < 4; f++) {
      const int u = m->adj[t][f];
      if (u < 0 || u >= t || m->region[u] != m->region[t]) continue;
      if (u >= begin) {
        join(j->before, t, u);
        continue;
      }
      j->error[stretch] = mem_grow(across->n + 1, sizeof *across->face, &across->room, &across->face);
      if (j->error[stretch]) return;
      across->face[across->n][0] = t, across->face[across->n++][1] = u;
    }
  }
}

static PetscErrorCode join_all(Joining *j, Team *team)
{
  team_run(team, j->n_stretch, join_stretch, j);
  for (int i = 0; i < j->n_stretch; i++) {
    if (j->error[i]) return (PetscErrorCode)j->error[i];
    for (size_t k = 0; k < j->across[i].n; k++) join(j->before, j->across[i].face[k][0], j->across[i].face[k][1]);
  }
  return 0;
}

/* before[t] becomes the number of t's piece: what is before t has its number already. */
static PetscErrorCode number(const TetMesh *m, int *before, Pieces *out)
{
  size_t room = 0;
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    if (before[t] == t) {
      PetscCall(mem_grow((size_t)out->n + 1, sizeof *out->list, &room, &out->list));
      out->list[out->n] = (Piece){.region = m->region[t]};
      before[t] = out->n++;
    } else {
      before[t] = before[before[t]];
    }
    out->list[before[t]].n++;
  }
  return 0;
}

static void measure(const TetMesh *m, Pieces *out)
{
  for (int i = 0; i < out->n; i++)
    if (out->list[i].n > PIECE_LARGE) out->list[i].volume = 1e6 * out->list[i].n, out->list[i].sampled = true;
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t) || out->list[out->of[t]].n > PIECE_LARGE) continue;
    Piece *p = &out->list[out->of[t]];
    const int *v = m->tet[t];
    p->volume += v3_volume6(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]) / 6.0;
    for (int k = 0; k < 4; k++) p->sampled = p->sampled || m->point_region[v[k]] == p->region;
  }
}

PetscErrorCode pieces_find(const TetMesh *m, Team *team, Pieces *out)
{
  Joining j = {.m = m, .n_stretch = stretch_count(m)};
  *out = (Pieces){0};
  PetscErrorCode ierr = mem_alloc((size_t)m->n_tet, sizeof *out->of, &out->of);
  if (!ierr) ierr = mem_alloc((size_t)j.n_stretch, sizeof *j.across, &j.across);
  if (!ierr) ierr = mem_alloc((size_t)j.n_stretch, sizeof *j.error, &j.error);
  j.before = out->of;
  if (!ierr) ierr = join_all(&j, team);
  if (!ierr) ierr = number(m, j.before, out);
  if (!ierr) measure(m, out);
  for (int i = 0; j.across && i < j.n_stretch; i++) free(j.across[i].face);
  free(j.across);
  free(j.error);
  return ierr;
}

void pieces_free(Pieces *p)
{
  free(p->of);
  free(p->list);
  *p = (Pieces){0};
}
