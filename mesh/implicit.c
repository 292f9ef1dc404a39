/* The scene, asked point by point. */
#include "cauda/implicit.h"

#include <stdlib.h>
#include <string.h>

#include "cauda/seg.h"
#include "lead_pose.h"
#include "sample.h"

struct ImplicitScene {
  Case *c;
  Anatomy *a;
  LeadModel *lead;
  Scene *scene;
  Sizing sizing;
};

static PetscErrorCode read_all(const char *case_path, const char *input, ImplicitScene *s)
{
  PetscCall(case_read(case_path, &s->c));
  PetscCall(anatomy_read(s->c, input ? input : s->c->folder, &s->a));
  if (s->c->paddle) PetscCall(lead_model_read(s->c->paddle->model, s->c->folder, &s->lead));
  PetscCall(scene_create(s->c, s->a, s->lead, &s->scene));
  s->sizing = (Sizing){s->scene, s->c->mesh};
  return 0;
}

int implicit_open(const char *case_path, const char *input, ImplicitScene **out)
{
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = read_all(case_path, input, *out);
  if (ierr) implicit_close(out);
  return (int)ierr;
}

void implicit_close(ImplicitScene **s)
{
  if (!*s) return;
  scene_destroy(&(*s)->scene);
  lead_model_destroy(&(*s)->lead);
  anatomy_destroy(&(*s)->a);
  case_destroy(&(*s)->c);
  free(*s);
  *s = NULL;
}

static int scar_label(const ImplicitScene *s) { return 1 + TISSUE_ROOT + s->a->n_root; }

int implicit_label(const ImplicitScene *s, const double p[3])
{
  const int region = scene_region_at(s->scene, p);
  const bool scar = region > TISSUE_OUTSIDE && region <= TISSUE_FAT && s->scene->capsule_mm > 0.0 &&
                    scene_lead_distance(s->scene, p) < s->scene->capsule_mm;
  return region <= TISSUE_OUTSIDE ? 0 : scar ? scar_label(s) : 1 + region;
}

double implicit_edge(const ImplicitScene *s, const double p[3]) { return edge_length(&s->sizing, p); }

void implicit_cylinder(const ImplicitScene *s, double axis_xy[2], double *radius, double *z_min, double *z_max)
{
  axis_xy[0] = s->a->axis_xy[0], axis_xy[1] = s->a->axis_xy[1];
  *radius = s->a->surround.body_radius_mm, *z_min = s->a->z_min, *z_max = s->a->z_max;
}

int implicit_labels(const ImplicitScene *s) { return scar_label(s) + 1; }

void implicit_name(const ImplicitScene *s, int label, char name[CAUDA_NAME_MAX])
{
  if (label == scar_label(s))
    snprintf(name, CAUDA_NAME_MAX, "encapsulation");
  else
    anatomy_region_name(s->a, label - 1, name);
}

int implicit_side(const ImplicitScene *s, int label)
{
  const int r = label == scar_label(s) ? TISSUE_FAT : label - 1;
  if (r == TISSUE_CSF || r == TISSUE_WHITE || r == TISSUE_GREY) return 1;
  return r == TISSUE_FAT || r == TISSUE_BONE || r == TISSUE_BODY ? 2 : 0;
}

int implicit_volumes(const ImplicitScene *s, double **volume_mm3)
{
  double *of_region = NULL;
  const int n = implicit_labels(s);
  PetscErrorCode ierr = scene_shape_volumes(s->scene, &of_region);
  if (!ierr) ierr = mem_alloc((size_t)n, sizeof **volume_mm3, volume_mm3);
  if (!ierr) memcpy(*volume_mm3 + 1, of_region, (size_t)(n - 1) * sizeof **volume_mm3);
  free(of_region);
  return (int)ierr;
}
