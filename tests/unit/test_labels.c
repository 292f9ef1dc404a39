/* Label maps to signed distances: against brute force, against formulas, and the same whichever way a file is stored. */
#include "../../seg/components.h"
#include "../../seg/distance_transform.h"
#include "label_noise.h"
#include "label_scene.h"
#include "nifti_fixture.h"

static int fresh(void **state)
{
  (void)state;
  error_record_clear(&record);
  return 0;
}

static int quiet_setup(void **state)
{
  progress_configure(true, false);
  return setup(state);
}

/* ---- distances on voxels ---- */

static double brute_force(const uint8_t *mask, const int n[3], const double step[3], bool planar, int x, int y, int z)
{
  double best = HUGE_VAL;
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) {
        if (!mask[(k * n[1] + j) * n[0] + i] || (planar && k != z)) continue;
        best = fmin(best, hypot(hypot((i - x) * step[0], (j - y) * step[1]), (k - z) * step[2]));
      }
  return best;
}

static void nearest_voxels_are_those_of_brute_force(void **state)
{
  (void)state;
  static const int sizes[4][3] = {{9, 7, 5}, {1, 12, 6}, {10, 1, 1}, {6, 6, 6}};
  const double step[3] = {0.3, 0.5, 1.7};
  Rng rng = rng_seed(3, 0);
  for (int trial = 0; trial < 200; trial++) {
    const int *n = sizes[trial % 4], total = n[0] * n[1] * n[2];
    const bool planar = trial / 4 % 2;
    uint8_t mask[400];
    int32_t nearest[400];
    const double share = trial % 10 == 9 ? 0.0 : rng_uniform(&rng) * rng_uniform(&rng);
    for (int i = 0; i < total; i++) mask[i] = rng_uniform(&rng) < share;
    assert_done(distance_nearest(mask, n, step, planar, 2, nearest));
    for (int i = 0; i < total; i++) {
      const int x = i % n[0], y = i / n[0] % n[1], z = i / (n[0] * n[1]);
      const double d = brute_force(mask, n, step, planar, x, y, z);
      if (!isfinite(d)) {
        assert_int_equal(nearest[i], -1);
        continue;
      }
      const int q = nearest[i], u = q % n[0], v = q / n[0] % n[1], w = q / (n[0] * n[1]);
      assert_int_equal(mask[q], 1);
      assert_near(hypot(hypot((u - x) * step[0], (v - y) * step[1]), (w - z) * step[2]), d, 1e-12);
    }
  }
}

static void a_plane_of_voxels_is_exact_and_zero_at_the_face(void **state)
{
  (void)state;
  enum { W = 12 };
  const int n[3] = {W, 3, 3};
  const double step[3] = {0.7, 1, 1};
  uint8_t mask[W * 9];
  float d[W * 9];
  for (int i = 0; i < W * 9; i++) mask[i] = i % W < 5;
  assert_done(distance_signed(mask, NULL, n, step, false, 100, 2, d));
  for (int i = 0; i < W * 9; i++) assert_near((double)d[i], (i % W - 4.5) * step[0], 1e-6);
  float soft[W * 9]; /* the zero lies 0.8 of the way from voxel 4 to voxel 5 */
  for (int i = 0; i < W * 9; i++) soft[i] = 4.8f - (float)(i % W);
  assert_done(distance_signed(mask, soft, n, step, false, 100, 2, d));
  for (int i = 0; i < W * 9; i++) assert_near((double)d[i], (i % W - 4.8) * step[0], 1e-5);
}

static void resampling_keeps_planes_and_never_overshoots(void **state)
{
  (void)state;
  const int n[3] = {6, 5, 4}, m[3] = {17, 13, 11};
  const double start[3] = {0.2, 0, 0.1}, pace[3] = {0.28, 0.33, 0.25};
  float d[120], *out = NULL;
  Rng rng = rng_seed(5, 0);
  for (int i = 0; i < 120; i++) d[i] = (float)(0.3 * (i % 6) - 0.7 * (i / 6 % 5) + 1.1 * (i / 30));
  assert_done(distance_resample(d, n, m, start, pace, 2, &out));
  for (int i = 0; i < 17 * 13 * 11; i++) {
    const double x = start[0] + pace[0] * (i % 17), y = start[1] + pace[1] * (i / 17 % 13),
                 z = start[2] + pace[2] * (i / 221);
    assert_near((double)out[i], 0.3 * x - 0.7 * y + 1.1 * z, 1e-5);
  }
  free(out);
  for (int trial = 0; trial < 20; trial++) {
    for (int i = 0; i < 120; i++) d[i] = (float)rng_normal(&rng);
    float lo = d[0], hi = d[0];
    for (int i = 0; i < 120; i++) lo = fminf(lo, d[i]), hi = fmaxf(hi, d[i]);
    assert_done(distance_resample(d, n, m, start, pace, 2, &out));
    for (int i = 0; i < 17 * 13 * 11; i++) assert_true(out[i] >= lo - 1e-6f && out[i] <= hi + 1e-6f);
    free(out);
  }
}

