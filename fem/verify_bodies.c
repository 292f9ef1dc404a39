/* The layered bodies: a finite cylinder with a core that conducts along its axis, and concentric spheres. */
#include "verify_layered.h"

#include <math.h>

static double from_axis(const double p[3], double radius) { return hypot(p[0], p[1]) - radius; }

static double from_point(const double p[3], double radius) { return v3_norm(p) - radius; }

static const Layers cylinder = {"cylinder",
                                from_axis,
                                4.5,
                                7.5,
                                7.8,
                                10.0,
                                20.0,
                                60.0,
                                20.0,
                                2,
                                0.05,
                                {9.0, 0.0, 0.0},
                                "verify/layered_cylinder.csv"};
static const LayerCase cylinder_cases[] = {
    {"B1", 0.083, 0.6, 1.7, 0.03, 0.04, 0.02},
    {"B2", 0.083, 0.6, 1.7, 0.6, 0.04, 0.02},
    {"B3", 0.23, 0.23, 1.7, 0.03, 0.04, 0.02},
    {"B4", 0.2, 0.2, 0.2, 0.2, 0.2, 0.2},
};

/* What lies beyond the outer sphere is cut off. */
static const Layers sphere = {"sphere",
                              from_point,
                              4.5,
                              7.5,
                              7.8,
                              10.0,
                              20.0,
                              24.0,
                              24.0,
                              385, /* linear between points that are further apart, it is too large: 1.3 um at 0.2 mm */
                              0.125,
                              {9.0, 0.0, 0.0},
                              "verify/layered_sphere.csv"};
static const LayerCase sphere_cases[] = {
    {"S1", 0.2, 0.2, 1.7, 0.03, 0.04, 0.02},
    {"S0_homog0.2", 0.2, 0.2, 0.2, 0.2, 0.2, 0.2},
};

/* Second order: 1 % at the resolution of any case, 0.2 % refined. What first order gives is told beside it. */
static PetscErrorCode both_resolutions(const Layers *l, int n_case, const LayerCase *cases, bool refined,
                                       VerifyTable *t)
{
  PetscCall(verify_layered(l, n_case, cases, 1, 1.0, 0.0, t));
  PetscCall(verify_layered(l, n_case, cases, 2, 1.0, 0.01, t));
  if (refined) PetscCall(verify_layered(l, n_case, cases, 2, 0.5, 0.002, t));
  return 0;
}

PetscErrorCode verify_cylinder(bool refined, VerifyTable *t)
{
  return both_resolutions(&cylinder, sizeof cylinder_cases / sizeof cylinder_cases[0], cylinder_cases, refined, t);
}

PetscErrorCode verify_sphere(bool refined, VerifyTable *t)
{
  return both_resolutions(&sphere, sizeof sphere_cases / sizeof sphere_cases[0], sphere_cases, refined, t);
}
