/* Label images of bodies known by formula, and cases that read them. */
#ifndef CAUDA_TESTS_LABEL_SCENE_H
#define CAUDA_TESTS_LABEL_SCENE_H

#include "cauda/image.h"
#include "cauda/seg.h"
#include "seg_fixture.h"

/* The scene's own frame has its origin in the middle of the image; the image's axes run along it, `flip`ped where
 * stored the other way; `world` takes it to RAS+. */
typedef struct {
  int n[3];
  double step[3];
  bool flip[3];
  Rigid world;
} SceneGrid;

typedef int (*SceneLabel)(const double p[3]);

static const Rigid NOT_MOVED = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};

/* A turn by three angles, then a shift. */
static inline Rigid moved(double a, double b, double c, double x, double y, double z)
{
  const double ca = cos(a), sa = sin(a), cb = cos(b), sb = sin(b), cc = cos(c), sc = sin(c);
  return (Rigid){{{ca * cb, ca * sb * sc - sa * cc, ca * sb * cc + sa * sc, x},
                  {sa * cb, sa * sb * sc + ca * cc, sa * sb * cc - ca * sc, y},
                  {-sb, cb * sc, cb * cc, z}}};
}

static inline void scene_point(const SceneGrid *g, int i, int j, int k, double p[3])
{
  const int at[3] = {i, j, k};
  for (int e = 0; e < 3; e++) p[e] = (at[e] - 0.5 * (g->n[e] - 1)) * g->step[e] * (g->flip[e] ? -1 : 1);
}

static inline void scene_affine(const SceneGrid *g, double a[3][4])
{
  double corner[3], x[3];
  scene_point(g, 0, 0, 0, corner);
  rigid_apply(&g->world, corner, x);
  for (int r = 0; r < 3; r++) {
    for (int c = 0; c < 3; c++) a[r][c] = g->world.m[r][c] * g->step[c] * (g->flip[c] ? -1 : 1);
    a[r][3] = x[r];
  }
}

/* Writes the scene; returns its volume of each label below 16, mm3. */
static inline void write_scene(const char *name, const SceneGrid *g, SceneLabel label, double volume[16])
{
  double a[3][4];
  char path[CAUDA_PATH_MAX];
  int16_t *v = NULL, *to;
  assert_done(mem_alloc((size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2], sizeof *v, &v));
  to = v;
  for (int l = 0; volume && l < 16; l++) volume[l] = 0.0;
  for (int k = 0; k < g->n[2]; k++)
    for (int j = 0; j < g->n[1]; j++)
      for (int i = 0; i < g->n[0]; i++) {
        double p[3];
        scene_point(g, i, j, k, p);
        *to = (int16_t)label(p);
        if (volume && *to >= 0 && *to < 16) volume[*to] += g->step[0] * g->step[1] * g->step[2];
        to++;
      }
  scene_affine(g, a);
  assert_int_equal(path_join(folder, name, path), 0);
  assert_done(image_write_int16(path, g->n, (const double(*)[4])a, v, "test"));
  free(v);
}

/* A case of one label map; the table is that of the tests (1 cord, 2 csf, 3 grey, 4 dura, 5 fat, 6 bone, 10.. roots). */
typedef struct {
  Case c;
  CaseLabels labels;
  CaseMask mask[4];
  CaseLevels levels;
  char table[CAUDA_PATH_MAX], level_table[CAUDA_PATH_MAX];
} LabelCase;

static inline void label_case(const char *file, LabelCase *l)
{
  memset(l, 0, sizeof *l);
  write_text("table.yaml",
             "source: test\nlabels:\n"
             "  - {value: 0, structure: ignore}\n  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n"
             "  - {value: 3, structure: grey}\n  - {value: 4, structure: dura}\n  - {value: 5, structure: fat}\n"
             "  - {value: 6, structure: bone}\n  - {value: 10, structure: L1_L}\n  - {value: 11, structure: L1_R}\n"
             "  - {value: 12, structure: L2_L_ventral}\n",
             l->table);
  write_text("levels.yaml", "source: test\nlabels:\n  - {value: 1, structure: L1}\n  - {value: 2, structure: L2}\n",
             l->level_table);
  l->labels.file = (char *)(uintptr_t)file;
  l->labels.table = l->table;
  l->c.anatomy.labels = &l->labels;
  l->c.anatomy.dura_thickness_mm = 0.3;
  l->c.anatomy.root_radius_mm = 0.5;
  l->c.anatomy.surround = (CaseSurround){2.5, 8.0, 60.0, 30.0};
  snprintf(l->c.folder, sizeof l->c.folder, "%s", folder);
}

/* Volume of a shape within 13 mm of the sac's middle, between the heights that the image shows, by sampling at `h` mm,
 * each row shifted by another part of h, so that the samples do not beat with the image's voxels. */
static inline double shape_volume(const Anatomy *a, Tissue t, double h)
{
  const double half = 13.0, golden = 0.6180339887, height = a->seen_z_max - a->seen_z_min,
               dz = height / ceil(height / h);
  size_t n = 0;
  unsigned row = 0;
  for (double z = a->seen_z_min + 0.5 * dz; z < a->seen_z_max; z += dz)
    for (double y = -half + h * fmod(z * golden * 7 + 100, 1); y < half; y += h, row++)
      for (double x = -half + h * fmod(row * golden, 1); x < half; x += h) {
        const double p[3] = {a->axis_xy[0] + x, a->axis_xy[1] + y, z};
        double d[TISSUE_COUNT];
        anatomy_shell_distances(a, p, d);
        n += d[t] < 0.0;
      }
  return (double)n * h * h * dz;
}

#endif
