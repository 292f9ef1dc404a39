/* Overlap, volumes, cross-sections and centres of labels in two images. */
#include "cauda/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure_impl.h"

/* One label in one slice of one image. */
typedef struct {
  double n, x, y; /* voxels, and sums of their places */
} Section;

/* What is counted in one pass over the voxels; label 0 is all of them as one. */
typedef struct {
  size_t *n_a, *n_b, *n_both; /* [n_label + 1] */
  size_t agree;               /* voxels with the same label, or none, in both */
  VoxelBox *box;              /* [n_label + 1] of the label in either image */
  Section *a, *b;             /* [n_label + 1][n2] */
} Counts;

void seg_comparison_destroy(SegComparison **c)
{
  if (!*c) return;
  free((*c)->label), free((*c)->slice);
  free(*c);
  *c = NULL;
}

static PetscErrorCode counts_create(const LabelPair *p, Counts *c)
{
  const size_t n = (size_t)p->n_label + 1;
  PetscCall(mem_alloc(n, sizeof *c->n_a, &c->n_a));
  PetscCall(mem_alloc(n, sizeof *c->n_b, &c->n_b));
  PetscCall(mem_alloc(n, sizeof *c->n_both, &c->n_both));
  PetscCall(mem_alloc(n, sizeof *c->box, &c->box));
  PetscCall(mem_alloc(n * (size_t)p->n[2], sizeof *c->a, &c->a));
  PetscCall(mem_alloc(n * (size_t)p->n[2], sizeof *c->b, &c->b));
  for (size_t l = 0; l < n; l++) memcpy(c->box[l].lo, p->n, sizeof p->n);
  return 0;
}

static void counts_free(Counts *c)
{
  free(c->n_a), free(c->n_b), free(c->n_both), free(c->box), free(c->a), free(c->b);
}

static void widen(VoxelBox *b, const int at[3])
{
  for (int e = 0; e < 3; e++) {
    if (at[e] < b->lo[e]) b->lo[e] = at[e];
    if (at[e] + 1 > b->hi[e]) b->hi[e] = at[e] + 1;
  }
}

static void count_one(const LabelPair *p, int label, const int at[3], size_t *n, Section *s, Counts *c)
{
  s += (size_t)label * (size_t)p->n[2] + (size_t)at[2];
  s->n += 1.0, s->x += at[0], s->y += at[1];
  n[label]++;
  widen(&c->box[label], at);
}

static void count(const LabelPair *p, Counts *c)
{
  const uint16_t *a = p->a, *b = p->b;
  int at[3];
  for (at[2] = 0; at[2] < p->n[2]; at[2]++)
    for (at[1] = 0; at[1] < p->n[1]; at[1]++)
      for (at[0] = 0; at[0] < p->n[0]; at[0]++, a++, b++) {
        c->agree += *a == *b;
        if (*a) count_one(p, *a, at, c->n_a, c->a, c), count_one(p, 0, at, c->n_a, c->a, c);
        if (*b) count_one(p, *b, at, c->n_b, c->b, c), count_one(p, 0, at, c->n_b, c->b, c);
        if (*a && *a == *b) c->n_both[*a]++;
        if (*a && *b) c->n_both[0]++;
      }
}

/* Cohen's kappa from the share of agreement and the share expected by chance; 1 where both are certain and agree. */
static double kappa_of(double agree, double chance) { return chance < 1.0 ? (agree - chance) / (1.0 - chance) : 1.0; }

static void overlap(double n_voxel, SegMeasure *m)
{
  const double a = (double)m->n_a, b = (double)m->n_b, both = (double)m->n_both, n = n_voxel;
  m->dice = 2.0 * both / (a + b);
  m->iou = both / (a + b - both);
  m->kappa = kappa_of((n - a - b + 2.0 * both) / n, (a * b + (n - a) * (n - b)) / (n * n));
}

static SegSlice slice_of(const LabelPair *p, int k, const Section *a, const Section *b)
{
  const double pixel = p->step[0] * p->step[1];
  double z = p->affine[2][3] + p->affine[2][2] * k;
  for (int e = 0; e < 2; e++) z += 0.5 * (p->n[e] - 1) * p->affine[2][e];
  SegSlice s = {0, k, z, pixel * a->n, pixel * b->n, NAN};
  if (a->n > 0.0 && b->n > 0.0)
    s.centre_distance_mm = hypot(p->step[0] * (a->x / a->n - b->x / b->n), p->step[1] * (a->y / a->n - b->y / b->n));
  return s;
}

