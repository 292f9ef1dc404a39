/* What the array covers, and where it would cover more. */
#include "cauda/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double slice_mm = 0.5, pixel_mm = 0.25, reach_mm = 12.0, step_mm = 0.5;

/* ---- the enlargement ---------------------------------------------------------------------------------------------- */

/* The cord's axis at a height; beyond its ends, that of the end. */
static void axis_at(const Anatomy *a, double z, double c[2])
{
  int i = 0;
  while (i + 1 < a->n_axis && a->axis[3 * (i + 1) + 2] < z) i++;
  for (int k = 0; k < 2; k++) c[k] = a->n_axis ? a->axis[3 * i + k] : a->axis_xy[k];
}

static double cord_area(const Anatomy *a, double z)
{
  const int n = (int)(reach_mm / pixel_mm);
  double c[2], area = 0.0;
  axis_at(a, z, c);
  for (int j = -n; j <= n; j++)
    for (int i = -n; i <= n; i++) {
      const double p[3] = {c[0] + pixel_mm * i, c[1] + pixel_mm * j, z};
      double d[TISSUE_COUNT];
      anatomy_shell_distances(a, p, d);
      /* the share of a pixel on the border follows from the distance */
      area += fmin(1.0, fmax(0.0, 0.5 - d[TISSUE_WHITE] / pixel_mm)) * pixel_mm * pixel_mm;
    }
  return area;
}

/* "L1" to 13: thoracic 1 to 12, lumbar 13 to 17, sacral from 18 on; 0 for another name. */
static int level_of(const char *segment)
{
  const int number = atoi(segment + (*segment != '\0'));
  if (*segment == 'T') return number;
  if (*segment == 'L') return 12 + number;
  return *segment == 'S' ? 17 + number : 0;
}

static int by_height(const void *a, const void *b)
{
  const PlaceSegment *s = a, *t = b;
  return (t->entry_z > s->entry_z) - (t->entry_z < s->entry_z);
}

static PetscErrorCode gather_segments(const char *first, const char *last, Place *p)
{
  const Anatomy *a = p->anatomy;
  PetscCall(mem_alloc((size_t)a->n_root, sizeof *p->segment, &p->segment));
  for (int i = 0; i < a->n_root; i++) {
    const char *name = a->root[i].segment;
    bool had = false;
    double sum = 0.0;
    int n = 0;
    for (int k = 0; k < i; k++) had = had || !strcmp(a->root[k].segment, name);
    if (had || level_of(name) < level_of(first) || level_of(name) > level_of(last)) continue;
    for (int k = i; k < a->n_root; k++)
      if (!strcmp(a->root[k].segment, name)) sum += a->root[k].xyz[3 * a->root[k].entry + 2], n++;
    strcpy(p->segment[p->n].name, name);
    p->segment[p->n++].entry_z = sum / n;
  }
  PetscCheck(
      p->n >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "the anatomy has roots of %d segments from %s to %s, expected at least 2: where the enlargement lies is told "
      "by where they enter",
      p->n, first, last);
  qsort(p->segment, (size_t)p->n, sizeof *p->segment, by_height);
  return 0;
}

static void set_borders(Place *p)
{
  PlaceSegment *s = p->segment;
  for (int i = 0; i + 1 < p->n; i++) s[i].caudal_z = s[i + 1].rostral_z = 0.5 * (s[i].entry_z + s[i + 1].entry_z);
  s[0].rostral_z = 2.0 * s[0].entry_z - s[0].caudal_z;
  s[p->n - 1].caudal_z = 2.0 * s[p->n - 1].entry_z - s[p->n - 1].rostral_z;
  p->rostral_z = fmin(s[0].rostral_z, p->anatomy->z_max);
  p->caudal_z = fmax(s[p->n - 1].caudal_z, p->anatomy->z_min);
  s[0].rostral_z = p->rostral_z, s[p->n - 1].caudal_z = p->caudal_z;
}

/* Volume of the cord between two heights within the enlargement. */
static double volume_between(const Place *p, double from, double to)
{
  double sum = 0.0;
  for (int i = 0; i < p->n_slice; i++) {
    double lo = p->caudal_z + p->slice_mm * i, hi = lo + p->slice_mm;
    sum += p->area_mm2[i] * fmax(0.0, fmin(hi, to) - fmax(lo, from));
  }
  return sum;
}

static PetscErrorCode measure(Place *p)
{
  p->n_slice = (int)ceil((p->rostral_z - p->caudal_z) / slice_mm);
  p->slice_mm = (p->rostral_z - p->caudal_z) / p->n_slice;
  PetscCall(mem_alloc((size_t)p->n_slice, sizeof *p->area_mm2, &p->area_mm2));
  for (int i = 0; i < p->n_slice; i++) p->area_mm2[i] = cord_area(p->anatomy, p->caudal_z + p->slice_mm * (i + 0.5));
  p->volume_mm3 = volume_between(p, p->caudal_z, p->rostral_z);
  for (int i = 0; i < p->n; i++)
    p->segment[i].volume_mm3 = volume_between(p, p->segment[i].caudal_z, p->segment[i].rostral_z);
  PetscCheck(p->volume_mm3 > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "there is no cord where its roots enter");
  return 0;
}

