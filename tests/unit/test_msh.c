/* .msh files: what is written is read back number by number; files from elsewhere are read or refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "box_mesh.h"

#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/cauda-test-msh-XXXXXX";

static const MeshRegion MIXED[] = {{"fat", TISSUE_FAT},
                                   {"dura", TISSUE_DURA},
                                   {"csf", TISSUE_CSF},
                                   {"S2_R_ventral", TISSUE_ROOT},
                                   {"L1_L_dorsal", TISSUE_ROOT}};

/* Regions in stripes that do not follow the order of the tetrahedra; region 3 stays empty. */
static int stripe_of(const double c[3], double size)
{
  int stripe = (int)(7.0 * c[0] / size + 3.0 * c[2] / size) % 4;
  return stripe == 3 ? 4 : stripe;
}

static void path_of(const char *name, char path[CAUDA_PATH_MAX])
{
  snprintf(path, CAUDA_PATH_MAX, "%s/%s", folder, name);
}

static void same_bytes(const void *a, const void *b, size_t n) { assert_memory_equal(a, b, n); }

static void assert_same(const Mesh *a, const Mesh *b)
{
  assert_int_equal(a->n_node, b->n_node);
  assert_int_equal(a->n_tet, b->n_tet);
  assert_int_equal(a->n_tri, b->n_tri);
  assert_int_equal(a->n_region, b->n_region);
  assert_int_equal(a->n_group, b->n_group);
  same_bytes(a->xyz, b->xyz, 3 * (size_t)a->n_node * sizeof *a->xyz);
  same_bytes(a->tet, b->tet, (size_t)a->n_tet * sizeof *a->tet);
  same_bytes(a->region, b->region, (size_t)a->n_tet * sizeof *a->region);
  same_bytes(a->tri, b->tri, (size_t)a->n_tri * sizeof *a->tri);
  same_bytes(a->group, b->group, (size_t)a->n_tri * sizeof *a->group);
  for (int i = 0; i < a->n_region; i++) {
    assert_string_equal(a->regions[i].name, b->regions[i].name);
    assert_int_equal(a->regions[i].tissue, b->regions[i].tissue);
  }
  for (int i = 0; i < a->n_group; i++) {
    assert_string_equal(a->groups[i].name, b->groups[i].name);
    assert_int_equal(a->groups[i].kind, b->groups[i].kind);
  }
}

static void a_round_trip_changes_nothing(void **state)
{
  const BoxPlan plan = {9, 30.0, 5, MIXED, stripe_of};
  char path[CAUDA_PATH_MAX];
  Mesh *m, *again;
  (void)state;
  path_of("box.msh", path);
  assert_int_equal(box_mesh(&plan, &m), 0);
  for (NodeId i = 0; i < m->n_node; i++) m->xyz[3 * (size_t)i] += 0.1 / (3.0 + i); /* digits that decimals would lose */
  assert_int_equal(mesh_write_msh(m, path), 0);
  assert_int_equal(mesh_read_msh(path, &again), 0);
  assert_same(m, again);
  mesh_destroy(&m), mesh_destroy(&again);
}

/* ---- files from elsewhere: two tetrahedra on a common face ----------------------------------------------- */

static const char GOOD_2[] =
    "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n"
    "$PhysicalNames\n4\n3 1 \"cord\"\n3 2 \"L1_L\"\n2 3 \"C01\"\n2 4 \"case\"\n$EndPhysicalNames\n"
    "$Nodes\n6\n10 0 0 0\n20 10 0 0\n30 0 10 0\n40 0 0 10\n50 10 10 10\n60 7 7 7\n$EndNodes\n"
    "$Elements\n4\n1 4 2 1 1 10 20 30 40\n2 4 2 2 2 20 30 40 50\n"
    "3 2 2 3 3 10 20 30\n4 2 2 4 4 50 30 20\n$EndElements\n";

