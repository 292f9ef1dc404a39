/* The mesher, on a scene whose sizes are known: everything whole, tagged, of the right volume, and the same each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../mesh/improve_flip.h"
#include "../../mesh/lead_pose.h"
#include "../../mesh/lead_surface.h"
#include "cauda/team.h"
#include "scene_fixture.h"

typedef struct {
  Case c;
  CasePaddle paddle;
  Anatomy *a;
  LeadContact contact[2];
  LeadModel m;
  Scene *s;
} Fixture;

static void make_scene_with_scar(bool roots, int lead, double scar_mm, Fixture *f)
{
  memset(f, 0, sizeof *f);
  static double point[3] = {0, -7.3, 8};
  fixture_case(&f->c);
  assert_int_equal(fixture_anatomy(roots, &f->a), 0);
  fixture_lead(lead == 2, f->contact, &f->m);
  f->c.paddle = &f->paddle;
  f->paddle.at.point_mm = point, f->paddle.at.n_point_mm = 3;
  f->paddle.encapsulation_mm = scar_mm;
  assert_int_equal(scene_create(&f->c, f->a, lead ? &f->m : NULL, &f->s), 0);
}

static void make_scene(bool roots, int lead, Fixture *f) { make_scene_with_scar(roots, lead, 0.0, f); }

static void drop_scene(Fixture *f)
{
  scene_destroy(&f->s);
  anatomy_destroy(&f->a);
}

static void check_whole(const Scene *s, const Mesh *m, double contact_mm2)
{
  MeshQuality *q = NULL;
  double *shape = NULL;
  assert_int_equal(mesh_check(m), 0);
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_int_equal(scene_shape_volumes(s, &shape), 0);
  assert_int_equal(q->leaks, 0);
  assert_int_equal(q->pinholes, 0);
  assert_int_equal(q->inverted, 0);
  assert_true(q->dihedral_min_deg > 1.0);
  assert_true(q->dihedral_below_5_percent < 0.1);
  for (int i = 0; i < q->n_region; i++) {
    const RegionQuality *r = &q->regions[i];
    const Tissue t = tissue_from_name(r->name);
    const int at = t < TISSUE_COUNT ? (int)t : TISSUE_ROOT + anatomy_find_root(s->anatomy, r->name);
    assert_int_equal(r->pieces, 1);
    if (fabs(r->volume_mm3 / shape[at] - 1.0) > 0.02)
      fail_msg("%s: %g mm3 in the mesh, %g in the shape", r->name, r->volume_mm3, shape[at]);
  }
  for (int i = 0; i < q->n_contact; i++) assert_true(fabs(q->contact_area_mm2[i] / contact_mm2 - 1.0) < 0.005);
  free(shape);
  mesh_quality_destroy(&q);
}

static void a_paddle_on_a_sac(void **state)
{
  Fixture f;
  Mesh *m = NULL, *again = NULL;
  (void)state;
  make_scene(true, 1, &f);
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  check_whole(f.s, m, 4.5);
  assert_int_equal(m->n_region, 8); /* six tissues and two roots */
  assert_int_equal(m->n_group, 4);
  double n_node, n_tet;
  assert_int_equal(mesh_estimate(&f.c, f.s, &n_node, &n_tet), 0);
  assert_true(n_tet > m->n_tet / 1.5 && n_tet < m->n_tet * 1.5);
  /* the same input gives the same mesh, to the bit, by any number of threads */
  team_limit(3);
  assert_int_equal(mesh_make(&f.c, f.s, &again), 0);
  team_limit(0);
  assert_int_equal(m->n_tet, again->n_tet);
  assert_memory_equal(m->tet, again->tet, (size_t)m->n_tet * sizeof *m->tet);
  assert_memory_equal(m->xyz, again->xyz, 3 * (size_t)m->n_node * sizeof *m->xyz);
  mesh_destroy(&m), mesh_destroy(&again);
  drop_scene(&f);
}

static void a_percutaneous_lead(void **state)
{
  Fixture f;
  Mesh *m = NULL;
  (void)state;
  make_scene(false, 2, &f);
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  check_whole(f.s, m, M_PI * 1.3 * 3.0);
  mesh_destroy(&m);
  drop_scene(&f);
}

static void no_lead(void **state)
{
  Fixture f;
  Mesh *m = NULL;
  (void)state;
  make_scene(true, 0, &f);
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  check_whole(f.s, m, 1.0);
  assert_int_equal(m->n_group, 1);
  mesh_destroy(&m);
  drop_scene(&f);
}

