/* The anatomy's shapes as closed surfaces: the tissues on one lattice, each root on one of its own. */
#include "surfaces.h"

#include "cauda/vtk.h"

#include <stdlib.h>

static const Tissue SHELLS[] = {TISSUE_BONE, TISSUE_FAT, TISSUE_DURA, TISSUE_CSF, TISSUE_WHITE, TISSUE_GREY};
enum { N_SHELL = sizeof SHELLS / sizeof *SHELLS, N_SMOOTH = 2 };

/* The first N_SMOOTH are far from all detail: twice the step keeps half of the file away. */
static const double SMOOTH_STEPS = 2.0;

/* A root's radius is this many steps of its lattice: an octagon's worth. */
static const double STEPS_A_RADIUS = 1.6;
/* mm; far outside, for lattice points that no piece of a root comes near */
static const float FAR = 1e3f;

/* ---- tissues ---------------------------------------------------------------------------------------------- */

/* Tissues that share a lattice. */
typedef struct {
  int n;
  const Tissue *tissue;
  March *march[N_SHELL];
  float *value[N_SHELL]; /* one layer each */
} Shells;

static int count_shells(const Anatomy *a) { return a->grid->channel[TISSUE_GREY] >= 0 ? N_SHELL : N_SHELL - 1; }

/* A lattice over a box, with room for a layer that is outside on each side. */
static PetscErrorCode lattice_over(const double lo[3], const double hi[3], double step, Lattice *l)
{
  l->step = step;
  for (int k = 0; k < 3; k++) {
    double n = ceil((hi[k] - lo[k]) / step) + 4.0;
    PetscCheck(n < 20000.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "a step of %g mm is too small for %g mm", step,
               hi[k] - lo[k]);
    l->n[k] = (int)n;
    l->origin[k] = 0.5 * (lo[k] + hi[k]) - 0.5 * step * (l->n[k] - 1);
  }
  return 0;
}

/* Where the bone ends: the grid that the shapes were sampled on, widened by what is offset from them. */
static PetscErrorCode shell_lattice(const Anatomy *a, double step, Lattice *l)
{
  const DistanceGrid *g = a->grid;
  double margin = a->surround.dura_thickness_mm + a->surround.epidural_fat_mm + a->surround.bone_mm;
  double lo[3] = {0, 0, a->z_min}, hi[3] = {0, 0, a->z_max};
  for (int k = 0; k < 2; k++) {
    lo[k] = fmax(g->origin[k] - margin, a->axis_xy[k] - a->surround.body_radius_mm);
    hi[k] = fmin(g->origin[k] + g->step[k] * (g->n[k] - 1) + margin, a->axis_xy[k] + a->surround.body_radius_mm);
  }
  return lattice_over(lo, hi, step, l);
}

static void fill_shells(const Anatomy *a, const Lattice *l, int k, Shells *s)
{
  for (int j = 0; j < l->n[1]; j++)
    for (int i = 0; i < l->n[0]; i++) {
      double p[3] = {l->origin[0] + l->step * i, l->origin[1] + l->step * j, l->origin[2] + l->step * k};
      double d[TISSUE_COUNT];
      anatomy_shell_distances(a, p, d);
      for (int t = 0; t < s->n; t++)
        s->value[t][(size_t)j * (size_t)l->n[0] + (size_t)i] =
            (float)fmin(fmax(d[s->tissue[t]], d[TISSUE_OUTSIDE]), (double)FAR);
    }
}

static PetscErrorCode march_shells(const Anatomy *a, const Lattice *l, int first, Surface *out, Shells *s)
{
  for (int t = 0; t < s->n; t++) {
    PetscCall(march_create(l, &a->world, (int16_t)(first + t), out, &s->march[t]));
    PetscCall(mem_alloc((size_t)l->n[0] * (size_t)l->n[1], sizeof **s->value, &s->value[t]));
  }
  for (int k = 0; k < l->n[2]; k++) {
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while surfaces were made");
    fill_shells(a, l, k, s);
    for (int t = 0; t < s->n; t++) PetscCall(march_layer(s->march[t], s->value[t]));
  }
  return 0;
}

