/* NIfTI volumes as floats: the data, read to the last byte. */
#include "cauda/image.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image_header.h"

/* Deflate cannot shrink data by more than about 1032 times. */
enum { MOST_DEFLATION = 1040, CHUNK = 1 << 18 };

void image_destroy(Image **im)
{
  if (!*im) return;
  free((*im)->v);
  free(*im);
  *im = NULL;
}

static PetscErrorCode check_file(const char *path, int64_t *size)
{
  struct stat st;
  PetscCheck(!stat(path, &st), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path,
             errno == ENOENT ? "no such file" : strerror(errno));
  PetscCheck(S_ISREG(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: is not a file; a NIfTI image is expected",
             path);
  PetscCheck(st.st_size > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is empty; a NIfTI image is expected", path);
  *size = st.st_size;
  return 0;
}

/* One value of any supported type; `raw` is aligned and in native order. */
static double value_at(const void *raw, int datatype, size_t i)
{
  switch (datatype) {
  case DT_INT8: return ((const int8_t *)raw)[i];
  case DT_UINT8: return ((const uint8_t *)raw)[i];
  case DT_INT16: return ((const int16_t *)raw)[i];
  case DT_UINT16: return ((const uint16_t *)raw)[i];
  case DT_INT32: return ((const int32_t *)raw)[i];
  case DT_UINT32: return ((const uint32_t *)raw)[i];
  case DT_INT64: return (double)((const int64_t *)raw)[i];
  case DT_UINT64: return (double)((const uint64_t *)raw)[i];
  case DT_FLOAT32: return (double)((const float *)raw)[i];
  default: return ((const double *)raw)[i];
  }
}

static void convert(const nifti_image *nim, const void *raw, size_t n, float *out, size_t *n_bad)
{
  const bool scaled = nim->scl_slope != 0.0;
  for (size_t i = 0; i < n; i++) {
    double x = value_at(raw, nim->datatype, i);
    if (scaled) x = nim->scl_slope * x + nim->scl_inter;
    out[i] = (float)x;
    if (isfinite(out[i])) continue;
    out[i] = 0.0f;
    ++*n_bad;
  }
}

static PetscErrorCode read_exactly(gzFile stream, const char *path, void *to, size_t n, int64_t *missing)
{
  const int got = gzread(stream, to, (unsigned)n);
  if (got < 0 || (size_t)got < n) PetscCall(image_stream_check(stream, path));
  PetscCheck(got >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: cannot be read", path);
  *missing -= got;
  PetscCheck((size_t)got == n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is truncated: %lld bytes of its data are missing", path, (long long)*missing);
  return 0;
}

static PetscErrorCode read_values(gzFile stream, const ImageHeader *h, Image *im, void *buffer)
{
  const size_t size = (size_t)h->nim->nbyper, total = (size_t)im->n[0] * (size_t)im->n[1] * (size_t)im->n[2];
  int64_t missing = (int64_t)(total * size);
  for (size_t at = 0; at < total; at += CHUNK) {
    const size_t n = total - at < CHUNK ? total - at : CHUNK;
    PetscCall(read_exactly(stream, im->path, buffer, n * size, &missing));
    if (h->swapped && size > 1) nifti_swap_Nbytes((int64_t)n, (int)size, buffer);
    convert(h->nim, buffer, n, im->v + at, &im->n_nan);
  }
  return 0;
}

/* Skips to byte `to`, or to the end where `to` is negative, at most `most` bytes. */
static PetscErrorCode skip(gzFile stream, const char *path, int64_t n, bool to_end, void *buffer)
{
  while (n > 0) {
    const int64_t want = n < CHUNK ? n : CHUNK;
    const int got = gzread(stream, buffer, (unsigned)want);
    if (got < want) PetscCall(image_stream_check(stream, path));
    if (got < want && to_end) return 0;
    PetscCheck(got == want, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is truncated: it ends before its data begin",
               path);
    n -= want;
  }
  return 0;
}

/* The data must fit into the file before room is made for them. */
static PetscErrorCode check_room(gzFile stream, const ImageHeader *h, const char *path, int64_t file_size)
{
  const nifti_image *m = h->nim;
  const double need = (double)h->offset + (double)m->nx * (double)m->ny * (double)m->nz * m->nbyper;
  const double have = gzdirect(stream) ? (double)file_size : (double)file_size * MOST_DEFLATION;
  PetscCheck(need <= have, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is truncated: its header promises %.0f bytes (%lld x %lld x %lld voxels), the file has %lld", path,
             need, (long long)m->nx, (long long)m->ny, (long long)m->nz, (long long)file_size);
  return 0;
}

static PetscErrorCode read_image(gzFile stream, int64_t file_size, ImageHeader *h, void *buffer,
                                 const char *orientation, const char *units, Image *im)
{
  const int64_t spare = (int64_t)1 << 30;
  int64_t position = 0;
  PetscCall(image_header_read(stream, im->path, h, &position));
  PetscCall(image_header_affine(h->nim, im->path, orientation, units, im->affine));
  PetscCall(check_room(stream, h, im->path, file_size));
  im->n[0] = (int)h->nim->nx, im->n[1] = (int)h->nim->ny, im->n[2] = (int)h->nim->nz;
  PetscCall(mem_alloc((size_t)im->n[0] * (size_t)im->n[1] * (size_t)im->n[2], sizeof *im->v, &im->v));
  PetscCall(skip(stream, im->path, h->offset - position, false, buffer));
  PetscCall(read_values(stream, h, im, buffer));
  return skip(stream, im->path, spare, true, buffer); /* on to the checksum behind the compressed data */
}

PetscErrorCode image_read(const char *path, const char *orientation, const char *units, Image **out)
{
  ImageHeader h = {0};
  int64_t size = 0;
  void *buffer = NULL;
  PetscErrorCode ierr;
  *out = NULL;
  PetscCheck(strlen(path) < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", path);
  PetscCall(check_file(path, &size));
  gzFile stream = gzopen(path, "rb");
  PetscCheck(stream, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  nifti_set_debug_level(0); /* it speaks on stderr otherwise */
  ierr = mem_alloc(CHUNK, sizeof(double), &buffer);
  if (!ierr) ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) {
    strcpy((*out)->path, path);
    ierr = read_image(stream, size, &h, buffer, orientation, units, *out);
  }
  gzclose(stream);
  nifti_image_free(h.nim);
  free(buffer);
  if (ierr) image_destroy(out);
  return ierr;
}
