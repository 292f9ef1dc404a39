/* The anatomy sampled as a label image, with the table that names its values. */
#include <math.h>
#include <stdlib.h>

#include "cauda/image.h"
#include "cauda/seg.h"
#include "cauda/team.h"

enum { FIRST_ROOT = 100 };
static const double AROUND_MM = 15.0;

/* The image's grid: along the local axes, voxel centres at origin + i * step. */
typedef struct {
  int n[3];
  double origin[3], step;
} Raster;

/* Where the inside of the dura lies, x and y, mm. */
static void sac_box(const Anatomy *a, double lo[2], double hi[2])
{
  const DistanceGrid *g = a->grid;
  const size_t total = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2];
  for (int e = 0; e < 2; e++) lo[e] = HUGE_VAL, hi[e] = -HUGE_VAL;
  for (size_t i = 0; i < total; i++) {
    if (!(g->d[i * (size_t)g->n_channel + (size_t)g->channel[TISSUE_CSF]] < 0.0f)) continue;
    const int at[2] = {(int)(i % (size_t)g->n[0]), (int)(i / (size_t)g->n[0] % (size_t)g->n[1])};
    for (int e = 0; e < 2; e++) {
      lo[e] = fmin(lo[e], g->origin[e] + g->step[e] * at[e]);
      hi[e] = fmax(hi[e], g->origin[e] + g->step[e] * at[e]);
    }
  }
}

static Raster raster_of(const Anatomy *a, double voxel_mm)
{
  double lo[3], hi[3];
  Raster r = {.step = voxel_mm};
  sac_box(a, lo, hi);
  for (int e = 0; e < 2; e++) lo[e] -= AROUND_MM, hi[e] += AROUND_MM;
  lo[2] = a->z_min, hi[2] = a->z_max;
  for (int e = 0; e < 3; e++) {
    r.n[e] = (int)fmax(1, floor((hi[e] - lo[e]) / voxel_mm + 1e-6));
    r.origin[e] = 0.5 * (lo[e] + hi[e]) - 0.5 * (r.n[e] - 1) * voxel_mm;
  }
  return r;
}

typedef struct {
  const Anatomy *a;
  const Raster *r;
  int16_t *v;
} Sampling;

static PetscErrorCode sample_slice(void *context, int k)
{
  const Sampling *s = context;
  const Raster *r = s->r;
  int16_t *v = s->v + (size_t)k * (size_t)r->n[0] * (size_t)r->n[1];
  for (int j = 0; j < r->n[1]; j++)
    for (int i = 0; i < r->n[0]; i++) {
      const double p[3] = {r->origin[0] + r->step * i, r->origin[1] + r->step * j, r->origin[2] + r->step * k};
      const int region = anatomy_region_at(s->a, p);
      *v++ = (int16_t)(region >= TISSUE_ROOT ? FIRST_ROOT + region - TISSUE_ROOT : region);
    }
  return 0;
}

static void affine_of(const Anatomy *a, const Raster *r, double affine[3][4])
{
  double at[3];
  rigid_apply(&a->world, r->origin, at);
  for (int e = 0; e < 3; e++) {
    for (int c = 0; c < 3; c++) affine[e][c] = a->world.m[e][c] * r->step;
    affine[e][3] = at[e];
  }
}

static PetscErrorCode put_table(const void *what, FILE *s)
{
  const Anatomy *a = what;
  fprintf(s, "value,region\n");
  for (int t = 0; t < TISSUE_ROOT; t++) fprintf(s, "%d,%s\n", t, tissue_name((Tissue)t));
  for (int i = 0; i < a->n_root; i++) fprintf(s, "%d,%s\n", FIRST_ROOT + i, a->root[i].name);
  return 0;
}

PetscErrorCode anatomy_write_labels(const Anatomy *a, double voxel_mm, const char *path, const char *table_path)
{
  double affine[3][4];
  int16_t *v = NULL;
  PetscCheck(voxel_mm > 0.0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "voxels of %.3f mm", voxel_mm);
  const Raster r = raster_of(a, voxel_mm);
  PetscCall(mem_alloc((size_t)r.n[0] * (size_t)r.n[1] * (size_t)r.n[2], sizeof *v, &v));
  affine_of(a, &r, affine);
  PetscErrorCode ierr = parallel_run(NULL, r.n[2], 0, sample_slice, &(Sampling){a, &r, v});
  if (!ierr)
    ierr = image_write_int16(path, r.n, (const double(*)[4])affine, v,
                             "Cauda: 1 body 2 bone 3 fat 4 dura 5 csf 6 white 7 grey, 100 and up roots");
  free(v);
  PetscCall(ierr);
  return file_write(table_path, put_table, a);
}