static PetscErrorCode fill(const char *first, const char *last, Place *p)
{
  PetscCheck(level_of(first) > 0 && level_of(last) >= level_of(first), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "enlargement: found \"%s-%s\", expected two segments such as L1-S2", first, last);
  p->array_rostral = -HUGE_VAL, p->array_caudal = HUGE_VAL;
  for (int i = 0; i < p->lead->n_contacts; i++) {
    const LeadContact *c = &p->lead->contacts[i];
    p->array_rostral = fmax(p->array_rostral, c->at_mm[1] + 0.5 * c->length_mm);
    p->array_caudal = fmin(p->array_caudal, c->at_mm[1] - 0.5 * c->length_mm);
  }
  PetscCall(gather_segments(first, last, p));
  set_borders(p);
  return measure(p);
}

PetscErrorCode place_create(const Anatomy *a, const LeadModel *m, const char *first, const char *last, Place **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  (*out)->anatomy = a, (*out)->lead = m;
  PetscErrorCode ierr = fill(first, last, *out);
  if (ierr) place_destroy(out);
  PetscCall(ierr);
  return 0;
}

void place_destroy(Place **p)
{
  if (!*p) return;
  free((*p)->segment), free((*p)->area_mm2), free(*p);
  *p = NULL;
}

/* ---- coverage ----------------------------------------------------------------------------------------------------- */

Coverage place_coverage(const Place *p, double z, double *length_share, double *volume_share)
{
  const double top = z + p->array_rostral, bottom = z + p->array_caudal;
  const double length = fmax(0.0, fmin(top, p->rostral_z) - fmax(bottom, p->caudal_z));
  for (int i = 0; i < p->n; i++) {
    const PlaceSegment *s = &p->segment[i];
    const double lo = fmax(bottom, s->caudal_z), hi = fmin(top, s->rostral_z);
    if (length_share) length_share[i] = fmax(0.0, hi - lo) / (s->rostral_z - s->caudal_z);
    if (volume_share)
      volume_share[i] = hi > lo && s->volume_mm3 > 0.0 ? volume_between(p, lo, hi) / s->volume_mm3 : 0.0;
  }
  return (Coverage){z, volume_between(p, bottom, top) / p->volume_mm3, length / (p->rostral_z - p->caudal_z)};
}

Coverage place_best(const Place *p)
{
  const int n = (int)floor((p->rostral_z - p->caudal_z) / step_mm);
  Coverage best = place_coverage(p, p->caudal_z, NULL, NULL);
  double last = best.z;
  for (int i = 1; i <= n; i++) {
    Coverage c = place_coverage(p, p->caudal_z + step_mm * i, NULL, NULL);
    if (c.volume > best.volume + 1e-9) best = c, last = c.z;
    if (c.volume > best.volume - 1e-9) last = c.z;
  }
  return place_coverage(p, 0.5 * (best.z + last), NULL, NULL);
}

/* ---- targets ------------------------------------------------------------------------------------------------------ */

void place_distances(const Place *p, double z, int n_root, const int *root, int *contact, double *distance_mm)
{
  for (int r = 0; r < n_root; r++) {
    const Root *t = &p->anatomy->root[root[r]];
    const double *entry = t->xyz + 3 * t->entry;
    distance_mm[r] = HUGE_VAL;
    for (int i = 0; i < p->lead->n_contacts; i++) {
      const LeadContact *c = &p->lead->contacts[i];
      double middle[2], height = z + c->at_mm[1];
      axis_at(p->anatomy, height, middle);
      double d = hypot(entry[0] - middle[0] - c->at_mm[0], entry[2] - height);
      if (d < distance_mm[r]) distance_mm[r] = d, contact[r] = i;
    }
  }
}

double place_for(const Place *p, int n_root, const int *root, int *contact, double *distance_mm)
{
  const int n = (int)floor((p->rostral_z - p->caudal_z) / step_mm);
  double best = HUGE_VAL, at = p->caudal_z;
  for (int i = 0; i <= n; i++) {
    double z = p->caudal_z + step_mm * i, sum = 0.0;
    place_distances(p, z, n_root, root, contact, distance_mm);
    for (int r = 0; r < n_root; r++) sum += distance_mm[r] * distance_mm[r];
    if (sum < best - 1e-9) best = sum, at = z;
  }
  place_distances(p, at, n_root, root, contact, distance_mm);
  return at;
}

const PlaceSegment *place_nearest(const Place *p, double z)
{
  const PlaceSegment *best = p->segment;
  for (int i = 1; i < p->n; i++)
    if (fabs(p->segment[i].entry_z - z) < fabs(best->entry_z - z)) best = &p->segment[i];
  return best;
}
