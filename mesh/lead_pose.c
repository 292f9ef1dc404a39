/* Laying a lead on the dura: where, in which direction, bent how. */
#include "lead_pose.h"

#include <stdlib.h>
#include <string.h>

/* Degree of the curve that a lead can take: stiff enough not to follow every bump of the sac. */
enum { BEND_DEGREE = 4, CURVE_SUBSTEPS = 8 };
static const double CURVE_STEP_MM = 0.25, PROBE_MM = 1.0, LONGEST_RAY_MM = 40.0;

static double dura_at(const Anatomy *a, const double p[3]) { return anatomy_distance(a, TISSUE_DURA, p); }

static void dura_gradient(const Anatomy *a, const double p[3], double h, double g[3])
{
  for (int k = 0; k < 3; k++) {
    double q[3], r[3];
    v3_copy(p, q), v3_copy(p, r);
    q[k] += h, r[k] -= h;
    g[k] = dura_at(a, q) - dura_at(a, r);
  }
  v3_normalise(g);
}

/* The last point of the ray from p along dir (unit), from its far end inward, where the dura's outside begins. */
static bool dura_along_ray(const Anatomy *a, const double p[3], const double dir[3], double from, double to, double *t)
{
  double hi = to, x[3];
  v3_axpy(p, hi, dir, x);
  if (dura_at(a, x) < 0.0) return false;
  const double step = 0.5;
  double lo = hi;
  while (lo > from) {
    lo -= step;
    v3_axpy(p, lo, dir, x);
    if (dura_at(a, x) < 0.0) break;
    hi = lo;
  }
  if (lo <= from) return false;
  for (int i = 0; i < 40; i++) {
    const double mid = 0.5 * (lo + hi);
    v3_axpy(p, mid, dir, x);
    if (dura_at(a, x) < 0.0)
      lo = mid;
    else
      hi = mid;
  }
  *t = 0.5 * (lo + hi);
  return true;
}

static void axis_point(const Anatomy *a, double z, double p[3])
{
  int i = 0;
  while (i + 2 < a->n_axis && a->axis[3 * (i + 1) + 2] < z) i++;
  const double *u = a->axis + 3 * i, *v = u + 3, t = fmin(fmax((z - u[2]) / (v[2] - u[2]), 0.0), 1.0);
  for (int k = 0; k < 3; k++) p[k] = (1 - t) * u[k] + t * v[k];
  p[2] = z;
}

static PetscErrorCode height_of_segment(const Case *c, const Anatomy *a, double *z)
{
  int n = 0;
  double sum = 0.0;
  for (int i = 0; i < a->n_root; i++) {
    const Root *r = &a->root[i];
    if (strcmp(r->segment, c->paddle->at.root)) continue;
    sum += r->xyz[3 * r->entry + 2];
    n++;
  }
  PetscCheck(n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: paddle.at.root is \"%s\", but the anatomy has no root of that segment", c->path, c->paddle->at.root);
  *z = sum / n;
  return 0;
}

