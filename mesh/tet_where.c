/* Looking at all tetrahedra. */
#include "tet_where.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  int n, error;
  size_t room;
  int *tet;
} Found;

typedef struct {
  const TetMesh *m;
  TetTest test;
  const void *context;
  Found *found; /* [stretches] */
} Search;

static void look(void *context, int stretch, int thread)
{
  Search *s = context;
  Found *f = &s->found[stretch];
  (void)thread;
  for (int t = stretch * STRETCH; t < stretch_end(s->m, stretch) && !f->error; t++) {
    if (!tet_alive(s->m, t) || !s->test(s->context, s->m, t)) continue;
    f->error = mem_grow((size_t)f->n + 1, sizeof *f->tet, &f->room, &f->tet);
    if (!f->error) f->tet[f->n++] = t;
  }
}

static PetscErrorCode collect(const Search *s, int *n, int **list)
{
  size_t all = 0;
  for (int i = 0; i < stretch_count(s->m); i++) {
    if (s->found[i].error) return (PetscErrorCode)s->found[i].error;
    all += (size_t)s->found[i].n;
  }
  PetscCall(mem_alloc(all, sizeof **list, list));
  for (int i = 0; i < stretch_count(s->m); i++) {
    if (s->found[i].n) memcpy(*list + *n, s->found[i].tet, (size_t)s->found[i].n * sizeof **list);
    *n += s->found[i].n;
  }
  return 0;
}

PetscErrorCode tet_where(const TetMesh *m, Team *team, TetTest test, const void *context, int *n, int **list)
{
  Search s = {m, test, context, NULL};
  *n = 0, *list = NULL;
  PetscCall(mem_alloc((size_t)stretch_count(m), sizeof *s.found, &s.found));
  team_run(team, stretch_count(m), look, &s);
  const PetscErrorCode ierr = collect(&s, n, list);
  for (int i = 0; i < stretch_count(m); i++) free(s.found[i].tet);
  free(s.found);
  return ierr;
}
