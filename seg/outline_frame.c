/* The local frame from outlines and roots, and the check of left against right. */
#include "outline_frame.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A subject may lie turned in space; LPS taken for RAS turns it by 180 deg about z. Beyond this angle between the
 * roots' left-to-right and the world's, the coordinates are held to be at fault. */
static const double SWAPPED_COSINE = -0.7;

/* The normal that agrees best with all others. */
static void common_normal(const OutlineSet *const set[2], double normal[3])
{
  double best = -1.0;
  const double *reference = set[0]->loop[0].normal;
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < set[s]->n; i++) {
      double agree = 0.0;
      for (int t = 0; t < 2; t++)
        for (int j = 0; j < set[t]->n; j++) agree += fabs(v3_dot(set[s]->loop[i].normal, set[t]->loop[j].normal));
      if (agree > best) best = agree, reference = set[s]->loop[i].normal;
    }
  v3_set(normal, 0, 0, 0);
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < set[s]->n; i++) {
      const double c = v3_dot(reference, set[s]->loop[i].normal);
      if (fabs(c) > 0.999) v3_axpy(normal, c > 0 ? 1.0 : -1.0, set[s]->loop[i].normal, normal);
    }
  v3_normalise(normal);
}

static void mean_centroid(const OutlineSet *const *set, int n_set, double mean[3])
{
  int n = 0;
  v3_set(mean, 0, 0, 0);
  for (int s = 0; s < n_set; s++)
    for (int i = 0; i < set[s]->n; i++, n++) v3_axpy(mean, 1.0, set[s]->loop[i].centroid, mean);
  v3_scale(1.0 / n, mean);
}

/* Least distance of p to the cord's control points; *loop is the outline that holds the nearest. */
static double to_cord(const OutlineSet *cord, const double p[3], int *loop)
{
  double best = DBL_MAX;
  for (int i = 0; i < cord->n; i++)
    for (int k = 0; k < cord->loop[i].markup->n; k++) {
      const double d2 = v3_distance2(p, cord->loop[i].markup->xyz[k]);
      if (d2 < best) best = d2, *loop = i;
    }
  return sqrt(best);
}

/* The two ends of a line along the normal: first the one nearer to the cord, then the other. */
static void line_ends(const RootLine *l, const OutlineSet *cord, const double normal[3], const double **entry,
                      const double **distal, int *loop)
{
  const double *lo = l->xyz[0], *hi = l->xyz[0];
  int loop_lo, loop_hi;
  for (int i = 1; i < l->n; i++) {
    if (v3_dot(l->xyz[i], normal) < v3_dot(lo, normal)) lo = l->xyz[i];
    if (v3_dot(l->xyz[i], normal) > v3_dot(hi, normal)) hi = l->xyz[i];
  }
  const bool up = to_cord(cord, hi, &loop_hi) <= to_cord(cord, lo, &loop_lo);
  *entry = up ? hi : lo, *distal = up ? lo : hi, *loop = up ? loop_hi : loop_lo;
}

/* How far the roots ascend along the normal from their distal ends to their entries, mm, summed. */
static double roots_ascend(int n, const RootLine *lines, const OutlineSet *cord, const double normal[3])
{
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    const double *entry, *distal;
    double d[3];
    int loop;
    line_ends(&lines[i], cord, normal, &entry, &distal, &loop);
    v3_sub(entry, distal, d);
    sum += v3_dot(d, normal);
  }
  return sum;
}

/* Mean of the points of the roots on one side (of one segment, or of all where it is NULL). */
static bool side_mean(int n, const RootLine *lines, char side, const char *segment, double mean[3])
{
  int count = 0;
  v3_set(mean, 0, 0, 0);
  for (int i = 0; i < n; i++) {
    if (lines[i].side != side || (segment && strcmp(lines[i].segment, segment))) continue;
    for (int k = 0; k < lines[i].n; k++, count++) v3_axpy(mean, 1.0, lines[i].xyz[k], mean);
  }
  if (count) v3_scale(1.0 / count, mean);
  return count > 0;
}

