/* For tests of outlines: a synthetic subject as files, and what holds for every anatomy from outlines. */
#ifndef CAUDA_TESTS_SUBJECT_FIXTURE_H
#define CAUDA_TESTS_SUBJECT_FIXTURE_H

#include "cauda/seg.h"
#include "seg_fixture.h"

/* ---- a synthetic subject: elliptic cord and sac, two roots a side ------------------------------------------ */
enum { LOOP = 24, PLANES = 21, ROOT_POINTS = 16 };

typedef struct {
  Rigid pose;         /* where the subject lies in space */
  bool lps, mirrored; /* written so; mirrored: x reversed, the names stay */
  bool swap_names;    /* L and R exchanged */
  int cord_first;     /* the cord's lowest plane */
  double cord_gap;    /* mm: planes of the cord nearer to z = 0 than this are missing */
} Subject;

static inline Subject plain_subject(void)
{
  Subject s = {.lps = true};
  for (int i = 0; i < 3; i++) s.pose.m[i][i] = 1.0;
  return s;
}

static inline void put(const Subject *s, const char *name, const char *type, int n, double (*p)[3])
{
  char path[CAUDA_PATH_MAX];
  for (int i = 0; i < n; i++) {
    if (s->mirrored) p[i][0] = -p[i][0];
    rigid_apply(&s->pose, p[i], p[i]);
  }
  assert_int_equal(path_join(folder, name, path), 0);
  write_markup(path, type, s->lps, n, (const double(*)[3])p);
}

static inline void ellipse(double a, double b, double y, double z, double (*p)[3])
{
  for (int i = 0; i < LOOP; i++) {
    const double t = 2.0 * M_PI * i / LOOP;
    v3_set(p[i], a * cos(t), y + b * sin(t), z);
  }
}

static inline void write_root(const Subject *s, const char *segment, int side, double x, double top)
{
  double p[ROOT_POINTS][3], g[1][3];
  char name[64];
  const char letter = (side > 0) != s->swap_names ? 'R' : 'L';
  for (int i = 0; i < ROOT_POINTS; i++) {
    /* the points' order is not the root's: neighbours are exchanged in pairs */
    const double t = i ^ 1;
    v3_set(p[i], side * (x + 0.08 * t), -3.5 + 0.1 * t, top - 2.0 * t);
  }
  v3_set(g[0], side * 16.0, 2.0, top - 2.0 * ROOT_POINTS - 8.0);
  snprintf(name, sizeof name, "root_%s_%c.json", segment, letter);
  put(s, name, "Fiducial", ROOT_POINTS, p);
  snprintf(name, sizeof name, "ganglion_%s_%c.json", segment, letter);
  put(s, name, "Fiducial", 1, g);
}

static inline void write_subject(const Subject *s)
{
  double p[LOOP][3];
  char name[64];
  nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  assert_int_equal(folder_create(folder), 0);
  for (int k = 0; k < PLANES; k++) {
    const double z = 2.0 * (k - PLANES / 2);
    ellipse(8.0, 7.0, 0.5, z, p);
    snprintf(name, sizeof name, "dura_%d.json", (k * 8) % PLANES);
    put(s, name, "ClosedCurve", LOOP, p);
    if (k < s->cord_first || fabs(z) < s->cord_gap) continue;
    ellipse(4.5, 3.5, 0.0, z, p);
    snprintf(name, sizeof name, "cord_%d.json", (k * 5) % PLANES);
    put(s, name, "ClosedCurve", LOOP, p);
  }
  for (int side = -1; side <= 1; side += 2) {
    write_root(s, "L1", side, 4.2, 18.0);
    write_root(s, "L2", side, 3.2, 6.0);
  }
}

static inline Case subject_case(CaseOutlines *o)
{
  Case c = {0};
  *o = (CaseOutlines){.cord = (char *)"cord_*.json", .dura = (char *)"dura_*.json"};
  c.anatomy.outlines = o;
  c.anatomy.roots = (char *)"root_{root}_{side}.json";
  c.anatomy.ganglia = (char *)"ganglion_{root}_{side}.json";
  c.anatomy.root_radius_mm = 0.5;
  c.anatomy.dura_thickness_mm = 0.3;
  c.anatomy.surround = (CaseSurround){.epidural_fat_mm = 2.5, .bone_mm = 8, .body_radius_mm = 60, .extend_mm = 5};
  return c;
}

