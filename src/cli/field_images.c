/* A set's field as images, slice by slice. */
#include "outputs.h"

#include <stdlib.h>

/* One slice of the grid. */
typedef struct {
  int n;
  double *xyz, *potential_V, *E;
  int *region;
} Slice;

static void slice_free(Slice *s) { free(s->xyz), free(s->potential_V), free(s->E), free(s->region); }

static PetscErrorCode slice_alloc(const Image *like, Slice *s)
{
  s->n = like->n[0] * like->n[1];
  const size_t n = (size_t)s->n;
  PetscCall(mem_alloc(n, 3 * sizeof *s->xyz, &s->xyz));
  PetscCall(mem_alloc(n, sizeof *s->potential_V, &s->potential_V));
  PetscCall(mem_alloc(n, 3 * sizeof *s->E, &s->E));
  return mem_alloc(n, sizeof *s->region, &s->region);
}

static void slice_place(const Image *like, int k, Slice *s)
{
  double *x = s->xyz;
  for (int j = 0; j < like->n[1]; j++)
    for (int i = 0; i < like->n[0]; i++, x += 3)
      for (int e = 0; e < 3; e++)
        x[e] = like->affine[e][0] * i + like->affine[e][1] * j + like->affine[e][2] * k + like->affine[e][3];
}

static PetscErrorCode sample(const Mesh *m, const MeshLocator *l, const LeadField *f, const double *v,
                             const Image *like, Slice *s, float *potential_V, float *strength)
{
  for (int k = 0; k < like->n[2]; k++) {
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
    progress("images", (double)k / like->n[2]);
    slice_place(like, k, s);
    PetscCall(field_at(m, l, f, v, s->n, s->xyz, s->potential_V, s->E, s->region));
    for (int i = 0; i < s->n; i++) {
      const size_t at = (size_t)k * (size_t)s->n + (size_t)i;
      potential_V[at] = s->region[i] < 0 ? 0.0f : (float)s->potential_V[i];
      strength[at] = s->region[i] < 0 ? 0.0f : (float)v3_norm(s->E + 3 * i);
    }
  }
  progress("images", 1.0);
  return 0;
}

static PetscErrorCode write_one(const Image *like, const float *v, const char *stem, const char *quantity,
                                const char *description)
{
  char path[CAUDA_PATH_MAX];
  PetscCheck(snprintf(path, sizeof path, "%s_%s.nii.gz", stem, quantity) < (int)sizeof path, PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT, "%s: the name is too long", stem);
  PetscCall(image_write_float32(path, like->n, like->affine, v, description));
  say_progress("wrote %s", path);
  return 0;
}

static PetscErrorCode make(const Mesh *m, const LeadField *f, const double *v, Image *like, const char *stem,
                           const char *description, MeshLocator **l, Slice *s, float **strength)
{
  PetscCall(mesh_locator_create(m, l));
  PetscCall(slice_alloc(like, s));
  PetscCall(mem_alloc((size_t)s->n * (size_t)like->n[2], sizeof **strength, strength));
  PetscCall(sample(m, *l, f, v, like, s, like->v, *strength));
  PetscCall(write_one(like, like->v, stem, "potential_V", description));
  return write_one(like, *strength, stem, "E_V_per_m", description);
}

PetscErrorCode field_write_images(const Mesh *m, const LeadField *f, const double *v, Image *like, const char *stem,
                                  const char *description)
{
  MeshLocator *l = NULL;
  Slice s = {0};
  float *strength = NULL;
  PetscErrorCode ierr = make(m, f, v, like, stem, description, &l, &s, &strength);
  mesh_locator_destroy(&l);
  slice_free(&s);
  free(strength);
  PetscCall(ierr);
  return 0;
}
