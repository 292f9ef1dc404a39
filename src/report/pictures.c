/* The plots as files of their own. */
#include "svg.h"

#include "cauda/report.h"

/* What a picture is of, and where it goes. */
typedef struct Picture {
  const Subject *s;
  const char *folder;
  int set;
  json_object *ranking;
  void (*draw)(FILE *, const struct Picture *);
} Picture;

static void left_curves(FILE *f, const Picture *p) { svg_curves(f, p->s, p->set, 'L'); }
static void right_curves(FILE *f, const Picture *p) { svg_curves(f, p->s, p->set, 'R'); }
static void pareto(FILE *f, const Picture *p) { svg_pareto(f, p->s, p->ranking); }
static void ranges(FILE *f, const Picture *p) { svg_ranges(f, p->s); }
static void contacts(FILE *f, const Picture *p)
{
  const DrivenSet d = subject_driven(p->s, p->set);
  svg_contacts(f, p->s, &d);
}
static void impedance(FILE *f, const Picture *p) { svg_impedance(f, p->s); }

static PetscErrorCode put_svg(const void *what, FILE *f)
{
  const Picture *p = what;
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", f);
  p->draw(f, p);
  return 0;
}

static PetscErrorCode put(const Picture *p, const char *name, void (*draw)(FILE *, const Picture *))
{
  char path[CAUDA_PATH_MAX];
  Picture drawn = *p;
  drawn.draw = draw;
  PetscCall(path_join(p->folder, name, path));
  PetscCall(file_write(path, put_svg, &drawn));
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

static PetscErrorCode put_fronts(Picture *p)
{
  json_object *all = json_get(p->s->report, "search");
  p->ranking = json_get(p->s->report, "ranking");
  if (svg_has_pareto(p->ranking)) PetscCall(put(p, "pareto.svg", pareto));
  for (size_t i = 0; json_object_is_type(all, json_type_array) && i < json_object_array_length(all); i++) {
    json_object *one = json_object_array_get_idx(all, i);
    char part[CAUDA_NAME_MAX], name[CAUDA_NAME_MAX + 32];
    p->ranking = json_get(one, "ranking");
    file_part(json_text(one, "target"), part);
    snprintf(name, sizeof name, "pareto_search_%s.svg", part);
    if (svg_has_pareto(p->ranking)) PetscCall(put(p, name, pareto));
  }
  return 0;
}

static PetscErrorCode put_all(const Subject *s, const char *folder)
{
  Picture p = {.s = s, .folder = folder};
  PetscCall(folder_create(folder));
  for (int i = 0; s->thresholds && i < s->thresholds->n_set; i++) {
    p.set = i;
    PetscCall(put_set(&p));
  }
  PetscCall(put_fronts(&p));
  if (svg_has_ranges(s)) PetscCall(put(&p, "ranges.svg", ranges));
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