static const char GOOD_4[] = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n"
                             "$PhysicalNames\n2\n2 3 \"C01\"\n3 1 \"csf\"\n$EndPhysicalNames\n"
                             "$Entities\n0 0 1 1\n7 0 0 0 10 10 0 1 3 0\n5 0 0 0 10 10 10 1 1 0\n$EndEntities\n"
                             "$Nodes\n1 4 1 4\n3 5 0 4\n1\n2\n3\n4\n0 0 0\n10 0 0\n0 10 0\n0 0 10\n$EndNodes\n"
                             "$Elements\n2 2 1 2\n2 7 2 1\n1 1 3 2\n3 5 4 1\n2 1 2 3 4\n$EndElements\n";

static const char TWO_GROUPS[] =
    "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$PhysicalNames\n2\n3 1 \"csf\"\n3 2 \"fat\"\n$EndPhysicalNames\n"
    "$Entities\n0 0 0 1\n5 0 0 0 10 10 10 2 1 2 0\n$EndEntities\n"
    "$Nodes\n1 4 1 4\n3 5 0 4\n1\n2\n3\n4\n0 0 0\n10 0 0\n0 10 0\n0 0 10\n$EndNodes\n"
    "$Elements\n1 1 2 2\n3 5 4 1\n2 1 2 3 4\n$EndElements\n";

