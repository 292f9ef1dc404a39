/* The phantom as an image and back: what reading a segmentation keeps of an anatomy that is known exactly.
 *   seg_phantom FOLDER STEP_XY STEP_Z ORIENTATION [missing=0.2] [wrong=0.03] [merged] [entity] [alone] [seed=1] [shift=0.25] [keep]
 * The phantom is sampled at the voxels' centres, and each root drawn at least one voxel wide, as people draw them, in an
 * image whose axes run as ORIENTATION says ("RAS", "PIL"), spoilt as asked for (a share of the roots' voxels left out or given another root's label; labels merged by level; one mask
 * of all roots beside; the voxels moved by a share of one), read back, and measured: prints "NAME VALUE ..." lines for a script to judge. Places are in
 * mm, compared in the world frame, which is the phantom's own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cauda/image.h"
#include "cauda/seg.h"
#include "cauda/vec3.h"

enum { FIRST_ROOT = 20, ENTITY = 200 };
static const double HALF_MM = 20.0;

typedef struct {
  const char *folder, *orientation;
  double step[3], missing, wrong, shift;
  double *labelled_mm3; /* of each root, inside the dura, before anything was spoilt */
  double *shape_mm3;    /* [TISSUE_ROOT] of the voxels whose middles lie in each filled shape */
  bool merged, entity, alone, keep;
  int seed;
} Task;

/* ---- the image ---- */

typedef struct {
  int n[3]; /* right, anterior, superior */
  double origin[3], step[3];
} Grid;

static Grid grid_of(const Anatomy *a, const Task *t)
{
  Grid g;
  for (int e = 0; e < 3; e++) {
    const double lo = e < 2 ? a->axis_xy[e] - HALF_MM : a->z_min, hi = e < 2 ? a->axis_xy[e] + HALF_MM : a->z_max;
    g.step[e] = t->step[e];
    g.n[e] = (int)floor((hi - lo) / t->step[e]);
    g.origin[e] = 0.5 * (lo + hi) - 0.5 * (g.n[e] - 1) * t->step[e] + (e < 2 ? t->shift * t->step[e] : 0.0);
  }
  return g;
}

static int segment_value(const Anatomy *a, int root)
{
  int value = FIRST_ROOT;
  for (int i = 0; i < root; i++) {
    if (!strcmp(a->root[i].segment, a->root[root].segment)) return segment_value(a, i);
    bool first = true;
    for (int j = 0; j < i; j++) first = first && strcmp(a->root[i].segment, a->root[j].segment);
    value += first;
  }
  return value;
}

/* 1 cord, 2 csf, 3 grey, 5 fat, 6 bone; roots from FIRST_ROOT on. */
static int value_at(const Anatomy *a, const double p[3])
{
  const int region = anatomy_region_at(a, p);
  if (region >= TISSUE_ROOT) return FIRST_ROOT + region - TISSUE_ROOT;
  return region == TISSUE_WHITE  ? 1
         : region == TISSUE_CSF  ? 2
         : region == TISSUE_GREY ? 3
         : region == TISSUE_FAT  ? 5
         : region == TISSUE_BONE ? 6
                                 : 0;
}

static void spoil(const Anatomy *a, const Task *t, Rng *r, int16_t *v)
{
  const double luck = rng_uniform(r), other = rng_uniform(r);
  if (*v < FIRST_ROOT) return;
  if (t->alone) {
    *v = luck < t->missing ? 2 : ENTITY;
    return;
  }
  if (luck < t->missing) {
    *v = t->entity ? ENTITY : 2;
    return;
  }
  if (luck < t->missing + t->wrong) *v = (int16_t)(FIRST_ROOT + (int)(other * a->n_root));
  if (t->merged) *v = (int16_t)segment_value(a, *v - FIRST_ROOT);
}

/* Where axis c of the file runs: along e (0 right, 1 anterior, 2 superior), forward or back. */
static void axis_of(char letter, int *e, int *sign)
{
  *e = letter == 'R' || letter == 'L' ? 0 : letter == 'A' || letter == 'P' ? 1 : 2;
  *sign = letter == 'R' || letter == 'A' || letter == 'S' ? 1 : -1;
}

