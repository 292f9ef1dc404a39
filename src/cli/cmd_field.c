/* field: the field of one set from the lead field, whole as a .vtu or at points as a table. */
#include "commands.h"
#include "outputs.h"
#include "stages.h"

#include "cauda/csv.h"
#include "cauda/vtk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode find_set(const Work *w, const StimulationSet **set)
{
  PetscCall(work_need_sets(w, "a field"));
  int i = w->args->set ? sets_find(w->sets, w->args->set) : -1;
  if (i < 0) {
    char names[1024] = "";
    for (int s = 0; s < w->sets->n_set; s++) {
      size_t n = strlen(names);
      snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", w->sets->set[s].name);
    }
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "--set: found %s%s%s, expected a set of %s: %s",
            w->args->set ? "\"" : "", w->args->set ? w->args->set : "nothing", w->args->set ? "\"" : "", w->sets_path,
            names);
  }
  *set = &w->sets->set[i];
  return 0;
}

static double amplitude_mA(const Work *w, const StimulationSet *set)
{
  if (!isnan(w->args->amplitude_mA)) return w->args->amplitude_mA;
  return set->amplitude_mA > 0.0 ? set->amplitude_mA : 1.0;
}

/* The set's potential at the nodes, V. */
static PetscErrorCode potential(const Work *w, const StimulationSet *set, double **v)
{
  const LeadField *f = w->field;
  double *current_mA;
  PetscCheck(f->n_contact == w->lead->n_contacts, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s/leadfield.h5: found %d contacts, expected %d", w->out, f->n_contact, w->lead->n_contacts);
  PetscCall(mem_alloc((size_t)f->n_contact, sizeof *current_mA, &current_mA));
  PetscErrorCode ierr = mem_alloc((size_t)f->n_node, sizeof **v, v);
  for (int i = 0; i < f->n_contact; i++) current_mA[i] = set->fraction[i] * amplitude_mA(w, set);
  if (!ierr) field_superpose(f, current_mA, *v);
  free(current_mA);
  PetscCall(ierr);
  return 0;
}

static PetscErrorCode write_vtu(const Work *w, const StimulationSet *set, const double *v)
{
  const Mesh *m = w->mesh;
  char part[CAUDA_NAME_MAX], name[CAUDA_NAME_MAX + 16], path[CAUDA_PATH_MAX];
  float(*E)[3];
  file_part(set->name, part);
  snprintf(name, sizeof name, "field_%s.vtu", part);
  PetscCall(work_path(w, name, path));
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *E, &E));
  for (TetId t = 0; t < m->n_tet; t++) {
    double e[3];
    cell_field(m, v, t, e);
    for (int i = 0; i < 3; i++) E[t][i] = (float)e[i];
  }
  const VtkArray point = {.name = "potential_V", .type = VTK_FLOAT64, .n_component = 1, .v = v};
  const VtkArray cell = {.name = "E_V_per_m", .type = VTK_FLOAT32, .n_component = 3, .v = E};
  PetscErrorCode ierr = vtk_write_mesh(path, m, 1, &point, 1, &cell);
  free(E);
  PetscCall(ierr);
  say_progress("wrote %s (%g mA)", path, amplitude_mA(w, set));
  return 0;
}

/* ---- at points ------------------------------------------------------------------------------------------ */

typedef struct {
  CsvTable *table;
  const Mesh *mesh;
  MeshLocator *locator;
  double *xyz, *potential_V, *E;
  int *region;
} Points;

static void points_free(Points *p)
{
  csv_destroy(&p->table);
  mesh_locator_destroy(&p->locator);
  free(p->xyz), free(p->potential_V), free(p->E), free(p->region);
}

static PetscErrorCode points_read(const char *path, Points *p)
{
  static const char *const names[3] = {"x_mm", "y_mm", "z_mm"};
  PetscCall(csv_read(path, &p->table));
  size_t n = (size_t)p->table->n_row;
  PetscCall(mem_alloc(n, 3 * sizeof *p->xyz, &p->xyz));
  PetscCall(mem_alloc(n, sizeof *p->potential_V, &p->potential_V));
  PetscCall(mem_alloc(n, 3 * sizeof *p->E, &p->E));
  PetscCall(mem_alloc(n, sizeof *p->region, &p->region));
  for (int k = 0; k < 3; k++) {
    int column;
    PetscCall(csv_column(p->table, names[k], &column));
    for (int i = 0; i < p->table->n_row; i++) PetscCall(csv_number(p->table, i, column, &p->xyz[3 * i + k]));
  }
  return 0;
}

