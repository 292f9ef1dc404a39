/* The tables of `cauda seg`: regions, and cross-sections by height. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/seg.h"
#include "region_map.h"

static const double SECTION_EVERY_MM = 5.0, SECTION_STEP_MM = 0.1;

static double root_length(const Root *r)
{
  double s = 0.0;
  for (int i = 0; i + 1 < r->n; i++) s += sqrt(v3_distance2(r->xyz + 3 * i, r->xyz + 3 * (i + 1)));
  return s;
}

static double root_mean_radius(const Root *r)
{
  double s = 0.0;
  for (int i = 0; i < r->n; i++) s += r->radius[i] / r->n;
  return s;
}

typedef struct {
  const Anatomy *a;
  const RegionCount *count;
} Regions;

static PetscErrorCode put_regions(const void *what, FILE *f)
{
  const Anatomy *a = ((const Regions *)what)->a;
  fprintf(f, "region,volume_mm3,pieces,holes,largest_piece_percent,length_mm,mean_radius_mm\n");
  for (int r = TISSUE_BODY; r < TISSUE_ROOT + a->n_root; r++) {
    const RegionCount *c = &((const Regions *)what)->count[r];
    char name[CAUDA_NAME_MAX];
    if (!c->pieces) continue;
    anatomy_region_name(a, r, name);
    fprintf(f, "%s,%.2f,%d,%d,%.2f", name, c->volume_mm3, c->pieces, c->holes,
            100.0 * c->largest_piece_mm3 / c->volume_mm3);
    if (r >= TISSUE_ROOT) {
      const Root *root = &a->root[r - TISSUE_ROOT];
      fprintf(f, ",%.2f,%.3f\n", root_length(root), root_mean_radius(root));
    } else {
      fprintf(f, ",%.2f,\n", a->z_max - a->z_min);
    }
  }
  return 0;
}

/* One shape in one plane. */
typedef struct {
  double area, width, height; /* mm2, mm along x, mm along y */
  double dorsal;              /* mm, least y */
} Section;

static Section section_of(const Anatomy *a, Tissue t, double z)
{
  const DistanceGrid *g = a->grid;
  const double h = SECTION_STEP_MM;
  double lo[2] = {HUGE_VAL, HUGE_VAL}, hi[2] = {-HUGE_VAL, -HUGE_VAL}, area = 0.0;
  const int nx = (int)(g->step[0] * (g->n[0] - 1) / h) + 1, ny = (int)(g->step[1] * (g->n[1] - 1) / h) + 1;
  for (int j = 0; j < ny; j++)
    for (int i = 0; i < nx; i++) {
      const double p[3] = {g->origin[0] + h * i, g->origin[1] + h * j, z};
      double d[TISSUE_COUNT];
      anatomy_shell_distances(a, p, d);
      if (d[t] > h) { /* no surface within this way along the row */
        i += (int)(0.7 * d[t] / h);
        continue;
      }
      area += h * h * fmin(1.0, fmax(0.0, 0.5 - d[t] / h));
      if (d[t] >= 0.0) continue;
      for (int e = 0; e < 2; e++) lo[e] = fmin(lo[e], p[e] - 0.5 * h), hi[e] = fmax(hi[e], p[e] + 0.5 * h);
    }
  return (Section){area, fmax(0.0, hi[0] - lo[0]), fmax(0.0, hi[1] - lo[1]), lo[1]};
}

/* The segment whose roots' entries are nearest in height, "" without roots. */
static const char *segment_at(const Anatomy *a, double z)
{
  const char *best = "";
  double nearest = HUGE_VAL;
  for (int i = 0; i < a->n_root; i++) {
    double sum = 0.0;
    int n = 0;
    for (int j = 0; j < a->n_root; j++) {
      if (strcmp(a->root[i].segment, a->root[j].segment)) continue;
      sum += a->root[j].xyz[3 * a->root[j].entry + 2];
      n++;
    }
    if (fabs(sum / n - z) >= nearest - 1e-9) continue;
    nearest = fabs(sum / n - z);
    best = a->root[i].segment;
  }
  return best;
}

static PetscErrorCode put_sections(const void *what, FILE *f)
{
  const Anatomy *a = what;
  fprintf(f, "z_mm,segment,cord_area_mm2,cord_transverse_mm,cord_anteroposterior_mm,grey_area_mm2,sac_area_mm2,"
             "sac_transverse_mm,sac_anteroposterior_mm,dorsal_csf_mm\n");
  for (double z = SECTION_EVERY_MM * ceil(a->seen_z_min / SECTION_EVERY_MM); z <= a->seen_z_max;
       z += SECTION_EVERY_MM) {
    const Section cord = section_of(a, TISSUE_WHITE, z), sac = section_of(a, TISSUE_CSF, z);
    const Section grey = a->grid->channel[TISSUE_GREY] >= 0 ? section_of(a, TISSUE_GREY, z) : (Section){0};
    fprintf(f, "%.1f,%s,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f,", z, segment_at(a, z), cord.area, cord.width, cord.height,
            grey.area, sac.area, sac.width, sac.height);
    if (cord.area > 0.0 && sac.area > 0.0) fprintf(f, "%.2f", cord.dorsal - sac.dorsal);
    fprintf(f, "\n");
  }
  return 0;
}

PetscErrorCode anatomy_write_tables(const Anatomy *a, const char *regions_csv, const char *sections_csv)
{
  RegionMap *m = NULL;
  RegionCount *count = NULL;
  PetscErrorCode ierr = region_map_create(a, &m);
  if (!ierr) ierr = region_map_count(m, a, TISSUE_ROOT + a->n_root, &count);
  if (!ierr) ierr = file_write(regions_csv, put_regions, &(Regions){a, count});
  if (!ierr) ierr = file_write(sections_csv, put_sections, a);
  free(count);
  region_map_destroy(&m);
  return ierr;
}
