/* Scenes for the tests of fem/: a bar between two electrodes, and a lead with contacts in a bent, anisotropic box. */
#ifndef TESTS_FEM_FIXTURE_H
#define TESTS_FEM_FIXTURE_H

#include "cauda/fem.h"

#include "mesh_fixture.h"

/* cmocka's own compares as floats */
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call) assert_int_equal((call), 0)

static inline FieldOptions tight(void)
{
  return (FieldOptions){.order = 1, .tolerance = 1e-10, .preconditioner = "ml"};
}

/* ---- a bar along z from z = 0 (contact) to z = 12 mm (return), 2 x 3 mm across, lower third its own region ------ */
static const MeshRegion BAR_REGIONS[] = {{"csf", TISSUE_CSF}, {"fat", TISSUE_FAT}};
static const MeshGroup BAR_GROUPS[] = {{"C01", GROUP_CONTACT}, {"case", GROUP_RETURN}};

static inline int bar_region(const BoxSpec *s, const double c[3]) { return (void)s, c[2] < 4.0 ? 0 : 1; }
static inline int bar_group(const BoxSpec *s, const double c[3], int axis, int sign)
{
  (void)axis, (void)sign;
  return c[2] <= s->low[2] ? 0 : c[2] >= s->high[2] ? 1 : -1;
}

static inline BoxSpec bar_spec(void)
{
  return (BoxSpec){{3, 4, 12}, {0, 0, 0}, {2, 3, 12}, 2, 2, BAR_REGIONS, BAR_GROUPS, bar_region, bar_group, NULL};
}

/* ---- a lead: a plate-shaped hole in a bent box, four contacts on its lower side, the return all around ----------- */
static const MeshRegion LEAD_REGIONS[] = {{"csf", TISSUE_CSF}, {"dura", TISSUE_DURA}, {"white", TISSUE_WHITE}};
static const MeshGroup LEAD_GROUPS[] = {{"C01", GROUP_CONTACT},      {"C02", GROUP_CONTACT}, {"C03", GROUP_CONTACT},
                                        {"paddle", GROUP_LEAD_BODY}, {"C04", GROUP_CONTACT}, {"case", GROUP_RETURN}};

static inline bool in_lead(const double c[3])
{
  return fabs(c[0]) < 4.0 && fabs(c[1]) < 6.0 && c[2] > 1.0 && c[2] < 3.0;
}

static inline int lead_region(const BoxSpec *s, const double c[3])
{
  (void)s;
  if (in_lead(c)) return -1;
  return c[2] > -1.0 && c[2] < 0.0 ? 1 : c[2] < -3.0 && fabs(c[0]) < 4.0 ? 2 : 0;
}

static inline int lead_group(const BoxSpec *s, const double c[3], int axis, int sign)
{
  bool inner = fabs(c[0]) < s->high[0] && fabs(c[1]) < s->high[1] && fabs(c[2]) < s->high[2];
  if (!inner) return 5;
  if (axis == 2 && sign > 0) {
    if (c[0] > -3.0 && c[0] < -1.0 && c[1] > -5.0 && c[1] < -1.0) return 0;
    if (c[0] > 1.0 && c[0] < 3.0 && c[1] > -5.0 && c[1] < -1.0) return 1;
    if (c[0] > -3.0 && c[0] < -1.0 && c[1] > 1.0 && c[1] < 5.0) return 2;
    if (c[0] > 1.0 && c[0] < 3.0 && c[1] > 1.0 && c[1] < 5.0) return 4;
  }
  return 3;
}

static inline void lead_bend(double x[3])
{
  double z = x[2];
  x[2] += 0.03 * x[1] * x[1] - 0.02 * x[0] * x[1];
  x[0] += 0.05 * z * cos(0.2 * x[1]);
}

/* `fine` cells a mm */
static inline BoxSpec lead_spec(int fine)
{
  return (BoxSpec){{16 * fine, 20 * fine, 16 * fine},
                   {-8, -10, -8},
                   {8, 10, 8},
                   3,
                   6,
                   LEAD_REGIONS,
                   LEAD_GROUPS,
                   lead_region,
                   lead_group,
                   lead_bend};
}

/* CSF 1.7, dura 0.03, white matter 0.6 along an axis that turns with the place and 0.083 across: S/m, [n_tet][6] */
static inline double *lead_sigma(const Mesh *m)
{
  static const double across[] = {1.7, 0.03, 0.083}, along[] = {1.7, 0.03, 0.6};
  double *sigma = malloc((size_t)m->n_tet * 6 * sizeof *sigma);
  for (TetId t = 0; sigma && t < m->n_tet; t++) {
    const double *x = &m->xyz[3 * (size_t)m->tet[t][0]];
    double a[3] = {0.3 * sin(0.2 * x[1]), 1.0, 0.06 * x[1]}, s = across[m->region[t]], more = along[m->region[t]] - s;
    v3_normalise(a);
    for (int i = 0; i < 3; i++) {
      sigma[6 * (size_t)t + i] = s + more * a[i] * a[i];
      sigma[6 * (size_t)t + 3 + i] = more * a[i] * a[(i + 1) % 3];
    }
  }
  return sigma;
}

/* One tensor everywhere. */
static inline double *constant_sigma(const Mesh *m, const double s[6])
{
  double *sigma = malloc((size_t)m->n_tet * 6 * sizeof *sigma);
  for (TetId t = 0; sigma && t < m->n_tet; t++) memcpy(sigma + 6 * (size_t)t, s, 6 * sizeof *s);
  return sigma;
}

#endif
