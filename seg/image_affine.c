/* Where voxels lie: the one place that decides the affine, and axes turned to RAS+. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/image.h"
#include "cauda/vec3.h"
#include "image_header.h"

static const double AGREE_VOXELS = 0.05, SHEAR_DEG = 0.1;
static const double SMALLEST_MM = 1e-3, LARGEST_MM = 1e3;

/* mm a unit of the header; 0 where it does not say. */
static double unit_of_header(int code)
{
  return code == NIFTI_UNITS_MM ? 1.0 : code == NIFTI_UNITS_METER ? 1e3 : code == NIFTI_UNITS_MICRON ? 1e-3 : 0.0;
}

static double unit_of_name(const char *name)
{
  return !name ? 0.0 : !strcmp(name, "mm") ? 1.0 : !strcmp(name, "m") ? 1e3 : !strcmp(name, "um") ? 1e-3 : 0.0;
}

static void apply(const nifti_dmat44 *m, const double v[3], double out[3])
{
  for (int r = 0; r < 3; r++) out[r] = m->m[r][0] * v[0] + m->m[r][1] * v[1] + m->m[r][2] * v[2] + m->m[r][3];
}

/* Angle by which a qform stored in single precision may be off, rad. Its first quaternion component is left out of the
 * file: a^2 = 1 - b^2 - c^2 - d^2 is known to a few rounding errors only, which leaves a uncertain near half turns. */
static double quaternion_blur(const nifti_image *nim)
{
  const double b = nim->quatern_b, c = nim->quatern_c, d = nim->quatern_d, known = 5e-7;
  const double a2 = fmax(0.0, 1.0 - b * b - c * c - d * d), a = sqrt(a2);
  return 2.0 * fmax(a - sqrt(fmax(0.0, a2 - known)), sqrt(a2 + known) - a);
}

/* Largest distance, in voxels, between where the two put a corner of the image, beyond what rounding explains. */
static double disagreement(const nifti_image *nim)
{
  const double blur = quaternion_blur(nim);
  double worst = 0.0, smallest = HUGE_VAL;
  for (int c = 0; c < 3; c++) {
    const double a[3] = {nim->qto_xyz.m[0][c], nim->qto_xyz.m[1][c], nim->qto_xyz.m[2][c]};
    smallest = fmin(smallest, v3_norm(a));
  }
  for (int corner = 0; corner < 8; corner++) {
    const double v[3] = {corner & 1 ? (double)(nim->nx - 1) : 0, corner & 2 ? (double)(nim->ny - 1) : 0,
                         corner & 4 ? (double)(nim->nz - 1) : 0};
    const double mm[3] = {v[0] * nim->dx, v[1] * nim->dy, v[2] * nim->dz};
    double q[3], s[3];
    apply(&nim->qto_xyz, v, q), apply(&nim->sto_xyz, v, s);
    const double off = sqrt(v3_distance2(q, s)) - blur * v3_norm(mm);
    if (!(off <= worst * smallest)) worst = off / smallest; /* not a number counts as infinitely far */
  }
  return isfinite(worst) ? worst : HUGE_VAL;
}

