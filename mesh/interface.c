/* Where tissues meet. */
#include "interface.h"

#include "lead_pose.h"

/* Points nearer to the lead than this are left to the lead's own nodes, mm. */
static const double LEAD_CLEARANCE_MM = 0.12;
/* Steps of the differences: first, and second (long enough to see through the facets of a linear interpolant), mm. */
static const double GRADIENT_STEP_MM = 0.05, CURVATURE_STEP_MM = 0.5, CURVATURE_MAX = 2.0;

double interface_value(const Scene *s, int shape, const double p[3])
{
  if (shape == ON_CAPSULE) return scene_lead_distance(s, p) - s->capsule_mm;
  const double d = anatomy_distance(s->anatomy, (Tissue)shape, p);
  if (shape != TISSUE_CSF) return d;
  return greater(d, s->anatomy->surround.dura_thickness_mm - scene_lead_distance(s, p));
}

bool interface_hidden(const Scene *s, int shape, const double p[3])
{
  double d[TISSUE_COUNT];
  const double lead = scene_lead_distance(s, p);
  if (shape != ON_CAPSULE && lead < LEAD_CLEARANCE_MM) return true;
  if (shape <= TISSUE_FAT && lead < s->capsule_mm) return true;
  if (shape == TISSUE_BODY || shape == TISSUE_ROOT) return false;
  anatomy_shell_distances(s->anatomy, p, d);
  if (shape < TISSUE_BODY || d[TISSUE_BODY] > 0.0) return true;
  for (int t = shape == ON_CAPSULE ? TISSUE_DURA : shape + 1; t <= TISSUE_GREY; t++)
    if (d[t] < 0.0 && (t != TISSUE_CSF || interface_value(s, t, p) < 0.0)) return true;
  return anatomy_nearest_root(s->anatomy, p, 0.0, NULL, NULL, NULL) >= 0;
}

/* value and gradient; for roots both come from the nearest point of the centre line */
static double value_and_gradient(const Scene *s, int shape, const double p[3], double g[3])
{
  if (shape == TISSUE_ROOT) {
    double d, t, c[3];
    int i;
    const int r = anatomy_nearest_root(s->anatomy, p, 5.0, &d, &i, &t);
    if (r < 0) return 5.0;
    const double *u = s->anatomy->root[r].xyz + 3 * i;
    for (int k = 0; k < 3; k++) c[k] = (1 - t) * u[k] + t * u[3 + k];
    v3_sub(p, c, g);
    v3_normalise(g);
    return d;
  }
  if (shape != ON_CAPSULE) {
    const double d = anatomy_shell_gradient(s->anatomy, (Tissue)shape, p, g);
    if (shape != TISSUE_CSF || s->anatomy->surround.dura_thickness_mm - scene_lead_distance(s, p) <= d) return d;
  }
  for (int k = 0; k < 3; k++) {
    double q[3], w[3];
    v3_copy(p, q), v3_copy(p, w);
    q[k] += GRADIENT_STEP_MM, w[k] -= GRADIENT_STEP_MM;
    g[k] = (interface_value(s, shape, q) - interface_value(s, shape, w)) / (2 * GRADIENT_STEP_MM);
  }
  return interface_value(s, shape, p);
}

/* Sum of the principal curvatures, 1/mm: the Laplacian of the distance. */
static double curvature(const Scene *s, int shape, const double p[3])
{
  const double h = CURVATURE_STEP_MM;
  if (shape == TISSUE_ROOT) {
    double t;
    int i;
    const int r = anatomy_nearest_root(s->anatomy, p, 5.0, NULL, &i, &t);
    if (r < 0) return 0.0;
    const double *radius = s->anatomy->root[r].radius + i;
    return 1.0 / ((1 - t) * radius[0] + t * radius[1]);
  }
  double sum = -6.0 * interface_value(s, shape, p);
  for (int k = 0; k < 3; k++)
    for (int e = -1; e <= 1; e += 2) {
      double q[3];
      v3_copy(p, q);
      q[k] += e * h;
      sum += interface_value(s, shape, q);
    }
  return lesser(greater(sum / (h * h), -CURVATURE_MAX), CURVATURE_MAX);
}

static bool settle(const Scene *s, int shape, double level, bool on_end, double reach, Foot *f)
{
  double start[3];
  v3_copy(f->p, start);
  for (int i = 0; i < 12; i++) {
    double g[3] = {0, 0, 0};
    const double v = value_and_gradient(s, shape, f->p, g) - level;
    v3_copy(g, f->normal);
    if (fabs(v) < 1e-4) return v3_normalise(f->normal) > 0.1;
    if (on_end) g[2] = 0.0;
    const double g2 = v3_dot(g, g);
    if (g2 < 0.04) return false;
    v3_axpy(f->p, -lesser(greater(v / g2, -reach), reach), g, f->p);
    if (v3_distance2(f->p, start) > 4.0 * reach * reach) return false;
  }
  return false;
}

bool interface_project(const Sizing *z, int shape, const double p[3], bool on_end, double reach, Foot *out)
{
  v3_copy(p, out->p);
  if (!settle(z->s, shape, 0.0, on_end, reach, out)) return false;
  const double k = curvature(z->s, shape, out->p), wanted = edge_length(z, out->p);
  /* at least some eight edges around the narrowest part, six around a root */
  out->edge = k > 0.0 ? lesser(wanted, (shape == TISSUE_ROOT ? 1.0 : 0.8) / k) : wanted;
  out->outward = k * out->edge * out->edge / 16.0;
  return settle(z->s, shape, out->outward, on_end, reach, out);
}

bool interface_project_shifted(const Scene *s, int shape, const double p[3], bool on_end, double reach, double outward,
                               Foot *out)
{
  v3_copy(p, out->p);
  out->outward = outward;
  return settle(s, shape, outward, on_end, reach, out);
}

bool interface_normal(const Scene *s, int shape, const double p[3], double normal[3])
{
  v3_set(normal, 0, 0, 0);
  (void)value_and_gradient(s, shape, p, normal);
  return v3_normalise(normal) > 0.1;
}
