/* Point location against a search through all tetrahedra, on a distorted box with a hole in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "box_mesh.h"

enum { N = 6, N_POINT = 3000 };

static const MeshRegion WHITE = {"white", TISSUE_WHITE};

/* Inner nodes moved about by up to 15 % of an edge, the whole moved far from the origin, the middle taken out. */
static Mesh *distorted(double shift)
{
  const BoxPlan plan = {N, 12.0, 1, &WHITE, NULL};
  Rng r = rng_seed(5, 0);
  Mesh *m;
  TetId kept = 0;
  assert_int_equal(box_mesh(&plan, &m), 0);
  for (TetId t = 0; t < m->n_tet; t++) {
    double c[3], away = 0.0;
    box_centroid(m, m->tet[t], 4, c);
    for (int k = 0; k < 3; k++) away = fmax(away, fabs(c[k] - 6.0));
    if (away > 2.0) memmove(m->tet[kept++], m->tet[t], sizeof *m->tet);
  }
  m->n_tet = kept;
  for (NodeId i = 0; i < m->n_node; i++)
    for (int k = 0; k < 3; k++) {
      double *x = &m->xyz[3 * (size_t)i + k];
      if (*x > 0.0 && *x < 12.0) *x += 0.6 * (rng_uniform(&r) - 0.5);
      *x += shift;
    }
  return m;
}

static void weights(const Mesh *m, TetId t, const double p[3], double w[4])
{
  const double *x[4];
  for (int k = 0; k < 4; k++) x[k] = m->xyz + 3 * (size_t)m->tet[t][k];
  double all = v3_volume6(x[0], x[1], x[2], x[3]);
  w[0] = v3_volume6(p, x[1], x[2], x[3]) / all, w[1] = v3_volume6(x[0], p, x[2], x[3]) / all;
  w[2] = v3_volume6(x[0], x[1], p, x[3]) / all, w[3] = v3_volume6(x[0], x[1], x[2], p) / all;
}

/* The slow twin. */
static TetId locate_by_search(const Mesh *m, const double p[3])
{
  for (TetId t = 0; t < m->n_tet; t++) {
    double w[4];
    weights(m, t, p, w);
    if (w[0] >= 0.0 && w[1] >= 0.0 && w[2] >= 0.0 && w[3] >= 0.0) return t;
  }
  return -1;
}

static MeshLocator *locator_of(const Mesh *m)
{
  MeshLocator *l;
  assert_int_equal(mesh_locator_create(m, &l), 0);
  return l;
}

static void random_points_agree_with_a_search(void **state)
{
  (void)state;
  for (int far = 0; far < 2; far++) {
    double shift = far ? -500.0 : 0.0;
    Mesh *m = distorted(shift);
    MeshLocator *l = locator_of(m);
    Rng r = rng_seed(1, 0);
    for (int i = 0; i < N_POINT; i++) {
      double p[3], w[4], v[4];
      for (int k = 0; k < 3; k++) p[k] = shift - 1.0 + 14.0 * rng_uniform(&r);
      TetId expected = locate_by_search(m, p), hint = (TetId)(rng_uniform(&r) * m->n_tet);
      assert_int_equal(mesh_locate(l, p, -1, w), expected);
      assert_int_equal(mesh_locate(l, p, hint, w), expected);
      if (expected < 0) continue;
      weights(m, expected, p, v);
      for (int k = 0; k < 4; k++) assert_close(w[k], v[k], 1e-9);
      assert_close(w[0] + w[1] + w[2] + w[3], 1.0, 1e-14);
    }
    mesh_locator_destroy(&l);
    mesh_destroy(&m);
  }
}

static void interpolation_is_exact(const Mesh *m, TetId t, const double p[3], const double w[4])
{
  double x[3] = {0, 0, 0};
  assert_true(t >= 0);
  for (int k = 0; k < 4; k++) v3_axpy(x, w[k], m->xyz + 3 * (size_t)m->tet[t][k], x);
  assert_true(sqrt(v3_distance2(x, p)) < 1e-10);
}

/* Points on nodes, edges, faces, and inside each tetrahedron next to its corners. */
static void points_on_the_skeleton_are_found(void **state)
{
  (void)state;
  Mesh *m = distorted(-431.7);
  MeshLocator *l = locator_of(m);
  for (TetId t = 0; t < m->n_tet; t++)
    for (int corners = 1; corners <= 4; corners++) {
      double p[3], w[4];
      box_centroid(m, m->tet[t], corners, p);
      interpolation_is_exact(m, mesh_locate(l, p, -1, w), p, w);
      interpolation_is_exact(m, mesh_locate(l, p, (t + 37) % m->n_tet, w), p, w);
    }
  mesh_locator_destroy(&l);
  mesh_destroy(&m);
}

static void the_tolerance_is_what_it_says(void **state)
{
  (void)state;
  Mesh *m = distorted(0.0);
  MeshLocator *l = locator_of(m);
  double w[4];
  for (int k = 0; k < 3; k++) {
    double p[3] = {5.1, 4.3, 3.7};
    p[k] = 12.0 + 1e-12;
    assert_true(mesh_locate(l, p, -1, w) >= 0);
    p[k] = 12.0 + 1e-7;
    assert_int_equal(mesh_locate(l, p, -1, w), -1);
    assert_int_equal(mesh_locate(l, p, 0, w), -1);
  }
  assert_int_equal(mesh_locate(l, (double[3]){NAN, 1.0, 1.0}, 3, w), -1);
  assert_int_equal(mesh_locate(l, (double[3]){HUGE_VAL, 1.0, 1.0}, -1, w), -1);
  assert_int_equal(mesh_locate(l, (double[3]){6.0, 6.0, 6.0}, -1, w), -1); /* the hole */
  mesh_locator_destroy(&l);
  mesh_destroy(&m);
}

static void one_tetrahedron_is_enough(void **state)
{
  const BoxPlan plan = {1, 1.0, 1, &WHITE, NULL};
  double w[4];
  Mesh *m;
  (void)state;
  assert_int_equal(box_mesh(&plan, &m), 0);
  m->n_tet = 1;
  MeshLocator *l = locator_of(m);
  assert_int_equal(mesh_locate(l, (double[3]){0.6, 0.4, 0.2}, -1, w), 0);
  assert_int_equal(mesh_locate(l, (double[3]){0.2, 0.4, 0.6}, -1, w), -1);
  mesh_locator_destroy(&l);
  assert_null(l);
  mesh_destroy(&m);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_points_agree_with_a_search),
      cmocka_unit_test(points_on_the_skeleton_are_found),
      cmocka_unit_test(the_tolerance_is_what_it_says),
      cmocka_unit_test(one_tetrahedron_is_enough),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