/* The part of v that is perpendicular to the unit vector axis, normalised. */
static double project_out(const double axis[3], double v[3])
{
  v3_axpy(v, -v3_dot(v, axis), axis, v);
  return v3_normalise(v);
}

static PetscErrorCode lateral_axis(const OutlineSet *cord, int n, const RootLine *lines, const double z[3], double x[3])
{
  double right[3], left[3];
  v3_set(x, 1, 0, 0);
  if (n) {
    if (!side_mean(n, lines, 'R', NULL, right)) mean_centroid(&cord, 1, right);
    if (!side_mean(n, lines, 'L', NULL, left)) mean_centroid(&cord, 1, left);
    v3_sub(right, left, x);
  }
  PetscCheck(project_out(z, x) > 1e-3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the outlines lie in sagittal planes or the left and right roots coincide; expected transverse outlines");
  return 0;
}

static PetscErrorCode check_levels(int n, const RootLine *lines, const double x[3])
{
  for (int i = 0; i < n; i++) {
    double right[3], left[3], d[3];
    if (!side_mean(n, lines, 'R', lines[i].segment, right) || !side_mean(n, lines, 'L', lines[i].segment, left))
      continue;
    v3_sub(right, left, d);
    PetscCheck(v3_dot(d, x) > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: the left root %s lies %.1f mm to the right of the right one, unlike the other levels; expected the "
               "names' sides to agree",
               lines[i].path, lines[i].segment, -v3_dot(d, x));
  }
  return 0;
}

static PetscErrorCode check_sides(const OutlineSet *cord, int n, const RootLine *lines, const Rigid *world)
{
  const double x[3] = {world->m[0][0], world->m[1][0], world->m[2][0]};
  const double z[3] = {world->m[0][2], world->m[1][2], world->m[2][2]};
  double dorsal = 0.0;
  PetscCheck(
      x[0] > SWAPPED_COSINE, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the roots named left lie on the right of those named right (RAS x runs to the right): left and right "
      "are swapped, as where LPS files are called RAS; set \"coordinates: LPS\" (or RAS) in the case's anatomy to "
      "override what the markups say",
      lines[0].path);
  PetscCall(check_levels(n, lines, x));
  for (int i = 0; i < n; i++) {
    const double *entry, *distal;
    double p[3], c[3];
    int loop;
    line_ends(&lines[i], cord, z, &entry, &distal, &loop);
    rigid_apply_inverse(world, entry, p);
    rigid_apply_inverse(world, cord->loop[loop].centroid, c);
    dorsal += (c[1] - p[1]) / n;
  }
  PetscCheck(
      dorsal > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the dorsal roots enter the cord %.1f mm in front of its centre, seen from the sides that their names "
      "give: the coordinates are mirrored, or left and right are swapped; expected LPS or RAS (\"coordinates\" in "
      "the case's anatomy overrides what the markups say)",
      lines[0].path, -dorsal);
  return 0;
}

PetscErrorCode outline_frame(const OutlineSet *cord, const OutlineSet *dura, int n_line, const RootLine *lines,
                             Rigid *world)
{
  const OutlineSet *const both[2] = {cord, dura};
  double x[3], y[3], z[3], origin[3];
  common_normal(both, z);
  mean_centroid(both, 2, origin);
  const double ascend = n_line ? roots_ascend(n_line, lines, cord, z) / n_line : 0.0;
  if (fabs(ascend) > 1.0 ? ascend < 0.0 : z[2] < 0.0) v3_scale(-1.0, z);
  PetscCall(lateral_axis(cord, n_line, lines, z, x));
  v3_cross(z, x, y);
  for (int i = 0; i < 3; i++) {
    world->m[i][0] = x[i], world->m[i][1] = y[i], world->m[i][2] = z[i];
    world->m[i][3] = origin[i];
  }
  return n_line ? check_sides(cord, n_line, lines, world) : 0;
}