static double volume_off(const Scene *s, const Mesh *m, Tissue t)
{
  MeshQuality *q = NULL;
  double *shape = NULL, off;
  assert_int_equal(mesh_quality(m, &q), 0);
  assert_int_equal(scene_shape_volumes(s, &shape), 0);
  off = q->regions[mesh_find_region(m, tissue_name(t))].volume_mm3 / shape[t] - 1.0;
  free(shape);
  mesh_quality_destroy(&q);
  return off;
}

/* Scar around the lead has the shape's volume and ends in a smooth face: nodes where it meets the fat are its thickness
 * away from the lead, but beside the dura. */
static void scar_has_its_thickness(void **state)
{
  Fixture f;
  Mesh *m = NULL;
  double *shape = NULL, volume = 0.0;
  int n = 0, off_face = 0;
  (void)state;
  make_scene_with_scar(true, 1, 0.5, &f);
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  assert_int_equal(scene_shape_volumes(f.s, &shape), 0);
  const int scar = mesh_find_region(m, "encapsulation"), fat = mesh_find_region(m, "fat");
  assert_true(scar >= 0);
  unsigned char *touch = calloc((size_t)m->n_node, 1);
  for (TetId t = 0; t < m->n_tet; t++) {
    if (m->region[t] == scar) volume += mesh_tet_volume(m, t);
    for (int k = 0; k < 4; k++)
      touch[m->tet[t][k]] |= (unsigned char)(m->region[t] == scar ? 1 : m->region[t] == fat ? 2 : 0);
  }
  for (NodeId i = 0; i < m->n_node; i++) {
    double p[3];
    if (touch[i] != 3) continue;
    rigid_apply_inverse(&f.a->world, m->xyz + 3 * (size_t)i, p);
    if (anatomy_distance(f.a, TISSUE_DURA, p) < 0.3) continue;
    n++, off_face += fabs(scene_lead_distance(f.s, p) - 0.5) > 0.05;
  }
  const double expected = shape[TISSUE_ROOT + f.a->n_root];
  if (fabs(volume / expected - 1.0) > 0.03) fail_msg("%g mm3 of scar in the mesh, %g in the shape", volume, expected);
  if (n < 100 || off_face > n / 50) fail_msg("%d of %d nodes of the scar's face are not on it", off_face, n);
  free(touch);
  free(shape);
  mesh_destroy(&m);
  drop_scene(&f);
}

/* Edges may be much longer than the dura is thick. */
static void long_edges_leave_the_dura_thin(void **state)
{
  Fixture f;
  Mesh *m = NULL;
  (void)state;
  make_scene(false, 0, &f);
  f.c.mesh.dura_edge_mm = 1.5;
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  const double off = volume_off(f.s, m, TISSUE_DURA);
  if (fabs(off) > 0.05) fail_msg("the dura's volume is off by %g", off);
  mesh_destroy(&m);
  drop_scene(&f);
}

/* No spike of the dura stands on the lead: nodes of what touches the lead and is dura lie no deeper than the dura's inner
 * face, and half as deep again for a face that is not flat. */
static void no_spikes_above_the_lead(void **state)
{
  Fixture f;
  Mesh *m = NULL;
  (void)state;
  make_scene(true, 1, &f);
  f.c.mesh.dura_edge_mm = 1.2;
  assert_int_equal(mesh_make(&f.c, f.s, &m), 0);
  const int dura = mesh_find_region(m, "dura");
  for (TetId t = 0; t < m->n_tet; t++) {
    double nearest = HUGE_VAL, deepest = -HUGE_VAL;
    for (int k = 0; m->region[t] == dura && k < 4; k++) {
      double p[3];
      rigid_apply_inverse(&f.a->world, m->xyz + 3 * (size_t)m->tet[t][k], p);
      const double lead = scene_lead_distance(f.s, p);
      nearest = fmin(nearest, lead), deepest = fmax(deepest, fmin(lead, -anatomy_distance(f.a, TISSUE_DURA, p)));
    }
    if (nearest < 1e-6 && deepest > 1.5 * 0.3) fail_msg("a spike of the dura is %g mm high", deepest);
  }
  mesh_destroy(&m);
  drop_scene(&f);
}

/* Pressed into the dura, the lead moves it: its thickness stays, and the cord is untouched. */
static void the_dura_yields(void **state)
{
  Fixture f;
  (void)state;
  make_scene(true, 1, &f);
  assert_true(f.s->yield_mm >= 0.0 && f.s->yield_mm < 0.5);
  for (int i = 0; i < 200; i++) {
    double p[3], d[TISSUE_COUNT], lead;
    const double flat[3] = {0.0, -7.0 + 14.0 * i / 199, -0.15};
    lead_pose_to_local(f.s->pose, flat, p);
    scene_distances(f.s, p, d, &lead);
    assert_true(fabs(lead - 0.15) < 0.02);
    assert_true(d[TISSUE_CSF] >= 0.3 - 0.15 - 1e-6); /* never CSF within the dura's thickness of the lead */
  }
  drop_scene(&f);
}

