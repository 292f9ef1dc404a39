/* The phantom: published dimensions to an anatomy, without any file of images. */
#include "phantom.h"

#include <math.h>
#include <stdlib.h>

#include "cauda/seg.h"
#include "loop.h"

static const double STEP_XY_MM = 0.3, STEP_Z_MM = 0.5, MARGIN_MM = 14.0;
static const double LEAST_CSF_MM = 0.5, LEAST_WHITE_MM = 0.3;
/* The filum is drawn this far below the tip; grey matter ends where it would be thinner than this. */
static const double FILUM_MM = 10.0, LEAST_GREY_HALF_WIDTH_MM = 1.0;

typedef struct {
  const PhantomModel *m;
  double sac_a, sac_b, sac_y; /* half axes of the dura's inside, and its centre; mm */
  double grey_z;              /* the grey matter's lower end, mm */
} Shape;

static const PhantomSegment *enlargement(const PhantomModel *m)
{
  const PhantomSegment *best = m->segments;
  for (int i = 1; i < m->n_segments; i++)
    if (m->segments[i].transverse_mm * m->segments[i].anteroposterior_mm >
        best->transverse_mm * best->anteroposterior_mm)
      best = &m->segments[i];
  return best;
}

static double cord_length(const PhantomModel *m)
{
  double length = 0.0;
  for (int i = 0; i < m->n_segments; i++) length += m->segments[i].length_mm;
  return length;
}

static double grey_end(const PhantomModel *m)
{
  double z = 0.0, a, b;
  do {
    z += 0.25;
    phantom_cord_axes(m, z, &a, &b);
  } while (m->grey_fraction * a < LEAST_GREY_HALF_WIDTH_MM && z < cord_length(m));
  return z;
}