static PetscErrorCode write_turned(const Task *t, const Grid *g, const int16_t *v, const char *path)
{
  int e[3], sign[3], n[3], at[3], own[3];
  double affine[3][4] = {{0}};
  int16_t *turned = NULL, *to;
  for (int c = 0; c < 3; c++) {
    axis_of(t->orientation[c], &e[c], &sign[c]);
    n[c] = g->n[e[c]];
    affine[e[c]][c] = sign[c] * g->step[e[c]];
    affine[e[c]][3] = g->origin[e[c]] + (sign[c] > 0 ? 0.0 : (n[c] - 1) * g->step[e[c]]);
  }
  PetscCall(mem_alloc((size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof *turned, &turned));
  to = turned;
  for (at[2] = 0; at[2] < n[2]; at[2]++)
    for (at[1] = 0; at[1] < n[1]; at[1]++)
      for (at[0] = 0; at[0] < n[0]; at[0]++) {
        for (int c = 0; c < 3; c++) own[e[c]] = sign[c] > 0 ? at[c] : n[c] - 1 - at[c];
        *to++ = v[((size_t)own[2] * (size_t)g->n[1] + (size_t)own[1]) * (size_t)g->n[0] + (size_t)own[0]];
      }
  const PetscErrorCode ierr = image_write_int16(path, n, (const double(*)[4])affine, turned, "phantom");
  free(turned);
  return ierr;
}

static PetscErrorCode write_table(const Anatomy *a, const Task *t, const char *path)
{
  FILE *s = fopen(path, "w");
  PetscCheck(s, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be written", path);
  fputs("source: phantom\nlabels:\n  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n"
        "  - {value: 3, structure: grey}\n  - {value: 5, structure: fat}\n  - {value: 6, structure: bone}\n",
        s);
  if (t->entity || t->alone) fprintf(s, "  - {value: %d, structure: roots}\n", ENTITY);
  for (int i = 0; i < a->n_root; i++) {
    bool first = true;
    for (int j = 0; j < i; j++) first = first && strcmp(a->root[i].segment, a->root[j].segment);
    if (!t->merged) fprintf(s, "  - {value: %d, structure: %s}\n", FIRST_ROOT + i, a->root[i].name);
    if (t->merged && first) fprintf(s, "  - {value: %d, structure: %s}\n", segment_value(a, i), a->root[i].segment);
  }
  return fclose(s);
}

static PetscErrorCode write_segments(const Anatomy *a, const Task *t, const char *path)
{
  Task levels = *t;
  levels.merged = true, levels.entity = levels.alone = false;
  return write_table(a, &levels, path);
}

/* The root's middle at a height, world; false beyond its ends. */
static bool root_at(const Anatomy *a, const Root *r, double z, double xy[2])
{
  for (int i = 0; i + 1 < r->n; i++) {
    double p[3], q[3];
    rigid_apply(&a->world, r->xyz + 3 * i, p), rigid_apply(&a->world, r->xyz + 3 * (i + 1), q);
    if ((p[2] - z) * (q[2] - z) > 0.0 || p[2] == q[2]) continue;
    const double s = (z - p[2]) / (q[2] - p[2]);
    for (int e = 0; e < 2; e++) xy[e] = p[e] + s * (q[e] - p[e]);
    return true;
  }
  return false;
}

/* Where a root has no voxel in a slice that it passes, the nearest one that is no root's becomes its own. */
static void draw_thin(const Anatomy *a, const Grid *g, int root, int k, int16_t *slice)
{
  double xy[2], best = 1.5;
  int16_t *to = NULL;
  if (!root_at(a, &a->root[root], g->origin[2] + g->step[2] * k, xy)) return;
  for (int j = 0; j < g->n[1]; j++)
    for (int i = 0; i < g->n[0]; i++) {
      int16_t *v = &slice[(size_t)j * (size_t)g->n[0] + (size_t)i];
      const double off =
          hypot(g->origin[0] / g->step[0] + i - xy[0] / g->step[0], g->origin[1] / g->step[1] + j - xy[1] / g->step[1]);
      if (*v == FIRST_ROOT + root) return;
      if (*v < FIRST_ROOT && off < best) best = off, to = v;
    }
  if (to) *to = (int16_t)(FIRST_ROOT + root);
}

static void count_labels(const Anatomy *a, const Task *t, const double p[3], int value)
{
  double d[TISSUE_COUNT];
  if (value < FIRST_ROOT) return;
  anatomy_shell_distances(a, p, d);
  if (d[TISSUE_CSF] < 0.0) t->labelled_mm3[value - FIRST_ROOT] += t->step[0] * t->step[1] * t->step[2];
}

static int ascending(const void *a, const void *b)
{
  const double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* How far the middle of a root's voxels lies from its course in each slice: what the labels themselves know of it. */
static void tell_labels(const Anatomy *a, const Grid *g, const int16_t *v)
{
  static double off[200000];
  int n = 0;
  for (int k = 0; k < g->n[2]; k++)
    for (int root = 0; root < a->n_root; root++) {
      const int16_t *at = v + (size_t)k * (size_t)g->n[0] * (size_t)g->n[1];
      double sum[3] = {0, 0, 0}, xy[2];
      for (int j = 0; j < g->n[1]; j++)
        for (int i = 0; i < g->n[0]; i++)
          if (*at++ == FIRST_ROOT + root) sum[0] += i, sum[1] += j, sum[2] += 1.0;
      if (sum[2] <= 0.0 || !root_at(a, &a->root[root], g->origin[2] + g->step[2] * k, xy)) continue;
      for (int e = 0; e < 2; e++) xy[e] -= g->origin[e] + g->step[e] * sum[e] / sum[2];
      off[n++] = hypot(xy[0], xy[1]);
    }
  qsort(off, (size_t)n, sizeof *off, ascending);
  printf("labels_95_mm %.4f\n", off[(int)(0.95 * n)]);
}

static void count_shapes(const Anatomy *a, const Task *t, const double p[3])
{
  double d[TISSUE_COUNT];
  anatomy_shell_distances(a, p, d);
  for (int s = TISSUE_CSF; s < TISSUE_ROOT; s++)
    t->shape_mm3[s] += d[s] < 0.0 ? t->step[0] * t->step[1] * t->step[2] : 0.0;
}

/* The cord's segments, slice by slice: the one whose dorsal root enters nearest. */
static PetscErrorCode write_levels(const Anatomy *a, const Task *t, const Grid *g)
{
  char image[CAUDA_PATH_MAX], table[CAUDA_PATH_MAX];
  const size_t slice = (size_t)g->n[0] * (size_t)g->n[1];
  int16_t *v = NULL;
  PetscCall(path_join(t->folder, "levels.nii.gz", image));
  PetscCall(path_join(t->folder, "levels.yaml", table));
  PetscCall(mem_alloc(slice * (size_t)g->n[2], sizeof *v, &v));
  for (int k = 0; k < g->n[2]; k++) {
    double nearest = 10.0;
    int value = 0;
    for (int i = 0; i < a->n_root; i++) {
      const double off = fabs(a->root[i].xyz[3 * a->root[i].entry + 2] - (g->origin[2] + g->step[2] * k));
      if (!a->root[i].ventral && off < nearest) nearest = off, value = segment_value(a, i);
    }
    for (size_t i = 0; i < slice; i++) v[slice * (size_t)k + i] = (int16_t)value;
  }
  PetscErrorCode ierr = write_turned(t, g, v, image);
  free(v);
  return ierr ? ierr : write_segments(a, t, table);
}

static PetscErrorCode write_all(const Anatomy *a, const Task *t)
{
  const Grid g = grid_of(a, t);
  char image[CAUDA_PATH_MAX], table[CAUDA_PATH_MAX];
  Rng r = rng_seed((uint64_t)t->seed, 7);
  int16_t *v = NULL, *to;
  PetscCall(path_join(t->folder, "phantom.nii.gz", image));
  PetscCall(path_join(t->folder, "phantom.yaml", table));
  PetscCall(mem_alloc((size_t)g.n[0] * (size_t)g.n[1] * (size_t)g.n[2], sizeof *v, &v));
  to = v;
  for (int k = 0; k < g.n[2]; k++)
    for (int j = 0; j < g.n[1]; j++)
      for (int i = 0; i < g.n[0]; i++, to++) {
        const double p[3] = {g.origin[0] + g.step[0] * i, g.origin[1] + g.step[1] * j, g.origin[2] + g.step[2] * k};
        *to = (int16_t)value_at(a, p);
        count_shapes(a, t, p);
      }
  for (int k = 0; k < g.n[2]; k++)
    for (int root = 0; root < a->n_root; root++)
      draw_thin(a, &g, root, k, v + (size_t)k * (size_t)g.n[0] * (size_t)g.n[1]);
  tell_labels(a, &g, v);
  to = v;
  for (int k = 0; k < g.n[2]; k++)
    for (int j = 0; j < g.n[1]; j++)
      for (int i = 0; i < g.n[0]; i++, to++) {
        const double p[3] = {g.origin[0] + g.step[0] * i, g.origin[1] + g.step[1] * j, g.origin[2] + g.step[2] * k};
        count_labels(a, t, p, *to);
        spoil(a, t, &r, to);
      }
  printf("voxels %d x %d x %d\n", g.n[0], g.n[1], g.n[2]);
  PetscErrorCode ierr = write_turned(t, &g, v, image);
  free(v);
  PetscCall(ierr);
  if (t->alone) PetscCall(write_levels(a, t, &g));
  return write_table(a, t, table);
}

/* ---- what came back ---- */

/* In-plane distances of one root's two centre lines, every half millimetre where the phantom's runs between the dura and
 * the cord within the image. */
static void follow(const Anatomy *a, const Root *r, const Anatomy *b, const Root *s, double *off, int *n, int *lacking)
{
  for (double z = b->seen_z_min; z < b->seen_z_max; z += 0.5) {
    double p[3] = {0, 0, z}, q[2], d[TISSUE_COUNT];
    if (!root_at(a, r, z, p)) continue;
    anatomy_shell_distances(a, p, d);
    if (d[TISSUE_WHITE] < 0.0 || d[TISSUE_CSF] > 0.0) continue;
    if (root_at(b, s, z, q))
      off[(*n)++] = hypot(p[0] - q[0], p[1] - q[1]);
    else
      ++*lacking;
  }
}

static void tell_lines(const Anatomy *a, const Anatomy *b)
{
  static double off[2000000];
  int n = 0, lost = 0, sides = 0;
  double worst_mean = 0.0, sum = 0.0;
  const char *worst_name = "";
  for (int i = 0; i < a->n_root; i++) {
    const int j = anatomy_find_root(b, a->root[i].name), first = n;
    int lacking = 0;
    double mean = 0.0;
    if (j < 0) {
      lost++, printf("lost %s\n", a->root[i].name);
      continue;
    }
    sides += b->root[j].side != a->root[i].side || b->root[j].ventral != a->root[i].ventral;
    follow(a, &a->root[i], b, &b->root[j], off, &n, &lacking);
    for (int k = first; k < n; k++) mean += off[k] / (n - first), sum += off[k];
    qsort(off + first, (size_t)(n - first), sizeof *off, ascending);
    printf("root %-12s heights %4d lacking %3d mean %.3f largest %.3f radius %.3f of %.3f entry_off %.2f\n",
           a->root[i].name, n - first, lacking, mean, n > first ? off[n - 1] : NAN, b->root[j].radius[b->root[j].n / 2],
           a->root[i].radius[0],
           b->root[j].xyz[3 * b->root[j].entry + 2] + b->world.m[2][3] - a->root[i].xyz[3 * a->root[i].entry + 2]);
    if (mean > worst_mean) worst_mean = mean, worst_name = a->root[i].name;
  }
  qsort(off, (size_t)n, sizeof *off, ascending);
  printf("roots_lost %d\nroots_false %d\nsides_wrong %d\n", lost, b->n_root - (a->n_root - lost), sides);
  printf("line_mean_mm %.4f\nline_95_mm %.4f\nline_largest_mm %.4f\n", sum / n, off[(int)(0.95 * n)], off[n - 1]);
  printf("line_worst_root_mean_mm %.4f %s\n", worst_mean, worst_name);
}

/* Volumes inside the dura within the image. */
static PetscErrorCode tell_volumes(const Task *t, const Anatomy *a, const Anatomy *b)
{
  const double h = 0.2;
  double *va = NULL, *vb = NULL, worst = 0.0, all[3] = {0, 0, 0}, shape[2][TISSUE_COUNT] = {{0}};
  Rng r = rng_seed(3, 3);
  const char *where = "";
  PetscCall(mem_alloc((size_t)(TISSUE_ROOT + a->n_root), sizeof *va, &va));
  PetscCall(mem_alloc((size_t)(TISSUE_ROOT + b->n_root), sizeof *vb, &vb));
  for (double z = b->seen_z_min + b->world.m[2][3] + h; z < b->seen_z_max + b->world.m[2][3]; z += 2 * h)
    for (double y = -HALF_MM; y < HALF_MM; y += h)
      for (double x = -HALF_MM; x < HALF_MM; x += h) {
        const double p[3] = {a->axis_xy[0] + x + h * rng_uniform(&r), a->axis_xy[1] + y + h * rng_uniform(&r),
                             z + 2 * h * (rng_uniform(&r) - 0.5)};
        double q[3], d[TISSUE_COUNT], e[TISSUE_COUNT];
        rigid_apply_inverse(&b->world, p, q);
        anatomy_shell_distances(a, p, d), anatomy_shell_distances(b, q, e);
        for (int s = TISSUE_CSF; s < TISSUE_ROOT; s++) shape[0][s] += d[s] < 0.0, shape[1][s] += e[s] < 0.0;
        if (d[TISSUE_CSF] > 0.0) continue;
        va[anatomy_region_at(a, p)] += 2 * h * h * h, vb[anatomy_region_at(b, q)] += 2 * h * h * h;
      }
  for (int i = TISSUE_CSF; i < TISSUE_ROOT; i++)
    printf("volume %-12s %.1f of %.1f: %+.2f %%\n", tissue_name((Tissue)i), vb[i], va[i], 100 * (vb[i] / va[i] - 1));
  for (int i = 0; i < a->n_root; i++) {
    const int j = anatomy_find_root(b, a->root[i].name);
    if (j < 0) continue;
    const double wa = va[TISSUE_ROOT + i], wb = vb[TISSUE_ROOT + j], labelled = t->labelled_mm3[i];
    const double off = 100 * (wb / labelled - 1);
    printf("volume %-12s %.1f of %.1f labelled (%+.2f %%), of %.1f\n", a->root[i].name, wb, labelled, off, wa);
    all[0] += wa, all[1] += wb, all[2] += labelled;
    if (fabs(off) > fabs(worst)) worst = off, where = a->root[i].name;
  }
  printf("volume_white_percent %.3f\nvolume_grey_percent %.3f\nvolume_csf_percent %.3f\n",
         100 * (vb[TISSUE_WHITE] / va[TISSUE_WHITE] - 1), 100 * (vb[TISSUE_GREY] / va[TISSUE_GREY] - 1),
         100 * (vb[TISSUE_CSF] / va[TISSUE_CSF] - 1));
  for (int i = TISSUE_CSF; i < TISSUE_ROOT; i++) {
    const char *name = i == TISSUE_WHITE ? "cord" : i == TISSUE_CSF ? "sac" : "grey";
    printf("shape_%s_percent %.3f\n", name, 100 * (shape[1][i] / shape[0][i] - 1));
    printf("shape_%s_labelled_percent %.3f\n", name, 100 * (2 * h * h * h * shape[1][i] / t->shape_mm3[i] - 1));
  }
  printf("volume_roots_percent %.3f\nvolume_roots_labelled_percent %.3f\nvolume_worst_root_labelled_percent %.3f %s\n",
         100 * (all[1] / all[0] - 1), 100 * (all[1] / all[2] - 1), worst, where);
  free(va), free(vb);
  return 0;
}

static PetscErrorCode read_back(const Task *t, const Anatomy *a)
{
  Case *c = NULL;
  CaseLabels labels = {.file = (char *)(uintptr_t) "phantom.nii.gz"};
  char table[CAUDA_PATH_MAX];
  Anatomy *b = NULL;
  struct timespec start, end;
  PetscCall(case_defaults(&c));
  PetscCall(path_join(t->folder, "phantom.yaml", table));
  CaseLevels levels = {.file = (char *)(uintptr_t) "levels.nii.gz",
                       .table = (char *)(uintptr_t) "./levels.yaml",
                       .from = (char *)(uintptr_t) "L1",
                       .to = (char *)(uintptr_t) "S2",
                       .ventral = true};
  labels.table = table;
  if (t->alone) c->anatomy.levels = &levels;
  c->anatomy.labels = &labels;
  c->anatomy.dura_thickness_mm = a->surround.dura_thickness_mm;
  snprintf(c->folder, sizeof c->folder, "%s", t->folder);
  clock_gettime(CLOCK_MONOTONIC, &start);
  PetscErrorCode ierr = anatomy_read(c, t->folder, &b);
  clock_gettime(CLOCK_MONOTONIC, &end);
  c->anatomy.labels = NULL, c->anatomy.levels = NULL;
  case_destroy(&c);
  PetscCall(ierr);
  printf("seconds %.2f\n", (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
  for (int i = 0; i < b->n_repair; i++)
    printf("repair %d %.2f mm: %s\n", b->repair[i].count, b->repair[i].largest_mm, b->repair[i].what);
  tell_lines(a, b);
  ierr = tell_volumes(t, a, b);
  anatomy_destroy(&b);
  return ierr;
}

static PetscErrorCode work(Task *t)
{
  Case c;
  CasePhantom p = {.model = (char *)(uintptr_t) "lumbosacral"};
  Anatomy *a = NULL;
  memset(&c, 0, sizeof c);
  c.anatomy.phantom = &p;
  PetscCall(anatomy_read(&c, "", &a));
  PetscErrorCode ierr = mem_alloc((size_t)a->n_root, sizeof *t->labelled_mm3, &t->labelled_mm3);
  if (!ierr) ierr = mem_alloc(TISSUE_ROOT, sizeof *t->shape_mm3, &t->shape_mm3);
  if (!ierr) ierr = write_all(a, t);
  if (!ierr && !t->keep) ierr = read_back(t, a);
  free(t->labelled_mm3), free(t->shape_mm3);
  anatomy_destroy(&a);
  return ierr;
}

static bool read_words(int argc, char **argv, Task *t)
{
  if (argc < 5 || strlen(argv[4]) != 3) return false;
  *t = (Task){.folder = argv[1], .orientation = argv[4], .seed = 1};
  t->step[0] = t->step[1] = strtod(argv[2], NULL);
  t->step[2] = strtod(argv[3], NULL);
  for (int i = 5; i < argc; i++) {
    if (!strncmp(argv[i], "missing=", 8)) t->missing = strtod(argv[i] + 8, NULL);
    if (!strncmp(argv[i], "wrong=", 6)) t->wrong = strtod(argv[i] + 6, NULL);
    if (!strncmp(argv[i], "shift=", 6)) t->shift = strtod(argv[i] + 6, NULL);
    if (!strncmp(argv[i], "seed=", 5)) t->seed = atoi(argv[i] + 5);
    t->merged = t->merged || !strcmp(argv[i], "merged");
    t->entity = t->entity || !strcmp(argv[i], "entity");
    t->alone = t->alone || !strcmp(argv[i], "alone"); /* one mask of all roots, and the cord's segments */
    t->keep = t->keep || !strcmp(argv[i], "keep");
  }
  return t->step[0] > 0.0 && t->step[2] > 0.0;
}

int main(int argc, char **argv)
{
  Task t;
  ErrorRecord e;
  if (!read_words(argc, argv, &t)) return fprintf(stderr, "seg_phantom FOLDER STEP_XY STEP_Z RAS [words]\n"), 1;
  if (PetscInitializeNoArguments() || error_record_install(&e)) return 2;
  progress_configure(true, false);
  const PetscErrorCode ierr = work(&t);
  if (ierr) printf("refused %s\n", e.message);
  PetscFinalize();
  return error_exit_status(ierr);
}
