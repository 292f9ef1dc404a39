/* Electrodes flush in the insulating face of a half-space, whose resistance is known. A quarter is meshed (two planes of
 * symmetry let no current through), so 1 A into it is 4 A into the whole. Solved as a case is, with `case` far away. */
#include "verify_impl.h"

#include <math.h>
#include <stdlib.h>

#define SIGMA 1.7
static const double DISC_MM = 1.0, PLATE_MM[2] = {2.0, 0.75}; /* radius; half length and half width of 4.0 x 1.5 mm */
static const double FAR_MM = 60.0;
/* Surface impedances, ohm m2, far below and above radius / sigma = 6e-4, where the two limits are reached. */
static const double THIN = 1e-7, THICK = 10.0;

static const MeshRegion regions[] = {{"csf", TISSUE_CSF}};
static const MeshGroup groups[] = {{"C01", GROUP_CONTACT}, {"case", GROUP_RETURN}};

/* ---- meshes ------------------------------------------------------------------------------------------------------ */

/* Spheroidal coordinates of the disc: r = a cosh(m) sin(p), z = a sinh(m) cos(p); the disc is m = 0. A square of cells
 * is drawn over the quarter disc ring by ring. The block's upper end is the disc, so that the cells' diagonals end at
 * its rim, where the map is singular as the solution is. */
static void disc_place(const void *context, const double t[3], double x[3])
{
  double s = fmax(t[0], t[1]), m = (1.0 - t[2]) * acosh(FAR_MM / DISC_MM), p = 0.5 * PETSC_PI * s;
  double turn = s > 0.0 ? 0.25 * PETSC_PI * (t[0] >= t[1] ? t[1] / t[0] : 2.0 - t[0] / t[1]) : 0.0;
  (void)context;
  x[0] = DISC_MM * cosh(m) * sin(p) * cos(turn);
  x[1] = DISC_MM * cosh(m) * sin(p) * sin(turn);
  x[2] = s < 1.0 ? DISC_MM * sinh(m) * cos(p) : 0.0;
}

static int disc_group(const void *context, const double t[3], int axis, int upper)
{
  (void)context, (void)t;
  return axis != 2 ? -1 : upper ? 0 : 1;
}

/* From the middle of an electrode of half width w to far away: sin within, cosh beyond, fine at the rim from both
 * sides. `inside`: part of the cells that lie within. */
static double rim_graded(double w, double inside, double t)
{
  if (t <= inside) return w * sin(0.5 * PETSC_PI * t / inside);
  return w * cosh((t - inside) / (1.0 - inside) * acosh(FAR_MM / w));
}

static void plate_place(const void *context, const double t[3], double x[3])
{
  (void)context;
  x[0] = rim_graded(PLATE_MM[0], 0.25, t[0]);
  x[1] = rim_graded(PLATE_MM[1], 0.25, t[1]);
  x[2] = PLATE_MM[1] * (cosh(t[2] * acosh(1.0 + FAR_MM / PLATE_MM[1])) - 1.0);
}

static int plate_group(const void *context, const double t[3], int axis, int upper)
{
  (void)context;
  if (upper) return 1;
  return axis == 2 && t[0] < 0.25 && t[1] < 0.25 ? 0 : -1;
}

/* ---- solutions --------------------------------------------------------------------------------------------------- */

static PetscErrorCode solve(const Mesh *m, FieldOptions o, double *resistance, double *certificate)
{
  static const double sigma_of[1][6] = {{SIGMA, SIGMA, SIGMA, 0, 0, 0}};
  double *sigma = NULL;
  LeadField *f = NULL;
  /* what rounding leaves of a residual on cells as long as these is 4e-10 */
  o.tolerance = 1e-9, o.preconditioner = "ml";
  PetscErrorCode ierr = sigma_by_region(m, sigma_of, &sigma);
  if (!ierr) ierr = field_solve(m, sigma, &o, &f);
  if (!ierr) *resistance = f->impedance[0] / 4.0;
  if (!ierr) *certificate = fmax(*certificate, fmax(f->balance, fmax(f->energy, f->reciprocity)));
  lead_field_destroy(&f);
  free(sigma);
  return ierr;
}

