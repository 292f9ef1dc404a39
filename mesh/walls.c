/* Flat interfaces and straight roots. */
#include "walls.h"

static void look_for_root(const Anatomy *a, const double p[3], double reach, Walls *out)
{
  int i;
  double t;
  const int r = anatomy_nearest_root(a, p, reach, NULL, &i, &t);
  out->tube = r >= 0;
  if (!out->tube) return;
  const double *u = a->root[r].xyz + 3 * i, *radius = a->root[r].radius + i;
  v3_sub(u + 3, u, out->along);
  for (int k = 0; k < 3; k++) out->axis[k] = u[k] + t * out->along[k] - p[k];
  out->radius = (1 - t) * radius[0] + t * radius[1];
  v3_normalise(out->along);
}

void walls_look(const Anatomy *a, const double p[3], double reach, Walls *out)
{
  double d[TISSUE_COUNT];
  anatomy_shell_distances(a, p, d);
  out->n = 0;
  for (int t = TISSUE_BODY; t <= TISSUE_GREY; t++)
    if (fabs(d[t]) < reach) out->away[out->n] = anatomy_shell_gradient(a, (Tissue)t, p, out->normal[out->n]), out->n++;
  look_for_root(a, p, reach, out);
}

bool walls_near(const Walls *w, const double step[3], double gap)
{
  if (w->tube) {
    double d[3];
    v3_sub(step, w->axis, d);
    v3_axpy(d, -v3_dot(d, w->along), w->along, d);
    const double away = v3_norm(d) - w->radius;
    if (fabs(away) < gap) return true;
    if (away < 0.0) return false;
  }
  for (int i = 0; i < w->n; i++)
    if (fabs(w->away[i] + v3_dot(w->normal[i], step)) < gap) return true;
  return false;
}