static PetscErrorCode shape_init(const PhantomModel *m, Shape *s)
{
  PetscCheck(m->n_segments >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the phantom has %d segments, expected at least 2", m->n_segments);
  const PhantomSegment *e = enlargement(m);
  s->m = m;
  s->sac_a = 0.5 * m->sac_transverse_mm;
  s->sac_b = 0.5 * m->sac_anteroposterior_mm;
  s->sac_y = s->sac_b - 0.5 * e->anteroposterior_mm - m->dorsal_csf_mm; /* dorsal is -y */
  const double ventral = s->sac_y + s->sac_b - 0.5 * e->anteroposterior_mm, lateral = s->sac_a - 0.5 * e->transverse_mm;
  PetscCheck(
      fmin(ventral, lateral) >= LEAST_CSF_MM, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "the phantom's cord does not fit in its sac at %s: %.2f mm of CSF are left ventrally and %.2f mm laterally, "
      "expected at least %.1f mm",
      e->name, ventral, lateral, LEAST_CSF_MM);
  s->grey_z = grey_end(m);
  return 0;
}

static double cord_distance(double a, double b, double x, double y, double z)
{
  const double d = ellipse_distance(a, b, x, y);
  return distance_cap(d, fmin(a, b), -FILUM_MM - z);
}

static double grey_distance(const Shape *s, double z, double x, double y)
{
  double a, b;
  phantom_cord_axes(s->m, fmax(z, s->grey_z), &a, &b);
  return distance_cap(butterfly_distance(a, b, s->m->grey_fraction, x, y), 0.42 * s->m->grey_fraction * a,
                      s->grey_z - z);
}

/* Epidural fat: thicker behind than in front, blended by the direction from the sac's middle. */
static double fat_distance(const Shape *s, double csf, double x, double y)
{
  const double u = x / s->sac_a, v = (y - s->sac_y) / s->sac_b, r2 = u * u + v * v;
  const double side = r2 > 0.0 ? u * u / r2 : 1.0;
  const double sagittal = v < 0.0 ? s->m->dorsal_fat_mm : s->m->ventral_fat_mm;
  return csf - s->m->dura_thickness_mm - side * s->m->lateral_fat_mm - (1.0 - side) * sagittal;
}

static float *at(const DistanceGrid *g, int i, int j, int k)
{
  return g->d + (((size_t)k * (size_t)g->n[1] + (size_t)j) * (size_t)g->n[0] + (size_t)i) * (size_t)g->n_channel;
}

static void fill_plane(const Shape *s, DistanceGrid *g, int k)
{
  const double z = g->origin[2] + g->step[2] * k;
  const int middle = g->n[0] / 2;
  double a, b;
  phantom_cord_axes(s->m, z, &a, &b);
  for (int j = 0; j < g->n[1]; j++)
    for (int i = middle; i < g->n[0]; i++) {
      const double x = g->step[0] * (i - middle), y = g->origin[1] + g->step[1] * j;
      float *d = at(g, i, j, k), *mirrored = at(g, 2 * middle - i, j, k);
      /* the sac is the same at all heights */
      const double csf =
          k ? (double)at(g, i, j, 0)[g->channel[TISSUE_CSF]] : ellipse_distance(s->sac_a, s->sac_b, x, y - s->sac_y);
      d[g->channel[TISSUE_CSF]] = (float)csf;
      d[g->channel[TISSUE_FAT]] = (float)fat_distance(s, csf, x, y);
      const double cord = cord_distance(a, b, x, y, z);
      d[g->channel[TISSUE_WHITE]] = (float)cord;
      d[g->channel[TISSUE_GREY]] = (float)fmax(grey_distance(s, z, x, y), cord + LEAST_WHITE_MM);
      for (int c = 0; c < g->n_channel; c++) mirrored[c] = d[c];
    }
}

static PetscErrorCode make_grid(const Shape *s, Anatomy *a)
{
  const PhantomModel *m = s->m;
  const Tissue shown[4] = {TISSUE_CSF, TISSUE_WHITE, TISSUE_GREY, TISSUE_FAT};
  const double fat = fmax(m->lateral_fat_mm, fmax(m->dorsal_fat_mm, m->ventral_fat_mm));
  const double margin = fmax(MARGIN_MM, m->dura_thickness_mm + fat + m->bone_mm + 1.0);
  const int half_x = (int)ceil((s->sac_a + margin) / STEP_XY_MM), half_y = (int)ceil((s->sac_b + margin) / STEP_XY_MM);
  const int cells = (int)ceil((a->seen_z_max - a->seen_z_min) / STEP_Z_MM);
  const int n[3] = {2 * half_x + 1, 2 * half_y + 1, cells + 1}; /* a point at x = 0, so that the mirror is exact */
  const double step[3] = {STEP_XY_MM, STEP_XY_MM, (a->seen_z_max - a->seen_z_min) / cells};
  const double origin[3] = {-half_x * STEP_XY_MM, s->sac_y - half_y * STEP_XY_MM, a->seen_z_min};
  PetscCall(distance_grid_create(n, origin, step, shown, 4, &a->grid));
  for (int k = 0; k < n[2]; k++) fill_plane(s, a->grid, k);
  return 0;
}

static PetscErrorCode make_roots(const PhantomModel *m, Anatomy *a)
{
  RootPlan *plan = NULL;
  int n = 0;
  double top = cord_length(m);
  PetscCall(mem_alloc((size_t)m->n_segments, sizeof *plan, &plan));
  for (int i = 0; i < m->n_segments; i++) {
    const PhantomSegment *s = &m->segments[i];
    const double middle = top - 0.5 * s->length_mm;
    top -= s->length_mm;
    if (s->dorsal_radius_mm <= 0.0 && s->ventral_radius_mm <= 0.0) continue;
    plan[n] = (RootPlan){.entry_z = middle,
                         .exit_z = -s->exit_below_tip_mm,
                         .exit_angle_deg = s->exit_angle_deg,
                         .radius_dorsal_mm = s->dorsal_radius_mm,
                         .radius_ventral_mm = s->ventral_radius_mm};
    snprintf(plan[n++].segment, sizeof plan->segment, "%.7s", s->name);
  }
  const PetscErrorCode ierr = n ? roots_make(a, plan, n) : 0;
  free(plan);
  return ierr;
}

PetscErrorCode phantom_build(const PhantomModel *m, Anatomy *a)
{
  Shape s;
  PetscCall(shape_init(m, &s));
  a->surround = (Surround){.dura_thickness_mm = m->dura_thickness_mm,
                           .epidural_fat_mm = m->lateral_fat_mm,
                           .bone_mm = m->bone_mm,
                           .body_radius_mm = m->body_radius_mm};
  a->z_min = a->seen_z_min = -m->below_tip_mm;
  a->z_max = a->seen_z_max = cord_length(m);
  a->axis_xy[0] = 0.0, a->axis_xy[1] = s.sac_y;
  PetscCall(make_grid(&s, a));
  return make_roots(m, a);
}

PetscErrorCode anatomy_from_phantom(const Case *c, Anatomy *a)
{
  PhantomModel *m = NULL;
  PetscCall(phantom_model_read(c->anatomy.phantom->model, c->folder, &m));
  const PetscErrorCode ierr = phantom_build(m, a);
  phantom_model_destroy(&m);
  return ierr;
}
