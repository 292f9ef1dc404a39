/* Volumes of labels and of numbers to .nii.gz. */
#include <errno.h>
#include <nifti2_io.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cauda/image.h"

enum { DATA_AT = 352, SLICE_MOST = 1 << 28 };

static nifti_dmat44 matrix(const double a[3][4])
{
  nifti_dmat44 m = {{{0}}};
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 4; c++) m.m[r][c] = a[r][c];
  m.m[3][3] = 1.0;
  return m;
}

static PetscErrorCode make_header(const int n[3], const double affine[3][4], int type, const char *description,
                                  nifti_1_header *h)
{
  const int64_t dim[8] = {3, n[0], n[1], n[2], 1, 1, 1, 1};
  nifti_image *nim = nifti_make_new_nim(dim, type, 0);
  PetscCheck(nim, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for an image header");
  nim->sto_xyz = matrix(affine);
  nim->sform_code = nim->qform_code = NIFTI_XFORM_SCANNER_ANAT;
  nifti_dmat44_to_quatern(nim->sto_xyz, &nim->quatern_b, &nim->quatern_c, &nim->quatern_d, &nim->qoffset_x,
                          &nim->qoffset_y, &nim->qoffset_z, &nim->dx, &nim->dy, &nim->dz, &nim->qfac);
  nim->pixdim[1] = nim->dx, nim->pixdim[2] = nim->dy, nim->pixdim[3] = nim->dz;
  nim->xyz_units = NIFTI_UNITS_MM;
  nim->nifti_type = NIFTI_FTYPE_NIFTI1_1;
  snprintf(nim->descrip, sizeof nim->descrip, "%s", description);
  const int bad = nifti_convert_nim2n1hdr(nim, h);
  nifti_image_free(nim);
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_LIB, "nifti_clib made no header for %d x %d x %d voxels", n[0], n[1],
             n[2]);
  h->vox_offset = DATA_AT;
  h->scl_slope = 1.0f, h->scl_inter = 0.0f;
  return 0;
}

typedef struct {
  const char *path;
  nifti_1_header h;
  const int *n;  /* [3] */
  const char *v; /* [n[2]][n[1]][n[0]], of `width` bytes each */
  size_t width;
} Content;

static bool write_all(gzFile s, const Content *c)
{
  const char no_extension[DATA_AT - sizeof c->h] = {0};
  const size_t slice = (size_t)c->n[0] * (size_t)c->n[1];
  bool good = gzwrite(s, &c->h, sizeof c->h) == (int)sizeof c->h;
  good = good && gzwrite(s, no_extension, sizeof no_extension) == (int)sizeof no_extension;
  for (int k = 0; good && k < c->n[2]; k++)
    for (size_t at = 0; good && at < slice; at += SLICE_MOST) {
      const size_t count = slice - at < SLICE_MOST ? slice - at : SLICE_MOST;
      good = gzwrite(s, c->v + (slice * (size_t)k + at) * c->width, (unsigned)(count * c->width)) > 0;
    }
  return good;
}

/* zlib writes to the stream's file beside the stream, which gets nothing itself: so zlib's errors are told here. */
static PetscErrorCode put_image(const void *what, FILE *stream)
{
  const Content *c = what;
  errno = 0;
  const int fd = dup(fileno(stream));
  gzFile s = fd < 0 ? NULL : gzdopen(fd, "wb6");
  if (!s && fd >= 0) close(fd);
  bool good = s && write_all(s, c);
  good = s && gzclose(s) == Z_OK && good;
  return good ? 0 : file_fail_write(c->path, errno ? errno : ENOSPC);
}

static PetscErrorCode image_write(const char *path, const int n[3], const double affine[3][4], int type, size_t width,
                                  const void *v, const char *description)
{
  Content c = {.path = path, .n = n, .v = v, .width = width};
  for (int i = 0; i < 3; i++)
    PetscCheck(n[i] > 0 && n[i] <= INT16_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: %d x %d x %d voxels do not fit into a NIfTI-1 file, expected 1 to 32767 along an axis", path, n[0],
               n[1], n[2]);
  nifti_set_debug_level(0);
  PetscCall(make_header(n, affine, type, description, &c.h));
  return file_write(path, put_image, &c);
}

PetscErrorCode image_write_int16(const char *path, const int n[3], const double affine[3][4], const int16_t *v,
                                 const char *description)
{
  return image_write(path, n, affine, DT_INT16, sizeof *v, v, description);
}

PetscErrorCode image_write_float32(const char *path, const int n[3], const double affine[3][4], const float *v,
                                   const char *description)
{
  return image_write(path, n, affine, DT_FLOAT32, sizeof *v, v, description);
}
