/* The anatomy with a lead on the dura. Where the lead presses on the dura, what the dura holds gives way: the inside
 * of the dura stays a dura's thickness off the lead, so the dura is bent and never cut. */
#include "cauda/scene.h"

#include <stdlib.h>

#include "lead_pose.h"

/* Gap kept between a root's surface and the dura over which the lead lies, mm. */
static const double ROOT_CLEARANCE_MM = 0.15;
/* Beyond this the lead moves nothing, and its distance need not be exact, mm. */
static const double FAR_MM = 5.0;

double scene_lead_distance(const Scene *s, const double p[3])
{
  double flat[3];
  if (!s->model) return HUGE_VAL;
  const double far = lead_pose_box_distance(s->pose, p);
  if (far > FAR_MM) return far;
  lead_pose_to_flat(s->pose, p, flat);
  return lead_body_distance(s->model, flat);
}

static void lead_gradient(const Scene *s, const double p[3], double g[3])
{
  const double h = 0.02;
  for (int k = 0; k < 3; k++) {
    double q[3], r[3];
    v3_copy(p, q), v3_copy(p, r);
    q[k] += h, r[k] -= h;
    g[k] = scene_lead_distance(s, q) - scene_lead_distance(s, r);
  }
  v3_normalise(g);
}

/* Moves the points of all roots that come too near the lead straight away from it. */
static PetscErrorCode push_roots(Scene *s)
{
  Anatomy *a = s->anatomy;
  int moved = 0;
  double largest = 0.0;
  for (int i = 0; i < a->n_root; i++) {
    Root *r = &a->root[i];
    for (int j = 0; j < r->n; j++) {
      double *p = r->xyz + 3 * j, g[3];
      const double need = a->surround.dura_thickness_mm + r->radius[j] + ROOT_CLEARANCE_MM;
      double total = 0.0;
      for (int it = 0; it < 10; it++) {
        const double d = scene_lead_distance(s, p);
        if (d >= need - 1e-9) break;
        lead_gradient(s, p, g);
        v3_axpy(p, need - d, g, p);
        total += need - d;
      }
      if (total > 0.0) moved++, largest = fmax(largest, total);
    }
  }
  PetscCall(anatomy_repair_note(a, "root points moved off the lead", moved, largest));
  return moved ? anatomy_finish(a) : 0;
}

/* How deep the lead's face presses into the dura, and how much CSF gives way. */
static void measure_yield(Scene *s)
{
  const LeadModel *m = s->model;
  const double step = 0.5, y0 = m->body_at_mm - 0.5 * m->length_mm, t = s->anatomy->surround.dura_thickness_mm;
  for (double y = y0; y <= y0 + m->length_mm; y += step)
    for (double x = -0.5 * m->width_mm; x <= 0.5 * m->width_mm; x += step)
      for (double w = -t - 2.0; w <= 0.5 * m->thickness_mm; w += 0.1) {
        const double flat[3] = {x, y, w};
        double p[3];
        lead_pose_to_local(s->pose, flat, p);
        if (lead_body_distance(m, flat) < t && anatomy_distance(s->anatomy, TISSUE_CSF, p) < 0.0)
          s->yield_volume_mm3 += step * step * 0.1;
        if (lead_body_distance(m, flat) <= 1e-9)
          s->yield_mm = fmax(s->yield_mm, -anatomy_distance(s->anatomy, TISSUE_DURA, p));
      }
}

PetscErrorCode scene_create(const Case *c, Anatomy *a, const LeadModel *m, Scene **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  Scene *s = *out;
  s->anatomy = a;
  s->model = m;
  s->capsule_mm = m && c->paddle ? c->paddle->encapsulation_mm : 0.0;
  if (!m) return 0;
  PetscErrorCode ierr = lead_pose_create(c, a, m, &s->pose);
  if (!ierr) ierr = push_roots(s);
  if (ierr) {
    scene_destroy(out);
    return ierr;
  }
  measure_yield(s);
  return 0;
}

void scene_destroy(Scene **s)
{
  if (!*s) return;
  lead_pose_destroy(&(*s)->pose);
  free(*s);
  *s = NULL;
}

static double push_inside(const Scene *s, const double p[3], double d[TISSUE_COUNT])
{
  const double lead = scene_lead_distance(s, p);
  d[TISSUE_CSF] = fmax(d[TISSUE_CSF], s->anatomy->surround.dura_thickness_mm - lead);
  return lead;
}

void scene_distances(const Scene *s, const double p[3], double d[TISSUE_COUNT], double *lead)
{
  anatomy_distances(s->anatomy, p, d);
  *lead = push_inside(s, p, d);
}

int scene_region_at(const Scene *s, const double p[3])
{
  const int region = anatomy_region_at(s->anatomy, p);
  if (region == TISSUE_OUTSIDE) return region;
  const double lead = scene_lead_distance(s, p);
  if (lead < 0.0) return -1;
  /* what gave way is dura now; nothing else changes */
  return region == TISSUE_CSF && lead < s->anatomy->surround.dura_thickness_mm ? TISSUE_DURA : region;
}

void scene_contact_at(const Scene *s, int contact, double at[3], double normal[3])
{
  const LeadContact *k = &s->model->contacts[contact];
  const double flat[3] = {k->at_mm[0], k->at_mm[1], 0.0}, above[3] = {k->at_mm[0], k->at_mm[1], 1.0};
  double q[3];
  lead_pose_to_local(s->pose, flat, at);
  lead_pose_to_local(s->pose, above, q);
  v3_sub(at, q, normal);
  v3_normalise(normal);
}
