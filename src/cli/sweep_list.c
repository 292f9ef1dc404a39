#include "sweep_list.h"

#include <stdlib.h>

enum { BLOCK = 32768 };

PetscErrorCode sweep_list_path(const Work *w, char path[CAUDA_PATH_MAX])
{
  return work_beside_case(w, w->c->sweep.sets, path);
}

static int find_width(const SweepWidths *widths, double us)
{
  for (int i = 0; i < widths->n; i++)
    if (widths->us[i] == us) return i;
  return -1;
}

static PetscErrorCode note_width(const SweepList *l, const StimulationSet *s, SweepWidths *widths)
{
  if (s->width_us <= 0.0 || find_width(widths, s->width_us) >= 0) return 0;
  PetscCheck(widths->n < SWEEP_WIDTHS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found more than %d different pulse widths", l->path, s->line, SWEEP_WIDTHS_MAX);
  widths->us[widths->n] = s->width_us;
  widths->named_only[widths->n++] = true;
  return 0;
}

static PetscErrorCode look_through(SetsFile *f, int case_widths, SweepWidths *widths, SweepList *l)
{
  for (;;) {
    SetTable *t;
    PetscErrorCode ierr = 0;
    PetscCall(sets_next(f, BLOCK, &t));
    int n = t->n_set;
    for (int i = 0; i < n && !ierr; i++) {
      ierr = note_width(l, &t->set[i], widths);
      l->looked_at += t->set[i].width_us > 0.0 ? 1 : case_widths;
    }
    sets_destroy(&t);
    if (ierr) return ierr;
    if (!n) break;
    l->n += n;
  }
  PetscCheck(l->n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: there is no set in it; expected a header and one row a set", l->path);
  return 0;
}

PetscErrorCode sweep_list_open(Work *w, SweepWidths *widths, SweepList *l)
{
  SetsFile *f = NULL;
  *l = (SweepList){.n_contact = w->lead->n_contacts};
  PetscCall(sweep_list_path(w, l->path));
  PetscErrorCode ierr = mem_alloc((size_t)l->n_contact, sizeof *l->contact, &l->contact);
  for (int i = 0; i < l->n_contact && !ierr; i++) l->contact[i] = w->lead->contacts[i].name;
  if (!ierr) ierr = sets_open(l->path, l->n_contact, l->contact, &f);
  if (!ierr) ierr = look_through(f, widths->n, widths, l);
  sets_close(&f);
  if (ierr) sweep_list_close(l);
  return ierr;
}

void sweep_list_close(SweepList *l)
{
  free(l->contact);
  l->contact = NULL;
}

/* Blocks before the one that is asked for are read, too, but that costs little beside looking at them. */
static PetscErrorCode each_block(const Work *w, SetsFile *f, int64_t from, SweepListTake take, void *context)
{
  int n = 1;
  for (int64_t first = 0; n; first += n) {
    SetTable *t;
    PetscErrorCode ierr = 0;
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
    PetscCall(sets_next(f, BLOCK, &t));
    n = t->n_set;
    if (n && first + n > from) ierr = sets_resolve(t, w->field);
    if (n && first + n > from && !ierr) ierr = take(context, t, first);
    sets_destroy(&t);
    if (ierr) return ierr;
  }
  return 0;
}

PetscErrorCode sweep_list_each(const Work *w, const SweepList *l, int64_t from, SweepListTake take, void *context)
{
  SetsFile *f;
  PetscCall(sets_open(l->path, l->n_contact, l->contact, &f));
  PetscErrorCode ierr = each_block(w, f, from, take, context);
  sets_close(&f);
  return ierr;
}