static double contact_area_m2(const Mesh *m)
{
  double area = 0.0;
  for (TriId t = 0; t < m->n_tri; t++)
    if (m->group[t] == 0) area += 1e-6 * mesh_tri_area(m, t);
  return area;
}

/* 1 / (4 sigma a) as an equipotential, 8 / (3 pi^2 sigma a) at uniform current (mean over the disc), and gd(m) / (2 pi
 * sigma a) with a grounded spheroid at m. Source: Newman 1966; the others follow from the same potentials. */
static PetscErrorCode disc_rows(const Mesh *m, int order, const char *mesh, VerifyTable *t)
{
  double a = 1e-3 * DISC_MM, flat = 1.0 / (4.0 * SIGMA * a), even = 8.0 / (3.0 * PETSC_PI * PETSC_PI * SIGMA * a);
  double far = acosh(FAR_MM / DISC_MM), grounded = 2.0 * atan(tanh(0.5 * far)) / (2.0 * PETSC_PI * SIGMA * a);
  double area = 4.0 * contact_area_m2(m);
  struct {
    const char *what;
    FieldOptions o;
    double expected, extra;
  } rows[] = {
      {"resistance, infinite", {.ret = RETURN_INFINITE}, flat, 0.0},
      {"resistance, grounded", {.ret = RETURN_GROUNDED}, grounded, 0.0},
      {"uniform current", {.ret = RETURN_INFINITE, .contact = CONTACT_UNIFORM}, even, 0.0},
      {"impedance to 0", {.contact = CONTACT_IMPEDANCE, .surface_impedance_ohm_m2 = THIN}, flat, 0.0},
      {"impedance to infinity", {.contact = CONTACT_IMPEDANCE, .surface_impedance_ohm_m2 = THICK}, even, THICK / area},
  };
  double certificate = 0.0;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    double r = 0.0;
    rows[i].o.order = order;
    if (i >= 3) rows[i].o.ret = RETURN_INFINITE;
    PetscCall(solve(m, rows[i].o, &r, &certificate));
    r -= rows[i].extra;
    PetscCall(verify_row(t, "disc", mesh, rows[i].what, fabs(r / rows[i].expected - 1.0), VERIFY_AT_MOST, 0.005));
  }
  return verify_row(t, "disc", mesh, "certificate", certificate, VERIFY_AT_MOST, 1e-8);
}

/* 4.0 x 1.5 mm: resistance times conductivity 168.5 1/m (moments of 48 patches a side, extrapolated). */
static PetscErrorCode plate_rows(const Mesh *m, int order, const char *mesh, VerifyTable *t)
{
  double expected = 168.5 / SIGMA, r = 0.0, certificate = 0.0;
  FieldOptions o = {.order = order, .ret = RETURN_INFINITE};
  PetscCall(solve(m, o, &r, &certificate));
  PetscCall(verify_row(t, "plate 4.0 x 1.5 mm", mesh, "resistance", fabs(r / expected - 1.0), VERIFY_AT_MOST, 0.005));
  return verify_row(t, "plate 4.0 x 1.5 mm", mesh, "certificate", certificate, VERIFY_AT_MOST, 1e-8);
}

static PetscErrorCode with_mesh(const Block *b, int order, bool is_disc, VerifyTable *t)
{
  Mesh *m;
  char words[40];
  PetscCall(block_mesh(b, &m));
  snprintf(words, sizeof words, "P%d, %d tetrahedra", order, (int)m->n_tet);
  PetscErrorCode ierr = is_disc ? disc_rows(m, order, words, t) : plate_rows(m, order, words, t);
  mesh_destroy(&m);
  return ierr;
}

PetscErrorCode verify_electrodes(bool refined, VerifyTable *t)
{
  for (int order = 1; order <= 2; order++) {
    int n = order == 1 ? (refined ? 40 : 28) : (refined ? 24 : 12), n_plate = order == 1 ? 72 : 2 * n;
    Block disc = {{n, n, 3 * n}, disc_place, NULL, disc_group, 1, 2, regions, groups, NULL};
    Block plate = {{n_plate, n_plate, n_plate}, plate_place, NULL, plate_group, 1, 2, regions, groups, NULL};
    PetscCall(with_mesh(&disc, order, true, t));
    PetscCall(with_mesh(&plate, order, false, t));
  }
  return 0;
}
