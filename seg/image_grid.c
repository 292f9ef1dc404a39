/* Do two images lie on one grid? */
#include <math.h>

#include "cauda/image.h"
#include "cauda/vec3.h"

/* Tools round an affine each in their own way: what lies no farther apart than this is one grid, which is told from EXACT
 * on. */
static const double GRID_VOXELS = 0.25, EXACT = 1e-3;

PetscErrorCode image_check_same_grid(const Image *a, const Image *b)
{
  double worst = 0.0;
  PetscCheck(a->n[0] == b->n[0] && a->n[1] == b->n[1] && a->n[2] == b->n[2], PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s has %d x %d x %d voxels and %s has %d x %d x %d (right, anterior, superior); expected one grid, "
             "resample one of them",
             a->path, a->n[0], a->n[1], a->n[2], b->path, b->n[0], b->n[1], b->n[2]);
  for (int corner = 0; corner < 8; corner++) {
    double off[3];
    for (int r = 0; r < 3; r++) {
      off[r] = a->affine[r][3] - b->affine[r][3];
      for (int c = 0; c < 3; c++)
        if (corner >> c & 1) off[r] += (a->n[c] - 1) * (a->affine[r][c] - b->affine[r][c]);
    }
    for (int c = 0; c < 3; c++)
      worst = fmax(worst, v3_norm(off) / hypot(hypot(a->affine[0][c], a->affine[1][c]), a->affine[2][c]));
  }
  PetscCheck(worst <= GRID_VOXELS, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s and %s lie apart by up to %.3f voxels; expected one grid, resample one of them", a->path, b->path,
             worst);
  if (worst > EXACT)
    say_note("%s and %s lie apart by up to %.3f voxels; their voxels are taken for the same", a->path, b->path, worst);
  return 0;
}
