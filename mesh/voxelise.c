/* A mesh from elsewhere as voxels, and the anatomy that they show. */
#include "cauda/scene.h"
#include "cauda/seg.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* Edge of a voxel: the radius of a thin root; more where there would be too many. */
static const double STEP_MM = 0.35, VOXELS_MAX = 60e6;
enum { MARGIN = 2 };

static bool holds_fibres_or_csf(Tissue t) { return t >= TISSUE_CSF; }

static void box_of(const Mesh *m, double lo[3], double hi[3])
{
  v3_set(lo, DBL_MAX, DBL_MAX, DBL_MAX), v3_set(hi, -DBL_MAX, -DBL_MAX, -DBL_MAX);
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; holds_fibres_or_csf(m->regions[m->region[t]].tissue) && i < 4; i++)
      for (int e = 0; e < 3; e++) {
        double x = m->xyz[3 * (size_t)m->tet[t][i] + (size_t)e];
        lo[e] = fmin(lo[e], x), hi[e] = fmax(hi[e], x);
      }
}

/* Slices end where the mesh ends: the first and the last one lie half a step within. */
static void grid_set(const double lo[3], const double hi[3], Voxels *x)
{
  double volume = 1.0;
  for (int e = 0; e < 3; e++) volume *= hi[e] - lo[e] + 2 * MARGIN * STEP_MM;
  x->step_mm = fmax(STEP_MM, cbrt(volume / VOXELS_MAX));
  for (int e = 0; e < 3; e++) {
    int margin = e == 2 ? 0 : MARGIN;
    x->n[e] = (int)fmax(1.0, floor((hi[e] - lo[e]) / x->step_mm + 1e-6)) + 2 * margin;
    x->first_mm[e] = 0.5 * (lo[e] + hi[e]) - 0.5 * (x->n[e] - 1) * x->step_mm;
  }
}

/* Marks the voxels whose middles lie in tetrahedron t. */
static void stamp(const Mesh *m, TetId t, uint8_t tissue, uint8_t root, Voxels *x)
{
  const double *v[4];
  int lo[3], hi[3];
  for (int i = 0; i < 4; i++) v[i] = m->xyz + 3 * (size_t)m->tet[t][i];
  for (int e = 0; e < 3; e++) {
    double a = fmin(fmin(v[0][e], v[1][e]), fmin(v[2][e], v[3][e]));
    double b = fmax(fmax(v[0][e], v[1][e]), fmax(v[2][e], v[3][e]));
    lo[e] = (int)fmax(0.0, ceil((a - x->first_mm[e]) / x->step_mm));
    hi[e] = (int)fmin(x->n[e] - 1.0, floor((b - x->first_mm[e]) / x->step_mm));
  }
  for (int k = lo[2]; k <= hi[2]; k++)
    for (int j = lo[1]; j <= hi[1]; j++)
      for (int i = lo[0]; i <= hi[0]; i++) {
        const double p[3] = {x->first_mm[0] + x->step_mm * i, x->first_mm[1] + x->step_mm * j,
                             x->first_mm[2] + x->step_mm * k};
        if (v3_volume6(p, v[1], v[2], v[3]) < 0.0 || v3_volume6(v[0], p, v[2], v[3]) < 0.0 ||
            v3_volume6(v[0], v[1], p, v[3]) < 0.0 || v3_volume6(v[0], v[1], v[2], p) < 0.0)
          continue;
        size_t at = ((size_t)k * (size_t)x->n[1] + (size_t)j) * (size_t)x->n[0] + (size_t)i;
        x->tissue[at] = tissue, x->root[at] = root;
      }
}

/* Roots of the mesh, numbered from 1 in the order of its regions: number [n_region], 0 for what is none. */
static PetscErrorCode roots_list(const Mesh *m, uint8_t *number, const char **name, int *n)
{
  *n = 0;
  for (int r = 0; r < m->n_region; r++) {
    if (m->regions[r].tissue != TISSUE_ROOT) continue;
    PetscCheck(*n < UINT8_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "the mesh has more than %d roots", UINT8_MAX);
    name[*n] = m->regions[r].name;
    number[r] = (uint8_t)++ * n;
  }
  return 0;
}

static PetscErrorCode voxels_fill(const Mesh *m, uint8_t *number, const char **name, Voxels *x)
{
  double lo[3], hi[3];
  PetscCall(roots_list(m, number, name, &x->n_root));
  x->root_name = name;
  box_of(m, lo, hi);
  grid_set(lo, hi, x);
  size_t all = (size_t)x->n[0] * (size_t)x->n[1] * (size_t)x->n[2];
  PetscCall(mem_alloc(all, 1, &x->tissue));
  PetscCall(mem_alloc(all, 1, &x->root));
  for (TetId t = 0; t < m->n_tet; t++) {
    int r = m->region[t];
    if (m->regions[r].tissue > TISSUE_BODY) stamp(m, t, (uint8_t)m->regions[r].tissue, number[r], x);
  }
  return 0;
}

static PetscErrorCode from_voxels(const Case *c, const char *input, const Voxels *x, Anatomy **out)
{
  PetscCall(anatomy_create(out));
  PetscErrorCode ierr = anatomy_from_voxels(c, input, x, *out);
  if (!ierr) ierr = anatomy_finish(*out);
  if (ierr) anatomy_destroy(out);
  return ierr;
}

PetscErrorCode mesh_anatomy(const Case *c, const char *input, const Mesh *m, Anatomy **out)
{
  Voxels x = {.from = c->anatomy.mesh};
  uint8_t *number = NULL;
  const char **name = NULL;
  *out = NULL;
  bool cord = mesh_find_region(m, "white") >= 0 || mesh_find_region(m, "grey") >= 0;
  if (!cord || mesh_find_region(m, "csf") < 0) return 0;
  PetscErrorCode ierr = mem_alloc((size_t)m->n_region, sizeof *number, &number);
  if (!ierr) ierr = mem_alloc((size_t)m->n_region, sizeof *name, &name);
  if (!ierr) ierr = voxels_fill(m, number, name, &x);
  if (!ierr) ierr = from_voxels(c, input, &x, out);
  free(number), free(name), free(x.tissue), free(x.root);
  return ierr;
}
