/* VTK files, as VTK's own reader sees them. Skipped where /usr/bin/python3 has no VTK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "box_mesh.h"

#include "cauda/vtk.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/cauda-test-vtk-XXXXXX";
static const char *const FILES[] = {"mesh.vtu", "empty.vtp", "lines.vtp", "groups.vtp", "surfaces.vtp"};

static const MeshRegion HALVES[] = {{"csf", TISSUE_CSF}, {"L1_L_dorsal", TISSUE_ROOT}};
static int half_of(const double c[3], double size) { return c[0] > 0.5 * size; }

static void path_of(const char *name, char path[CAUDA_PATH_MAX])
{
  snprintf(path, CAUDA_PATH_MAX, "%s/%s", folder, name);
}

/* What VTK says of the file; skips the test where there is no VTK. */
static void ask_vtk(const char *path, char answer[8192])
{
  char command[CAUDA_PATH_MAX + 64];
  snprintf(command, sizeof command, "/usr/bin/python3 tests/unit/read_vtk.py %s", path);
  FILE *s = popen(command, "r");
  assert_non_null(s);
  size_t n = fread(answer, 1, 8191, s);
  answer[n] = '\0';
  int status = pclose(s);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    print_message("python3 with VTK is absent: skipped\n");
    skip();
  }
  assert_int_equal(status, 0);
}