/* The point of the dura at height z on the side `dir` of the cord's axis: on the dorsal midline for a dorsal lead. */
static PetscErrorCode midline_point(const Case *c, const Anatomy *a, double z, const double dir[3], double at[3])
{
  double from[3], t;
  axis_point(a, z, from);
  PetscCheck(dura_along_ray(a, from, dir, 0.0, LONGEST_RAY_MM, &t), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: paddle: no dura within %g mm of the cord's axis at z %.1f mm (local)", c->path, LONGEST_RAY_MM, z);
  v3_axpy(from, t, dir, at);
  return 0;
}

/* Height at which the array's middle is before it is shifted, and the side of the cord (a unit vector across z). */
static PetscErrorCode first_place(const Case *c, const Anatomy *a, double *z, double dir[3])
{
  const CaseAt *where = &c->paddle->at;
  double from[3], p[3];
  if (!where->point_mm) {
    v3_set(dir, 0.0, where->side && !strcmp(where->side, "ventral") ? 1.0 : -1.0, 0.0);
    return height_of_segment(c, a, z);
  }
  rigid_apply_inverse(&a->world, where->point_mm, p);
  const double inside = anatomy_distance(a, TISSUE_OUTSIDE, p), cord = anatomy_distance(a, TISSUE_WHITE, p);
  PetscCheck(inside < 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: paddle.at.point_mm (%g, %g, %g) lies %.1f mm outside the body; a point near the dura is expected",
             c->path, where->point_mm[0], where->point_mm[1], where->point_mm[2], inside);
  PetscCheck(cord > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: paddle.at.point_mm (%g, %g, %g) lies inside the cord; a point near the dura is expected", c->path,
             where->point_mm[0], where->point_mm[1], where->point_mm[2]);
  axis_point(a, p[2], from);
  v3_sub(p, from, dir);
  PetscCheck(v3_normalise(dir) > 1e-6, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: paddle.at.point_mm lies on the cord's centre line: the side cannot be told", c->path);
  *z = p[2];
  return 0;
}

/* Goes `distance` mm rostrally along the dura's midline, which follows the cord's course. */
static PetscErrorCode walk_midline(const Case *c, const Anatomy *a, const double dir[3], double distance, double z,
                                   double at[3])
{
  const double step = distance < 0.0 ? -0.25 : 0.25;
  double gone = 0.0, next[3];
  PetscCall(midline_point(c, a, z, dir, at));
  while (gone < fabs(distance)) {
    const double here = fmin(fabs(step), fabs(distance) - gone);
    z += step < 0.0 ? -here : here;
    PetscCall(midline_point(c, a, z, dir, next));
    gone += fmax(sqrt(v3_distance2(at, next)), 1e-3);
    v3_copy(next, at);
  }
  return 0;
}

/* Walks on the dura for `distance` mm in the direction nearest to dir, in steps that are projected back on it. */
static void walk_on_dura(const Anatomy *a, double at[3], const double dir[3], double distance)
{
  const int n = (int)ceil(fabs(distance) / 0.25);
  const double step = n ? distance / n : 0.0;
  for (int i = 0; i < n; i++) {
    double g[3], d[3];
    dura_gradient(a, at, 0.3, g);
    v3_axpy(dir, -v3_dot(dir, g), g, d);
    v3_normalise(d);
    v3_axpy(at, step, d, at);
    for (int k = 0; k < 3; k++) v3_axpy(at, -dura_at(a, at), g, at);
  }
}

/* Outward normal, averaged over the neighbourhood that the lead covers. */
static void mean_normal(const Anatomy *a, const double at[3], const double along[3], const double lateral[3],
                        double length, double width, double n[3])
{
  double sum[3] = {0, 0, 0};
  for (int i = -2; i <= 2; i++)
    for (int j = -2; j <= 2; j++) {
      double p[3], g[3];
      v3_axpy(at, i * length / 8.0, along, p);
      v3_axpy(p, j * width / 8.0, lateral, p);
      dura_gradient(a, p, PROBE_MM, g);
      v3_axpy(sum, 1.0, g, sum);
    }
  v3_copy(sum, n);
  v3_normalise(n);
}

/* Direction of the sac's course: from the middle of the sac's section below to that above. */
static void sac_course(const Anatomy *a, double z, double length, double course[3])
{
  double end[2][3];
  for (int e = 0; e < 2; e++) {
    double c[3], sum[3] = {0, 0, 0}, t;
    axis_point(a, z + (e ? 0.5 : -0.5) * length, c);
    int n = 0;
    for (int k = 0; k < 16; k++) {
      const double phi = 2.0 * M_PI * k / 16, dir[3] = {cos(phi), sin(phi), 0.0};
      if (!dura_along_ray(a, c, dir, 0.0, LONGEST_RAY_MM, &t)) continue;
      double q[3];
      v3_axpy(c, t, dir, q);
      v3_axpy(sum, 1.0, q, sum);
      n++;
    }
    for (int k = 0; k < 3; k++) end[e][k] = n ? sum[k] / n : c[k];
  }
  v3_sub(end[1], end[0], course);
  v3_normalise(course);
}

/* Solves the normal equations of a polynomial fit by Gauss with pivoting; n <= BEND_DEGREE + 1. */
static void solve_small(int n, double m[BEND_DEGREE + 1][BEND_DEGREE + 2])
{
  for (int i = 0; i < n; i++) {
    int best = i;
    for (int j = i + 1; j < n; j++)
      if (fabs(m[j][i]) > fabs(m[best][i])) best = j;
    for (int k = 0; k <= n; k++) {
      const double t = m[i][k];
      m[i][k] = m[best][k], m[best][k] = t;
    }
    for (int j = 0; j < n; j++) {
      if (j == i) continue;
      const double f = m[j][i] / m[i][i];
      for (int k = i; k <= n; k++) m[j][k] -= f * m[i][k];
    }
  }
  for (int i = 0; i < n; i++) m[i][n] /= m[i][i];
}

/* Height of the dura over the lead's plane at distance u along it: the highest across the lead's width. */
static bool dura_height(const Anatomy *a, const LeadPose *p, double width, double u, double *height)
{
  bool found = false;
  for (int j = -4; j <= 4; j++) {
    double q[3], t;
    v3_axpy(p->origin, u, p->along, q);
    v3_axpy(q, j * width / 8.0, p->lateral, q);
    if (!dura_along_ray(a, q, p->outward, -15.0, 15.0, &t)) continue;
    *height = found ? fmax(*height, t) : t;
    found = true;
  }
  return found;
}

/* The polynomial height(u) that the lead takes, u in units of half its length. */
static PetscErrorCode fit_bend(const Case *c, const Anatomy *a, const LeadModel *m, const LeadPose *p, double coef[])
{
  double eq[BEND_DEGREE + 1][BEND_DEGREE + 2] = {{0}};
  const double half = 0.5 * m->length_mm;
  const int n_probe = 41;
  for (int i = 0; i < n_probe; i++) {
    const double x = 2.0 * i / (n_probe - 1) - 1.0;
    double h = 0.0;
    PetscCheck(dura_height(a, p, 0.8 * m->width_mm, m->body_at_mm + x * half, &h), PETSC_COMM_SELF,
               PETSC_ERR_USER_INPUT,
               "%s: paddle: the lead would leave the dura %.1f mm from the middle of its array (turned or shifted too "
               "far, or the image ends there)",
               c->path, m->body_at_mm + x * half);
    double xi[2 * BEND_DEGREE + 1];
    xi[0] = 1.0;
    for (int k = 1; k <= 2 * BEND_DEGREE; k++) xi[k] = xi[k - 1] * x;
    for (int r = 0; r <= BEND_DEGREE; r++) {
      for (int s = 0; s <= BEND_DEGREE; s++) eq[r][s] += xi[r + s];
      eq[r][BEND_DEGREE + 1] += xi[r] * h;
    }
  }
  solve_small(BEND_DEGREE + 1, eq);
  for (int k = 0; k <= BEND_DEGREE; k++) coef[k] = eq[k][BEND_DEGREE + 1];
  return 0;
}

static double slope_angle(const LeadModel *m, const double coef[], double u)
{
  const double half = 0.5 * m->length_mm, x = fmin(fmax((u - m->body_at_mm) / half, -1.1), 1.1);
  double d = 0.0, xk = 1.0;
  for (int k = 1; k <= BEND_DEGREE; k++, xk *= x) d += k * coef[k] * xk;
  return atan(d / half);
}

static double height_at(const LeadModel *m, const double coef[], double u)
{
  double h = 0.0, x = (u - m->body_at_mm) / (0.5 * m->length_mm);
  for (int k = BEND_DEGREE; k >= 0; k--) h = h * x + coef[k];
  return h;
}

/* Walks along the curve from the middle of the array by arc length, so that y is a length on the neutral face. */
static PetscErrorCode sample_curve(const LeadModel *m, const double coef[], double lift, LeadPose *p)
{
  const double reach = 0.5 * m->length_mm + fabs(m->body_at_mm) + 4.0;
  const int half = (int)ceil(reach / CURVE_STEP_MM);
  p->n = 2 * half + 1;
  p->y_first = -half * CURVE_STEP_MM;
  p->y_step = CURVE_STEP_MM;
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->curve, &p->curve));
  v3_set(p->curve[half], 0.0, height_at(m, coef, 0.0) + lift, slope_angle(m, coef, 0.0));
  for (int dir = -1; dir <= 1; dir += 2) {
    double u = 0.0, w = p->curve[half][1];
    for (int i = 1; i <= half; i++) {
      for (int s = 0; s < CURVE_SUBSTEPS; s++) { /* midpoint rule */
        const double ds = dir * CURVE_STEP_MM / CURVE_SUBSTEPS;
        const double mid = slope_angle(m, coef, u + 0.5 * ds * cos(slope_angle(m, coef, u)));
        u += ds * cos(mid), w += ds * sin(mid);
      }
      v3_set(p->curve[half + dir * i], u, w, slope_angle(m, coef, u));
    }
  }
  return 0;
}

