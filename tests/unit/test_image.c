/* NIfTI files: what is good is read as it is, in every type and byte order; what is not ends in words. */
#include "cauda/image.h"

#include <dirent.h>

#include "nifti_fixture.h"
#include "seg_fixture.h"

static const int N[3] = {5, 4, 3};
enum { VOXELS = 60 };
static const double STEP[3] = {0.5, 0.75, 2.0};

static int fresh(void **state)
{
  (void)state;
  error_record_clear(&record);
  return 0;
}

static const char *in_folder(const char *name)
{
  static char path[CAUDA_PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void expect_error(const char *path, const char *words)
{
  Image *im = NULL;
  error_record_clear(&record);
  const PetscErrorCode ierr = image_read(path, NULL, NULL, &im);
  if (!ierr) fail_msg("%s was read; expected \"%s\"", path, words);
  assert_null(im);
  assert_int_equal(error_exit_status(ierr), 1);
  if (!strstr(record.message, words)) fail_msg("found \"%s\", expected \"%s\"", record.message, words);
  assert_non_null(strstr(record.message, path));
}

static void expect_header_error(const nifti_1_header *h, const char *words)
{
  uint8_t data[VOXELS * 16] = {0};
  assert_true(write_nifti(in_folder("bad.nii.gz"), h, data, sizeof data));
  expect_error(in_folder("bad.nii.gz"), words);
  assert_true(write_nifti(in_folder("bad.nii"), h, data, sizeof data));
  expect_error(in_folder("bad.nii"), words);
}

static nifti_1_header good(void) { return nifti_header(N, STEP, DT_UINT8, 1); }

/* ---- what is good ---- */

/* Value i of a type, as bytes. */
static size_t put_value(int datatype, int i, void *to)
{
  const int8_t i8 = (int8_t)i;
  const uint8_t u8 = (uint8_t)i;
  const int16_t i16 = (int16_t)i;
  const uint16_t u16 = (uint16_t)i;
  const int32_t i32 = i;
  const uint32_t u32 = (uint32_t)i;
  const int64_t i64 = i;
  const uint64_t u64 = (uint64_t)i;
  const float f = (float)i;
  const double d = i;
  switch (datatype) {
  case DT_INT8: memcpy(to, &i8, 1); return 1;
  case DT_UINT8: memcpy(to, &u8, 1); return 1;
  case DT_INT16: memcpy(to, &i16, 2); return 2;
  case DT_UINT16: memcpy(to, &u16, 2); return 2;
  case DT_INT32: memcpy(to, &i32, 4); return 4;
  case DT_UINT32: memcpy(to, &u32, 4); return 4;
  case DT_INT64: memcpy(to, &i64, 8); return 8;
  case DT_UINT64: memcpy(to, &u64, 8); return 8;
  case DT_FLOAT32: memcpy(to, &f, 4); return 4;
  default: memcpy(to, &d, 8); return 8;
  }
}

static void check_ramp(const char *path)
{
  Image *im = NULL;
  if (image_read(path, NULL, NULL, &im)) fail_msg("%s", record.message);
  assert_memory_equal(im->n, N, sizeof N);
  for (int i = 0; i < VOXELS; i++) assert_float_equal(im->v[i], i, 0);
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) assert_float_equal(im->affine[r][c], r == c ? STEP[r] : 0, 1e-6);
  assert_float_equal(im->affine[0][3], 5.0, 1e-6);
  image_destroy(&im);
}

static void every_type_and_byte_order_is_read(void **state)
{
  (void)state;
  static const int types[] = {DT_INT8,   DT_UINT8, DT_INT16,  DT_UINT16,  DT_INT32,
                              DT_UINT32, DT_INT64, DT_UINT64, DT_FLOAT32, DT_FLOAT64};
  for (size_t t = 0; t < sizeof types / sizeof *types; t++)
    for (int swapped = 0; swapped < 2; swapped++) {
      uint8_t data[VOXELS * 8];
      size_t size = 0;
      for (int i = 0; i < VOXELS; i++) size = put_value(types[t], i, data + (size_t)i * size);
      nifti_1_header h = nifti_header(N, STEP, types[t], (int)size);
      if (swapped) {
        nifti_swap_as_nifti1(&h);
        if (size > 1) nifti_swap_Nbytes(VOXELS, (int)size, data);
      }
      assert_true(write_nifti(in_folder("a.nii"), &h, data, VOXELS * size));
      assert_true(write_nifti(in_folder("a.nii.gz"), &h, data, VOXELS * size));
      check_ramp(in_folder("a.nii"));
      check_ramp(in_folder("a.nii.gz"));
    }
}

static void nifti_2_is_read(void **state)
{
  (void)state;
  for (int swapped = 0; swapped < 2; swapped++) {
    nifti_2_header h;
    char start[544] = {0};
    int16_t data[VOXELS];
    memset(&h, 0, sizeof h);
    h.sizeof_hdr = 540;
    memcpy(h.magic, "n+2\0\r\n\032\n", 8);
    h.datatype = DT_INT16, h.bitpix = 16, h.dim[0] = 3, h.vox_offset = 544, h.xyzt_units = NIFTI_UNITS_MM;
    for (int i = 0; i < 3; i++) h.dim[i + 1] = N[i];
    h.sform_code = 2;
    h.srow_x[0] = STEP[0], h.srow_y[1] = STEP[1], h.srow_z[2] = STEP[2], h.srow_x[3] = 5.0;
    for (int16_t i = 0; i < VOXELS; i++) data[i] = i;
    if (swapped) nifti_swap_as_nifti2(&h), nifti_swap_2bytes(VOXELS, data);
    memcpy(start, &h, sizeof h);
    assert_true(write_bytes(in_folder("two.nii.gz"), true, sizeof start, start, sizeof data, data));
    check_ramp(in_folder("two.nii.gz"));
  }
}

static void slope_intercept_nan_and_units_are_honoured(void **state)
{
  (void)state;
  float data[VOXELS];
  const double step[3] = {20, 30, 80};
  nifti_1_header h = nifti_header(N, step, DT_FLOAT32, 4);
  Image *im = NULL;
  for (int i = 0; i < VOXELS; i++) data[i] = (float)i;
  data[7] = NAN, data[8] = INFINITY;
  h.scl_slope = 2.0f, h.scl_inter = -3.0f, h.xyzt_units = NIFTI_UNITS_MICRON;
  assert_true(write_nifti(in_folder("s.nii"), &h, data, sizeof data));
  assert_int_equal(image_read(in_folder("s.nii"), NULL, "m", &im), 0); /* what the header says counts */
  assert_int_equal(im->n_nan, 2);
  assert_float_equal(im->v[7], 0, 0);
  assert_float_equal(im->v[10], 17, 0);
  assert_float_equal(im->affine[0][0], 0.02, 1e-9);
  image_destroy(&im);
  h.xyzt_units = 0;
  assert_true(write_nifti(in_folder("s.nii"), &h, data, sizeof data));
  expect_error(in_folder("s.nii"), "units: mm");
  assert_int_equal(image_read(in_folder("s.nii"), NULL, "mm", &im), 0);
  assert_float_equal(im->affine[0][0], 20, 1e-9);
  image_destroy(&im);
}

/* The world place of a voxel's value must not depend on how the axes are stored. */
static void turned_axes_keep_every_voxel_in_its_place(void **state)
{
  (void)state;
  static const int orders[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
  const double tilt = 0.3;
  for (int o = 0; o < 6; o++)
    for (int flips = 0; flips < 8; flips++) {
      Image im = {.n = {5, 4, 3}};
      float *v;
      for (int c = 0; c < 3; c++) {
        const double sign = flips >> c & 1 ? -1 : 1;
        im.affine[orders[o][c]][c] = sign * STEP[c];
      }
      for (int c = 0; c < 4; c++) { /* a turn about z */
        const double x = im.affine[0][c], y = im.affine[1][c];
        im.affine[0][c] = cos(tilt) * x - sin(tilt) * y, im.affine[1][c] = sin(tilt) * x + cos(tilt) * y;
      }
      im.affine[0][3] = 3, im.affine[1][3] = -2, im.affine[2][3] = 8;
      assert_int_equal(mem_alloc(VOXELS, sizeof *v, &v), 0);
      double sum[3] = {0, 0, 0}, after[3] = {0, 0, 0};
      im.v = v;
      for (int pass = 0; pass < 2; pass++) {
        double *s = pass ? after : sum;
        int at = 0;
        for (int k = 0; k < im.n[2]; k++)
          for (int j = 0; j < im.n[1]; j++)
            for (int i = 0; i < im.n[0]; i++, at++)
              for (int r = 0; r < 3; r++) {
                if (!pass && r == 0) im.v[at] = (float)(at * at % 17);
                s[r] += (double)im.v[at] *
                        (im.affine[r][0] * i + im.affine[r][1] * j + im.affine[r][2] * k + im.affine[r][3]);
              }
        if (!pass) assert_int_equal(image_reorient(&im), 0);
      }
      for (int r = 0; r < 3; r++) {
        assert_float_equal(sum[r], after[r], 1e-6);
        assert_true(im.affine[r][r] > 0.9 * cos(tilt) * 0.5);
      }
      free(im.v);
    }
}

static void what_is_written_is_read_again(void **state)
{
  (void)state;
  int16_t v[VOXELS];
  double a[3][4] = {{0}};
  Image *im = NULL;
  for (int16_t i = 0; i < VOXELS; i++) v[i] = (int16_t)(i * 7 - 30);
  const double c = cos(0.4), s = sin(0.4), x[3][3] = {{-c, s, 0}, {s, c, 0}, {0, 0, 1}}; /* left-handed */
  for (int r = 0; r < 3; r++)
    for (int k = 0; k < 3; k++) a[r][k] = x[r][k] * STEP[k];
  a[0][3] = 123.456, a[1][3] = -77.7, a[2][3] = -480.25;
  assert_int_equal(image_write_int16(in_folder("w.nii.gz"), N, (const double(*)[4])a, v, "test"), 0);
  if (image_read(in_folder("w.nii.gz"), NULL, NULL, &im)) fail_msg("%s", record.message);
  for (int i = 0; i < VOXELS; i++) assert_float_equal(im->v[i], v[i], 0);
  for (int r = 0; r < 3; r++)
    for (int k = 0; k < 4; k++) assert_float_equal(im->affine[r][k], a[r][k], 1e-4);
  image_destroy(&im);
  assert_int_equal(image_read(in_folder("w.nii.gz"), "qform", NULL, &im), 0);
  for (int r = 0; r < 3; r++)
    for (int k = 0; k < 4; k++) assert_float_equal(im->affine[r][k], a[r][k], 1e-4);
  image_destroy(&im);
  const PetscErrorCode ierr = image_write_int16("/nowhere/w.nii.gz", N, (const double(*)[4])a, v, "test");
  assert_int_equal(error_exit_status(ierr), 1);
}

/* ---- what is not ---- */

static void files_that_are_no_images_are_named(void **state)
{
  (void)state;
  char text[400];
  memset(text, 'x', sizeof text);
  expect_error(in_folder("none.nii.gz"), "no such file");
  expect_error(folder, "is not a file");
  assert_true(write_bytes(in_folder("t.nii"), false, sizeof text, text, 0, NULL));
  expect_error(in_folder("t.nii"), "is not a NIfTI image");
  assert_true(write_bytes(in_folder("t.nii.gz"), true, sizeof text, text, 0, NULL));
  expect_error(in_folder("t.nii.gz"), "is not a NIfTI image");
  assert_true(write_bytes(in_folder("t.nii"), false, 0, text, 0, NULL));
  expect_error(in_folder("t.nii"), "is empty");
  nifti_1_header h = good();
  memset(h.magic, 0, 4);
  expect_header_error(&h, "Analyze");
  memcpy(h.magic, "ni1", 4);
  expect_header_error(&h, "pair of files");
}

static void sizes_and_types_that_cannot_be_used_are_named(void **state)
{
  (void)state;
  nifti_1_header h = good();
  h.dim[0] = 4, h.dim[4] = 2;
  expect_header_error(&h, "4-D");
  h = good(), h.dim[0] = 2;
  expect_header_error(&h, "2-D");
  h = good(), h.dim[0] = 9;
  expect_header_error(&h, "9 dimensions");
  h = good(), h.dim[0] = -1;
  expect_header_error(&h, "dimensions");
  h = good(), h.dim[2] = 0;
  expect_header_error(&h, "has a length of 0");
  h = good(), h.dim[2] = -5;
  expect_header_error(&h, "has a length of -5");
  h = good(), h.dim[1] = h.dim[2] = h.dim[3] = 32767;
  expect_header_error(&h, "at most");
  h = good(), h.dim[1] = h.dim[2] = 32767, h.dim[3] = 2;
  expect_header_error(&h, "truncated");
  h = good(), h.datatype = DT_RGB24;
  expect_header_error(&h, "RGB");
  h = good(), h.datatype = DT_COMPLEX64;
  expect_header_error(&h, "complex");
  h = good(), h.datatype = 777;
  expect_header_error(&h, "type 777");
  h = good(), h.datatype = DT_BINARY;
  expect_header_error(&h, "type 1");
  h = good(), h.vox_offset = 1e30f;
  expect_header_error(&h, "byte");
  h = good(), h.vox_offset = NAN;
  expect_header_error(&h, "byte");
  h = good(), h.vox_offset = 1e6f;
  expect_header_error(&h, "truncated");
}

static void orientations_that_cannot_be_trusted_are_named(void **state)
{
  (void)state;
  Image *im = NULL;
  nifti_1_header h = good();
  uint8_t data[VOXELS] = {0};
  h.sform_code = h.qform_code = 0;
  expect_header_error(&h, "neither sform nor qform");
  h = good(), h.srow_x[3] += 2.0f;
  expect_header_error(&h, "disagree");
  assert_true(write_nifti(in_folder("o.nii"), &h, data, sizeof data));
  assert_int_equal(image_read(in_folder("o.nii"), "qform", NULL, &im), 0);
  assert_float_equal(im->affine[0][3], 5.0, 1e-6);
  image_destroy(&im);
  assert_int_equal(image_read(in_folder("o.nii"), "sform", NULL, &im), 0);
  assert_float_equal(im->affine[0][3], 7.0, 1e-6);
  image_destroy(&im);
  h = good(), h.srow_x[0] = -h.srow_x[0];
  expect_header_error(&h, "disagree");
  h = good(), h.qform_code = 0, h.srow_x[1] = 0.1f;
  expect_header_error(&h, "sheared");
  h = good(), h.qform_code = 0, h.srow_x[0] = 0;
  expect_header_error(&h, "singular");
  h = good(), h.qform_code = 0;
  for (int i = 0; i < 3; i++) h.srow_y[i] = h.srow_x[i];
  h.srow_x[1] = h.srow_y[1] = 0, h.srow_y[0] = h.srow_x[0], h.srow_x[1] = h.srow_x[0], h.srow_y[1] = h.srow_y[0];
  expect_header_error(&h, "parallel");
  h = good(), h.qform_code = 0, h.srow_z[3] = NAN;
  expect_header_error(&h, "not a finite number");
  h = good(), h.sform_code = 0, h.pixdim[2] = 0;
  expect_header_error(&h, "voxel size along axis 2");
  h = good(), h.xyzt_units = NIFTI_UNITS_METER;
  expect_header_error(&h, "voxel size");
  h = good(), h.xyzt_units = 0;
  expect_header_error(&h, "unit");
}

/* Half turns are where single-precision quaternions are least exact: no false alarm for LPS files. */
static void lps_files_raise_no_false_alarm(void **state)
{
  (void)state;
  const int n[3] = {200, 200, 1};
  const double step[3] = {-0.6, -0.6, 3.0};
  Image *im = NULL;
  uint8_t *data = calloc(40000, 1);
  nifti_1_header h = nifti_header(n, step, DT_UINT8, 1);
  h.quatern_d = 0.9999998f; /* instead of 1 */
  assert_true(write_nifti(in_folder("lps.nii.gz"), &h, data, 40000));
  if (image_read(in_folder("lps.nii.gz"), NULL, NULL, &im)) fail_msg("%s", record.message);
  image_destroy(&im);
  free(data);
}

static size_t read_file(const char *path, uint8_t *to, size_t room)
{
  FILE *s = fopen(path, "rb");
  assert_non_null(s);
  const size_t n = fread(to, 1, room, s);
  fclose(s);
  return n;
}

static void every_truncation_is_noticed(void **state)
{
  (void)state;
  uint8_t data[VOXELS], bytes[4096];
  nifti_1_header h = good();
  Image *im = NULL;
  for (int i = 0; i < VOXELS; i++) data[i] = (uint8_t)(i * 37);
  for (int z = 0; z < 2; z++) {
    assert_true(write_nifti(in_folder(z ? "full.nii.gz" : "full.nii"), &h, data, sizeof data));
    const size_t n = read_file(in_folder(z ? "full.nii.gz" : "full.nii"), bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) {
      assert_true(write_bytes(in_folder("cut.nii.gz"), false, cut, bytes, 0, NULL));
      error_record_clear(&record);
      if (!image_read(in_folder("cut.nii.gz"), NULL, NULL, &im)) fail_msg("cut at %zu of %zu bytes: read", cut, n);
    }
    assert_true(write_bytes(in_folder("cut.nii.gz"), false, n, bytes, 0, NULL));
    assert_int_equal(image_read(in_folder("cut.nii.gz"), NULL, NULL, &im), 0);
    image_destroy(&im);
    bytes[n - 6] ^= 1; /* the checksum of the compressed file */
    assert_true(write_bytes(in_folder("cut.nii.gz"), false, n, bytes, 0, NULL));
    if (z) expect_error(in_folder("cut.nii.gz"), "damaged");
  }
}

/* Any header at all ends in an image or an error, and in no time. */
static void random_headers_do_no_harm(void **state)
{
  (void)state;
  Rng rng = rng_seed(11, 0);
  uint8_t data[VOXELS * 8] = {0};
  for (int trial = 0; trial < 3000; trial++) {
    nifti_1_header h = good();
    uint8_t *b = (uint8_t *)&h;
    Image *im = NULL;
    for (int k = 0; k < 1 + trial % 4; k++) b[rng_next(&rng) % sizeof h] = (uint8_t)rng_next(&rng);
    assert_true(write_nifti(in_folder("r.nii"), &h, data, sizeof data));
    error_record_clear(&record);
    const PetscErrorCode ierr = image_read(in_folder("r.nii"), NULL, NULL, &im);
    if (ierr)
      assert_int_equal(error_exit_status(ierr), 1);
    else {
      for (size_t i = 0; i < (size_t)im->n[0] * (size_t)im->n[1] * (size_t)im->n[2]; i++)
        assert_true(isfinite(im->v[i]));
      assert_int_equal(image_reorient(im), 0);
    }
    image_destroy(&im);
  }
}

/* Real files: two are 4-D, all others are images. */
static void real_files_are_read(void **state)
{
  (void)state;
  char at[CAUDA_PATH_MAX];
  int n_read = 0, n_4d = 0;
  shared_data("stress", at);
  DIR *d = opendir(at);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));) {
    char path[2 * CAUDA_PATH_MAX];
    Image *im = NULL;
    if (!strstr(e->d_name, ".nii")) continue;
    snprintf(path, sizeof path, "%s/%s", at, e->d_name);
    error_record_clear(&record);
    if (image_read(path, NULL, "mm", &im))
      n_4d += strstr(record.message, "4-D") != NULL;
    else
      n_read++;
    image_destroy(&im);
  }
  closedir(d);
  assert_int_equal(n_4d, 2);
  assert_int_equal(n_read, 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(every_type_and_byte_order_is_read, fresh),
      cmocka_unit_test_setup(nifti_2_is_read, fresh),
      cmocka_unit_test_setup(slope_intercept_nan_and_units_are_honoured, fresh),
      cmocka_unit_test_setup(turned_axes_keep_every_voxel_in_its_place, fresh),
      cmocka_unit_test_setup(what_is_written_is_read_again, fresh),
      cmocka_unit_test_setup(files_that_are_no_images_are_named, fresh),
      cmocka_unit_test_setup(sizes_and_types_that_cannot_be_used_are_named, fresh),
      cmocka_unit_test_setup(orientations_that_cannot_be_trusted_are_named, fresh),
      cmocka_unit_test_setup(lps_files_raise_no_false_alarm, fresh),
      cmocka_unit_test_setup(every_truncation_is_noticed, fresh),
      cmocka_unit_test_setup(random_headers_do_no_harm, fresh),
      cmocka_unit_test_setup(real_files_are_read, fresh),
  };
  return cmocka_run_group_tests_name("image", tests, setup, teardown);
}
