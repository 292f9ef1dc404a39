/* Voxels that no image gave, by the path of label maps. */
#include "labels.h"

#include <stdlib.h>

static PetscErrorCode fill(const Voxels *x, LabelVolume *v)
{
  size_t all = 1;
  int number[256] = {0};
  for (int e = 0; e < 3; e++) {
    v->n[e] = x->n[e], v->step[e] = x->step_mm;
    v->affine[e][e] = x->step_mm, v->affine[e][3] = x->first_mm[e];
    all *= (size_t)x->n[e];
  }
  v->n_slice = x->n[2];
  snprintf(v->path, sizeof v->path, "%s", x->from);
  for (int s = 0; s < LABEL_SEGMENTS; s++) v->segment[s] = (LabelSegment){0, -1};
  for (int r = 0; r < x->n_root; r++) {
    LabelRoot root;
    PetscCall(labels_parse_root(x->root_name[r], x->from, &root));
    PetscCall(labels_root_number(v, &root, &number[r]));
  }
  PetscCall(mem_alloc(all, 1, &v->bits));
  if (x->n_root) PetscCall(mem_alloc(all, 1, &v->root_of));
  for (size_t i = 0; i < all; i++) {
    if (x->tissue[i] == TISSUE_ROOT)
      v->root_of[i] = (uint8_t)(1 + number[x->root[i] - 1]);
    else if (x->tissue[i] > TISSUE_OUTSIDE)
      v->bits[i] = (uint8_t)(1u << x->tissue[i]);
  }
  return 0;
}

/* The roots that the case draws, or those of the voxels. */
static PetscErrorCode add_roots(const Case *c, const char *input, const LabelVolume *v, const double centre[3], int n,
                                const RootLine *lines, const double *radius, const int *which, Anatomy *a)
{
  const CaseAnatomy *s = &c->anatomy;
  RootLine *drawn = NULL;
  int n_drawn = 0;
  if (!s->roots) return labels_add_roots(c, v, centre, n, lines, radius, which, a);
  PetscErrorCode ierr = root_lines_read(s->roots, s->ganglia, input, s->coordinates, &n_drawn, &drawn);
  if (!ierr) ierr = roots_from_lines(a, n_drawn, drawn, s->root_radius_mm);
  root_lines_destroy(n_drawn, &drawn);
  return ierr;
}

static PetscErrorCode build(const Case *c, const char *input, LabelVolume *v, Anatomy *a)
{
  RootLine *lines = NULL;
  double *radius = NULL, centre[3];
  int *which = NULL, n = 0;
  PetscErrorCode ierr = labels_shapes(v, a);
  if (!ierr) ierr = labels_repair_roots(v, a);
  if (!ierr) ierr = labels_root_lines(v, c->anatomy.root_radius_mm, a, &n, &lines, &radius, &which);
  if (!ierr) ierr = labels_place(c, v, 0.0, centre, a);
  if (!ierr) ierr = add_roots(c, input, v, centre, n, lines, radius, which, a);
  root_lines_destroy(n, &lines);
  free(radius), free(which);
  return ierr;
}

PetscErrorCode anatomy_from_voxels(const Case *c, const char *input, const Voxels *x, Anatomy *a)
{
  LabelVolume *v = NULL;
  PetscCall(mem_alloc(1, sizeof *v, &v));
  PetscErrorCode ierr = fill(x, v);
  if (!ierr) ierr = build(c, input, v, a);
  labels_destroy(&v);
  return ierr;
}
