/* Between the flat lead and the bent one, and distances to the flat lead. Pure functions. */
#include <float.h>
#include <string.h>

#include "lead_pose.h"

/* The foot on the curve is found to this: distances are then right to its square over the curve's radius, mm. */
static const double SETTLED_MM = 1e-6;

/* point and tangent's angle of the neutral curve at y, interpolated (and straight on beyond its ends) */
static void curve_at(const LeadPose *p, double y, double c[3])
{
  const double u = (y - p->y_first) / p->y_step;
  const int i = u <= 0.0 ? 0 : u >= p->n - 2.0 ? p->n - 2 : (int)u;
  const double t = u - i;
  const double *a = p->curve[i], *b = p->curve[i + 1];
  for (int k = 0; k < 3; k++) c[k] = (1 - t) * a[k] + t * b[k];
}

void lead_pose_to_local(const LeadPose *p, const double flat[3], double out[3])
{
  double c[3], q[3];
  curve_at(p, flat[1], c);
  const double w = flat[2] - p->neutral_w;
  v3_axpy(p->origin, flat[0], p->lateral, q);
  v3_axpy(q, c[0] - w * sin(c[2]), p->along, q);
  v3_axpy(q, c[1] + w * cos(c[2]), p->outward, out);
}

void lead_pose_to_flat(const LeadPose *p, const double x[3], double flat[3])
{
  double d[3], c[3];
  v3_sub(x, p->origin, d);
  const double u = v3_dot(d, p->along), h = v3_dot(d, p->outward);
  double y = u;
  /* Newton on the tangent's condition: the curve is nearly straight, so three steps are many */
  for (int i = 0; i < 6; i++) {
    curve_at(p, y, c);
    const double cosine = cos(c[2]), sine = sin(c[2]), step = (u - c[0]) * cosine + (h - c[1]) * sine;
    y += step;
    flat[2] = p->neutral_w + (h - c[1]) * cosine - (u - c[0]) * sine;
    if (fabs(step) < SETTLED_MM) break;
  }
  flat[0] = v3_dot(d, p->lateral);
  flat[1] = y;
}

double lead_pose_box_distance(const LeadPose *p, const double x[3])
{
  double d[3], out2 = 0.0;
  v3_sub(x, p->origin, d);
  const double at[3] = {v3_dot(d, p->lateral), v3_dot(d, p->along), v3_dot(d, p->outward)};
  for (int k = 0; k < 3; k++) {
    const double out = greater(greater(p->lo[k] - at[k], at[k] - p->hi[k]), 0.0);
    out2 += out * out;
  }
  return sqrt(out2);
}

static double box_distance(const double p[3], const double centre[3], const double half[3])
{
  double out2 = 0.0, in = -DBL_MAX;
  for (int k = 0; k < 3; k++) {
    const double d = fabs(p[k] - centre[k]) - half[k];
    if (d > 0.0) out2 += d * d;
    in = greater(in, d);
  }
  return out2 > 0.0 ? sqrt(out2) : in;
}

static bool is_cylinder(const LeadModel *m) { return !strcmp(m->kind, "percutaneous"); }

static double cylinder_distance(const double p[3], double radius, double y0, double half_length)
{
  const double r = hypot(p[0], p[2] - radius) - radius, e = fabs(p[1] - y0) - half_length;
  return r > 0.0 && e > 0.0 ? hypot(r, e) : fmax(r, e);
}

double lead_body_distance(const LeadModel *m, const double flat[3])
{
  if (is_cylinder(m)) return cylinder_distance(flat, 0.5 * m->width_mm, m->body_at_mm, 0.5 * m->length_mm);
  const double centre[3] = {0.0, m->body_at_mm, 0.5 * m->thickness_mm};
  const double half[3] = {0.5 * m->width_mm, 0.5 * m->length_mm, 0.5 * m->thickness_mm};
  return box_distance(flat, centre, half);
}

double lead_contact_distance(const LeadModel *m, const double flat[3])
{
  double best = DBL_MAX;
  for (int i = 0; i < m->n_contacts; i++) {
    const LeadContact *k = &m->contacts[i];
    double d;
    if (is_cylinder(m)) {
      d = cylinder_distance(flat, 0.5 * m->width_mm, k->at_mm[1], 0.5 * k->length_mm);
    } else {
      const double centre[3] = {k->at_mm[0], k->at_mm[1], 0.0}, half[3] = {0.5 * k->width_mm, 0.5 * k->length_mm, 0.0};
      d = box_distance(flat, centre, half);
    }
    best = lesser(best, d);
  }
  return best;
}