/* Shells first .. end - 1. */
static PetscErrorCode make_shells(const Anatomy *a, double step, int first, int end, Surface *out)
{
  Lattice l;
  Shells s = {.n = end - first, .tissue = SHELLS + first};
  PetscCall(shell_lattice(a, step, &l));
  PetscErrorCode code = march_shells(a, &l, first, out, &s);
  for (int t = 0; t < s.n; t++) march_destroy(&s.march[t]), free(s.value[t]);
  PetscCall(code);
  return 0;
}

/* ---- roots ------------------------------------------------------------------------------------------------ */

/* Distance to the surface of one piece of a root: a cone about the line from a to b with round ends. */
static double piece_distance(const Root *r, int piece, const double p[3])
{
  const double *a = r->xyz + 3 * piece, *b = a + 3;
  double ab[3], ap[3], c[3];
  v3_sub(b, a, ab), v3_sub(p, a, ap);
  double length2 = v3_dot(ab, ab), t = length2 > 0.0 ? fmin(1.0, fmax(0.0, v3_dot(ap, ab) / length2)) : 0.0;
  v3_axpy(a, t, ab, c);
  return sqrt(v3_distance2(c, p)) - ((1.0 - t) * r->radius[piece] + t * r->radius[piece + 1]);
}

static void piece_box(const Root *r, int piece, double margin, double lo[3], double hi[3])
{
  double reach = fmax(r->radius[piece], r->radius[piece + 1]) + margin;
  for (int k = 0; k < 3; k++) {
    double a = r->xyz[3 * piece + k], b = r->xyz[3 * (piece + 1) + k];
    lo[k] = fmin(a, b) - reach, hi[k] = fmax(a, b) + reach;
  }
}

static int clamp_index(double x, int n) { return x < 0.0 ? 0 : x > n - 1 ? n - 1 : (int)x; }

/* Lowers the layer's values near one piece to the distance to it. */
static void fill_piece(const Root *r, int piece, const Lattice *l, double z, float *value)
{
  double lo[3], hi[3];
  int first[2], last[2];
  piece_box(r, piece, 2.0 * l->step, lo, hi);
  if (z < lo[2] || z > hi[2]) return;
  for (int k = 0; k < 2; k++) {
    first[k] = clamp_index(ceil((lo[k] - l->origin[k]) / l->step), l->n[k]);
    last[k] = clamp_index(floor((hi[k] - l->origin[k]) / l->step), l->n[k]);
  }
  for (int j = first[1]; j <= last[1]; j++)
    for (int i = first[0]; i <= last[0]; i++) {
      double p[3] = {l->origin[0] + l->step * i, l->origin[1] + l->step * j, z};
      float *v = &value[(size_t)j * (size_t)l->n[0] + (size_t)i];
      *v = fminf(*v, (float)piece_distance(r, piece, p));
    }
}

/* A layer of one root, cut off at the ends of the domain. */
static void fill_root(const Anatomy *a, const Root *r, const Lattice *l, int k, float *value)
{
  size_t n = (size_t)l->n[0] * (size_t)l->n[1];
  double z = l->origin[2] + l->step * k;
  float beyond = (float)fmax(a->z_min - z, z - a->z_max);
  for (size_t i = 0; i < n; i++) value[i] = FAR;
  for (int piece = 0; piece + 1 < r->n; piece++) fill_piece(r, piece, l, z, value);
  for (size_t i = 0; i < n; i++) value[i] = fmaxf(value[i], beyond);
}

