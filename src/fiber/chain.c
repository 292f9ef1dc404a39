#include "chain.h"

#include "cauda/vec3.h"

#include <float.h>
#include <stdlib.h>

PetscErrorCode chain_add(Chain *c, const double p[3])
{
  PetscCall(mem_grow((size_t)c->n + 1, 3 * sizeof(double), &c->room, &c->xyz));
  v3_copy(p, c->xyz + 3 * (size_t)c->n++);
  return 0;
}

void chain_free(Chain *c)
{
  free(c->xyz);
  *c = (Chain){0};
}

void chain_reverse(Chain *c)
{
  for (int i = 0, j = c->n - 1; i < j; i++, j--) {
    double t[3], *a = c->xyz + 3 * (size_t)i, *b = c->xyz + 3 * (size_t)j;
    v3_copy(a, t), v3_copy(b, a), v3_copy(t, b);
  }
}

void chain_lengths(const Chain *c, double *s)
{
  s[0] = 0.0;
  for (int i = 1; i < c->n; i++)
    s[i] = s[i - 1] + sqrt(v3_distance2(c->xyz + 3 * (size_t)i, c->xyz + 3 * (size_t)(i - 1)));
}

static PetscErrorCode resample(const Chain *c, const double *s, double step_mm, const double *value, Chain *out,
                               double **out_value)
{
  double length = s[c->n - 1];
  int pieces = (int)fmax(1.0, round(length / step_mm)), j = 0;
  if (value) PetscCall(mem_alloc((size_t)pieces + 1, sizeof **out_value, out_value));
  for (int i = 0; i <= pieces; i++) {
    double at = length * i / pieces, p[3];
    while (j < c->n - 2 && s[j + 1] < at) j++;
    double t = s[j + 1] > s[j] ? (at - s[j]) / (s[j + 1] - s[j]) : 0.0;
    const double *a = c->xyz + 3 * (size_t)j;
    for (int k = 0; k < 3; k++) p[k] = (1.0 - t) * a[k] + t * a[k + 3];
    PetscCall(chain_add(out, p));
    if (value) (*out_value)[i] = (1.0 - t) * value[j] + t * value[j + 1];
  }
  return 0;
}

PetscErrorCode chain_resample(const Chain *c, double step_mm, const double *value, Chain *out, double **out_value)
{
  double *s = NULL;
  *out = (Chain){0};
  if (value) *out_value = NULL;
  PetscCheck(c->n >= 2, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "found a curve of %d points, expected two", c->n);
  PetscCall(mem_alloc((size_t)c->n, sizeof *s, &s));
  chain_lengths(c, s);
  PetscErrorCode error = resample(c, s, step_mm, value, out, out_value);
  free(s);
  if (!error) return 0;
  chain_free(out);
  if (value) free(*out_value), *out_value = NULL;
  return error;
}

static double bend_radius(const double a[3], const double b[3], const double c[3])
{
  double u[3], w[3], n[3];
  v3_sub(b, a, u), v3_sub(c, b, w);
  v3_cross(u, w, n);
  double area2 = v3_norm(n), product = v3_norm(u) * v3_norm(w) * sqrt(v3_distance2(a, c));
  if (product == 0.0) return v3_dot(u, w) < 0.0 ? 0.0 : DBL_MAX; /* it turns back on itself, or two points are one */
  return area2 > 1e-12 * product ? 0.5 * product / area2 : (v3_dot(u, w) < 0.0 ? 0.0 : DBL_MAX);
}

double chain_tightest_bend(const Chain *c)
{
  double radius = DBL_MAX;
  for (int i = 1; i < c->n - 1; i++) {
    const double *p = c->xyz + 3 * (size_t)i;
    radius = fmin(radius, bend_radius(p - 3, p, p + 3));
  }
  return radius;
}

void chain_smooth(Chain *c, int rounds, double radius_mm)
{
  enum { ROUNDS_MAX = 400 };
  for (int r = 0; r < ROUNDS_MAX && (r < rounds || chain_tightest_bend(c) < radius_mm); r++) {
    double before[3];
    v3_copy(c->xyz, before);
    for (int i = 1; i < c->n - 1; i++) {
      double *p = c->xyz + 3 * (size_t)i, here[3];
      v3_copy(p, here);
      for (int k = 0; k < 3; k++) p[k] = 0.25 * (before[k] + p[k + 3]) + 0.5 * here[k];
      v3_copy(here, before);
    }
  }
}

void chain_direction(const Chain *c, int i, double t[3])
{
  int a = i > 0 ? i - 1 : 0, b = i < c->n - 1 ? i + 1 : c->n - 1;
  v3_sub(c->xyz + 3 * (size_t)b, c->xyz + 3 * (size_t)a, t);
  v3_normalise(t);
}

PetscErrorCode chain_bezier(Chain *chain, const double b[3], const double c[3], const double d[3], double step_mm)
{
  double a[3], p[3];
  v3_copy(chain->xyz + 3 * (size_t)(chain->n - 1), a);
  double length = sqrt(v3_distance2(a, b)) + sqrt(v3_distance2(b, c)) + sqrt(v3_distance2(c, d));
  int pieces = (int)fmax(2.0, ceil(length / step_mm));
  for (int i = 1; i <= pieces; i++) {
    double t = (double)i / pieces, r = 1.0 - t;
    for (int k = 0; k < 3; k++)
      p[k] = r * r * r * a[k] + 3.0 * r * r * t * b[k] + 3.0 * r * t * t * c[k] + t * t * t * d[k];
    PetscCall(chain_add(chain, p));
  }
  return 0;
}
