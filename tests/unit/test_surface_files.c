/* Surfaces for other programs: closed, of the right size, the same in every format. */
#include "cauda/vtk.h"
#include "label_scene.h"

static int quiet_setup(void **state)
{
  progress_configure(true, false);
  return setup(state);
}

static int cylinders(const double p[3])
{
  const double r = hypot(p[0], p[1]);
  return r < 3.0 ? 1 : r < 6.0 ? 2 : 0;
}

typedef struct {
  float p[3];
} Corner;
typedef struct {
  Corner a, b;
} Edge;

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, sizeof(Edge)); }

static uint32_t read_stl(const char *name, float (**tri)[3][3])
{
  char path[CAUDA_PATH_MAX], *text;
  size_t length;
  uint32_t n;
  assert_done(path_join(folder, name, path));
  assert_done(file_read_all(path, &text, &length));
  memcpy(&n, text + 80, sizeof n);
  assert_int_equal(length, 84 + 50 * (size_t)n);
  assert_done(mem_alloc(n, sizeof **tri, tri));
  for (uint32_t t = 0; t < n; t++) memcpy((*tri)[t], text + 84 + 50 * (size_t)t + 12, sizeof **tri);
  free(text);
  return n;
}

/* Each edge lies in two triangles, which run along it in opposite directions. */
static void assert_closed(uint32_t n, float (*tri)[3][3])
{
  Edge *along, *against;
  assert_done(mem_alloc(3 * (size_t)n, sizeof *along, &along));
  assert_done(mem_alloc(3 * (size_t)n, sizeof *against, &against));
  for (uint32_t t = 0; t < n; t++)
    for (int c = 0; c < 3; c++) {
      Edge *e = &along[3 * t + (uint32_t)c], *f = &against[3 * t + (uint32_t)c];
      memcpy(&e->a, tri[t][c], sizeof e->a), memcpy(&e->b, tri[t][(c + 1) % 3], sizeof e->b);
      f->a = e->b, f->b = e->a;
    }
  qsort(along, 3 * (size_t)n, sizeof *along, by_bytes);
  qsort(against, 3 * (size_t)n, sizeof *against, by_bytes);
  assert_memory_equal(along, against, 3 * (size_t)n * sizeof *along);
  for (size_t i = 1; i < 3 * (size_t)n; i++) assert_true(memcmp(&along[i - 1], &along[i], sizeof *along) != 0);
  free(along), free(against);
}

static double volume_of(uint32_t n, float (*tri)[3][3])
{
  double sum = 0.0;
  for (uint32_t t = 0; t < n; t++) {
    double a[3], b[3], c[3], ab[3];
    for (int e = 0; e < 3; e++) a[e] = tri[t][0][e], b[e] = tri[t][1][e], c[e] = tri[t][2][e];
    v3_cross(a, b, ab);
    sum += v3_dot(ab, c) / 6.0;
  }
  return sum;
}

static void surfaces_are_closed_in_every_format(void **state)
{
  (void)state;
  const SceneGrid g = {{40, 40, 20}, {0.4, 0.4, 1.0}, {0}, moved(0.3, -0.2, 0.1, 5, -9, 100)};
  LabelCase l;
  Anatomy *a = NULL;
  char path[CAUDA_PATH_MAX], *text;
  size_t length, faces = 0;
  double volume[16];
  write_scene("c.nii.gz", &g, cylinders, volume);
  label_case("c.nii.gz", &l);
  l.c.anatomy.surround = (CaseSurround){1.0, 2.0, 40.0, 0.0};
  assert_done(anatomy_read(&l.c, folder, &a));
  assert_done(path_join(folder, "out", path));
  assert_done(folder_create(path));
  assert_done(surfaces_export(a, 0.4, path));
  static const char *const names[] = {"bone", "fat", "dura", "csf", "white"};
  for (int i = 0; i < 5; i++) {
    char name[64];
    float(*tri)[3][3];
    snprintf(name, sizeof name, "out/%s.stl", names[i]);
    const uint32_t n = read_stl(name, &tri);
    assert_closed(n, tri);
    if (i >= 3) assert_near(volume_of(n, tri) / (volume[1] + (i == 3 ? volume[2] : 0.0)), 1.0, 0.015);
    free(tri);
    faces += n;
    snprintf(name, sizeof name, "out/precomputed/%d.mesh", i + 1);
    assert_done(path_join(folder, name, path));
    assert_done(file_read_all(path, &text, &length));
    uint32_t points;
    memcpy(&points, text, sizeof points);
    assert_int_equal(length, 4 + 12 * (size_t)points + 12 * (size_t)n);
    free(text);
  }
  assert_done(path_join(folder, "out/surfaces.obj", path));
  assert_done(file_read_all(path, &text, &length));
  for (const char *line = text; line; line = strchr(line + 1, '\n')) faces -= line[0] == '\n' && line[1] == 'f';
  assert_int_equal(faces, 0);
  free(text);
  assert_int_equal(error_exit_status(surfaces_export(a, 0.4, "/proc/nowhere")), 1);
  error_record_clear(&record);
  anatomy_destroy(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(surfaces_are_closed_in_every_format)};
  return cmocka_run_group_tests_name("surface files", tests, quiet_setup, teardown);
}