/* Writes `text` with the first `from` replaced by `to` and reads it as a mesh. */
static PetscErrorCode read_text(const char *text, const char *from, const char *to, Mesh **m)
{
  char path[CAUDA_PATH_MAX];
  path_of("other.msh", path);
  FILE *s = fopen(path, "w");
  assert_non_null(s);
  const char *at = from ? strstr(text, from) : NULL;
  assert_true(!from || at);
  if (at)
    fprintf(s, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  else
    fputs(text, s);
  fclose(s);
  return mesh_read_msh(path, m);
}

static void files_from_elsewhere_are_read(void **state)
{
  Mesh *m;
  (void)state;
  assert_int_equal(read_text(GOOD_2, NULL, NULL, &m), 0);
  assert_int_equal(m->n_node, 5); /* node 60 is used by no tetrahedron */
  assert_int_equal(m->n_tet, 2);
  assert_string_equal(m->regions[m->region[0]].name, "white");
  assert_string_equal(m->regions[m->region[1]].name, "L1_L");
  assert_int_equal(m->regions[m->region[1]].tissue, TISSUE_ROOT);
  assert_int_equal(m->groups[m->group[1]].kind, GROUP_RETURN);
  assert_int_equal(mesh_check(m), 0);
  assert_close(mesh_tet_volume(m, 0), 1000.0 / 6.0, 1e-9);
  assert_close(mesh_tri_area(m, 0), 50.0, 1e-9);
  mesh_destroy(&m);
  assert_int_equal(read_text(GOOD_2, "10 20 30 40", "20 10 30 40", &m), 0); /* inverted */
  assert_int_equal(mesh_check(m), 0);
  mesh_destroy(&m);
  assert_int_equal(read_text(GOOD_4, NULL, NULL, &m), 0);
  assert_int_equal(mesh_check(m), 0);
  assert_string_equal(m->regions[0].name, "csf");
  assert_string_equal(m->groups[0].name, "C01");
  mesh_destroy(&m);
}

static void assert_refused(const char *text, const char *from, const char *to, const char *words)
{
  ErrorRecord e;
  Mesh *m;
  assert_int_equal(error_record_install(&e), 0);
  assert_int_equal(read_text(text, from, to, &m), PETSC_ERR_USER_INPUT);
  assert_int_equal(PetscPopErrorHandler(), 0);
  assert_null(m);
  if (!strstr(e.message, words)) fail_msg("\"%s\" does not say \"%s\"", e.message, words);
}

static void bad_files_are_refused_in_words(void **state)
{
  (void)state;
  assert_refused("solid cube\n", NULL, NULL, "is not a Gmsh mesh");
  assert_refused(GOOD_2, "2.2 0", "1.7 0", "expected 2.2 or 4.1");
  assert_refused(GOOD_2, "3 1 \"cord\"\n3 2 \"L1_L\"", "1 1 \"a\"\n1 2 \"b\"", "volume groups 1, 2 have no name");
  assert_refused(GOOD_2, "\"cord\"", "\"liver\"", "\"liver\" is no tissue");
  assert_refused(GOOD_2, "\"C01\"", "\"patch\"", "\"patch\" is not known");
  assert_refused(GOOD_2, "2 3 \"C01\"", "1 3 \"C01\"", "surface groups 3 have no name");
  assert_refused(GOOD_2, "4 2 2 2 20 30 40 50", "4 2 2 2 20 30 40 70", "70");
  assert_refused(GOOD_2, "20 30 40 50", "20 30 40 20", "has the volume 0");
  assert_refused(GOOD_2, "20 30 40 50", "20 30 40 60", "is no face of a tetrahedron");
  assert_refused(GOOD_2, "20 30 40 50", "20 30 40 10", "same side");
  assert_refused(GOOD_2, "3 2 2 3 3 10 20 30", "3 2 2 3 3 20 30 40", "between two tetrahedra");
  assert_refused(GOOD_2, "1 4 2 1 1 10 20 30 40", "1 4 2 0 1 10 20 30 40", "volumes 1 belong to no physical group");
  assert_refused(GOOD_4, "5 0 0 0 10 10 10 1 1 0", "5 0 0 0 10 10 10 2 1 2 0", "have no name");
  assert_refused(GOOD_2, "4 2 2 4 4 50 30 20", "4 2 2 4 4 50 30", "");
  assert_refused("$MeshFormat\n2.2 0 8\n$EndMeshFormat\n", NULL, NULL, "no volume mesh");
}

static void second_order_is_refused(void **state)
{
  static const char TEXT[] = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n3 1 \"csf\"\n$EndPhysicalNames\n"
                             "$Nodes\n10\n1 0 0 0\n2 2 0 0\n3 0 2 0\n4 0 0 2\n5 1 0 0\n6 1 1 0\n7 0 1 0\n8 0 0 1\n"
                             "9 0 1 1\n10 1 0 1\n$EndNodes\n"
                             "$Elements\n1\n1 11 2 1 1 1 2 3 4 5 6 7 8 9 10\n$EndElements\n";
  (void)state;
  assert_refused(TEXT, NULL, NULL, "of order 2, expected tetrahedra of order 1");
}

static void a_tetrahedron_in_two_groups_is_refused(void **state)
{
  (void)state;
  assert_refused(TWO_GROUPS, NULL, NULL, "element 2 is in two groups");
}

static void a_missing_file_is_told(void **state)
{
  ErrorRecord e;
  Mesh *m;
  (void)state;
  assert_int_equal(error_record_install(&e), 0);
  assert_int_equal(mesh_read_msh("/nowhere/x.msh", &m), PETSC_ERR_FILE_OPEN);
  assert_int_equal(PetscPopErrorHandler(), 0);
  assert_non_null(strstr(e.message, "/nowhere/x.msh"));
}

static void the_public_sphere_has_no_names(void **state)
{
  const char *shared = getenv("CAUDA_SHARED");
  char path[CAUDA_PATH_MAX];
  ErrorRecord e;
  Mesh *m;
  (void)state;
  snprintf(path, sizeof path, "%s/data/fem/sphere3.msh", shared ? shared : "../shared");
  if (!file_exists(path)) {
    print_message("%s is absent: skipped\n", path);
    skip();
  }
  assert_int_equal(error_record_install(&e), 0);
  assert_int_equal(mesh_read_msh(path, &m), PETSC_ERR_USER_INPUT);
  assert_int_equal(PetscPopErrorHandler(), 0);
  assert_non_null(strstr(e.message, "3, 4, 5 have no name"));
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
  path_of("box.msh", path), unlink(path);
  path_of("other.msh", path), unlink(path);
  return rmdir(folder);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_round_trip_changes_nothing),           cmocka_unit_test(files_from_elsewhere_are_read),
      cmocka_unit_test(bad_files_are_refused_in_words),         cmocka_unit_test(second_order_is_refused),
      cmocka_unit_test(a_tetrahedron_in_two_groups_is_refused), cmocka_unit_test(a_missing_file_is_told),
      cmocka_unit_test(the_public_sphere_has_no_names),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
  return PetscFinalize() || failed;
}
