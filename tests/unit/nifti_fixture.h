/* NIfTI files for tests, written byte by byte, so that they can be wrong in every way. */
#ifndef CAUDA_TEST_NIFTI_FIXTURE_H
#define CAUDA_TEST_NIFTI_FIXTURE_H

#include <nifti2_io.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* A good header: `n` voxels, sform and qform of axes along the world's with signed sizes `step`, mm. */
static inline nifti_1_header nifti_header(const int n[3], const double step[3], int datatype, int bytes)
{
  nifti_1_header h;
  double qb, qc, qd, x, y, z, dx, dy, dz, qfac;
  nifti_dmat44 m = {{{0}}};
  memset(&h, 0, sizeof h);
  h.sizeof_hdr = 348;
  h.dim[0] = 3;
  for (int i = 0; i < 7; i++) h.dim[i + 1] = (short)(i < 3 ? n[i] : 1);
  h.datatype = (short)datatype;
  h.bitpix = (short)(8 * bytes);
  for (int i = 0; i < 3; i++) m.m[i][i] = step[i];
  m.m[0][3] = 5.0, m.m[1][3] = -7.0, m.m[2][3] = 11.0, m.m[3][3] = 1.0;
  nifti_dmat44_to_quatern(m, &qb, &qc, &qd, &x, &y, &z, &dx, &dy, &dz, &qfac);
  h.pixdim[0] = (float)qfac, h.pixdim[1] = (float)dx, h.pixdim[2] = (float)dy, h.pixdim[3] = (float)dz;
  h.quatern_b = (float)qb, h.quatern_c = (float)qc, h.quatern_d = (float)qd;
  h.qoffset_x = (float)x, h.qoffset_y = (float)y, h.qoffset_z = (float)z;
  for (int i = 0; i < 4; i++)
    h.srow_x[i] = (float)m.m[0][i], h.srow_y[i] = (float)m.m[1][i], h.srow_z[i] = (float)m.m[2][i];
  h.sform_code = h.qform_code = 1;
  h.xyzt_units = NIFTI_UNITS_MM;
  h.vox_offset = 352;
  memcpy(h.magic, "n+1", 4);
  return h;
}

/* Any bytes as a file, compressed or not. */
static inline int write_bytes(const char *path, bool compressed, size_t n1, const void *part1, size_t n2,
                              const void *part2)
{
  if (compressed) {
    gzFile s = gzopen(path, "wb6");
    if (!s) return 0;
    int good = gzwrite(s, part1, (unsigned)n1) == (int)n1 && (!n2 || gzwrite(s, part2, (unsigned)n2) == (int)n2);
    return gzclose(s) == Z_OK && good;
  }
  FILE *s = fopen(path, "wb");
  if (!s) return 0;
  int good = fwrite(part1, 1, n1, s) == n1 && (!n2 || fwrite(part2, 1, n2, s) == n2);
  return fclose(s) == 0 && good;
}

/* Header and data as a .nii or .nii.gz file; the header is written as it is. */
static inline int write_nifti(const char *path, const nifti_1_header *h, const void *data, size_t bytes)
{
  char start[352] = {0};
  memcpy(start, h, sizeof *h);
  const size_t l = strlen(path);
  return write_bytes(path, l > 3 && !strcmp(path + l - 3, ".gz"), sizeof start, start, bytes, data);
}

#endif
