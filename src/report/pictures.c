/* The plots as files of their own. */
#include "svg.h"

#include "cauda/report.h"

/* What a picture is of, and where it goes. */
typedef struct {
  const Subject *s;
  const char *folder;
  int set;
} Picture;

static void left_curves(FILE *f, const Picture *p) { svg_curves(f, p->s, p->set, 'L'); }
static void right_curves(FILE *f, const Picture *p) { svg_curves(f, p->s, p->set, 'R'); }
static void contacts(FILE *f, const Picture *p) { svg_contacts(f, p->s, p->set); }
static void pareto(FILE *f, const Picture *p) { svg_pareto(f, p->s); }
static void impedance(FILE *f, const Picture *p) { svg_impedance(f, p->s); }

static PetscErrorCode put(const Picture *p, const char *name, void (*draw)(FILE *, const Picture *))
{
  char path[CAUDA_PATH_MAX];
  OutFile o;
  FILE *f;
  PetscCall(path_join(p->folder, name, path));
  PetscCall(file_begin(path, &o));
  PetscCall(file_open(&o, &f));
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", f);
  draw(f, p);
  PetscCall(file_close(&o, &f));
  PetscCall(file_commit(&o));
  return 0;
}

static PetscErrorCode put_set(const Picture *p)
{
  char part[CAUDA_NAME_MAX], name[CAUDA_NAME_MAX + 32];
  file_part(p->s->thresholds->set[p->set], part);
  snprintf(name, sizeof name, "curves_%s_left.svg", part);
  PetscCall(put(p, name, left_curves));
  snprintf(name, sizeof name, "curves_%s_right.svg", part);
  PetscCall(put(p, name, right_curves));
  snprintf(name, sizeof name, "contacts_%s.svg", part);
  return svg_has_contacts(p->s) ? put(p, name, contacts) : 0;
}

static PetscErrorCode put_all(const Subject *s, const char *folder)
{
  Picture p = {s, folder, 0};
  PetscCall(folder_create(folder));
  for (int i = 0; s->thresholds && i < s->thresholds->n_set; i++) {
    p.set = i;
    PetscCall(put_set(&p));
  }
  if (svg_has_pareto(s)) PetscCall(put(&p, "pareto.svg", pareto));
  if (s->impedance && s->impedance->n_row == s->impedance->n_column) PetscCall(put(&p, "impedance.svg", impedance));
  return 0;
}

PetscErrorCode report_pictures_write(const char *folder, const char *out)
{
  Subject s;
  PetscCall(subject_open(folder, &s));
  PetscErrorCode ierr = put_all(&s, out);
  subject_close(&s);
  PetscCall(ierr);
  return 0;
}
