/* All tetrahedra looked at by threads, beside one thread that looks at one after the other: pieces of regions, and searches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../mesh/pieces.h"
#include "../../mesh/tet_where.h"

enum { N_POINT = 12000 };
static const double SIDE_MM = 20.0;

/* Random points in a cube, tetrahedra between them; with regions in blocks of 5 mm that touch at edges, and crumbs. */
static TetMesh *blocks(void)
{
  static double xyz[N_POINT][3];
  PointStore *s;
  TetMesh *m;
  FillOutput out;
  Rng r = rng_seed(2, 7);
  assert_int_equal(point_store_create(&s), 0);
  for (int i = 0; i < N_POINT; i++) {
    SamplePoint p = {.edge = 0.5, .on = IN_VOLUME, .region = (int16_t)(i % 3)};
    for (int k = 0; k < 3; k++) xyz[i][k] = p.p[k] = SIDE_MM * rng_uniform(&r);
    assert_int_equal(point_store_add(s, &p), 0);
  }
  const FillInput in = {.n_point = N_POINT, .xyz = xyz[0]};
  assert_int_equal(fill_with_tetgen(&in, &out), 0);
  assert_int_equal(tet_mesh_create(&out, s, &m), 0);
  point_store_destroy(&s);
  for (int t = 0; t < m->n_tet; t++) {
    double c[3];
    tet_centroid(m, t, c);
    const int block = (int)(c[0] / 5.0) + (int)(c[1] / 5.0) + (int)(c[2] / 5.0);
    m->region[t] = (int16_t)(rng_uniform(&r) < 0.02 ? 2 : block % 2);
  }
  for (int t = 0; t < m->n_tet; t += 97) assert_int_equal(tet_mesh_remove(m, t), 0);
  return m;
}

/* Floods one piece after the other. */
static int flood(const TetMesh *m, int *of)
{
  int *queue, n = 0;
  assert_int_equal(mem_alloc((size_t)m->n_tet, sizeof *queue, &queue), 0);
  memset(of, 0xff, (size_t)m->n_tet * sizeof *of);
  for (int seed = 0; seed < m->n_tet; seed++) {
    int end = 0;
    if (!tet_alive(m, seed) || of[seed] >= 0) continue;
    queue[end++] = seed, of[seed] = n;
    for (int at = 0; at < end; at++)
      for (int f = 0; f < 4; f++) {
        const int u = m->adj[queue[at]][f];
        if (u >= 0 && of[u] < 0 && m->region[u] == m->region[seed]) of[u] = n, queue[end++] = u;
      }
    n++;
  }
  free(queue);
  return n;
}

static void assert_same_pieces(const TetMesh *m, const Pieces *p, const int *of, int n)
{
  double *volume;
  assert_int_equal(p->n, n);
  assert_int_equal(mem_alloc((size_t)n, sizeof *volume, &volume), 0);
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    assert_int_equal(p->of[t], of[t]);
    assert_int_equal(p->list[of[t]].region, m->region[t]);
    volume[of[t]] += v3_volume6(m->x[m->tet[t][0]], m->x[m->tet[t][1]], m->x[m->tet[t][2]], m->x[m->tet[t][3]]) / 6.0;
  }
  for (int i = 0; i < n; i++)
    assert_true(p->list[i].n > PIECE_LARGE || fabs(p->list[i].volume - volume[i]) < 1e-9 * SIDE_MM);
  free(volume);
}

static void pieces_are_those_of_a_flood(void **state)
{
  TetMesh *m = blocks();
  int *of;
  (void)state;
  assert_true(stretch_count(m) > 4);
  assert_int_equal(mem_alloc((size_t)m->n_tet, sizeof *of, &of), 0);
  const int n = flood(m, of);
  assert_true(n > 100);
  for (int threads = 1; threads <= 3; threads++) {
    Team *team;
    Pieces p;
    assert_int_equal(team_create(threads, &team), 0);
    assert_int_equal(pieces_find(m, team, &p), 0);
    assert_same_pieces(m, &p, of, n);
    pieces_free(&p);
    team_destroy(&team);
  }
  free(of);
  tet_mesh_destroy(&m);
}

static bool has_region(const void *context, const TetMesh *m, int t)
{
  return m->region[t] == *(const int16_t *)context;
}

static void searches_find_all_in_order(void **state)
{
  TetMesh *m = blocks();
  Team *team;
  const int16_t wanted = 2;
  int n, *list, at = 0;
  (void)state;
  assert_int_equal(team_create(3, &team), 0);
  assert_int_equal(tet_where(m, team, has_region, &wanted, &n, &list), 0);
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t) || m->region[t] != wanted) continue;
    assert_true(at < n);
    assert_int_equal(list[at++], t);
  }
  assert_int_equal(at, n);
  free(list);
  team_destroy(&team);
  tet_mesh_destroy(&m);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pieces_are_those_of_a_flood),
      cmocka_unit_test(searches_find_all_in_order),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
