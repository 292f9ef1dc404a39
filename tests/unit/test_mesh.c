/* The mesh as a data structure, its neighbours and its quality, on boxes whose answers are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "box_mesh.h"

static const MeshRegion SHELLS[] = {{"csf", TISSUE_CSF}, {"dura", TISSUE_DURA}, {"fat", TISSUE_FAT}};

/* Cubic shells about the middle: csf, dura, fat. */
static int shell_of(const double c[3], double size)
{
  double r = 0.0;
  for (int k = 0; k < 3; k++) r = fmax(r, fabs(c[k] / size - 0.5));
  return r < 0.125 ? 0 : r < 0.25 ? 1 : 2;
}

static const BoxPlan NESTED = {8, 4.0, 3, SHELLS, shell_of};

static Mesh *make(const BoxPlan *plan)
{
  Mesh *m;
  assert_int_equal(box_mesh(plan, &m), 0);
  return m;
}

static PetscErrorCode be_silent(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                                PetscErrorType type, const char *message, void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)type, (void)message, (void)context;
  return code;
}

static void assert_faulty(const Mesh *m)
{
  assert_int_equal(PetscPushErrorHandler(be_silent, NULL), 0);
  assert_int_equal(mesh_check(m), PETSC_ERR_PLIB);
  assert_int_equal(PetscPopErrorHandler(), 0);
}

static void a_sound_mesh_passes(void **state)
{
  (void)state;
  Mesh *m = make(&NESTED);
  assert_int_equal(mesh_check(m), 0);
  assert_int_equal(mesh_find_region(m, "fat"), 2);
  assert_int_equal(mesh_find_region(m, "bone"), -1);
  assert_int_equal(mesh_find_group(m, "case"), 1);
  assert_int_equal(mesh_find_group(m, "C02"), -1);
  mesh_destroy(&m);
  assert_null(m);
  mesh_destroy(&m);
}

static void swap_nodes(NodeId *a, NodeId *b)
{
  NodeId swap = *a;
  *a = *b, *b = swap;
}

static void each_fault_is_found(void **state)
{
  (void)state;
  for (int fault = 0; fault < 8; fault++) {
    Mesh *m = make(&NESTED);
    if (fault == 0) m->tet[7][2] = m->n_node;
    if (fault == 1) m->region[3] = 3;
    if (fault == 2) m->xyz[10] = NAN;
    if (fault == 3) swap_nodes(&m->tet[9][0], &m->tet[9][1]);
    if (fault == 4) memcpy(m->tet[5], m->tet[4], sizeof m->tet[5]);
    if (fault == 5) swap_nodes(&m->tri[2][0], &m->tri[2][1]);
    if (fault == 6) m->tri[2][0] = box_node(8, (int[3]){4, 4, 4});
    if (fault == 7) m->n_tet = 6 * 8 * 8 * 8 / 2;
    assert_faulty(m);
    mesh_destroy(&m);
  }
}

static bool has_node(const NodeId tet[4], NodeId v) { return tet[0] == v || tet[1] == v || tet[2] == v || tet[3] == v; }

/* The slow twin: every pair of tetrahedra. */
static TetId neighbour_by_search(const Mesh *m, TetId t, int f)
{
  for (TetId u = 0; u < m->n_tet; u++) {
    int shared = 0;
    for (int k = 0; k < 3; k++) shared += has_node(m->tet[u], m->tet[t][MESH_FACE[f][k]]);
    if (u != t && shared == 3) return u;
  }
  return -1;
}

static void neighbours_agree_with_a_search(void **state)
{
  (void)state;
  const BoxPlan plan = {4, 1.0, 3, SHELLS, shell_of};
  Mesh *m = make(&plan);
  TetId(*adj)[4];
  assert_int_equal(mesh_neighbours(m, &adj), 0);
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) assert_int_equal(adj[t][f], neighbour_by_search(m, t, f));
  free(adj);
  mesh_destroy(&m);
}

static void quality_of_known_shapes(void **state)
{
  MeshQuality *q;
  (void)state;
  Mesh *m = make(&NESTED);
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_close(q->dihedral_min_deg, 45.0, 1e-4);
  assert_close(q->dihedral_max_deg, 90.0, 1e-4);
  assert_close(q->dihedral_below_5_percent, 0.0, 0.0);
  assert_int_equal(q->inverted, 0);
  assert_int_equal(q->leaks, 0);
  assert_close(q->regions[0].volume_mm3, 1.0, 1e-12);
  assert_close(q->regions[1].volume_mm3, 7.0, 1e-12);
  assert_close(q->regions[2].volume_mm3, 56.0, 1e-11);
  for (int r = 0; r < 3; r++) assert_int_equal(q->regions[r].pieces, 1);
  assert_int_equal(q->n_contact, 1);
  assert_string_equal(q->contact_name[0], "C01");
  assert_close(q->contact_area_mm2[0], 1.0, 1e-12);
  mesh_quality_destroy(&q);
  mesh_destroy(&m);
}

/* Checks pieces and leaks against what was done to the mesh. */
static void holes_and_crumbs_are_counted(void **state)
{
  MeshQuality *q;
  (void)state;
  Mesh *m = make(&NESTED);
  m->region[0] = 0; /* a crumb of csf in a corner of the fat: three faces of it touch fat */
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_int_equal(q->regions[0].pieces, 2);
  assert_int_equal(q->leaks, 3);
  mesh_quality_destroy(&q);
  for (TetId t = 0; t < m->n_tet; t++)
    if (m->region[t] == 1) m->region[t] = 2; /* no dura at all: every face of the csf leaks: 6 sides of 2 x 2 x 2 */
  m->region[0] = 2;
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_int_equal(q->leaks, 6 * 8);
  mesh_quality_destroy(&q);
  swap_nodes(&m->tet[1][0], &m->tet[1][1]);
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_int_equal(q->inverted, 1);
  mesh_quality_destroy(&q);
  mesh_destroy(&m);
}

/* A tetrahedron flattened to height h has dihedral angles of about h. */
static void slivers_are_seen(void **state)
{
  MeshQuality *q;
  const MeshRegion white = {"white", TISSUE_WHITE};
  const BoxPlan plan = {1, 1.0, 1, &white, NULL};
  (void)state;
  Mesh *m = make(&plan);
  for (NodeId i = 0; i < m->n_node; i++) m->xyz[3 * (size_t)i + 2] *= 0.01;
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_close(q->dihedral_min_deg, atan(0.01) * 180.0 / M_PI, 1e-6);
  assert_true(q->dihedral_below_5_percent > 10.0);
  mesh_quality_destroy(&q);
  mesh_destroy(&m);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sound_mesh_passes),
      cmocka_unit_test(each_fault_is_found),
      cmocka_unit_test(neighbours_agree_with_a_search),
      cmocka_unit_test(quality_of_known_shapes),
      cmocka_unit_test(holes_and_crumbs_are_counted),
      cmocka_unit_test(slivers_are_seen),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
