/* Private to mesh: TetGen. The one C++ file of the project stands behind this header. */
#ifndef CAUDA_MESH_FILL_H
#define CAUDA_MESH_FILL_H

#include <stdint.h>

#include "cauda/base.h"
#include "child.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int n_point;
  const double *xyz;   /* [n_point][3] */
  int n_tri;           /* facets: the lead's surface, closed; 0 without one */
  const int (*tri)[3]; /* point ids */
} FillInput;

typedef struct {
  int n_point;
  double *xyz; /* [n_point][3]: TetGen may leave points out (too near to others) and add some (to recover facets) */
  int n_tet;
  int (*tet)[4]; /* positively oriented by v3_volume6 */
} FillOutput;

/* fill_with_tetgen: Delaunay tetrahedra of the points' convex hull that respect the lead's facets (its inside is filled,
 * too); in a child process. Free the two arrays of *out. Errors: CAUDA_ERR_MESH with TetGen's words, PETSC_ERR_MEM. */
PetscErrorCode fill_with_tetgen(const FillInput *in, FillOutput *out) CAUDA_CHECKED;
/* The same in two parts, as child_start and child_finish. */
PetscErrorCode fill_start(const FillInput *in, Child **out) CAUDA_CHECKED;
PetscErrorCode fill_finish(Child **c, FillOutput *out) CAUDA_CHECKED;

/* What runs in the child: calls TetGen and hands the result to `emit`. mesh/tetgen.cc */
typedef PetscErrorCode (*FillEmit)(void *context, int n_point, const double *xyz, int n_tet, const int *corner);
PetscErrorCode tetgen_call(const FillInput *in, FillEmit emit, void *context) CAUDA_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
