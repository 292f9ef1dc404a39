/* NIfTI headers: what is at fault is found here, before nifti_clib is asked, for it repairs silently or complains on
 * stderr. */
#include "image_header.h"

#include <string.h>

static const int64_t MOST_VOXELS = (int64_t)1 << 31;

PetscErrorCode image_stream_check(gzFile stream, const char *path)
{
  int code = Z_OK;
  const char *words = gzerror(stream, &code);
  PetscCheck(code != Z_BUF_ERROR, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is truncated: the compressed data end before their end mark", path);
  PetscCheck(code == Z_OK || code == Z_STREAM_END, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the compressed data are damaged (%s)", path, words);
  return 0;
}

/* Reads n bytes more, fewer only at the end. */
static PetscErrorCode read_up_to(gzFile stream, const char *path, void *to, size_t n, size_t *got)
{
  const int k = gzread(stream, to, (unsigned)n);
  if (k < 0) {
    PetscCall(image_stream_check(stream, path));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: cannot be read", path);
  }
  *got = (size_t)k;
  return 0;
}

/* What both versions say, widened. */
typedef struct {
  int64_t dim[8];
  double pixdim[4];
  int datatype, qform, sform;
  double offset;
  const char *magic;
} Plain;

static Plain plain_1(const nifti_1_header *h)
{
  Plain p = {.datatype = h->datatype, .qform = h->qform_code, .sform = h->sform_code};
  for (int i = 0; i < 8; i++) p.dim[i] = h->dim[i];
  for (int i = 0; i < 4; i++) p.pixdim[i] = (double)h->pixdim[i];
  p.offset = (double)h->vox_offset;
  p.magic = h->magic;
  return p;
}

static Plain plain_2(const nifti_2_header *h)
{
  Plain p = {.datatype = h->datatype, .qform = h->qform_code, .sform = h->sform_code};
  for (int i = 0; i < 8; i++) p.dim[i] = h->dim[i];
  for (int i = 0; i < 4; i++) p.pixdim[i] = h->pixdim[i];
  p.offset = (double)h->vox_offset;
  p.magic = h->magic;
  return p;
}

static PetscErrorCode check_size(const Plain *p, const char *path)
{
  int64_t voxels = 1;
  PetscCheck(p->dim[0] >= 1 && p->dim[0] <= 7, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: has %lld dimensions, expected 3", path, (long long)p->dim[0]);
  for (int i = 1; i <= (int)p->dim[0]; i++)
    PetscCheck(p->dim[i] > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: dimension %d has a length of %lld, expected at least 1", path, i, (long long)p->dim[i]);
  for (int i = 4; i <= (int)p->dim[0]; i++)
    PetscCheck(p->dim[i] == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: is %d-D (dimension %d has a length of %lld), expected one 3-D volume; split it first", path,
               (int)p->dim[0], i, (long long)p->dim[i]);
  PetscCheck(p->dim[0] >= 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is %d-D, expected one 3-D volume", path,
             (int)p->dim[0]);
  for (int i = 1; i <= 3; i++) {
    PetscCheck(p->dim[i] <= MOST_VOXELS / voxels, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: has %lld x %lld x %lld voxels, expected at most %lld in all", path, (long long)p->dim[1],
               (long long)p->dim[2], (long long)p->dim[3], (long long)MOST_VOXELS);
    voxels *= p->dim[i];
  }
  return 0;
}

static PetscErrorCode check_type(const Plain *p, const char *path)
{
  switch (p->datatype) {
  case DT_INT8:
  case DT_UINT8:
  case DT_INT16:
  case DT_UINT16:
  case DT_INT32:
  case DT_UINT32:
  case DT_INT64:
  case DT_UINT64:
  case DT_FLOAT32:
  case DT_FLOAT64: return 0;
  case DT_RGB24:
  case DT_RGBA32:
  case DT_COMPLEX64:
  case DT_COMPLEX128:
  case DT_COMPLEX256:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: holds %s values, expected one real number a voxel", path,
            p->datatype == DT_RGB24 || p->datatype == DT_RGBA32 ? "RGB" : "complex");
  default:
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
            "%s: holds values of NIfTI type %d, expected integers or reals of 8 to 64 bits", path, p->datatype);
  }
}

static PetscErrorCode check_plain(const Plain *p, const char *path)
{
  PetscCheck(memcmp(p->magic, "ni", 2) != 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is the header of a pair of files (.hdr and .img), expected a single file (.nii or .nii.gz)", path);
  PetscCall(check_size(p, path));
  PetscCall(check_type(p, path));
  PetscCheck(p->offset >= 0.0 && p->offset < 0x1p40, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the header puts the data at byte %.0f, expected a place in the file", path, p->offset);
  for (int i = 1; i <= 3 && p->qform > 0; i++)
    PetscCheck(p->pixdim[i] > 0.0 && isfinite(p->pixdim[i]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: the voxel size along axis %d is %f, expected a positive number", path, i, p->pixdim[i]);
  return 0;
}

/* The magic says which version; the size of the header, which byte order. */
static bool is_version(const char *magic, int version)
{
  return (!memcmp(magic, "n+", 2) || !memcmp(magic, "ni", 2)) && magic[2] == '0' + version && !magic[3];
}

static PetscErrorCode convert_1(nifti_1_header h, const char *path, ImageHeader *out)
{
  if (out->swapped) nifti_swap_as_nifti1(&h);
  const Plain p = plain_1(&h);
  PetscCall(check_plain(&p, path));
  out->offset = (int64_t)p.offset < 348 ? 352 : (int64_t)p.offset;
  out->nim = nifti_convert_n1hdr2nim(h, NULL);
  return 0;
}

static PetscErrorCode convert_2(nifti_2_header h, const char *path, ImageHeader *out)
{
  if (out->swapped) nifti_swap_as_nifti2(&h);
  const Plain p = plain_2(&h);
  PetscCall(check_plain(&p, path));
  out->offset = (int64_t)p.offset < 540 ? 544 : (int64_t)p.offset;
  out->nim = nifti_convert_n2hdr2nim(h, NULL);
  return 0;
}

PetscErrorCode image_header_read(gzFile stream, const char *path, ImageHeader *out, int64_t *position)
{
  union {
    int32_t size;
    nifti_1_header one;
    nifti_2_header two;
  } h;
  size_t got = 0, more = 0;
  int32_t size;
  memset(&h, 0, sizeof h);
  memset(out, 0, sizeof *out);
  PetscCall(read_up_to(stream, path, &h, sizeof h.one, &got));
  size = h.size;
  out->swapped = size != 348 && size != 540;
  if (out->swapped) nifti_swap_4bytes(1, &size);
  if (got < sizeof h.one) PetscCall(image_stream_check(stream, path));
  PetscCheck(got == sizeof h.one && (size == 348 || size == 540), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is not a NIfTI image: no NIfTI header at its start", path);
  if (size == 540) PetscCall(read_up_to(stream, path, (char *)&h + sizeof h.one, sizeof h.two - sizeof h.one, &more));
  *position = (int64_t)(got + more);
  PetscCheck(size == 348 || more == sizeof h.two - sizeof h.one, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is truncated: it ends within its header", path);
  const bool known = size == 348 ? is_version(h.one.magic, 1) : is_version(h.two.magic, 2);
  PetscCheck(known, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: is not a NIfTI image (an Analyze file, perhaps: it has no orientation and cannot be used)", path);
  if (size == 348)
    PetscCall(convert_1(h.one, path, out));
  else
    PetscCall(convert_2(h.two, path, out));
  PetscCheck(out->nim, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: nifti_clib cannot make sense of its header", path);
  return 0;
}
