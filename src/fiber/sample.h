/* Potential of all contacts along a path, from a first-order mesh. Private to src/fiber. */
#ifndef CAUDA_FIBER_SAMPLE_H
#define CAUDA_FIBER_SAMPLE_H

#include "cauda/fem.h"
#include "cauda/fiber.h"

typedef struct {
  int n, n_contact;
  double step_mm;    /* between samples, along the path, the first at 0 */
  double *v;         /* [n][n_contact] ohm = mV a mA */
  int n_outside;     /* samples in no tetrahedron; they got values from their neighbours along the path */
  double outside[3]; /* mm: the first of them */
} PathSamples;

/* path_sample: every 0.2 mm. */
PetscErrorCode path_sample(const FiberPath *p, const Mesh *m, const MeshLocator *l, const LeadField *lf,
                           PathSamples *out) CAUDA_CHECKED;
void path_samples_free(PathSamples *s);

/* path_samples_complete: samples that are not known (NaN) lie on a straight line between their neighbours; 0 where none
 * is known. */
PetscErrorCode path_samples_complete(PathSamples *s) CAUDA_CHECKED;

/* path_place: where sample i of `s` lies, mm, world. */
void path_place(const FiberPath *p, const PathSamples *s, int i, double x[3]);

/* path_sample_count: samples of a path, and the step between them. */
int path_sample_count(const FiberPath *p, double *step_mm);

/* path_potential: the potential at s_mm along the path by a cubic fitted to the samples within 1 mm (weights fall to 0
 * there): v[n_contact]. */
void path_potential(const PathSamples *p, double s_mm, double *v);

/* path_potentials: the same at n places, s_mm from first_mm: v[n][n_contact]. */
void path_potentials(const PathSamples *p, double first_mm, const double *s_mm, int n, double *v);

#endif