/* The rest of the line of the answer that begins with `key`. */
static const char *line_of(const char *answer, const char *key)
{
  for (const char *at = answer; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
    if (!strncmp(at, key, strlen(key))) return at + strlen(key);
  fail_msg("VTK did not say \"%s\" but:\n%s", key, answer);
  return NULL;
}

static double number_of(const char *answer, const char *key) { return strtod(line_of(answer, key), NULL); }

static void assert_line(const char *answer, const char *line)
{
  const char *rest = line_of(answer, line);
  assert_true(*rest == '\n' || *rest == '\0');
}

/* Large enough for several blocks of 1 MiB in the connectivity and the potential. */
static void a_mesh_is_read_whole(void **state)
{
  const BoxPlan plan = {31, 10.0, 2, HALVES, half_of};
  char path[CAUDA_PATH_MAX], answer[8192];
  double *potential, sum = 0.0, csf = 0.0;
  float *field;
  Mesh *m;
  (void)state;
  assert_int_equal(box_mesh(&plan, &m), 0);
  potential = malloc((size_t)m->n_node * sizeof *potential);
  field = malloc(3 * (size_t)m->n_tet * sizeof *field);
  for (NodeId i = 0; i < m->n_node; i++) sum += potential[i] = sin(0.37 * i) + 1.0;
  for (TetId t = 0; t < m->n_tet; t++) field[3 * t] = 1.0f, field[3 * t + 1] = -0.5f, field[3 * t + 2] = 0.25f;
  for (TetId t = 0; t < m->n_tet; t++) csf += m->region[t];
  const VtkArray point = {"potential_V", VTK_FLOAT64, 1, potential}, cell = {"E_V_per_m", VTK_FLOAT32, 3, field};
  path_of("mesh.vtu", path);
  assert_int_equal(vtk_write_mesh(path, m, 1, &point, 1, &cell), 0);
  free(potential), free(field);
  ask_vtk(path, answer);
  assert_close(number_of(answer, "points "), m->n_node, 0.0);
  assert_close(number_of(answer, "cells "), m->n_tet, 0.0);
  assert_close(number_of(answer, "volume "), 1000.0, 1e-9);
  assert_close(number_of(answer, "array point potential_V 1 32768 "), sum, 1e-9 * sum);
  assert_close(number_of(answer, "array cell E_V_per_m 3 178746 "), 0.75 * m->n_tet, 1e-6);
  assert_close(number_of(answer, "array cell region 1 178746 "), csf, 0.0);
  assert_line(answer, "bounds 0.0 10.0 0.0 10.0 0.0 10.0");
  assert_line(answer, "names region_names csf,L1_L_dorsal");
  mesh_destroy(&m);
}

static void lines_and_triangles_are_read(void **state)
{
  static const double xyz[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1};
  static const int64_t offset[] = {0, 2, 5}, point[] = {0, 1, 4, 2, 3};
  static const int32_t tri[][3] = {{0, 2, 1}};
  static const int32_t fiber[] = {7, 8, 9};
  static const char *const class_names[] = {"Ia", "alpha motor"};
  const VtkArray cell = {"fiber", VTK_INT32, 1, fiber};
  const VtkNames names = {"classes", 2, class_names};
  char path[CAUDA_PATH_MAX], answer[8192];
  (void)state;
  path_of("lines.vtp", path);
  assert_int_equal(vtk_write_poly(path, &(VtkPoly){.n_point = 5,
                                                   .xyz = xyz,
                                                   .n_line = 2,
                                                   .line_offset = offset,
                                                   .line_point = point,
                                                   .n_tri = 1,
                                                   .tri = tri,
                                                   .n_cell_data = 1,
                                                   .cell_data = &cell,
                                                   .n_names = 1,
                                                   .names = &names}),
                   0);
  ask_vtk(path, answer);
  assert_line(answer, "points 5");
  assert_line(answer, "cells 3");
  assert_line(answer, "array cell fiber 1 3 24.0");
  assert_line(answer, "names classes Ia,alpha motor");
  path_of("empty.vtp", path);
  assert_int_equal(vtk_write_poly(path, &(VtkPoly){.n_point = 0}), 0);
  ask_vtk(path, answer);
  assert_line(answer, "points 0");
}

static void groups_are_read(void **state)
{
  const BoxPlan plan = {8, 10.0, 2, HALVES, half_of};
  char path[CAUDA_PATH_MAX], answer[8192];
  Mesh *m;
  (void)state;
  assert_int_equal(box_mesh(&plan, &m), 0);
  path_of("groups.vtp", path);
  assert_int_equal(vtk_write_groups(path, m), 0);
  mesh_destroy(&m);
  ask_vtk(path, answer);
  assert_line(answer, "points 9"); /* two by two squares; the return is left out */
  assert_line(answer, "cells 8");
  assert_line(answer, "array cell group 1 8 0.0");
  assert_line(answer, "bounds 2.5 5.0 2.5 5.0 10.0 10.0");
  assert_line(answer, "names group_names C01,case");
}

/* ---- surfaces: a round cord (radius 3 mm) in a round sac (5 mm), and a root that leaves it at an angle ------ */

enum { GRID = 61, SLICES = 21 };

static Root slanted_root(void)
{
  Root r = {.name = "L1_L_dorsal", .segment = "L1", .side = 'L', .n = 30, .entry = 28};
  r.xyz = malloc(3 * 30 * sizeof *r.xyz), r.radius = malloc(30 * sizeof *r.radius);
  for (int i = 0; i < 30; i++) {
    double s = i / 29.0;
    v3_set(r.xyz + 3 * i, -10.0 + 8.5 * s, -2.0 * s * s, -9.0 + 15.0 * s);
    r.radius[i] = 0.4;
  }
  return r;
}

static Anatomy *round_anatomy(double turn)
{
  static const Tissue shown[] = {TISSUE_CSF, TISSUE_WHITE};
  const double origin[3] = {-9, -9, -10}, step[3] = {0.3, 0.3, 1.0};
  const int n[3] = {GRID, GRID, SLICES};
  Anatomy *a;
  assert_int_equal(anatomy_create(&a), 0);
  assert_int_equal(distance_grid_create(n, origin, step, shown, 2, &a->grid), 0);
  for (int i = 0; i < GRID * GRID * SLICES; i++) {
    double r = hypot(origin[0] + step[0] * (i % GRID), origin[1] + step[1] * (i / GRID % GRID));
    a->grid->d[2 * i] = (float)(r - 5.0), a->grid->d[2 * i + 1] = (float)(r - 3.0);
  }
  a->surround = (Surround){.dura_thickness_mm = 0.5, .epidural_fat_mm = 2.0, .bone_mm = 3.0, .body_radius_mm = 40.0};
  a->z_min = -10.0, a->z_max = 10.0;
  a->world = (Rigid){{{cos(turn), -sin(turn), 0, 100.0}, {sin(turn), cos(turn), 0, -50.0}, {0, 0, 1, 700.0}}};
  a->n_root = 1;
  a->root = malloc(sizeof *a->root);
  a->root[0] = slanted_root();
  assert_int_equal(anatomy_finish(a), 0);
  return a;
}

static void assert_surface(const char *answer, int region, double volume, double tolerance)
{
  char key[32];
  long triangles, open_edges, euler;
  double found, smallest;
  snprintf(key, sizeof key, "surface %d ", region);
  assert_int_equal(
      sscanf(line_of(answer, key), "%ld %lf %ld %lf %ld", &triangles, &found, &open_edges, &smallest, &euler), 5);
  assert_int_equal(open_edges, 0);
  assert_int_equal(euler, 2); /* one closed piece without handles */
  assert_true(smallest > 1e-6);
  if (fabs(found - volume) > tolerance * volume) fail_msg("region %d: volume %g, expected %g", region, found, volume);
}

static void surfaces_are_closed_and_hold_their_volume(void **state)
{
  char path[CAUDA_PATH_MAX], answer[8192];
  (void)state;
  Anatomy *a = round_anatomy(0.7);
  const Root *r = &a->root[0];
  double tube = 0.0, radii[] = {10.5, 7.5, 5.5, 5.0, 3.0};
  for (int i = 0; i + 1 < r->n; i++) tube += M_PI * 0.16 * sqrt(v3_distance2(r->xyz + 3 * i, r->xyz + 3 * i + 3));
  tube += 4.0 / 3.0 * M_PI * 0.064; /* its round ends */
  path_of("surfaces.vtp", path);
  assert_int_equal(surfaces_write(a, 0.4, path), 0);
  ask_vtk(path, answer);
  assert_line(answer, "names region_names bone,fat,dura,csf,white,L1_L_dorsal");
  for (int i = 0; i < 5; i++) assert_surface(answer, i, 20.0 * M_PI * radii[i] * radii[i], 0.02);
  assert_surface(answer, 5, tube, 0.12); /* an octagon's worth of a circle */
  anatomy_destroy(&a);
}

static void a_bad_step_is_refused(void **state)
{
  char path[CAUDA_PATH_MAX];
  ErrorRecord e;
  (void)state;
  Anatomy *a = round_anatomy(0.0);
  path_of("surfaces.vtp", path);
  assert_int_equal(error_record_install(&e), 0);
  assert_int_equal(surfaces_write(a, 0.0, path), PETSC_ERR_ARG_OUTOFRANGE);
  assert_int_equal(surfaces_write(a, 0.5, "/nowhere/surfaces.vtp"), PETSC_ERR_FILE_WRITE);
  assert_int_equal(PetscPopErrorHandler(), 0);
  anatomy_destroy(&a);
}

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  char path[CAUDA_PATH_MAX];
  (void)state;
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) path_of(FILES[i], path), unlink(path);
  return rmdir(folder);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mesh_is_read_whole),  cmocka_unit_test(lines_and_triangles_are_read),
      cmocka_unit_test(groups_are_read),       cmocka_unit_test(surfaces_are_closed_and_hold_their_volume),
      cmocka_unit_test(a_bad_step_is_refused),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
  return PetscFinalize() || failed;
}
