/* Points set into tetrahedra: what comes out fills the same space, is Delaunay, and is the same by any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../mesh/drop.h"
#include "../../mesh/hull.h"
#include "../../mesh/insert.h"
#include "../../mesh/predicates.h"

enum { CORNERS = 8 };
static const double SIDE_MM = 20.0;

/* A cube's corners, then random points within, the nearer to the middle the denser; the last ones repeat earlier ones. */
static PointStore *points(int n, int repeated)
{
  PointStore *s;
  Rng r = rng_seed(1, 5);
  assert_int_equal(point_store_create(&s), 0);
  for (int i = 0; i < CORNERS + n; i++) {
    SamplePoint p = {.edge = 0.5, .on = IN_VOLUME};
    for (int k = 0; k < 3; k++) {
      const double u = 2.0 * rng_uniform(&r) - 1.0;
      p.p[k] = i < CORNERS ? (i >> k & 1 ? SIDE_MM : 0.0) : 0.5 * SIDE_MM * (1.0 + 0.99 * u * fabs(u));
    }
    if (i >= CORNERS + n - repeated) p = *point_store_at(s, i - repeated);
    assert_int_equal(point_store_add(s, &p), 0);
  }
  return s;
}

static TetMesh *filled(const PointStore *s, int threads, int *left)
{
  const int n = (int)point_store_count(s) - CORNERS;
  int64_t *sample;
  TetMesh *m;
  Team *team;
  FillInput in = {.n_point = CORNERS};
  FillOutput out;
  assert_int_equal(mem_alloc((size_t)n, sizeof *sample, &sample), 0);
  double xyz[CORNERS][3];
  for (int i = 0; i < CORNERS; i++) v3_copy(point_store_at(s, i)->p, xyz[i]);
  for (int i = 0; i < n; i++) sample[i] = CORNERS + i;
  in.xyz = xyz[0];
  assert_int_equal(fill_with_tetgen(&in, &out), 0);
  assert_int_equal(tet_mesh_create(&out, s, &m), 0);
  assert_int_equal(team_create(threads, &team), 0);
  assert_int_equal(insert_points(m, s, sample, n, team, left), 0);
  team_destroy(&team);
  free(sample);
  return m;
}

static void assert_delaunay(const TetMesh *m)
{
  double volume = 0.0;
  for (int t = 0; t < m->n_tet; t++) {
    const int *v = m->tet[t];
    if (!tet_alive(m, t)) continue;
    assert_int_equal(side_of_plane(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]), 1);
    volume += v3_volume6(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]) / 6.0;
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[t][f];
      int back = 0;
      for (int g = 0; u >= 0 && g < 4; g++) {
        if (m->adj[u][g] != t) continue;
        back++;
        assert_true(side_of_sphere(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]], m->x[m->tet[u][g]]) <= 0);
      }
      assert_int_equal(back, u >= 0);
    }
  }
  assert_true(fabs(volume / (SIDE_MM * SIDE_MM * SIDE_MM) - 1.0) < 1e-10);
}

static void few_points(void **state)
{
  PointStore *s = points(500, 20);
  int left;
  (void)state;
  TetMesh *m = filled(s, 1, &left);
  assert_int_equal(left, 20); /* what stands on others is left out */
  assert_delaunay(m);
  tet_mesh_destroy(&m);
  point_store_destroy(&s);
}

static void threads_do_not_matter(void **state)
{
  PointStore *s = points(30000, 0);
  int left;
  (void)state;
  TetMesh *m = filled(s, 1, &left), *again = filled(s, 3, &left);
  assert_int_equal(left, 0);
  assert_delaunay(m);
  assert_int_equal(m->n_tet, again->n_tet);
  assert_memory_equal(m->tet, again->tet, (size_t)m->n_tet * sizeof *m->tet);
  assert_memory_equal(m->adj, again->adj, (size_t)m->n_tet * sizeof *m->adj);
  for (int p = 0; p < m->n_point; p++) assert_true(m->tet_of[p] >= 0);
  tet_mesh_destroy(&m), tet_mesh_destroy(&again);
  point_store_destroy(&s);
}