static PetscErrorCode put_points(const void *what, FILE *s)
{
  const Points *p = what;
  for (int k = 0; k < p->table->n_column; k++) fprintf(s, "%s,", p->table->column[k]);
  fputs("potential_V,E_V_per_m,tissue\n", s);
  for (int i = 0; i < p->table->n_row; i++) {
    for (int k = 0; k < p->table->n_column; k++) fprintf(s, "%s,", csv_text(p->table, i, k));
    if (p->region[i] < 0)
      fputs(",,outside\n", s);
    else
      fprintf(s, "%.9g,%.9g,%s\n", p->potential_V[i], v3_norm(p->E + 3 * i), p->mesh->regions[p->region[i]].name);
  }
  return 0;
}

static PetscErrorCode points_write(const Work *w, const StimulationSet *set, const Points *p)
{
  char part[CAUDA_NAME_MAX], points[CAUDA_NAME_MAX], name[2 * CAUDA_NAME_MAX + 16], path[CAUDA_PATH_MAX];
  const char *slash = strrchr(w->args->at, '/');
  file_part(set->name, part);
  file_part(slash ? slash + 1 : w->args->at, points);
  size_t n = strlen(points);
  if (n > 4 && !strcmp(points + n - 4, ".csv")) points[n - 4] = '\0';
  snprintf(name, sizeof name, "field_%s_at_%s.csv", part, points);
  PetscCall(work_path(w, name, path));
  PetscCall(file_write(path, put_points, p));
  say_progress("wrote %s (%g mA)", path, amplitude_mA(w, set));
  return 0;
}

static PetscErrorCode points_make(const Work *w, const StimulationSet *set, const double *v, Points *p)
{
  p->mesh = w->mesh;
  PetscCall(mesh_locator_create(w->mesh, &p->locator));
  PetscCall(field_at(w->mesh, p->locator, w->field, v, p->table->n_row, p->xyz, p->potential_V, p->E, p->region));
  PetscCall(points_write(w, set, p));
  return 0;
}

/* ---- as images ------------------------------------------------------------------------------------------ */

/* The image that gives the grid: the one named, the case's first label map, or what seg made of it. */
static PetscErrorCode image_path(const Work *w, char path[CAUDA_PATH_MAX])
{
  const CaseLabels *l = w->c->anatomy.labels;
  const char *own = !l ? NULL : l->file ? l->file : l->n_masks ? l->masks[0].file : NULL;
  if (w->args->like) return path_join("", w->args->like, path);
  PetscCheck(!l || own, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--nifti: the case names no one image; expected --like IMAGE");
  return own ? path_join(w->input, own, path) : work_path(w, "anatomy.nii.gz", path);
}

static PetscErrorCode write_images(const Work *w, const StimulationSet *set, const double *v)
{
  const CaseLabels *l = w->args->like ? NULL : w->c->anatomy.labels;
  char part[CAUDA_NAME_MAX], name[CAUDA_NAME_MAX + 16], path[CAUDA_PATH_MAX], stem[CAUDA_PATH_MAX], words[80];
  Image *like;
  PetscCall(image_path(w, path));
  PetscCall(image_read(path, l ? l->orientation : NULL, l ? l->units : NULL, &like));
  file_part(set->name, part);
  snprintf(name, sizeof name, "field_%s", part);
  snprintf(words, sizeof words, "Cauda, %.30s at %g mA", set->name, amplitude_mA(w, set));
  PetscErrorCode ierr = work_path(w, name, stem);
  if (!ierr) ierr = field_write_images(w->mesh, w->field, v, like, stem, words);
  image_destroy(&like);
  PetscCall(ierr);
  return 0;
}

static PetscErrorCode write_field(const Work *w, const StimulationSet *set, const double *v, Points *p)
{
  if (w->args->at) return points_make(w, set, v, p);
  return w->args->nifti || w->args->like ? write_images(w, set, v) : write_vtu(w, set, v);
}

static PetscErrorCode make(Work *w, Points *p)
{
  const StimulationSet *set = NULL;
  double *v;
  PetscCheck(!w->args->at || !(w->args->nifti || w->args->like), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found --at beside --nifti or --like, expected one of them");
  PetscCall(work_open(w->args, w));
  PetscCall(find_set(w, &set));
  if (w->args->at) PetscCall(points_read(w->args->at, p));
  PetscCall(stages_ensure(w, "solve", (StagesWanted){false, w->args->force, false}));
  PetscCall(work_mesh(w));
  PetscCall(work_field(w));
  PetscCall(potential(w, set, &v));
  PetscErrorCode ierr = write_field(w, set, v, p);
  free(v);
  PetscCall(ierr);
  if (w->args->json) PetscCall(report_print(w->report, stdout));
  return 0;
}

PetscErrorCode command_field(const Args *args)
{
  Work w = {.args = args};
  Points p = {0};
  PetscErrorCode ierr = make(&w, &p);
  points_free(&p);
  work_close(&w);
  PetscCall(ierr);
  return 0;
}
