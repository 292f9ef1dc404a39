/* Label maps to an anatomy. */
#include "labels.h"

#include <stdlib.h>

static void set_surround(const Case *c, double extend_mm, Anatomy *a)
{
  const CaseSurround *s = &c->anatomy.surround;
  a->surround = (Surround){.dura_thickness_mm = c->anatomy.dura_thickness_mm,
                           .epidural_fat_mm = s->epidural_fat_mm,
                           .bone_mm = s->bone_mm,
                           .body_radius_mm = s->body_radius_mm,
                           .extend_mm = extend_mm};
}

static void set_heights(const LabelVolume *v, const double centre[3], Anatomy *a)
{
  a->seen_z_min = (-0.5 - centre[2]) * v->step[2];
  a->seen_z_max = (v->n[2] - 0.5 - centre[2]) * v->step[2];
  a->z_min = a->seen_z_min - a->surround.extend_mm;
  a->z_max = a->seen_z_max + a->surround.extend_mm;
}

/* The sac's centre of mass is the middle of the body. */
static void set_axis(const LabelVolume *v, const double centre[3], Anatomy *a)
{
  double sum[3] = {0, 0, 0};
  size_t at = 0;
  for (int k = 0; k < v->n[2]; k++)
    for (int j = 0; j < v->n[1]; j++)
      for (int i = 0; i < v->n[0]; i++)
        if (v->mask[TISSUE_CSF][at++]) sum[0] += i, sum[1] += j, sum[2] += 1.0;
  for (int e = 0; e < 2; e++) a->axis_xy[e] = (sum[e] / sum[2] - centre[e]) * v->step[e];
}

PetscErrorCode labels_place(const Case *c, LabelVolume *v, double extend_mm, double centre[3], Anatomy *a)
{
  PetscCall(labels_crop_to_sac(v));
  labels_frame(v, &a->world, centre);
  set_surround(c, extend_mm, a);
  set_heights(v, centre, a);
  set_axis(v, centre, a);
  /* what the files said is not needed any more, and distances need the room */
  free(v->bits), free(v->root_of), free(v->root_weight);
  v->bits = v->root_of = NULL, v->root_weight = NULL;
  return labels_grid(v, centre, &a->grid);
}

static PetscErrorCode build(const Case *c, LabelVolume *v, int n, const RootLine *lines, const double *radius,
                            const int *which, Anatomy *a)
{
  double centre[3];
  PetscCall(labels_place(c, v, c->anatomy.surround.extend_mm, centre, a));
  return labels_add_roots(c, v, centre, n, lines, radius, which, a);
}

/* Roots drawn as lines beside the labels. */
static PetscErrorCode add_drawn_roots(const Case *c, const char *input, Anatomy *a)
{
  const CaseAnatomy *s = &c->anatomy;
  RootLine *lines = NULL;
  int n = 0;
  PetscErrorCode ierr = root_lines_read(s->roots, s->ganglia, input, s->coordinates, &n, &lines);
  if (!ierr) ierr = roots_from_lines(a, n, lines, s->root_radius_mm);
  root_lines_destroy(n, &lines);
  return ierr;
}

PetscErrorCode anatomy_from_labels(const Case *c, const char *input, Anatomy *a)
{
  LabelVolume *v = NULL;
  RootLine *lines = NULL;
  double *radius = NULL;
  int *which = NULL, n = 0;
  PetscCall(labels_read(c, input, &v));
  PetscErrorCode ierr = labels_crop(v, a);
  if (!ierr) ierr = labels_shapes(v, a);
  if (!ierr) ierr = labels_repair_roots(v, a);
  if (!ierr) ierr = labels_root_lines(v, c->anatomy.root_radius_mm, a, &n, &lines, &radius, &which);
  if (!ierr) ierr = build(c, v, n, lines, radius, which, a);
  if (!ierr && c->anatomy.roots) ierr = add_drawn_roots(c, input, a);
  root_lines_destroy(n, &lines);
  free(radius), free(which);
  labels_destroy(&v);
  return ierr;
}