static inline PetscErrorCode read_subject(const Subject *s, const char *coordinates, Anatomy **a)
{
  CaseOutlines o;
  Case c = subject_case(&o);
  c.anatomy.coordinates = (char *)coordinates;
  write_subject(s);
  return anatomy_read(&c, folder, a);
}

/* ---- properties ---------------------------------------------------------------------------------------------- */

static inline double section_area(const Anatomy *a, Tissue t, double z)
{
  const double h = 0.1;
  double area = 0.0;
  for (double y = -10; y <= 10; y += h)
    for (double x = -12; x <= 12; x += h) {
      const double p[3] = {x, y, z};
      area += h * h * fmin(1.0, fmax(0.0, 0.5 - anatomy_distance(a, t, p) / h));
    }
  return area;
}

/* The first point, from the distal end, of the root that lies inside the sac for good. */
static inline int last_exit(const Anatomy *a, const Root *r)
{
  int i = r->n - 1;
  while (i > 0 && anatomy_distance(a, TISSUE_CSF, r->xyz + 3 * (i - 1)) < 0.0) i--;
  return i;
}

/* Joined to the cord, off the image or outside the dura at the other end, and inside the dura in between. */
static inline void assert_good_root(const Anatomy *a, const Root *r, double radius)
{
  const double *distal = r->xyz, *entry = r->xyz + 3 * (r->n - 1);
  const int exit = last_exit(a, r);
  assert_true(anatomy_distance(a, TISSUE_WHITE, entry) < -0.2);
  assert_true(distal[2] < a->z_min || anatomy_distance(a, TISSUE_DURA, distal) > 0.0);
  for (int i = exit; i < r->n; i++) {
    const double *p = r->xyz + 3 * i, below = p[2] - r->xyz[3 * exit + 2];
    if (exit > 0 && below < 4.0) continue; /* on its way out */
    assert_true(anatomy_distance(a, TISSUE_CSF, p) < -(radius + 0.1));
  }
  for (int i = 0; i < r->n; i++) assert_true(r->radius[i] == radius);
  for (int i = 1; i < r->n; i++) {
    const double step = sqrt(v3_distance2(r->xyz + 3 * i, r->xyz + 3 * (i - 1)));
    assert_true(step > 0.0 && step < 2.0);
  }
}

static inline int repairs(const Anatomy *a, const char *words)
{
  for (int i = 0; i < a->n_repair; i++)
    if (strstr(a->repair[i].what, words)) return a->repair[i].count;
  return 0;
}

static inline void assert_same_anatomy(const Anatomy *a, const Anatomy *b, double tolerance)
{
  assert_int_equal(a->n_root, b->n_root);
  for (int i = 0; i < a->n_root; i++) {
    assert_int_equal(a->root[i].n, b->root[i].n);
    for (int k = 0; k < 3 * a->root[i].n; k++) assert_near(a->root[i].xyz[k], b->root[i].xyz[k], tolerance);
  }
  size_t n = (size_t)a->grid->n_channel;
  for (int e = 0; e < 3; e++) {
    assert_int_equal(a->grid->n[e], b->grid->n[e]);
    assert_near(a->grid->origin[e], b->grid->origin[e], tolerance);
    n *= (size_t)a->grid->n[e];
  }
  float worst = 0.0f;
  for (size_t i = 0; i < n; i++) worst = fmaxf(worst, fabsf(a->grid->d[i] - b->grid->d[i]));
  assert_true((double)worst < 10 * tolerance); /* single precision */
}

static inline Rigid turned(double about_x, double about_z, double tx, double ty, double tz)
{
  const double c = cos(about_x), s = sin(about_x), e = cos(about_z), f = sin(about_z);
  return (Rigid){{{e, -f * c, f * s, tx}, {f, e * c, -e * s, ty}, {0, s, c, tz}}};
}

#endif
