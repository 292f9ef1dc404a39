/* Parameter sets made by Cauda: a table in memory, and its file. */
#include "cauda/case.h"

#include <math.h>

PetscErrorCode sets_create(int n_contact, int n_set, SetTable **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  SetTable *t = *out;
  t->n_contact = n_contact;
  PetscErrorCode ierr = mem_alloc((size_t)n_set + 1, sizeof *t->set, &t->set); /* sets_destroy() looks one further */
  for (; t->n_set < n_set && !ierr; t->n_set++)
    ierr = mem_alloc((size_t)n_contact + 1, sizeof *t->set[t->n_set].fraction, &t->set[t->n_set].fraction);
  if (ierr) sets_destroy(out);
  return ierr;
}

static void put_set(const StimulationSet *s, int n_contact, FILE *f)
{
  fprintf(f, "%s", s->name);
  for (int i = 0; i <= n_contact; i++) fprintf(f, ",%.10g", s->fraction[i] == 0.0 ? 0.0 : s->fraction[i]);
  if (s->amplitude_mA > 0.0)
    fprintf(f, ",%.10g", s->amplitude_mA);
  else
    fputc(',', f);
  if (s->width_us > 0.0)
    fprintf(f, ",%.10g\n", s->width_us);
  else
    fputs(",\n", f);
}

PetscErrorCode sets_write(const SetTable *t, const char *const *contact, const char *path)
{
  OutFile f;
  FILE *s = NULL;
  PetscCall(file_begin(path, &f));
  PetscErrorCode ierr = file_open(&f, &s);
  if (!ierr) {
    fputs("set", s);
    for (int i = 0; i < t->n_contact; i++) fprintf(s, ",%s", contact[i]);
    fputs(",case,amplitude_mA,width_us\n", s);
    for (int i = 0; i < t->n_set; i++) put_set(&t->set[i], t->n_contact, s);
    ierr = file_close(&f, &s);
  }
  if (!ierr) ierr = file_commit(&f);
  if (ierr) file_abort(&f);
  return ierr;
}
