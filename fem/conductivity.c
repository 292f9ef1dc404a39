/* Conductivities: the table's values, turned into tensors along the fibres where a tissue has two of them. */
#include "fem_impl.h"

#include "cauda/team.h"
#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a mesh's region is made of. */
typedef struct {
  double along, across; /* S/m; equal where isotropic */
  int shape;            /* region of the anatomy that gives the axis, or -1 where isotropic */
} Material;

/* The anatomy's region of that name, or -1. */
static int shape_find(const Anatomy *a, const MeshRegion *r)
{
  if (r->tissue != TISSUE_ROOT) return (int)r->tissue;
  int root = anatomy_find_root(a, r->name);
  return root < 0 ? -1 : TISSUE_ROOT + root;
}

static PetscErrorCode positive(const char *region, const char *key, double value)
{
  PetscCheck(isfinite(value) && value > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "tissues: %s: found %s %g, expected a positive number", region, key, value);
  return 0;
}

static PetscErrorCode material_directed(const Anatomy *a, const MeshRegion *r, const TissueEntry *e, Material *out)
{
  PetscCall(positive(r->name, "longitudinal_S_per_m", e->longitudinal_S_per_m));
  PetscCall(positive(r->name, "transverse_S_per_m", e->transverse_S_per_m));
  bool fibres = r->tissue == TISSUE_WHITE || r->tissue == TISSUE_GREY || r->tissue == TISSUE_ROOT;
  PetscCheck(fibres, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "tissues: %s: found longitudinal and transverse conductivities, expected sigma_S_per_m: it has no fibres",
             r->name);
  PetscCheck(a, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "tissues: %s: found longitudinal and transverse conductivities, expected sigma_S_per_m: the mesh comes "
             "without an anatomy that says where its fibres run",
             r->name);
  *out = (Material){e->longitudinal_S_per_m, e->transverse_S_per_m, shape_find(a, r)};
  PetscCheck(out->shape >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "mesh: region %s: there is no root of this name in the anatomy", r->name);
  return 0;
}

static PetscErrorCode material_find(const Case *c, const Anatomy *a, const MeshRegion *r, Material *out)
{
  const TissueEntry *e = case_tissue(c, r->name);
  PetscCheck(e, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "tissues: there is no conductivity for the mesh's region %s",
             r->name);
  if (e->longitudinal_S_per_m != 0.0 || e->transverse_S_per_m != 0.0) return material_directed(a, r, e, out);
  PetscCall(positive(r->name, "sigma_S_per_m", e->sigma_S_per_m));
  *out = (Material){e->sigma_S_per_m, e->sigma_S_per_m, -1};
  return 0;
}

/* The fibres' direction at a tetrahedron's centroid, in the world frame: the mesh is in the world, the anatomy's
 * shapes are not. Where they give none (a point on which a curve doubles back), the cord's own direction, z. */
static void fibre_axis(const Anatomy *a, int shape, const Mesh *m, TetId t, double axis[3])
{
  double centroid[3] = {0.0, 0.0, 0.0}, local[3];
  for (int i = 0; i < 4; i++) v3_axpy(centroid, 0.25, &m->xyz[3 * (size_t)m->tet[t][i]], centroid);
  rigid_apply_inverse(&a->world, centroid, local);
  anatomy_fiber_axis(a, shape, local, axis);
  if (!(v3_normalise(axis) > 0.0)) v3_set(axis, 0.0, 0.0, 1.0);
  rigid_rotate(&a->world, axis, axis);
}

/* across I + (along - across) a a^T */
static void tensor_set(const Material *k, const double a[3], double s[6])
{
  double more = k->along - k->across;
  for (int i = 0; i < 3; i++) {
    s[i] = k->across + more * a[i] * a[i];
    s[3 + i] = more * a[i] * a[(i + 1) % 3];
  }
}

enum { TETS = 8192 }; /* a piece of work */

typedef struct {
  const Anatomy *a;
  const Mesh *m;
  const Material *materials;
  double *sigma;
} Filling;

static void tensors_piece(void *context, int piece, int thread)
{
  const Filling *f = context;
  TetId begin = piece * TETS, end = f->m->n_tet - begin > TETS ? begin + TETS : f->m->n_tet;
  (void)thread;
  for (TetId t = begin; t < end; t++) {
    const Material *k = &f->materials[f->m->region[t]];
    double axis[3] = {0.0, 0.0, 0.0};
    if (k->shape >= 0) fibre_axis(f->a, k->shape, f->m, t, axis);
    tensor_set(k, axis, f->sigma + 6 * (size_t)t);
  }
}

static PetscErrorCode tensors_fill(const Anatomy *a, const Mesh *m, const Material *materials, double *sigma)
{
  Team *team;
  Filling f = {a, m, materials, sigma};
  PetscCall(team_create(0, &team));
  team_run(team, (m->n_tet + TETS - 1) / TETS, tensors_piece, &f);
  team_destroy(&team);
  return 0;
}

static PetscErrorCode materials_find(const Case *c, const Anatomy *a, const Mesh *m, Material *materials)
{
  for (int r = 0; r < m->n_region; r++) PetscCall(material_find(c, a, &m->regions[r], &materials[r]));
  return 0;
}

PetscErrorCode conductivity_assign(const Case *c, const Anatomy *a, const Mesh *m, double **sigma)
{
  Material *materials;
  *sigma = NULL;
  PetscCall(mem_alloc((size_t)m->n_region, sizeof *materials, &materials));
  PetscErrorCode ierr = materials_find(c, a, m, materials);
  if (!ierr) ierr = mem_alloc((size_t)m->n_tet, 6 * sizeof **sigma, sigma);
  if (!ierr) ierr = tensors_fill(a, m, materials, *sigma);
  free(materials);
  return ierr;
}
