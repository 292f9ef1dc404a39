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

/* Of shares that the impedances give, further digits are the solver's. */
static void put_cell(const StimulationSet *s, int i, FILE *f)
{
  if (s->control != SET_VOLTAGE)
    fprintf(f, s->control == SET_CURRENT ? ",%.10g" : ",%.6g", s->fraction[i] == 0.0 ? 0.0 : s->fraction[i]);
  else if (isnan(s->voltage_V[i]))
    fputc(',', f);
  else
    fprintf(f, ",%.10g", s->voltage_V[i]);
}

/* So they are of an amplitude. */
static void put_set(const StimulationSet *s, int n_contact, bool controls, FILE *f)
{
  static const char *const names[] = {"current", "single_source", "voltage"};
  fprintf(f, "%s", s->name);
  if (controls) fprintf(f, ",%s", names[s->control]);
  for (int i = 0; i <= n_contact; i++) put_cell(s, i, f);
  if (s->amplitude_mA > 0.0 && s->control != SET_VOLTAGE)
    fprintf(f, ",%.6g", s->amplitude_mA);
  else
    fputc(',', f);
  if (s->width_us > 0.0)
    fprintf(f, ",%.10g\n", s->width_us);
  else
    fputs(",\n", f);
}

typedef struct {
  const SetTable *t;
  const char *const *contact;
} Sets;

static PetscErrorCode put_sets(const void *what, FILE *s)
{
  const SetTable *t = ((const Sets *)what)->t;
  bool controls = false;
  for (int i = 0; i < t->n_set; i++) controls = controls || t->set[i].control != SET_CURRENT;
  fputs(controls ? "set,control" : "set", s);
  for (int i = 0; i < t->n_contact; i++) fprintf(s, ",%s", ((const Sets *)what)->contact[i]);
  fputs(",case,amplitude_mA,width_us\n", s);
  for (int i = 0; i < t->n_set; i++) put_set(&t->set[i], t->n_contact, controls, s);
  return 0;
}

PetscErrorCode sets_write(const SetTable *t, const char *const *contact, const char *path)
{
  return file_write(path, put_sets, &(Sets){t, contact});
}