/* A box about the bent lead: about the curve as far as the lead reaches, widened by what of the lead lies off it. */
static void bound(const LeadModel *m, LeadPose *p)
{
  const double off = greater(p->neutral_w, fabs(m->thickness_mm - p->neutral_w));
  v3_set(p->lo, -0.5 * m->width_mm, HUGE_VAL, HUGE_VAL);
  v3_set(p->hi, 0.5 * m->width_mm, -HUGE_VAL, -HUGE_VAL);
  for (int i = 0; i < p->n; i++) {
    if (fabs(p->y_first + i * p->y_step - m->body_at_mm) > 0.5 * m->length_mm + p->y_step) continue;
    for (int k = 0; k < 2; k++) {
      p->lo[k + 1] = lesser(p->lo[k + 1], p->curve[i][k] - off);
      p->hi[k + 1] = greater(p->hi[k + 1], p->curve[i][k] + off);
    }
  }
}

static PetscErrorCode lay(const Case *c, const Anatomy *a, const LeadModel *m, LeadPose *p)
{
  double at[3], dir[3], course[3], coef[BEND_DEGREE + 1];
  const double up[3] = {0, 0, 1}, turn = c->paddle->rotation_deg * M_PI / 180.0;
  double z, right[3];
  PetscCall(first_place(c, a, &z, dir));
  PetscCall(walk_midline(c, a, dir, c->paddle->offset_mm[1], z, at));
  v3_cross(up, dir, right);
  v3_normalise(right);
  walk_on_dura(a, at, right, c->paddle->offset_mm[0]);
  sac_course(a, at[2], 0.7 * m->length_mm, course);
  mean_normal(a, at, course, right, m->length_mm, m->width_mm, p->outward);
  v3_axpy(course, -v3_dot(course, p->outward), p->outward, course);
  v3_normalise(course);
  v3_cross(course, p->outward, right);
  for (int k = 0; k < 3; k++) p->along[k] = cos(turn) * course[k] - sin(turn) * right[k];
  v3_cross(p->along, p->outward, p->lateral);
  v3_copy(at, p->origin);
  const bool cylinder = !strcmp(m->kind, "percutaneous");
  p->neutral_w = cylinder ? 0.5 * m->width_mm : 0.0;
  PetscCall(fit_bend(c, a, m, p, coef));
  PetscCall(sample_curve(m, coef, fmax(c->paddle->gap_mm, c->paddle->encapsulation_mm) + p->neutral_w, p));
  bound(m, p);
  return 0;
}