static void lead_coordinates_invert(void **state)
{
  Fixture f;
  Rng rng = rng_seed(5, 1);
  (void)state;
  make_scene(false, 1, &f);
  for (int i = 0; i < 2000; i++) {
    double p[3], back[3];
    const double flat[3] = {5 * (rng_uniform(&rng) - 0.5), 16 * (rng_uniform(&rng) - 0.5),
                            3 * (rng_uniform(&rng) - 0.5)};
    lead_pose_to_local(f.s->pose, flat, p);
    lead_pose_to_flat(f.s->pose, p, back);
    assert_true(sqrt(v3_distance2(flat, back)) < 1e-3);
  }
  drop_scene(&f);
}

static void bad_places_are_refused(void **state)
{
  static double in_cord[3] = {1, 1, 0}, outside[3] = {0, -40, 0}, at_end[3] = {0, -7.3, 22};
  double *const place[] = {in_cord, outside, at_end};
  (void)state;
  for (int i = 0; i < 3; i++) {
    Fixture f;
    Scene *s = NULL;
    make_scene(false, 1, &f);
    f.paddle.at.point_mm = place[i];
    PetscPushErrorHandler(PetscReturnErrorHandler, NULL);
    assert_int_equal(scene_create(&f.c, f.a, &f.m, &s), PETSC_ERR_USER_INPUT);
    PetscPopErrorHandler();
    assert_null(s);
    drop_scene(&f);
  }
}

/* Flips change connections only: the volume stays, quality never falls, neighbours stay mutual. */
static void flips_keep_the_volume(void **state)
{
  enum { N = 400 };
  PointStore *store = NULL;
  TetMesh *m = NULL;
  FillOutput filled;
  double xyz[N][3];
  Rng rng = rng_seed(9, 1);
  (void)state;
  assert_int_equal(point_store_create(&store), 0);
  for (int i = 0; i < N; i++) {
    for (int k = 0; k < 3; k++) xyz[i][k] = i < 8 ? 10.0 * (i >> k & 1) : 10 * rng_uniform(&rng);
    SamplePoint p = {.edge = 1.0, .on = IN_VOLUME, .region = TISSUE_CSF};
    v3_copy(xyz[i], p.p);
    assert_int_equal(point_store_add(store, &p), 0);
  }
  const FillInput in = {.n_point = N, .xyz = xyz[0]};
  assert_int_equal(fill_with_tetgen(&in, &filled), 0);
  assert_int_equal(tet_mesh_create(&filled, store, &m), 0);
  double worst = 1.0;
  for (int t = 0; t < m->n_tet; t++) worst = fmin(worst, tet_mesh_quality(m, t));
  int done_any = 0;
  for (int t = 0; t < m->n_tet; t++) {
    bool done = false;
    for (int i = 0; i < 4 && !done && tet_alive(m, t); i++)
      for (int j = i + 1; j < 4 && !done; j++) assert_int_equal(flip_edge(m, t, i, j, &done), 0);
    for (int f = 0; f < 4 && !done && tet_alive(m, t); f++) assert_int_equal(flip_face(m, t, f, &done), 0);
    done_any += done;
  }
  assert_true(done_any > 50);
  double volume = 0.0, worst_now = 1.0;
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    const int *v = m->tet[t];
    volume += v3_volume6(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]) / 6.0;
    worst_now = fmin(worst_now, tet_mesh_quality(m, t));
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[t][f];
      if (u < 0) continue;
      assert_true(m->adj[u][0] == t || m->adj[u][1] == t || m->adj[u][2] == t || m->adj[u][3] == t);
    }
  }
  assert_true(fabs(volume - 1000.0) < 1e-9 * 1000.0);
  assert_true(worst_now >= worst);
  tet_mesh_destroy(&m);
  point_store_destroy(&store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_paddle_on_a_sac),
      cmocka_unit_test(a_percutaneous_lead),
      cmocka_unit_test(no_lead),
      cmocka_unit_test(scar_has_its_thickness),
      cmocka_unit_test(long_edges_leave_the_dura_thin),
      cmocka_unit_test(no_spikes_above_the_lead),
      cmocka_unit_test(the_dura_yields),
      cmocka_unit_test(lead_coordinates_invert),
      cmocka_unit_test(bad_places_are_refused),
      cmocka_unit_test(flips_keep_the_volume),
  };
  PetscInitializeNoArguments();
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  PetscFinalize();
  return failed;
}
