/* Parameter sets: a CSV table, one row a set, one column a contact. */
#include "sets_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

PetscErrorCode sets_open(const char *path, int n_contact, const char *const *contact, SetsFile **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  SetsFile *f = *out;
  f->n_contact = n_contact, f->contact = contact;
  PetscErrorCode ierr = csv_open(path, &f->csv);
  if (!ierr) ierr = sets_read_header(f);
  if (ierr) sets_close(out);
  PetscCall(ierr);
  return 0;
}

void sets_close(SetsFile **f)
{
  if (!*f) return;
  csv_close(&(*f)->csv);
  free((*f)->meaning);
  free(*f);
  *f = NULL;
}

/* One place more than there are sets is kept zeroed: a row that fails may hold memory, too. */
static PetscErrorCode make_room(SetTable *t, size_t *room)
{
  size_t had = *room;
  PetscCall(mem_grow((size_t)t->n_set + 2, sizeof *t->set, room, &t->set));
  if (*room > had) memset(t->set + had, 0, (*room - had) * sizeof *t->set);
  return 0;
}

static PetscErrorCode read_some(SetsFile *f, int most, SetTable *t)
{
  size_t room = 0;
  t->n_contact = f->n_contact;
  PetscCall(make_room(t, &room));
  while (t->n_set < most) {
    const CsvRow *row;
    PetscCall(csv_next(&f->csv, &row));
    if (!row) return 0;
    PetscCall(sets_read_row(f, row, &t->set[t->n_set]));
    t->set[t->n_set++].line = row->line;
    PetscCall(make_room(t, &room));
  }
  return 0;
}

PetscErrorCode sets_next(SetsFile *f, int most, SetTable **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = read_some(f, most, *out);
  if (ierr) sets_destroy(out);
  PetscCall(ierr);
  return 0;
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

static int by_name(const void *pa, const void *pb)
{
  const StimulationSet *a = *(const StimulationSet *const *)pa, *b = *(const StimulationSet *const *)pb;
  int order = strcmp(a->name, b->name);
  return order ? order : a->line - b->line;
}

static PetscErrorCode check_names(const SetTable *t, const char *path)
{
  const StimulationSet **s, *twice = NULL;
  PetscCall(mem_alloc((size_t)t->n_set, sizeof *s, &s));
  for (int i = 0; i < t->n_set; i++) s[i] = &t->set[i];
  qsort(s, (size_t)t->n_set, sizeof *s, by_name);
  for (int i = 1; i < t->n_set; i++)
    if (!strcmp(s[i - 1]->name, s[i]->name) && (!twice || s[i]->line < twice->line)) twice = s[i];
  free(s);
  return twice ? csv_fail(path, twice->line, "the set \"%s\" is there twice", twice->name) : 0;
}

static PetscErrorCode check_all(const SetTable *t, const char *path)
{
  PetscCheck(t->n_set, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: there is no set in it; expected a header and one row a set", path);
  return check_names(t, path);
}

PetscErrorCode sets_read(const char *path, int n_contact, const char *const *contact, SetTable **out)
{
  SetsFile *f = NULL;
  *out = NULL;
  PetscErrorCode ierr = sets_open(path, n_contact, contact, &f);
  if (!ierr) ierr = sets_next(f, INT_MAX - 2, out);
  if (!ierr) ierr = check_all(*out, path);
  sets_close(&f);
  if (ierr) sets_destroy(out);
  PetscCall(ierr);
  return 0;
}

void sets_destroy(SetTable **t)
{
  if (!*t) return;
  /* a row that failed before it counted may hold memory, too; the array is zeroed */
  for (int i = 0; (*t)->set && i <= (*t)->n_set; i++) free((*t)->set[i].fraction), free((*t)->set[i].voltage_V);
  free((*t)->set);
  free(*t);
  *t = NULL;
}

int sets_find(const SetTable *t, const char *name)
{
  for (int i = 0; i < t->n_set; i++)
    if (!strcmp(t->set[i].name, name)) return i;
  return -1;
}
