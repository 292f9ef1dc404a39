/* fibers.vtp: the fibres' paths, with diameter, root, class and the threshold in each set. */
#include "outputs.h"

#include "cauda/vtk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_ARRAYS = 3 };

typedef struct {
  double *xyz, *s, *diameter, *threshold; /* threshold [n_set][n_fiber], -1 where there is none */
  int64_t *offset, *point;
  int32_t *root, *class_of;
  VtkArray *cell;
  char (*label)[CAUDA_NAME_MAX + 16];
  const char **root_name, **class_name;
} Lines;

static void lines_free(Lines *l)
{
  free(l->xyz), free(l->s), free(l->diameter), free(l->threshold);
  free(l->offset), free(l->point), free(l->root), free(l->class_of);
  free(l->cell), free(l->label), free(l->root_name), free(l->class_name);
}

static PetscErrorCode lines_alloc(const FiberSet *f, const ThresholdTable *t, size_t n_point, Lines *l)
{
  size_t n = (size_t)f->n_fiber, sets = (size_t)t->n_set;
  PetscCall(mem_alloc(n_point, 3 * sizeof *l->xyz, &l->xyz));
  PetscCall(mem_alloc(n_point, sizeof *l->s, &l->s));
  PetscCall(mem_alloc(n_point, sizeof *l->point, &l->point));
  PetscCall(mem_alloc(n + 1, sizeof *l->offset, &l->offset));
  PetscCall(mem_alloc(n, sizeof *l->diameter, &l->diameter));
  PetscCall(mem_alloc(n, sizeof *l->root, &l->root));
  PetscCall(mem_alloc(n, sizeof *l->class_of, &l->class_of));
  PetscCall(mem_alloc(n * sets, sizeof *l->threshold, &l->threshold));
  PetscCall(mem_alloc(sets + OWN_ARRAYS, sizeof *l->cell, &l->cell));
  PetscCall(mem_alloc(sets, sizeof *l->label, &l->label));
  PetscCall(mem_alloc((size_t)t->n_root, sizeof *l->root_name, &l->root_name));
  PetscCall(mem_alloc((size_t)t->n_class, sizeof *l->class_name, &l->class_name));
  return 0;
}

static void lines_fill(const FiberSet *f, const ThresholdTable *t, Lines *l)
{
  int64_t at = 0;
  for (int i = 0; i < f->n_fiber; i++) {
    const FiberPath *p = &f->fiber[i];
    l->offset[i] = at;
    memcpy(l->xyz + 3 * at, p->xyz, (size_t)p->n * 3 * sizeof *p->xyz);
    memcpy(l->s + at, p->s, (size_t)p->n * sizeof *p->s);
    for (int k = 0; k < p->n; k++, at++) l->point[at] = at;
    l->diameter[i] = p->diameter_um;
    l->root[i] = p->root;
    l->class_of[i] = p->fiber_class;
  }
  l->offset[f->n_fiber] = at;
  /* Infinity has no place in a picture's colour scale; a negative threshold says "never". */
  for (size_t i = 0; i < (size_t)t->n_set * (size_t)t->n_fiber; i++)
    l->threshold[i] = isfinite(t->threshold_mA[i]) ? t->threshold_mA[i] : -1.0;
}

static void arrays_fill(const ThresholdTable *t, Lines *l)
{
  l->cell[0] = (VtkArray){.name = "diameter_um", .type = VTK_FLOAT64, .n_component = 1, .v = l->diameter};
  l->cell[1] = (VtkArray){.name = "root", .type = VTK_INT32, .n_component = 1, .v = l->root};
  l->cell[2] = (VtkArray){.name = "class", .type = VTK_INT32, .n_component = 1, .v = l->class_of};
  for (int s = 0; s < t->n_set; s++) {
    snprintf(l->label[s], sizeof l->label[s], "threshold_mA_%s", t->set[s]);
    l->cell[OWN_ARRAYS + s] = (VtkArray){
        .name = l->label[s], .type = VTK_FLOAT64, .n_component = 1, .v = l->threshold + (size_t)s * (size_t)t->n_fiber};
  }
  for (int r = 0; r < t->n_root; r++) l->root_name[r] = t->root[r];
  for (int c = 0; c < t->n_class; c++) l->class_name[c] = t->fiber_class[c];
}

static PetscErrorCode lines_write(const FiberSet *f, const ThresholdTable *t, Lines *l, const char *path)
{
  size_t n_point = 0;
  for (int i = 0; i < f->n_fiber; i++) n_point += (size_t)f->fiber[i].n;
  PetscCall(lines_alloc(f, t, n_point, l));
  lines_fill(f, t, l);
  arrays_fill(t, l);
  const VtkArray along = {.name = "s_mm", .type = VTK_FLOAT64, .n_component = 1, .v = l->s};
  const VtkNames names[2] = {{.name = "root_names", .n = t->n_root, .text = l->root_name},
                             {.name = "class_names", .n = t->n_class, .text = l->class_name}};
  const VtkPoly p = {.n_point = (int64_t)n_point,
                     .xyz = l->xyz,
                     .n_line = f->n_fiber,
                     .line_offset = l->offset,
                     .line_point = l->point,
                     .n_point_data = 1,
                     .point_data = &along,
                     .n_cell_data = OWN_ARRAYS + t->n_set,
                     .cell_data = l->cell,
                     .n_names = 2,
                     .names = names};
  PetscCall(vtk_write_poly(path, &p));
  return 0;
}

PetscErrorCode fibers_write_vtp(const FiberSet *f, const ThresholdTable *t, const char *path)
{
  Lines l = {0};
  PetscErrorCode ierr = lines_write(f, t, &l, path);
  lines_free(&l);
  PetscCall(ierr);
  return 0;
}