static PetscErrorCode choose(const nifti_image *nim, const char *path, const char *orientation, nifti_dmat44 *m)
{
  const bool q = nim->qform_code > 0, s = nim->sform_code > 0;
  const bool want_q = orientation && !strcmp(orientation, "qform"), want_s = orientation && !want_q;
  PetscCheck(q || s, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: has neither sform nor qform, so left and right are unknown; expected one of them to be set", path);
  PetscCheck((!want_q || q) && (!want_s || s), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the case asks for its %s, which is not set; the %s is", path, orientation, q ? "qform" : "sform");
  if (q && s && !orientation) {
    const double off = disagreement(nim);
    PetscCheck(off <= AGREE_VOXELS, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: its sform and qform disagree by up to %.3f voxels; expected one orientation, or the key "
               "\"orientation: sform\" (or qform) in the case",
               path, off);
  }
  *m = s && !want_q ? nim->sto_xyz : nim->qto_xyz;
  return 0;
}

static PetscErrorCode check_affine(const char *path, const double a[3][4])
{
  double col[3][3], length[3];
  for (int c = 0; c < 3; c++)
    for (int r = 0; r < 4; r++)
      PetscCheck(isfinite(a[c][r]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
                 "%s: the affine holds a value that is not a finite number", path);
  for (int c = 0; c < 3; c++) {
    v3_set(col[c], a[0][c], a[1][c], a[2][c]);
    length[c] = v3_normalise(col[c]);
    PetscCheck(length[c] > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: the affine is singular: axis %d has no direction", path, c + 1);
    PetscCheck(length[c] >= SMALLEST_MM && length[c] <= LARGEST_MM, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: the voxel size along axis %d is %.3e mm, expected %.3f to %.0f mm (are the units right?)", path,
               c + 1, length[c], SMALLEST_MM, LARGEST_MM);
  }
  for (int c = 0; c < 3; c++) {
    const double angle = acos(fmin(1.0, fmax(-1.0, v3_dot(col[c], col[(c + 1) % 3])))) * 180.0 / M_PI;
    const bool parallel = angle < 1e-3 || angle > 180.0 - 1e-3;
    PetscCheck(!parallel, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: the affine is singular: axes %d and %d are parallel", path, c + 1, (c + 1) % 3 + 1);
    PetscCheck(
        fabs(angle - 90.0) <= SHEAR_DEG, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
        "%s: the affine is sheared: axes %d and %d stand at %.2f deg, expected 90 within %.1f; resample it first", path,
        c + 1, (c + 1) % 3 + 1, angle, SHEAR_DEG);
  }
  return 0;
}

PetscErrorCode image_header_affine(const nifti_image *nim, const char *path, const char *orientation, const char *units,
                                   double affine[3][4])
{
  nifti_dmat44 m;
  const double stated = unit_of_header(nim->xyz_units), mm = stated > 0.0 ? stated : unit_of_name(units);
  PetscCall(choose(nim, path, orientation, &m));
  PetscCheck(mm > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: does not say in which unit its lengths are (xyzt_units is %d); expected mm, um or m, or "
             "\"units: mm\" beside the file in the case (--units mm on the command line)",
             path, nim->xyz_units);
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 4; c++) affine[r][c] = mm * m.m[r][c];
  return check_affine(path, (const double(*)[4])affine);
}

/* ---- reorientation ---- */

static double determinant(const double m[3][3])
{
  double c[3];
  v3_cross(m[0], m[1], c);
  return v3_dot(c, m[2]);
}

/* order[r]: which old axis becomes axis r; sign[r]: -1 where it is flipped. Of all that keep the axes right-handed,
 * the one nearest to RAS+. */
static void nearest_axes(const double affine[3][4], int order[3], int sign[3])
{
  static const int ORDERS[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
  double best = -HUGE_VAL;
  for (int o = 0; o < 6; o++) {
    double axis[3][3], trace = 0.0;
    int s[3];
    for (int r = 0; r < 3; r++) {
      const int c = ORDERS[o][r];
      v3_set(axis[r], affine[0][c], affine[1][c], affine[2][c]);
      v3_normalise(axis[r]);
      s[r] = axis[r][r] < 0.0 ? -1 : 1;
      v3_scale(s[r], axis[r]);
      trace += axis[r][r];
    }
    if (trace <= best || determinant((const double(*)[3])axis) <= 0.0) continue;
    best = trace;
    memcpy(order, ORDERS[o], sizeof ORDERS[o]);
    memcpy(sign, s, sizeof s);
  }
}

static void move_values(const Image *im, const int order[3], const int sign[3], const int n[3], float *v)
{
  const ptrdiff_t old_step[3] = {1, im->n[0], (ptrdiff_t)im->n[0] * im->n[1]};
  ptrdiff_t step[3], start = 0;
  for (int r = 0; r < 3; r++) {
    step[r] = sign[r] * old_step[order[r]];
    if (sign[r] < 0) start += old_step[order[r]] * (n[r] - 1);
  }
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++) {
      const float *from = im->v + start + k * step[2] + j * step[1];
      for (int i = 0; i < n[0]; i++, from += step[0]) *v++ = *from;
    }
}

/* Axes that keep their order are turned in place: each value changes places with its mirror image. */
static void flip_values(Image *im, const int sign[3])
{
  const int *n = im->n;
  size_t at = 0;
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++) {
      const size_t y = (size_t)(sign[1] < 0 ? n[1] - 1 - j : j), z = (size_t)(sign[2] < 0 ? n[2] - 1 - k : k);
      const size_t row = (z * (size_t)n[1] + y) * (size_t)n[0];
      for (int i = 0; i < n[0]; i++, at++) {
        const size_t to = row + (size_t)(sign[0] < 0 ? n[0] - 1 - i : i);
        const float value = im->v[at];
        if (to > at) im->v[at] = im->v[to], im->v[to] = value;
      }
    }
}

static PetscErrorCode turn_values(Image *im, const int order[3], const int sign[3], const int n[3])
{
  const bool kept = order[0] == 0 && order[1] == 1 && order[2] == 2;
  float *v = NULL;
  if (kept && sign[0] > 0 && sign[1] > 0 && sign[2] > 0) return 0;
  if (kept) {
    flip_values(im, sign);
    return 0;
  }
  PetscCall(mem_alloc((size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof *v, &v));
  move_values(im, order, sign, n, v);
  free(im->v);
  im->v = v;
  return 0;
}

PetscErrorCode image_reorient(Image *im)
{
  int order[3] = {0, 1, 2}, sign[3] = {1, 1, 1}, n[3];
  double affine[3][4];
  nearest_axes((const double(*)[4])im->affine, order, sign);
  for (int r = 0; r < 3; r++) n[r] = im->n[order[r]];
  for (int e = 0; e < 3; e++) {
    affine[e][3] = im->affine[e][3];
    for (int r = 0; r < 3; r++) {
      affine[e][r] = sign[r] * im->affine[e][order[r]];
      if (sign[r] < 0) affine[e][3] += im->affine[e][order[r]] * (n[r] - 1);
    }
  }
  PetscCall(turn_values(im, order, sign, n));
  memcpy(im->n, n, sizeof n);
  memcpy(im->affine, affine, sizeof affine);
  return 0;
}