/* Every point of the body must lie in the body of the subject, off the cord, and off the ends of the domain. */
static PetscErrorCode check_room(const Case *c, const Anatomy *a, const LeadModel *m, const LeadPose *p)
{
  const double room = a->surround.dura_thickness_mm + 0.1;
  const double y0 = m->body_at_mm - 0.5 * m->length_mm;
  for (int i = 0; i <= 64; i++)
    for (int j = -4; j <= 4; j++)
      for (int k = 0; k <= 1; k++) {
        const double flat[3] = {j * m->width_mm / 8.0, y0 + m->length_mm * i / 64.0, k * m->thickness_mm};
        double x[3];
        lead_pose_to_local(p, flat, x);
        const double cord = anatomy_distance(a, TISSUE_WHITE, x), out = anatomy_distance(a, TISSUE_OUTSIDE, x);
        PetscCheck(cord > room, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
                   "%s: paddle: the lead would press into the cord (%.2f mm from it, %.1f mm from the middle of the "
                   "array; at least %.2f mm is needed for dura and CSF)",
                   c->path, cord, flat[1], room);
        PetscCheck(
            out < -1.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
            "%s: paddle: the lead would reach outside the body or beyond the image's end (%.1f mm from the middle "
            "of the array)",
            c->path, flat[1]);
      }
  return 0;
}

PetscErrorCode lead_pose_create(const Case *c, const Anatomy *a, const LeadModel *m, LeadPose **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = lay(c, a, m, *out);
  if (!ierr) ierr = check_room(c, a, m, *out);
  if (ierr) lead_pose_destroy(out);
  return ierr;
}

void lead_pose_destroy(LeadPose **p)
{
  if (!*p) return;
  free((*p)->curve);
  free(*p);
  *p = NULL;
}