static PetscErrorCode root_lattice(const Anatomy *a, const Root *r, Lattice *l)
{
  double lo[3], hi[3], thinnest = HUGE_VAL;
  piece_box(r, 0, 0.0, lo, hi);
  for (int piece = 0; piece + 1 < r->n; piece++) {
    double plo[3], phi[3];
    piece_box(r, piece, 0.0, plo, phi);
    for (int k = 0; k < 3; k++) lo[k] = fmin(lo[k], plo[k]), hi[k] = fmax(hi[k], phi[k]);
  }
  for (int i = 0; i < r->n; i++) thinnest = fmin(thinnest, r->radius[i]);
  PetscCheck(thinnest > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "root %s has the radius %g mm", r->name,
             thinnest);
  lo[2] = fmax(lo[2], a->z_min), hi[2] = fmin(hi[2], a->z_max);
  PetscCheck(hi[2] > lo[2], PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "root %s lies outside the domain", r->name);
  return lattice_over(lo, hi, thinnest / STEPS_A_RADIUS, l);
}

static PetscErrorCode march_root(const Anatomy *a, const Root *r, const Lattice *l, March *m, float *value)
{
  for (int k = 0; k < l->n[2]; k++) {
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while surfaces were made");
    fill_root(a, r, l, k, value);
    PetscCall(march_layer(m, value));
  }
  return 0;
}

static PetscErrorCode make_root(const Anatomy *a, const Root *r, int16_t region, Surface *out)
{
  Lattice l;
  March *m = NULL;
  float *value;
  PetscCall(root_lattice(a, r, &l));
  PetscCall(mem_alloc((size_t)l.n[0] * (size_t)l.n[1], sizeof *value, &value));
  PetscErrorCode code = march_create(&l, &a->world, region, out, &m);
  if (!code) code = march_root(a, r, &l, m, value);
  march_destroy(&m);
  free(value);
  PetscCall(code);
  return 0;
}

/* ---- all of them ------------------------------------------------------------------------------------------ */

PetscErrorCode surfaces_names(const Anatomy *a, int *n, const char ***name)
{
  const int n_shell = count_shells(a);
  *n = n_shell + a->n_root;
  PetscCall(mem_alloc((size_t)*n, sizeof **name, name));
  for (int t = 0; t < n_shell; t++) (*name)[t] = tissue_name(SHELLS[t]);
  for (int r = 0; r < a->n_root; r++) (*name)[n_shell + r] = a->root[r].name;
  return 0;
}

static PetscErrorCode write_surface(const Anatomy *a, const Surface *s, const char *path)
{
  const char **name = NULL;
  int n;
  const VtkArray region = {"region", VTK_INT16, 1, s->region};
  PetscCall(surfaces_names(a, &n, &name));
  const VtkNames names = {"region_names", n, name};
  PetscErrorCode code = vtk_write_poly(path, &(VtkPoly){.n_point = (int64_t)s->n_point,
                                                        .xyz = s->xyz,
                                                        .n_tri = (int64_t)s->n_tri,
                                                        .tri = s->tri,
                                                        .n_cell_data = 1,
                                                        .cell_data = &region,
                                                        .n_names = 1,
                                                        .names = &names});
  free(name);
  PetscCall(code);
  return 0;
}

PetscErrorCode surfaces_make(const Anatomy *a, double step_mm, Surface *s)
{
  int n_shell = count_shells(a);
  PetscCheck(step_mm > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "a step of %g mm for surfaces", step_mm);
  progress("surfaces", 0.0);
  PetscCall(make_shells(a, SMOOTH_STEPS * step_mm, 0, N_SMOOTH, s));
  PetscCall(make_shells(a, step_mm, N_SMOOTH, n_shell, s));
  for (int r = 0; r < a->n_root; r++) {
    progress("surfaces", 0.5 + 0.5 * r / a->n_root);
    PetscCall(make_root(a, &a->root[r], (int16_t)(n_shell + r), s));
  }
  progress("surfaces", 1.0);
  return 0;
}

void surface_free(Surface *s)
{
  free(s->xyz), free(s->tri), free(s->region);
  *s = (Surface){.n_point = 0};
}

PetscErrorCode surfaces_write(const Anatomy *a, double step_mm, const char *path)
{
  Surface s = {.n_point = 0};
  PetscErrorCode code = surfaces_make(a, step_mm, &s);
  if (!code) code = write_surface(a, &s, path);
  surface_free(&s);
  PetscCall(code);
  return 0;
}