/* The Gaussian along one axis, voxel by voxel. */
static void smooth_slowly(const int n[3], double sigma, int axis, float *d)
{
  const int total = n[0] * n[1] * n[2], stride[3] = {1, n[0], n[0] * n[1]}, reach = (int)ceil(4.0 * sigma);
  float *old = NULL;
  assert_done(mem_alloc((size_t)total, sizeof *old, &old));
  memcpy(old, d, (size_t)total * sizeof *old);
  for (int i = 0; i < total; i++) {
    const int at = i / stride[axis] % n[axis];
    double sum = 0.0, all = 0.0;
    for (int k = -reach; k <= reach; k++) {
      const int q = at + k < 0 ? 0 : at + k >= n[axis] ? n[axis] - 1 : at + k;
      const double w = exp(-0.5 * k * k / (sigma * sigma));
      sum += w * (double)old[i + (q - at) * stride[axis]], all += w;
    }
    d[i] = (float)(sum / all);
  }
  free(old);
}

/* Lines in bundles, and by several threads: the same numbers. */
static void smoothing_is_that_of_voxel_by_voxel(void **state)
{
  (void)state;
  enum { TOTAL = 37 * 23 * 29 };
  const int n[3] = {37, 23, 29};
  static float d[3][TOTAL];
  Rng rng = rng_seed(11, 0);
  for (int i = 0; i < TOTAL; i++) d[0][i] = d[1][i] = d[2][i] = (float)rng_normal(&rng);
  assert_done(distance_smooth(n, 0.9, 3, 1, d[0]));
  assert_done(distance_smooth(n, 0.9, 3, 3, d[1]));
  for (int axis = 0; axis < 3; axis++) smooth_slowly(n, 0.9, axis, d[2]);
  assert_memory_equal(d[0], d[1], sizeof d[0]);
  for (int i = 0; i < TOTAL; i++) assert_near((double)d[0][i], (double)d[2][i], 2e-6);
}

static void the_shift_gives_the_volume_asked_for(void **state)
{
  (void)state;
  enum { W = 30 };
  const int n[3] = {W, W, W};
  const double step[3] = {0.5, 0.5, 0.5}, radius = 5.0;
  float *d = NULL;
  double c;
  assert_done(mem_alloc(W * W * W, sizeof *d, &d));
  for (int i = 0; i < W * W * W; i++) {
    const double p[3] = {(i % W - 14.3) * 0.5, (i / W % W - 14.6) * 0.5, (i / (W * W) - 14.4) * 0.5};
    d[i] = (float)(v3_norm(p) - radius);
  }
  for (double wanted = 4.2; wanted < 5.8; wanted += 0.3) {
    assert_done(distance_shift_for_volume(d, n, step, 4.0 / 3.0 * M_PI * pow(wanted, 3), 1.5, &c));
    assert_near(c, wanted - radius, 0.01);
  }
  free(d);
}

static void pieces_and_holes_are_found(void **state)
{
  (void)state;
  const int n[3] = {7, 7, 2};
  uint8_t mask[98] = {0};
  int pieces;
  size_t lost, filled = 0;
  for (int i = 1; i < 6; i++) mask[7 + i] = mask[35 + i] = mask[7 * i + 1] = mask[7 * i + 5] = 1; /* a ring */
  mask[49 + 6 * 7 + 6] = 1; /* a crumb, diagonal */
  assert_done(components_fill_slices(mask, n, &filled));
  assert_int_equal(filled, 9);
  mask[5 * 7 + 5] = 0;
  assert_done(components_keep(mask, NULL, n, &pieces, &lost));
  assert_int_equal(pieces, 1);
  assert_int_equal(lost, 1);
}

/* ---- bodies by formula ---- */

static const double CORD = 4.1, SAC = 7.3;
enum { CORD_LABEL = 1, CSF_LABEL = 2, GREY_LABEL = 3, DURA_LABEL = 4 };

static int upright(const double p[3])
{
  const double r = hypot(p[0], p[1]);
  return r < CORD ? CORD_LABEL : r < SAC ? CSF_LABEL : 0;
}

static const double TILT = 10.0 * M_PI / 180.0;

static double tilted_radius(const double p[3]) { return hypot(cos(TILT) * p[0] - sin(TILT) * p[2], p[1]); }

static int tilted(const double p[3])
{
  const double r = tilted_radius(p);
  return r < CORD ? CORD_LABEL : r < SAC ? CSF_LABEL : 0;
}

static void read_scene(LabelCase *l, Anatomy **a)
{
  assert_done(anatomy_create(a));
  assert_done(anatomy_from_labels(&l->c, folder, *a));
}

/* Scene to local: only shifted, as the world was not turned. */
static void local_of(const Anatomy *a, const double p[3], double q[3]) { rigid_apply_inverse(&a->world, p, q); }