static void add_slice(const SegSlice *s, SegMeasure *m)
{
  m->slices_a += s->area_a_mm2 > 0.0, m->slices_b += s->area_b_mm2 > 0.0;
  m->area_mean_a_mm2 += s->area_a_mm2, m->area_mean_b_mm2 += s->area_b_mm2;
  if (!(s->area_a_mm2 > 0.0 && s->area_b_mm2 > 0.0)) return;
  m->slices_both++;
  m->area_difference_mm2 += s->area_b_mm2 - s->area_a_mm2;
  m->area_deviation_mm2 += fabs(s->area_b_mm2 - s->area_a_mm2);
  m->centre_mean_mm += s->centre_distance_mm;
  m->centre_largest_mm = fmax(m->centre_largest_mm, s->centre_distance_mm);
}

/* Sums to means. */
static void close_slices(SegMeasure *m)
{
  m->area_mean_a_mm2 = m->slices_a ? m->area_mean_a_mm2 / m->slices_a : NAN;
  m->area_mean_b_mm2 = m->slices_b ? m->area_mean_b_mm2 / m->slices_b : NAN;
  m->area_difference_mm2 = m->slices_both ? m->area_difference_mm2 / m->slices_both : NAN;
  m->area_deviation_mm2 = m->slices_both ? m->area_deviation_mm2 / m->slices_both : NAN;
  m->centre_mean_mm = m->slices_both ? m->centre_mean_mm / m->slices_both : NAN;
  if (!m->slices_both) m->centre_largest_mm = NAN;
}

static PetscErrorCode measure_label(const LabelPair *p, const Counts *c, int label, SegComparison *out)
{
  SegMeasure *m = &out->label[out->n_label];
  const double voxel = p->step[0] * p->step[1] * p->step[2];
  snprintf(m->name, sizeof m->name, "%s", label ? p->name[label - 1] : "mask");
  m->n_a = c->n_a[label], m->n_b = c->n_b[label], m->n_both = c->n_both[label];
  m->volume_a_mm3 = voxel * (double)m->n_a, m->volume_b_mm3 = voxel * (double)m->n_b;
  overlap((double)out->n_voxel, m);
  for (int k = 0; k < p->n[2]; k++) {
    const size_t at = (size_t)label * (size_t)p->n[2] + (size_t)k;
    SegSlice s = slice_of(p, k, &c->a[at], &c->b[at]);
    if (!(s.area_a_mm2 > 0.0 || s.area_b_mm2 > 0.0)) continue;
    s.label = out->n_label;
    add_slice(&s, m);
    out->slice[out->n_slice++] = s;
  }
  close_slices(m);
  out->n_label++;
  return measure_surfaces(p, label, &c->box[label], &m->distance_mean_mm, &m->distance_95_mm);
}

static void kappa_of_all(const LabelPair *p, const Counts *c, SegComparison *out)
{
  const double n = (double)out->n_voxel;
  double chance = (n - (double)c->n_a[0]) * (n - (double)c->n_b[0]) / (n * n);
  for (int l = 1; l <= p->n_label; l++) chance += (double)c->n_a[l] * (double)c->n_b[l] / (n * n);
  out->kappa = kappa_of((double)c->agree / n, chance);
}

static PetscErrorCode measure_all(const LabelPair *p, Counts *c, SegComparison *out)
{
  const size_t n = (size_t)p->n_label + 1;
  out->n_voxel = (size_t)p->n[0] * (size_t)p->n[1] * (size_t)p->n[2];
  PetscCall(counts_create(p, c));
  count(p, c);
  kappa_of_all(p, c, out);
  PetscCall(mem_alloc(n, sizeof *out->label, &out->label));
  PetscCall(mem_alloc(n * (size_t)p->n[2], sizeof *out->slice, &out->slice));
  for (int l = 1; l <= p->n_label; l++)
    if (c->n_a[l] + c->n_b[l]) PetscCall(measure_label(p, c, l, out));
  return measure_label(p, c, 0, out);
}

PetscErrorCode seg_compare(const char *path_a, const char *path_b, const SegCompareOptions *o, SegComparison **out)
{
  LabelPair *p = NULL;
  Counts c = {0};
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = label_pair_read(path_a, path_b, o, &p);
  if (!ierr) ierr = measure_all(p, &c, *out);
  counts_free(&c);
  label_pair_destroy(&p);
  if (ierr) seg_comparison_destroy(out);
  return ierr;
}
