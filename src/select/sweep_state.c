/* What a sweep has found, and how far it is: in memory, and in the file from which one that was interrupted goes on. */
#include "cauda/screen.h"

#include <stdlib.h>
#include <string.h>

PetscErrorCode sweep_state_create(int keep, SweepState **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  (*out)->keep = keep;
  PetscErrorCode ierr = mem_alloc((size_t)keep, sizeof *(*out)->best, &(*out)->best);
  if (ierr) sweep_state_destroy(out);
  return ierr;
}

void sweep_state_destroy(SweepState **s)
{
  if (!*s) return;
  free((*s)->best);
  free(*s);
  *s = NULL;
}

static bool before(const SweepEntry *a, const SweepEntry *b)
{
  return a->score != b->score ? a->score > b->score : a->number < b->number;
}

/* One that is there already (a piece begun before an interrupt, and looked at again) is not taken twice. */
void sweep_state_put(SweepState *s, const SweepEntry *e)
{
  int at = s->n;
  while (at > 0 && before(e, &s->best[at - 1])) at--;
  if (at == s->keep || (at > 0 && s->best[at - 1].number == e->number)) return;
  if (s->n < s->keep) s->n++;
  memmove(&s->best[at + 1], &s->best[at], (size_t)(s->n - 1 - at) * sizeof *e);
  s->best[at] = *e;
}

static PetscErrorCode read_entries(FILE *f, int n, SweepState *s)
{
  for (s->n = 0; s->n < n; s->n++) {
    long long number;
    SweepEntry *e = &s->best[s->n];
    if (fscanf(f, "%lld %la %la", &number, &e->score, &e->at_mA) != 3) break;
    e->number = number;
  }
  return s->n == n ? 0 : PETSC_ERR_FILE_UNEXPECTED;
}

/* A state of another key, or none, is no error: the sweep begins anew. */
PetscErrorCode sweep_state_read(const char *path, const char *key, SweepState *s)
{
  char had[65];
  long long done, refused;
  int n;
  FILE *f = fopen(path, "r");
  s->n = 0, s->done = s->refused = 0;
  if (!f) return 0;
  bool fits =
      fscanf(f, "%64s %lld %lld %d", had, &done, &refused, &n) == 4 && !strcmp(had, key) && n >= 0 && n <= s->keep;
  if (fits && !read_entries(f, n, s))
    s->done = done, s->refused = refused;
  else
    s->n = 0;
  fclose(f);
  return 0;
}

typedef struct {
  const char *key;
  const SweepState *state;
} Keyed;

static PetscErrorCode put_state(const void *what, FILE *f)
{
  const Keyed *k = what;
  const SweepState *s = k->state;
  fprintf(f, "%s %lld %lld %d\n", k->key, (long long)s->done, (long long)s->refused, s->n);
  for (int i = 0; i < s->n; i++)
    fprintf(f, "%lld %a %a\n", (long long)s->best[i].number, s->best[i].score, s->best[i].at_mA);
  return 0;
}

PetscErrorCode sweep_state_write(const char *path, const char *key, const SweepState *s)
{
  return file_write(path, put_state, &(Keyed){key, s});
}