/* Where floating point cannot tell: points of a lattice, on common planes and spheres. */
static void lattices_are_told_exactly(void **state)
{
  (void)state;
  exact_begin();
  const double at = 1.0 / 3.0, h = 0.1, a[3] = {at, at, at}, b[3] = {at + h, at, at}, c[3] = {at, at + h, at},
               d[3] = {at, at, at + h}, in[3] = {at + h / 2, at + h / 2, at + h / 2}, far[3] = {at + 9, at, at};
  assert_int_equal(side_of_plane(a, b, c, d), 1);
  assert_int_equal(side_of_plane(a, c, b, d), -1);
  assert_int_equal(side_of_plane(a, b, c, far), 0);
  assert_int_equal(side_of_sphere(a, b, c, d, in), 1);
  assert_int_equal(side_of_sphere(a, b, c, d, far), -1);
  assert_int_equal(side_of_sphere(a, b, c, d, b), 0);
}

static double volume_of(const TetMesh *m)
{
  double volume = 0.0;
  for (int t = 0; t < m->n_tet; t++) {
    const int *v = m->tet[t];
    if (!tet_alive(m, t)) continue;
    const double six = v3_volume6(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]);
    assert_true(six > 0.0);
    volume += six / 6.0;
  }
  return volume;
}

/* Every tenth point goes, but for a few about which no neighbour sees all; what is left fills the same cube, and takes new
 * points. */
static void dropped_points_leave_the_mesh(void **state)
{
  enum { POINTS = 2000 };
  PointStore *s = points(POINTS, 0);
  int left, stayed = 0;
  int64_t more[2];
  Team *team;
  (void)state;
  TetMesh *m = filled(s, 1, &left);
  for (int i = CORNERS; i < CORNERS + POINTS; i += 10) point_store_drop(s, i);
  assert_int_equal(drop_points(m, s), 0);
  assert_true(fabs(volume_of(m) / (SIDE_MM * SIDE_MM * SIDE_MM) - 1.0) < 1e-10);
  for (int p = 0; p < m->n_point; p++) {
    const bool dropped = m->sample[p] >= CORNERS && (m->sample[p] - CORNERS) % 10 == 0;
    assert_true(dropped || m->tet_of[p] >= 0);
    stayed += dropped && m->tet_of[p] >= 0;
  }
  assert_in_range(stayed, 0, POINTS / 10 / 5);
  for (int i = 0; i < 2; i++) {
    SamplePoint p = {.edge = 0.5, .on = IN_VOLUME, .p = {3.0 + i, 4.0, 5.0}};
    assert_int_equal(point_store_add(s, &p), 0);
    more[i] = point_store_count(s) - 1;
  }
  assert_int_equal(team_create(1, &team), 0);
  assert_int_equal(insert_points(m, s, more, 2, team, &left), 0);
  assert_int_equal(left, 0);
  assert_true(fabs(volume_of(m) / (SIDE_MM * SIDE_MM * SIDE_MM) - 1.0) < 1e-10);
  team_destroy(&team);
  tet_mesh_destroy(&m);
  point_store_destroy(&s);
}

/* Two tetrahedra that meet in one point: as the one on the hull goes, the point is still found in the other. */
static void peeling_leaves_every_point_its_tetrahedra(void **state)
{
  static const double at[7][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}};
  static const int corner[2][4] = {{0, 4, 5, 6}, {0, 1, 2, 3}};
  PointStore *s;
  TetMesh *m;
  FillOutput fill = {.n_point = 7, .n_tet = 2};
  (void)state;
  assert_int_equal(point_store_create(&s), 0);
  assert_int_equal(mem_alloc(7, sizeof at[0], &fill.xyz), 0);
  assert_int_equal(mem_alloc(2, sizeof corner[0], &fill.tet), 0);
  memcpy(fill.xyz, at, sizeof at), memcpy(fill.tet, corner, sizeof corner);
  for (int i = 0; i < 7; i++) {
    SamplePoint p = {.edge = 0.5, .on = i < 4 ? TISSUE_BODY : IN_VOLUME};
    v3_copy(at[i], p.p);
    assert_int_equal(point_store_add(s, &p), 0);
  }
  assert_int_equal(tet_mesh_create(&fill, s, &m), 0);
  assert_int_equal(m->tet_of[0], 1);
  assert_int_equal(hull_peel(m), 0);
  assert_false(tet_alive(m, 1));
  assert_int_equal(m->tet_of[0], 0);
  assert_int_equal(m->tet_of[1], -1);
  tet_mesh_destroy(&m);
  point_store_destroy(&s);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lattices_are_told_exactly),
      cmocka_unit_test(few_points),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(dropped_points_leave_the_mesh),
      cmocka_unit_test(peeling_leaves_every_point_its_tetrahedra),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