/* Errors of the distance where it is below `band`: the square root of their mean square, and the largest. */
static void distance_errors(const Anatomy *a, Tissue t, double (*radius)(const double *), double r0, double half,
                            double band, double *rms, double *largest)
{
  int n = 0;
  *rms = *largest = 0.0;
  for (double z = -half; z <= half; z += 0.7)
    for (double y = -10; y <= 10; y += 0.17)
      for (double x = -14; x <= 14; x += 0.17) {
        const double p[3] = {x, y, z}, d = radius(p) - r0;
        double q[3];
        if (fabs(d) > band) continue;
        local_of(a, p, q);
        const double e = anatomy_distance(a, t, q) - d;
        *rms += e * e, n++;
        *largest = fmax(*largest, fabs(e));
      }
  *rms = sqrt(*rms / n);
}

static void assert_distances(const Anatomy *a, double (*radius)(const double *), double half, double band,
                             double rms_most, double most)
{
  for (Tissue t = TISSUE_CSF; t <= TISSUE_WHITE; t++) {
    double rms, largest;
    distance_errors(a, t, radius, t == TISSUE_CSF ? SAC : CORD, half, band, &rms, &largest);
    if (rms > rms_most || largest > most) fail_msg("%s: rms %.3f, largest %.3f mm", tissue_name(t), rms, largest);
  }
}

static double upright_radius(const double p[3]) { return hypot(p[0], p[1]); }

static void upright_cylinders_have_their_distances_and_volumes(void **state)
{
  (void)state;
  const SceneGrid g = {{80, 80, 40}, {0.5, 0.5, 0.5}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a;
  double volume[16];
  write_scene("up.nii.gz", &g, upright, volume);
  label_case("up.nii.gz", &l);
  read_scene(&l, &a);
  assert_distances(a, upright_radius, 9.9, 2.0, 0.1, 0.25); /* the mask itself is off by up to 0.25 mm */
  assert_near(shape_volume(a, TISSUE_WHITE, 0.2) / volume[CORD_LABEL], 1.0, 0.005);
  assert_near(shape_volume(a, TISSUE_CSF, 0.2) / (volume[CORD_LABEL] + volume[CSF_LABEL]), 1.0, 0.005);
  assert_near(a->seen_z_max - a->seen_z_min, 20.0, 1e-9);
  assert_near(a->z_max - a->seen_z_max, 30.0, 1e-9);
  anatomy_destroy(&a);
}

static void thick_slices_of_a_tilted_cylinder_join_smoothly(void **state)
{
  (void)state;
  const SceneGrid g = {{130, 80, 11}, {0.3, 0.3, 6.0}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a;
  double volume[16];
  write_scene("tilted.nii.gz", &g, tilted, volume);
  label_case("tilted.nii.gz", &l);
  read_scene(&l, &a);
  /* between slices, too: by labels alone the error would be up to 3 mm x tan 10 deg = 0.53 mm */
  assert_distances(a, tilted_radius, 29.9, 1.0, 0.06, 0.25);
  assert_near(shape_volume(a, TISSUE_WHITE, 0.2) / volume[CORD_LABEL], 1.0, 0.005);
  assert_near(shape_volume(a, TISSUE_CSF, 0.2) / (volume[CORD_LABEL] + volume[CSF_LABEL]), 1.0, 0.005);
  anatomy_destroy(&a);
}

/* A cord that ends in the sac as a half ellipsoid, off the middle, with grey matter in it. */
static int conus(const double p[3])
{
  const double shrink = p[2] > 0 ? 1.0 : 1.0 - p[2] * p[2] / 100.0, size = CORD * sqrt(fmax(0.0, shrink));
  const double r = hypot(p[0] - 0.6, p[1] + 0.9);
  if (p[2] > -10 && r < size) return r < 0.4 * size ? GREY_LABEL : CORD_LABEL;
  return hypot(p[0], p[1]) < SAC ? CSF_LABEL : 0;
}

static void a_cord_that_ends_keeps_its_volume_and_the_sac_goes_on(void **state)
{
  (void)state;
  const SceneGrid g = {{50, 50, 44}, {0.8, 0.8, 0.9}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a;
  double volume[16];
  write_scene("conus.nii.gz", &g, conus, volume);
  label_case("conus.nii.gz", &l);
  read_scene(&l, &a);
  const double cord = volume[CORD_LABEL] + volume[GREY_LABEL];
  assert_near(a->seen_z_max - a->seen_z_min, 44 * 0.9, 1e-9);
  assert_near(shape_volume(a, TISSUE_WHITE, 0.2) / cord, 1.0, 0.005);
  assert_near(shape_volume(a, TISSUE_GREY, 0.2) / volume[GREY_LABEL], 1.0, 0.005);
  assert_near(shape_volume(a, TISSUE_CSF, 0.2) / (cord + volume[CSF_LABEL]), 1.0, 0.005);
  const double below[3] = {0, 0, a->seen_z_min + 1.0};
  assert_int_equal(anatomy_region_at(a, below), TISSUE_CSF);
  anatomy_destroy(&a);
}

/* ---- the same anatomy, whichever way it is stored ---- */

/* Off centre everywhere; the left root is the longer one. */
static int lopsided(const double p[3])
{
  const double z = p[2] + 20.0;
  const double lx = p[0] + 4.6 + 0.01 * z, rx = p[0] - 4.9, ly = p[1] + 2.4;
  if (p[2] > -15 && p[2] < 12 && hypot(lx - 0.08 * fmax(0, p[2] - 4), ly) < 0.9) return 10;
  if (p[2] > -15 && p[2] < 4 && hypot(rx, ly) < 0.9) return 11;
  const double r = hypot(p[0] / 1.1, p[1] - 0.5);
  return r < 0.4 * CORD ? GREY_LABEL : r < CORD ? CORD_LABEL : hypot(p[0] - 0.4, p[1]) < SAC + 1 ? CSF_LABEL : 0;
}

static void assert_same_local(const Anatomy *a, const Anatomy *b, double tolerance)
{
  const DistanceGrid *g = a->grid, *h = b->grid;
  assert_memory_equal(g->n, h->n, sizeof g->n);
  for (int e = 0; e < 3; e++) assert_near(g->origin[e], h->origin[e], 1e-9), assert_near(g->step[e], h->step[e], 1e-12);
  for (size_t i = 0; i < (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2] * (size_t)g->n_channel; i++)
    if (fabs((double)g->d[i] - (double)h->d[i]) > tolerance) fail_msg("distance %zu: %f and %f", i, g->d[i], h->d[i]);
  assert_int_equal(a->n_root, b->n_root);
  for (int r = 0; r < a->n_root; r++) {
    assert_string_equal(a->root[r].name, b->root[r].name);
    assert_int_equal(a->root[r].n, b->root[r].n);
    for (int i = 0; i < 3 * a->root[r].n; i++) assert_near(a->root[r].xyz[i], b->root[r].xyz[i], 1e-3);
  }
}

static void a_turned_subject_has_the_same_local_anatomy(void **state)
{
  (void)state;
  SceneGrid g = {{60, 56, 50}, {0.5, 0.5, 0.8}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a, *b;
  write_scene("still.nii.gz", &g, lopsided, NULL);
  label_case("still.nii.gz", &l);
  read_scene(&l, &a);
  assert_int_equal(a->n_root, 2);
  g.world = moved(0.3, -0.25, 0.4, 120.5, -40.25, -480.125);
  write_scene("moved.nii.gz", &g, lopsided, NULL);
  label_case("moved.nii.gz", &l);
  read_scene(&l, &b);
  assert_same_local(a, b, 1e-6);
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) assert_near(b->world.m[r][c], g.world.m[r][c], 1e-6);
  const double p[3] = {1.5, -2.5, 3.5}; /* a world point of the moved scene must land where the still one's does */
  double q[3], la[3], lb[3];
  rigid_apply(&g.world, p, q);
  local_of(a, p, la), local_of(b, q, lb);
  for (int e = 0; e < 3; e++) assert_near(la[e], lb[e], 1e-4);
  anatomy_destroy(&a), anatomy_destroy(&b);
}

static void files_stored_the_other_way_give_the_same_world(void **state)
{
  (void)state;
  SceneGrid g = {{60, 56, 50}, {0.5, 0.5, 0.8}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a, *b;
  write_scene("ras.nii.gz", &g, lopsided, NULL);
  label_case("ras.nii.gz", &l);
  read_scene(&l, &a);
  assert_done(anatomy_finish(a));
  for (int flips = 1; flips < 8; flips += 3) { /* LAS, RAI, LPI */
    for (int e = 0; e < 3; e++) g.flip[e] = flips >> e & 1;
    write_scene("flipped.nii.gz", &g, lopsided, NULL);
    label_case("flipped.nii.gz", &l);
    read_scene(&l, &b);
    assert_same_local(a, b, 1e-6);
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < 4; c++) assert_near(a->world.m[r][c], b->world.m[r][c], 1e-4);
    anatomy_destroy(&b);
  }
  const int left = anatomy_find_root(a, "L1_L");
  assert_true(left >= 0);
  double x[3];
  rigid_apply(&a->world, a->root[left].xyz, x);
  assert_true(x[0] < -2.0); /* left is left in the world */
  anatomy_destroy(&a);
}

static int mirrored(const double p[3])
{
  const double q[3] = {-p[0], p[1], p[2]};
  const int l = lopsided(q);
  return l == 10 ? 11 : l == 11 ? 10 : l;
}

static void a_mirrored_subject_has_mirrored_distances(void **state)
{
  (void)state;
  const SceneGrid g = {{60, 56, 50}, {0.5, 0.5, 0.8}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a, *b;
  write_scene("one.nii.gz", &g, lopsided, NULL), write_scene("two.nii.gz", &g, mirrored, NULL);
  label_case("one.nii.gz", &l);
  read_scene(&l, &a);
  label_case("two.nii.gz", &l);
  read_scene(&l, &b);
  for (Tissue t = TISSUE_CSF; t <= TISSUE_GREY; t++)
    for (int i = 0; i < 500; i++) {
      const double p[3] = {i % 23 - 11.0, i % 17 - 8.0, i % 37 - 18.0}, m[3] = {-p[0], p[1], p[2]};
      double q[3], n[3];
      local_of(a, p, q), local_of(b, m, n);
      assert_near(anatomy_distance(a, t, q), anatomy_distance(b, t, n), 1e-4);
    }
  anatomy_destroy(&a), anatomy_destroy(&b);
}

/* ---- probabilities, masks, walls, levels ---- */

/* A map of the share of each voxel inside radius r, as float. */
static void write_probability(const char *name, const SceneGrid *g, double r)
{
  char path[CAUDA_PATH_MAX];
  nifti_1_header h = nifti_header(g->n, g->step, DT_FLOAT32, 4);
  const size_t n = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2];
  float *v = NULL;
  assert_done(mem_alloc(n, sizeof *v, &v));
  for (size_t at = 0; at < n; at++) {
    double p[3], inside = 0;
    scene_point(g, (int)(at % (size_t)g->n[0]), (int)(at / (size_t)g->n[0] % (size_t)g->n[1]), 0, p);
    for (int s = 0; s < 100; s++) {
      const double x = p[0] + (s % 10 - 4.5) / 10 * g->step[0], y = p[1] + (s / 10 - 4.5) / 10 * g->step[1];
      inside += hypot(x, y) < r;
    }
    v[at] = (float)(inside / 100);
  }
  assert_int_equal(path_join(folder, name, path), 0);
  assert_true(write_nifti(path, &h, v, n * sizeof *v));
  free(v);
}

static void probabilities_place_the_surface_between_voxels(void **state)
{
  (void)state;
  const SceneGrid g = {{30, 30, 16}, {1.0, 1.0, 1.0}, {0}, NOT_MOVED};
  double worst[2];
  for (int binary = 0; binary < 2; binary++) {
    LabelCase l;
    Anatomy *a;
    write_probability("cord.nii.gz", &g, CORD), write_probability("csf.nii.gz", &g, SAC);
    label_case(NULL, &l);
    l.labels.table = NULL;
    l.mask[0] = (CaseMask){"cord", "cord.nii.gz", 0.5, NULL}, l.mask[1] = (CaseMask){"csf", "csf.nii.gz", 0.5, NULL};
    l.labels.n_masks = 2, l.labels.masks = l.mask;
    if (binary) {
      write_scene("up.nii.gz", &g, upright, NULL);
      label_case("up.nii.gz", &l);
    }
    read_scene(&l, &a);
    worst[binary] = 0;
    for (double angle = 0; angle < 2 * M_PI; angle += 0.05) { /* about the middle, wherever the file puts it */
      const double c = cos(angle), s = sin(angle), p[3] = {a->axis_xy[0] + CORD * c, a->axis_xy[1] + CORD * s, 0.3};
      worst[binary] = fmax(worst[binary], fabs(anatomy_distance(a, TISSUE_WHITE, p)));
    }
    anatomy_destroy(&a);
  }
  assert_true(worst[0] < 0.1);
  assert_true(worst[0] <= worst[1]);
}

static int walled(const double p[3])
{
  const double r = hypot(p[0], p[1]);
  return r < CORD ? CORD_LABEL : r < SAC ? 0 : r < SAC + 1 ? DURA_LABEL : 0;
}

static int filled_sac(const double p[3])
{
  const double r = hypot(p[0], p[1]);
  return r < CORD ? CORD_LABEL : r < SAC ? DURA_LABEL : 0;
}

static void a_dura_drawn_as_wall_or_as_sac_encloses_the_csf(void **state)
{
  (void)state;
  const SceneGrid g = {{50, 50, 20}, {0.5, 0.5, 1.0}, {0}, NOT_MOVED};
  for (int solid = 0; solid < 2; solid++) {
    LabelCase l;
    Anatomy *a;
    write_scene("dura.nii.gz", &g, solid ? filled_sac : walled, NULL);
    label_case("dura.nii.gz", &l);
    read_scene(&l, &a);
    const double in[3] = {a->axis_xy[0] + SAC - 0.3, a->axis_xy[1], 0},
                 out[3] = {a->axis_xy[0] + SAC + 0.2, a->axis_xy[1], 0};
    const double far[3] = {a->axis_xy[0] + SAC + 0.6, a->axis_xy[1], 0};
    assert_int_equal(anatomy_region_at(a, in), TISSUE_CSF);
    assert_int_equal(anatomy_region_at(a, out), TISSUE_DURA);
    assert_int_equal(anatomy_region_at(a, far), solid ? TISSUE_FAT : TISSUE_DURA);
    anatomy_destroy(&a);
  }
}

static int two_levels(const double p[3])
{
  return hypot(p[0], p[1]) > CORD ? 0 : p[2] > 10 ? 0 : p[2] > 0 ? 1 : p[2] > -10 ? 2 : 0;
}

static void levels_get_roots_at_their_middles(void **state)
{
  (void)state;
  const SceneGrid g = {{50, 50, 80}, {0.5, 0.5, 1.0}, {0}, NOT_MOVED};
  LabelCase l;
  Anatomy *a;
  write_scene("up.nii.gz", &g, upright, NULL), write_scene("levels.nii.gz", &g, two_levels, NULL);
  label_case("up.nii.gz", &l);
  l.levels = (CaseLevels){"levels.nii.gz", l.level_table, "L1", "L2", true};
  l.c.anatomy.levels = &l.levels;
  read_scene(&l, &a);
  assert_int_equal(a->n_root, 8);
  assert_near(a->seen_z_max - a->seen_z_min, 20 + 2 * 15, 1e-9); /* the levels and 15 mm about them */
  const int r = anatomy_find_root(a, "L2_R_dorsal");
  assert_true(r >= 0);
  double x[3];
  rigid_apply(&a->world, a->root[r].xyz + 3 * (a->root[r].n - 1), x);
  assert_near(x[2], -5.0, 1.0);
  assert_true(x[0] > 0);
  assert_done(anatomy_finish(a));
  anatomy_destroy(&a);
  l.levels.to = "L3";
  assert_done(anatomy_create(&a));
  assert_complains(anatomy_from_labels(&l.c, folder, a), "no voxel is labelled as segment L3", "levels.nii.gz");
  anatomy_destroy(&a);
}

static void what_is_written_reads_back(void **state)
{
  (void)state;
  const SceneGrid g = {{60, 56, 50}, {0.5, 0.5, 0.8}, {0}, moved(0.2, 0.1, -0.2, 10, 20, 30)};
  LabelCase l;
  Anatomy *a, *b;
  char image[CAUDA_PATH_MAX], table[CAUDA_PATH_MAX];
  write_scene("before.nii.gz", &g, lopsided, NULL);
  label_case("before.nii.gz", &l);
  l.c.anatomy.surround.extend_mm = 0;
  read_scene(&l, &a);
  assert_done(anatomy_finish(a));
  assert_done(path_join(folder, "after.nii.gz", image)), assert_done(path_join(folder, "after.csv", table));
  assert_done(anatomy_write_labels(a, 0.4, image, table));
  label_case("after.nii.gz", &l);
  write_text("after.yaml",
             "source: test\nlabels:\n  - {value: 1, structure: body}\n  - {value: 2, structure: bone}\n"
             "  - {value: 3, structure: fat}\n  - {value: 4, structure: dura}\n  - {value: 5, structure: csf}\n"
             "  - {value: 6, structure: white}\n  - {value: 7, structure: grey}\n  - {value: 100, structure: L1_L}\n"
             "  - {value: 101, structure: L1_R}\n",
             l.table);
  read_scene(&l, &b);
  for (Tissue t = TISSUE_FAT; t <= TISSUE_GREY; t++)
    assert_near(shape_volume(b, t, 0.25) / shape_volume(a, t, 0.25), 1.0, t == TISSUE_GREY ? 0.04 : 0.025);
  assert_int_equal(b->n_root, 2);
  for (int r = 0; r < 2; r++) assert_near(b->root[r].radius[0], a->root[r].radius[0], 0.1);
  for (int i = 0; i < 200; i++) {
    const double p[3] = {i % 19 - 9.0, i % 13 - 6.0, i % 31 - 15.0};
    double x[3], q[3], d[2];
    rigid_apply(&a->world, p, x);
    local_of(b, x, q);
    d[0] = anatomy_distance(a, TISSUE_CSF, p), d[1] = anatomy_distance(b, TISSUE_CSF, q);
    if (fabs(d[0]) < 2.0) assert_near(d[0], d[1], 0.15);
  }
  anatomy_destroy(&a), anatomy_destroy(&b);
}

/* ---- faults ---- */

static void complains(LabelCase *l, const char *words, const char *more)
{
  Anatomy *a;
  assert_done(anatomy_create(&a));
  assert_complains(anatomy_from_labels(&l->c, folder, a), words, more);
  anatomy_destroy(&a);
}

static int only_cord(const double p[3]) { return upright(p) == CORD_LABEL ? CORD_LABEL : 0; }
static int only_csf(const double p[3]) { return upright(p) == CSF_LABEL ? CSF_LABEL : 0; }
static int apart(const double p[3]) { return p[2] > 2 ? only_cord(p) : p[2] < -2 ? only_csf(p) : 0; }
static int unknown_label(const double p[3])
{
  return fabs(p[0] - 9.75) < 0.1 && fabs(p[1]) < 0.3 && fabs(p[2]) < 0.6 ? 77 : upright(p);
}
static int swapped_roots(const double p[3])
{
  const int l = lopsided(p);
  return l == 10 ? 11 : l == 11 ? 10 : l;
}
static int far_root(const double p[3])
{
  if (hypot(p[0] + 10.5, p[1]) < 0.8 && p[2] > -8 && p[2] < 8) return 10;
  const double r = hypot(p[0], p[1]);
  return r < CORD ? CORD_LABEL : r < 11.5 ? CSF_LABEL : 0;
}

static void faults_are_named(void **state)
{
  (void)state;
  SceneGrid g = {{50, 50, 20}, {0.5, 0.5, 1.0}, {0}, NOT_MOVED};
  LabelCase l;
  label_case("absent.nii.gz", &l);
  complains(&l, "no such file", "absent.nii.gz");
  write_scene("cord.nii.gz", &g, only_cord, NULL), label_case("cord.nii.gz", &l);
  complains(&l, "no CSF is labelled", "found cord");
  write_scene("csf.nii.gz", &g, only_csf, NULL), label_case("csf.nii.gz", &l);
  complains(&l, "no cord is labelled", "found csf");
  write_scene("apart.nii.gz", &g, apart, NULL), label_case("apart.nii.gz", &l);
  complains(&l, "never labelled in the same slice", "apart.nii.gz");
  write_scene("unknown.nii.gz", &g, unknown_label, NULL), label_case("unknown.nii.gz", &l);
  complains(&l, "the value 77 at voxel (44, 24, 9)", "table.yaml");
  write_scene("swapped.nii.gz", &g, swapped_roots, NULL), label_case("swapped.nii.gz", &l);
  complains(&l, "left and right are swapped", "2 of 2 roots");
  write_scene("far.nii.gz", &g, far_root, NULL), label_case("far.nii.gz", &l);
  complains(&l, "never reaches the cord", "L1_L");
}

static void grids_that_differ_are_named(void **state)
{
  (void)state;
  SceneGrid g = {{50, 50, 20}, {0.5, 0.5, 1.0}, {0}, NOT_MOVED};
  LabelCase l;
  write_scene("cord.nii.gz", &g, only_cord, NULL);
  g.world.m[0][3] = 0.2;
  write_scene("csf.nii.gz", &g, only_csf, NULL);
  label_case(NULL, &l);
  l.labels.table = NULL;
  l.mask[0] = (CaseMask){"cord", "cord.nii.gz", 0.5, NULL}, l.mask[1] = (CaseMask){"csf", "csf.nii.gz", 0.5, NULL};
  l.labels.n_masks = 2, l.labels.masks = l.mask;
  complains(&l, "cord.nii.gz lie apart by up to 0.400 voxels", "csf.nii.gz");
  g.n[1] = 48;
  write_scene("csf.nii.gz", &g, only_csf, NULL);
  complains(&l, "50 x 48 x 20", "50 x 50 x 20 (right");
  g.n[1] = 50, g.world.m[0][3] = 0;
  write_scene("csf.nii.gz", &g, only_csf, NULL);
  l.mask[1].structure = "liquor";
  complains(&l, "\"liquor\" is no structure", "L1_L");
}

static void fractions_in_a_label_map_are_named(void **state)
{
  (void)state;
  const int n[3] = {4, 4, 4};
  const double step[3] = {1, 1, 1};
  char path[CAUDA_PATH_MAX];
  nifti_1_header h = nifti_header(n, step, DT_FLOAT32, 4);
  float v[64] = {0};
  LabelCase l;
  v[16 + 4 + 2] = 0.37f;
  assert_int_equal(path_join(folder, "half.nii", path), 0);
  assert_true(write_nifti(path, &h, v, sizeof v));
  label_case("half.nii", &l);
  complains(&l, "0.37", "voxel (2, 1, 1) is not a whole number");
}

/* Whatever is labelled: an anatomy without a not-a-number in it, or an error in words (more: tests/fuzz). */
static void noise_gives_an_anatomy_or_an_error(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX];
  int n_good = 0;
  assert_int_equal(path_join(folder, "noise.nii.gz", path), 0);
  for (uint64_t seed = 1000; seed < 1012; seed++) {
    NoiseVolume o;
    LabelCase l;
    Anatomy *a = NULL;
    assert_done(noise_volume(seed, &o));
    assert_done(image_write_int16(path, o.n, (const double(*)[4])o.affine, o.v, "noise"));
    free(o.v);
    label_case("noise.nii.gz", &l);
    error_record_clear(&record);
    const PetscErrorCode ierr = anatomy_read(&l.c, folder, &a);
    if (ierr) {
      assert_int_equal(error_exit_status(ierr), 1);
      assert_true(strlen(record.message) > 20);
      continue;
    }
    for (int i = 0; i < 200; i++) {
      const double p[3] = {i % 31 - 15.0, i % 23 - 11.0, i % 17 * 4 - 32.0};
      double d[TISSUE_COUNT];
      anatomy_shell_distances(a, p, d);
      for (int t = TISSUE_BODY; t < TISSUE_WHITE; t++) assert_true(isfinite(d[t]));
    }
    n_good++;
    anatomy_destroy(&a);
  }
  assert_true(n_good > 3);
}

/* ---- real data ---- */

static void pam50_keeps_the_cords_volume(void **state)
{
  (void)state;
  char at[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX];
  LabelCase l;
  Anatomy *a;
  Image *im;
  shared_data("pam50", at);
  label_case(NULL, &l);
  l.labels.table = NULL;
  l.labels.units = "mm";
  l.mask[0] = (CaseMask){"cord", "PAM50_cord.nii.gz", 0.5, NULL},
  l.mask[1] = (CaseMask){"csf", "PAM50_csf.nii.gz", 0.5, NULL};
  l.labels.n_masks = 2, l.labels.masks = l.mask;
  write_text("pam50.yaml", "source: test\nlabels:\n  - {value: 21, structure: L1}\n", l.level_table);
  FILE *f = fopen(l.level_table, "a");
  assert_non_null(f);
  for (int i = 1; i <= 30; i++)
    if (i != 21)
      fprintf(f, "  - {value: %d, structure: %s}\n", i,
              i == 27   ? "S2"
              : i == 26 ? "S1"
              : i == 22 ? "L2"
              : i == 23 ? "L3"
              : i == 24 ? "L4"
              : i == 25 ? "L5"
                        : "ignore");
  fclose(f);
  l.levels = (CaseLevels){"PAM50_spinal_levels.nii.gz", l.level_table, "L1", "S2", true};
  l.c.anatomy.levels = &l.levels;
  assert_done(anatomy_create(&a));
  assert_done(anatomy_from_labels(&l.c, at, a));
  assert_int_equal(a->n_root, 28);
  assert_done(path_join(at, "PAM50_cord.nii.gz", path));
  assert_done(image_read(path, NULL, NULL, &im));
  size_t n = 0;
  for (int k = 55; k < 251; k++) /* where CSF is labelled, within 15 mm of the levels (72 to 220) */
    for (int i = 0; i < 141 * 141; i++) n += im->v[k * 141 * 141 + i] > 0.5f;
  assert_near(a->seen_z_max - a->seen_z_min, 98.0, 1e-9);
  assert_near(shape_volume(a, TISSUE_WHITE, 0.2) / ((double)n * 0.125), 1.0, 0.005);
  image_destroy(&im);
  anatomy_destroy(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(nearest_voxels_are_those_of_brute_force, fresh),
      cmocka_unit_test_setup(a_plane_of_voxels_is_exact_and_zero_at_the_face, fresh),
      cmocka_unit_test_setup(resampling_keeps_planes_and_never_overshoots, fresh),
      cmocka_unit_test_setup(smoothing_is_that_of_voxel_by_voxel, fresh),
      cmocka_unit_test_setup(the_shift_gives_the_volume_asked_for, fresh),
      cmocka_unit_test_setup(pieces_and_holes_are_found, fresh),
      cmocka_unit_test_setup(upright_cylinders_have_their_distances_and_volumes, fresh),
      cmocka_unit_test_setup(thick_slices_of_a_tilted_cylinder_join_smoothly, fresh),
      cmocka_unit_test_setup(a_cord_that_ends_keeps_its_volume_and_the_sac_goes_on, fresh),
      cmocka_unit_test_setup(a_turned_subject_has_the_same_local_anatomy, fresh),
      cmocka_unit_test_setup(files_stored_the_other_way_give_the_same_world, fresh),
      cmocka_unit_test_setup(a_mirrored_subject_has_mirrored_distances, fresh),
      cmocka_unit_test_setup(probabilities_place_the_surface_between_voxels, fresh),
      cmocka_unit_test_setup(a_dura_drawn_as_wall_or_as_sac_encloses_the_csf, fresh),
      cmocka_unit_test_setup(levels_get_roots_at_their_middles, fresh),
      cmocka_unit_test_setup(what_is_written_reads_back, fresh),
      cmocka_unit_test_setup(faults_are_named, fresh),
      cmocka_unit_test_setup(grids_that_differ_are_named, fresh),
      cmocka_unit_test_setup(fractions_in_a_label_map_are_named, fresh),
      cmocka_unit_test_setup(noise_gives_an_anatomy_or_an_error, fresh),
      cmocka_unit_test_setup(pam50_keeps_the_cords_volume, fresh),
  };
  return cmocka_run_group_tests_name("labels", tests, quiet_setup, teardown);
}
